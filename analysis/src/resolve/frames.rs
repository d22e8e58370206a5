//! Frames: what the parameters around a value stand for.
//!
//! A parameter is bound to where its argument comes from: what a function was given and hands on is still what *its*
//! caller made, in the frame where that stands. So a value that goes through any number of calls nests no deeper, and
//! ways that hand the same things on lead to the same frame. What nests is what each call makes of what it was given:
//! `run(Some(x))`, a closure around a closure. A function that calls itself would do so for ever: what its parameter
//! would be made of itself is not known. And of two calls that wrap differently, at each of n levels, come 2^n values:
//! there a bound is needed, see `NESTED`.

use super::{ExprRef, FnRef, Origin, PatRef, Place, Resolve, Type, Value, ValueId, value::Key};
use crate::facts::{Expr, ExprId, Id, PatId};
use rustc_hash::FxHashSet;
use std::{cell::Cell, collections::BTreeMap, rc::Rc};

/// How deep values may nest, each made in a call of what that was given. What nests deeper could be one of many
/// things: nothing is known of that parameter then. It is not how many calls a value goes through.
const NESTED: u32 = 12;

/// Stands for what a closure has from where it was made, in place of a parameter.
const CAPTURES: u32 = u32::MAX - 2;

/// What the parameters of a call stand for.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Frames with the same number are the same.
    pub(crate) id: u32,
    /// All parameter patterns in order, and where what was passed comes from; `None` if nothing is known of that.
    args: Box<[Arg]>,
    /// Frames below this one.
    depth: u32,
    /// What an answer may depend on.
    asked: Cell<Asked>,
}

/// A parameter, and where what was passed for it comes from.
type Arg = (PatRef, Option<Value>);

/// What is asked of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Nothing.
    Nothing,
    /// The type of what was passed.
    Type,
    /// What was passed.
    Value,
}

/// What of a frame an answer may depend on: a bit for each parameter, in order. The last bit is for all further ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Asked {
    values: u32,
    types: u32,
}

impl Asked {
    /// All that was passed.
    pub(crate) const ALL: Asked = Asked { values: u32::MAX, types: 0 };

    /// What was passed for these parameters.
    pub(super) fn values(params: u32) -> Asked {
        Asked { values: params, types: 0 }
    }

    fn of(at: usize, ask: Ask) -> Asked {
        match ask {
            Ask::Nothing => Asked::default(),
            Ask::Type => Asked { types: bit(at), values: 0 },
            Ask::Value => Asked { types: 0, values: bit(at) },
        }
    }

    /// What is asked of the parameter at this place.
    fn at(self, at: usize) -> Ask {
        match (self.values & bit(at), self.types & bit(at)) {
            (0, 0) => Ask::Nothing,
            (0, _) => Ask::Type,
            _ => Ask::Value,
        }
    }

    /// Whether an answer is the same in any frame.
    pub(crate) fn is_nothing(self) -> bool {
        self == Asked::default()
    }

    /// Both.
    pub(crate) fn and(self, other: Asked) -> Asked {
        Asked { values: self.values | other.values, types: self.types | other.types }
    }
}

/// The bit of the parameter at this place.
pub(super) fn bit(at: usize) -> u32 {
    1 << at.min(31)
}

impl Frame {
    /// What was passed for a parameter, by its pattern.
    pub(crate) fn passed(&self, param: PatRef) -> Option<Value> {
        let at = self.place_of(param)?;
        self.ask(Asked::of(at, Ask::Value));
        self.args[at].1.clone()
    }

    fn place_of(&self, param: PatRef) -> Option<usize> {
        self.args.iter().position(|(pat, _)| *pat == param)
    }

    /// What was passed, as far as that is known.
    fn known(&self) -> impl Iterator<Item = (PatRef, &Value)> {
        self.args.iter().filter_map(|(pat, value)| Some((*pat, value.as_ref()?)))
    }

    /// What an answer that was found in this frame may depend on. What was asked once counts as asked by everyone:
    /// answers are kept by the numbers of frames.
    pub(crate) fn asked(&self) -> Asked {
        self.asked.get()
    }

    /// Notes what an answer depends on.
    pub(crate) fn ask(&self, asked: Asked) {
        self.asked.set(self.asked.get().and(asked));
    }

    /// Whether a parameter is bound in this frame, or in those that what was passed stands in.
    fn binds(&self, param: PatRef, seen: &mut FxHashSet<u32>) -> bool {
        seen.insert(self.id)
            && self
                .known()
                .any(|(pat, value)| pat == param || value.frame.as_ref().is_some_and(|frame| frame.binds(param, seen)))
    }

