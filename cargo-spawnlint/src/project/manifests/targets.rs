//! What cargo would build from a package: what the manifest names, and what it finds by itself.

use super::{EDITIONS, either, is_true, package_table, strings};
use crate::project::normalize;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A kind of target besides the library and the build script.
struct Kind {
    /// The key of its tables, and its name.
    key: &'static str,
    /// The key that keeps cargo from looking for more.
    auto: &'static str,
    folder: &'static str,
    is_tested: bool,
    is_documented: bool,
}

const KINDS: [Kind; 4] = [
    Kind { key: "bin", auto: "autobins", folder: "src/bin", is_tested: true, is_documented: true },
    Kind { key: "example", auto: "autoexamples", folder: "examples", is_tested: false, is_documented: false },
    Kind { key: "test", auto: "autotests", folder: "tests", is_tested: true, is_documented: false },
    Kind { key: "bench", auto: "autobenches", folder: "benches", is_tested: false, is_documented: false },
];

/// The targets as `cargo metadata` prints them.
pub(super) fn of(table: &Table, dir: &Path, package: &str, edition: &str) -> Vec<Json> {
    let mut targets: Vec<Json> = library(table, dir, package, edition).into_iter().collect();
    for kind in &KINDS {
        targets.extend(of_kind(kind, table, dir, package, edition));
    }
    targets.extend(build_script(table, dir, edition));
    targets
}

fn library(table: &Table, dir: &Path, package: &str, edition: &str) -> Option<Json> {
    let own = table.get("lib").and_then(Value::as_table);
    let is_sought = package_table(table).and_then(|it| it.get("autolib")).and_then(Value::as_bool) != Some(false);
    let named = own.and_then(|it| it.get("path")).and_then(Value::as_str).map(|it| normalize(&dir.join(it)));
    let name = own.and_then(|it| it.get("name")).and_then(Value::as_str);
    let name = name.map_or_else(|| package.replace('-', "_"), str::to_owned);
    let usual = dir.join("src/lib.rs");
    let path = match named {
        Some(path) => path,
        None if own.is_none() && !(is_sought && usual.is_file()) => return None,
        None if usual.is_file() => usual,
        None => [dir.join(format!("src/{name}.rs"))].into_iter().find(|it| it.is_file()).unwrap_or(usual),
    };
    let empty = Table::new();
    let own = own.unwrap_or(&empty);
    let mut types: Vec<&str> = strings(either(own, "crate-type")).collect();
    if is_true(either(own, "proc-macro")) {
        types = vec!["proc-macro"];
    }
    if types.is_empty() {
        types = vec!["lib"];
    }
    let has_doctests = types.iter().any(|it| ["lib", "rlib", "proc-macro"].contains(it));
    Some(json!({
        "kind": types, "crate_types": types, "name": name, "src_path": path.to_string_lossy(), "edition": edition_of(own, edition),
        "doc": flag(own, "doc", true), "doctest": has_doctests && flag(own, "doctest", true), "test": flag(own, "test", true),
    }))
}

fn of_kind(kind: &Kind, table: &Table, dir: &Path, package: &str, edition: &str) -> Vec<Json> {
    let found = found(kind, dir, package);
    let named: Vec<&Table> =
        table.get(kind.key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table).collect();
    let mut targets: Vec<(String, PathBuf, &Table)> = Vec::new();
    for own in &named {
        let Some(name) = own.get("name").and_then(Value::as_str) else { continue };
        let path = own.get("path").and_then(Value::as_str).map(|it| normalize(&dir.join(it)));
        let usual = || found.iter().find(|(it, _)| it == name).map(|(_, path)| path.clone());
        let old = || {
            let main = ["src/main.rs", "src/bin/main.rs"].map(|it| dir.join(it)).into_iter().find(|it| it.is_file());
            main.filter(|_| kind.key == "bin" && edition == "2015")
        };
        // One that cargo looks for and does not find makes no crate.
        let Some(path) = path.or_else(usual).or_else(old) else { continue };
        targets.push((name.to_owned(), path, own));
    }
    let is_sought = package_table(table).and_then(|it| it.get(kind.auto)).and_then(Value::as_bool);
    let empty = Table::new();
    if is_sought.unwrap_or(named.is_empty() || edition != "2015") {
        let rest = found.into_iter().filter(|(name, path)| !targets.iter().any(|it| it.0 == *name || it.1 == *path));
        let rest: Vec<_> = rest.collect();
        targets.extend(rest.into_iter().map(|(name, path)| (name, path, &empty)));
    }
    let print = |(name, path, own): (String, PathBuf, &Table)| {
        let types: Vec<&str> = strings(either(own, "crate-type")).collect();
        let types = if kind.key == "example" && !types.is_empty() { types } else { vec!["bin"] };
        let features: Vec<&str> = strings(own.get("required-features")).collect();
        json!({
            "kind": [kind.key], "crate_types": types, "name": name, "src_path": path.to_string_lossy(),
            "edition": edition_of(own, edition), "required-features": features, "doctest": false,
            "doc": flag(own, "doc", kind.is_documented), "test": flag(own, "test", kind.is_tested),
        })
    };
    targets.into_iter().map(print).collect()
}

/// What stands where cargo looks: files, and folders with a `main.rs`.
fn found(kind: &Kind, dir: &Path, package: &str) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let main = dir.join("src/main.rs");
    if kind.key == "bin" && main.is_file() {
        found.push((package.to_owned(), main));
    }
    let entries = dir.join(kind.folder).read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name =
            |part: Option<&std::ffi::OsStr>| part.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if name(path.file_name()).starts_with('.') {
            continue;
        }
        if path.extension().is_some_and(|it| it == "rs") && path.is_file() {
            found.push((name(path.file_stem()), path));
        } else if path.join("main.rs").is_file() {
            found.push((name(path.file_name()), path.join("main.rs")));
        }
    }
    found
}

fn build_script(table: &Table, dir: &Path, edition: &str) -> Option<Json> {
    let usual = dir.join("build.rs");
    let path = match package_table(table).and_then(|it| it.get("build")) {
        Some(Value::Boolean(false)) => return None,
        Some(Value::String(path)) => normalize(&dir.join(path)),
        Some(Value::Boolean(true)) => usual,
        _ if usual.is_file() => usual,
        _ => return None,
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Some(json!({
        "kind": ["custom-build"], "crate_types": ["bin"], "name": format!("build-script-{stem}"),
        "src_path": path.to_string_lossy(), "edition": edition, "doc": false, "doctest": false, "test": false,
    }))
}

fn flag(own: &Table, key: &str, usual: bool) -> bool {
    own.get(key).and_then(Value::as_bool).unwrap_or(usual)
}

fn edition_of<'a>(own: &'a Table, package: &'a str) -> &'a str {
    own.get("edition").and_then(Value::as_str).filter(|it| EDITIONS.contains(it)).unwrap_or(package)
}
