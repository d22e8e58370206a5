//! The inventory: the tasks of a program with what the rules say of them. Plain data for the writers.

use crate::{
    levels::Level,
    report::{Census, Report},
};
use rustc_hash::FxHashMap;
use spawnlint_analysis::{
    questions::{EndingKind, Fate, Judged, TaskEntry, Verdict},
    span::Span,
};
use spawnlint_rules::{
    finding::Finding,
    rule::{Group, Rule},
};
use std::collections::BTreeMap;

/// The tasks that are listed, and the report of the same run.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// By place.
    pub tasks: Vec<Listed>,
    /// Calls that say that they spawn and could not be followed, by crate.
    pub unfollowed: BTreeMap<String, Vec<Span>>,
    /// Its findings are those that the tasks name.
    pub report: Report,
}

/// A task with what the rules say of it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The task.
    pub entry: TaskEntry,
    /// What is to be thought of it: what a rule says outranks what the answers tell.
    pub verdict: Verdict,
    /// The rules that report it.
    pub rules: Vec<Told>,
}

/// A rule that reports a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub rule: &'static str,
    /// Whether a comment allows it here.
    pub is_allowed: bool,
}

/// Which tasks are wanted, by their words; an empty list wants all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of [`Fate::word`].
    pub fates: Vec<String>,
    /// Of [`EndingKind::plain_word`].
    pub endings: Vec<String>,
    /// Of [`Verdict::word`].
    pub verdicts: Vec<String>,
}