    /// The parameters that are bound in this frame, and in those that what was passed stands in.
    fn collect_params(&self, seen: &mut FxHashSet<u32>, found: &mut FxHashSet<PatRef>) {
        if seen.insert(self.id) {
            found.extend(self.known().map(|(pat, _)| pat));
            self.known().filter_map(|(_, value)| value.frame.as_ref()).for_each(|it| it.collect_params(seen, found));
        }
    }

    /// The frame in which the closure was made that runs in this one.
    fn around(&self) -> Option<&Rc<Frame>> {
        let (_, closure) = self.args.first().filter(|_| self.is_of_closure())?;
        closure.as_ref()?.frame.as_ref()
    }

    fn is_of_closure(&self) -> bool {
        self.args.first().is_some_and(|(pat, _)| pat.id == PatId::from_index(CAPTURES as usize))
    }
}

/// What makes a frame: the parameters with what was passed, in which frames.
pub(super) type FrameKey = Box<[(PatRef, Option<Key>)]>;

/// What of a frame an answer depends on: the places of parameters, with what was passed, or the type of that.
pub(super) type Passed = Box<[(usize, PassedKey)]>;

/// What was passed for a parameter, as far as an answer depends on that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum PassedKey {
    /// Nothing that is known.
    Unknown,
    Value(Key),
    Type(Type),
}

/// The names in a body that stand for a parameter, or for what was made with one, with those parameters.
#[derive(Debug, Default)]
pub(super) struct NamesOfCallers {
    params: BTreeMap<ExprId, u32>,
    /// The parameters of all of them.
    all: u32,
}

impl NamesOfCallers {
    /// The parameters behind the names in a run of expressions.
    fn behind(&self, first: ExprId, last: ExprId) -> u32 {
        let mut found = 0;
        for (_, params) in self.params.range(first..=last) {
            found |= params;
            if found == self.all {
                break;
            }
        }
        found
    }
}

impl Value {
    fn depth(&self) -> u32 {
        self.frame.as_ref().map_or(0, |frame| frame.depth)
    }
}

impl Resolve {
    /// What was passed for a parameter.
    pub(crate) fn passed(&self, value: &Value, root: PatId) -> Option<Value> {
        self.look_up(value, root, Ask::Value)
    }

    /// The same for an answer that depends on less. On nothing does what only goes into another frame: if that one is
    /// asked, this one was, see [`Resolve::ask_if_asked`].
    pub(super) fn look_up(&self, value: &Value, root: PatId, ask: Ask) -> Option<Value> {
        let key = value.expr.with(root);
        let mut frame = value.frame.as_ref();
        while let Some(here) = frame {
            if let Some(at) = here.place_of(key) {
                here.ask(Asked::of(at, ask));
                return here.args[at].1.clone();
            }
            // Closures see the parameters of the bodies around them. Of what is around them more than the types counts.
            if here.is_of_closure() && ask != Ask::Nothing {
                here.ask(Asked::of(0, Ask::Value));
            }
            frame = here.around();
        }
        None
    }

    /// The frame in which the body of a called function runs.
    pub(crate) fn enter(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        Some(self.frame(self.params_passed(call, function)?, Ask::Value))
    }

    /// The same for one who only asks when that body ends, and then calls [`Resolve::ask_if_asked`].
    pub(crate) fn enter_to_run(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        Some(self.frame(self.params_passed(call, function)?, Ask::Nothing))
    }

    /// The parameters of a function, and what a call passes for them.
    fn params_passed(&self, call: &Value, function: FnRef) -> Option<Vec<Arg>> {
        let file = self.file(call.expr.file);
        let item = self.function(function);
        let (receiver, args) = match self.expr(call) {
            Expr::Call { args, .. } => (None, args),
            Expr::MethodCall { receiver, args, .. } => (Some(receiver), args),
            _ => return None,
        };
        if receiver.is_some() && item.self_param.is_none() {
            return None;
        }
        let params = item.self_param.map(|param| param.pat).into_iter().chain(item.params.iter().map(|it| it.pat));
        let mut values = receiver.into_iter().chain(file.list(args)).map(|arg| call.at(arg));
        Some(params.map(|pat| (function.with(pat), values.next())).collect())
    }

