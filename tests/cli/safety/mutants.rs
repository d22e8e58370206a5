//! Texts that nobody would write. `tests/examples/mutants.rs` tries many more of them.

use crate::support::{Folder, Run};
use cargo_spawnlint::Exit;
use spawnlint_rules::rules::RULES;
use spawnlint_tests::{
    ordeal::{Figures, Mutant},
    root,
    subject::Pool,
};
use std::fs;

/// A few hundred, in some seconds.
const MANY: u64 = 240;

/// Two tests, for two threads.
#[test]
fn mutants_of_fixtures_go_through_everything() {
    undergo((0..MANY).step_by(2));
}

#[test]
fn more_mutants_of_fixtures_go_through_everything() {
    undergo((1..MANY).step_by(2));
}

fn undergo(seeds: impl Iterator<Item = u64>) {
    let pool = Pool::of_fixtures().in_pieces();
    let mut figures = Figures::default();
    for mutant in seeds.map(|seed| Mutant::new(&pool, seed)) {
        match mutant.undergo() {
            Ok(of_one) => figures.add(of_one),
            Err(why) => panic!("{}\n{why}", mutant.print()),
        }
    }
    // Otherwise they show nothing.
    assert!(figures.parsed * 2 > figures.mutants && figures.found * 3 > figures.mutants, "{figures}");
    assert!(figures.applied > figures.mutants && figures.comments > figures.mutants, "{figures}");
}

#[test]
fn mutants_on_disk_end_with_the_exit_codes_that_there_are() {
    let pool = Pool::of_fixtures().in_pieces();
    let flags: [&[&str]; 6] = [
        &["--message-format", "json"],
        &["tasks"],
        &["--message-format", "sarif"],
        &["--diff", "--unsafe-fixes"],
        &["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"],
        &["--add-suppressions", "known", "--allow-no-vcs"],
    ];
    for seed in MANY..MANY + 12 {
        let mutant = Mutant::new(&pool, seed);
        let (_, text) = mutant.subject.files.iter().find(|(path, _)| *path == mutant.path).unwrap();
        let folder = Folder::new(&[("demo.rs", text)]);
        for flags in flags {
            let runs = [0, 1].map(|_| {
                let out = Run::default().rules(RULES).args(flags).args(&["demo.rs"]).run_in(&folder.path());
                let is_known = matches!(out.exit, Exit::Clean | Exit::Findings | Exit::Incomplete);
                assert!(is_known, "seed {seed}, {flags:?}: {}\n{text}", out.stderr);
                assert!(!(out.stdout + &out.stderr).contains("bug in spawnlint"), "seed {seed}, {flags:?}\n{text}");
                fs::read(folder.path().join("demo.rs")).unwrap()
            });
            assert!(runs[0] == runs[1], "seed {seed}: a second run of {flags:?} changes something\n{text}");
        }
    }
}

/// A rewrite that brings a finding of the same rule to the same place: 0.1 left it for another run.
#[test]
fn one_run_is_enough_for_two_steps() {
    let workspace = root().join("test-fixtures/workspaces/streaming-service");
    let folder = Folder::new(&[]);
    spawnlint_tests::copy_folder(&workspace, &folder.path());
    let path = "server/src/admin.rs";
    let text = fs::read_to_string(folder.path().join(path)).unwrap();
    let (before, behind) = text.split_once("tokio::time::sleep(Duration::from_secs(60)).await;").unwrap();
    folder.write(path, format!("{before}{behind}"));
    let fix = || {
        let flags = ["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs", "-W", "all"];
        Run::default().rules(RULES).args(&flags).run_in(&folder.path()).stderr
    };
    let first = fix();
    assert!(
        first.contains("yield in each iteration, so that an abort can take effect [ineffective_abort]\n"),
        "{first}"
    );
    let second = fix();
    assert!(second.contains("\nnothing was applied") || second.starts_with("nothing was applied"), "{second}");
}
