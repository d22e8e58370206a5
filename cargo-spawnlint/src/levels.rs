//! Which rules are on, and how loud: what files say, then `-A`, `-W` and `-D` in the order in which they were given.

mod comment_rules;

pub use comment_rules::{COMMENT_RULES, INVALID_SUPPRESSION, SUPPRESSION_WITHOUT_REASON, UNUSED_SUPPRESSION};

use anyhow::{Result, bail};
use serde::Deserialize;
use spawnlint_rules::rule::{Group, Rule};

/// What becomes of a rule's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported.
    Warn,
    /// Reported, and the run fails.
    Deny,
}

impl Level {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }

    /// The level of a group's rules if nobody says otherwise.
    pub fn default_of(group: Group) -> Level {
        match group {
            Group::Leak | Group::Waste | Group::Comment => Level::Warn,
            Group::Ownership | Group::Audit => Level::Allow,
        }
    }
}

/// The level of each rule.
#[derive(Debug, Clone)]
pub struct Levels {
    rules: &'static [&'static Rule],
    /// Of the rules, then of [`COMMENT_RULES`].
    states: Vec<State>,
    /// What was set, in order.
    given: Vec<(String, Level)>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    level: Level,
    /// Whether it was last set through the word `warnings`, so that a later `warnings` speaks of it again.
    by_warnings: bool,
}

/// What a name on the command line or in a comment stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Every rule.
    All,
    /// The rules of a group.
    Group(Group),
    /// One rule.
    Rule(&'static str),
}

impl Subject {
    /// Whether it speaks of this rule.
    pub fn includes(self, rule: &Rule) -> bool {
        match self {
            Subject::All => true,
            Subject::Group(group) => rule.group == group,
            Subject::Rule(name) => rule.name == name,
        }
    }
}

impl Levels {
    /// The defaults of these rules.
    pub fn new(rules: &'static [&'static Rule]) -> Levels {
        let states =
            with_comments(rules).map(|rule| State { level: Level::default_of(rule.group), by_warnings: false });
        Levels { rules, states: states.collect(), given: Vec::new() }
    }

    /// The same levels, set after those of files: names that mean nothing are passed over.
    pub fn after<'a>(&'a self, files: impl Iterator<Item = (&'a str, Level)>) -> Levels {
        let mut levels = Levels::new(self.rules);
        for (name, level) in files.chain(self.given.iter().map(|(name, level)| (name.as_str(), *level))) {
            levels.apply(name, level);
        }
        levels.given.clone_from(&self.given);
        levels
    }

    /// The rules that judge a program; those of comments have levels, too.
    pub fn rules(&self) -> &'static [&'static Rule] {
        self.rules
    }

    /// The level of a rule; of one that is not registered, allow.
    pub fn of(&self, rule: &str) -> Level {
        let place = with_comments(self.rules).position(|it| it.name == rule);
        place.map_or(Level::Allow, |place| self.states[place].level)
    }

    /// What was set by name, in order.
    pub fn given(&self) -> impl Iterator<Item = (&str, Level)> {
        self.given.iter().map(|(name, level)| (name.as_str(), *level))
    }

    /// The rules that are on.
    pub fn active(&self) -> Vec<&'static Rule> {
        self.rules.iter().zip(&self.states).filter(|(_, it)| it.level != Level::Allow).map(|(rule, _)| *rule).collect()
    }

    /// Sets the level of a rule, a group, `all`, or `warnings` (whatever is at warn level by now).
    ///
    /// # Errors
    /// If nothing has that name; the message names what comes near.
    pub fn set(&mut self, name: &str, level: Level) -> Result<()> {
        if !self.apply(name, level) {
            bail!("{}", unknown_rule(self.rules, name, &["warnings", "all"]));
        }
        self.given.push((name.to_owned(), level));
        Ok(())
    }

    /// Whether the name means something.
    fn apply(&mut self, name: &str, level: Level) -> bool {
        if plain(name) == "warnings" {
            for state in self.states.iter_mut().filter(|it| it.level == Level::Warn || it.by_warnings) {
                *state = State { level, by_warnings: true };
            }
            return true;
        }
        let Some(subject) = find(self.rules, name) else { return false };
        for (rule, state) in with_comments(self.rules).zip(&mut self.states) {
            if subject.includes(rule) {
                *state = State { level, by_warnings: false };
            }
        }
        true
    }
}

/// The page of a rule as Markdown. Its lines come from a doc comment, each with a blank in front.
pub fn page(rule: &Rule) -> String {
    let lines = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n");
    lines.collect::<String>().trim_end().to_owned()
}

/// The page of a rule where its repository is; while that has no address, the source of the rule, which begins with it.
pub fn page_uri(rule: &Rule) -> String {
    let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let name = rule.name;
    match (repository, rule.group) {
        ("", Group::Comment) => {
            format!("https://docs.rs/crate/cargo-spawnlint/{version}/source/src/levels/comment_rules.rs")
        }
        ("", _) => format!("https://docs.rs/crate/spawnlint-rules/{version}/source/src/rules/{name}.rs"),
        (repository, Group::Comment) => repository.to_owned(),
        (repository, _) => format!("{repository}/blob/v{version}/docs/rules/{name}.md"),
    }
}

/// All rules that have a level.
pub fn with_comments(rules: &[&'static Rule]) -> impl Iterator<Item = &'static Rule> {
    rules.iter().copied().chain(COMMENT_RULES.iter().copied())
}

/// What a name stands for: a rule, a group, or `all`; `-` and `_` are the same, `spawnlint::` may stand before it.
pub fn find(rules: &[&'static Rule], name: &str) -> Option<Subject> {
    let name = plain(name);
    if name == "all" {
        return Some(Subject::All);
    }
    let group = Group::ALL.into_iter().find(|group| group.name() == name).map(Subject::Group);
    group.or_else(|| with_comments(rules).find(|rule| rule.name == name).map(|rule| Subject::Rule(rule.name)))
}

/// The message for a name that means nothing, with the nearest one that does. `words` are names beside rules and groups.
pub fn unknown_rule(rules: &[&'static Rule], name: &str, words: &[&str]) -> String {
    let groups = Group::ALL.iter().map(|group| group.name());
    let known = with_comments(rules).map(|rule| rule.name).chain(groups).chain(words.iter().copied());
    let wanted = plain(name);
    if wanted.contains("::") {
        return format!("`{name}` belongs to another tool; `cargo spawnlint rules` lists the rules of this one");
    }
    match nearest(&wanted, known) {
        Some(near) => format!("unknown rule or group `{name}`; did you mean `{near}`?"),
        None => format!("unknown rule or group `{name}`; `cargo spawnlint rules` lists them"),
    }
}

/// The candidate that looks most like `wanted`, if one does.
pub fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|name| (strsim::jaro_winkler(wanted, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.8).then_some(best.1)
}

/// A name as rules write it: with `_`, and without `spawnlint::`.
pub fn plain(name: &str) -> String {
    name.strip_prefix("spawnlint::").unwrap_or(name).replace('-', "_")
}
