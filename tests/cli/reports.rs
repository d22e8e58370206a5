//! The formats of pipelines: each is read by a schema or a reader of its own, whatever stands in the code.

use crate::{
    probes::{EVIL, HOSTILE},
    support::{Folder, MANIFEST, Output, Run},
};
use cargo_spawnlint::Exit;
use expect_test::expect;
use pulldown_cmark::{Event, Parser};
use roxmltree::Document;
use serde_json::Value;
use spawnlint_rules::{rule::Rule, rules::RULES};
use std::fs;

/// All formats but those for people and cargo's.
const FORMATS: [&str; 7] = ["sarif", "github", "gitlab", "junit", "rdjson", "checkstyle", "markdown"];

/// Those for people, and cargo's.
const OTHERS: [&str; 3] = ["human", "short", "json"];

/// A name that tries every way out. No `/`, which no file name has.
const NAME: &str = "a\n::error::b,c%0A \"d\" 'e' <f> ]]> [g](h) `i` | \u{1b}[31m\u{202e}: é.rs";

fn run_as(folder: &Folder, rules: &'static [&'static Rule], args: &[&str]) -> Output {
    Run::default().rules(rules).args(args).run_in(&folder.path())
}

/// What a format makes of some rules, a finding and a file that does not parse.
fn hostile(format: &str) -> String {
    let folder = Folder::new(&[(NAME, "/* é */ fn leak() {}\n"), ("bad.rs", "fn() {}\n")]);
    let out = run_as(&folder, HOSTILE, &["--message-format", format, "."]);
    assert_eq!(out.exit, Exit::Incomplete, "{}", out.stderr);
    let is_steering = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
    assert!(!out.stdout.contains(is_steering), "{format}: {:?}", out.stdout);
    out.stdout
}

/// What a format makes of real rules on a real workspace.
fn real(format: &str) -> String {
    let manifest = spawnlint_tests::root().join("test-fixtures/workspaces/streaming-service/Cargo.toml");
    let args = ["--no-cache", "--message-format", format, "--manifest-path", manifest.to_str().unwrap()];
    let out = Run::default().rules(RULES).args(&args).run_in(&spawnlint_tests::root());
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    out.stdout
}

fn clean(format: &str) -> Output {
    Folder::package(&[("src/lib.rs", "fn sound() {}\n")]).run(&["--message-format", format])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn assert_valid(schema: &str, text: &str) {
    let schema = fs::read_to_string(spawnlint_tests::root().join("tests/schemas").join(schema)).unwrap();
    // One pattern of SARIF's is no expression by its own standard; its first errata say what was meant.
    let schema = schema.replace("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    let validator = jsonschema::validator_for(&json(&schema)).unwrap();
    let document = json(text);
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
}

/// As the program shows it: controls are pictures, or gone.
fn shown(text: &str) -> String {
    cargo_spawnlint::output::printable_line(text).into_owned()
}

#[test]
fn sarif_is_valid_and_tells_all() {
    for text in [hostile("sarif"), real("sarif"), clean("sarif").stdout] {
        assert_valid("sarif-2.1.0.json", &text);
    }
    let log = json(&hostile("sarif"));
    let run = &log["runs"][0];
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!((&rule["id"], &rule["defaultConfiguration"]["level"]), (&"hostile_name".into(), &"warning".into()));
    assert_eq!(
        rule["shortDescription"]["text"],
        "Finds functions whose name begins with `leak`, and says strange things."
    );
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("]]> `code` <b>"));
    let uri = rule["helpUri"].as_str().unwrap();
    assert!(uri.starts_with("https://") && uri.contains("hostile_name"), "{uri}");
    let result = &run["results"][0];
    let physical = &result["locations"][0]["physicalLocation"];
    let uri = "a%0A%3A%3Aerror%3A%3Ab%2Cc%250A%20%22d%22%20%27e%27%20%3Cf%3E%20%5D%5D%3E%20%5Bg%5D%28h%29%20%60i%60%20%7C%20%1B%5B31m%E2%80%AE%3A%20%C3%A9.rs";
    assert_eq!(
        (&physical["artifactLocation"]["uri"], &physical["artifactLocation"]["uriBaseId"]),
        (&uri.into(), &"%SRCROOT%".into())
    );
    assert_eq!(physical["region"].to_string(), r#"{"endColumn":16,"endLine":1,"startColumn":12,"startLine":1}"#);
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.contains(r"\[l\](http://x)") && !text.contains("t | [l]"), "{text}");
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 1);
    assert_eq!(result["partialFingerprints"]["spawnlint/v1"].as_str().unwrap().len(), 32);
    // What is to be inserted is what the rule said, to the letter.
    assert_eq!(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], EVIL);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let told = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "bad.rs");
}

