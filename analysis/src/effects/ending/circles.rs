//! Functions that call one another in a circle.
//!
//! Within a circle of functions that are awaited nothing is known of what is passed: that could be something else in
//! each turn. Circles are found as Tarjan does it, with a list in place of calls, since chains of calls are as long as
//! the text makes them. Where many answers are being found inside of one another, what a chain of calls ends with is
//! asked first, and all functions of a circle are asked together.

use super::Asking;
use crate::{
    effects::{Effects, ExprRef, FnRef, Frame, Sym, Type, Value},
    facts::{Expr, ExprId, Id, Name, Owner},
    span::FileId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// How many answers are found inside of one another before what they lead to is asked from its end. Only the stack
/// depends on it, and no answer.
const CHAIN: usize = 32;

/// Which calls are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// All.
    All,
    /// Those that give futures.
    Awaited,
}

/// The functions of the circle that each is part of, those that are called first; none if it calls itself nowhere.
type Found = RefCell<FxHashMap<FnRef, Rc<[FnRef]>>>;

/// The circles that were found.
#[derive(Debug, Default)]
pub(crate) struct Circles {
    all: Found,
    awaited: Found,
    /// The functions that the text of each calls.
    called: RefCell<FxHashMap<FnRef, Rc<[FnRef]>>>,
    /// Names of methods, and whether one of that name gives a future.
    names: RefCell<FxHashMap<Sym, bool>>,
    /// Functions that were asked before what leads to them, for which tasks.
    prepared: RefCell<FxHashSet<Prepared>>,
    /// How many answers may be found inside of one another, more than [`CHAIN`], before that is done.
    spare: Cell<usize>,
}

/// A function that was asked about before what leads to it: called how, for which task, on what kind of thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Prepared {
    function: FnRef,
    frame: Option<u32>,
    task: Option<ExprRef>,
    blocking: bool,
}

/// A function whose calls are being gone through.
struct Entered {
    function: FnRef,
    called: Vec<FnRef>,
    next: usize,
    /// Its place on the list of those whose circle is open, and the outermost one that it leads to.
    place: usize,
    low: usize,
}

impl Circles {
    fn of(&self, calls: Calls) -> &Found {
        match calls {
            Calls::All => &self.all,
            Calls::Awaited => &self.awaited,
        }
    }

    /// How many answers may be found inside of one another.
    pub(in crate::effects) fn spare(&self) -> usize {
        self.spare.get()
    }

    /// Sets that back: what was being found is given up.
    pub(in crate::effects) fn set_spare(&self, spare: usize) {
        self.spare.set(spare);
    }
}

impl Effects {
    /// The functions of the circle that a function is part of, those that are called first. None if there is none.
    fn circle_of(&self, function: FnRef, calls: Calls) -> Rc<[FnRef]> {
        if let Some(known) = self.memo.circles.of(calls).borrow().get(&function) {
            return Rc::clone(known);
        }
        self.find_circles(function, calls);
        Rc::clone(&self.memo.circles.of(calls).borrow()[&function])
    }

    /// The functions of a circle to ask together: only where many questions are open.
    pub(super) fn circle_to_ask(&self, function: FnRef) -> Rc<[FnRef]> {
        match self.memo.endings.depth() < CHAIN {
            true => Rc::from([]),
            false => self.circle_of(function, Calls::All),
        }
    }

    /// The frame in which a called function runs: none within a circle.
    pub(in crate::effects) fn enter_once(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        (!self.is_within_circle(call, function)).then(|| self.enter(call, function)).flatten()
    }

    /// The same to ask for the ending of what runs in it: see [`Resolve::enter_to_run`](crate::resolve::Resolve).
    pub(in crate::effects) fn enter_once_to_run(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        (!self.is_within_circle(call, function)).then(|| self.enter_to_run(call, function)).flatten()
    }

    fn is_within_circle(&self, call: &Value, function: FnRef) -> bool {
        let circle_of = |function| self.circle_of(function, Calls::Awaited);
        self.gives_future(function)
            && !circle_of(function).is_empty()
            && self.enclosing_fn(call.expr).is_some_and(|caller| Rc::ptr_eq(&circle_of(function), &circle_of(caller)))
    }

    /// Asks for the endings of what a function leads to, if there are many questions open, so that they do not open one
    /// another all the way.
    pub(super) fn prepare(&self, function: FnRef, frame: Option<&Rc<Frame>>, asking: &Asking) {
        let Circles { prepared, spare, .. } = &self.memo.circles;
        let depth = self.memo.endings.depth();
        let is_new = |function: FnRef, frame: Option<&Rc<Frame>>| {
            let frame = frame.map(|frame| frame.id);
            prepared.borrow_mut().insert(Prepared {
                function,
                frame,
                task: asking.task_if_any(),
                blocking: asking.blocking,
            })
        };
        if depth < spare.get() + CHAIN || !is_new(function, frame) {
            return;
        }
        let before = spare.replace(depth);
        let enter = |function: FnRef, frame: Option<Rc<Frame>>| {
            let calls = self.calls_with_frames(function, frame.as_ref());
            (function, frame, calls.into_iter())
        };
        let mut entered = vec![enter(function, frame.cloned())];
        while let Some((_, _, calls)) = entered.last_mut() {
            self.steps.step();
            match calls.next() {
                Some((below, frame)) => {
                    if !self.knows_body(below, frame.as_ref(), asking) && is_new(below, frame.as_ref()) {
                        entered.push(enter(below, frame));
                    }
                }
                None => {
                    let (function, frame, _) = entered.pop().expect("it is the last one");
                    if !entered.is_empty() && self.function(function).body.is_some() {
                        self.kept_body(function, frame.as_ref(), asking);
                    }
                }
            }
        }
        spare.set(before);
    }

