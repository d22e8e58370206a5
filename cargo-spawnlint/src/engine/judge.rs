//! From joined files to a report: link, judge, and keep what was asked for.

use super::{Engine, settings::ByFile};
use crate::{
    fingerprint::{Fingerprint, Sites},
    inventory::{Inventory, census},
    levels::Level,
    report::{Diagnostic, HeldBack, Phase, Problem, Report, Severity, Stats},
    suppress::{Commented, Suppressions},
};
use spawnlint_analysis::{
    questions::{GivenUp, Judged, OwnerEntry, Program},
    span::FileId,
};
use spawnlint_rules::{Outcome, finding::Finding};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

/// Linking follows expressions as deep as the parser lets them be. The memory is only reserved:
/// what is not used costs nothing.
const JUDGE_STACK: usize = 512 << 20;

/// Checks the program as it stands. Everything here takes one thread, with a stack for the deepest file.
pub(super) fn check(engine: &Engine) -> Report {
    ask(engine, |_, _| ()).report
}

/// Checks the program, and lists its tasks with what the rules say of them.
pub(super) fn inventory(engine: &Engine) -> Inventory {
    let is_selected = |selected: &[bool], file: FileId| selected[file.index()];
    let Asked { report, silenced, answer } = ask(engine, |program, selected| {
        let is_selected = |file| is_selected(selected, file);
        (program.inventory(&is_selected), program.unfollowed_spawns(&is_selected))
    });
    let (tasks, unfollowed) = answer.unwrap_or_default();
    Inventory { unfollowed, ..Inventory::new(tasks, report, &silenced, engine.options.levels.rules()) }
}

/// Checks the program, and lists its types that can end tasks.
pub(super) fn owners(engine: &Engine) -> (Vec<OwnerEntry>, Report) {
    let asked = ask(engine, |program, selected| program.owner_inventory(&|file: FileId| selected[file.index()]));
    (asked.answer.unwrap_or_default(), asked.report)
}

/// What came out of one check.
struct Asked<T> {
    report: Report,
    /// Findings that a comment allows.
    silenced: Vec<Finding>,
    /// The answer to one more question; `None` if the program could not be linked.
    answer: Option<T>,
}

/// Checks the program, and asks it one more question.
fn ask<T: Send>(engine: &Engine, question: impl FnOnce(&Program, &[bool]) -> T + Send) -> Asked<T> {
    let mut phases = engine.phases.clone();
    let settings = ByFile::of(engine);
    let ids = (0..engine.files.len()).map(|at| FileId(at as u32));
    let selected: Vec<bool> = ids.map(|file| is_selected(engine, &settings, file)).collect();
    let (outcome, judged, answer) =
        on_deep_stack(engine, || judge(engine, &settings, &selected, &mut phases, question));
    let rules = engine.options.levels.rules();
    let mut suppressions = Suppressions::collect(commented(engine, &settings, &selected));
    let in_selection = outcome.findings.into_iter().filter(|finding| selected[finding.at.file.index()]);
    let (silenced, told): (Vec<Finding>, Vec<Finding>) =
        in_selection.partition(|finding| suppressions.silence(rules, finding));
    let is_whole = answer.is_some() && outcome.panics.is_empty() && outcome.given_up.is_empty();
    let about_comments = suppressions.into_findings(rules, is_whole);
    let mut census = census(&judged, &told, &silenced, rules);
    census.given_up_elsewhere = outcome.given_up.others;
    let mut sites = Sites::new(&engine.joined.graph, |file| &*engine.files[file.index()].summary);
    let mut diagnostics: Vec<Diagnostic> = told
        .into_iter()
        .chain(about_comments)
        .map(|finding| Diagnostic {
            level: settings.levels(finding.at.file).of(finding.rule),
            site: sites.of(&finding),
            finding,
            fingerprint: Fingerprint::default(),
        })
        .filter(|diagnostic| diagnostic.level != Level::Allow)
        .collect();
    // Findings come sorted, those about comments by themselves.
    diagnostics.sort_by(|a, b| (a.finding.at, a.finding.rule).cmp(&(b.finding.at, b.finding.rule)));
    let mut problems = engine.project.problems.clone();
    problems.extend(answer.is_none().then(link_panic));
    problems.extend(outcome.panics.into_iter().map(|(rule, message)| rule_panic(rule, &message)));
    let (faults, left_out) = faults(engine, &selected);
    problems.extend(faults);
    problems.extend(missing_roots(engine));
    problems.sort_by(|a, b| (&a.path, a.span, &a.message).cmp(&(&b.path, b.span, &b.message)));
    let report = Report {
        diagnostics,
        problems,
        left_out,
        held_back: HeldBack::default(),
        census,
        given_up: outcome.given_up,
        stats: stats(engine, &selected, phases),
        statistics: None,
        sources: Arc::clone(&engine.sources),
        origin_of: engine.joined.graph.files.iter().map(|place| place.krate.0).collect(),
        origins: engine.joined.origins.clone(),
        levels: super::settings::overall(engine),
        repository: engine.project.repository(),
        root: engine.project.printed_root(),
    };
    Asked { report, silenced, answer }
}

