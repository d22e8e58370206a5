//! The findings that a team has agreed to live with, in a file: what is in it is not told, what is new is.
//!
//! An entry has no line. A finding is known by its rule, the items around it and what the code there says, and by its
//! file as long as that is there.

mod file;

pub use file::{FILE_NAME, read};

use crate::fingerprint::Fingerprint;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::num::NonZeroU32;

/// A finding that is known, or several that nothing tells apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, as it is printed.
    pub file: String,
    /// The items of the file around it: `Pool::start`.
    pub item: String,
    /// The rule's name.
    pub rule: String,
    /// What the code there says: 16 hexadecimal digits.
    #[serde(deserialize_with = "file::digits")]
    pub snippet: String,
    /// How many there are.
    pub count: NonZeroU32,
}

/// Known findings: sorted, and each kind once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// What a run can say of a file without findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It was checked: what is not found is not there.
    Checked,
    /// It was not asked for, or could not be read.
    Unseen,
    /// There is no such file, and all of the program was asked for.
    Gone,
    /// There is no such file, and it may have been in a part that was not asked for.
    GoneUnseen,
}

/// A run beside a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Which findings are in the baseline, in their order.
    pub is_known: Vec<bool>,
    /// The entries that no longer occur, each with how many of it do not.
    pub gone: Vec<Entry>,
    /// The baseline without those, and with the files in which things are now.
    pub pruned: Baseline,
    /// How many findings of `pruned` the run could not look for.
    pub unseen: usize,
}

/// What an entry is known by: file, item, rule, snippet.
type Key<'a> = [&'a str; 4];

impl Baseline {
    /// All of these findings.
    pub fn of<'a>(findings: impl Iterator<Item = &'a Fingerprint>) -> Baseline {
        let mut counts: FxHashMap<Key<'_>, u32> = FxHashMap::default();
        findings.for_each(|it| *counts.entry(key_of(it)).or_default() += 1);
        Baseline::from_counts(counts)
    }

    fn from_counts(counts: FxHashMap<Key<'_>, u32>) -> Baseline {
        let entries = counts.into_iter().filter_map(|(key, count)| Some(entry(key, NonZeroU32::new(count)?)));
        Baseline::from_entries(entries.collect())
    }

    /// Two branches may have added the same entry: the larger count holds.
    fn from_entries(mut entries: Vec<Entry>) -> Baseline {
        entries.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| b.count.cmp(&a.count)));
        entries.dedup_by(|a, b| key(a) == key(b));
        Baseline { entries }
    }

    /// Its entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.iter().map(|entry| entry.count.get() as usize).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Looks up the findings of a run, `is_on` being whether it asked a rule about a file. Of findings that nothing tells apart,
    /// those that are `late` are the new ones, and then those further down.
    pub fn compare(
        &self,
        findings: &[Fingerprint],
        is_late: impl Fn(usize) -> bool,
        sight: impl Fn(&str) -> Sight,
        is_on: impl Fn(&str, &str) -> bool,
    ) -> Comparison {
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|at| is_late(*at));
        let mut is_known = vec![false; findings.len()];
        let mut left: FxHashMap<Key<'_>, u32> =
            self.entries.iter().map(|entry| (key(entry), entry.count.get())).collect();
        let mut counts: FxHashMap<Key<'_>, u32> = FxHashMap::default();
        for at in &order {
            let key = key_of(&findings[*at]);
            if let Some(count) = left.get_mut(&key).filter(|count| **count > 0) {
                *count -= 1;
                is_known[*at] = true;
                *counts.entry(key).or_default() += 1;
            }
        }
        // What is no longer in its file may be in another one by now. Files that are gone come first.
        let mut homeless: FxHashMap<[&str; 3], Vec<&Entry>> = FxHashMap::default();
        for wanted in [false, true] {
            for entry in self.entries.iter().filter(|entry| left[&key(entry)] > 0 && is_on(&entry.rule, &entry.file)) {
                let sight = sight(&entry.file);
                if sight != Sight::Unseen && (sight == Sight::Checked) == wanted {
                    homeless.entry([&entry.item, &entry.rule, &entry.snippet]).or_default().push(entry);
                }
            }
        }
        for at in order.into_iter().filter(|_| !homeless.is_empty()) {
            let here = key_of(&findings[at]);
            let [_, item, rule, snippet] = here;
            let Some(entries) = homeless.get(&[item, rule, snippet]).filter(|_| !is_known[at]) else { continue };
            let Some(entry) = entries.iter().find(|entry| left[&key(entry)] > 0) else { continue };
            *left.entry(key(entry)).or_default() -= 1;
            is_known[at] = true;
            *counts.entry(here).or_default() += 1;
        }
        let (mut gone, mut unseen) = (Vec::new(), 0);
        for it in &self.entries {
            let Some(count) = NonZeroU32::new(left[&key(it)]) else { continue };
            if is_on(&it.rule, &it.file) && matches!(sight(&it.file), Sight::Checked | Sight::Gone) {
                gone.push(entry(key(it), count));
            } else {
                unseen += count.get() as usize;
                *counts.entry(key(it)).or_default() += count.get();
            }
        }
        Comparison { is_known, gone, pruned: Baseline::from_counts(counts), unseen }
    }

    /// This one with what is known from elsewhere.
    #[must_use]
    pub fn with(self, other: Baseline) -> Baseline {
        Baseline::from_entries(self.entries.into_iter().chain(other.entries).collect())
    }
}

fn key(entry: &Entry) -> Key<'_> {
    [&entry.file, &entry.item, &entry.rule, &entry.snippet]
}

fn key_of(finding: &Fingerprint) -> Key<'_> {
    [&finding.file, &finding.item, finding.rule, &finding.snippet]
}

fn entry(key: Key<'_>, count: NonZeroU32) -> Entry {
    let [file, item, rule, snippet] = key.map(str::to_owned);
    Entry { file, item, rule, snippet, count }
}
