//! A map that is made once and asked often: sorted pairs. A hash map takes two to three times the room.

use std::ops::{Index, RangeInclusive};

/// Values by their keys, in the order of the keys.
#[derive(Debug)]
pub struct Sorted<K, V>(Box<[(K, V)]>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Box::default())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// The values of these keys; of several with one key the last.
    pub(super) fn of(mut pairs: Vec<(K, V)>) -> Self {
        if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
            pairs.reverse();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            pairs.dedup_by(|later, first| later.0 == first.0);
        }
        Sorted(pairs.into())
    }

    /// The place of a key in the order.
    pub(super) fn place(&self, key: &K) -> Option<usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key)).ok()
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.place(key).map(|at| &self.0[at].1)
    }

    /// Whether there is a value of that key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_some()
    }

    /// All of them, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Those whose keys lie in a range.
    pub fn within(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = (&K, &V)> {
        let start = self.0.partition_point(|(key, _)| key < keys.start());
        self.0[start..].iter().take_while(move |(key, _)| key <= keys.end()).map(|(key, value)| (key, value))
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord, V> Index<&K> for Sorted<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key is one of those that the map was made of")
    }
}
