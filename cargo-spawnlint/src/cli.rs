//! The command line: what it takes, what it prints where, and how it exits.
//!
//! The report goes to standard output; progress, phases, the closing line and usage errors go to standard error.

mod allow;
mod args;
mod baseline;
mod check;
mod completions;
mod config;
mod fix;
mod input;
mod io;
mod lsp;
mod man;
mod named;
mod narrow;
mod outputs;
mod owners;
mod progress;
mod rules;
mod run;
mod tasks;

pub use io::{Exit, Io, Terminal};

use crate::output::Color;
use args::{Args, Command};
use clap::{
    CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use spawnlint_rules::{rule::Rule, rules::RULES};
use std::ffi::OsString;

/// Runs the program as the process would: `args` begin with its name.
pub fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> Exit {
    run_with(RULES, args, io)
}

/// As [`run`], with other rules.
pub fn run_with(rules: &'static [&'static Rule], args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> Exit {
    let mut args: Vec<OsString> = args.into_iter().collect();
    // cargo runs `cargo-spawnlint spawnlint ..` for `cargo spawnlint ..`.
    if args.get(1).is_some_and(|it| it == "spawnlint") {
        args.remove(1);
    }
    let parsed = Args::command().try_get_matches_from(args).and_then(|matches| {
        let parsed = Args::from_arg_matches(&matches)?;
        Ok((parsed, matches))
    });
    let (args, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return told(&without_detour(rules, error), io),
    };
    let result = match &args.command {
        None => check::check(rules, &args.check, &matches, io),
        Some(Command::Check(check)) => {
            let matches = matches.subcommand_matches("check").unwrap_or(&matches);
            check::check(rules, check, matches, io)
        }
        Some(Command::Baseline(args)) => {
            let matches = matches.subcommand_matches("baseline").unwrap_or(&matches);
            baseline::write(rules, args, matches, io)
        }
        Some(Command::Tasks(args)) => tasks::list(rules, args, io),
        Some(Command::Owners(args)) => owners::list(rules, args, io),
        Some(Command::Config(args)) => {
            let matches = matches.subcommand_matches("config").unwrap_or(&matches);
            check::levels(rules, matches).and_then(|levels| config::config(&levels, args, io))
        }
        Some(Command::Rules { format }) => rules::list(rules, *format, io),
        Some(Command::Explain { rule }) => rules::explain(rules, rule, io),
        Some(Command::Completions { shell }) => completions::print(rules, *shell, io),
        Some(Command::Lsp(args)) => lsp::serve(rules, args, io),
        Some(Command::Man) => man::print(io),
    };
    result.unwrap_or_else(|error| {
        // There is nowhere left to tell of a standard error that is closed.
        writeln!(io.stderr, "error: {}", io::printable(&format!("{error:#}"))).ok();
        Exit::Usage
    })
}

/// Who misspells a flag does not mean a path of that name, which is what clap thinks of where nothing else is near. Who
/// makes a flag of a rule means no flag at all.
fn without_detour(rules: &[&'static Rule], mut error: clap::Error) -> clap::Error {
    let given = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(given)) if error.kind() == ErrorKind::UnknownArgument => given.clone(),
        _ => String::new(),
    };
    if let Some(rule) = named::rule_called(rules, &given) {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("`{rule}` is a rule: `-D {rule}` sets its level, and `--explain {rule}` prints its page");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return error;
    }
    if error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::SuggestedArg).is_none() {
        error.remove(ContextKind::Suggested);
    }
    error
}

/// Help and version go to standard output, a wrong flag to standard error.
fn told(error: &clap::Error, io: &mut Io<'_>) -> Exit {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let styled = error.render();
    if is_help {
        let text = inked(&styled, io.stdout_color(args::ColorChoice::Auto));
        write!(io.stdout, "{text}").ok();
        return Exit::Clean;
    }
    let text = inked(&styled, io.stderr_color(args::ColorChoice::Auto));
    write!(io.stderr, "{text}").ok();
    Exit::Usage
}

fn inked(text: &clap::builder::StyledStr, color: Color) -> String {
    match color {
        Color::Ansi => text.ansi().to_string(),
        Color::Plain => text.to_string(),
    }
}
