//! What became of each rewrite, and the figures.

use spawnlint_rules::finding::Applicability;
use std::{collections::BTreeMap, fmt};

/// A rewrite that was tried.
pub(crate) struct Row {
    pub(crate) package: String,
    pub(crate) place: String,
    pub(crate) rule: &'static str,
    pub(crate) applicability: Applicability,
    pub(crate) title: String,
    /// Whether it was tried with a dependency added.
    pub(crate) needs: bool,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    /// It compiles.
    Compiles(Quality),
    /// The first error.
    Fails(String),
    /// It never came to be compiled, and why.
    Untried(String),
}

/// What is not as good as it might be.
pub(crate) struct Quality {
    /// The compiler warns of something new.
    pub(crate) warns: bool,
    /// The rule says the same again.
    pub(crate) repeats: bool,
    /// rustfmt would print it otherwise, and had nothing to say before.
    pub(crate) unformatted: bool,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match &self.outcome {
            Outcome::Compiles(_) => "compiles",
            Outcome::Fails(_) => "FAILS",
            Outcome::Untried(_) => "untried",
        };
        write!(f, "{word}: {}: {}: {} ({:?})", self.package, self.place, self.rule, self.applicability)?;
        write!(f, ": {}{}", self.title, if self.needs { " [dependency added]" } else { "" })?;
        match &self.outcome {
            Outcome::Compiles(quality) => {
                let said = [
                    (quality.warns, "a new warning"),
                    (quality.repeats, "still found"),
                    (quality.unformatted, "rustfmt differs"),
                ];
                said.iter().filter(|(is, _)| *is).try_for_each(|(_, text)| write!(f, "; {text}"))
            }
            Outcome::Fails(why) | Outcome::Untried(why) => {
                write!(f, "\n    {}", why.trim_end().replace('\n', "\n    "))
            }
        }
    }
}

/// The figures by rule and applicability, as a table of markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let head = "| rule | applicability | tried | compile | of these with a dependency added | a new warning | still found | rustfmt differs |\n|---|---|---|---|---|---|---|---|\n";
    let mut groups: BTreeMap<(&str, Applicability), Figures> = BTreeMap::new();
    let mut all = Figures::default();
    for row in rows {
        groups.entry((row.rule, row.applicability)).or_default().add(row);
        all.add(row);
    }
    let lines = groups.iter().map(|((rule, applicability), it)| format!("| `{rule}` | `{applicability:?}` | {it} |\n"));
    let mut text: String = std::iter::once(head.to_owned()).chain(lines).collect();
    text += &format!("| **together** | | {all} |\n");
    let untried = rows.iter().filter(|row| matches!(row.outcome, Outcome::Untried(_))).count();
    text + &format!("\n{untried} not tried\n")
}

#[derive(Default)]
struct Figures {
    tried: usize,
    compile: usize,
    with_dependency: usize,
    warn: usize,
    repeat: usize,
    unformatted: usize,
}

impl Figures {
    fn add(&mut self, row: &Row) {
        match &row.outcome {
            Outcome::Compiles(quality) => {
                self.compile += 1;
                self.with_dependency += usize::from(row.needs);
                self.warn += usize::from(quality.warns);
                self.repeat += usize::from(quality.repeats);
                self.unformatted += usize::from(quality.unformatted);
            }
            Outcome::Fails(_) => {}
            Outcome::Untried(_) => return,
        }
        self.tried += 1;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { tried, compile, with_dependency, warn, repeat, unformatted } = self;
        write!(f, "{tried} | {compile} | {with_dependency} | {warn} | {repeat} | {unformatted}")
    }
}
