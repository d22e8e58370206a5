//! The rules of cargo-spawnlint: what is wrong with a program ([`rules`]), and what cures it ([`rewrite`]). Pure: no
//! I/O, no parser, no output format.

pub mod evidence;
pub mod finding;
pub mod rewrite;
pub mod rule;
pub mod rules;
pub mod words;

use evidence::Drafts;
use finding::Finding;
use rule::{Cx, Rule};
use spawnlint_analysis::{
    questions::{GivenUp, Program},
    span::FileId,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the rules said.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by place, then by rule.
    pub findings: Vec<Finding>,
    /// Names of rules that panicked, with the panic's message. Each is a bug of this crate.
    pub panics: Vec<(&'static str, String)>,
    /// What was not looked into to the end, and how much work the rest was.
    pub given_up: GivenUp,
}

/// Lets each rule judge the program. A rule's panic is caught and told; the others go on.
pub fn check(program: &Program, rules: &[&'static Rule]) -> Outcome {
    check_where(program, rules, &|_, _| true)
}

/// As [`check`], where not every rule is on in every file. One that is off hands the word on to the next.
pub fn check_where(program: &Program, rules: &[&'static Rule], is_on: &dyn Fn(&str, FileId) -> bool) -> Outcome {
    let mut outcome = Outcome::default();
    let drafts = Drafts::default();
    for rule in rules {
        let mut cx = Cx::new(program, &drafts);
        match catch_unwind(AssertUnwindSafe(|| program.ask(None, || (rule.check)(&mut cx)))) {
            Ok(_) => {
                let findings = cx.into_findings().into_iter();
                outcome.findings.extend(findings.filter(|finding| is_on(finding.rule, finding.at.file)));
            }
            Err(payload) => {
                program.abandon_questions();
                outcome.panics.push((rule.name, panic_message(payload.as_ref())));
            }
        }
    }
    outcome.findings = tell_one_story(std::mem::take(&mut outcome.findings));
    outcome.findings.sort_by(|a, b| (a.at, a.rule, &a.message).cmp(&(b.at, b.rule, &b.message)));
    outcome.findings.dedup();
    outcome.given_up = program.given_up();
    outcome
}

/// Of several findings about one task the rule that names the most specific cause speaks;
/// what the others saw becomes its labels. Rules outside [`rules::STORY`] tell other stories.
fn tell_one_story(findings: Vec<Finding>) -> Vec<Finding> {
    let rank = |finding: &Finding| rules::STORY.iter().position(|rule| *rule == finding.rule);
    let (mut told, mut others): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.task.is_some() && rank(finding).is_some());
    told.sort_by_key(|finding| (finding.task, rank(finding)));
    let mut stories: Vec<Finding> = Vec::new();
    for finding in told {
        match stories.last_mut().filter(|speaker| speaker.task == finding.task) {
            Some(speaker) => {
                let new = finding
                    .labels
                    .into_iter()
                    .filter(|label| speaker.at != label.at && speaker.labels.iter().all(|known| known.at != label.at));
                let new: Vec<_> = new.collect();
                speaker.labels.extend(new);
            }
            None => stories.push(finding),
        }
    }
    stories.append(&mut others);
    stories
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
