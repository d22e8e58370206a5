//! One JSON document with everything that is known. Texts are as the code has them.

use super::{
    super::located::{JsonNamed, JsonPlace, JsonProblem, named, problems, site},
    words::signal_kind,
};
use crate::inventory::{Inventory, Listed, Summary};
use crate::output::visible;
use serde::Serialize;
use serde_json::{Map, Value};
use spawnlint_analysis::{
    questions::{
        Cause, DropHow, Ending, EndingKind, Fate, LongWait, LoopFact, Named, Owner, PeerOrigin, Signal, WaitLength,
        Work,
    },
    span::Sources,
};
use std::io::{self, Write};

/// Changes when a field changes its meaning or goes; new ones may come at any time.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonInventory<'a> {
    version: u32,
    tasks: Vec<JsonTask<'a>>,
    /// Calls that say that they spawn and could not be followed.
    unfollowed: Vec<JsonCall<'a>>,
    summary: JsonSummary,
    problems: Vec<JsonProblem<'a>>,
}

#[derive(Serialize)]
struct JsonTask<'a> {
    #[serde(rename = "crate")]
    krate: &'a str,
    at: JsonPlace<'a>,
    starter: JsonNamed<'a>,
    runs: JsonWork<'a>,
    api: &'a str,
    via: &'a [String],
    spawn: JsonPlace<'a>,
    reach: &'static str,
    ending: JsonEnding<'a>,
    fate: JsonFate<'a>,
    owner: JsonOwner<'a>,
    /// What ends it, if somebody gives it.
    signals: Vec<JsonSignal<'a>>,
    /// What would end it and cannot come.
    dead_signals: Vec<JsonText<'a>>,
    verdict: &'static str,
    rules: Vec<JsonRule>,
    unknown: Vec<JsonCause<'a>>,
}

#[derive(Serialize)]
struct JsonWork<'a> {
    /// `function`, `async block`, `closure`, `wrapper` (a block of the wrapper itself), `other`.
    kind: &'static str,
    /// Of a block or closure: the only function of the workspace that it awaits or calls.
    name: Option<&'a str>,
    at: JsonPlace<'a>,
}

#[derive(Serialize)]
struct JsonEnding<'a> {
    kind: &'static str,
    /// Of `on-peer`: who opened the connection, `accepted` or `connected`.
    peer: Option<&'static str>,
    /// Of `on-caller`: what code outside of the workspace provides.
    given: Option<JsonText<'a>>,
    waits: Vec<JsonWait<'a>>,
    loops: Vec<JsonLoop<'a>>,
    evidence: Vec<JsonText<'a>>,
}

#[derive(Serialize)]
struct JsonWait<'a> {
    /// `timeout` or `sleep`.
    kind: &'static str,
    seconds: Option<f64>,
    /// Where the length is not known: how it is written.
    length: Option<&'a str>,
    /// How what is waited for ends.
    inner: &'static str,
    at: JsonPlace<'a>,
}

#[derive(Serialize)]
struct JsonLoop<'a> {
    keyword: &'static str,
    at: JsonPlace<'a>,
}

#[derive(Serialize)]
struct JsonText<'a> {
    text: &'a str,
    at: JsonPlace<'a>,
}

#[derive(Serialize)]
struct JsonFate<'a> {
    kind: &'static str,
    /// Of `dropped`: how.
    how: Option<String>,
    at: Option<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonOwner<'a> {
    /// `nobody`, `caller`, `field`, `set`, `guard`, `function`, `handle`, `taker`, `unknown`.
    kind: &'static str,
    /// `Type.field`, the name of a set or function, or what took the handle.
    name: Option<String>,
    at: Option<JsonPlace<'a>>,
    /// Of `field`: whether anybody uses the handle again.
    is_used: Option<bool>,
}

#[derive(Serialize)]
struct JsonSignal<'a> {
    kind: &'static str,
    name: &'a str,
    at: JsonPlace<'a>,
}

