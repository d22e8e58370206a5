//! What stands below the flags in the help of each command: exit codes, words and examples.

pub(super) const AFTER_HELP: &str = "\
No code from the linted project is run, built or downloaded: files are only read. The exception is --verify, which runs
`cargo check` before and after --fix.
The report goes to standard output; progress, the closing line and usage errors go to standard error.

Exit codes:
  0  everything was analyzed, and no finding is at deny level; warnings alone exit with code 0
  1  a finding is at deny level (-D warnings, -D <rule>), or there are more than --max-findings
  2  the command line, a configuration file or a path is wrong, or --fix refuses to start; nothing was analyzed or changed
  3  something could not be analyzed, such as a file that does not parse, or could not be written; takes precedence over 1
With --fix, only the remaining findings count; with --diff, all findings count.

Examples:
  cargo spawnlint                      check the packages that `cargo build` would build
  cargo spawnlint -D warnings          the same, and fail on findings, as in CI
  cargo spawnlint -- -D warnings       the same, as with clippy
  cargo spawnlint server/src/net       report only findings in one folder
  cargo spawnlint --message-format sarif=out.sarif,github
                                       a file for code scanning, and annotations on standard output
  cargo spawnlint --diff               what --fix would change, as a patch
  cargo spawnlint --fix --unsafe-fixes also apply fixes that may be incorrect, and undo any that do not build
  cargo spawnlint --since origin/main  report only findings on lines changed on this branch
  cargo spawnlint --baseline spawnlint-baseline.json
                                       report only findings that `cargo spawnlint baseline` has not recorded
  cargo spawnlint tasks                list every task, who can stop it, and when it ends
  cargo spawnlint config               print the configuration that applies here
  cargo spawnlint explain <RULE>       print what a rule reports, why it matters and how to fix it";

pub(super) const TASKS_HELP: &str = "\
The verdict on a task is one of:
  leaks      a rule of the leak group reports it
  unknown    the code does not show when it ends or who holds its handle; the list says why
  held       something awaits it, aborts it or owns it
  short      it ends by itself soon
  stoppable  it ends on a signal that can still be sent
  peer       it ends when its peer closes the connection
  process    it is started once per process

Exit codes:
  0  everything was analyzed
  2  the command line, a configuration file or a path is wrong; nothing was analyzed
  3  something could not be analyzed, such as a file that does not parse

Examples:
  cargo spawnlint tasks                       the tasks of the packages that `cargo build` would build
  cargo spawnlint tasks -p server             the tasks of one package
  cargo spawnlint tasks --verdict unknown     the tasks that could not be judged, and why
  cargo spawnlint tasks --format dot | dot -Tsvg -o tasks.svg";

pub(super) const OWNERS_HELP: &str = "\
The verdict on a field is one of:
  never-ended      nothing ends the tasks behind it, or a task itself keeps the field alive
  only-by-method   only a method ends the tasks; dropping the value does not
  unknown          the code does not show what ends the tasks; the list says why
  handed-out       the field is handed out and not analyzed any further
  signals-on-drop  dropping the value tells the tasks to end, by cancelling a token or closing a channel
  ends-on-drop     dropping the value aborts the tasks

Exit codes:
  0  everything was analyzed
  2  the command line, a configuration file or a path is wrong; nothing was analyzed
  3  something could not be analyzed, such as a file that does not parse

Examples:
  cargo spawnlint owners                          the types of the packages that `cargo build` would build
  cargo spawnlint owners --verdict only-by-method what keeps running without a call to `stop()`";

pub(super) const LSP_HELP: &str = "\
An editor starts this; docs/editors.md says how to tell it to. The configuration is that of the command line.

Exit codes:
  0  the client sent `exit` after `shutdown`
  1  the client sent `exit` without `shutdown`, or closed a pipe
  2  the log cannot be written";

pub(super) const COMPLETIONS_HELP: &str = "\
Where the script goes:
  bash        ~/.bashrc: source <(cargo spawnlint completions bash)
  zsh         cargo spawnlint completions zsh > DIR/_cargo-spawnlint, where DIR is a folder in $fpath
  fish        ~/.config/fish/config.fish: cargo spawnlint completions fish | source
  elvish      rc.elv: eval (cargo spawnlint completions elvish | slurp)
  powershell  $PROFILE: cargo spawnlint completions powershell | Out-String | Invoke-Expression

With this, bash and fish complete both `cargo spawnlint` and `cargo-spawnlint`. For `cargo spawnlint`, zsh also needs
cargo's own completions, which come with Rust: `rustup completions zsh cargo`. elvish and powershell complete
`cargo-spawnlint`.";
