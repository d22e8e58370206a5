//! Figures for those who want to see where the findings are. Plain data for the writers.

use crate::inventory::{Inventory, Summary};
use std::collections::BTreeMap;

/// How many of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Findings of each rule that has some, the most frequent first.
    pub rules: Vec<(&'static str, usize)>,
    /// Each crate that has findings or tasks, by name.
    pub crates: Vec<CrateFigures>,
    /// The tasks, by what is known of them.
    pub tasks: Summary,
}

/// How many of what in one crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrateFigures {
    /// As code names it.
    pub name: String,
    /// Findings in it.
    pub findings: usize,
    /// Tasks that it starts.
    pub tasks: usize,
}

impl Statistics {
    /// Counts what an inventory lists, and the findings of its report.
    pub fn of(inventory: &Inventory) -> Statistics {
        let mut rules: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut crates: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for it in &inventory.report.diagnostics {
            *rules.entry(it.finding.rule).or_default() += 1;
            crates.entry(it.site.module.split("::").next().unwrap_or_default()).or_default().0 += 1;
        }
        inventory.tasks.iter().for_each(|it| crates.entry(&it.entry.krate).or_default().1 += 1);
        let mut rules: Vec<(&'static str, usize)> = rules.into_iter().collect();
        rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let crates = crates.into_iter();
        let crates =
            crates.map(|(name, (findings, tasks))| CrateFigures { name: name.to_owned(), findings, tasks }).collect();
        Statistics { rules, crates, tasks: inventory.summary() }
    }
}