#[derive(Serialize)]
struct JsonRule {
    rule: &'static str,
    is_allowed: bool,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    of: &'static str,
    why: String,
    at: Option<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonSummary {
    tasks: usize,
    verdicts: Map<String, Value>,
    endings: Map<String, Value>,
    fates: Map<String, Value>,
    /// How many calls say that they spawn and could not be followed.
    unfollowed: Vec<JsonUnfollowed>,
    unknown_endings: Vec<JsonCount>,
    unknown_fates: Vec<JsonCount>,
}

#[derive(Serialize)]
struct JsonUnfollowed {
    #[serde(rename = "crate")]
    krate: String,
    calls: usize,
}

#[derive(Serialize)]
struct JsonCall<'a> {
    #[serde(rename = "crate")]
    krate: &'a str,
    at: JsonPlace<'a>,
    /// What stands before its arguments.
    call: &'a str,
}

#[derive(Serialize)]
struct JsonCount {
    why: String,
    count: usize,
}

/// Writes the document.
///
/// # Errors
/// Those of `out`.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let sources = &inventory.report.sources;
    let document = JsonInventory {
        version: VERSION,
        tasks: inventory.tasks.iter().map(|it| task(sources, it)).collect(),
        unfollowed: unfollowed(inventory).collect(),
        summary: summary(inventory.summary()),
        problems: problems(&inventory.report),
    };
    writeln!(out, "{}", visible::json(&serde_json::to_string_pretty(&document)?))
}

fn unfollowed(inventory: &Inventory) -> impl Iterator<Item = JsonCall<'_>> {
    let sources = &inventory.report.sources;
    inventory.unfollowed.iter().flat_map(move |(krate, calls)| {
        calls.iter().map(move |at| JsonCall {
            krate,
            at: site(sources, *at),
            call: sources.get(at.file).snippet(at.range),
        })
    })
}

fn task<'a>(sources: &'a Sources, task: &'a Listed) -> JsonTask<'a> {
    let entry = &task.entry;
    let dead = entry.dead_signs().into_iter();
    JsonTask {
        krate: &entry.krate,
        at: site(sources, entry.head),
        starter: named(sources, &entry.starter),
        runs: work(sources, &entry.work),
        api: &entry.api,
        via: &entry.via,
        spawn: site(sources, entry.spawn),
        reach: entry.reach.word(),
        ending: ending(sources, &entry.ending),
        fate: fate(sources, &entry.fate),
        owner: owner(sources, &entry.owner),
        signals: entry.ending.signals.iter().map(|it| signal(sources, it)).collect(),
        dead_signals: dead.map(|(at, dead)| JsonText { text: &dead.why, at: site(sources, at) }).collect(),
        verdict: task.verdict.word(),
        rules: task.rules.iter().map(|it| JsonRule { rule: it.rule, is_allowed: it.is_allowed }).collect(),
        unknown: entry.causes().into_iter().map(|it| cause(sources, it)).collect(),
    }
}

fn work<'a>(sources: &'a Sources, work: &'a Work) -> JsonWork<'a> {
    let name_of = |call: &'a Option<Named>| call.as_ref().map(|it| it.name.as_str());
    let (kind, name, at) = match work {
        Work::Function(named) => ("function", Some(named.name.as_str()), named.at),
        Work::Block(at, call) => ("async block", name_of(call), *at),
        Work::Closure(at, call) => ("closure", name_of(call), *at),
        Work::Wrapper(named) => ("wrapper", Some(named.name.as_str()), named.at),
        Work::Other(text, at) => ("other", Some(text.as_str()), *at),
    };
    JsonWork { kind, name, at: site(sources, at) }
}

