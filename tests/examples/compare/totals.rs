//! What is printed: the differences of each folder, and how many there are in all.

use super::{
    compare::{Change, Columns, Differences, compare},
    run::Said,
};
use anyhow::Result;
use std::{collections::BTreeMap, fmt, path::Path, process::ExitCode};

/// What came of one folder.
pub(super) enum Folder {
    Compared {
        findings: Differences,
        tasks: Differences,
    },
    /// Each side that has nothing to compare, and why.
    Not(Vec<String>),
}

impl Folder {
    pub(super) fn compare(old: Result<Said>, new: Result<Said>) -> Folder {
        match (old, new) {
            (Ok(old), Ok(new)) => {
                Folder::Compared { findings: compare(old.findings, new.findings), tasks: compare(old.tasks, new.tasks) }
            }
            (old, new) => {
                Folder::Not([old, new].into_iter().filter_map(Result::err).map(|it| format!("{it:#}")).collect())
            }
        }
    }
}

/// The sums over all folders.
pub(super) struct Totals {
    words: bool,
    compared: usize,
    differing: usize,
    /// Folders that were not compared because both sides failed, and because one did.
    both_failed: usize,
    one_failed: usize,
    findings: Sum,
    tasks: Sum,
}

#[derive(Default)]
struct Sum {
    same: usize,
    only_old: usize,
    only_new: usize,
    /// By column.
    changed: BTreeMap<&'static str, usize>,
}

impl Totals {
    /// `words`: whether texts are told where nothing else differs.
    pub(super) fn new(words: bool) -> Totals {
        Totals {
            words,
            compared: 0,
            differing: 0,
            both_failed: 0,
            one_failed: 0,
            findings: Sum::default(),
            tasks: Sum::default(),
        }
    }

    /// Counts a folder, and says how its sides differ; nothing if they do not.
    pub(super) fn add(&mut self, path: &Path, folder: &Folder) -> String {
        let lines = match folder {
            Folder::Compared { findings, tasks } => {
                self.compared += 1;
                self.findings.add(findings);
                self.tasks.add(tasks);
                let lines = [self.lines(findings), self.lines(tasks)].concat();
                self.differing += usize::from(!lines.is_empty());
                lines
            }
            Folder::Not(why) => {
                self.both_failed += usize::from(why.len() == 2);
                self.one_failed += usize::from(why.len() == 1);
                why.iter().map(|why| format!("not compared: {why}")).collect()
            }
        };
        if lines.is_empty() { String::new() } else { format!("{}\n  {}\n\n", path.display(), lines.join("\n  ")) }
    }

    fn lines(&self, differences: &Differences) -> Vec<String> {
        let only = |sign| move |it: &super::compare::Entry| format!("{sign} {}: {}", it.key, values(&it.columns));
        let old = differences.only_old.iter().map(only("only old"));
        let new = differences.only_new.iter().map(only("only new"));
        let changed = differences.changed.iter().filter_map(|it| self.change(it));
        old.chain(new).chain(changed).collect()
    }

    fn change(&self, change: &Change) -> Option<String> {
        let told = change.columns.iter().filter(|(column, ..)| self.words || *column != WORDS);
        let told: Vec<String> = told.map(|(column, old, new)| format!("{column} {}", first_change(old, new))).collect();
        (!told.is_empty()).then(|| format!("changed  {}: {}", change.key, told.join("; ")))
    }

    /// 1 if anything differs, 2 if nothing was compared.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Totals { differing: 0, one_failed: 0, compared: 1.., .. } => ExitCode::SUCCESS,
            Totals { compared: 0, one_failed: 0, .. } => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    }
}

impl Sum {
    fn add(&mut self, differences: &Differences) {
        self.same += differences.same;
        self.only_old += differences.only_old.len();
        self.only_new += differences.only_new.len();
        for (column, ..) in differences.changed.iter().flat_map(|it| &it.columns) {
            *self.changed.entry(column).or_default() += 1;
        }
    }
}

/// The column that is told only if asked for.
const WORDS: &str = "words";

fn values(columns: &Columns) -> String {
    let values = columns.iter().map(|(_, value)| value.lines().next().unwrap_or_default());
    values.collect::<Vec<_>>().join(", ")
}

/// Of texts of several lines, the first that differs.
fn first_change(old: &str, new: &str) -> String {
    let mut lines = old.lines().zip(new.lines());
    let (old, new) = lines.find(|(old, new)| old != new).unwrap_or((old, new));
    format!("{old} -> {new}")
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { compared, differing, both_failed, one_failed, findings, tasks, .. } = self;
        writeln!(f, "folders: {compared} compared, {differing} of them differ")?;
        writeln!(f, "         not compared: one side failed in {one_failed}, both in {both_failed}")?;
        writeln!(f, "findings: {findings}")?;
        writeln!(f, "tasks: {tasks}")
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sum { same, only_old, only_new, changed } = self;
        write!(f, "{same} the same, {only_old} only old, {only_new} only new")?;
        changed.iter().try_for_each(|(column, count)| write!(f, ", {count} with another {column}"))
    }
}
