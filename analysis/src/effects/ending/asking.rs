//! What a question about an ending carries along, and which answers hold for other questions, too.

use super::Ending;
use crate::effects::{Effects, ExprRef, FnRef, Frame};
use std::{cell::Cell, rc::Rc};

/// How many functions deep a task is followed.
const MAX_STACK: usize = 24;

/// What a question about an ending carries along.
///
/// It also notes what an answer depended on, so that the answer can be used again where that is the same: see
/// [`Effects::remembered`].
pub(crate) struct Asking {
    /// Functions whose bodies are being looked at, outermost first.
    stack: Vec<FnRef>,
    /// The largest size that the stack had.
    deepest: usize,
    /// What the task runs.
    task: RunBy,
    /// How many expressions may still be looked at.
    budget: u32,
    /// Functions that were gone into, or whose remembered answers went into them.
    visited: Vec<FnRef>,
    /// Functions that were not gone into because they are being looked at already.
    cuts: Vec<FnRef>,
    /// Whether something was left out because there was no room for it.
    is_out_of_room: bool,
    /// Whether the body runs on a thread for blocking work.
    pub(super) blocking: bool,
    /// How many hand-written `poll` functions deep it is.
    pub(super) polls: usize,
}

/// What the task runs whose ending is asked for, to tell what the task itself holds.
#[derive(Default)]
pub(crate) struct RunBy {
    task: Option<ExprRef>,
    /// Whether an answer depended on it.
    was_asked: Cell<bool>,
}

impl RunBy {
    /// The expression that the task runs. `None` if the question is asked for no task in particular.
    pub(crate) fn get(&self) -> Option<ExprRef> {
        self.was_asked.set(true);
        self.task
    }

    fn note(&self, was_asked: bool) {
        self.was_asked.set(self.was_asked.get() | was_asked);
    }
}

impl Asking {
    pub(crate) fn new(task: Option<ExprRef>, budget: u32, blocking: bool) -> Asking {
        Asking {
            stack: Vec::new(),
            deepest: 0,
            task: RunBy { task, was_asked: Cell::new(false) },
            budget,
            visited: Vec::new(),
            cuts: Vec::new(),
            is_out_of_room: false,
            blocking,
            polls: 0,
        }
    }

    /// Takes one expression from the budget. Says whether there was one left.
    pub(super) fn spend(&mut self) -> bool {
        let has_budget = self.has_budget();
        self.budget = self.budget.saturating_sub(1);
        has_budget
    }

    /// Whether anything is left of the budget.
    pub(super) fn has_budget(&mut self) -> bool {
        !self.leaves_out(self.budget == 0)
    }

    pub(super) fn task(&self) -> &RunBy {
        &self.task
    }

    /// Whether the body of a function is being looked at already.
    pub(super) fn is_inside(&mut self, function: FnRef) -> bool {
        let is_inside = self.stack.contains(&function);
        if is_inside && !self.cuts.contains(&function) {
            self.cuts.push(function);
        }
        is_inside
    }

    /// Whether no further function may be gone into.
    pub(super) fn is_too_deep(&mut self) -> bool {
        self.leaves_out(self.stack.len() >= MAX_STACK)
    }

    /// Whether one more hand-written `poll` would be too many.
    pub(super) fn polls_too_deep(&mut self, most: usize) -> bool {
        self.leaves_out(self.polls >= most)
    }

    fn leaves_out(&mut self, is_out_of_room: bool) -> bool {
        self.is_out_of_room |= is_out_of_room;
        is_out_of_room
    }

    pub(super) fn enter(&mut self, function: FnRef) {
        self.stack.push(function);
        self.visited.push(function);
        self.deepest = self.deepest.max(self.stack.len());
    }

    pub(super) fn leave(&mut self) {
        self.stack.pop();
    }
}

/// What an answer was asked for: of what function, called how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    function: FnRef,
    frame: Option<u32>,
    blocking: bool,
    polls: usize,
    /// How many answers are being found inside one another.
    depth: u32,
}

