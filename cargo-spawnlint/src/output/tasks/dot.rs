//! A graph for Graphviz.

use super::graph::{EdgeKind, Graph, NodeKind};
use crate::inventory::Inventory;
use spawnlint_analysis::questions::Verdict;
use std::io::{self, Write};

/// Writes the graph.
///
/// # Errors
/// Those of `out`.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let graph = Graph::new(inventory);
    writeln!(out, "digraph tasks {{")?;
    writeln!(out, "    rankdir=LR;")?;
    writeln!(out, "    node [fontname=\"sans-serif\", fontsize=10, style=filled, fillcolor=white];")?;
    writeln!(out, "    edge [fontname=\"sans-serif\", fontsize=9];")?;
    for (at, (krate, nodes)) in graph.crates.iter().enumerate() {
        writeln!(out, "    subgraph cluster_{at} {{")?;
        writeln!(out, "        label={};", quoted(std::slice::from_ref(krate)))?;
        for node in nodes {
            let it = &graph.nodes[*node];
            writeln!(out, "        n{node} [label={}, {}];", quoted(&it.lines), style(it.kind))?;
        }
        writeln!(out, "    }}")?;
    }
    for edge in &graph.edges {
        let style = match edge.kind {
            EdgeKind::Starts => "",
            EdgeKind::HeldBy => ", style=dashed",
            EdgeKind::EndsOn => ", style=dotted",
            EdgeKind::NeverEndsOn => ", style=dotted, color=\"#c0392b\", arrowhead=tee",
        };
        let label = quoted(std::slice::from_ref(&edge.label));
        writeln!(out, "    n{} -> n{} [label={label}{style}];", edge.from, edge.to)?;
    }
    writeln!(out, "}}")
}

fn style(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Function => "shape=box",
        NodeKind::Owner => "shape=component",
        NodeKind::Signal => "shape=cds",
        NodeKind::Task(Verdict::Leaks) => "shape=ellipse, fillcolor=\"#f4a6a0\"",
        NodeKind::Task(Verdict::Unknown) => "shape=ellipse, fillcolor=\"#f7e4a1\"",
        NodeKind::Task(_) => "shape=ellipse, fillcolor=\"#cfe8cf\"",
    }
}

/// A quoted string: only `"` ends it, and a backslash begins an escape.
fn quoted(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_label_early() {
        assert_eq!(quoted(&["a\"]; x".into(), "\\".into(), "\\N <b>".into()]), r#""a\"]; x\n\\\n\\N <b>""#);
    }
}
