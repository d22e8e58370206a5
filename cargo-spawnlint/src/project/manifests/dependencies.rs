//! What a manifest depends on.

use super::{either, is_true, members::path_of, strings};
use cargo_metadata::semver::VersionReq;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The tables of dependencies, and what cargo calls their kind.
const KINDS: [(&str, Option<&str>); 3] =
    [("dependencies", None), ("dev-dependencies", Some("dev")), ("build-dependencies", Some("build"))];

/// Stands for whatever platform a dependency is for: that there is one is all that is asked.
const SOME_PLATFORM: &str = "some-platform";

/// The folders of the dependencies that have one.
pub(super) fn paths(table: &Table, dir: &Path, workspace: Option<&Table>, root: &Path) -> Vec<PathBuf> {
    let paths = all(table).filter_map(|(name, value, ..)| path(name, value, dir, workspace, root));
    paths.collect()
}

/// The dependencies as `cargo metadata` prints them.
pub(super) fn of(table: &Table, dir: &Path, workspace: Option<&Table>, root: &Path) -> Vec<Json> {
    let rows = all(table).map(|(name, value, kind, is_for_some)| {
        let shared = shared(name, value, workspace);
        let says = |key: &str| {
            let own = value.as_table().and_then(|it| it.get(key));
            own.or_else(|| shared.and_then(Value::as_table).and_then(|it| it.get(key)))
        };
        let version = value.as_str().or_else(|| shared.and_then(Value::as_str));
        let version = version.or_else(|| says("version").and_then(Value::as_str));
        let package = says("package").and_then(Value::as_str);
        let features = [shared, Some(value)].map(|it| it.and_then(Value::as_table).and_then(|it| it.get("features")));
        let features: Vec<&str> = features.into_iter().flat_map(strings).collect();
        json!({
            "name": package.unwrap_or(name), "rename": package.map(|_| name), "kind": kind, "source": null,
            "req": version.filter(|it| VersionReq::parse(it).is_ok()).unwrap_or("*"), "features": features,
            "optional": is_true(says("optional")), "uses_default_features": true,
            "target": is_for_some.then_some(SOME_PLATFORM), "registry": null,
            "path": path(name, value, dir, workspace, root).map(|it| it.to_string_lossy().into_owned()),
        })
    });
    rows.collect()
}

/// Every dependency with its name in the manifest, those for some platforms after the others.
fn all(table: &Table) -> impl Iterator<Item = (&str, &Value, Option<&'static str>, bool)> {
    let platforms = table.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flatten().filter_map(|(_, it)| Some((it.as_table()?, true)));
    let tables = [(table, false)].into_iter().chain(platforms);
    tables.flat_map(|(table, is_for_some)| {
        KINDS.into_iter().flat_map(move |(key, kind)| {
            let rows = either(table, key).and_then(Value::as_table).into_iter().flatten();
            rows.map(move |(name, value)| (name.as_str(), value, kind, is_for_some))
        })
    })
}

/// What the workspace says of a dependency, if its member asks for that.
fn shared<'a>(name: &str, value: &Value, workspace: Option<&'a Table>) -> Option<&'a Value> {
    let is_shared = value.as_table().is_some_and(|it| is_true(it.get("workspace")));
    workspace.filter(|_| is_shared)?.get("dependencies")?.as_table()?.get(name)
}

fn path(name: &str, value: &Value, dir: &Path, workspace: Option<&Table>, root: &Path) -> Option<PathBuf> {
    path_of(value, dir).or_else(|| path_of(shared(name, value, workspace)?, root))
}
