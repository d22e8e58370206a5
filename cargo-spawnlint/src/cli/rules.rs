//! `cargo spawnlint rules` and `cargo spawnlint explain`.

use super::{
    args::{Args, RulesFormat},
    io::{Exit, Io},
};
use crate::{
    levels::{self, Level, Subject},
    project::io_message,
};
use anyhow::{Result, bail};
use clap::CommandFactory;
use spawnlint_rules::rule::Rule;
use std::fmt::Write as _;

pub(super) fn list(rules: &[&'static Rule], format: RulesFormat, io: &mut Io<'_>) -> Result<Exit> {
    if format == RulesFormat::Json {
        let rules: Vec<serde_json::Value> = levels::with_comments(rules)
            .map(|rule| {
                serde_json::json!({
                    "name": rule.name,
                    "group": rule.group.name(),
                    "level": Level::default_of(rule.group).name(),
                    "summary": rule.summary(),
                })
            })
            .collect();
        return io.print(&(serde_json::to_string_pretty(&rules)? + "\n"));
    }
    let width = levels::with_comments(rules).map(|rule| rule.name.len()).max().unwrap_or(0).max("rule".len());
    let mut text = format!("{:width$}  {:7}  {:5}  summary\n", "rule", "group", "level");
    for rule in levels::with_comments(rules) {
        let level = Level::default_of(rule.group).name();
        writeln!(text, "{:width$}  {:7}  {level:5}  {}", rule.name, rule.group.name(), rule.summary())?;
    }
    text.push_str(
        "\n`cargo spawnlint explain <RULE>` explains a rule; -A, -W and -D set the level of a rule or group\n",
    );
    io.print(&text)
}

pub(super) fn explain(rules: &[&'static Rule], name: &str, io: &mut Io<'_>) -> Result<Exit> {
    match levels::find(rules, name) {
        Some(Subject::Rule(name)) => {
            let rule = levels::with_comments(rules).find(|rule| rule.name == name);
            let rule = rule.expect("it was found in the same rules");
            let level = Level::default_of(rule.group).name();
            let page = levels::page(rule);
            let group = rule.group.name();
            io.print(&format!("spawnlint::{name} (group {group}, {level} by default)\n\n{}\n", page))
        }
        Some(Subject::Group(group)) => {
            let names = levels::with_comments(rules).filter(|rule| rule.group == group).map(|rule| rule.name);
            let names: Vec<&str> = names.collect();
            bail!("`{}` is a group; its rules are {}", group.name(), names.join(", "))
        }
        Some(Subject::All) => bail!("`all` is every rule; `cargo spawnlint rules` lists them"),
        None => bail!("{}{}", levels::unknown_rule(rules, name, &[]), command_called(name)),
    }
}

/// A command is explained by its own help.
fn command_called(name: &str) -> String {
    let is_command = Args::command().get_subcommands().any(|it| it.get_name() == name);
    if is_command { format!("; for the command, `cargo spawnlint {name} --help`") } else { String::new() }
}

impl Io<'_> {
    /// Prints to a reader that may have had enough.
    pub(super) fn print(&mut self, text: &str) -> Result<Exit> {
        match self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                writeln!(self.stderr, "error: cannot write to standard output: {}", io_message(&error)).ok();
                Ok(Exit::Incomplete)
            }
            _ => Ok(Exit::Clean),
        }
    }
}
