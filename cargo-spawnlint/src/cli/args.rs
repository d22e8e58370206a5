//! The flags, as clap reads them.

use clap::{
    Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, styling},
};
use spawnlint_rules::program::{EndingKind, Fate, Verdict};
use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

const STYLES: styling::Styles = styling::Styles::styled()
    .header(styling::AnsiColor::Green.on_default().bold())
    .usage(styling::AnsiColor::Green.on_default().bold())
    .literal(styling::AnsiColor::Cyan.on_default().bold())
    .placeholder(styling::AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Nothing of the linted project is run, built or downloaded: the files are only read. The exception is --verify, which
runs `cargo check` before and after --fix.
The report goes to standard output; progress, figures and errors of usage go to standard error.

Exit codes:
  0  everything was analysed and nothing at deny level was found; warnings alone end here
  1  something at deny level was found (-D warnings, -D <rule>)
  2  the command line, a Cargo.toml or a path is wrong, or --fix may not begin; nothing was analysed or changed
  3  something could not be analysed, such as a file that does not parse, or not be written; this outranks 1
With --fix the findings that count are those that are left; with --diff all do, since nothing is changed.

Examples:
  cargo spawnlint                      check the packages that `cargo build` would build
  cargo spawnlint -D warnings          the same, and fail on findings, as for CI
  cargo spawnlint -p server src/net    what is in one folder of one package
  cargo spawnlint --diff               what --fix would change, as a patch
  cargo spawnlint --fix --unsafe-fixes apply what may be incorrect too, and take back what does not build
  cargo spawnlint tasks                list every task, with what is known of it
  cargo spawnlint explain <RULE>       what a rule finds, why it matters and what to do";

const TASKS_HELP: &str = "\
The verdict on a task is one of:
  leaks      it lives long, nobody can end it, and a rule of the leak group says so
  unknown    too little is known of its ending, or of who holds it; the list says why
  held       somebody awaits it, aborts it or owns it
  short      it is over soon
  stoppable  a signal ends it, and somebody can give that
  peer       it ends when the other end of a connection does
  process    it is started once per process

Exit codes:
  0  everything was analysed
  2  the command line, a Cargo.toml or a path is wrong; nothing was analysed
  3  something could not be analysed, such as a file that does not parse

Examples:
  cargo spawnlint tasks                       the tasks of the packages that `cargo build` would build
  cargo spawnlint tasks -p server             those of one package
  cargo spawnlint tasks --verdict unknown     what the analyser cannot tell, and why
  cargo spawnlint tasks --format dot | dot -Tsvg -o tasks.svg";

/// Find the tokio tasks that nobody can stop any more
#[derive(Debug, Parser)]
#[command(
    name = "cargo spawnlint",
    bin_name = "cargo spawnlint",
    version,
    styles = STYLES,
    args_conflicts_with_subcommands = true,
    after_help = AFTER_HELP
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: Check,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check code; this is what happens if no command is named
    #[command(after_help = AFTER_HELP)]
    Check(Box<Check>),
    /// List every task: where it is spawned, what runs, when it ends, who has it, what ends it
    #[command(after_help = TASKS_HELP)]
    Tasks(Box<Tasks>),
    /// List the rules with their groups and levels
    Rules,
    /// Print the page of a rule: what it finds, why it leaks, what to do
    Explain {
        /// The rule, with `-` or `_`
        rule: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) look: Look,

    /// Do not report a rule or group; `warnings` and `all` are groups too, and the last flag wins
    #[arg(short = 'A', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) allow: Vec<String>,
    /// Report a rule or group
    #[arg(short = 'W', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) warn: Vec<String>,
    /// Report a rule or group, and exit with 1 if it finds something
    #[arg(short = 'D', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) deny: Vec<String>,
    #[command(flatten)]
    pub(super) long: Long,

    #[command(flatten)]
    pub(super) fixing: Fixing,

    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    pub(super) message_format: MessageFormat,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tasks {
    #[command(flatten)]
    pub(super) look: Look,

    /// List only tasks whose handle has this fate; several are separated by commas
    #[arg(long, value_name = "FATE", value_delimiter = ',', value_parser = fates(), help_heading = "Filters")]
    pub(super) fate: Vec<String>,
    /// List only tasks that end like this
    #[arg(long, value_name = "ENDING", value_delimiter = ',', value_parser = endings(), help_heading = "Filters")]
    pub(super) ending: Vec<String>,
    /// List only tasks that are judged so
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdicts(), help_heading = "Filters")]
    pub(super) verdict: Vec<String>,
    #[command(flatten)]
    pub(super) long: Long,

    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    pub(super) format: TasksFormat,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

