//! The three formats, byte for byte.

use crate::support::{Folder, Run};
use cargo_metadata::{Message, diagnostic::DiagnosticLevel};
use cargo_spawnlint::Exit;
use expect_test::expect;

fn demo() -> Folder {
    Folder::package(&[("src/lib.rs", "mod bad;\n\nfn leak() {\n    run();\n}\n"), ("src/bad.rs", "fn() {}\n")])
}

#[test]
fn human() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {\n    run();\n}\n")]);
    let out = folder.run(&[]);
    expect![[r#"
        warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`
          --> src/lib.rs:1:4
        1 | fn leak() {
          | ---^^^^----
          | |  this name
          | of this function
          = note: names tell
          = help: call it otherwise:
                  fn sound() {}

    "#]]
    .assert_eq(&out.stdout);
    assert!(out.stderr.starts_with("checked 1 file and 0 tasks in 0."), "{}", out.stderr);
    let (first, hints) = out.stderr.split_once('\n').unwrap();
    assert!(first.ends_with(" s: 1 finding"), "{first}");
    expect![[r#"
        help: `cargo spawnlint explain RULE` says what a rule reports and how to fix it; -v shows all evidence and fixes
        help: to suppress a finding, write `// spawnlint: allow(RULE): REASON` on the line above it
    "#]]
    .assert_eq(hints);
    expect![[r#"
        warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`
          --> src/lib.rs:1:4
          |
        1 | / fn leak() {
          |      ^^^^ this name
        2 | |     run();
        3 | | }
          | \-' of this function
          |
          = note: names tell
          = help: call it otherwise:
                  fn sound() {}

    "#]]
    .assert_eq(&folder.run(&["-v"]).stdout);
}

#[test]
fn columns_count_characters_whatever_stands_before() {
    let text = "\u{feff}/* 🦀 é\u{202e} */ fn leak_bom() {}\r\n\tfn leak_tab() {}\r\n";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let out = folder.run(&["-q"]).stdout;
    expect![[r#"
        warning[spawnlint::leaky_name]: `leak_bom` of `demo` is called `leak`
          --> src/lib.rs:1:16
        1 | /* 🦀 é� */ fn leak_bom() {}
          |             ---^^^^^^^^-----
          |             |  this name
          |             of this function
          = note: names tell
          = help: call it otherwise:
                  fn sound() {}

        warning[spawnlint::leaky_name]: `leak_tab` of `demo` is called `leak`
          --> src/lib.rs:2:5
        2 |     fn leak_tab() {}
          |     ---^^^^^^^^-----
          |     |  this name
          |     of this function
          = note: names tell
          = help: call it otherwise:
                  fn sound() {}

    "#]]
    .assert_eq(&out);
    let out = folder.short(&[]);
    let places: Vec<&str> = out.lines().map(|line| line.split(": ").next().unwrap()).collect();
    // rustc does not count the byte order mark, and would say column 15.
    assert_eq!(places, ["src/lib.rs:1:16", "src/lib.rs:2:5"]);
}

#[test]
fn evidence_from_far_lines_and_long_ones_is_shown() {
    let body = "    run();\n".repeat(30);
    let long = format!("fn leak_{}() {{ {} }}\n", "a".repeat(30), "/* x */ ".repeat(100));
    let folder = Folder::package(&[("src/lib.rs", &format!("fn leak() {{\n{body}}}\n{long}"))]);
    expect![[r#"
        warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`
           --> src/lib.rs:1:4
           |
         1 | / fn leak() {
           |      ^^^^ this name
         2 | |     run();
         3 | |     run();
         4 | |     run();
           . |
        31 | |     run();
        32 | | }
           | \-' of this function
           |
           = note: names tell
           = help: call it otherwise:
                   fn sound() {}

        warning[spawnlint::leaky_name]: `leak_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` of `demo` is called `leak`
           --> src/lib.rs:33:4
           |
        33 | fn leak_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa() { /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* … x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */ /* x */  }
           | ---^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^-----------------------------------------------------------------------------------------------------------------------------------------------------------------
           | |  |
           | |  this name
           | of this function
           |
           = note: names tell
           = help: call it otherwise:
                   fn sound() {}

    "#]].assert_eq(&folder.run(&["-v"]).stdout);
}

#[test]
fn short() {
    let out = demo().run(&["--message-format", "short"]);
    assert!(out.stdout.starts_with(
        "src/lib.rs:3:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\nsrc/bad.rs:1:"
    ));
    assert_eq!((out.exit, out.notes().as_str()), (Exit::Incomplete, ""));
}

#[test]
fn json_reads_as_cargos() {
    let folder = demo();
    let out = folder.run(&["--message-format", "json", "-D", "leak"]);
    let messages: Vec<Message> = Message::parse_stream(out.stdout.as_bytes()).map(Result::unwrap).collect();
    let [Message::CompilerMessage(finding), Message::CompilerMessage(problem), Message::BuildFinished(end)] =
        &messages[..]
    else {
        panic!("{messages:#?}");
    };
    assert!(!end.success);
    assert!(finding.package_id.repr.ends_with("#demo@0.1.0"), "{:?}", finding.package_id);
    assert_eq!(finding.target.name, "demo");
    assert!(finding.target.is_lib());
    let it = &finding.message;
    assert_eq!((it.level, it.code.as_ref().unwrap().code.as_str()), (DiagnosticLevel::Error, "spawnlint::leaky_name"));
    assert_eq!(it.message, "`leak` of `demo` is called `leak`");
    assert!(it.rendered.as_ref().unwrap().starts_with("error[spawnlint::leaky_name]: "));
    let children: Vec<_> = it.children.iter().map(|it| (it.level, it.message.as_str())).collect();
    let help = (DiagnosticLevel::Help, "call it otherwise:\nfn sound() {}");
    assert_eq!(children, [(DiagnosticLevel::Note, "names tell"), help]);
    let [primary, secondary] = &it.spans[..] else { panic!("{:#?}", it.spans) };
    assert!(primary.is_primary && !secondary.is_primary);
    assert_eq!((primary.file_name.as_str(), primary.label.as_deref()), ("src/lib.rs", Some("this name")));
    assert_eq!((primary.byte_start, primary.byte_end), (13, 17));
    assert_eq!((primary.line_start, primary.column_start, primary.line_end, primary.column_end), (3, 4, 3, 8));
    let text = &primary.text[0];
    assert_eq!((text.text.as_str(), text.highlight_start, text.highlight_end), ("fn leak() {", 4, 8));
    let lines: Vec<_> =
        secondary.text.iter().map(|it| (it.text.as_str(), it.highlight_start, it.highlight_end)).collect();
    assert_eq!(lines[0], ("fn leak() {", 1, 12));
    assert_eq!(secondary.label.as_deref(), Some("of this function"));
    assert_eq!(problem.message.level, DiagnosticLevel::Error);
    assert_eq!(problem.message.spans[0].file_name, "src/bad.rs");
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn json_has_the_fields_of_cargos() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let out = folder.run(&["--message-format", "json"]).stdout;
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&lines[0]), "manifest_path message package_id reason target");
    assert_eq!(keys(&lines[0]["message"]), "$message_type children code level message rendered spans");
    assert_eq!(keys(&lines[0]["message"]["children"][0]), "children code level message rendered spans");
    let span = "byte_end byte_start column_end column_start expansion file_name is_primary label line_end line_start \
                suggested_replacement suggestion_applicability text";
    assert_eq!(keys(&lines[0]["message"]["spans"][0]), span);
    assert_eq!(lines[1].to_string(), r#"{"reason":"build-finished","success":true}"#);
}

#[test]
fn json_has_every_line_of_a_span_however_long() {
    let long = "ä".repeat(20_000);
    let text = format!("fn leak(\n/* {long} */\n) {{}} /* {long} */ fn leak_far() {{}}\n");
    let folder = Folder::package(&[("src/lib.rs", &text)]);
    let out = folder.run(&["--message-format", "json"]).stdout;
    let messages: Vec<Message> = Message::parse_stream(out.as_bytes()).map(Result::unwrap).collect();
    let [Message::CompilerMessage(near), Message::CompilerMessage(far), _] = &messages[..] else {
        panic!("{messages:#?}");
    };
    let lines = |at: &cargo_metadata::diagnostic::DiagnosticSpan| -> Vec<(String, usize, usize)> {
        let start = |text: &str| text.chars().take(6).collect();
        at.text.iter().map(|it| (start(&it.text), it.highlight_start, it.highlight_end)).collect()
    };
    let whole = &near.message.spans[1];
    assert_eq!((whole.line_start, whole.line_end), (1, 3));
    // 10 000 bytes: three of ASCII, then characters of two bytes each.
    let rows = [("fn lea", 1, 9), ("/* äää", 1, 5_002), (") {} /", 1, 5)];
    assert_eq!(lines(whole), rows.map(|(text, start, end)| (text.to_owned(), start, end)));
    assert_eq!(whole.text[1].text.len(), 9_999);
    let name = &far.message.spans[0];
    assert!(name.column_start > 20_000);
    assert_eq!(lines(name)[0].1, lines(name)[0].2);
    assert!(lines(name)[0].2 < 10_002);
}

#[test]
fn json_of_files_without_a_package() {
    let folder = Folder::new(&[("a.rs", "fn leak() {}\n")]);
    let out = folder.run(&["--message-format", "json", "a.rs"]).stdout;
    let messages: Vec<Message> = Message::parse_stream(out.as_bytes()).map(Result::unwrap).collect();
    assert!(matches!(&messages[..], [Message::CompilerMessage(_), Message::BuildFinished(_)]), "{messages:#?}");
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let is_coloured = |args: &[&str], env: &[(&str, &str)]| {
        let run = env.iter().fold(Run::default().args(args), |run, (name, value)| run.env(name, value));
        run.run_in(&folder.path()).stdout.contains("\x1b[")
    };
    assert!(!is_coloured(&[], &[]));
    assert!(is_coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(is_coloured(&[], &[("CARGO_TERM_COLOR", "always")]));
    assert!(!is_coloured(&[], &[("CARGO_TERM_COLOR", "always"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&["--color", "never"], &[("CARGO_TERM_COLOR", "always")]));
    assert!(is_coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!is_coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&[], &[("CLICOLOR_FORCE", "1"), ("CARGO_TERM_COLOR", "never")]));
}

#[test]
fn quiet_and_verbose() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    assert_eq!(folder.run(&["-q"]).stderr, "");
    let told = folder.run(&["-v"]).stderr;
    assert!(told.starts_with("checked 1 file"), "{told}");
    let told = folder.run(&["-vv"]).stderr;
    for phase in ["find", "read", "join", "link", "rules", "checked 1 file"] {
        assert!(told.contains(phase), "{told}");
    }
}

#[test]
fn the_closing_line_follows_every_format() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let formats =
        ["human", "short", "json", "sarif", "github", "gitlab", "junit", "rdjson", "checkstyle", "markdown", "sarif=x"];
    for format in formats {
        let out = folder.run(&["--message-format", format]);
        assert!(out.stderr.starts_with("checked 1 file and 0 tasks in "), "{format}: {}", out.stderr);
        let quiet = folder.run(&["-q", "--message-format", format]);
        assert_eq!((quiet.stderr, quiet.stdout), (String::new(), out.stdout), "{format}");
    }
    for line in folder.run(&["--message-format", "json"]).stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn any_number_of_jobs_prints_the_same() {
    let files: Vec<(String, String)> = (0..40)
        .map(|at| {
            let text =
                if at % 7 == 0 { "fn() {}\n".to_owned() } else { format!("fn leak{at}() {{}}\nfn waste() {{}}\n") };
            (format!("src/m{at}.rs"), text)
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = Folder::package(&files);
    let mods: String = (0..40).map(|at| format!("mod m{at};\n")).collect();
    folder.write("src/lib.rs", mods);
    let pipelines = ["sarif", "github", "gitlab", "junit", "rdjson", "checkstyle", "markdown"];
    for format in ["human", "short", "json"].into_iter().chain(pipelines) {
        let run = |jobs: &str| folder.run(&["--no-cache", "--message-format", format, "--jobs", jobs]).stdout;
        let one = run("1");
        assert!(one.contains("leak39"));
        for jobs in ["2", "3", "8"] {
            assert_eq!(run(jobs), one);
        }
    }
}
