//! What code does when it runs: when it ends, on what sign, with its peer, never; and which signs can still come.

mod closes;
mod ending;
mod exits;
mod signals;

pub use closes::{ClosedHalf, IgnoredClose, Passing};
pub(crate) use ending::{Asking, BUDGET, RunBy};
pub use ending::{DeadExit, Ending, EndingKind, Evidence, LongWait, LoopFact, PeerOrigin, WaitLength};
pub(crate) use exits::{Exit, Trigger};
pub use signals::{Dead, DeadCause, Signal, SignalKind};

use crate::{
    flow::{Act, Depths, Fate, FieldUse, Flow},
    reasons::{LoopKind, NoExit, OpenReason},
    resolve::{
        AccessPath, ConstRef, Def, ExprRef, ExtraCall, FOREVER, FnRef, Frame, Origin, PatRef, Place, Root, Sym, Type,
        TypeRef, Value,
    },
};
use rustc_hash::FxHashMap;
use std::{
    cell::{Cell, RefCell},
    ops::Deref,
    rc::Rc,
};

/// What code does when it runs.
#[derive(Debug)]
pub struct Effects {
    flow: Flow,
    memo: Memo,
}

/// What is put into a field.
type Puts = Rc<[ExprRef]>;

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    endings: RefCell<FxHashMap<ending::Asked, Vec<ending::Known>>>,
    /// By call, and how many answers are being found around the question.
    usual_endings: RefCell<FxHashMap<(ExprRef, u32), Ending>>,
    /// What is put into each field after its owner was made.
    puts: RefCell<FxHashMap<(TypeRef, Sym), Puts>>,
    /// Functions whose usual endings are being found.
    asked_functions: RefCell<Vec<FnRef>>,
    /// How often one of these was asked for again.
    unsettled: Cell<u32>,
    depth: Cell<u32>,
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
        Effects { flow, memo: Memo::default() }
    }

    /// How far the questions that are being answered have come.
    pub(crate) fn marks(&self) -> Marks {
        let Memo { depth, asked_functions, .. } = &self.memo;
        Marks { flow: self.depths(), depth: depth.get(), asked: asked_functions.borrow().len() }
    }

    /// Forgets what was being found since then: it is given up.
    pub(crate) fn give_up(&self, marks: Marks) {
        self.unwind(marks.flow);
        self.memo.depth.set(marks.depth);
        self.memo.asked_functions.borrow_mut().truncate(marks.asked);
    }
}

/// How many questions of each family are being answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    flow: Depths,
    depth: u32,
    asked: usize,
}