#[test]
fn sarif_has_the_texts_of_pages_as_they_are_read() {
    let log = json(&real("sarif"));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.len() > RULES.len());
    for rule in rules {
        let page = rule["help"]["markdown"].as_str().unwrap();
        assert_eq!(page.lines().next(), rule["shortDescription"]["text"].as_str());
        assert!(page.lines().any(|line| line == "## What it does") && !page.contains("\n ## "), "{page}");
        let uri = rule["helpUri"].as_str().unwrap();
        assert!(uri.starts_with("https://") && !uri.contains(' '), "{uri}");
    }
    let results = log["runs"][0]["results"].as_array().unwrap();
    for text in results.iter().map(|it| it["message"]["text"].as_str().unwrap()) {
        assert!(text.lines().all(|line| line == line.trim()), "{text}");
    }
}

#[test]
fn sarif_names_files_from_the_root_of_the_repository() {
    let log = json(&real("sarif"));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 10);
    for result in results {
        for location in result["locations"]
            .as_array()
            .unwrap()
            .iter()
            .chain(result["relatedLocations"].as_array().into_iter().flatten())
        {
            let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                spawnlint_tests::root().join(uri).is_file() || !spawnlint_tests::root().join(".git").exists(),
                "{uri}"
            );
        }
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    assert!(results.iter().any(|it| it["fixes"].is_array()));
}

#[test]
fn a_workspace_may_be_a_part_of_its_repository() {
    let folder =
        Folder::new(&[("shared/src/lib.rs", "fn leak_a() {}\n"), ("backend/app/src/lib.rs", "fn leak_b() {}\n")]);
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("backend/Cargo.toml", "[workspace]\nmembers = [\"app\", \"../shared\"]\nresolver = \"2\"\n");
    folder.write("backend/app/Cargo.toml", MANIFEST);
    let manifest = MANIFEST.replace("demo", "shared") + "workspace = \"../backend\"\n";
    folder.write("shared/Cargo.toml", manifest);
    let out = folder.run(&["--manifest-path", "backend/Cargo.toml", "--message-format", "gitlab"]);
    let issues = json(&out.stdout);
    let mut paths: Vec<&str> =
        issues.as_array().unwrap().iter().map(|it| it["location"]["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["backend/app/src/lib.rs", "shared/src/lib.rs"], "{}", out.stderr);
}

#[test]
fn people_and_cargos_readers_get_no_more_lines_than_there_are() {
    let lines = hostile("short");
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.lines().all(|line| line.contains(".rs:1:")), "{lines}");
    assert!(hostile("human").contains(&shown(NAME)));
    let messages = hostile("json");
    let messages: Vec<_> = cargo_metadata::Message::parse_stream(messages.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(messages.len(), 3, "two findings and the end");
}

#[test]
fn github_has_one_command_a_line() {
    for text in [hostile("github"), real("github")] {
        for line in text.lines() {
            let rest = line.strip_prefix("::error ").or_else(|| line.strip_prefix("::warning ")).unwrap();
            let (properties, _) = rest.split_once("::").unwrap();
            for property in properties.split(',') {
                let (name, value) = property.split_once('=').unwrap();
                assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&name), "{line}");
                assert!(!value.contains([':', '\r']), "{line}");
            }
        }
    }
    let text = hostile("github");
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("::warning file=a%0A%3A%3Aerror%3A%3Ab%2Cc%250A \"d\""), "{first}");
    assert!(
        first.contains(
            ",line=1,endLine=1,col=12,endColumn=16,title=spawnlint%3A%3Ahostile_name::a␊b␍␊::error file=x::y"
        ),
        "{first}"
    );
    assert_eq!(text.lines().count(), 2);
    assert_eq!(clean("github").stdout, "");
}

