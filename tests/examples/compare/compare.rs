//! What two lists say of the same places.

use std::{collections::BTreeMap, fmt};

/// Something that is said of a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) columns: Columns,
}

/// Entries of one key are about the same thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) place: Place,
    /// Tells apart what stands at one place: the rule of a finding, the spawn behind a task.
    pub(super) name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// What is said, by name of the column. Both sides have the same columns in the same order.
pub(super) type Columns = Vec<(&'static str, String)>;

/// How two lists differ, in the order of places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    pub(super) same: usize,
    pub(super) only_old: Vec<Entry>,
    pub(super) only_new: Vec<Entry>,
    pub(super) changed: Vec<Change>,
}

/// The columns in which two entries of one key differ: name, old, new.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) key: Key,
    pub(super) columns: Vec<(&'static str, String, String)>,
}

/// Compares two lists, whatever their order.
pub(super) fn compare(old: Vec<Entry>, new: Vec<Entry>) -> Differences {
    let mut keys: BTreeMap<Key, (Vec<Columns>, Vec<Columns>)> = BTreeMap::new();
    for entry in old {
        keys.entry(entry.key).or_default().0.push(entry.columns);
    }
    for entry in new {
        keys.entry(entry.key).or_default().1.push(entry.columns);
    }
    let mut differences = Differences::default();
    for (key, (mut old, mut new)) in keys {
        // A macro or a file of two crates can give several entries one key: those that are alike belong together.
        old.retain(|columns| match new.iter().position(|it| it == columns) {
            Some(twin) => {
                new.swap_remove(twin);
                differences.same += 1;
                false
            }
            None => true,
        });
        old.sort();
        new.sort();
        let paired = old.len().min(new.len());
        let entry = |columns| Entry { key: key.clone(), columns };
        differences.only_old.extend(old.split_off(paired).into_iter().map(entry));
        differences.only_new.extend(new.split_off(paired).into_iter().map(entry));
        for (old, new) in old.into_iter().zip(new) {
            let columns = old.into_iter().zip(new).filter(|(old, new)| old != new);
            let columns = columns.map(|((name, old), (_, new))| (name, old, new)).collect();
            differences.changed.push(Change { key: key.clone(), columns });
        }
    }
    differences
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key { place, name } = self;
        write!(f, "{place} {name}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { path, line, column } = self;
        write!(f, "{path}:{line}:{column}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line name ending verdict`, one a line.
    fn list(text: &str) -> Vec<Entry> {
        let entry = |line: &str| {
            let [place, name, ending, verdict] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            Entry {
                key: key(place.parse().unwrap(), name),
                columns: vec![("ending", ending.to_owned()), ("verdict", verdict.to_owned())],
            }
        };
        text.lines().map(entry).collect()
    }

    fn key(line: u64, name: &str) -> Key {
        Key { place: Place { path: "a.rs".to_owned(), line, column: 1 }, name: name.to_owned() }
    }

    #[test]
    fn the_order_does_not_count() {
        let differences = compare(list("1 f never leaks\n2 f within short"), list("2 f within short\n1 f never leaks"));
        assert_eq!(differences, Differences { same: 2, ..Differences::default() });
    }

    #[test]
    fn a_change_names_its_columns_only() {
        let differences = compare(list("1 f never leaks"), list("1 f never held"));
        let columns = vec![("verdict", "leaks".to_owned(), "held".to_owned())];
        assert_eq!(
            differences,
            Differences { changed: vec![Change { key: key(1, "f"), columns }], ..Differences::default() }
        );
    }

    #[test]
    fn another_place_or_name_is_another_entry() {
        let differences = compare(list("10 f never leaks\n3 f never leaks"), list("10 g never leaks\n4 f never leaks"));
        assert_eq!((differences.same, differences.changed), (0, vec![]));
        let names = |entries: &[Entry]| entries.iter().map(|it| it.key.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&differences.only_old), ["a.rs:3:1 f", "a.rs:10:1 f"]);
        assert_eq!(names(&differences.only_new), ["a.rs:4:1 f", "a.rs:10:1 g"]);
    }

    #[test]
    fn of_several_at_one_place_those_alike_belong_together() {
        let old = "1 f never leaks\n1 f within short\n1 f within short";
        let new = "1 f within short\n1 f never held";
        let differences = compare(list(old), list(new));
        assert_eq!(differences.same, 1);
        assert_eq!(differences.changed.len(), 1);
        assert_eq!(differences.changed[0].columns, [("verdict", "leaks".to_owned(), "held".to_owned())]);
        assert_eq!(differences.only_old, list("1 f within short"));
        assert_eq!(differences.only_new, []);
    }
}
