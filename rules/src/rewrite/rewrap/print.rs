//! Which handles may be wrapped, as text.

use super::rewrap;
use crate::rewrite::places;
use spawnlint_analysis::{
    questions::Program,
    span::{Sources, Span},
};
use std::fmt::Write;

/// Every task whose handle may be wrapped with what changes then, and whether its spawn's statement has waits
/// behind it.
pub fn print_rewraps(program: &Program, sources: &Sources) -> String {
    let mut out = String::new();
    let line = |span: Span| {
        let source = sources.get(span.file);
        let (line, column) = source.line_column(span.range.start);
        format!("{}:{line}:{column}", source.path)
    };
    for task in program.tasks() {
        let waits = places::statement(program, task.site).map(|it| places::waits_behind(program, it));
        let behind = match waits {
            Some(true) => "it waits behind it",
            Some(false) => "nothing waits behind it",
            None => "no statement of its own",
        };
        let _ = writeln!(out, "{}: {behind}", line(program.span(task.site)));
        match rewrap(program, task.site) {
            Some(it) => {
                let others = it.handles.iter().filter(|handle| **handle != task.site);
                others.for_each(|it| out += &format!("  wraps {}\n", line(program.span(*it))));
                it.types.iter().for_each(|it| out += &format!("  names the type at {}\n", line(it.at)));
            }
            None => out += "  cannot be wrapped\n",
        }
    }
    out
}
