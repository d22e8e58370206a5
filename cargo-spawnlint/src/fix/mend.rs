//! Rounds until nothing changes: apply what goes together, check the new texts, take back what did not help, and begin
//! again.
//!
//! A round stays only if it leaves fewer findings behind, in the order of [`Measure`], and that cannot go on for ever.
//! What is tried depends on the texts alone. The last thing that happens is that everything is tried once more and
//! taken back, with the texts as they are then. So a second run has nothing to change.

use super::{
    changes::{Mended, Told},
    history::History,
    measure::Measure,
    round::{Ask, Key, Policy, Round, TakenBack, Why, round},
};
use crate::{
    engine::Engine,
    levels::Level,
    report::{Diagnostic, Phase, Report, Severity},
};
use spawnlint_analysis::span::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// Applies all rewrites that may be, to the texts that the engine has in memory. No file is touched.
pub fn mend(engine: &mut Engine, policy: Policy) -> Mended {
    mend_some(engine, policy, |_, _, _| true)
}

/// As [`mend`], for some of the findings. The others are left alone, and left out of what is told.
pub fn mend_some(
    engine: &mut Engine,
    policy: Policy,
    is_meant: impl Fn(&Engine, &Report, &Diagnostic) -> bool,
) -> Mended {
    let mut phases = Vec::new();
    let mut report = check(engine, &mut phases);
    let (meant, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        report.diagnostics.iter().partition(|it| is_meant(engine, &report, it));
    let denied = meant.iter().filter(|it| it.level == Level::Deny).count();
    let others = others.into_iter().map(|it| (it.finding.rule, path(&report, it), it.finding.at.range.start)).collect();
    let mut mending = Mending { engine, policy, history: History::default(), applied: Vec::new(), phases, others };
    let mut tries = Tries::default();
    let last = loop {
        let round = mending.next_round(&report, &tries);
        if round.applied.is_empty() {
            if !tries.has_helped {
                break round;
            }
            // What did not help before may do so now, as it would in a second run.
            tries = Tries::default();
            continue;
        }
        match mending.attempt(&report, &round) {
            Ok(better) => {
                report = better;
                tries.has_helped = true;
                tries.most = usize::MAX;
            }
            Err(refused) => tries.learn(&round, refused),
        }
    };
    let mut others = report.diagnostics.iter().map(|it| mending.is_other(&report, it)).collect::<Vec<_>>().into_iter();
    let Mending { engine, history, applied, phases, .. } = mending;
    let left = history.left(engine, &report, &last);
    let held_back = report.diagnostics.len();
    report.diagnostics.retain(|_| !others.next().unwrap_or(false));
    report.held_back.unchanged += held_back - report.diagnostics.len();
    // All of it took its time.
    report.stats.phases = phases;
    Mended { changes: history.changes(), applied, left, denied, report }
}

/// What is known of rewrites that were tried since the last time that everything was open.
#[derive(Debug)]
struct Tries {
    /// Those that do not help by themselves.
    taken_back: BTreeMap<Key, TakenBack>,
    /// Those whose finding was still there when they were applied with others: each is tried by itself.
    suspects: BTreeSet<Key>,
    /// How many are tried together.
    most: usize,
    /// Whether something was applied.
    has_helped: bool,
}

impl Default for Tries {
    fn default() -> Tries {
        Tries { taken_back: BTreeMap::new(), suspects: BTreeSet::new(), most: usize::MAX, has_helped: false }
    }
}

impl Tries {
    /// Of a round that was taken back, tries less next time.
    fn learn(&mut self, round: &Round, refused: Refused) {
        match &round.applied[..] {
            [only] => {
                self.taken_back.insert(only.key.clone(), refused.why);
                self.most = usize::MAX;
            }
            applied if refused.useless.is_empty() => self.most = applied.len() / 2,
            applied => self.suspects.extend(refused.useless.iter().map(|at| applied[*at].key.clone())),
        }
    }
}

/// Why a round was taken back.
struct Refused {
    why: TakenBack,
    /// Which of its rewrites left their findings where they were.
    useless: Vec<usize>,
}

/// Why a rewrite is not to be applied.
type Bar<'a> = &'a dyn Fn(&Diagnostic, &Key, &str) -> Option<Why>;

/// The kinds of rewrites that were applied.
type Kinds = BTreeSet<(&'static str, String)>;

struct Mending<'a> {
    engine: &'a mut Engine,
    policy: Policy,
    history: History,
    applied: Vec<Told>,
    phases: Vec<Phase>,
    /// Findings that are not meant: their rules, files, and places in the texts as they were at first.
    others: BTreeSet<(&'static str, String, u32)>,
}

fn path(report: &Report, it: &Diagnostic) -> String {
    report.sources.get(it.finding.at.file).path.clone()
}

impl Mending<'_> {
    /// Whether nobody asked for a finding.
    fn is_other(&self, report: &Report, it: &Diagnostic) -> bool {
        let first = || self.history.first(self.engine, it.finding.at);
        !self.others.is_empty() && self.others.contains(&(it.finding.rule, path(report, it), first()))
    }

    fn next_round(&self, report: &Report, tries: &Tries) -> Round {
        let bar = |_: &Diagnostic, key: &Key, _: &str| tries.taken_back.get(key).copied().map(Why::TakenBack);
        self.round(report, &bar, &tries.suspects, tries.most)
    }

    /// Applies a round, and gives the report of what has become of it; if that is no better, nothing has changed.
    fn attempt(&mut self, report: &Report, first: &Round) -> Result<Report, Refused> {
        let (history, applied) = (self.history.clone(), self.applied.len());
        let mut trial = Trial { report, first, history: History::default() };
        let mut new = self.apply(report, first, &mut trial);
        let mut judged = trial.judge(self.engine, &new);
        let is_known = judged.as_ref().is_err_and(|it| it.why != TakenBack::Unclear);
        if is_known && first.applied.len() == 1 {
            // What it leads to may have a rewrite, too, and then the two are one. Each kind has one turn, so this ends.
            let mut kinds = Kinds::new();
            take_down(&mut kinds, report, first);
            while let Err(refused) = judged {
                let next = self.follow_up(report, &new, &kinds);
                if next.applied.is_empty() {
                    judged = Err(refused);
                    break;
                }
                take_down(&mut kinds, &new, &next);
                new = self.apply(&new, &next, &mut trial);
                judged = trial.judge(self.engine, &new).map_err(|_| refused);
            }
        }
        match judged {
            Ok(()) => Ok(new),
            Err(refused) => {
                for (path, text) in trial.history.old_texts() {
                    self.engine.update(&path.to_string_lossy(), text.to_owned());
                }
                self.history = history;
                self.applied.truncate(applied);
                Err(refused)
            }
        }
    }

    /// What can be done about the findings that were not there before.
    fn follow_up(&self, old: &Report, new: &Report, kinds: &Kinds) -> Round {
        let known: BTreeSet<_> = old.diagnostics.iter().map(|it| (&it.fingerprint, &it.finding.message)).collect();
        let bar = |it: &Diagnostic, _: &Key, title: &str| {
            let is_old = known.contains(&(&it.fingerprint, &it.finding.message));
            let had_its_turn = kinds.contains(&(it.finding.rule, kind(title)));
            (is_old || had_its_turn).then_some(Why::TakenBack(TakenBack::Remains))
        };
        self.round(new, &bar, &BTreeSet::new(), usize::MAX)
    }

    fn round(&self, report: &Report, bar: Bar<'_>, suspects: &BTreeSet<Key>, most: usize) -> Round {
        let parses = |file: FileId, text: &str| self.engine.parses(file, text);
        let is_other = |it: &Diagnostic| self.is_other(report, it);
        round(report, Ask { policy: self.policy, is_other: &is_other, bar, suspects, most, parses: &parses })
    }

    /// Gives the engine the new texts, and what it says of them.
    fn apply(&mut self, report: &Report, round: &Round, trial: &mut Trial<'_>) -> Report {
        for it in &round.applied {
            let files: BTreeSet<FileId> = it.suggestion.edits.iter().map(|edit| edit.at.file).collect();
            let files = files.into_iter().map(|file| report.sources.get(file).path.clone()).collect();
            let finding = &report.diagnostics[it.at].finding;
            let told = self.history.told(self.engine, report, finding, Some(&it.suggestion.title), files);
            self.applied.push(Told { applicability: Some(it.suggestion.applicability), ..told });
        }
        self.history.add(self.engine, report, round);
        trial.history.add(self.engine, report, round);
        let paths: Vec<(String, &String)> = round
            .texts
            .iter()
            .map(|(file, text)| (self.engine.path(*file).to_string_lossy().into_owned(), text))
            .collect();
        for (path, text) in paths {
            self.engine.update(&path, text.clone());
        }
        check(self.engine, &mut self.phases)
    }
}

/// Rewrites that are applied to see what comes of them.
struct Trial<'a> {
    /// What was said before.
    report: &'a Report,
    /// What is to end with them.
    first: &'a Round,
    /// What has changed since then.
    history: History,
}