/// Runs `work` on a thread with [`JUDGE_STACK`]; where the system grants none, on one of the pool.
fn on_deep_stack<T: Send>(engine: &Engine, work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let deep = std::thread::scope(|scope| {
        let run = || work.take().map(|work| work());
        let thread = std::thread::Builder::new().stack_size(JUDGE_STACK).spawn_scoped(scope, run).ok()?;
        thread.join().ok().flatten()
    });
    match (deep, work) {
        (Some(answer), _) => answer,
        (None, Some(work)) => engine.pool.install(work),
        (None, None) => panic!("linking panicked outside its guard"),
    }
}

fn judge<T>(
    engine: &Engine,
    settings: &ByFile,
    selected: &[bool],
    phases: &mut Vec<Phase>,
    question: impl FnOnce(&Program, &[bool]) -> T,
) -> (Outcome, Vec<Judged>, Option<T>) {
    let start = Instant::now();
    let files = engine.files.iter().map(|file| Arc::clone(&file.summary)).collect();
    let options = settings.link_options(engine);
    let crates = engine.joined.graph.clone();
    let linked = catch_unwind(AssertUnwindSafe(|| {
        let program = Program::link(files, crates, options);
        let tasks = program.answers().count();
        (program, tasks)
    }));
    let Ok((program, tasks)) = linked else {
        return (Outcome::default(), Vec::new(), None);
    };
    phases.push(Phase { name: "link", time: start.elapsed(), detail: format!("{tasks} tasks") });
    let start = Instant::now();
    let rules = settings.active(&engine.options.levels);
    let is_on = |rule: &str, file: FileId| settings.levels(file).of(rule) != Level::Allow;
    let mut outcome = spawnlint_rules::check_where(&program, &rules, &is_on);
    // Whether a rule gave up on a task is part of the answer.
    let Ok(answer) = catch_unwind(AssertUnwindSafe(|| question(&program, selected))) else {
        return (Outcome::default(), Vec::new(), None);
    };
    outcome.given_up = program.given_up();
    let GivenUp { steps, largest, .. } = outcome.given_up;
    let found = outcome.findings.len();
    let detail = format!("{} rules, {found} findings; {steps} steps, at most {largest} for one question", rules.len());
    phases.push(Phase { name: "rules", time: start.elapsed(), detail });
    let judged = program.verdicts(&|file| selected[file.index()]);
    (outcome, judged, Some(answer))
}

/// The files whose comments count.
fn commented<'a>(
    engine: &'a Engine,
    settings: &'a ByFile,
    selected: &'a [bool],
) -> impl Iterator<Item = Commented<'a>> {
    let files = engine.files.iter().enumerate().filter(|(at, _)| selected[*at]);
    files.map(move |(at, it)| {
        let file = FileId(at as u32);
        Commented {
            file,
            summary: &it.summary,
            levels: settings.levels(file),
            require_reason: settings.require_reason(file),
            judges_tests: engine.options.selection.includes_tests(),
            is_judged: it.faults.is_empty(),
        }
    })
}

