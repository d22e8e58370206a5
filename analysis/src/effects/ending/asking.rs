//! What a question about an ending carries along, and the answers that are kept.
//!
//! What a function, an async block or a closure takes is found once for each way in which it is run: with what was
//! passed, on what kind of thread, and, where that makes a difference, by which task. Functions that call one another
//! in a circle (see [`circles`](super::circles)) get the least fixpoint of their answers.

use super::{Ending, EndingKind};
use crate::{
    effects::{Asked, Effects, ExprRef, FnRef, Frame, OpenReason},
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
    /// A question about this task, whatever its answer depends on.
    pub(crate) fn task(task: ExprRef) -> RunBy {
        RunBy { task: Some(task), was_asked: Cell::new(false) }
    }

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

    /// Asks about what runs on another kind of thread.
    pub(super) fn on_thread<T>(&self, blocking: bool, ask: impl FnOnce(&Asking) -> T) -> T {
        let there = Asking::new(self.task.task, blocking);
        let answer = ask(&there);
        self.task.was_asked.set(self.task.was_asked.get() || there.task.was_asked.get());
        answer
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
pub(crate) enum About {
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

/// In which frames an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// In any.
    Anywhere,
    /// In those in which the same was passed, by the number of that, as far as it was asked.
    With(Asked, u32),
}

/// In place of the number of a frame: any frame.
const ANY: u32 = u32::MAX;
/// From here on, in place of the number of a frame: those in which the same was passed.
const WITH: u32 = 1 << 31;

impl About {
    /// The number of the frame.
    fn frame(self) -> Option<u32> {
        match self {
            About::Body(_, frame)
            | About::Twins(_, frame)
            | About::Closure(_, frame)
            | About::Block(_, frame)
            | About::Future(_, frame)
            | About::Pool(_, frame) => frame,
            About::Implementations(_) | About::Return(_) | About::Poll(_) => None,
        }
    }

    /// The same in any frame that an answer holds in. `None` where no frame is known: that is something else.
    fn in_frames(self, holds: Holds) -> Option<About> {
        self.frame()?;
        let any = Some(match holds {
            Holds::Anywhere => ANY,
            Holds::With(_, passed) => WITH | passed,
        });
        Some(match self {
            About::Body(function, _) => About::Body(function, any),
            About::Twins(function, _) => About::Twins(function, any),
            About::Closure(expr, _) => About::Closure(expr, any),
            About::Block(expr, _) => About::Block(expr, any),
            About::Future(expr, _) => About::Future(expr, any),
            About::Pool(expr, _) => About::Pool(expr, any),
            About::Implementations(_) | About::Return(_) | About::Poll(_) => self,
        })
    }
}

/// An answer, and where it holds.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    ending: Option<Ending>,
    /// Whether it may be another one for some task.
    asks_task: bool,
    /// In which frames it holds.
    holds: Holds,
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

/// The question that an answer is kept for: if it holds for all tasks, for none in particular, and if it holds whatever
/// was passed, for any frame.
pub(crate) fn keep_for(question: Question, answer: &Answer) -> Question {
    let task = question.task.filter(|_| answer.asks_task);
    let about = question.about.in_frames(answer.holds).unwrap_or(question.about);
    Question { about, task, ..question }
}

impl fixpoint::Answer for Answer {
    fn improve(&mut self, found: Answer) -> bool {
        let asks_task = self.asks_task | found.asks_task;
        // What is asked of a frame only gets more.
        let holds = found.holds;
        let is_assumed = self.circle.is_some_and(|(is_assumed, _)| is_assumed);
        let is_better = (found.rank(), found.size()) > (self.rank(), self.size())
            || (asks_task, holds) != (self.asks_task, self.holds);
        if is_better || is_assumed {
            self.ending = found.ending;
            if let (Some(ending), Some((_, at))) = (&mut self.ending, self.circle) {
                ending.order(at);
            }
        }
        self.asks_task = asks_task;
        self.holds = holds;
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
            let find = || self.found(question, &find);
            self.memo.endings.get(question, || self.worst(about), find)
        })
    }

    /// The body of a function, run to its end.
    pub(super) fn kept_body(&self, function: FnRef, frame: Option<&Rc<Frame>>, asking: &Asking) -> Ending {
        let about = About::Body(function, frame.map(|frame| frame.id));
        if let Some(known) = self.known_for_more_frames(about, asking) {
            return known.expect("a body has an ending");
        }
        self.prepare(function, frame, asking);
        let circle = self.circle_to_ask(function);
        let ending = match frame {
            None if !circle.is_empty() => self.asked(about, asking, |asked| {
                let question = |function: &FnRef| Question { about: About::Body(*function, None), ..asked };
                let all: Vec<Question> = circle.iter().map(question).collect();
                let find = |question: Question| {
                    let About::Body(function, _) = question.about else { unreachable!("they are all about bodies") };
                    let find = |asking: &Asking| Some(self.find_body_ending(function, None, asking));
                    self.found(question, &find)
                };
                self.memo.endings.get_with(asked, &all, |question| self.worst(question.about), find)
            }),
            _ => self.kept(about, asking, |asking| Some(self.find_body_ending(function, frame, asking))),
        };
        ending.expect("a body has an ending")
    }

    /// Whether it is known when the body of a function ends.
    pub(super) fn knows_body(&self, function: FnRef, frame: Option<&Rc<Frame>>, asking: &Asking) -> bool {
        let about = About::Body(function, frame.map(|frame| frame.id));
        let is_known = |about: About| {
            let question = |task| Question { about, blocking: asking.blocking, task };
            let for_any = |known: &Answer| asking.task.task.is_none() || !known.asks_task;
            self.memo.endings.is_known(question(None), for_any)
                || asking.task.task.is_some() && self.memo.endings.is_known(question(asking.task.task), |_| true)
        };
        is_known(about) || about.in_frames(Holds::Anywhere).is_some_and(is_known)
    }

    /// Asks for the task that is meant. An answer for which that made no difference holds for all.
    fn asked(&self, about: About, asking: &Asking, ask: impl Fn(Question) -> Answer) -> Option<Ending> {
        if let Some(known) = self.known_for_more_frames(about, asking) {
            return known;
        }
        let known = self.known_for_any_task(about, asking);
        let question = Question { about, blocking: asking.blocking, task: asking.task.task };
        self.taken_in(known.unwrap_or_else(|| ask(question)), asking)
    }

    /// An answer that was found in another frame, and holds in this one, too.
    fn known_for_more_frames(&self, about: About, asking: &Asking) -> Option<Option<Ending>> {
        let known = |holds: Holds| {
            let about = about.in_frames(holds)?;
            let for_task = || {
                asking.task.task?;
                self.memo.endings.known(Question { about, blocking: asking.blocking, task: asking.task.task })
            };
            self.known_for_any_task(about, asking).or_else(for_task)
        };
        let frame = about.frame()?;
        let as_asked = || {
            let all = self.memo.asked.borrow().get(&about.in_frames(Holds::Anywhere)?).cloned()?;
            let frame = self.frame_of(frame);
            all.iter().find_map(|asked| {
                let answer = known(Holds::With(*asked, self.passed_as_asked(&frame, *asked)))?;
                frame.ask(*asked);
                Some(answer)
            })
        };
        let answer = known(Holds::Anywhere).or_else(as_asked)?;
        Some(self.taken_in(answer, asking))
    }

    fn known_for_any_task(&self, about: About, asking: &Asking) -> Option<Answer> {
        let known = self.memo.endings.known(Question { about, blocking: asking.blocking, task: None });
        known.filter(|known| asking.task.task.is_none() || !known.asks_task)
    }

    fn taken_in(&self, answer: Answer, asking: &Asking) -> Option<Ending> {
        if answer.asks_task {
            asking.task.was_asked.set(true);
        }
        answer.ending
    }

    /// Finds an answer, and notes what it depends on.
    fn found(&self, question: Question, find: &dyn Fn(&Asking) -> Option<Ending>) -> Answer {
        let asking = Asking::new(question.task, question.blocking);
        let ending = find(&asking);
        let holds = match question.about.frame().map(|frame| self.frame_of(frame)) {
            Some(frame) => {
                let named = ending.iter().flat_map(Ending::sources).filter(|source| source.frame == Some(frame.id));
                named.for_each(|source| frame.ask(self.asked_by(&frame, source.expr)));
                self.where_it_holds(question.about, &frame)
            }
            None => Holds::Anywhere,
        };
        Answer { ending, asks_task: asking.task.was_asked.get(), holds, circle: None }
    }

    fn where_it_holds(&self, about: About, frame: &Frame) -> Holds {
        let asked = frame.asked();
        if asked.is_nothing() {
            return Holds::Anywhere;
        }
        if let Some(about) = about.in_frames(Holds::Anywhere) {
            let mut all = self.memo.asked.borrow_mut();
            let all = all.entry(about).or_default();
            if !all.contains(&asked) {
                all.push(asked);
            }
        }
        Holds::With(asked, self.passed_as_asked(frame, asked))
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
        Answer { ending, asks_task: false, holds: Holds::Anywhere, circle: Some((true, at)) }
    }
}