/// How many tasks there are of each kind; kinds without tasks are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All.
    pub tasks: usize,
    /// By verdict.
    pub verdicts: Vec<(&'static str, usize)>,
    /// By ending.
    pub endings: Vec<(&'static str, usize)>,
    /// By fate.
    pub fates: Vec<(&'static str, usize)>,
    /// How many calls say that they spawn and could not be followed, by crate.
    pub unfollowed: Vec<(String, usize)>,
    /// Why endings are not known, the most frequent cause first.
    pub unknown_endings: Vec<(String, usize)>,
    /// Why fates are not known, the most frequent cause first.
    pub unknown_fates: Vec<(String, usize)>,
}

impl Inventory {
    /// Joins tasks and findings. `silenced` are findings that a comment allows.
    pub fn new(entries: Vec<TaskEntry>, report: Report, silenced: &[Finding], known: &[&'static Rule]) -> Inventory {
        let shown = report.diagnostics.iter().filter(|it| it.level != Level::Allow).map(|it| (&it.finding, false));
        let findings: Vec<(&Finding, bool)> = shown.chain(silenced.iter().map(|it| (it, true))).collect();
        let calls: Vec<Calls> = entries.iter().map(|it| Calls { site: it.site, spawn: it.spawn }).collect();
        let about = BySite::of(findings.into_iter().map(|it| (it.0, it)), &calls);
        let told: Vec<Vec<Told>> = (calls.iter())
            .map(|task| {
                let about = about.findings(task);
                about.map(|(finding, is_allowed)| Told { rule: finding.rule, is_allowed: *is_allowed }).collect()
            })
            .collect();
        let tasks = entries.into_iter().zip(told).map(|(entry, rules)| {
            let verdict =
                if rules.iter().any(|told| is_leak(told.rule, known)) { Verdict::Leaks } else { entry.verdict };
            Listed { entry, verdict, rules }
        });
        Inventory { tasks: tasks.collect(), unfollowed: BTreeMap::new(), report }
    }

    /// Keeps the tasks that are wanted.
    pub fn retain(&mut self, filter: &Filter) {
        let wants = |words: &[String], word: &str| words.is_empty() || words.iter().any(|it| it == word);
        self.tasks.retain(|task| {
            wants(&filter.fates, task.entry.fate.word())
                && wants(&filter.endings, task.entry.ending.kind.plain_word())
                && wants(&filter.verdicts, task.verdict.word())
        });
    }

    /// Counts the tasks that are listed.
    pub fn summary(&self) -> Summary {
        let causes = |of: &str| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            let all = self.tasks.iter().flat_map(|task| task.entry.causes()).filter(|cause| cause.of == of);
            all.for_each(|cause| *counts.entry(cause.why).or_default() += 1);
            let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            counts
        };
        let (unknown_endings, unknown_fates) = (causes("ending"), causes("fate"));
        Summary {
            tasks: self.tasks.len(),
            unfollowed: self.unfollowed.iter().map(|(name, calls)| (name.clone(), calls.len())).collect(),
            verdicts: self.count(&Verdict::ALL.map(Verdict::word), |task| task.verdict.word()),
            endings: self.count(&EndingKind::WORDS, |task| task.entry.ending.kind.plain_word()),
            fates: self.count(&Fate::WORDS, |task| task.entry.fate.word()),
            unknown_endings,
            unknown_fates,
        }
    }

    fn count(&self, words: &[&'static str], word: impl Fn(&Listed) -> &'static str) -> Vec<(&'static str, usize)> {
        let counts = words.iter().map(|it| (*it, self.tasks.iter().filter(|task| word(task) == *it).count()));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

/// Counts tasks by the verdicts that [`Inventory::new`] gives them.
pub fn census(judged: &[Judged], told: &[Finding], silenced: &[Finding], rules: &[&'static Rule]) -> Census {
    let is_leak = |it: &&Finding| it.task.is_some() && is_leak(it.rule, rules);
    let calls: Vec<Calls> = judged.iter().map(|it| Calls { site: it.site, spawn: it.spawn }).collect();
    let told = BySite::of(told.iter().filter(is_leak).map(|it| (it, ())), &calls);
    let silenced = BySite::of(silenced.iter().filter(is_leak).map(|it| (it, ())), &calls);
    let mut census = Census::default();
    for (task, judged) in calls.iter().zip(judged) {
        let (is_told, is_allowed) = (told.findings(task).next().is_some(), silenced.findings(task).next().is_some());
        census.add(if is_told || is_allowed { Verdict::Leaks } else { judged.verdict });
        census.allowed += usize::from(is_allowed && !is_told);
        census.given_up += usize::from(judged.gave_up);
    }
    census
}

fn is_leak(name: &str, rules: &[&'static Rule]) -> bool {
    rules.iter().any(|rule| rule.name == name && rule.group == Group::Leak)
}

/// The two calls by which findings name a task.
#[derive(Debug, Clone, Copy)]
struct Calls {
    site: Span,
    spawn: Span,
}

/// Findings, each with something beside it, and tasks by the call that starts them.
struct BySite<'a, T> {
    findings: FxHashMap<Span, Vec<(&'a Finding, T)>>,
    tasks: FxHashMap<Span, Vec<Calls>>,
}

impl<'a, T> BySite<'a, T> {
    fn of(findings: impl Iterator<Item = (&'a Finding, T)>, tasks: &[Calls]) -> BySite<'a, T> {
        let mut all = BySite { findings: FxHashMap::default(), tasks: FxHashMap::default() };
        for (finding, it) in findings {
            if let Some(site) = finding.task {
                all.findings.entry(site).or_default().push((finding, it));
            }
        }
        for task in tasks.iter().filter(|task| all.findings.contains_key(&task.site)) {
            all.tasks.entry(task.site).or_default().push(*task);
        }
        all
    }

    /// Those that speak of a task. One call of a wrapper may start several: the spawn is among the labels then.
    fn findings(&self, task: &Calls) -> impl Iterator<Item = &T> {
        let others = self.tasks.get(&task.site).map_or(&[][..], Vec::as_slice);
        let findings = self.findings.get(&task.site).map_or(&[][..], Vec::as_slice);
        let spawn = task.spawn;
        let about = findings.iter().filter(move |(finding, _)| {
            let names = |spawn: Span| finding.labels.iter().any(|label| label.at == spawn);
            names(spawn) || !others.iter().any(|other| names(other.spawn))
        });
        about.map(|(_, it)| it)
    }
}
