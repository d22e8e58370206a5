//! The linked program: what names mean, what each task does, who can stop it.
//!
//! Built once from the summaries of all files; everything below the index of names is computed when
//! somebody asks for it, once. Every question may answer "unknown".

mod aborts;
mod guards;
mod inventory;
mod layers;
mod outcome;
mod overwrites;
mod own_runtime;
mod owners;
mod ownership;
mod print;
mod probes;
mod run_to_end;
mod sets;
mod signs;
mod spans;
mod supervisor;
mod sustained;
mod unfollowed;
mod unsafe_join;
mod verdict;

pub use crate::reasons::{LoopKind, MovedInto, NoExit, OpenReason};
pub use aborts::{VainAbort, VainCall};
pub use guards::{DiscardedGuard, GuardKind, Loss};
pub use inventory::{Cause, Named, Owner, TaskEntry, Work};
pub use layers::{Growth, Home};
pub use outcome::Failure;
pub use overwrites::{Cleared, Overwrite};
pub use owners::{Holds, OwnerAct, OwnerEntry, OwnerField, OwnerVerdict};
pub use ownership::{EndedByDrop, Stop};
pub use sets::{GrowingSet, SetKind, Turn};
pub use spans::{Lasting, LongLivedSpan, Opened};
pub use supervisor::{Chore, Errand, LocalSet};
pub use sustained::{Outliving, Sustained};
pub use unsafe_join::UnsafeJoin;
pub use verdict::{Judged, Verdict};

pub use crate::effects::{
    ClosedHalf, Dead, DeadCause, DeadExit, Effects, Ending, EndingKind, Evidence, IgnoredClose, LongWait, LoopFact,
    Passing, PeerOrigin, Signal, SignalKind, WaitLength,
};
pub(crate) use crate::effects::{Exit, RunBy, Trigger};
pub(crate) use crate::flow::gives_signal;
pub use crate::flow::{Act, DropHow, Fate, FieldAct, FieldUse, Flow, OwnerEvidence, Race, RaceKind};
pub(crate) use crate::resolve::{AccessPath, Root};
pub use crate::resolve::{
    At, Binding, Body, Bounds, ConstRef, Cost, Def, ExprRef, FileOptions, FnRef, GivenUp, ImplRef, LinkOptions, ModRef,
    Origin, Parents, PatRef, Place, Resolve, Type, TypeRef, Value, ValueId,
};
pub use crate::tasks::{Reach, Task, Tasks, Via};

use crate::{crates::CrateGraph, facts::FileSummary};
use std::{ops::Deref, sync::Arc};

/// The linked program.
#[derive(Debug)]
pub struct Program {
    tasks: Tasks,
}

/// What is known below is known here.
impl Deref for Program {
    type Target = Tasks;

    fn deref(&self) -> &Tasks {
        &self.tasks
    }
}

impl Program {
    /// Links the files of a workspace. `files` is parallel to `crates.files`.
    pub fn link(files: Vec<Arc<FileSummary>>, crates: CrateGraph, options: LinkOptions) -> Program {
        let flow = Flow::new(Resolve::new(files, crates, options));
        Program { tasks: Tasks::new(Effects::new(flow)) }
    }
}
