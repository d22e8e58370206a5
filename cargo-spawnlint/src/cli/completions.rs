//! `cargo spawnlint completions`.
//!
//! The scripts complete `cargo-spawnlint`, as those of other subcommands do: cargo's own zsh completion asks for
//! them, and so does its bash completion where bash-completion is new enough. cargo's completions are often not
//! installed, though, and those of fish ask nobody, so the scripts for bash and fish complete `cargo spawnlint`, too.

use super::{
    args::{Args, MessageFormat},
    io::{Exit, Io},
};
use crate::levels;
use anyhow::Result;
use clap::{Arg, Command, CommandFactory, ValueEnum, builder::PossibleValuesParser};
use clap_complete::Shell;
use spawnlint_rules::rule::Rule;

const PROGRAM: &str = "cargo-spawnlint";

/// clap_complete 4.6 writes a `-` of the program's name in two ways into a script for bash, and so finds no subcommand
/// of a name that has one (clap-rs/clap#6421).
const NAME_IN_BASH: &str = "cargo_spawnlint";

pub(super) fn print(rules: &[&'static Rule], shell: Shell, io: &mut Io<'_>) -> Result<Exit> {
    let name = if shell == Shell::Bash { NAME_IN_BASH } else { PROGRAM };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(name, rules), name, &mut script);
    let script = String::from_utf8(script)?;
    io.print(&match shell {
        Shell::Bash => {
            let end = format!(" {PROGRAM}\n");
            script.replace(&format!(" {NAME_IN_BASH}\n"), &end) + include_str!("completions/cargo.bash")
        }
        Shell::Fish => script + include_str!("completions/cargo.fish"),
        // Files are not among the commands, but may stand where they do.
        Shell::Zsh => script.replacen(ZSH_COMMANDS, &format!("{ZSH_COMMANDS} || _files"), 1),
        _ => script,
    })
}

/// How the generated script completes the first word.
const ZSH_COMMANDS: &str = "_describe -t commands 'cargo-spawnlint commands' commands \"$@\"";

/// The command line under the name of the program: a name of two words is none to a shell. Of paths beside commands
/// the generated scripts make places for two words, so they are left to what a shell does by itself.
fn command(name: &'static str, rules: &[&'static Rule]) -> Command {
    let command = with_values(Args::command(), rules);
    let is_path = |id: &clap::Id| command.get_positionals().any(|it| it.get_id() == id);
    Command::new(name)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(command.get_arguments().filter(|it| !it.is_positional()))
        .groups(command.get_groups().filter(|group| !group.get_args().any(is_path)))
        .subcommands(command.get_subcommands().map(|it| it.clone().bin_name(format!("{name} {}", it.get_name()))))
}

/// The command with the values that are read by code of our own, for better messages, and which a shell cannot know.
fn with_values(command: Command, rules: &[&'static Rule]) -> Command {
    let names: Vec<&'static str> = levels::with_comments(rules).map(|rule| rule.name).collect();
    let mut levels = names.clone();
    for rule in levels::with_comments(rules) {
        if !levels.contains(&rule.group.name()) {
            levels.push(rule.group.name());
        }
    }
    levels.extend(["warnings", "all"]);
    let formats: Vec<_> = MessageFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
    let with_values = |arg: Arg| match arg.get_id().as_str() {
        "allow" | "warn" | "deny" => arg.value_parser(PossibleValuesParser::new(&levels)),
        "rule" | "explain" => arg.value_parser(PossibleValuesParser::new(&names)),
        "message_format" => arg.value_parser(PossibleValuesParser::new(formats.clone())),
        _ => arg,
    };
    command.mut_args(with_values).mut_subcommands(|command| command.mut_args(with_values))
}
