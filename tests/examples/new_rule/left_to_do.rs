//! What nobody can lay down: the steps that are left, in the order in which they are best taken.

use crate::Group;

/// The steps as a numbered list.
pub(crate) fn left_to_do(name: &str, group: Group) -> String {
    let is_default = !matches!(group, Group::Ownership | Group::Audit);
    let steps = [
        Some(format!(
            "Show what it is about in test-fixtures/{name}:\n\
             what is reported in leaks.rs, what is left alone in sound.rs, and both across crates in cross_crate.rs.\n\
             test-fixtures/README.md says how a finding is marked."
        )),
        Some(format!(
            "Complete rules/src/rules/{name}.rs:\n\
             the judgement first, then the message and its evidence, then the page.\n\
             $ cargo test -p spawnlint-tests --test fixtures -- annotations pages stories messages"
        )),
        Some(
            "If that says that two rules report one line: give this one its place in STORY of rules/src/rules.rs, and a\n\
             row under \"One task, one story\" of docs/decisions.md; or, where both should be reported, add a line to\n\
             BESIDE of tests/fixtures/stories.rs."
                .to_owned(),
        ),
        is_default.then(|| {
            "Add a task that it reports to test-fixtures/workspaces/streaming-service, marked in the same way: the README\n\
             shows a finding of every rule that is on by default. tests/proofs/demonstration/driver.rs plays with that\n\
             service, and tests/proofs/demonstration.rs knows how many tasks it leaves."
                .to_owned()
        }),
        is_default.then(|| {
            "Give each finding a rewrite (rules/src/rewrite/proposals has those that rules share), and a driver in\n\
             test-fixtures/compile/tests/alive that sees the task gone once it is applied.\n\
             $ cargo test -p spawnlint-tests --features proofs --test proofs"
                .to_owned()
        }),
        Some(
            "Name it in CHANGELOG.md, and let the tests write the rest: report.txt, docs/rules,\n\
             docs/rewrites.md, docs/spawnlint.schema.json and the README. Read the diff.\n\
             $ UPDATE_EXPECT=1 cargo test --workspace; git diff"
                .to_owned(),
        ),
        Some("Run .ci/run.".to_owned()),
    ];
    let steps = steps.into_iter().flatten().enumerate();
    let steps: Vec<String> = steps.map(|(at, step)| format!("{}. {}", at + 1, step.replace('\n', "\n   "))).collect();
    format!("Left to do; WRITE: marks each place in the new files:\n\n{}", steps.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spawnlint_tests::root;

    /// The words of the steps that look like paths, those of the new files left out.
    fn paths(steps: &str) -> impl Iterator<Item = &str> {
        let words =
            steps.split([' ', '\n', ';']).map(|word| word.trim_start_matches('(').trim_end_matches(['.', ',', ':']));
        words.filter(|word| word.contains('/') && !word.contains("new_rule_name"))
    }

    #[test]
    fn the_steps_name_files_that_are_there() {
        let steps = left_to_do("new_rule_name", Group::Leak);
        let missing: Vec<&str> = paths(&steps).filter(|path| !root().join(path).exists()).collect();
        assert!(missing.is_empty() && paths(&steps).count() > 8, "{missing:?}");
    }

    #[test]
    fn an_inventory_needs_no_rewrite() {
        let steps = left_to_do("new_rule_name", Group::Audit);
        assert!(!steps.contains("rewrite (") && !steps.contains("streaming-service"), "{steps}");
        assert!(steps.contains("\n5. Run .ci/run."), "{steps}");
    }
}
