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
        AccessPath, ConstRef, Def, ExprRef, ExtraCall, FOREVER, FnRef, Frame, Origin, PatRef, Place, Root, Type,
        TypeRef, Value,
    },
};
use rustc_hash::FxHashMap;
use std::{
    cell::{Cell, RefCell},
    ops::Deref,
};

/// What code does when it runs.
#[derive(Debug)]
pub struct Effects {
    flow: Flow,
    memo: Memo,
}

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    endings: RefCell<FxHashMap<ending::Asked, Vec<ending::Known>>>,
    /// By call, and how many answers are being found around the question.
    usual_endings: RefCell<FxHashMap<(ExprRef, u32), Ending>>,
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

    /// The answer to a question about a task (by the call that starts it), or about something else, if that does not
    /// take too many steps.
    pub fn ask<T>(&self, about: Option<ExprRef>, question: impl FnOnce() -> T) -> Option<T> {
        let (depth, asked) = (self.memo.depth.get(), self.memo.asked_functions.borrow().len());
        let depths = self.depths();
        let answer = self.steps.ask(about.map(|task| self.span(task)), question);
        if answer.is_none() {
            self.unwind(depths);
            self.memo.depth.set(depth);
            self.memo.asked_functions.borrow_mut().truncate(asked);
        }
        answer
    }

    /// Forgets which answers are being found, after a panic in the middle of one.
    pub fn abandon_questions(&self) {
        self.unwind(Depths::default());
        self.memo.depth.set(0);
        self.memo.asked_functions.borrow_mut().clear();
    }
}
