//! A flowchart for Markdown.

use super::graph::{EdgeKind, Graph, NodeKind};
use crate::inventory::Inventory;
use spawnlint_analysis::questions::Verdict;
use std::io::{self, Write};

/// Writes the flowchart, without a fence around it.
///
/// # Errors
/// Those of `out`.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let graph = Graph::new(inventory);
    writeln!(out, "flowchart LR")?;
    for (at, (krate, nodes)) in graph.crates.iter().enumerate() {
        writeln!(out, "    subgraph c{at}[{}]", quoted(std::slice::from_ref(krate)))?;
        for node in nodes {
            let it = &graph.nodes[*node];
            let label = quoted(&it.lines);
            match it.kind {
                NodeKind::Function => writeln!(out, "        n{node}[{label}]")?,
                NodeKind::Owner => writeln!(out, "        n{node}[({label})]")?,
                NodeKind::Signal => writeln!(out, "        n{node}>{label}]")?,
                NodeKind::Task(verdict) => writeln!(out, "        n{node}([{label}]):::{}", class(verdict))?,
            }
        }
        writeln!(out, "    end")?;
    }
    for edge in &graph.edges {
        let label = quoted(std::slice::from_ref(&edge.label));
        match edge.kind {
            EdgeKind::Starts => writeln!(out, "    n{} -->|{label}| n{}", edge.from, edge.to)?,
            EdgeKind::HeldBy => writeln!(out, "    n{} --o|{label}| n{}", edge.from, edge.to)?,
            EdgeKind::EndsOn => writeln!(out, "    n{} -.->|{label}| n{}", edge.from, edge.to)?,
            EdgeKind::NeverEndsOn => writeln!(out, "    n{} -.-x|{label}| n{}", edge.from, edge.to)?,
        }
    }
    writeln!(out, "    classDef leaking fill:#f4a6a0,color:#000")?;
    writeln!(out, "    classDef unsure fill:#f7e4a1,color:#000")?;
    writeln!(out, "    classDef sound fill:#cfe8cf,color:#000")
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Leaks => "leaking",
        Verdict::Unknown => "unsure",
        _ => "sound",
    }
}

/// A quoted label. Whatever ends it, or means something in HTML, Markdown or a comment, becomes an entity.
fn quoted(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.chars().map(entity).collect()).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn entity(it: char) -> String {
    match it {
        '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '%' => format!("#{};", it as u32),
        it => it.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_label_early() {
        assert_eq!(quoted(&["a\"]".into(), "#quot;<b>".into()]), "\"a#34;]<br/>#35;quot#59;#60;b#62;\"");
    }
}
