//! The linked program: what names mean, what each task does, who can stop it.
//!
//! Built once from the summaries of all files; everything below the index of names is computed when
//! somebody asks for it, once. Every question may answer "unknown".

mod aborts;
mod captures;
mod closes;
mod ending;
mod exits;
mod fates;
mod guards;
mod inventory;
mod layers;
mod lifetimes;
mod outcome;
mod overwrites;
mod print;
mod races;
mod reach;
mod sets;
mod signals;
mod spans;
mod supervisor;
mod sustained;
mod tasks;
mod verdict;

pub use crate::reasons::{LoopKind, MovedInto, NoExit, OpenReason};
pub use aborts::{VainAbort, VainCall};
pub use closes::{ClosedHalf, IgnoredClose, Passing};
pub use ending::{DeadExit, Ending, EndingKind, Evidence, LongWait, LoopFact, PeerOrigin, WaitLength};
pub use guards::{DiscardedGuard, GuardKind, Loss};
pub use inventory::{Cause, Named, Owner, TaskEntry, Work};
pub use layers::{Growth, Home};
pub use outcome::Failure;
pub use overwrites::Overwrite;
pub use reach::Reach;
pub use sets::{GrowingSet, SetKind, Turn};
pub use signals::{Dead, DeadCause, Signal, SignalKind};
pub use spans::{Lasting, LongLivedSpan, Opened};
pub use supervisor::{Chore, Errand, LocalSet};
pub use sustained::Sustained;
pub use tasks::{Task, Via};
pub use verdict::{Judged, Verdict};

pub use crate::flow::{Act, DropHow, Fate, FieldAct, FieldUse, Flow, OwnerEvidence, Race, RaceKind};
pub(crate) use crate::flow::{Depths, gives_signal};
pub(crate) use crate::resolve::{AccessPath, ExtraCall, FOREVER, Frame, MAX_FRAMES, Root};
pub use crate::resolve::{
    At, Binding, Body, Bounds, ConstRef, Cost, Def, ExprRef, FileOptions, FnRef, GivenUp, ImplRef, LinkOptions, ModRef,
    Origin, Parents, PatRef, Place, Resolve, Type, TypeRef, Value,
};

use crate::{crates::CrateGraph, facts::FileSummary};
use rustc_hash::FxHashMap;
use std::{
    cell::{OnceCell, RefCell},
    ops::Deref,
    sync::Arc,
};

/// The linked program.
#[derive(Debug)]
pub struct Program {
    flow: Flow,
    memo: Memo,
}

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    tasks: OnceCell<Vec<Task>>,
    endings: RefCell<FxHashMap<ending::Asked, Vec<ending::Known>>>,
    /// By call, and how many answers are being found around the question.
    usual_endings: RefCell<FxHashMap<(ExprRef, u32), Ending>>,
    /// Functions whose usual endings are being found.
    asked_functions: RefCell<Vec<FnRef>>,
    /// How often one of these was asked for again.
    unsettled: std::cell::Cell<u32>,
    reaches: RefCell<FxHashMap<FnRef, Reach>>,
    answers: OnceCell<Vec<(Fate, Ending, Reach)>>,
    depth: std::cell::Cell<u32>,
}

/// What is known below is known here.
impl Deref for Program {
    type Target = Flow;

    fn deref(&self) -> &Flow {
        &self.flow
    }
}

impl Program {
    /// Links the files of a workspace. `files` is parallel to `crates.files`.
    pub fn link(files: Vec<Arc<FileSummary>>, crates: CrateGraph, options: LinkOptions) -> Program {
        Program { flow: Flow::new(Resolve::new(files, crates, options)), memo: Memo::default() }
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

    /// The tasks of the workspace with what is known of each: fate, ending, reach.
    pub fn answers(&self) -> impl Iterator<Item = (&Task, &Fate, &Ending, &Reach)> {
        let answers =
            self.memo.answers.get_or_init(|| self.tasks().iter().map(|task| self.answers_about(task)).collect());
        self.tasks().iter().zip(answers).map(|(task, (fate, ending, reach))| (task, fate, ending, reach))
    }

    fn answers_about(&self, task: &Task) -> (Fate, Ending, Reach) {
        let about = Some(task.site);
        let fate = self.ask(about, || self.fate(task)).unwrap_or(Fate::Unknown(OpenReason::GaveUp));
        let ending = self.ask(about, || self.ending(task));
        let ending = ending.unwrap_or_else(|| Ending::unknown(OpenReason::GaveUp, self.span(task.site)));
        (fate, ending, self.ask(about, || self.reach(task)).unwrap_or(Reach::Unknown))
    }
}
