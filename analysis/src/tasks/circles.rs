//! Circles of tasks: each ends when another one does, and nothing from outside ends any of them.
//!
//! A task is taken to go on for as long as a task that is taken to go on has the other half of what it waits for. What
//! something else ends is put aside, again and again, until nothing changes: what is left never ends.

use super::{DeadExit, Ending, EndingKind, Evidence, Fate, FieldUse, Gate, Reach, Task, Tasks, Value};
use crate::{
    effects::{Dead, Signal},
    resolve::Place,
    span::Span,
};
use std::collections::BTreeMap;

/// A sign, and the tasks that have its other half, by their number.
struct Blocked<'a> {
    at: Span,
    signal: &'a Signal,
    holders: Vec<(usize, Dead)>,
}

/// What a task does not get past.
type Closed = (Option<crate::effects::LoopFact>, Vec<(Span, Signal, Dead)>);

impl Tasks {
    /// Tells of the tasks that wait only for one another that they never end.
    pub(super) fn close_circles(&self, answers: &mut [(Fate, Ending, Reach)]) {
        let mut together: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (at, (task, (fate, ending, _))) in self.tasks().iter().zip(answers.iter()).enumerate() {
            let waits = ending.kind == EndingKind::Never || !ending.gates.is_empty();
            if waits
                && is_let_go(task, fate)
                && let Some(place) = self.place(task.site)
            {
                together.entry(place).or_default().push(at);
            }
        }
        for members in together.into_values().filter(|members| members.len() > 1) {
            let found = self.circle_of(&members, answers);
            for (at, closed) in found {
                close(&mut answers[at].1, closed);
            }
        }
    }

    /// Which of some tasks never end, and what each of them does not get past.
    fn circle_of(&self, members: &[usize], answers: &[(Fate, Ending, Reach)]) -> Vec<(usize, Closed)> {
        let gates: BTreeMap<usize, Vec<Vec<Blocked<'_>>>> = (members.iter())
            .map(|member| {
                let gates = &answers[*member].1.gates;
                (*member, gates.iter().map(|gate| self.blocked(gate, *member, members, answers)).collect())
            })
            .collect();
        let mut left: Vec<usize> = members.to_vec();
        let shuts = |gate: &Vec<Blocked<'_>>, left: &[usize]| {
            gate.iter().all(|exit| exit.holders.iter().any(|(holder, _)| left.contains(holder)))
        };
        loop {
            let stays = |at: &usize| {
                answers[*at].1.kind == EndingKind::Never || gates[at].iter().any(|gate| shuts(gate, &left))
            };
            let still: Vec<usize> = left.iter().copied().filter(stays).collect();
            if still.len() == left.len() {
                break;
            }
            left = still;
        }
        let mut found = Vec::new();
        for at in left.iter().filter(|at| answers[**at].1.kind != EndingKind::Never) {
            let gate = gates[at].iter().position(|gate| shuts(gate, &left)).expect("it stays for one");
            let exits = gates[at][gate].iter().map(|exit| {
                let (_, dead) = (exit.holders.iter().find(|(holder, _)| left.contains(holder))).expect("one has it");
                (exit.at, exit.signal.clone(), dead.clone())
            });
            found.push((*at, (answers[*at].1.gates[gate].looped.clone(), exits.collect())));
        }
        found
    }

    /// Of each sign that opens a gate, which other tasks have its other half.
    fn blocked<'a>(
        &self,
        gate: &'a Gate,
        own: usize,
        members: &[usize],
        answers: &[(Fate, Ending, Reach)],
    ) -> Vec<Blocked<'a>> {
        let tasks = self.tasks();
        let holders = |signal: &Signal| {
            let holds = |at: usize| {
                let ending = &answers[at].1;
                let runs = self.runs(&tasks[at].future);
                let first = ending.gates.first().and_then(|gate| Some((gate, gate.exits.first()?)));
                let until = first.map_or_else(|| Value::bare(runs), |(_, (_, sign))| self.value_of(sign.source));
                let wait = first.map(|(gate, (at, _))| gate.looped.as_ref().map_or(*at, |looped| looped.at));
                self.held_by(signal, runs, &until, wait.unwrap_or_else(|| self.span(runs)))
            };
            let others = members.iter().copied().filter(|at| *at != own);
            others.filter_map(|at| Some((at, holds(at)?))).collect::<Vec<_>>()
        };
        let exit = |(at, signal): &'a (Span, Signal)| {
            let holders = match signal.opens_otherwise {
                true => Vec::new(),
                false => self.ask(Some(tasks[own].site), || holders(signal)).unwrap_or_default(),
            };
            Blocked { at: *at, signal, holders }
        };
        gate.exits.iter().map(exit).collect()
    }
}

/// Whether nobody has the handle of a task, and nothing that it lives on ends it.
fn is_let_go(task: &Task, fate: &Fate) -> bool {
    let is_unheld = matches!(fate, Fate::Dropped { .. } | Fate::Stored { use_: FieldUse::Nothing, .. });
    is_unheld && !task.ends_with_local_runtime
}

/// A task that does not get past one of its gates.
fn close(ending: &mut Ending, (looped, exits): Closed) {
    ending.kind = EndingKind::Never;
    ending.gates.clear();
    ending.signals.clear();
    match looped {
        Some(mut looped) => {
            looped.dead_exits.extend(exits.into_iter().map(|(at, _, dead)| DeadExit { at, dead }));
            ending.loops.push(looped);
        }
        None => ending.evidence.extend(exits.into_iter().map(|(at, signal, dead)| {
            let text = format!("waits here for {}, but {}", signal.kind.words(), dead.why);
            Evidence { at, text, dead: Some(dead) }
        })),
    }
}