#[test]
fn github_gets_a_summary_for_the_job() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    folder.write("summary.md", "before");
    let run = |name: &str| {
        Run::default()
            .args(&["--message-format", "sarif=out.sarif,github"])
            .env("GITHUB_STEP_SUMMARY", name)
            .run_in(&folder.path())
    };
    assert_eq!(run(folder.path().join("summary.md").to_str().unwrap()).exit, Exit::Clean);
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n## cargo-spawnlint\n"), "{summary}");
    assert!(summary.contains("leaky_name"), "{summary}");
    // In a container the file may not be there, and the gate holds all the same.
    let out = run("no/such/folder/summary.md");
    assert_eq!(out.exit, Exit::Clean);
    assert!(
        out.stderr.starts_with("warning: cannot add to the job summary at no/such/folder/summary.md: "),
        "{}",
        out.stderr
    );
}

#[test]
fn gitlab_reads_every_issue() {
    for text in [hostile("gitlab"), real("gitlab"), clean("gitlab").stdout] {
        assert_valid("gitlab.json", &text);
        let issues = json(&text);
        let issues = issues.as_array().unwrap();
        let mut prints: Vec<&str> = issues.iter().map(|it| it["fingerprint"].as_str().unwrap()).collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), issues.len());
    }
    let issues = json(&hostile("gitlab"));
    assert_eq!(issues[0]["location"]["path"], NAME);
    assert_eq!(issues[0]["description"], shown(EVIL));
    assert_eq!((&issues[0]["severity"], &issues[1]["severity"]), (&"minor".into(), &"critical".into()));
    assert_eq!(clean("gitlab").stdout, "[]\n");
}

#[test]
fn junit_is_read_by_a_reader_of_junit() {
    let read = |text: &str| junit_parser::from_reader(text.as_bytes()).unwrap();
    let suites = read(&hostile("junit"));
    let cases = &suites.suites[0].cases;
    assert_eq!((suites.suites[0].tests, suites.suites[0].failures, suites.suites[0].errors), (5, 1, 1));
    assert!(cases[3].status.is_failure() && cases[4].status.is_error());
    assert_eq!(cases[3].status.failure_as_ref().message, shown(EVIL).replace('\u{ffff}', "\u{fffd}"));
    assert_eq!(cases[3].file.as_deref(), Some(&*shown(NAME)));
    let suites = read(&real("junit"));
    assert!(suites.suites[0].cases.len() > 10);
    // A rule that found nothing is a test that passed, so that no pipeline takes it for none.
    let suites = read(&clean("junit").stdout);
    let names: Vec<&str> = suites.suites[0].cases.iter().map(|it| it.original_name.as_str()).collect();
    assert_eq!(names[..2], ["leaky_name", "wasteful_name"]);
    assert_eq!(names[2..], ["unused_suppression", "suppression_without_reason", "invalid_suppression"]);
    assert!(suites.suites[0].cases.iter().all(|it| it.status.is_success()));
}

#[test]
fn rdjson_is_valid_and_counts_bytes() {
    for text in [hostile("rdjson"), real("rdjson"), clean("rdjson").stdout] {
        assert_valid("rdjson.json", &text);
    }
    let result = json(&hostile("rdjson"));
    let first = &result["diagnostics"][0];
    assert_eq!(first["location"]["path"], NAME);
    assert_eq!(
        first["location"]["range"].to_string(),
        r#"{"end":{"column":17,"line":1},"start":{"column":13,"line":1}}"#
    );
    assert_eq!((&first["severity"], &first["suggestions"][0]["text"]), (&"WARNING".into(), &EVIL.into()));
    assert_eq!(result["diagnostics"][1]["severity"], "ERROR");
}

