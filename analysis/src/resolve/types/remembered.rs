//! The types of expressions that were asked for, each type kept once: there are many expressions of few types.

use super::Type;
use crate::resolve::value::Key;
use rustc_hash::FxHashMap;

/// Types by the expressions that have them.
#[derive(Debug, Default)]
pub(in crate::resolve) struct Remembered {
    types: Vec<Type>,
    /// Places in `types`.
    places: FxHashMap<Type, u32>,
    by_value: FxHashMap<Key, u32>,
}

impl Remembered {
    pub(super) fn get(&self, value: &Key) -> Option<Type> {
        self.by_value.get(value).map(|place| self.types[*place as usize].clone())
    }

    pub(super) fn insert(&mut self, value: Key, ty: &Type) {
        let place = match self.places.get(ty) {
            Some(place) => *place,
            None => {
                let place = self.types.len() as u32;
                self.types.push(ty.clone());
                self.places.insert(ty.clone(), place);
                place
            }
        };
        self.by_value.insert(value, place);
    }
}