impl Trial<'_> {
    fn judge(&self, engine: &Engine, new: &Report) -> Result<(), Refused> {
        let refused = |why| Err(Refused { why, useless: Vec::new() });
        if errors(new) > errors(self.report) {
            return refused(TakenBack::Unclear);
        }
        let useless = self.useless(engine, new);
        if !useless.is_empty() {
            return Err(Refused { why: TakenBack::Remains, useless });
        }
        let (before, after) = (Measure::of(self.report), Measure::of(new));
        let ended = self.first.applied.iter().map(|it| self.report.diagnostics[it.at].finding.rule);
        match after.is_better(&before, &ended.collect::<Vec<_>>()) {
            true => Ok(()),
            false => refused(after.grown(&before).map_or(TakenBack::Remains, TakenBack::LeadsTo)),
        }
    }

    /// The rewrites whose findings are still there: the same rule says as much of the same places.
    fn useless(&self, engine: &Engine, new: &Report) -> Vec<usize> {
        type Place<'a> = (&'static str, &'a str, u32);
        let mut counts: BTreeMap<Place<'_>, isize> = BTreeMap::new();
        for it in &new.diagnostics {
            let path = new.sources.get(it.finding.at.file).path.as_str();
            *counts.entry((it.finding.rule, path, self.history.first(engine, it.finding.at))).or_default() += 1;
        }
        let old = |at: usize| -> Place<'_> {
            let finding = &self.report.diagnostics[at].finding;
            (finding.rule, &self.report.sources.get(finding.at.file).path, finding.at.range.start)
        };
        (0..self.report.diagnostics.len()).for_each(|at| *counts.entry(old(at)).or_default() -= 1);
        self.first.applied.iter().for_each(|it| *counts.entry(old(it.at)).or_default() += 1);
        let is_useless = |at: &usize| counts[&old(self.first.applied[*at].at)] > 0;
        (0..self.first.applied.len()).filter(is_useless).collect()
    }
}

fn take_down(kinds: &mut Kinds, report: &Report, round: &Round) {
    let applied = round.applied.iter();
    kinds.extend(applied.map(|it| (report.diagnostics[it.at].finding.rule, kind(&it.suggestion.title))));
}

/// What a rewrite does, without the names of the code: there are only so many kinds.
fn kind(title: &str) -> String {
    title.split('`').step_by(2).collect()
}

fn check(engine: &mut Engine, phases: &mut Vec<Phase>) -> Report {
    let mut report = engine.check();
    phases.append(&mut report.stats.phases);
    report
}

/// How much could not be analysed.
fn errors(report: &Report) -> usize {
    report.problems.iter().filter(|it| it.severity == Severity::Error).count()
}