    /// The frame in which the body of a closure runs, called with these arguments. Who calls it calls
    /// [`Resolve::ask_if_closure_asked`] when it is known when that body ends.
    pub(crate) fn enter_closure(&self, closure: &Value, args: &[Value]) -> Option<Rc<Frame>> {
        Some(self.frame(self.closure_passed(closure, args)?, Ask::Nothing))
    }

    /// What a closure takes along, and its parameters, with what is passed for them.
    fn closure_passed(&self, closure: &Value, args: &[Value]) -> Option<Vec<Arg>> {
        let Expr::Closure { params, .. } = self.expr(closure) else { return None };
        let file = self.file(closure.expr.file);
        let captures = closure.expr.with(PatId::from_index(CAPTURES as usize));
        let mut args = args.iter().cloned();
        let params = file.list(params).map(|pat| (closure.expr.with(pat), args.next()));
        Some(std::iter::once((captures, Some(closure.clone()))).chain(params).collect())
    }

    /// If an answer that was found in the frame of a called function depends on what was passed, one found in the
    /// frame of the call does, too.
    pub(crate) fn ask_if_asked(&self, frame: &Frame, call: &Value, function: FnRef) {
        if call.frame.is_some() && !frame.asked().is_nothing() {
            self.ask_for(frame, self.params_passed(call, function));
        }
    }

    /// The same of the frame in which a closure was called.
    pub(crate) fn ask_if_closure_asked(&self, frame: &Frame, closure: &Value, args: &[Value]) {
        if !frame.asked().is_nothing() {
            self.ask_for(frame, self.closure_passed(closure, args));
        }
    }

    /// Asks for what was passed, as far as the frame that was made of it was asked.
    fn ask_for(&self, frame: &Frame, passed: Option<Vec<Arg>>) {
        for (at, (_, value)) in passed.into_iter().flatten().enumerate() {
            let ask = frame.asked().at(at);
            if let Some(value) = value.filter(|it| it.frame.is_some() && ask != Ask::Nothing) {
                self.given(&value, ask);
            }
        }
    }

    /// The one frame with these arguments.
    fn frame(&self, passed: Vec<Arg>, ask: Ask) -> Rc<Frame> {
        let find = |(pat, passed): Arg| {
            let Some(passed) = passed else { return (pat, None) };
            let around = passed.frame.clone();
            let value = self.source(passed, ask);
            let is_bound = match &value.frame {
                Some(frame) => frame.depth < NESTED && !frame.binds(pat, &mut FxHashSet::default()),
                None => true,
            };
            if let Some(around) = around.filter(|_| !is_bound) {
                around.ask(Asked::ALL);
            }
            (pat, is_bound.then_some(value))
        };
        let args: Box<[_]> = passed.into_iter().map(find).collect();
        let key: FrameKey = args.iter().map(|(pat, it)| (*pat, it.as_ref().map(Value::key))).collect();
        // It is kept for as long as the program is.
        self.steps.take(1 + args.len());
        let depth = args.iter().filter_map(|(_, value)| Some(value.as_ref()?.depth() + 1)).max().unwrap_or(0);
        let mut frames = self.memo.frames.borrow_mut();
        let id = frames.len() as u32;
        let frame = frames.entry(key).or_insert_with(|| {
            let frame = Rc::new(Frame { id, args, depth, asked: Cell::default() });
            self.memo.frames_by_id.borrow_mut().push(Rc::clone(&frame));
            frame
        });
        Rc::clone(frame)
    }

    /// The value that has these numbers.
    pub(crate) fn value_of(&self, id: ValueId) -> Value {
        Value { expr: id.expr, frame: id.frame.map(|frame| self.frame_of(frame)) }
    }

    /// A number for what was passed in a frame, as far as that was asked: frames with the same number do not differ in
    /// it.
    pub(crate) fn passed_as_asked(&self, frame: &Frame, asked: Asked) -> u32 {
        let passed: Passed = (frame.args.iter().enumerate())
            .filter_map(|(at, (_, value))| match (asked.at(at), value) {
                (Ask::Nothing, _) => None,
                (_, None) => Some((at, PassedKey::Unknown)),
                (Ask::Value, Some(value)) => Some((at, PassedKey::Value(value.key()))),
                (Ask::Type, Some(value)) => Some((at, PassedKey::Type(self.type_of(value)))),
            })
            .collect();
        let mut known = self.memo.passed.borrow_mut();
        let next = known.len() as u32;
        *known.entry(passed).or_insert(next)
    }

    /// The frame that has this number.
    pub(crate) fn frame_of(&self, id: u32) -> Rc<Frame> {
        Rc::clone(&self.memo.frames_by_id.borrow()[id as usize])
    }

