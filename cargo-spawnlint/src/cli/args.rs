//! The flags, as clap reads them.

mod help;

use crate::{
    config::duration,
    output::{Detail, json::Rendering},
};
use clap::{
    Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, styling},
};
use clap_complete::Shell;
use help::{AFTER_HELP, COMPLETIONS_HELP, LSP_HELP, OWNERS_HELP, TASKS_HELP};
use spawnlint_analysis::questions::{EndingKind, Fate, OwnerVerdict, Verdict};
use std::{num::NonZeroUsize, path::PathBuf, sync::LazyLock, time::Duration};

const STYLES: styling::Styles = styling::Styles::styled()
    .header(styling::AnsiColor::Green.on_default().bold())
    .usage(styling::AnsiColor::Green.on_default().bold())
    .literal(styling::AnsiColor::Cyan.on_default().bold())
    .placeholder(styling::AnsiColor::Cyan.on_default());

/// The version, with the commit if whoever built the program named one.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    match option_env!("SPAWNLINT_COMMIT").filter(|it| !it.is_empty()) {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    }
});

/// Find async tasks that nobody can stop anymore
#[derive(Debug, Parser)]
#[command(
    name = "cargo spawnlint",
    bin_name = "cargo spawnlint",
    version = VERSION.as_str(),
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
    /// Check code (the default command)
    #[command(after_help = AFTER_HELP)]
    Check(Box<Check>),
    /// Record all findings in a file, so that `--baseline` reports only new ones
    Baseline(Box<Baseline>),
    /// List every task: where it is spawned, what it runs, when it ends, who can stop it
    #[command(after_help = TASKS_HELP)]
    Tasks(Box<Tasks>),
    /// List every type that can end tasks: what its fields hold, and what ends their tasks
    #[command(after_help = OWNERS_HELP)]
    Owners(Box<Owners>),
    /// Print the configuration that applies to a file or folder, and where each value comes from
    Config(Box<Config>),
    /// Serve an editor: diagnostics, fixes and hovers, by the language server protocol on standard input and output
    #[command(after_help = LSP_HELP)]
    Lsp(Lsp),
    /// List the rules with their groups and levels
    Rules {
        /// How to print the list
        #[arg(long, value_name = "FORMAT", default_value = "human")]
        format: RulesFormat,
    },
    /// Explain a rule: what it reports, why it matters and how to fix it
    Explain {
        /// The rule, with `-` or `_`
        rule: String,
    },
    /// Print shell completions for `cargo spawnlint` and `cargo-spawnlint`
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual, with all commands on one page: `cargo spawnlint man | man -l -`
    Man,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) look: Look,

    /// Explain a rule; the same as `cargo spawnlint explain RULE`
    #[arg(long, value_name = "RULE")]
    pub(super) explain: Option<String>,

    #[command(flatten)]
    pub(super) loud: Loud,
    #[command(flatten)]
    pub(super) settings: Settings,
    #[command(flatten)]
    pub(super) narrow: Narrow,

    #[command(flatten)]
    pub(super) fixing: Fixing,

    /// Exit with code 1 if there are more findings than this, at any level
    #[arg(long, value_name = "N", conflicts_with = "diff", help_heading = "Levels")]
    pub(super) max_findings: Option<usize>,

    /// How to print findings: human, short, json, sarif, github, gitlab, junit, rdjson, checkstyle or markdown;
    /// separate several with commas, each with its own file. Cargo's JSON variants work, too, such as
    /// json-diagnostic-rendered-ansi [default: human]
    #[arg(long, value_name = "FORMAT[=FILE]", value_delimiter = ',', value_parser = wanted,
        default_value = "human", hide_default_value = true, help_heading = "Output")]
    pub(super) message_format: Vec<Wanted>,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE", conflicts_with = "diff", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Count findings by rule and crate, and tasks by fate and ending
    #[arg(long, conflicts_with_all = ["fix", "diff"], help_heading = "Output")]
    pub(super) statistics: bool,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

#[derive(Debug, clap::Args)]
pub(super) struct Baseline {
    #[command(flatten)]
    pub(super) look: Look,

