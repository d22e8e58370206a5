//! Frames: what the parameters around a value stand for.
//!
//! A parameter is bound to where its argument comes from: what a function was given and hands on is still what *its*
//! caller made, in the frame where that stands. So a value that goes through any number of calls nests no deeper, and
//! ways that hand the same things on lead to the same frame. What nests is what each call makes of what it was given:
//! `run(Some(x))`, a closure around a closure. A function that calls itself would do so for ever: what its parameter
//! would be made of itself is not known. And of two calls that wrap differently, at each of n levels, come 2^n values:
//! there a bound is needed, see `NESTED`.

use super::{ExprRef, FnRef, Origin, PatRef, Place, Resolve, Type, Value, ValueId};
use crate::facts::{Expr, ExprId, Id, PatId};
use rustc_hash::FxHashSet;
use std::{cell::Cell, collections::BTreeSet, rc::Rc};

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
    /// Parameter patterns and where what was passed comes from.
    args: Box<[(PatRef, Value)]>,
    /// Frames below this one.
    depth: u32,
    /// What an answer may depend on.
    asked: Cell<Asked>,
}

/// What of a frame an answer may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// Nothing: it is the same in any frame.
    Nothing,
    /// The types of what was passed.
    Types,
    /// What was passed.
    Values,
}

impl Frame {
    /// If an answer that was found in this frame depends on what was passed, one found in the frames that it was passed
    /// in does, too.
    pub(crate) fn ask_if_asked<'a>(&self, around: impl IntoIterator<Item = &'a Value>) {
        if !self.args.is_empty() {
            around.into_iter().filter_map(|value| value.frame.as_ref()).for_each(|frame| frame.ask(self.asked()));
        }
    }

    /// What was passed for a parameter, by its pattern.
    pub(crate) fn passed(&self, param: PatRef) -> Option<Value> {
        self.ask(Asked::Values);
        self.find(param)
    }

    fn find(&self, param: PatRef) -> Option<Value> {
        self.args.iter().find(|(pat, _)| *pat == param).map(|(_, value)| value.clone())
    }

    /// What an answer that was found in this frame may depend on. What was asked once counts as asked by everyone:
    /// answers are kept by the numbers of frames.
    pub(crate) fn asked(&self) -> Asked {
        match self.asked.get() {
            // The types of what is around a closure are not told from those that it is given.
            Asked::Types if self.around().is_some() => Asked::Values,
            asked => asked,
        }
    }

    /// Notes what an answer depends on.
    pub(crate) fn ask(&self, asked: Asked) {
        self.asked.set(self.asked.get().max(asked));
    }

    /// Whether a parameter is bound in this frame, or in those that what was passed stands in.
    fn binds(&self, param: PatRef, seen: &mut FxHashSet<u32>) -> bool {
        seen.insert(self.id)
            && self
                .args
                .iter()
                .any(|(pat, value)| *pat == param || value.frame.as_ref().is_some_and(|frame| frame.binds(param, seen)))
    }

    /// The parameters that are bound in this frame, and in those that what was passed stands in.
    fn collect_params(&self, seen: &mut FxHashSet<u32>, found: &mut FxHashSet<PatRef>) {
        if seen.insert(self.id) {
            found.extend(self.args.iter().map(|(pat, _)| *pat));
            self.args
                .iter()
                .filter_map(|(_, value)| value.frame.as_ref())
                .for_each(|it| it.collect_params(seen, found));
        }
    }

    /// The frame in which the closure was made that runs in this one.
    fn around(&self) -> Option<&Rc<Frame>> {
        let (pat, closure) = self.args.first()?;
        closure.frame.as_ref().filter(|_| pat.id == PatId::from_index(CAPTURES as usize))
    }
}

/// What makes a frame: the parameters with what was passed, in which frames.
pub(super) type FrameKey = Box<[(PatRef, ExprRef, Option<u32>)]>;

/// Parameters with the types of what was passed, where they are known.
pub(super) type TypesPassed = Box<[(PatRef, Type)]>;

impl Value {
    fn depth(&self) -> u32 {
        self.frame.as_ref().map_or(0, |frame| frame.depth)
    }
}

impl Resolve {
    /// What was passed for a parameter.
    pub(crate) fn passed(&self, value: &Value, root: PatId) -> Option<Value> {
        self.look_up(value, root, Asked::Values)
    }

    /// The same for an answer that depends on less. On nothing does what only goes into another frame: if that one is
    /// asked, this one was, see [`Frame::ask_if_asked`].
    pub(super) fn look_up(&self, value: &Value, root: PatId, asked: Asked) -> Option<Value> {
        let key = value.expr.with(root);
        let mut frame = value.frame.as_ref();
        while let Some(here) = frame {
            here.ask(asked);
            if let Some(passed) = here.find(key) {
                return Some(passed);
            }
            // Closures see the parameters of the bodies around them.
            frame = here.around();
        }
        None
    }

    /// The frame in which the body of a called function runs.
    pub(crate) fn enter(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        self.enter_asking(call, function, Asked::Values)
    }

    /// The same for one who only asks when that body ends, and then calls [`Frame::ask_if_asked`].
    pub(crate) fn enter_to_run(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        self.enter_asking(call, function, Asked::Nothing)
    }

    fn enter_asking(&self, call: &Value, function: FnRef, asked: Asked) -> Option<Rc<Frame>> {
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
        let values = receiver.into_iter().chain(file.list(args)).map(|arg| call.at(arg));
        Some(self.frame(params.map(|pat| function.with(pat)).zip(values).collect(), asked))
    }

