//! Rewrites that many tasks share: each is drafted once.

use crate::finding::Rewrite;
use spawnlint_analysis::{questions::TypeRef, span::FileId};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// A field by its owner and name.
type Field = (TypeRef, String);

/// What changes where a field gets another type.
#[derive(Debug)]
pub struct Wrapped {
    /// The files in which something changes.
    pub files: Vec<FileId>,
    /// What changes.
    pub rewrite: Rewrite,
}

/// Rewrites that many tasks share.
#[derive(Debug, Default)]
pub struct Drafts {
    fields: RefCell<BTreeMap<Field, Option<Rc<Wrapped>>>>,
}

impl Drafts {
    /// What gives a field the type of an owner, from `draft` or from before.
    pub fn wrapped_field(
        &self,
        owner: TypeRef,
        field: &str,
        draft: impl FnOnce() -> Option<Wrapped>,
    ) -> Option<Rc<Wrapped>> {
        let key = (owner, field.to_owned());
        if let Some(known) = self.fields.borrow().get(&key) {
            return known.clone();
        }
        let found = draft().map(Rc::new);
        self.fields.borrow_mut().insert(key, found.clone());
        found
    }
}