    #[command(flatten)]
    pub(super) loud: Loud,
    #[command(flatten)]
    pub(super) settings: Settings,

    /// Where to write the baseline [default: spawnlint-baseline.json at the root of the workspace]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tasks {
    #[command(flatten)]
    pub(super) look: Look,

    /// List only tasks whose handle has this fate; separate several with commas
    #[arg(long, value_name = "FATE", value_delimiter = ',', value_parser = fates(), help_heading = "Filters")]
    pub(super) fate: Vec<String>,
    /// List only tasks with this ending; separate several with commas
    #[arg(long, value_name = "ENDING", value_delimiter = ',', value_parser = endings(), help_heading = "Filters")]
    pub(super) ending: Vec<String>,
    /// List only tasks with this verdict; separate several with commas
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdicts(), help_heading = "Filters")]
    pub(super) verdict: Vec<String>,
    #[command(flatten)]
    pub(super) settings: Settings,

    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    pub(super) format: TasksFormat,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

#[derive(Debug, clap::Args)]
pub(super) struct Owners {
    #[command(flatten)]
    pub(super) look: Look,

    /// List only fields with this verdict; separate several with commas
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = owner_verdicts(), help_heading = "Filters")]
    pub(super) verdict: Vec<String>,
    #[command(flatten)]
    pub(super) settings: Settings,

    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    pub(super) format: OwnersFormat,
    #[command(flatten)]
    pub(super) tell: Tell,

    #[command(flatten)]
    pub(super) running: Running,
}

#[derive(Debug, clap::Args)]
pub(super) struct Config {
    /// The file or folder [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// Path to a Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) loud: Loud,
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Print the JSON schema of spawnlint.toml, for editors
    #[arg(long, conflicts_with_all = ["path", "manifest_path", "allow", "warn", "deny", "long_wait", "isolated"])]
    pub(super) schema: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Lsp {
    /// Write what happens to this file, to find out why something does not work
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,

    // Some clients say so.
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
}

// What is looked at. No doc comments on what is flattened: clap would take them for those of the command.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Look {
    /// Report only findings in these files and folders, or on one line: `src/main.rs:12`; `-` reads one file from
    /// standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Read the text of this file from standard input, and report only findings in that file
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,

    // Where cargo builds, and the cache is.
    #[arg(long, value_name = "DIRECTORY", hide = true)]
    pub(super) target_dir: Option<PathBuf>,

    /// Check this package; `*` and `?` are wildcards: `-p 'web-*'`
    #[arg(short, long, value_name = "SPEC", help_heading = "Package selection")]
    pub(super) package: Vec<String>,
    /// Check all packages of the workspace
    #[arg(long, visible_alias = "all", help_heading = "Package selection")]
    pub(super) workspace: bool,
    /// Leave out this package
    #[arg(long, value_name = "SPEC", help_heading = "Package selection")]
    pub(super) exclude: Vec<String>,
    /// Path to a Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Package selection")]
    pub(super) manifest_path: Option<PathBuf>,

