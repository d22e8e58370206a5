//! Which imports go with the code that needed them.

use cargo_spawnlint::fix::{patched, resolve};
use spawnlint_analysis::span::{FileId, TextRange};
use spawnlint_rules::{finding::Applicability::MaybeIncorrect, rewrite::Draft};
use spawnlint_tests::{fixture::Fixture, pipeline::program};
use std::path::Path;

/// The `use` when the statements that need these names are gone.
fn left(uses: &str, gone: &[&str]) -> String {
    let statements = "    A::go();\n    B::go();\n    C::go();\n    D::go();\n";
    let text = format!("use {uses};\n\nfn f() {{\n{statements}}}\n");
    let (program, sources) = program(&Fixture::of_text(Path::new("imports/lib.rs"), text.clone()));
    let draft = gone.iter().fold(Draft::new("without them", MaybeIncorrect), |draft, name| {
        let statement = format!("{name}::go();");
        let start = text.find(&statement).expect("it is there");
        let range = TextRange::new(start as u32, (start + statement.len()) as u32);
        draft.replace(range.in_file(FileId(0)), Vec::new())
    });
    let suggestion = resolve(&sources, &draft.finish_in(&program).expect("edits that go together")).expect("it fits");
    let texts = patched(&sources, &suggestion).expect("edits that go together");
    texts[&FileId(0)].split("fn f()").next().unwrap_or_default().trim_end().to_owned()
}

#[test]
fn one_name() {
    assert_eq!(left("x::{A, B, C, D}", &["A"]), "use x::{B, C, D};");
    assert_eq!(left("x::{A, B, C, D}", &["D"]), "use x::{A, B, C};");
    assert_eq!(left("x::{A, B}", &["B"]), "use x::A;");
    assert_eq!(left("x::A", &["A"]), "");
}

#[test]
fn neighbours_go_together() {
    assert_eq!(left("x::{A, B, C, D}", &["A", "B"]), "use x::{C, D};");
    assert_eq!(left("x::{A, B, C, D}", &["B", "C"]), "use x::{A, D};");
    assert_eq!(left("x::{A, B, C, D}", &["C", "D"]), "use x::{A, B};");
    assert_eq!(left("x::{A, B, C, D}", &["B", "C", "D"]), "use x::{A};");
    assert_eq!(left("x::{\n    A,\n    y::{B, C},\n    D,\n}", &["A"]), "use x::{\n    y::{B, C},\n    D,\n};");
}

#[test]
fn all_names_take_the_whole_line() {
    assert_eq!(left("x::{A, B}", &["A", "B"]), "");
    assert_eq!(left("x::{A, B, C, D}", &["A", "B", "C", "D"]), "");
}
