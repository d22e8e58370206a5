//! One JSON document with everything that is known. Texts are as the code has them.

use crate::{
    output::{
        located::{JsonNamed, JsonPlace, JsonProblem, named, problems, site},
        visible,
    },
    report::Report,
};
use serde::Serialize;
use spawnlint_analysis::{
    questions::{OwnerEntry, OwnerField},
    span::Sources,
};
use std::io::{self, Write};

/// Changes when a field changes its meaning or goes; new ones may come at any time.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonOwners<'a> {
    version: u32,
    owners: Vec<JsonOwner<'a>>,
    problems: Vec<JsonProblem<'a>>,
}

#[derive(Serialize)]
struct JsonOwner<'a> {
    #[serde(rename = "crate")]
    krate: &'a str,
    #[serde(rename = "type")]
    owner: JsonNamed<'a>,
    fields: Vec<JsonField<'a>>,
}

#[derive(Serialize)]
struct JsonField<'a> {
    name: &'a str,
    at: JsonPlace<'a>,
    /// `handle`, `token`, `task set`, .. or the name of a type of the workspace.
    holds: String,
    verdict: &'static str,
    why: Option<JsonWhy<'a>>,
    tasks: Vec<JsonNamed<'a>>,
    acts: Vec<JsonAct<'a>>,
}

#[derive(Serialize)]
struct JsonWhy<'a> {
    text: &'a str,
    at: Option<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonAct<'a> {
    /// `aborts`, `awaits`, `signals`, ..
    act: &'static str,
    by: JsonNamed<'a>,
    at: JsonPlace<'a>,
    in_drop: bool,
}

/// Writes the document.
///
/// # Errors
/// Those of `out`.
pub fn write(entries: &[OwnerEntry], report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sources = &report.sources;
    let owners = entries.iter().map(|entry| JsonOwner {
        krate: &entry.krate,
        owner: named(sources, &entry.owner),
        fields: entry.fields.iter().map(|field| self::field(sources, field)).collect(),
    });
    let document = JsonOwners { version: VERSION, owners: owners.collect(), problems: problems(report) };
    writeln!(out, "{}", visible::json(&serde_json::to_string_pretty(&document)?))
}

fn field<'a>(sources: &'a Sources, field: &'a OwnerField) -> JsonField<'a> {
    let acts = field.acts.iter().map(|act| JsonAct {
        act: act.act.word(),
        by: named(sources, &act.by),
        at: site(sources, act.at),
        in_drop: act.is_in_drop,
    });
    JsonField {
        name: &field.name,
        at: site(sources, field.at),
        holds: field.holds.words(),
        verdict: field.verdict.word(),
        why: (field.why.as_ref()).map(|(text, at)| JsonWhy { text, at: at.map(|at| site(sources, at)) }),
        tasks: field.tasks.iter().map(|task| named(sources, task)).collect(),
        acts: acts.collect(),
    }
}
