//! The keys of a configuration, as serde and editors read them. Every doc comment here is a hint in somebody's editor.

use crate::levels::Level;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use spawnlint_analysis::catalogue::{Handle, OnDrop, Runs};
use spawnlint_rules::{
    rule::{Group, Rule},
    rules::RULES,
};
use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};
use toml::Spanned;

/// Configuration of cargo-spawnlint: `spawnlint.toml`, `[workspace.metadata.spawnlint]` or
/// `[package.metadata.spawnlint]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "spawnlint.toml")]
pub(super) struct Settings {
    /// Levels of rules, of groups, of `all` rules, and of `warnings`. A rule's own level wins over its group's, and
    /// that over `all`; `warnings` is applied last, to whatever is at warn level then.
    #[schemars(schema_with = "levels_schema")]
    pub(super) levels: LevelTable,
    /// Whether every task needs an owner whose drop ends it: `true` is the same as `ownership = "warn"` in the levels,
    /// and a level there wins. Default: `false`.
    #[schemars(with = "Option<bool>")]
    pub(super) strict: Option<Spanned<bool>>,
    /// The shortest wait that counts as long: `500ms`, `30s`, `5m`, `1h`. Default: `60s`.
    #[schemars(with = "Option<Length>")]
    pub(super) long_wait: Option<Spanned<Length>>,
    /// Whether a suppression comment needs a reason. Default: only if the rule is at deny level.
    #[schemars(with = "Option<bool>")]
    pub(super) require_reason: Option<Spanned<bool>>,
    /// Files and folders whose findings are not reported, relative to this file's folder: `src/generated`, `**/*_pb.rs`.
    /// They are still read, since tasks are followed through them.
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Other levels for some paths.
    #[serde(rename = "override")]
    pub(super) overrides: Vec<Override>,
    /// What an abandoned task costs, for the figures that `long_timeout_in_task` reports.
    #[schemars(with = "Option<Cost>")]
    pub(super) cost: Option<Spanned<Cost>>,
    /// Functions and methods that start a task, in addition to those already known.
    #[schemars(with = "Vec<Spawn>")]
    pub(super) spawn: Vec<Spanned<Spawn>>,
    /// Types whose drop ends a task.
    #[schemars(with = "Vec<Owner>")]
    pub(super) owner: Vec<Spanned<Owner>>,
    /// Functions and methods whose future is ready when the task should stop.
    #[schemars(with = "Vec<Stop>")]
    pub(super) stop: Vec<Spanned<Stop>>,
    /// Functions and methods that wrap the future they are given and return it.
    #[schemars(with = "Vec<Wrapper>")]
    pub(super) wrapper: Vec<Spanned<Wrapper>>,
}

/// Levels by the name of a rule or group.
pub(super) type LevelTable = BTreeMap<Spanned<String>, Spanned<Level>>;

/// Other levels for some paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Override {
    /// Files and folders, relative to this file's folder: `src/net`, `**/handlers/*.rs`.
    #[schemars(with = "Vec<String>")]
    pub(super) paths: Vec<Spanned<String>>,
    /// Levels of rules and groups there.
    #[schemars(schema_with = "levels_schema")]
    pub(super) levels: LevelTable,
}

/// What an abandoned task costs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cost {
    /// How many tasks are started per second.
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub(super) arrivals_per_second: Spanned<Number>,
    /// The share of them whose client goes away before they finish, from 0 to 1.
    #[schemars(with = "f64", range(min = 0, max = 1))]
    pub(super) abandoned: Spanned<Number>,
    /// How much memory one of them keeps: a number of bytes, or `10 MB`, `512 KiB`.
    #[schemars(with = "Option<Bytes>")]
    pub(super) bytes_per_task: Option<Spanned<Bytes>>,
}

/// A function or method that starts a task.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Spawn {
    /// Its full path: `my_runtime::spawn`, `my_runtime::Pool::spawn`, or `crate::rt::spawn` in any crate of the
    /// workspace.
    #[schemars(with = "String", regex(pattern = PATH))]
    pub(super) path: Spanned<String>,
    /// What dropping the handle does to the task.
    pub(super) drop: SpawnDrop,
    /// What is spawned.
    #[serde(default)]
    pub(super) runs: SpawnRuns,
    /// Which argument is spawned, counted from 0 without the receiver.
    #[serde(default)]
    pub(super) arg: u8,
}

/// What dropping a handle does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SpawnDrop {
    /// The task keeps running, as with `tokio::spawn`.
    Detach,
    /// The task is aborted.
    Abort,
    /// The task is cancelled at its next wait, as with `smol::spawn`.
    Cancel,
    /// Nothing: the runtime, supervisor or scope that it was started on ends the task, so it needs no handle.
    ShutdownAware,
}

/// What is spawned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SpawnRuns {
    /// A future.
    #[default]
    Future,
    /// A closure that returns the future.
    FutureFn,
    /// A closure that blocks its thread.
    Blocking,
}

/// A type whose drop ends a task.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Owner {
    /// Its full path: `my_runtime::TaskGuard`, `crate::rt::TaskGuard`.
    #[schemars(with = "String", regex(pattern = PATH))]
    pub(super) path: Spanned<String>,
    /// What its drop does.
    #[serde(default)]
    pub(super) drop: OwnerDrop,
}

/// What the drop of an owner does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OwnerDrop {
    /// It ends the task, whatever that does.
    #[default]
    Abort,
    /// It sends a signal, which ends the task if the task checks for it.
    Signal,
}