    /// Where what is passed comes from: out of the function around it, if that was given it, too.
    fn source(&self, passed: Value, ask: Ask) -> Value {
        if passed.frame.is_none() {
            return passed;
        }
        if let Some(given) = self.given(&passed, ask) {
            return given;
        }
        match self.params_behind(passed.expr) {
            // Alike for all callers, so it stands in a frame without arguments.
            0 => Value { frame: Some(self.no_arguments()), ..passed },
            _ => passed,
        }
    }

    fn no_arguments(&self) -> Rc<Frame> {
        self.frame(Vec::new(), Ask::Nothing)
    }

    /// What an answer depends on that speaks of an expression in this frame.
    pub(crate) fn asked_by(&self, frame: &Frame, expr: ExprRef) -> Asked {
        match frame.is_of_closure() {
            true => Asked::ALL,
            false => Asked::values(self.params_behind(expr)),
        }
    }

    /// The parameters of the function around an expression that have a part in it, a bit for each; all bits if it is a
    /// parameter of a closure.
    fn params_behind(&self, expr: ExprRef) -> u32 {
        let Some(place) = self.place(expr) else { return 0 };
        let known = self.memo.of_callers.borrow().get(&place).cloned();
        let names = known.unwrap_or_else(|| {
            let found = Rc::new(self.names_of_callers(place));
            self.memo.of_callers.borrow_mut().insert(place, Rc::clone(&found));
            found
        });
        names.behind(self.first_below(expr), expr.id)
    }

    /// The names in a body that stand for a parameter, or for what was made with one, with those parameters.
    fn names_of_callers(&self, place: Place) -> NamesOfCallers {
        let body = self.body(place);
        let (parents, has_self) = match place {
            Place::Fn(function) => (self.parents(function.file), self.function(function).self_param.is_some()),
            Place::Const(item) => (self.parents(item.file), false),
        };
        // What is named in an expression is bound before it, or inside of it.
        let mut bindings: Vec<_> = (body.bindings.iter())
            .map(|(pat, binding)| match binding.origin {
                Origin::Value(from) | Origin::Element(from) | Origin::Output(from) => (Some(from), *pat, 0),
                Origin::SelfParam => (None, *pat, bit(0)),
                Origin::Param(at) => (None, *pat, bit(at + usize::from(has_self))),
                Origin::ClosureParam(..) | Origin::Unset => (None, *pat, u32::MAX),
            })
            .collect();
        bindings.sort();
        self.steps.take(bindings.len());
        let mut names = NamesOfCallers::default();
        for (from, pat, params) in bindings {
            let params = params | from.map_or(0, |from| names.behind(parents.first_below(from), from));
            let uses = body.uses(pat);
            if params != 0 && !uses.is_empty() {
                names.params.extend(uses.iter().map(|used| (*used, params)));
                names.all |= params;
            }
        }
        names
    }

    /// Whether a call leads to the one that a frame is of: something that it is given is handed on to there.
    pub(crate) fn leads_to(&self, call: ExprRef, frame: &Frame) -> bool {
        frame.ask(Asked::ALL);
        let mut bound = FxHashSet::default();
        frame.collect_params(&mut FxHashSet::default(), &mut bound);
        let mut seen = FxHashSet::default();
        let mut open = self.params_of_call(call);
        while let Some(param) = open.pop() {
            self.steps.step();
            if bound.contains(&param) {
                return true;
            }
            if !seen.insert(param) {
                continue;
            }
            let Some((function, _)) = self.parameter_of(param) else { continue };
            let parents = self.parents(param.file);
            for used in self.body(Place::Fn(function)).uses(param.id) {
                let calls = parents
                    .ancestors(*used)
                    .filter(|at| matches!(self.file(param.file)[*at], Expr::Call { .. } | Expr::MethodCall { .. }));
                open.extend(calls.flat_map(|call| self.params_of_call(param.with(call))));
            }
        }
        false
    }

    /// The parameters of the functions that a call runs.
    fn params_of_call(&self, call: ExprRef) -> Vec<PatRef> {
        let called = self.called_fns(&Value::bare(call));
        let params = called.iter().flat_map(|function| {
            let item = self.function(*function);
            let own = item.self_param.map(|param| param.pat).into_iter().chain(item.params.iter().map(|it| it.pat));
            own.map(|pat| function.with(pat)).collect::<Vec<_>>()
        });
        params.collect()
    }
}
