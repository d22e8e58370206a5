//! All mistakes of a text at once. serde stops at the first one: so what it stumbles over is taken out, and the rest is
//! read again.

use super::file::Settings;
use crate::levels::nearest;
use serde::{Deserialize, de::IntoDeserializer};
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Error},
};

/// Whoever has made more mistakes than this begins with these.
const MOST: usize = 100;

/// What stands in for a key that is missing, so that what else is wrong beside it comes to light.
const STAND_INS: [(&str, &str); 6] = [
    ("arrivals-per-second", "1"),
    ("abandoned", "1"),
    ("path", "\"a::b\""),
    ("drop", "\"detach\""),
    ("paths", "[]"),
    ("levels", "{}"),
];

/// Settings, or everything about their types and keys that is wrong, and what is left without that.
pub(super) fn settings(mut value: Spanned<DeValue<'_>>) -> (Settings, Vec<Error>) {
    let mut errors: Vec<Error> = Vec::new();
    while errors.len() < MOST {
        match Settings::deserialize(value.clone().into_deserializer()) {
            Ok(settings) => return (settings, errors),
            Err(error) => {
                let is_repaired = repair(&mut value, &error);
                errors.push(error);
                if !is_repaired {
                    break;
                }
            }
        }
    }
    (Settings::default(), errors)
}

/// Takes out what is wrong, or puts in what is missing; whether that could be done.
fn repair(value: &mut Spanned<DeValue<'_>>, error: &Error) -> bool {
    let Some(span) = error.span() else { return false };
    let missing = error.message().strip_prefix("missing field `").map(|rest| rest.trim_end_matches('`'));
    if let Some(key) = missing {
        let stand_in = STAND_INS.iter().find(|(name, _)| *name == key).map(|(_, it)| *it);
        if stand_in.is_some_and(|stand_in| add(value, &span, key, stand_in)) {
            return true;
        }
    }
    if let Some((name, allowed)) = unknown_key(error.message())
        && let Some(near) = nearest(name, allowed.iter().copied())
        && rename(value, &span, near)
    {
        return true;
    }
    remove(value, &span)
}

/// The key that an error says is not known, and those that are.
pub(super) fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let (name, expected) = message.strip_prefix("unknown field `")?.split_once('`')?;
    Some((name, expected.split('`').skip(1).step_by(2).collect()))
}

/// Takes a key for the one that is meant, so that it is not told to be missing as well.
fn rename(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, meant: &str) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => {
            let given = table.iter().find(|(key, _)| key.span() == *span).map(|(key, _)| key.get_ref().to_string());
            match given {
                Some(given) if !table.contains_key(meant) => {
                    let Some(value) = table.remove(given.as_str()) else { return false };
                    table.insert(Spanned::new(span.clone(), meant.to_owned().into()), value);
                    true
                }
                Some(_) => false,
                None => table.iter_mut().any(|(_, value)| rename(value, span, meant)),
            }
        }
        DeValue::Array(items) => items.iter_mut().any(|item| rename(item, span, meant)),
        _ => false,
    }
}

/// Adds a key to the table that stands there.
fn add(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, key: &str, stand_in: &'static str) -> bool {
    let is_here = value.span() == *span;
    match value.get_mut() {
        DeValue::Table(table) if is_here && !table.contains_key(key) => {
            let Ok(new) = DeValue::parse(stand_in) else { return false };
            let new = new.into_inner();
            table.insert(Spanned::new(span.clone(), key.to_owned().into()), Spanned::new(span.clone(), new));
            true
        }
        DeValue::Table(table) => table.iter_mut().any(|(_, value)| add(value, span, key, stand_in)),
        DeValue::Array(items) => items.iter_mut().any(|item| add(item, span, key, stand_in)),
        _ => false,
    }
}

/// Removes the entry whose key or value stands there, or the innermost one around it.
fn remove(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    let covers = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
    match value.get_mut() {
        DeValue::Table(table) => {
            if table.iter_mut().any(|(_, value)| remove(value, span)) {
                return true;
            }
            let is_meant = |(key, value): &(&Spanned<_>, &Spanned<DeValue<'_>>)| {
                covers(&key.span()) || value.span() == *span || (covers(&value.span()) && !is_table(value))
            };
            let key = table.iter().find(is_meant).map(|(key, _)| key.get_ref().to_string());
            key.is_some_and(|key| table.remove(key.as_str()).is_some())
        }
        DeValue::Array(items) => {
            if items.iter_mut().any(|item| remove(item, span)) {
                return true;
            }
            match items.iter().position(|item| covers(&item.span())) {
                Some(at) => {
                    let others = items.iter().enumerate().filter(|(other, _)| *other != at);
                    *items = others.map(|(_, item)| item.clone()).collect();
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

/// What is around something is not wrong by itself.
fn is_table(value: &Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_))
}

/// A document as a value, as the tables in it are.
pub(super) fn whole(document: Spanned<DeTable<'_>>) -> Spanned<DeValue<'_>> {
    let span = document.span();
    Spanned::new(span, DeValue::Table(document.into_inner()))
}
