//! The manifests of a workspace as text: what cargo would say of them, for when it cannot be asked.
//!
//! Nothing here fails. What a manifest does not say, or not in a way that can be read, is what cargo takes for granted.

mod dependencies;
mod members;
mod targets;

use super::normalize;
use crate::read::{MAX_CONFIG, Refusal, Territory};
use cargo_metadata::semver::Version;
use members::{expand, is_excluded, root_around};
use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
};
use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

/// The editions that are known here, as manifests write them.
const EDITIONS: [&str; 4] = ["2015", "2018", "2021", "2024"];

/// The manifests of a workspace.
#[derive(Debug)]
pub(super) struct Manifests {
    /// The folder of the workspace.
    pub(super) root: PathBuf,
    /// Manifests that are not for reading, with why.
    pub(super) refused: Vec<(PathBuf, String)>,
    root_table: Table,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    dir: PathBuf,
    table: Table,
}

/// Reads manifests, each once.
#[derive(Debug)]
struct Reader {
    /// Links that lead out of here are not followed.
    territory: Territory,
    known: FxHashMap<PathBuf, Option<Table>>,
    refused: Vec<(PathBuf, String)>,
}

/// Reads the workspace of a manifest.
pub(super) fn read(manifest: &Path) -> Manifests {
    let dir = manifest.parent().unwrap_or(manifest);
    let dir = dir.canonicalize().unwrap_or_else(|_| normalize(dir));
    let mut reader = Reader { territory: Territory::around(&dir), known: FxHashMap::default(), refused: Vec::new() };
    let root = root_around(&mut reader, &dir);
    let mut found = read_from(&mut reader, &root);
    if !found.members.iter().any(|member| member.dir == dir) {
        // The workspace does not know it, so it is one of its own.
        let table = reader.table(&dir).unwrap_or_default();
        found = Manifests {
            root: dir.clone(),
            root_table: table.clone(),
            members: if is_virtual(&table) { found.members } else { vec![Member { dir, table }] },
            refused: Vec::new(),
        };
    }
    Manifests { refused: reader.refused, ..found }
}

fn read_from(reader: &mut Reader, root: &Path) -> Manifests {
    let root_table = reader.table(root).unwrap_or_default();
    let workspace = root_table.get("workspace").and_then(Value::as_table);
    let mut waiting: VecDeque<PathBuf> = VecDeque::new();
    if !is_virtual(&root_table) {
        waiting.push_back(root.to_owned());
    }
    for pattern in workspace.into_iter().flat_map(|it| strings(it.get("members"))) {
        waiting.extend(expand(&reader.territory, root, pattern));
    }
    let mut members: Vec<Member> = Vec::new();
    while let Some(dir) = waiting.pop_front() {
        let is_known = members.iter().any(|member| member.dir == dir);
        if is_known || workspace.is_some_and(|it| is_excluded(root, it, &dir)) {
            continue;
        }
        let Some(table) = reader.table(&dir) else { continue };
        // Nor are the sources there anybody's business.
        if dir.canonicalize().is_ok_and(|real| reader.leads_out(&dir, &real)) {
            continue;
        }
        if dir != root && (table.contains_key("workspace") || is_virtual(&table)) {
            continue;
        }
        // What a member takes from a folder of the workspace is a member, too.
        for path in dependencies::paths(&table, &dir, workspace, root).into_iter().filter(|_| workspace.is_some()) {
            if path.starts_with(root) || root_around(reader, &path) == root {
                waiting.push_back(path);
            }
        }
        members.push(Member { dir, table });
    }
    Manifests { root: root.to_owned(), root_table, members, refused: Vec::new() }
}

impl Reader {
    /// What the manifest of a folder says, if there is one. Of one that is not for reading nothing is known.
    fn table(&mut self, dir: &Path) -> Option<Table> {
        if let Some(known) = self.known.get(dir) {
            return known.clone();
        }
        let path = dir.join("Cargo.toml");
        let table = match self.text(&path) {
            Ok(text) => text.map(|text| parse(&text)),
            Err(why) => {
                self.refused.push((path, why.to_string()));
                Some(Table::new())
            }
        };
        self.known.insert(dir.to_owned(), table.clone());
        table
    }

    /// Whether something inside of the repository is a link to something that is not.
    fn leads_out(&self, path: &Path, real: &Path) -> bool {
        self.territory.holds(path) && !self.territory.holds(real)
    }

