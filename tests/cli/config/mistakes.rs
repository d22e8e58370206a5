//! What is wrong in a configuration, told with its place.

use super::wrong;
use crate::support::{Folder, MANIFEST};
use cargo_spawnlint::Exit;
use expect_test::expect;

#[test]
fn keys_that_nobody_knows() {
    wrong(
        "levls = 1",
        expect![[r#"
            error: spawnlint.toml:1:1: unknown key `levls`; did you mean `levels`?
              |
            1 | levls = 1
              | ^^^^^
              = help: allowed here: `levels`, `strict`, `long-wait`, `require-reason`, `exclude`, `override`, `cost`, `spawn`, `owner`, `stop`, `wrapper`
            error: spawnlint.toml:1:9: wrong type: integer `1`, expected a table
              |
            1 | levls = 1
              |         ^
              = help: write a table as `{ key = value }`, or as lines of `key = value` below `[name]`
        "#]],
    );
    wrong(
        "[[spawn]]\npath = \"a::b\"\ndrop = \"detach\"\nargs = 1",
        expect![[r#"
            error: spawnlint.toml:4:1: unknown key `args`; did you mean `arg`?
              |
            4 | args = 1
              | ^^^^
              = help: allowed here: `path`, `drop`, `runs`, `arg`
        "#]],
    );
    wrong(
        "[cost]\narrivals = 1",
        expect![[r#"
            error: spawnlint.toml:1:1: missing key `abandoned`
              |
            1 | [cost]
              | ^^^^^^
            error: spawnlint.toml:2:1: unknown key `arrivals`; did you mean `arrivals-per-second`?
              |
            2 | arrivals = 1
              | ^^^^^^^^
              = help: allowed here: `arrivals-per-second`, `abandoned`, `bytes-per-task`
        "#]],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    wrong(
        "long-wait = 3",
        expect![[r#"
        error: spawnlint.toml:1:13: wrong type: integer `3`, expected a duration such as "30s"
          |
        1 | long-wait = 3
          |             ^
    "#]],
    );
    wrong(
        "long-wait = \"3 y\"",
        expect![[r#"
            error: spawnlint.toml:1:13: unknown unit ` y`; expected `ms`, `s`, `m` or `h`
              |
            1 | long-wait = "3 y"
              |             ^^^^^
        "#]],
    );
    wrong(
        "exclude = \"src\"",
        expect![[r#"
            error: spawnlint.toml:1:11: wrong type: string "src", expected an array
              |
            1 | exclude = "src"
              |           ^^^^^
              = help: write `["src"]`
        "#]],
    );
    wrong(
        "[levels]\nleak = \"den\"",
        expect![[r#"
            error: spawnlint.toml:2:8: unknown value `den`; did you mean `deny`?
              |
            2 | leak = "den"
              |        ^^^^^
              = help: allowed here: `allow`, `warn`, `deny`
        "#]],
    );
    wrong(
        "[levels]\nleak = 1",
        expect![[r#"
            error: spawnlint.toml:2:8: wrong type: expected a string
              |
            2 | leak = 1
              |        ^
              = help: write a string in quotes: `"warn"`
        "#]],
    );
    wrong(
        "levels = []",
        expect![[r#"
            error: spawnlint.toml:1:10: wrong type: array, expected a table
              |
            1 | levels = []
              |          ^^
              = help: write a table as `{ key = value }`, or as lines of `key = value` below `[name]`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1",
        expect![[r#"
            error: spawnlint.toml:1:1: missing key `abandoned`
              |
            1 | [cost]
              | ^^^^^^
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1\nabandoned = 30",
        expect![[r#"
            error: spawnlint.toml:3:13: `abandoned` must be between 0 and 1
              |
            3 | abandoned = 30
              |             ^^
              = help: 30% is `0.3`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = nan\nabandoned = 0.3",
        expect![[r#"
            error: spawnlint.toml:2:23: `arrivals-per-second` must be greater than 0
              |
            2 | arrivals-per-second = nan
              |                       ^^^
              = help: write how many clients arrive per second, such as `100` or `0.5`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1\nabandoned = 0.3\nbytes-per-task = \"10 MX\"",
        expect![[r#"
            error: spawnlint.toml:4:18: unknown unit `MX`; expected one of `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`
              |
            4 | bytes-per-task = "10 MX"
              |                  ^^^^^^^
        "#]],
    );
}

#[test]
fn names_that_mean_nothing() {
    wrong(
        "[levels]\nleeky_name = \"deny\"",
        expect![[r#"
            error: spawnlint.toml:2:1: unknown rule or group `leeky_name`; did you mean `leaky_name`?
              |
            2 | leeky_name = "deny"
              | ^^^^^^^^^^
        "#]],
    );
    wrong(
        "[levels]\nleaky-name = \"deny\"\nleaky_name = \"warn\"",
        expect![[r#"
            error: spawnlint.toml:3:1: `leaky_name` already has a level, on line 2
              |
            3 | leaky_name = "warn"
              | ^^^^^^^^^^
              = help: remove one of them
        "#]],
    );
    wrong(
        "[[override]]\npaths = [\"src\"]\nlevels.lek = \"deny\"",
        expect![[r#"
            error: spawnlint.toml:3:8: unknown rule or group `lek`; did you mean `leak`?
              |
            3 | levels.lek = "deny"
              |        ^^^
        "#]],
    );
    wrong(
        "[[owner]]\npath = \"Guard\"",
        expect![[r#"
        error: spawnlint.toml:2:8: `Guard` is not a full path
          |
        2 | path = "Guard"
          |        ^^^^^^^
          = help: write `my_crate::module::function`, `my_crate::Type::method` or `crate::module::function`
    "#]],
    );
    wrong(
        "exclude = [\"../other\"]",
        expect![[r#"
        error: spawnlint.toml:1:12: a path cannot point outside the folder of this file; configure that folder in its own file
          |
        1 | exclude = ["../other"]
          |            ^^^^^^^^^^
    "#]],
    );
    wrong(
        "exclude = [\"a/**b\"]",
        expect![[r#"
        error: spawnlint.toml:1:12: not a valid pattern: recursive wildcards must form a single path component
          |
        1 | exclude = ["a/**b"]
          |            ^^^^^^^
    "#]],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "\
long-wait = 3
levls = 1
require-reason = \"yes\"
exclude = [\"../x\", \"src\", 7]

[levels]
leek = \"deny\"
waste = \"den\"
leaky-name = \"deny\"
leaky_name = \"warn\"

[cost]
abandoned = 30
arrivals = 4

[[spawn]]
drp = \"detach\"
path = \"spawn\"

[[override]]
levels = { lek = \"warn\" }
";
    wrong(
        text,
        expect![[r#"
            error: spawnlint.toml:1:13: wrong type: integer `3`, expected a duration such as "30s"
              |
            1 | long-wait = 3
              |             ^
            error: spawnlint.toml:2:1: unknown key `levls`; did you mean `levels`?
              |
            2 | levls = 1
              | ^^^^^
              = help: allowed here: `levels`, `strict`, `long-wait`, `require-reason`, `exclude`, `override`, `cost`, `spawn`, `owner`, `stop`, `wrapper`
            error: spawnlint.toml:3:18: wrong type: string "yes", expected a boolean
              |
            3 | require-reason = "yes"
              |                  ^^^^^
              = help: write `true` or `false`, without quotes
            error: spawnlint.toml:4:12: a path cannot point outside the folder of this file; configure that folder in its own file
              |
            4 | exclude = ["../x", "src", 7]
              |            ^^^^^^
            error: spawnlint.toml:4:27: wrong type: integer `7`, expected a string
              |
            4 | exclude = ["../x", "src", 7]
              |                           ^
              = help: write a string in quotes: `"warn"`
            error: spawnlint.toml:7:1: unknown rule or group `leek`; did you mean `leak`?
              |
            7 | leek = "deny"
              | ^^^^
            error: spawnlint.toml:8:9: unknown value `den`; did you mean `deny`?
              |
            8 | waste = "den"
              |         ^^^^^
              = help: allowed here: `allow`, `warn`, `deny`
            error: spawnlint.toml:10:1: `leaky_name` already has a level, on line 9
               |
            10 | leaky_name = "warn"
               | ^^^^^^^^^^
               = help: remove one of them
            error: spawnlint.toml:13:13: `abandoned` must be between 0 and 1
               |
            13 | abandoned = 30
               |             ^^
               = help: 30% is `0.3`
            error: spawnlint.toml:14:1: unknown key `arrivals`; did you mean `arrivals-per-second`?
               |
            14 | arrivals = 4
               | ^^^^^^^^
               = help: allowed here: `arrivals-per-second`, `abandoned`, `bytes-per-task`
            error: spawnlint.toml:17:1: unknown key `drp`; did you mean `drop`?
               |
            17 | drp = "detach"
               | ^^^
               = help: allowed here: `path`, `drop`, `runs`, `arg`
            error: spawnlint.toml:18:8: `spawn` is not a full path
               |
            18 | path = "spawn"
               |        ^^^^^^^
               = help: write `my_crate::module::function`, `my_crate::Type::method` or `crate::module::function`
            error: spawnlint.toml:20:1: missing key `paths`
               |
            20 | [[override]]
               | ^^^^^^^^^^^^
            error: spawnlint.toml:21:12: unknown rule or group `lek`; did you mean `leak`?
               |
            21 | levels = { lek = "warn" }
               |            ^^^
        "#]],
    );
    // In all files of a run.
    let folder = Folder::package(&[
        ("src/lib.rs", ""),
        ("spawnlint.toml", "a = 1"),
        ("src/spawnlint.toml", "b = [\nlong-wait = \"x\"\nc = = 1\n"),
    ]);
    folder.write("Cargo.toml", format!("{MANIFEST}[package.metadata.spawnlint]\nlevels = 3\n"));
    let out = folder.run(&[]);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""));
    let places: Vec<&str> = out.stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    expect![[r#"
        spawnlint.toml:1:1: unknown key `a`
        src/spawnlint.toml:2:11: unexpected `=` in array, expected value, `]`
        src/spawnlint.toml:3:1: missing comma between array elements, expected `,`
        Cargo.toml:6:10: wrong type: integer `3`, expected a table
    "#]]
    .assert_eq(&(places.join("\n") + "\n"));
}

#[test]
fn a_damaged_file() {
    wrong(
        "levels = {",
        expect![[r#"
        error: spawnlint.toml:1:11: unclosed inline table, expected `}`
          |
        1 | levels = {
          |           ^
    "#]],
    );
    wrong(
        "\u{1b}[31m = 1",
        expect![[r#"
        error: spawnlint.toml:1:2: key with no value, expected `=`
          |
        1 | ␛[31m = 1
          |  ^
    "#]],
    );
    let folder = Folder::package(&[("src/lib.rs", "")]);
    folder.write("spawnlint.toml", b"a = 1\n\xff");
    let out = folder.run(&[]);
    assert_eq!(
        (out.exit, out.stderr.as_str()),
        (Exit::Usage, "error: spawnlint.toml: this is not UTF-8: see line 2\n")
    );
    std::fs::remove_file(folder.path().join("spawnlint.toml")).unwrap();
    std::fs::create_dir(folder.path().join("spawnlint.toml")).unwrap();
    let out = folder.run(&[]);
    let start = "error: spawnlint.toml: cannot read this file: ";
    assert!(out.exit == Exit::Usage && out.stderr.starts_with(start), "{}", out.stderr);
}