    /// Check library targets
    #[arg(long, help_heading = "Target selection")]
    pub(super) lib: bool,
    /// Check binaries
    #[arg(long, help_heading = "Target selection")]
    pub(super) bins: bool,
    /// Check this binary
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub(super) bin: Vec<String>,
    /// Check tests too: integration tests and code under `cfg(test)`
    #[arg(long, help_heading = "Target selection")]
    pub(super) tests: bool,
    /// Check this integration test
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub(super) test: Vec<String>,
    /// Check examples
    #[arg(long, help_heading = "Target selection")]
    pub(super) examples: bool,
    /// Check this example
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub(super) example: Vec<String>,
    /// Check benches
    #[arg(long, help_heading = "Target selection")]
    pub(super) benches: bool,
    /// Check this bench
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub(super) bench: Vec<String>,
    /// Check everything: tests, benches, examples and build scripts too
    #[arg(long, help_heading = "Target selection")]
    pub(super) all_targets: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Loud {
    /// Also require an owner for every task; the same as `-W ownership`
    #[arg(long, help_heading = "Levels")]
    pub(super) strict: bool,
    /// Do not report a rule or group; `warnings` and `all` are groups, too; the last flag wins
    #[arg(short = 'A', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) allow: Vec<String>,
    /// Report a rule or group
    #[arg(short = 'W', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) warn: Vec<String>,
    /// Report a rule or group, and exit with code 1 if there are any findings
    #[arg(short = 'D', long, value_name = "RULE", help_heading = "Levels")]
    pub(super) deny: Vec<String>,
    /// Level flags as rustc and clippy take them: `-- -D warnings`
    #[arg(last = true, value_name = "LEVELS", allow_hyphen_values = true)]
    pub(super) after: Vec<String>,
}

// Which of the findings are told.
#[derive(Debug, clap::Args)]
pub(super) struct Narrow {
    /// Report only findings that are not in this file, which `cargo spawnlint baseline` writes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff"], help_heading = "New findings")]
    pub(super) baseline: Option<PathBuf>,
    /// Remove baseline entries that no longer occur
    #[arg(long, requires = "baseline", help_heading = "New findings")]
    pub(super) prune_baseline: bool,
    /// Report only findings on lines changed since HEAD diverged from this revision: `--since origin/main`
    #[arg(long, value_name = "REV", help_heading = "New findings")]
    pub(super) since: Option<String>,
    /// Report only findings on staged lines
    #[arg(long, conflicts_with_all = ["since", "fix", "diff"], help_heading = "New findings")]
    pub(super) staged: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// The shortest wait that counts as long: `500ms`, `30s`, `5m`, `1h` [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Levels")]
    pub(super) long_wait: Option<Duration>,
    /// Ignore spawnlint.toml and `metadata.spawnlint` in Cargo.toml
    #[arg(long, help_heading = "Levels")]
    pub(super) isolated: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("mending").args(["fix", "diff"]))]
#[command(group = clap::ArgGroup::new("writing").args(["fix", "add_suppressions"]))]
pub(super) struct Fixing {
    /// Apply fixes that are machine applicable, and report the remaining findings
    #[arg(long, help_heading = "Fixing")]
    pub(super) fix: bool,
    /// Print what --fix would change, as a patch for `git apply`, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "message_format"], help_heading = "Fixing")]
    pub(super) diff: bool,
    /// With --fix or --diff: also apply fixes that may be incorrect
    #[arg(long, requires = "mending", help_heading = "Fixing")]
    pub(super) unsafe_fixes: bool,
    /// Run `cargo check` before and after the fixes, and undo any that do not build [default with --unsafe-fixes]
    #[arg(long, requires = "fix", conflicts_with_all = ["no_verify", "diff"], help_heading = "Fixing")]
    pub(super) verify: bool,
    /// Do not run `cargo check`
    #[arg(long, requires = "fix", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) no_verify: bool,
    /// Write a suppression comment with this reason for every finding
    #[arg(
        long,
        value_name = "REASON",
        conflicts_with_all = ["fix", "diff", "baseline", "since", "staged"],
        help_heading = "Fixing"
    )]
    pub(super) add_suppressions: Option<String>,
    /// Fix code even if there are uncommitted changes
    #[arg(long, requires = "writing", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_dirty: bool,
    /// Fix code even if there are staged changes
    #[arg(long, requires = "writing", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_staged: bool,
    /// Fix code even without version control
    #[arg(long, requires = "writing", conflicts_with = "diff", help_heading = "Fixing")]
    pub(super) allow_no_vcs: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tell {
    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) color: ColorChoice,
    /// Print only the report: no progress, no closing line
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// Print each finding's evidence and fixes in full, and list items that are otherwise only counted; -vv also prints
    /// timings
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(super) verbose: u8,
}

impl Tell {
    /// Whether what is counted is named as well.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Whether the phases of the run are told.
    pub(super) fn has_phases(&self) -> bool {
        self.verbose > 1
    }