fn ending<'a>(sources: &'a Sources, ending: &'a Ending) -> JsonEnding<'a> {
    JsonEnding {
        kind: ending.kind.plain_word(),
        peer: match ending.kind {
            EndingKind::OnPeer(PeerOrigin::Accepted) => Some("accepted"),
            EndingKind::OnPeer(PeerOrigin::Connected) => Some("connected"),
            _ => None,
        },
        given: ending
            .given
            .filter(|_| ending.kind == EndingKind::OnCaller)
            .map(|(given, at)| JsonText { text: given.words(), at: site(sources, at) }),
        waits: ending.waits.iter().map(|it| wait(sources, it)).collect(),
        loops: ending.loops.iter().map(|it| endless(sources, it)).collect(),
        evidence: ending.evidence.iter().map(|it| JsonText { text: &it.text, at: site(sources, it.at) }).collect(),
    }
}

fn wait<'a>(sources: &'a Sources, wait: &'a LongWait) -> JsonWait<'a> {
    let (seconds, length) = match &wait.length {
        WaitLength::Known(length) => (Some(length.as_secs_f64()), None),
        WaitLength::Unknown(text) => (None, Some(text.as_str())),
    };
    JsonWait {
        kind: if wait.is_timeout { "timeout" } else { "sleep" },
        seconds,
        length,
        inner: wait.inner.plain_word(),
        at: site(sources, wait.at),
    }
}

fn endless<'a>(sources: &'a Sources, fact: &LoopFact) -> JsonLoop<'a> {
    JsonLoop { keyword: fact.keyword.word(), at: site(sources, fact.at) }
}

fn fate<'a>(sources: &'a Sources, fate: &Fate) -> JsonFate<'a> {
    let how = match fate {
        Fate::Dropped { how, .. } => Some(DropHow::words(how)),
        _ => None,
    };
    JsonFate { kind: fate.word(), how, at: fate.place().map(|at| site(sources, at)) }
}

fn owner<'a>(sources: &'a Sources, owner: &Owner) -> JsonOwner<'a> {
    let plain = |kind| JsonOwner { kind, name: None, at: None, is_used: None };
    match owner {
        Owner::Nobody => plain("nobody"),
        Owner::Caller => plain("caller"),
        Owner::Guard => plain("guard"),
        Owner::Handle => plain("handle"),
        Owner::Unknown => plain("unknown"),
        Owner::Field { owner, field, is_used } => {
            JsonOwner { name: Some(format!("{owner}.{field}")), is_used: *is_used, ..plain("field") }
        }
        Owner::Set(name) => JsonOwner { name: Some(name.clone()), ..plain("set") },
        Owner::Taker(name) => JsonOwner { name: Some(name.clone()), ..plain("taker") },
        Owner::Function(named) => {
            JsonOwner { name: Some(named.name.clone()), at: Some(site(sources, named.at)), ..plain("function") }
        }
    }
}

fn signal<'a>(sources: &'a Sources, signal: &'a Signal) -> JsonSignal<'a> {
    JsonSignal { kind: signal_kind(signal.kind), name: &signal.name, at: site(sources, signal.at) }
}

fn cause(sources: &Sources, cause: Cause) -> JsonCause<'_> {
    JsonCause { of: cause.of, why: cause.why, at: cause.at.map(|at| site(sources, at)) }
}

fn summary(summary: Summary) -> JsonSummary {
    let counts = |counts: Vec<(&'static str, usize)>| counts.into_iter().map(|(it, n)| (it.to_owned(), n.into()));
    let causes = |causes: Vec<(String, usize)>| causes.into_iter().map(|(why, count)| JsonCount { why, count });
    let unfollowed = summary.unfollowed.into_iter().map(|(krate, calls)| JsonUnfollowed { krate, calls });
    JsonSummary {
        tasks: summary.tasks,
        verdicts: counts(summary.verdicts).collect(),
        endings: counts(summary.endings).collect(),
        fates: counts(summary.fates).collect(),
        unfollowed: unfollowed.collect(),
        unknown_endings: causes(summary.unknown_endings).collect(),
        unknown_fates: causes(summary.unknown_fates).collect(),
    }
}
