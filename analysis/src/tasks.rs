//! Every task of the workspace: where it is started, what becomes of its handle, when it ends, how often it is started.

mod captures;
mod circles;
mod endings;
mod fates;
mod lifetimes;
mod races;
mod reach;
mod spawns;
mod wrappers;

pub use reach::Reach;
pub use spawns::{Task, Via, Wrapped, Wrapper};

use crate::{
    effects::{DeadExit, Effects, Ending, EndingKind, Evidence, Gate, Marks, SignalKind},
    fixpoint::Table,
    flow::{Fate, FieldUse, Race, RaceKind},
    reasons::{MovedInto, OpenReason},
    resolve::{Def, ExprRef, ExtraCall, FnRef, Frame, Origin, PatRef, Place, Type, TypeRef, Value},
};
use rustc_hash::FxHashMap;
use std::{
    cell::{OnceCell, RefCell},
    ops::Deref,
};

/// Every task of the workspace.
#[derive(Debug)]
pub struct Tasks {
    effects: Effects,
    memo: Memo,
}

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    tasks: OnceCell<Vec<Task>>,
    /// Which users of libraries count as callers goes with each.
    reaches: Table<(FnRef, reach::Users), Reach>,
    /// What drops futures half-way.
    races: Table<races::Dropped, Option<Race>>,
    /// Types that keep next to nothing alive.
    light: Table<TypeRef, bool>,
    answers: OnceCell<Vec<(Fate, Ending, Reach)>>,
    /// Of each block that was asked about, what decides how often its statements run.
    turns: RefCell<FxHashMap<ExprRef, reach::Turns>>,
}

/// What code does is known here, too.
impl Deref for Tasks {
    type Target = Effects;

    fn deref(&self) -> &Effects {
        &self.effects
    }
}

impl Tasks {
    /// Over what code does.
    pub fn new(effects: Effects) -> Tasks {
        Tasks { effects, memo: Memo::default() }
    }

    /// The answer to a question about a task (by the call that starts it), or about something else, if that does not
    /// take too many steps.
    pub fn ask<T>(&self, about: Option<ExprRef>, question: impl FnOnce() -> T) -> Option<T> {
        let below = self.marks();
        let (reaches, races, light) = (self.memo.reaches.depth(), self.memo.races.depth(), self.memo.light.depth());
        let answer = self.steps.ask(about.map(|task| self.span(task)), question);
        if answer.is_none() {
            self.give_up(below);
            self.memo.reaches.unwind(reaches);
            self.memo.races.unwind(races);
            self.memo.light.unwind(light);
        }
        answer
    }

    /// Forgets which answers are being found, after a panic in the middle of one.
    pub fn abandon_questions(&self) {
        self.give_up(Marks::default());
        self.memo.reaches.unwind(0);
        self.memo.races.unwind(0);
        self.memo.light.unwind(0);
    }

    /// The tasks of the workspace with what is known of each: fate, ending, reach.
    pub fn answers(&self) -> impl Iterator<Item = (&Task, &Fate, &Ending, &Reach)> {
        let answers = self.memo.answers.get_or_init(|| {
            let mut answers: Vec<_> = self.tasks().iter().map(|task| self.answers_about(task)).collect();
            self.close_circles(&mut answers);
            answers
        });
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