    /// How much is said of a finding.
    pub(super) fn detail(&self) -> Detail {
        if self.is_verbose() { Detail::Full } else { Detail::Brief }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Running {
    /// Number of threads; does not affect the output [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = jobs, help_heading = "Running")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Parse every file again, and write no cache
    #[arg(long, help_heading = "Running")]
    pub(super) no_cache: bool,
    #[command(flatten)]
    pub(super) building: Building,
}

// What people write after every command of cargo's. It says how to build, and so nothing to whoever only reads.
#[derive(Debug, clap::Args)]
pub(super) struct Building {
    /// Passed on to cargo by --verify, as are --locked, --frozen, --features, --all-features, --no-default-features,
    /// --target, --target-dir, --release, --profile and --keep-going
    #[arg(long, help_heading = "Running")]
    pub(super) offline: bool,
    #[arg(long, hide = true)]
    locked: bool,
    #[arg(long, hide = true)]
    frozen: bool,
    #[arg(short = 'F', long, value_name = "FEATURES", hide = true)]
    features: Vec<String>,
    #[arg(long, hide = true)]
    all_features: bool,
    #[arg(long, hide = true)]
    no_default_features: bool,
    #[arg(long, value_name = "TRIPLE", hide = true)]
    target: Vec<String>,
    #[arg(short, long, hide = true)]
    release: bool,
    #[arg(long, value_name = "NAME", hide = true)]
    profile: Option<String>,
    // Always on where something is built.
    #[arg(long, hide = true)]
    keep_going: bool,
}

impl Building {
    /// As cargo takes them.
    pub(super) fn flags(&self) -> Vec<String> {
        let switches = [
            (self.offline, "--offline"),
            (self.locked, "--locked"),
            (self.frozen, "--frozen"),
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
            (self.release, "--release"),
        ];
        let switches = switches.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name.to_owned());
        let features = self.features.iter().map(|it| format!("--features={it}"));
        let targets = self.target.iter().map(|it| format!("--target={it}"));
        let profile = self.profile.iter().map(|it| format!("--profile={it}"));
        switches.chain(features).chain(targets).chain(profile).collect()
    }
}

/// One of `--message-format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) format: MessageFormat,
    /// Of JSON.
    pub(super) rendering: Rendering,
    /// `None` and `-` are standard output.
    pub(super) file: Option<PathBuf>,
}

/// The formats of `--message-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    Human,
    Short,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
    Rdjson,
    Checkstyle,
    Markdown,
}

impl MessageFormat {
    /// As it is written on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |it| it.get_name().to_owned())
    }
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TasksFormat {
    /// A table for people
    Human,
    /// One document with everything that is known
    Json,
    /// A graph for Graphviz
    Dot,
    /// A flowchart for Markdown
    Mermaid,
}

/// `--format` of `owners`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OwnersFormat {
    /// A list for people
    Human,
    /// One document with everything that is known
    Json,
}

/// `--format` of `rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    /// A table for people
    Human,
    /// An array with an object for each rule
    Json,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR or CARGO_TERM_COLOR says otherwise
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

fn owner_verdicts() -> PossibleValuesParser {
    OwnerVerdict::ALL.map(OwnerVerdict::word).into()
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a number of at least 1, or omit the flag for one thread per processor".to_owned())
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(PathBuf::from(file))));
    let none = Rendering::default();
    if let Ok(format) = MessageFormat::from_str(name, false) {
        return Ok(Wanted { format, rendering: none, file });
    }
    let rendering = match name {
        "json-diagnostic-short" => Rendering { is_short: true, ..none },
        "json-diagnostic-rendered-ansi" => Rendering { is_colored: true, ..none },
        "json-render-diagnostics" => Rendering { is_apart: true, ..none },
        _ => none,
    };
    if rendering != none {
        return Ok(Wanted { format: MessageFormat::Json, rendering, file });
    }
    let names: Vec<String> = MessageFormat::value_variants().iter().map(|it| it.name()).collect();
    let near = crate::levels::nearest(name, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(format!("unknown format `{name}`{near} [possible values: {}]", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }
}
