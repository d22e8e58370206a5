//! `cargo spawnlint completions` and `cargo spawnlint man`, beside the shells and readers of manuals that are there.

use crate::{
    bad_input::{Closed, Full},
    support::{Folder, Run},
};
use cargo_spawnlint::Exit;
use expect_test::expect;
use spawnlint_rules::rules::RULES;
use std::process::{Command, Output};

fn print(args: &[&str]) -> String {
    let out = Run::default().rules(RULES).args(args).run_in(&Folder::new(&[]).path());
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Clean, ""));
    out.stdout
}

/// Runs a program with a file; nothing if there is no such program here.
fn run(program: &str, args: &[&str], text: &str) -> Option<Output> {
    let folder = Folder::new(&[("input", text)]);
    let output = Command::new(program).args(args).arg("input").current_dir(folder.path()).output();
    match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        output => Some(output.unwrap()),
    }
}

/// Completes the last of these words as bash does when somebody presses the tab key.
const ASK: &str = r#"
ask() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    [[ $(complete -p "$1") =~ ' -F '([^ ]+) ]]
    "${BASH_REMATCH[1]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "$*: ${COMPREPLY[*]}"
}
"#;

/// What bash completes after it has read the script, and what is asked.
fn bash(asked: &str) -> String {
    let script = print(&["completions", "bash"]);
    let folder = Folder::new(&[("completions.bash", &script)]);
    // Unset variables are errors in some people's shells.
    let command = format!("set -u\n{ASK}\n{asked}");
    let out = Command::new("bash").args(["--norc", "-c", &command]).current_dir(folder.path()).output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn every_shell_can_read_its_script() {
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "-n"), ("elvish", "-compileonly")] {
        let script = print(&["completions", shell]);
        assert_eq!(script, print(&["completions", shell]));
        // The script of elvish knows no values.
        let values = if shell == "elvish" { vec![] } else { vec!["never_cancelled_token", "sarif"] };
        for word in ["baseline", "prune-baseline"].into_iter().chain(values) {
            assert!(script.contains(word), "{shell}: {word}");
        }
        if let Some(out) = run(shell, &[check], &script) {
            assert!(out.status.success(), "{shell}: {}", String::from_utf8_lossy(&out.stderr));
        }
    }
    assert!(
        print(&["completions", "powershell"])
            .contains("Register-ArgumentCompleter -Native -CommandName 'cargo-spawnlint'")
    );
    let zsh = print(&["completions", "zsh"]);
    // cargo's own completions look for a function of this name; files may stand where commands do.
    assert!(zsh.starts_with("#compdef cargo-spawnlint\n") && zsh.contains("\n_cargo-spawnlint() {\n"), "{zsh}");
    assert_eq!(zsh.matches("commands \"$@\" || _files\n").count(), 1);
    let out = Folder::new(&[]).run(&["completions", "bsh"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{}", out.stderr);
    assert!(out.stderr.contains("a similar value exists: 'bash'"), "{}", out.stderr);
}

#[test]
fn bash_completes_the_program_and_the_subcommand() {
    let told = bash(
        "source completions.bash
         ask cargo-spawnlint bas
         ask cargo-spawnlint --prune
         ask cargo-spawnlint src/li
         ask cargo spawnlint bas
         ask cargo +nightly spawnlint --max
         ask cargo spawnlint --deny never
         ask cargo spawnlint -D wa
         ask cargo spawnlint explain dou
         ask cargo spawnlint check --message-format sa
         ask cargo spawnlint baseline --outp
         ask cargo spawnlint completions ''",
    );
    expect![[r#"
        cargo-spawnlint bas: baseline
        cargo-spawnlint --prune: --prune-baseline
        cargo-spawnlint src/li: 
        cargo spawnlint bas: baseline
        cargo +nightly spawnlint --max: --max-findings
        cargo spawnlint --deny never: never_cancelled_token
        cargo spawnlint -D wa: waste warnings
        cargo spawnlint explain dou: double_spawn
        cargo spawnlint check --message-format sa: sarif
        cargo spawnlint baseline --outp: --output
        cargo spawnlint completions : -h --help bash elvish fish powershell zsh
    "#]]
    .assert_eq(&told);
}

#[test]
fn bash_keeps_all_else_that_completes_cargo() {
    let told = bash(
        "_cargo() { COMPREPLY=(cargos \"$2\" \"$3\"); }
         source completions.bash
         complete -p cargo
         complete -o nospace -W \"build 'a b'\" -C 'tool --complete' -F _cargo -X '!*.rs' cargo
         source completions.bash
         source completions.bash
         complete -p cargo
         ask cargo build
         complete -o nosort -C 'tool --complete' cargo
         unset _cargo_spawnlint_other
         # There is nothing to be read late.
         _comp_load() { :; }
         source completions.bash
         ask cargo build
         ask cargo spawnlint bas
         complete -p cargo",
    );
    expect![[r#"
        complete -o bashdefault -o default -F _cargo_spawnlint_of_cargo cargo
        complete -o nospace -W 'build '\''a b'\''' -X '!*.rs' -C 'tool --complete' -F _cargo_spawnlint_of_cargo cargo
        cargo build: cargos build cargo
        cargo build: 
        cargo spawnlint bas: baseline
        complete -o nosort -C 'tool --complete' -F _cargo_spawnlint_of_cargo cargo
    "#]]
    .assert_eq(&told);
}

#[test]
fn bash_keeps_what_completes_cargo() {
    let told = bash(
        "_cargo() { COMPREPLY=(cargos \"$2\" \"$3\"); }
         complete -F _cargo cargo
         source completions.bash
         source completions.bash
         ask cargo build
         ask cargo spawnlint
         ask cargo spawnlint bas
         # Read late, as bash-completion does it.
         complete -r cargo
         unset _cargo_spawnlint_other
         _comp_load() { complete -F _cargo \"$1\"; }
         source completions.bash
         ask cargo build
         ask cargo build --re
         ask cargo spawnlint bas",
    );
    expect![[r#"
        cargo build: cargos build cargo
        cargo spawnlint: cargos spawnlint cargo
        cargo spawnlint bas: baseline
        cargo build: cargos build cargo
        cargo build --re: cargos --re build
        cargo spawnlint bas: baseline
    "#]]
    .assert_eq(&told);
}

/// Where there is a fish.
#[test]
fn fish_completes_the_program_and_the_subcommand() {
    let ask = "source input
        for it in 'cargo-spawnlint bas' 'cargo spawnlint bas' 'cargo +nightly spawnlint --prune' \
                'cargo spawnlint baseline --deny dou' 'cargo spawnlint check inp' 'cargo spawnlint inp'
            echo $it: (complete -C $it | string split -f1 \\t)
        end";
    let script = print(&["completions", "fish"]);
    let Some(out) = run("fish", &["--no-config", "-c", ask], &script) else { return };
    expect![[r#"
        cargo-spawnlint bas: baseline
        cargo spawnlint bas: baseline
        cargo +nightly spawnlint --prune: --prune-baseline
        cargo spawnlint baseline --deny dou: double_spawn
        cargo spawnlint check inp: input
        cargo spawnlint inp: input
    "#]]
    .assert_eq(&String::from_utf8(out.stdout).unwrap());
}

#[test]
fn the_manual_has_everything_on_one_page() {
    let page = print(&["man"]);
    assert_eq!(page, print(&["man"]));
    let mut sections = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect::<Vec<_>>().join(", ");
    sections.retain(|it| it != '"');
    expect!["NAME, SYNOPSIS, DESCRIPTION, OPTIONS, PACKAGE SELECTION, TARGET SELECTION, LEVELS, NEW FINDINGS, FIXING, OUTPUT, RUNNING, CARGO SPAWNLINT BASELINE, CARGO SPAWNLINT TASKS, CARGO SPAWNLINT OWNERS, CARGO SPAWNLINT CONFIG, CARGO SPAWNLINT LSP, CARGO SPAWNLINT RULES, CARGO SPAWNLINT EXPLAIN, CARGO SPAWNLINT COMPLETIONS, CARGO SPAWNLINT MAN, NOTES, EXIT STATUS, EXAMPLES, SEE ALSO"].assert_eq(&sections);
    // Each thing that groff does not understand is a line here.
    if let Some(out) = run("groff", &["-man", "-ww", "-z", "-Kutf8", "-rLL=200n"], &page) {
        assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    if let Some(out) = run("groff", &["-man", "-Tascii", "-P-c", "-rLL=200n", "-P-b", "-P-u"], &page) {
        let told = String::from_utf8(out.stdout).unwrap();
        let has = |text: &str| assert!(told.contains(text), "{text:?}\n{told}");
        has("NAME\n       cargo-spawnlint - Find async tasks that nobody can stop anymore\n");
        has(
            "SYNOPSIS\n       cargo spawnlint [OPTIONS] [PATH]... [-- <LEVELS>...]\n       cargo spawnlint <COMMAND>\n       cargo spawnlint check [OPTIONS] [PATH]... [-- <LEVELS>...]\n",
        );
        has("       --prune-baseline\n              Remove baseline entries that no longer occur\n");
        has(
            "\nCARGO SPAWNLINT EXPLAIN\n       Explain a rule: what it reports, why it matters and how to fix it\n\n       cargo spawnlint explain <RULE>\n",
        );
        has(
            "\nEXIT STATUS\n         0  everything was analyzed, and no finding is at deny level; warnings alone exit with code 0\n         1  ",
        );
        has("\n         cargo spawnlint --diff               what --fix would change, as a patch\n");
    }
}

#[test]
fn a_reader_may_have_had_enough_and_a_disk_may_be_full() {
    for args in [&["man"] as &[&str], &["completions", "bash"]] {
        let folder = Folder::new(&[]).path();
        assert_eq!(Run::default().args(args).run_into(&folder, &mut Closed), (Exit::Clean, String::new()));
        let told = "error: cannot write to standard output: no storage space\n".to_owned();
        assert_eq!(Run::default().args(args).run_into(&folder, &mut Full), (Exit::Incomplete, told));
    }
}
