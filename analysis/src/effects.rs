//! What code does when it runs: when it ends, on what sign, with its peer, never; and which signs can still come.

mod closes;
mod ending;
mod exits;
mod signals;

pub use closes::{ClosedHalf, IgnoredClose, Passing};
pub(crate) use ending::{Asking, RunBy};
pub use ending::{DeadExit, Ending, EndingKind, Evidence, Gate, LongWait, LoopFact, PeerOrigin, WaitLength};
pub(crate) use exits::{Exit, Trigger};
pub use signals::{Dead, DeadCause, Signal, SignalKind};

use crate::{
    fixpoint::Table,
    flow::{Act, Depths, Fate, FieldUse, Flow},
    reasons::{LoopKind, NoExit, OpenReason},
    resolve::{
        AccessPath, Asked, ConstRef, Def, ExprRef, ExtraCall, FOREVER, FnRef, Frame, Origin, PatRef, Place, Root, Sym,
        Type, TypeRef, Value, ValueId,
    },
};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, ops::Deref, rc::Rc};

/// What code does when it runs.
#[derive(Debug)]
pub struct Effects {
    flow: Flow,
    memo: Memo,
}

/// A value in its frame, and the name of a sender that may be in it.
type SenderIn = (ExprRef, Option<u32>, PatRef);
/// What is put into a field.
type Puts = Rc<[ExprRef]>;

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    endings: Table<ending::Question, ending::Answer>,
    circles: ending::Circles,
    /// What of a frame the answers depend on.
    asked: RefCell<FxHashMap<ending::About, Vec<Asked>>>,
    /// In which fields a value has a sender, by the sender's name, and whether nothing is sent through it.
    built_with: Table<SenderIn, Option<(String, bool)>>,
    /// Whether only code outside of the workspace can give what stands there.
    given: Table<ending::Given, bool>,
    /// Where tokens stand, and whether one that stands there is cancelled, or may be.
    tokens: RefCell<FxHashMap<signals::Spot, bool>>,
    twins: ending::Twins,
    /// What is put into each field after its owner was made.
    puts: RefCell<FxHashMap<(TypeRef, Sym), Puts>>,
}

/// Where values go is known here, too.
impl Deref for Effects {
    type Target = Flow;

    fn deref(&self) -> &Flow {
        &self.flow
    }
}

impl Effects {
    /// Over where values go.
    pub fn new(flow: Flow) -> Effects {
        let memo = Memo { endings: Table::keeping(ending::keep_for), ..Memo::default() };
        Effects { flow, memo }
    }

    /// How far the questions that are being answered have come.
    pub(crate) fn marks(&self) -> Marks {
        let Memo { endings, circles, built_with, given, .. } = &self.memo;
        Marks {
            flow: self.depths(),
            endings: endings.depth(),
            spare: circles.spare(),
            built_with: built_with.depth(),
            given: given.depth(),
        }
    }

    /// Forgets what was being found since then: it is given up.
    pub(crate) fn give_up(&self, marks: Marks) {
        self.unwind(marks.flow);
        let Memo { endings, circles, built_with, given, .. } = &self.memo;
        endings.unwind(marks.endings);
        circles.set_spare(marks.spare);
        built_with.unwind(marks.built_with);
        given.unwind(marks.given);
    }
}

/// How many questions of each family are being answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    flow: Depths,
    endings: usize,
    spare: usize,
    built_with: usize,
    given: usize,
}
