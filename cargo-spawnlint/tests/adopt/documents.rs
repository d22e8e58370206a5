//! The files of this repository that others read: documents with recipes, and YAML.

use saphyr::{LoadableYamlNode as _, YamlOwned};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where this repository lies.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The block of code below `<!-- recipe: name -->`, word for word.
pub(crate) fn recipe(document: &str, name: &str) -> String {
    let text = read(document);
    let mark = format!("<!-- recipe: {name} -->\n```");
    let (_, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{document} has no recipe `{name}`"));
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned() + "\n"
}

/// A text in YAML.
pub(crate) fn yaml(text: &str) -> Value {
    let documents = YamlOwned::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let [document] = documents.as_slice() else { panic!("one document, not {}", documents.len()) };
    value(document)
}

fn value(node: &YamlOwned) -> Value {
    if let Some(text) = node.as_str() {
        return text.into();
    }
    if let Some(items) = node.as_sequence() {
        return items.iter().map(value).collect();
    }
    if let Some(entries) = node.as_mapping() {
        return entries.iter().map(|(key, it)| (key.as_str().unwrap().to_owned(), value(it))).collect();
    }
    if node.is_null() {
        return Value::Null;
    }
    let number = node.as_integer().map(Value::from);
    number.or(node.as_bool().map(Value::from)).unwrap_or_else(|| panic!("what is {node:?}?"))
}

/// The text at a place of a document.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}