#[test]
fn rdjson_has_rewrites_of_several_places_as_one() {
    let result = json(&real("rdjson"));
    let of_rule = |rule: &str| {
        let code = format!("spawnlint::{rule}");
        let found = result["diagnostics"].as_array().unwrap().iter().find(|it| it["code"]["value"] == code);
        found.unwrap()["suggestions"].clone()
    };
    let suggestion = &of_rule("self_sustaining_task")[0];
    assert_eq!(suggestion["range"].to_string(), r#"{"end":{"column":17,"line":35},"start":{"column":20,"line":31}}"#);
    expect![[r#"
        std::sync::Arc::downgrade(&self);
                spawn_background("counter", async move {
                    //~^ self_sustaining_task
                    while lines.recv().await.is_ok() {
                        let Some(chat) = chat.upgrade() else { break };
                        |
    "#]]
    .assert_eq(&format!("{}|\n", suggestion["text"].as_str().unwrap()));
    // Those of several files cannot be one.
    assert!(of_rule("dropped_join_handle").is_null());
}

#[test]
fn checkstyle_is_xml_and_nothing_leaves_its_attribute() {
    let text = hostile("checkstyle");
    let document = Document::parse(&text).unwrap();
    let names: Vec<&str> = document.descendants().filter(|it| it.is_element()).map(|it| it.tag_name().name()).collect();
    assert_eq!(names, ["checkstyle", "file", "error", "file", "error"]);
    let file = document.descendants().find(|it| it.has_tag_name("file")).unwrap();
    assert_eq!(file.attribute("name"), Some(&*shown(NAME)));
    let error = file.first_element_child().unwrap();
    let told = |name| error.attribute(name).unwrap();
    assert_eq!(
        (told("line"), told("column"), told("severity"), told("source")),
        ("1", "12", "warning", "spawnlint.hostile_name")
    );
    assert!(told("message").starts_with(&shown(EVIL).replace('\u{ffff}', "\u{fffd}")), "{}", told("message"));
    Document::parse(&real("checkstyle")).unwrap();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <checkstyle version="8.0">
        </checkstyle>
    "#]]
    .assert_eq(&clean("checkstyle").stdout);
}

#[test]
fn markdown_is_text_and_code_and_folds() {
    let text = hostile("markdown");
    let mut told = String::new();
    let extensions = pulldown_cmark::Options::all() - pulldown_cmark::Options::ENABLE_SMART_PUNCTUATION;
    for event in Parser::new_ext(&text, extensions) {
        match event {
            Event::Text(it) | Event::Code(it) => told.push_str(&it),
            Event::SoftBreak => told.push('\n'),
            Event::InlineHtml(it) | Event::Html(it) => {
                let known = ["<code>", "</code>", "<details>", "<summary>", "</summary>", "</details>"];
                let rest = known.iter().fold(it.to_string(), |rest, tag| rest.replace(tag, ""));
                assert!(["", "evidence"].contains(&rest.trim()), "{it}");
            }
            Event::Start(tag) => {
                use pulldown_cmark::Tag::{
                    Heading, HtmlBlock, Item, List, Paragraph, Strong, Table, TableCell, TableHead, TableRow,
                };
                let is_known = matches!(
                    tag,
                    Heading { .. }
                        | HtmlBlock
                        | Item
                        | List(None)
                        | Paragraph
                        | Strong
                        | Table(_)
                        | TableCell
                        | TableHead
                        | TableRow
                );
                assert!(is_known, "{tag:?}");
            }
            Event::End(_) => {}
            other => panic!("{other:?}\n{text}"),
        }
    }
    assert!(told.contains(&shown(EVIL)), "{told}");
    assert!(told.contains(&shown(NAME)), "{told}");
    // It reads as Markdown in its source, too.
    let text = real("markdown");
    assert!(!text.contains("&#") && !text.contains("<code>"), "{text}");
    assert!(text.contains("| `spawnlint::double_spawn` | warning | 1 |"), "{text}");
    assert!(text.contains("session/src/player.rs:36:9` **warning** `spawnlint::long_timeout_in_task`: "), "{text}");
    assert_eq!(clean("markdown").stdout, "## cargo-spawnlint\n\nNo findings in 1 file and 0 tasks.\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8_is_told_somehow() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new(&[]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff.rs")), "fn leak() {}\n").unwrap();
    for format in FORMATS.into_iter().chain(OTHERS) {
        let out = run_as(&folder, HOSTILE, &["--message-format", format, "."]);
        assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
        assert!(out.stdout.contains(if format == "sarif" { "a%EF%BF%BD.rs" } else { "a\u{fffd}" }), "{}", out.stdout);
    }
}

#[test]
fn several_formats_go_to_their_places() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let args = ["--message-format", "sarif=out.sarif,short", "--message-format", "junit=reports.xml"];
    let out = folder.run(&args);
    assert_eq!(out.stdout, "src/lib.rs:1:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\n");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_valid("sarif-2.1.0.json", &read("out.sarif"));
    assert!(read("reports.xml").contains("leaky_name"));
    // Nothing is left of an older report, and nothing lies beside the new one.
    folder.write("out.sarif", "x".repeat(1 << 20));
    let out = folder.run(&["--message-format", "sarif", "--output", "out.sarif"]);
    assert_eq!(out.stdout, "");
    assert!(out.stderr.contains(": 1 finding\n"), "{}", out.stderr);
    assert_valid("sarif-2.1.0.json", &read("out.sarif"));
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "target");
    names.sort();
    assert_eq!(names, ["Cargo.toml", "out.sarif", "reports.xml", "src"]);
    assert_eq!(folder.run(&["--message-format", "short=-", "-q"]).stdout.lines().count(), 1);
    folder.run(&["--output", "human.txt", "--color", "always"]);
    assert!(read("human.txt").starts_with("warning[spawnlint::leaky_name]"));
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is_read() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    folder.write("reports/old.xml", "");
    let cases: &[(&[&str], &str)] = &[
        (&["--message-format", "sarif=reports"], "`reports` is a folder; name a file in it for `sarif`"),
        (&["--message-format", "sarif=new/"], "`new/` is a folder; name a file in it for `sarif`"),
        (&["--message-format", "sarif="], "`sarif=` lacks a file name"),
        (&["--message-format", "sarif=no/out.sarif"], "no folder `DIR/no` to write `no/out.sarif` into"),
        (
            &["--message-format", "sarif=src/lib.rs"],
            "`src/lib.rs` is the name of a source file; reports never overwrite source files",
        ),
        (&["--message-format", "sarif=a,junit=./a"], "`sarif` and `junit` would both be written to `./a`"),
        (
            &["--message-format", "sarif=reports/old.xml,junit=src/../reports/old.xml"],
            "`sarif` and `junit` would both be written to `src/../reports/old.xml`",
        ),
        (
            &["--message-format", "sarif,github"],
            "`sarif` and `github` would both go to standard output; name a file for one of them: --message-format github=FILE",
        ),
        (
            &["--message-format", "sarif,github", "--output", "a"],
            "--output takes one format, and several have no file; write --message-format FORMAT=FILE,FORMAT=FILE",
        ),
        (
            &["--message-format", "sarif=a", "--output", "b"],
            "every format already has a file, so --output has nothing to write",
        ),
    ];
    for (args, message) in cases {
        let out = folder.run(args);
        let message = message.replace("DIR", folder.path().to_str().unwrap());
        assert_eq!((out.exit, out.stderr), (Exit::Usage, format!("error: {message}\n")));
    }
    for (format, near) in [("sarfi", "; did you mean `sarif`?"), ("pdf", "")] {
        let out = folder.run(&["--message-format", &format!("short,{format}=a")]);
        assert_eq!(out.exit, Exit::Usage);
        let told = format!("unknown format `{format}`{near} [possible values: human, short, json, sarif, ");
        assert!(out.stderr.contains(&told), "{}", out.stderr);
    }
    assert!(!folder.path().join("target").exists(), "nothing was analysed");
}

#[cfg(unix)]
#[test]
fn links_lead_two_names_to_one_file() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link("src", "reports");
    link("a.sarif", "b.sarif");
    link("reports/../b.sarif", "c.sarif");
    let told = |pair: &str| {
        let out = folder.run(&["--message-format", pair]);
        assert!(out.exit != Exit::Clean, "{}", out.stderr);
        out.stderr
    };
    // Whether the file is there yet or not.
    for is_there in [false, true] {
        if is_there {
            folder.write("a.sarif", "");
        }
        for name in ["b.sarif", "c.sarif", "reports/../c.sarif"] {
            let said = format!("error: `sarif` and `junit` would both be written to `{name}`\n");
            assert_eq!(told(&format!("sarif=a.sarif,junit={name}")), said);
        }
    }
    fs::remove_file(folder.path().join("a.sarif")).unwrap();
    assert_eq!(folder.run(&["--message-format", "sarif=b.sarif,short"]).exit, Exit::Clean);
    assert_valid("sarif-2.1.0.json", &fs::read_to_string(folder.path().join("a.sarif")).unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_a_read_only_place_and_a_closed_pipe() {
    use std::os::{fd::AsRawFd, unix::fs::PermissionsExt};
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let out = folder.run(&["--message-format", "short,sarif=/dev/full"]);
    // What can be written is.
    assert_eq!((out.exit, out.stdout.lines().count()), (Exit::Incomplete, 1));
    assert_eq!(out.stderr, "error: cannot write the sarif report to `/dev/full`: no space left on device\n");
    fs::create_dir(folder.path().join("locked")).unwrap();
    fs::set_permissions(folder.path().join("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    let out = folder.run(&["--message-format", "sarif=locked/out.sarif"]);
    assert_eq!(out.exit, Exit::Incomplete);
    assert!(
        out.stderr.starts_with("error: cannot write the sarif report to `locked/out.sarif`: its folder is read-only\n"),
        "{}",
        out.stderr
    );
    folder.write("old.sarif", "old");
    fs::set_permissions(folder.path().join("old.sarif"), fs::Permissions::from_mode(0o444)).unwrap();
    let out = folder.run(&["--message-format", "sarif=old.sarif"]);
    assert!(
        out.stderr.starts_with("error: cannot write the sarif report to `old.sarif`: it is read-only\n"),
        "{}",
        out.stderr
    );
    assert_eq!(fs::read_to_string(folder.path().join("old.sarif")).unwrap(), "old");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let pipe = format!("sarif=/dev/fd/{}", writer.as_raw_fd());
    let out = folder.run(&["-q", "--message-format", &pipe, "-D", "warnings"]);
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Findings, ""));
}

#[test]
fn the_gate_counts() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nfn waste() {}\n")]);
    for (most, exit) in [("0", Exit::Findings), ("1", Exit::Findings), ("2", Exit::Clean), ("3", Exit::Clean)] {
        let out = folder.run(&["--message-format", "short", "--max-findings", most]);
        assert_eq!(out.exit, exit);
        let told = format!("error: 2 findings are more than --max-findings {most} allows\n");
        assert_eq!(out.notes(), if exit == Exit::Clean { String::new() } else { told });
    }
    assert_eq!(folder.run(&["--max-findings", "-1"]).exit, Exit::Usage);
    assert_eq!(folder.run(&["-A", "all", "--max-findings", "0"]).exit, Exit::Clean);
    let out = folder.run(&["--message-format", "json", "--max-findings", "0"]).stdout;
    assert!(out.ends_with("{\"reason\":\"build-finished\",\"success\":false}\n"), "{out}");
}

#[test]
fn statistics_count_findings_and_tasks() {
    let text = "fn leak() { tokio::spawn(async { loop { tick().await } }); }\nfn leak_b() {}\nfn waste() {}\n";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let manifest = format!("{}\n[dependencies]\ntokio = \"1\"\n", MANIFEST);
    folder.write("Cargo.toml", manifest);
    let out = folder.run(&["--statistics", "-q"]).stdout;
    let figures = &out[out.find("findings by rule").unwrap()..];
    expect![[r#"
        findings by rule:
               2  leaky_name
               1  wasteful_name

        findings by crate:
               3  demo

        tasks by crate:
               1  demo

        tasks by verdict:
               1  leaks

        tasks by fate of their handle:
               1  dropped

        tasks by ending:
               1  never

    "#]]
    .assert_eq(figures);
    let told = folder.run(&["--statistics", "--message-format", "json"]).stdout;
    let line = told.lines().rev().nth(1).unwrap();
    expect![[r#"{"crates":[{"findings":3,"name":"demo","tasks":1}],"reason":"spawnlint-statistics","rules":{"leaky_name":2,"wasteful_name":1},"tasks":{"endings":{"never":1},"fates":{"dropped":1},"total":1,"verdicts":{"leaks":1}}}"#]].assert_eq(line);
    // Cargo's readers go on reading.
    assert!(cargo_metadata::Message::parse_stream(told.as_bytes()).all(|it| it.is_ok()));
    let out = folder.run(&["--statistics", "--message-format", "github"]);
    assert!(!out.stdout.contains("by rule") && out.stderr.contains("findings by rule:\n"), "{}", out.stderr);
    assert_eq!(folder.run(&["--statistics", "--fix"]).exit, Exit::Usage);
    let empty = Folder::package(&[("src/lib.rs", "fn sound() {}\n")]).run(&["--statistics", "-q"]);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", ""));
}

#[test]
fn every_format_is_the_same_on_each_run() {
    for format in FORMATS.into_iter().chain(OTHERS) {
        assert_eq!(real(format), real(format));
    }
}
