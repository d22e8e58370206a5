//! A bound on the work of a run, so that every question ends, whatever the text makes of it.
//!
//! Questions call one another, and a text can be written for which that goes on for hours. So each look into a file is
//! a step, and a question that takes too many is given up: what it was doing is unwound to where it was asked, and its
//! answer is "unknown". Nothing half done is remembered, so other questions do not see that it was asked. Steps are
//! counted and not timed: the same text gets the same answers on any machine.

use super::{ExprRef, Resolve};
use crate::span::Span;
use rustc_hash::FxHashMap;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// How many steps questions may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// One question: what becomes of one task, what one rule says of it.
    pub question: u64,
    /// All questions of a run together, on top of what each expression of the program grants them.
    pub run: u64,
    /// All questions of a run together, for each expression of the program.
    pub expression: u64,
}

impl Default for Bounds {
    /// More than twenty times what the largest code bases take: `docs/security.md` has the figures. A run has room for
    /// several questions that are given up.
    fn default() -> Bounds {
        Bounds { question: 25_000_000, run: 250_000_000, expression: 40 }
    }
}

/// What was given up, and how much work was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// The tasks of which something is not known for that reason, by the calls that start them.
    pub tasks: BTreeSet<Span>,
    /// How many questions about other things were given up: names, guards, sets, tracing spans.
    pub others: usize,
    /// Steps of the question that took the most.
    pub largest: u64,
    /// Steps of all questions.
    pub steps: u64,
}

impl GivenUp {
    /// Whether every question has its answer.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.others == 0
    }
}

/// Unwinds a question that is given up.
struct GaveUp;

/// Counts steps.
#[derive(Debug)]
pub(crate) struct Steps {
    question: u64,
    /// What is left for the run.
    run: Cell<u64>,
    /// What is left for the question that is being asked; outside of questions there is no bound.
    left: Cell<u64>,
    given_up: RefCell<GivenUp>,
}

impl Steps {
    pub(crate) fn new(bounds: Bounds, expressions: usize) -> Steps {
        let by_size = bounds.expression.saturating_mul(expressions as u64);
        Steps {
            question: bounds.question,
            run: Cell::new(bounds.run.saturating_add(by_size)),
            left: Cell::new(u64::MAX),
            given_up: RefCell::default(),
        }
    }

    /// One step. Does not come back if it is one too many.
    pub(crate) fn step(&self) {
        self.take(1);
    }

    /// Several steps at once.
    pub(crate) fn take(&self, number: usize) {
        match self.left.get().checked_sub(number as u64) {
            Some(left) => self.left.set(left),
            None => {
                self.left.set(0);
                // No panic: no message is printed, and only `ask` catches it.
                resume_unwind(Box::new(GaveUp))
            }
        }
    }

    /// The answer to a question, if it does not take too many steps. A question inside of another counts by itself.
    pub(crate) fn ask<T>(&self, about: Option<Span>, question: impl FnOnce() -> T) -> Option<T> {
        let granted = self.question.min(self.run.get());
        let around = self.left.replace(granted);
        let answer = catch_unwind(AssertUnwindSafe(question));
        let taken = granted - self.left.replace(around);
        self.run.set(self.run.get().saturating_sub(taken));
        let mut given_up = self.given_up.borrow_mut();
        given_up.steps += taken;
        given_up.largest = given_up.largest.max(taken);
        match answer {
            Ok(answer) => return Some(answer),
            Err(payload) if !payload.is::<GaveUp>() => resume_unwind(payload),
            Err(_) => {}
        }
        match about {
            Some(task) => _ = given_up.tasks.insert(task),
            None => given_up.others += 1,
        }
        None
    }
}

impl Resolve {
    /// Whether something about a task was given up.
    pub(crate) fn gave_up_on(&self, task: ExprRef) -> bool {
        self.steps.given_up.borrow().tasks.contains(&self.span(task))
    }

    /// What was given up so far.
    pub fn given_up(&self) -> GivenUp {
        self.steps.given_up.borrow().clone()
    }
}

/// What stands in a memo in place of an answer while that is being found, and goes with this value: also when finding
/// it is given up.
pub(crate) struct Provisional<'a, K: Hash + Eq, V> {
    memo: &'a RefCell<FxHashMap<K, V>>,
    key: K,
}

impl<'a, K: Hash + Eq + Copy, V> Provisional<'a, K, V> {
    pub(crate) fn put(memo: &'a RefCell<FxHashMap<K, V>>, key: K, value: V) -> Self {
        memo.borrow_mut().insert(key, value);
        Provisional { memo, key }
    }
}

impl<K: Hash + Eq, V> Drop for Provisional<'_, K, V> {
    fn drop(&mut self) {
        self.memo.borrow_mut().remove(&self.key);
    }
}
