//! What the client says of how it wants to be served. A key that is not known is passed over; a value that is wrong is told.

use crate::levels::{Level, Levels};
use serde_json::Value;
use spawnlint_rules::rule::{Group, Rule};
use std::path::PathBuf;

/// The name of the section.
pub(super) const SECTION: &str = "spawnlint";

/// The settings of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// Whether every task needs an owner.
    pub(super) strict: bool,
    /// Levels of rules and groups; they win over what files say.
    pub(super) levels: Vec<(String, Level)>,
    /// Whether tests, benches, examples and build scripts are judged, too.
    pub(super) all_targets: bool,
    /// Whether files that are not open have diagnostics.
    pub(super) whole_workspace: bool,
    /// The baseline, relative to the root of the workspace.
    pub(super) baseline: PathBuf,
    /// Whether findings of the baseline are shown.
    pub(super) show_baseline: bool,
    /// Whether calls that start tasks say when these end.
    pub(super) inlay_hints: bool,
    /// Whether functions say how many tasks they start.
    pub(super) code_lens: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            strict: false,
            levels: Vec::new(),
            all_targets: false,
            whole_workspace: true,
            baseline: PathBuf::from(crate::baseline::FILE_NAME),
            show_baseline: false,
            inlay_hints: false,
            code_lens: false,
        }
    }
}

impl Settings {
    /// Reads what a client sent, and what is wrong with it. The section may stand around it.
    pub(super) fn read(value: &Value, rules: &'static [&'static Rule]) -> (Settings, Vec<String>) {
        let value = value.get(SECTION).unwrap_or(value);
        let (mut settings, mut wrong) = (Settings::default(), Vec::new());
        let flags: [(&str, &mut bool); 6] = [
            ("strict", &mut settings.strict),
            ("allTargets", &mut settings.all_targets),
            ("wholeWorkspace", &mut settings.whole_workspace),
            ("showBaseline", &mut settings.show_baseline),
            ("inlayHints", &mut settings.inlay_hints),
            ("codeLens", &mut settings.code_lens),
        ];
        for (name, place) in flags {
            match value.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Bool(it)) => *place = *it,
                Some(other) => wrong.push(format!("`{SECTION}.{name}` is {other}, not `true` or `false`")),
            }
        }
        match value.get("baseline") {
            None | Some(Value::Null) => {}
            Some(Value::String(path)) => settings.baseline = PathBuf::from(path),
            Some(other) => wrong.push(format!("`{SECTION}.baseline` is {other}, not a path")),
        }
        match value.get("levels") {
            None | Some(Value::Null) => {}
            Some(Value::Object(levels)) => {
                for (name, level) in levels {
                    let known = serde_json::from_value::<Level>(level.clone());
                    let is_rule = Levels::new(rules).set(name, Level::Warn);
                    match (known, is_rule) {
                        (Ok(level), Ok(())) => settings.levels.push((name.clone(), level)),
                        (Err(_), _) => {
                            wrong
                                .push(format!("the level of `{name}` is {level}, not \"allow\", \"warn\" or \"deny\""));
                        }
                        (_, Err(error)) => wrong.push(error.to_string()),
                    }
                }
            }
            Some(other) => wrong.push(format!("`{SECTION}.levels` is {other}, not a table of rules and levels")),
        }
        (settings, wrong)
    }

    /// The levels that come of it, before those of files.
    pub(super) fn levels(&self, rules: &'static [&'static Rule]) -> Levels {
        let mut levels = Levels::new(rules);
        if self.strict {
            levels.set(Group::Ownership.name(), Level::Warn).expect("every group has levels");
        }
        // A table has no order: what speaks of more comes first.
        let is_rule = |name: &str| crate::levels::with_comments(rules).any(|it| it.name == crate::levels::plain(name));
        let (of_rules, of_groups): (Vec<_>, Vec<_>) = self.levels.iter().partition(|(name, _)| is_rule(name));
        for (name, level) in of_groups.into_iter().chain(of_rules) {
            levels.set(name, *level).expect("unknown names were left out");
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use spawnlint_rules::rules::RULES;

    #[test]
    fn what_is_wrong_is_told_and_the_rest_holds() {
        let value = json!({ "spawnlint": {
            "strict": true, "codeLens": "yes", "future": 1, "baseline": "b.json",
            "levels": { "leak": "deny", "dropped_join_handle": "allow", "no_such_rule": "warn", "waste": "loud" },
        }});
        let (settings, wrong) = Settings::read(&value, RULES);
        let expected = Settings {
            strict: true,
            baseline: PathBuf::from("b.json"),
            levels: vec![("dropped_join_handle".to_owned(), Level::Allow), ("leak".to_owned(), Level::Deny)],
            ..Settings::default()
        };
        assert_eq!(settings, expected);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        let levels = settings.levels(RULES);
        assert_eq!(levels.of("dropped_join_handle"), Level::Allow);
        assert_eq!(levels.of("unbounded_task_loop"), Level::Deny);
        assert_eq!(levels.of("unowned_task"), Level::Warn);
        assert_eq!(Settings::read(&Value::Null, RULES).0, Settings::default());
    }
}