/// A function or method whose future is ready when the task should stop.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stop {
    /// Its full path: `my_runtime::Shutdown::requested`.
    #[schemars(with = "String", regex(pattern = PATH))]
    pub(super) path: Spanned<String>,
}

/// A function or method that runs the future it is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wrapper {
    /// Its full path: `my_runtime::with_context`.
    #[schemars(with = "String", regex(pattern = PATH))]
    pub(super) path: Spanned<String>,
    /// Which argument is the future, counted from 0 without the receiver.
    #[serde(default)]
    pub(super) arg: u8,
}

/// What a path of a row looks like.
const PATH: &str = "^[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)+$";

impl SpawnDrop {
    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            SpawnDrop::Detach => "detach",
            SpawnDrop::Abort => "abort",
            SpawnDrop::Cancel => "cancel",
            SpawnDrop::ShutdownAware => "shutdown-aware",
        }
    }
}

impl SpawnRuns {
    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            SpawnRuns::Future => "future",
            SpawnRuns::FutureFn => "future-fn",
            SpawnRuns::Blocking => "blocking",
        }
    }
}

impl OwnerDrop {
    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            OwnerDrop::Abort => "abort",
            OwnerDrop::Signal => "signal",
        }
    }
}

impl From<SpawnDrop> for Handle {
    fn from(drop: SpawnDrop) -> Handle {
        match drop {
            SpawnDrop::Detach => Handle::Detach,
            SpawnDrop::Abort | SpawnDrop::Cancel => Handle::Cancel,
            SpawnDrop::ShutdownAware => Handle::Owned,
        }
    }
}

impl From<SpawnRuns> for Runs {
    fn from(runs: SpawnRuns) -> Runs {
        match runs {
            SpawnRuns::Future => Runs::Future,
            SpawnRuns::FutureFn => Runs::FutureFn,
            SpawnRuns::Blocking => Runs::Blocking,
        }
    }
}

impl From<OwnerDrop> for OnDrop {
    fn from(drop: OwnerDrop) -> OnDrop {
        match drop {
            OwnerDrop::Abort => OnDrop::Ends,
            OwnerDrop::Signal => OnDrop::Signals,
        }
    }
}

/// A duration: `30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length(pub(super) Duration);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        struct Words;
        impl Visitor<'_> for Words {
            type Value = Length;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"30s\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Length, E> {
                duration(text).map(Length).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Words)
    }
}

impl JsonSchema for Length {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration: a whole number with a unit.",
            "type": "string",
            "pattern": "^[0-9]+(ms|s|m|min|h)$",
            "examples": ["500ms", "30s", "5m", "1h"]
        })
    }
}

/// Reads `500ms`, `30s`, `5m`, `1h`.
///
/// # Errors
/// If it is no such duration; the message says why.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "a duration starts with a whole number: `30s`".to_owned())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)),
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "" => return Err(format!("a duration needs a unit: `{number}s`, `{number}m`")),
        _ => return Err(format!("unknown unit `{unit}`; expected `ms`, `s`, `m` or `h`")),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// A number, with or without a fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number(number))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A number of bytes: `10_000_000`, `10 MB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) u64);

const UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of bytes, such as 10_000_000 or \"10 MB\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bytes, E> {
                u64::try_from(number).map(Bytes).map_err(|_| E::custom("a size cannot be negative"))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Bytes, E> {
                Ok(Bytes(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                let digits = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
                let (number, unit) = text.split_at(digits);
                let size = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())).map(|(_, size)| size);
                match (number.parse::<u64>(), size) {
                    (Ok(number), Some(size)) => Ok(Bytes(number.saturating_mul(*size))),
                    (Err(_), _) => Err(E::custom("a size starts with a whole number: `10 MB`")),
                    (_, None) => {
                        let names: Vec<String> = UNITS.iter().map(|(name, _)| format!("`{name}`")).collect();
                        Err(E::custom(format!("unknown unit `{}`; expected one of {}", unit.trim(), names.join(", "))))
                    }
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes, with or without a unit.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+ ?([bB]|[kK][iI]?[bB]|[mM][iI]?[bB]|[gG][iI]?[bB])$" }
            ],
            "examples": [10_000_000, "10 MB"]
        })
    }
}

/// Every name that may have a level, each with what it is.
fn levels_schema(_: &mut SchemaGenerator) -> Schema {
    let mut names = serde_json::Map::new();
    let mut add = |name: &str, what: String| {
        let level = serde_json::json!({ "description": what, "enum": ["allow", "warn", "deny"] });
        names.insert(name.to_owned(), level);
    };
    add("all", "Every rule.".to_owned());
    add("warnings", "Whatever is at warn level.".to_owned());
    for group in Group::ALL {
        add(group.name(), format!("The rules of the group `{}`.", group.name()));
    }
    let known = RULES.iter().chain(crate::levels::COMMENT_RULES);
    for rule in known.copied() {
        let rule: &Rule = rule;
        let default = Level::default_of(rule.group).name();
        add(rule.name, format!("{} Default: `{default}`.", rule.summary()));
    }
    json_schema!({
        "type": "object",
        "properties": names,
        "additionalProperties": false,
        "default": {}
    })
}

/// The JSON schema of the keys, for editors.
pub fn schema() -> String {
    let schema = schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<Settings>();
    serde_json::to_string_pretty(&schema).expect("a schema is plain JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(
            duration("2").is_err() && duration("s").is_err() && duration("-1s").is_err() && duration("1x").is_err()
        );
    }
}