    /// The frame in which the body of a closure runs, called with these arguments. Who calls it calls
    /// [`Frame::ask_if_asked`] when it is known when that body ends.
    pub(crate) fn enter_closure(&self, closure: &Value, args: Vec<Value>) -> Option<Rc<Frame>> {
        let Expr::Closure { params, .. } = self.expr(closure) else { return None };
        let file = self.file(closure.expr.file);
        let captures = closure.expr.with(PatId::from_index(CAPTURES as usize));
        let params = file.list(params).map(|pat| closure.expr.with(pat));
        let args = std::iter::once((captures, closure.clone())).chain(params.zip(args));
        Some(self.frame(args.collect(), Asked::Nothing))
    }

    /// The one frame with these arguments.
    fn frame(&self, passed: Vec<(PatRef, Value)>, asked: Asked) -> Rc<Frame> {
        let args: Vec<_> = passed.iter().map(|(pat, value)| (*pat, self.source(value.clone()))).collect();
        let hangs_on_caller = |(_, value): &(PatRef, Value)| value.frame.as_ref().is_none_or(|it| !it.args.is_empty());
        let depends = asked != Asked::Nothing && args.iter().any(hangs_on_caller);
        let is_bound = |pat: PatRef, value: &Value| match &value.frame {
            Some(frame) => frame.depth < NESTED && !frame.binds(pat, &mut FxHashSet::default()),
            None => true,
        };
        let args: Box<[_]> = args.into_iter().filter(|(pat, value)| is_bound(*pat, value)).collect();
        if depends || args.len() < passed.len() {
            passed.iter().filter_map(|(_, value)| value.frame.as_ref()).for_each(|frame| frame.ask(Asked::Values));
        }
        let key: FrameKey = args.iter().map(|(pat, it)| (*pat, it.expr, it.frame_id())).collect();
        // It is kept for as long as the program is.
        self.steps.take(1 + args.len());
        let depth = args.iter().map(|(_, value)| value.depth() + 1).max().unwrap_or(0);
        let mut frames = self.memo.frames.borrow_mut();
        let id = frames.len() as u32;
        let frame = frames.entry(key).or_insert_with(|| {
            let frame = Rc::new(Frame { id, args, depth, asked: Cell::new(Asked::Nothing) });
            self.memo.frames_by_id.borrow_mut().push(Rc::clone(&frame));
            frame
        });
        Rc::clone(frame)
    }

    /// The value that has these numbers.
    pub(crate) fn value_of(&self, id: ValueId) -> Value {
        Value { expr: id.expr, frame: id.frame.map(|frame| self.frame_of(frame)) }
    }

    /// A number for the types of what was passed in a frame: frames with the same number do not differ in them.
    pub(crate) fn types_passed(&self, frame: &Frame) -> u32 {
        let typed = frame.args.iter().map(|(pat, value)| (*pat, self.type_of(value)));
        let types: TypesPassed = typed.filter(|(_, ty)| *ty != Type::Unknown).collect();
        let mut known = self.memo.types_passed.borrow_mut();
        let next = known.len() as u32;
        *known.entry(types).or_insert(next)
    }

    /// The frame that has this number.
    pub(crate) fn frame_of(&self, id: u32) -> Rc<Frame> {
        Rc::clone(&self.memo.frames_by_id.borrow()[id as usize])
    }

    /// Where what is passed comes from: out of the function around it, if that was given it, too.
    fn source(&self, passed: Value) -> Value {
        if passed.frame.is_none() {
            return passed;
        }
        if let Some(given) = self.given(&passed) {
            return given;
        }
        match self.hangs_on_caller(passed.expr) {
            true => passed,
            // Alike for all callers, so it stands in a frame without arguments.
            false => Value { frame: Some(self.no_arguments()), ..passed },
        }
    }

    fn no_arguments(&self) -> Rc<Frame> {
        self.frame(Vec::new(), Asked::Nothing)
    }

    /// Whether a parameter of a function or closure around an expression has a part in it.
    fn hangs_on_caller(&self, expr: ExprRef) -> bool {
        let Some(place) = self.place(expr) else { return false };
        let known = self.memo.of_callers.borrow().get(&place).cloned();
        let names = known.unwrap_or_else(|| {
            let found = Rc::new(self.names_of_callers(place));
            self.memo.of_callers.borrow_mut().insert(place, Rc::clone(&found));
            found
        });
        names.range(self.first_below(expr)..=expr.id).next().is_some()
    }

    /// The names in a body that stand for a parameter, or for what was made with one.
    fn names_of_callers(&self, place: Place) -> BTreeSet<ExprId> {
        let body = self.body(place);
        let parents = match place {
            Place::Fn(function) => self.parents(function.file),
            Place::Const(item) => self.parents(item.file),
        };
        // What is named in an expression is bound before it, or inside of it.
        let mut bindings: Vec<_> = (body.bindings.iter())
            .map(|(pat, binding)| match binding.origin {
                Origin::Value(from) | Origin::Element(from) | Origin::Output(from) => (Some(from), *pat),
                Origin::Param(_) | Origin::SelfParam | Origin::ClosureParam(..) | Origin::Unset => (None, *pat),
            })
            .collect();
        bindings.sort();
        self.steps.take(bindings.len());
        let mut names = BTreeSet::new();
        for (from, pat) in bindings {
            if from.is_none_or(|from| names.range(parents.first_below(from)..=from).next().is_some()) {
                names.extend(body.uses(pat));
            }
        }
        names
    }

    /// Whether a call leads to the one that a frame is of: something that it is given is handed on to there.
    pub(crate) fn leads_to(&self, call: ExprRef, frame: &Frame) -> bool {
        frame.ask(Asked::Values);
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
