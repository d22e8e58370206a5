//! Where values go: what becomes of a handle, what is done with a field, what ends when its owner is dropped.

mod by_name;
mod fields;
mod handles;
mod owners;

pub use fields::FieldUse;
pub(crate) use handles::Steps;
pub use handles::{DropHow, Fate, Race, RaceKind};
pub use owners::{Act, FieldAct, OwnerEvidence};
pub(crate) use owners::{FieldPlace, gives_signal};

use crate::{
    fixpoint::{self, Table},
    reasons::{MovedInto, OpenReason},
    resolve::{
        AccessPath, At, Def, ExprRef, FnRef, Origin, PatRef, Place, Resolve, Sym, Type, TypeRef, UnderWay, Value,
    },
};
use by_name::ByName;
use std::ops::Deref;

/// Where values go.
#[derive(Debug)]
pub struct Flow {
    resolve: Resolve,
    /// What becomes of handles that have a name, and of those in fields.
    answers: Table<Question, Answer>,
    /// Types that end a task when they are dropped, and why.
    owners: Table<TypeRef, Option<OwnerEvidence>>,
    /// Types that are a handle, or hold one.
    stand_for_tasks: Table<TypeRef, bool>,
    by_name: ByName,
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
        Flow {
            resolve,
            answers: Table::default(),
            owners: Table::default(),
            stand_for_tasks: Table::default(),
            by_name: ByName::default(),
        }
    }

    /// How many questions of each family are being answered.
    pub(crate) fn depths(&self) -> Depths {
        Depths {
            answers: self.answers.depth(),
            owners: self.owners.depth(),
            stand_for_tasks: self.stand_for_tasks.depth(),
            meanings: self.meanings_under_way(),
        }
    }

    /// Forgets what was being found since then: it is given up.
    pub(crate) fn unwind(&self, depths: Depths) {
        self.answers.unwind(depths.answers);
        self.owners.unwind(depths.owners);
        self.stand_for_tasks.unwind(depths.stand_for_tasks);
        self.give_up_meanings(depths.meanings);
    }
}

/// How many questions are being answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Depths {
    answers: usize,
    owners: usize,
    stand_for_tasks: usize,
    meanings: UnderWay,
}

/// What is asked of where values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    /// What becomes of a handle that a pattern names, and whether that stands near its spawn.
    Binding(PatRef, bool),
    /// What the workspace does with a field: its owner, the variant, and its name.
    Field(TypeRef, Option<Sym>, Option<Sym>),
}

#[derive(Debug, Clone)]
enum Answer {
    Fate(Fate),
    Field(FieldUse),
}

impl fixpoint::Answer for Answer {
    fn improve(&mut self, found: Answer) -> bool {
        let is_better = match (&*self, &found) {
            // Of two handles in fields, what is done with the field decides.
            (Answer::Fate(Fate::Stored { use_: known, .. }), Answer::Fate(Fate::Stored { use_: found, .. })) => {
                found.rank() < known.rank()
            }
            (Answer::Fate(known), Answer::Fate(found)) => found.rank() < known.rank(),
            (Answer::Field(known), Answer::Field(found)) => found.rank() < known.rank(),
            _ => unreachable!("a question has answers of one kind"),
        };
        if is_better {
            *self = found;
        }
        is_better
    }
}
