//! Where values go: what becomes of a handle, what is done with a field, what ends when its owner is dropped.

mod fields;
mod handles;
mod owners;

pub use fields::FieldUse;
pub use handles::{DropHow, Fate, Race, RaceKind};
pub(crate) use owners::gives_signal;
pub use owners::{Act, FieldAct, OwnerEvidence};

use crate::{
    reasons::{MovedInto, OpenReason},
    resolve::{AccessPath, At, Def, ExprRef, FnRef, Origin, PatRef, Place, Provisional, Resolve, Type, TypeRef, Value},
};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, ops::Deref};

/// Where values go.
#[derive(Debug)]
pub struct Flow {
    resolve: Resolve,
    /// Types that end a task when they are dropped, and why.
    owners: RefCell<FxHashMap<TypeRef, Option<OwnerEvidence>>>,
}

/// What names mean is known here, too.
impl Deref for Flow {
    type Target = Resolve;

    fn deref(&self) -> &Resolve {
        &self.resolve
    }
}

impl Flow {
    /// Over what names mean.
    pub fn new(resolve: Resolve) -> Flow {
        Flow { resolve, owners: RefCell::default() }
    }
}