    fn text(&self, path: &Path) -> Result<Option<String>, Refusal> {
        // A member may stand elsewhere.
        let elsewhere = (!self.territory.holds(path)).then(|| Territory::around(path.parent().unwrap_or(path)));
        match elsewhere.as_ref().unwrap_or(&self.territory).read(path, MAX_CONFIG) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(refusal) if refusal.is_absent() => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}

/// As much of a text as is TOML.
fn parse(text: &str) -> Table {
    text.parse().unwrap_or_else(|_| table(&DeTable::parse_recoverable(text).0.into_inner()))
}

fn table(table: &DeTable<'_>) -> Table {
    let rows = table.iter().filter_map(|(key, it)| Some((key.get_ref().to_string(), value(it.get_ref())?)));
    rows.collect()
}

/// Numbers and dates are not asked for.
fn value(it: &DeValue<'_>) -> Option<Value> {
    match it {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Boolean(it) => Some(Value::Boolean(*it)),
        DeValue::Array(all) => Some(Value::Array(all.iter().filter_map(|it| value(it.get_ref())).collect())),
        DeValue::Table(it) => Some(Value::Table(table(it))),
        _ => None,
    }
}

/// A workspace without a package of its own.
fn is_virtual(table: &Table) -> bool {
    table.contains_key("workspace") && package_table(table).is_none()
}

fn package_table(table: &Table) -> Option<&Table> {
    table.get("package").or_else(|| table.get("project")).and_then(Value::as_table)
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// A value under a name with `-` or, as cargo once wrote it, `_`.
fn either<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    table.get(key).or_else(|| table.get(&key.replace('-', "_")))
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

impl Manifests {
    /// What `cargo metadata --no-deps` would print, as far as it is asked for.
    pub(super) fn metadata(&self, target_dir: &Path) -> Json {
        let packages: Vec<Json> = self.members.iter().map(|member| self.package(member)).collect();
        let ids: Vec<&Json> = packages.iter().map(|package| &package["id"]).collect();
        let named = self.default_members();
        let is_default = |member: &Member| match &named {
            Some(folders) => folders.contains(&member.dir),
            None => is_virtual(&self.root_table) || member.dir == self.root,
        };
        let defaults = self.members.iter().zip(&ids).filter(|(member, _)| is_default(member));
        let defaults: Vec<&Json> = defaults.map(|(_, id)| *id).collect();
        json!({
            "packages": packages, "workspace_members": ids, "workspace_default_members": defaults, "resolve": null,
            "workspace_root": self.root.to_string_lossy(), "target_directory": target_dir.to_string_lossy(),
            "metadata": null, "version": 1,
        })
    }

    fn workspace(&self) -> Option<&Table> {
        self.root_table.get("workspace").and_then(Value::as_table)
    }

    /// The folders that the workspace names as its default, if it does.
    fn default_members(&self) -> Option<BTreeSet<PathBuf>> {
        let list = self.workspace()?.get("default-members")?;
        // A pattern for default members leads to members, and these are below the root.
        let territory = Territory::of_root(&self.root);
        Some(strings(Some(list)).flat_map(|it| expand(&territory, &self.root, it)).collect())
    }

    fn package(&self, member: &Member) -> Json {
        let name = self.name(member);
        let version = self.inherited(member, "version").filter(|it| Version::parse(it).is_ok()).unwrap_or("0.0.0");
        let edition = self.inherited(member, "edition").filter(|it| EDITIONS.contains(it));
        // It may be one of tomorrow, or nothing is known of the package.
        let is_silent = package_table(&member.table).is_some_and(|it| !it.contains_key("edition"));
        let edition = edition.unwrap_or(if is_silent { EDITIONS[0] } else { EDITIONS[3] });
        let folder = member.dir.to_string_lossy();
        let is_folder_name = member.dir.file_name().is_some_and(|it| it.to_string_lossy() == name);
        let of = if is_folder_name { String::new() } else { format!("{name}@") };
        json!({
            "name": name, "version": version, "id": format!("path+file://{folder}#{of}{version}"), "source": null,
            "dependencies": dependencies::of(&member.table, &member.dir, self.workspace(), &self.root),
            "targets": targets::of(&member.table, &member.dir, &name, edition),
            "features": {}, "manifest_path": member.dir.join("Cargo.toml").to_string_lossy(), "edition": edition,
            "publish": if self.is_private(member) { json!([]) } else { Json::Null },
            "description": self.inherited(member, "description"), "license": self.inherited(member, "license"),
            "license_file": self.inherited(member, "license-file"),
        })
    }

    /// The name, or that of the folder.
    fn name(&self, member: &Member) -> String {
        let name = package_table(&member.table).and_then(|it| it.get("name")).and_then(Value::as_str);
        let folder = || member.dir.file_name().map(|it| it.to_string_lossy().into_owned());
        name.filter(|it| !it.is_empty()).map(str::to_owned).or_else(folder).unwrap_or_else(|| "package".to_owned())
    }

    /// Whether the package says that no registry may have it.
    fn is_private(&self, member: &Member) -> bool {
        let is_no = |value: &Value| match value {
            Value::Boolean(may_be) => !may_be,
            Value::Array(registries) => registries.is_empty(),
            _ => false,
        };
        match package_table(&member.table).and_then(|it| it.get("publish")) {
            Some(Value::Table(it)) if is_true(it.get("workspace")) => {
                let package = self.workspace().and_then(|it| it.get("package")).and_then(Value::as_table);
                package.and_then(|it| it.get("publish")).is_some_and(is_no)
            }
            value => value.is_some_and(is_no),
        }
    }

    /// A value of the package, or of the workspace where the package says so.
    fn inherited<'a>(&'a self, member: &'a Member, key: &str) -> Option<&'a str> {
        match package_table(&member.table)?.get(key)? {
            Value::Table(it) if is_true(it.get("workspace")) => {
                self.workspace()?.get("package")?.as_table()?.get(key)?.as_str()
            }
            value => value.as_str(),
        }
    }
}