// What is looked at. No doc comments on what is flattened: clap would take them for those of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Look {
    /// Report only what is in these files and folders; `-` reads one file from standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Check this package
    #[arg(short, long, value_name = "SPEC", help_heading = "Package selection")]
    pub(super) package: Vec<String>,
    /// Check all packages of the workspace
    #[arg(long, visible_alias = "all", help_heading = "Package selection")]
    pub(super) workspace: bool,
    /// Leave out this package
    #[arg(long, value_name = "SPEC", help_heading = "Package selection")]
    pub(super) exclude: Vec<String>,
    /// Path of a Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Package selection")]
    pub(super) manifest_path: Option<PathBuf>,

    /// Check libraries
    #[arg(long, help_heading = "Target selection")]
    pub(super) lib: bool,
    /// Check programs
    #[arg(long, help_heading = "Target selection")]
    pub(super) bins: bool,
    /// Check tests too: integration tests and code under `cfg(test)`
    #[arg(long, help_heading = "Target selection")]
    pub(super) tests: bool,
    /// Check everything: tests, benches, examples and build scripts too
    #[arg(long, help_heading = "Target selection")]
    pub(super) all_targets: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Long {
    /// From which duration on a wait counts as long: `500ms`, `30s`, `5m`, `1h`
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s", help_heading = "Levels")]
    pub(super) long_wait: Duration,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("mending").args(["fix", "diff"]))]
pub(super) struct Fixing {
    /// Apply the rewrites that are machine applicable, and report what is left
    #[arg(long, help_heading = "Fixing")]
    pub(super) fix: bool,
    /// Print what --fix would change as a patch for `git apply`, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "message_format"], help_heading = "Fixing")]
    pub(super) diff: bool,
    /// With --fix or --diff: the rewrites that may be incorrect, too
    #[arg(long, requires = "mending", help_heading = "Fixing")]
    pub(super) unsafe_fixes: bool,
    /// Run `cargo check` before and after, and take back what does not build [default with --unsafe-fixes]
    #[arg(long, requires = "fix", conflicts_with_all = ["no_verify", "diff"], help_heading = "Fixing")]
    pub(super) verify: bool,
    /// Do not build
    #[arg(long, requires = "fix", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) no_verify: bool,
    /// Fix code even if something is not committed
    #[arg(long, requires = "fix", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_dirty: bool,
    /// Fix code even if something is staged
    #[arg(long, requires = "fix", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_staged: bool,
    /// Fix code even if there is no version control
    #[arg(long, requires = "fix", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_no_vcs: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tell {
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) color: ColorChoice,
    /// Print the report only: no progress, no closing line
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// Print what took how long
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Running {
    /// Number of threads; the output is the same for any [default: one per processor]
    #[arg(short, long, value_name = "N", help_heading = "Running")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Parse every file anew, and leave no cache in the target folder
    #[arg(long, help_heading = "Running")]
    pub(super) no_cache: bool,
    /// Accepted as cargo does, and passed on to it by --verify; without that the network is never used
    #[arg(long, help_heading = "Running")]
    pub(super) offline: bool,
}

/// `--message-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// With source, for people
    Human,
    /// One line each
    Short,
    /// The messages of `cargo check --message-format=json`
    Json,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TasksFormat {
    /// A table for people
    Human,
    /// One document with everything that is known
    Json,
    /// A graph for graphviz
    Dot,
    /// A flowchart for Markdown
    Mermaid,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR or CARGO_TERM_COLOR say otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn fates() -> PossibleValuesParser {
    Fate::WORDS.into()
}

fn endings() -> PossibleValuesParser {
    EndingKind::WORDS.into()
}

fn verdicts() -> PossibleValuesParser {
    Verdict::ALL.map(Verdict::word).into()
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "a duration begins with a whole number: `30s`".to_owned())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)),
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "" => return Err(format!("a duration has a unit: `{number}s`, `{number}m`")),
        _ => return Err(format!("the unit `{unit}` is none of `ms`, `s`, `m`, `h`")),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(
            duration("2").is_err() && duration("s").is_err() && duration("-1s").is_err() && duration("1x").is_err()
        );
    }
}
