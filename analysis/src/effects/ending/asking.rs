//! What a question about an ending carries along, and the answers that are kept.
//!
//! What a function, an async block or a closure takes is found once for each way in which it is run: with what was
//! passed, on what kind of thread, and, where that makes a difference, by which task. Functions that call one another
//! in a circle (see [`circles`](super::circles)) get the least fixpoint of their answers.

use super::{Ending, EndingKind};
use crate::{
    effects::{Effects, ExprRef, FnRef, Frame, OpenReason},
    fixpoint,
    span::Span,
};
use std::{cell::Cell, rc::Rc};

/// What a question about an ending carries along.
pub(crate) struct Asking {
    /// What the task runs.
    task: RunBy,
    /// Whether the body runs on a thread for blocking work.
    pub(super) blocking: bool,
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
}

impl Asking {
    pub(crate) fn new(task: Option<ExprRef>, blocking: bool) -> Asking {
        Asking { task: RunBy { task, was_asked: Cell::new(false) }, blocking }
    }

    pub(super) fn task(&self) -> &RunBy {
        &self.task
    }

    /// The task, where it makes no difference to the answer.
    pub(super) fn task_if_any(&self) -> Option<ExprRef> {
        self.task.task
    }
}

/// A question whose answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    about: About,
    blocking: bool,
    /// For which task. `None` for any, as long as that makes no difference.
    task: Option<ExprRef>,
}

/// What is asked about. Frames are told apart by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum About {
    /// The body of a function, run to its end.
    Body(FnRef, Option<u32>),
    /// The same of all that take its place under other cfgs.
    Twins(FnRef, Option<u32>),
    /// The body of a closure, and the future that it gives.
    Closure(ExprRef, Option<u32>),
    /// The async block, run to its end.
    Block(ExprRef, Option<u32>),
    /// Awaiting a value that has a name, or that a function gives.
    Future(ExprRef, Option<u32>),
    /// All functions that a method of a trait stands for.
    Implementations(FnRef),
    /// The same, of which one that comes back is enough.
    Return(FnRef),
    /// A `poll` that is written by hand.
    Poll(FnRef),
    /// What was put into a collection that a function makes.
    Pool(ExprRef, Option<u32>),
}

/// An answer, and where it holds.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    ending: Option<Ending>,
    /// Whether it may be another one for some task.
    asks_task: bool,
    /// Of what is part of a circle: whether the answer was only taken for granted so far, and where it stands.
    circle: Option<(bool, Span)>,
}

impl Answer {
    /// What comes first, and is better than it, while the answers of a circle are found. That something calls itself
    /// says nothing yet; then how long it may live, so that what one part of the circle shows reaches all.
    fn rank(&self) -> u32 {
        match &self.ending {
            Some(ending) if ending.calls_itself() => 0,
            Some(ending) => 1 + ending.kind.rank(),
            None => 1 + EndingKind::Unknown.rank(),
        }
    }

    /// How much it tells.
    fn size(&self) -> usize {
        self.ending.as_ref().map_or(0, Ending::size)
    }
}

/// The question that an answer is kept for: if it holds for all tasks, for none in particular.
pub(crate) fn keep_for(question: Question, answer: &Answer) -> Question {
    match answer.asks_task {
        true => question,
        false => Question { task: None, ..question },
    }
}

impl fixpoint::Answer for Answer {
    fn improve(&mut self, found: Answer) -> bool {
        let asks_task = self.asks_task | found.asks_task;
        let is_assumed = self.circle.is_some_and(|(is_assumed, _)| is_assumed);
        let is_better = (found.rank(), found.size()) > (self.rank(), self.size()) || asks_task != self.asks_task;
        if is_better || is_assumed {
            self.ending = found.ending;
            if let (Some(ending), Some((_, at))) = (&mut self.ending, self.circle) {
                ending.order(at);
            }
        }
        self.asks_task = asks_task;
        self.circle = self.circle.map(|(_, at)| (false, at));
        is_better
    }
}

impl Effects {
    /// The answer to a question, from `find` or from before.
    pub(super) fn kept(
        &self,
        about: About,
        asking: &Asking,
        find: impl Fn(&Asking) -> Option<Ending>,
    ) -> Option<Ending> {
        self.asked(about, asking, |question| {
            let find = || found(question.task, asking.blocking, &find);
            self.memo.endings.get(question, || self.worst(about), find)
        })
    }

    /// The body of a function, run to its end.
    pub(super) fn kept_body(&self, function: FnRef, frame: Option<&Rc<Frame>>, asking: &Asking) -> Ending {
        self.prepare(function, frame, asking);
        let about = About::Body(function, frame.map(|frame| frame.id));
        let circle = self.circle_to_ask(function);
        let ending = match frame {
            None if !circle.is_empty() => self.asked(about, asking, |asked| {
                let question = |function: &FnRef| Question { about: About::Body(*function, None), ..asked };
                let all: Vec<Question> = circle.iter().map(question).collect();
                let find = |question: Question| {
                    let About::Body(function, _) = question.about else { unreachable!("they are all about bodies") };
                    let find = |asking: &Asking| Some(self.find_body_ending(function, None, asking));
                    found(question.task, question.blocking, &find)
                };
                self.memo.endings.get_with(asked, &all, |question| self.worst(question.about), find)
            }),
            _ => self.kept(about, asking, |asking| Some(self.find_body_ending(function, frame, asking))),
        };
        ending.expect("a body has an ending")
    }

    /// Asks for the task that is meant. An answer for which that made no difference holds for all.
    fn asked(&self, about: About, asking: &Asking, ask: impl Fn(Question) -> Answer) -> Option<Ending> {
        let for_any = Question { about, blocking: asking.blocking, task: None };
        let known = self.memo.endings.known(for_any).filter(|known| asking.task.task.is_none() || !known.asks_task);
        let answer = known.unwrap_or_else(|| ask(Question { task: asking.task.task, ..for_any }));
        if answer.asks_task {
            asking.task.was_asked.set(true);
        }
        answer.ending
    }

    /// What is taken for granted of something that comes back to itself.
    fn worst(&self, about: About) -> Answer {
        let at = match about {
            About::Body(function, _)
            | About::Twins(function, _)
            | About::Implementations(function)
            | About::Return(function)
            | About::Poll(function) => self.function(function).name_range.in_file(function.file),
            About::Block(expr, _) | About::Closure(expr, _) | About::Future(expr, _) | About::Pool(expr, _) => {
                self.span(expr)
            }
        };
        let ending = match about {
            About::Body(..) | About::Twins(..) | About::Block(..) | About::Closure(..) | About::Future(..) => {
                Some(Ending::unknown(OpenReason::CallsItself, at))
            }
            // It polls itself again: nothing new.
            About::Poll(_) => Some(Ending::short()),
            About::Return(_) => Some(Ending::short()),
            About::Implementations(_) | About::Pool(..) => None,
        };
        Answer { ending, asks_task: false, circle: Some((true, at)) }
    }
}

fn found(task: Option<ExprRef>, blocking: bool, find: &dyn Fn(&Asking) -> Option<Ending>) -> Answer {
    let asking = Asking::new(task, blocking);
    let ending = find(&asking);
    Answer { ending, asks_task: asking.task.was_asked.get(), circle: None }
}
