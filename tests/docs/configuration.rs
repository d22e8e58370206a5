//! The example of a configuration is one, and the schema is that of the program.

use crate::run_in;
use cargo_spawnlint::{Exit, config};
use spawnlint_tests::{expect_file, root};
use std::fs;

/// The configuration with every key.
fn example() -> String {
    toml_after("docs/configuring.md", "<!-- configuration -->\n")
}

/// The first example of a configuration behind some text of a document.
fn toml_after(path: &str, mark: &str) -> String {
    let page = crate::read(path);
    let rest = page.split(&format!("{mark}```toml\n")).nth(1).expect("an example");
    rest.split("```").next().unwrap_or_default().to_owned()
}

/// What `cargo spawnlint config` says of a package with this configuration.
fn shown(configuration: &str) -> (Exit, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    write("src/lib.rs", "");
    write("spawnlint.toml", configuration);
    run_in(folder.path(), ["config".to_owned()])
}

#[test]
fn the_example_is_a_configuration() {
    let example = example();
    let (exit, stdout, stderr) = shown(&example);
    assert_eq!((exit, stderr.as_str()), (Exit::Clean, ""), "{stdout}");
    // Every key of the schema is in the example, so that nobody has to read the schema.
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).expect("JSON");
    for key in schema["properties"].as_object().expect("keys").keys() {
        let forms = [format!("\n{key} = "), format!("\n[{key}]"), format!("\n[[{key}]]")];
        assert!(forms.iter().any(|form| example.contains(form)), "the example lacks `{key}`");
    }
}

#[test]
fn the_short_example_is_a_configuration() {
    let (exit, stdout, stderr) = shown(&toml_after("README.md", "Every key is optional:\n\n"));
    assert_eq!((exit, stderr.as_str()), (Exit::Clean, ""), "{stdout}");
}

#[test]
fn what_is_printed_is_a_configuration_again() {
    let (_, first, _) = shown(&example());
    let (exit, second, stderr) = shown(&first);
    assert_eq!((exit, stderr.as_str()), (Exit::Clean, ""), "{first}");
    let values = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split("  #").next().unwrap_or_default().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&first), values(&second));
}

#[test]
fn the_schema_is_fresh() {
    if let Err(problem) = expect_file(&root().join("docs/spawnlint.schema.json"), &config::schema()) {
        panic!("{problem}");
    }
}