    /// The functions that a function calls, each with the frame in which it is asked about.
    fn calls_with_frames(&self, function: FnRef, frame: Option<&Rc<Frame>>) -> Vec<(FnRef, Option<Rc<Frame>>)> {
        let all = self.all_called_by(function);
        let mut found: Vec<_> = all.iter().filter(|it| !self.gives_future(**it)).map(|it| (*it, None)).collect();
        let Some(body) = self.function(function).body.map(|body| function.with(body)) else {
            found.extend(all.iter().map(|it| (*it, None)));
            return found;
        };
        for at in self.first_below(body).index()..=body.id.index() {
            let call = Value { expr: body.with(ExprId::from_index(at)), frame: frame.cloned() };
            if let Expr::Call { .. } | Expr::MethodCall { .. } = self.expr(&call)
                && let Some(called) = self.called_fn(&Value::bare(call.expr))
                && self.gives_future(called)
            {
                found.push((called, self.enter_once_to_run(&call, called)));
            }
        }
        // What stands beside a call: all that a method of a trait means, twins under other cfgs.
        let called: FxHashSet<FnRef> = found.iter().map(|(called, _)| *called).collect();
        found.extend(all.iter().filter(|it| !called.contains(*it)).map(|it| (*it, None)));
        found
    }

    fn all_called_by(&self, function: FnRef) -> Rc<[FnRef]> {
        if let Some(known) = self.memo.circles.called.borrow().get(&function) {
            return Rc::clone(known);
        }
        let found: Rc<[FnRef]> = self.called_by(function, Calls::All).into();
        self.memo.circles.called.borrow_mut().insert(function, Rc::clone(&found));
        found
    }

    fn find_circles(&self, from: FnRef, calls: Calls) {
        let known = self.memo.circles.of(calls);
        let mut places: FxHashMap<FnRef, usize> = FxHashMap::default();
        let mut open: Vec<FnRef> = Vec::new();
        let mut entered: Vec<Entered> = Vec::new();
        let mut next = Some(from);
        loop {
            if let Some(function) = next.take() {
                let place = open.len();
                places.insert(function, place);
                open.push(function);
                entered.push(Entered { function, called: self.called_by(function, calls), next: 0, place, low: place });
            }
            let Some(here) = entered.last_mut() else { return };
            self.steps.step();
            if let Some(called) = here.called.get(here.next).copied() {
                here.next += 1;
                if let Some(place) = places.get(&called) {
                    here.low = here.low.min(*place);
                } else if !known.borrow().contains_key(&called) {
                    next = Some(called);
                }
                continue;
            }
            let done = entered.pop().expect("it is the last one");
            if let Some(around) = entered.last_mut() {
                around.low = around.low.min(done.low);
            }
            if done.low == done.place {
                let mut circle = open.split_off(done.place);
                for function in &circle {
                    places.remove(function);
                }
                circle.reverse();
                let is_one = circle.len() > 1 || done.called.contains(&done.function);
                let with_body: Rc<[FnRef]> = match is_one {
                    true => circle.iter().copied().filter(|it| self.function(*it).body.is_some()).collect(),
                    false => Rc::from([]),
                };
                known.borrow_mut().extend(circle.into_iter().map(|function| (function, Rc::clone(&with_body))));
            }
        }
    }

    /// Whether what a function gives is awaited.
    fn gives_future(&self, function: FnRef) -> bool {
        self.function(function).is_async || matches!(self.return_type(function), Type::Future(_))
    }

    fn is_name_of_future(&self, file: FileId, method: Name) -> bool {
        let sym = self.names.sym(file, method);
        if let Some(known) = self.memo.circles.names.borrow().get(&sym) {
            return *known;
        }
        let found = self.names.methods_named(&self.file(file)[method]).iter().any(|it| self.gives_future(*it));
        self.memo.circles.names.borrow_mut().insert(sym, found);
        found
    }

    /// The functions that the text of a function calls; of a method of a trait, all that it stands for.
    fn called_by(&self, function: FnRef, calls: Calls) -> Vec<FnRef> {
        let mut found = Vec::new();
        let item = self.function(function);
        if matches!(item.owner, Owner::Trait(_)) {
            found.extend(self.dispatched(function).iter().copied().filter(|it| *it != function));
        }
        let twins = self.twins(function);
        if twins.first() == Some(&function) {
            found.extend(&twins[1..]);
        }
        if let Some(body) = item.body {
            let body = function.with(body);
            let file = self.file(function.file);
            for at in self.first_below(body).index()..=body.id.index() {
                let call = body.with(ExprId::from_index(at));
                let may_be_meant = match (file[call.id], calls) {
                    (Expr::Call { .. }, _) | (Expr::MethodCall { .. }, Calls::All) => true,
                    (Expr::MethodCall { method, .. }, Calls::Awaited) => self.is_name_of_future(function.file, method),
                    _ => false,
                };
                if may_be_meant && let Some(called) = self.called_fn(&Value::bare(call)) {
                    found.push(called);
                }
            }
        }
        if calls == Calls::Awaited {
            found.retain(|called| self.gives_future(*called));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
