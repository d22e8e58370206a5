//! What a text has to go through: check, inventory, fixes, comments, and all of it again.

use crate::{
    mutants::mutant,
    pipeline::told_by,
    subject::{Pool, Subject},
};
use cargo_spawnlint::{
    engine::{Engine, Options},
    fix::{Change, Mended, Policy, Why, add_suppressions, mend},
    levels::{Level, Levels},
    report::{Report, Severity},
};
use fastrand::Rng;
use spawnlint_rules::rules::RULES;
use std::fmt;

/// All that `--fix --unsafe-fixes` applies.
const ALL: Policy = Policy { unsafe_fixes: true, nth: 0 };

/// What else may be applied; each mutant is tried with one of them.
const OTHERS: [Policy; 3] = [
    Policy { unsafe_fixes: false, nth: 0 },
    Policy { unsafe_fixes: true, nth: 1 },
    Policy { unsafe_fixes: true, nth: 2 },
];

/// A program with one file that was changed, and what is wrong with what becomes of it.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// It is made of this and of the pool.
    pub seed: u64,
    /// The program.
    pub subject: Subject,
    /// The path of the file that was changed.
    pub path: String,
}

/// Figures about mutants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// How many there were.
    pub mutants: usize,
    /// Those that are Rust.
    pub parsed: usize,
    /// Those in which something was found.
    pub found: usize,
    /// How many rewrites were applied.
    pub applied: usize,
    /// How many rewrites were tried and taken back.
    pub taken_back: usize,
    /// How many comments were written.
    pub comments: usize,
}

impl Figures {
    /// Takes others along.
    pub fn add(&mut self, other: Figures) {
        self.mutants += other.mutants;
        self.parsed += other.parsed;
        self.found += other.found;
        self.applied += other.applied;
        self.taken_back += other.taken_back;
        self.comments += other.comments;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { mutants, parsed, found, applied, taken_back, comments } = self;
        write!(f, "{mutants} mutants, of which {parsed} parse and {found} have findings; ")?;
        write!(f, "{applied} rewrites applied, {taken_back} taken back, {comments} comments written")
    }
}

impl Mutant {
    /// The mutant of a seed.
    pub fn new(pool: &Pool, seed: u64) -> Mutant {
        let mut rng = Rng::with_seed(seed);
        let (mut subject, at, other) = pool.choose(&mut rng);
        let file = &mut subject.files[at];
        file.1 = mutant(&file.1, other, &mut rng);
        let path = file.0.clone();
        Mutant { seed, subject, path }
    }

    /// Lets it go through everything.
    ///
    /// # Errors
    /// What is wrong.
    pub fn undergo(&self) -> Result<Figures, String> {
        let subject = &self.subject;
        let mut engine = open(subject);
        let report = sound(engine.check(), "check")?;
        let inventory = engine.inventory();
        same(&report, &sound(inventory.report, "tasks")?, "the inventory has other findings")?;
        let mut figures = Figures {
            mutants: 1,
            parsed: usize::from(errors(&report) == 0),
            found: usize::from(!report.diagnostics.is_empty()),
            ..Figures::default()
        };
        if report.diagnostics.is_empty() {
            return Ok(figures);
        }
        for policy in [ALL, OTHERS[self.seed as usize % OTHERS.len()]] {
            let mended = fixed(subject, &report, policy).map_err(|why| format!("{policy:?}: {why}"))?;
            figures.applied += mended.applied.len();
            figures.taken_back += mended.left.iter().filter(|(_, why)| matches!(why, Why::TakenBack(_))).count();
        }
        figures.comments = commented(subject, &engine, &report)?;
        Ok(figures)
    }

    /// The texts of the program, each under its path.
    pub fn print(&self) -> String {
        let files = self.subject.files.iter().map(|(path, text)| format!("//- /{path}\n{text}"));
        format!("// seed {}, changed: {}\n{}", self.seed, self.path, files.collect::<Vec<_>>().join("\n"))
    }
}

/// Fixes, and fixes again as another run would.
fn fixed(subject: &Subject, report: &Report, policy: Policy) -> Result<Mended, String> {
    let mended = mend(&mut open(subject), policy);
    let after = sound(mended.report.clone(), "fix")?;
    if let Some((told, why)) = mended.left.iter().find(|(_, why)| matches!(why, Why::Unresolved(_) | Why::NoRust)) {
        return Err(format!("{}: {}: {}: {why}", told.at, told.rule, told.title));
    }
    if errors(&after) > errors(report) {
        return Err("a file does not parse any more".to_owned());
    }
    if after.diagnostics.len() > report.diagnostics.len() {
        return Err("there are more findings than before".to_owned());
    }
    if mended.applied.is_empty() != mended.changes.is_empty() {
        return Err("not all that changes is told".to_owned());
    }
    let mut second = open(&with(subject, &mended.changes));
    same(&after, &second.check(), "a second run finds other things")?;
    let again = mend(&mut second, policy);
    match again.applied.first() {
        Some(told) => Err(format!("a second run applies at {}: {}: {}", told.at, told.rule, told.title)),
        None if !again.changes.is_empty() => Err("a second run changes something".to_owned()),
        None => Ok(mended),
    }
}

/// Writes comments, and looks what they do.
fn commented(subject: &Subject, engine: &Engine, report: &Report) -> Result<usize, String> {
    let added = add_suppressions(engine, report, "known");
    let mut second = open(&with(subject, &added.changes));
    let after = sound(second.check(), "comments")?;
    if errors(&after) > errors(report) {
        return Err("a file with comments does not parse any more".to_owned());
    }
    let again = add_suppressions(&second, &after, "known");
    if !again.changes.is_empty() {
        let told: Vec<String> = told_by(&after);
        return Err(format!("a second run writes comments again: {}", told.join("\n")));
    }
    Ok(added.allowed)
}

fn open(subject: &Subject) -> Engine {
    let mut options = Options::new(RULES);
    options.levels = Levels::new(RULES);
    options.levels.set("all", Level::Warn).expect("all rules have a level");
    options.jobs = 1;
    Engine::from_texts(subject.project(), subject.files.clone(), options).expect("the engine starts")
}

fn with(subject: &Subject, changes: &[Change]) -> Subject {
    subject.with(changes.iter().map(|it| (it.shown.as_str(), &*it.new)))
}

/// A report in which nothing failed.
fn sound(report: Report, when: &str) -> Result<Report, String> {
    let is_bug = |help: &Option<String>| help.as_ref().is_some_and(|it| it.contains("bug in spawnlint"));
    match report.problems.iter().chain(&report.left_out).find(|it| is_bug(&it.help)) {
        Some(problem) => Err(format!("{when}: {}: {}", problem.path, problem.message)),
        None => Ok(report),
    }
}

fn same(one: &Report, other: &Report, wrong: &str) -> Result<(), String> {
    let (one, other) = (told_by(one), told_by(other));
    let difference = one.iter().find(|it| !other.contains(it)).or(other.iter().find(|it| !one.contains(it)));
    difference.map_or(Ok(()), |it| Err(format!("{wrong}: {it}")))
}

fn errors(report: &Report) -> usize {
    report.problems.iter().filter(|it| it.severity == Severity::Error).count()
}
