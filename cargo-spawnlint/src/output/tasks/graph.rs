//! The inventory as a graph: functions, the tasks that they start, who has these, and what ends them.

use super::{
    super::located::{place, shown},
    words,
};
use crate::inventory::{Inventory, Listed};
use spawnlint_analysis::{
    questions::{Named, Owner, Reach, Verdict},
    span::Sources,
};
use std::collections::BTreeMap;

/// Nodes and edges, both in a stable order.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// By crate.
    pub(super) crates: BTreeMap<String, Vec<usize>>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// What stands in it, line by line; harmless on a terminal, and no more than that.
    pub(super) lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Function,
    Task(Verdict),
    Owner,
    Signal,
}

#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: EdgeKind,
    pub(super) label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EdgeKind {
    Starts,
    HeldBy,
    EndsOn,
    /// On a sign that cannot come.
    NeverEndsOn,
}

/// What makes two mentions of a thing one node.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Function(&'a Named),
    /// A name that means one thing in the whole program.
    Global(String),
    /// A name inside of a function.
    Local(&'a Named, String),
}

/// How often a function starts a task, as it stands at an arrow.
fn starts(reach: Reach) -> &'static str {
    match reach {
        Reach::Process => "starts once",
        Reach::Owner => "starts once per owner",
        Reach::Request => "starts for each request",
        Reach::Unknown => "starts",
    }
}

impl Graph {
    pub(super) fn new(inventory: &Inventory) -> Graph {
        let sources = &inventory.report.sources;
        let mut graph = Graph::default();
        let mut known = BTreeMap::new();
        for task in &inventory.tasks {
            graph.add_task(sources, task, &mut known);
        }
        graph
    }

    fn add_task<'a>(&mut self, sources: &Sources, task: &'a Listed, known: &mut BTreeMap<Key<'a>, usize>) {
        let entry = &task.entry;
        let krate = shown(&entry.krate);
        let function = self.function(sources, &entry.starter, &krate, known);
        let rules = words::rules(task);
        let verdict = match rules.is_empty() {
            true => task.verdict.word().to_owned(),
            false => format!("{}: {rules}", task.verdict.word()),
        };
        let lines = vec![
            words::work(&entry.work),
            place(sources, entry.head),
            format!("{} · {}", words::ending(&entry.ending), words::handle(entry)),
            verdict,
        ];
        let node = self.node(NodeKind::Task(task.verdict), lines, &krate);
        self.edge(function, node, EdgeKind::Starts, starts(entry.reach));
        let owner = match &entry.owner {
            Owner::Function(named) if *named == entry.starter => None,
            Owner::Function(named) => Some(self.function(sources, named, &krate, known)),
            Owner::Guard => Some(self.node(NodeKind::Owner, vec!["guard".to_owned()], &krate)),
            owner @ (Owner::Field { .. } | Owner::Set(_) | Owner::Taker(_)) => {
                let name = words::owner(owner).unwrap_or_default();
                let key = match owner {
                    Owner::Field { .. } => Key::Global(name.clone()),
                    _ => Key::Local(&entry.starter, name.clone()),
                };
                Some(*known.entry(key).or_insert_with(|| self.node(NodeKind::Owner, vec![name], &krate)))
            }
            Owner::Nobody | Owner::Caller | Owner::Handle | Owner::Unknown => None,
        };
        if let Some(owner) = owner {
            self.edge(node, owner, EdgeKind::HeldBy, "handle held by");
        }
        let signals = entry.ending.signals.iter().map(|signal| (EdgeKind::EndsOn, words::signal(signal)));
        let dead = entry.dead_signs().into_iter().map(|(_, dead)| (EdgeKind::NeverEndsOn, shown(&dead.why)));
        for (kind, name) in signals.chain(dead) {
            let key = Key::Local(&entry.starter, name.clone());
            let found = *known.entry(key).or_insert_with(|| self.node(NodeKind::Signal, vec![name], &krate));
            if !self.edges.iter().rev().take_while(|edge| edge.from == node).any(|edge| edge.to == found) {
                let label = if kind == EdgeKind::EndsOn { "ended by" } else { "never ends, since" };
                self.edge(node, found, kind, label);
            }
        }
    }

    fn function<'a>(
        &mut self,
        sources: &Sources,
        function: &'a Named,
        krate: &str,
        known: &mut BTreeMap<Key<'a>, usize>,
    ) -> usize {
        let lines = || vec![shown(&function.name), place(sources, function.at)];
        *known.entry(Key::Function(function)).or_insert_with(|| self.node(NodeKind::Function, lines(), krate))
    }

    fn node(&mut self, kind: NodeKind, lines: Vec<String>, krate: &str) -> usize {
        self.nodes.push(Node { kind, lines });
        let node = self.nodes.len() - 1;
        self.crates.entry(krate.to_owned()).or_default().push(node);
        node
    }

    fn edge(&mut self, from: usize, to: usize, kind: EdgeKind, label: &str) {
        self.edges.push(Edge { from, to, kind, label: label.to_owned() });
    }
}