/// An answer, and where it holds.
#[derive(Debug)]
pub(crate) struct Known {
    ending: Ending,
    /// What finding it took of the budget.
    cost: u32,
    /// How many functions it went into, one inside the other.
    height: usize,
    /// Which.
    visited: Box<[FnRef]>,
    /// Functions around it that it calls again, where it was cut.
    cuts: Box<[FnRef]>,
    /// The task that it was found for, if that made a difference.
    task: Option<Option<ExprRef>>,
}

impl Known {
    /// Whether the answer is the same for this question.
    fn holds_for(&self, asking: &Asking) -> bool {
        self.cost < asking.budget
            && asking.stack.len() + self.height <= MAX_STACK
            && self.task.is_none_or(|task| task == asking.task.task)
            && self.cuts.iter().all(|function| asking.stack.contains(function))
            && !asking.stack.iter().any(|function| self.visited.contains(function))
    }

    /// Notes in a question what the answer depended on, as if it had been found for it.
    fn note_in(&self, asking: &mut Asking) {
        asking.budget -= self.cost;
        asking.deepest = asking.deepest.max(asking.stack.len() + self.height);
        asking.task.note(self.task.is_some());
        asking.visited.extend(&self.visited);
        asking.cuts.extend(&self.cuts);
    }
}

impl Effects {
    fn holds_for(&self, known: &Known, asking: &Asking) -> bool {
        self.steps.take(1 + asking.stack.len());
        known.holds_for(asking)
    }

    /// The ending of a function that is called with the arguments in `frame`, from `find` or from an earlier question.
    ///
    /// An earlier answer is used only where finding it again would give the same: there is room for as many functions
    /// and expressions as it took, the task is the same if that was asked for, and of the functions around it those
    /// that it calls are the same. So the order of questions makes no difference.
    pub(super) fn remembered(
        &self,
        function: FnRef,
        frame: Option<&Rc<Frame>>,
        asking: &mut Asking,
        find: impl FnOnce(&mut Asking) -> Ending,
    ) -> Ending {
        let asked = Asked {
            function,
            frame: frame.map(|frame| frame.id),
            blocking: asking.blocking,
            polls: asking.polls,
            depth: self.memo.depth.get(),
        };
        if let Some(known) = self.memo.endings.borrow().get(&asked)
            && let Some(known) = known.iter().find(|known| self.holds_for(known, asking))
        {
            self.steps.take(known.visited.len());
            known.note_in(asking);
            return known.ending.clone();
        }
        let budget = asking.budget;
        let deepest = std::mem::replace(&mut asking.deepest, asking.stack.len());
        let was_asked = asking.task.was_asked.take();
        let was_out_of_room = std::mem::take(&mut asking.is_out_of_room);
        let cuts = std::mem::take(&mut asking.cuts);
        let visited = asking.visited.len();
        let unsettled = self.memo.unsettled.get();
        let ending = find(asking);
        let mut below = asking.visited.split_off(visited);
        self.steps.take(below.len());
        below.sort_unstable();
        below.dedup();
        asking.visited.extend(&below);
        // What calls itself further in is cut there whoever asks.
        asking.cuts.retain(|function| asking.stack.contains(function));
        if !asking.is_out_of_room && self.memo.unsettled.get() == unsettled {
            let known = Known {
                ending: ending.clone(),
                cost: budget - asking.budget,
                height: asking.deepest - asking.stack.len(),
                visited: below.into(),
                cuts: asking.cuts.as_slice().into(),
                task: asking.task.was_asked.get().then_some(asking.task.task),
            };
            self.memo.endings.borrow_mut().entry(asked).or_default().push(known);
        }
        asking.deepest = asking.deepest.max(deepest);
        asking.task.note(was_asked);
        asking.is_out_of_room |= was_out_of_room;
        asking.cuts.extend(cuts);
        ending
    }
}