pub(super) fn is_selected(engine: &Engine, settings: &ByFile, file: FileId) -> bool {
    let graph = &engine.joined.graph;
    let place = graph.files[file.index()];
    let selection = &engine.options.selection;
    let Some(krate) = graph.crates.get(place.krate.index()) else { return true };
    // Who names a file means it, whatever a configuration says.
    if settings.is_excluded(file) && !selection.names(&engine.files[file.index()].path) {
        return false;
    }
    // A file in `tests/` that no test declares hangs below the library, and is a test all the same.
    let is_left_out = place.is_test && !selection.includes_tests();
    !is_left_out && selection.includes(krate, &engine.files[file.index()].path)
}

/// What is wrong with files: of those that a crate or the user asks for, and of those that nothing leads to.
/// The latter may well be templates, the input of a test, or text for an `include!`.
fn faults(engine: &Engine, selected: &[bool]) -> (Vec<Problem>, Vec<Problem>) {
    let (mut problems, mut left_out) = (Vec::new(), Vec::new());
    for (at, file) in engine.files.iter().enumerate() {
        let id = FileId(at as u32);
        let place = engine.joined.graph.files[at];
        if place.is_test && !engine.options.selection.includes_tests() {
            continue;
        }
        let is_asked_for = engine.joined.is_reached[at] || engine.options.selection.names(&file.path);
        for fault in &file.faults {
            let problem = Problem {
                path: engine.sources.get(id).path.clone(),
                span: fault.range.map(|range| range.in_file(id)),
                message: fault.message.clone(),
                help: fault.help.map(str::to_owned),
                severity: if selected[at] { Severity::Error } else { Severity::Warning },
            };
            if is_asked_for || fault.is_bug {
                problems.push(problem);
            } else if selected[at] {
                left_out.push(problem);
            }
        }
    }
    (problems, left_out)
}

/// Roots that a manifest names and that are not there. Published packages often come without their tests
/// and examples, which is nothing to complain of as long as nobody asks for these.
fn missing_roots(engine: &Engine) -> Vec<Problem> {
    let selection = &engine.options.selection;
    let targets =
        engine.project.packages.iter().flat_map(|package| package.targets.iter().map(move |it| (package, it)));
    let missing = targets.zip(&engine.joined.graph.crates).filter(|((_, target), krate)| {
        engine.project.on_disk && krate.root.is_none() && selection.targets.include(target.kind)
    });
    let problems = missing.map(|((package, target), krate)| {
        let is_selected = selection.includes(krate, &target.root);
        Problem {
            severity: if is_selected { Severity::Error } else { Severity::Warning },
            ..Problem::error(
                engine.project.shown(&target.root),
                format!("the root file of `{}` ({}) does not exist", target.name, package.name),
            )
        }
    });
    problems.collect()
}

fn stats(engine: &Engine, selected: &[bool], phases: Vec<Phase>) -> Stats {
    let chosen = selected.iter().zip(&engine.files).filter(|(selected, _)| **selected);
    Stats {
        files: selected.iter().filter(|it| **it).count(),
        lines: chosen.map(|(_, file)| file.lines).sum(),
        linked_files: engine.files.len(),
        cached: engine.files.iter().filter(|file| file.is_cached).count(),
        phases,
    }
}

fn rule_panic(rule: &str, message: &str) -> Problem {
    let message = format!("the rule `{rule}` failed: {message}; every other rule was checked");
    Problem { help: Some(REPORT.to_owned()), ..Problem::error("", message) }
}

fn link_panic() -> Problem {
    let message = "spawnlint failed to link the program; nothing was checked";
    Problem { help: Some(REPORT.to_owned()), ..Problem::error("", message) }
}

const REPORT: &str = "this is a bug in spawnlint: please report it";
