//! The ways out of a loop, and what has to happen for each to be taken.

mod causes;
mod panics;
mod sole;

use super::{Def, Effects, ExprRef, NoExit, OpenReason, PeerOrigin, Signal, SignalKind, Value, ending::RunBy};
use crate::{
    catalogue::{self, Does, Function, Macro, Variant},
    facts::{BlockKind, Expr, ExprId, FileSummary, Lit, Name, Pat, PatId},
    fixpoint::Table,
    span::Span,
};
use causes::is_receiver;
use rustc_hash::FxHashSet;

/// What has to happen for an exit to be taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    /// Somebody outside gives a sign, if it is alive.
    Signal(Signal),
    /// The other end of a connection decides.
    Peer(PeerOrigin),
    /// Time passes.
    Time,
    /// The loop is left in its first turn.
    Always,
    /// A condition of the task's own, or one that is not understood.
    Own(OpenReason),
    /// It looks like an exit and cannot be taken.
    Impossible(NoExit),
}

impl Trigger {
    fn rank(&self) -> u32 {
        match self {
            Trigger::Signal(signal) if signal.dead.is_none() => 0,
            Trigger::Always => 1,
            Trigger::Time => 2,
            Trigger::Peer(_) => 3,
            Trigger::Own(_) => 4,
            Trigger::Signal(_) => 5,
            Trigger::Impossible(_) => 6,
        }
    }
}

/// A way out of a loop.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    /// The `break`, `return`, `?`, or the head of the loop.
    pub(crate) at: Span,
    /// What it takes.
    pub(crate) trigger: Trigger,
}

/// Which result of a wait leads to the exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Outcome {
    /// That something comes.
    Arrival,
    /// That nothing comes any more: `None`, `Err`, 0.
    Failure,
}

impl Exit {
    /// Whether it can be taken, as far as the text shows.
    pub(crate) fn can_be_taken(&self) -> bool {
        match &self.trigger {
            Trigger::Signal(signal) => signal.dead.is_none(),
            Trigger::Impossible(_) => false,
            _ => true,
        }
    }

    /// Whether it is the close of a channel that cannot close.
    pub(crate) fn waits_for_own_channel(&self) -> bool {
        matches!(&self.trigger, Trigger::Signal(Signal { kind: SignalKind::Channel, dead: Some(_), .. }))
    }
}

impl Effects {
    /// The ways out of a loop. `task` is what the task runs, to tell what it holds itself.
    pub(crate) fn exits(&self, value: &Value, task: &RunBy) -> Vec<Exit> {
        let mut scan = Scan { program: self, task, looped: value, known: Table::default(), exits: Vec::new() };
        match self.expr(value) {
            Expr::Loop { label, body } => scan.body(body, label),
            Expr::While { label, cond, body } => {
                scan.head(cond, Outcome::Failure);
                scan.below(cond, label, true);
                scan.body(body, label);
            }
            Expr::For { label, iter, body, is_await, .. } => {
                scan.iterator(iter, is_await);
                scan.body(body, label);
            }
            _ => {}
        }
        scan.exits
    }
}

impl Effects {
    /// What has to happen for the next item of a stream to come, or with `ends` for its end.
    pub(crate) fn stream_trigger(&self, stream: &Value, ends: bool, task: &RunBy) -> Trigger {
        let scan = Scan { program: self, task, looped: stream, known: Table::default(), exits: Vec::new() };
        scan.stream(stream, if ends { Outcome::Failure } else { Outcome::Arrival })
    }
}

struct Scan<'a> {
    program: &'a Effects,
    task: &'a RunBy,
    looped: &'a Value,
    /// What was found of values that have a name, or that functions give.
    known: Table<Followed, Option<Trigger>>,
    exits: Vec<Exit>,
}

/// A value that was followed, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Followed {
    way: Way,
    expr: ExprRef,
    frame: Option<u32>,
    outcome: Outcome,
}

/// What a value is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// A condition, or a value that is matched.
    Cause,
    /// A future.
    Source,
    /// A stream.
    Stream,
}

impl Scan<'_> {
    fn file(&self) -> &FileSummary {
        self.program.file(self.looped.expr.file)
    }

    fn push(&mut self, at: ExprId, mut trigger: Trigger) {
        if let Trigger::Signal(signal) = &mut trigger
            && signal.dead.is_none()
        {
            signal.opens_otherwise = !self.is_sole(at, signal.source.expr);
        }
        self.exits.push(Exit { at: self.program.span(self.looped.expr.with(at)), trigger });
    }

    /// The condition of a `while`: the loop ends when it fails.
    fn head(&mut self, cond: ExprId, outcome: Outcome) {
        let trigger = self.condition(cond, outcome).unwrap_or(Trigger::Own(OpenReason::OwnCondition));
        if !matches!(self.file()[cond], Expr::Lit(Lit::Bool(true))) {
            self.push(cond, trigger);
        }
    }

    fn iterator(&mut self, iter: ExprId, is_await: bool) {
        let program = self.program;
        let value = self.looped.at(iter);
        let trigger = match is_await {
            true => self.source(&value, Outcome::Failure),
            false if program.is_endless_iterator(&value) => return,
            false => match program.wait_of_method(&value) {
                // A blocking receiver as an iterator ends with its senders.
                _ if is_receiver(&program.type_of(&value)) => self.signal(SignalKind::Channel, &value),
                _ => Trigger::Always,
            },
        };
        self.push(iter, trigger);
    }

    fn body(&mut self, body: ExprId, label: Option<Name>) {
        self.below(body, label, true);
    }

    /// Looks for exits below an expression. `own` says whether an unlabelled `break` is ours.
    fn below(&mut self, id: ExprId, label: Option<Name>, own: bool) {
        match self.file()[id] {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return,
            Expr::Break { label: target, .. } => {
                let ours = match target {
                    None => own,
                    Some(target) => Some(target) == label || !self.is_inside(target, id),
                };
                if ours {
                    self.exit(id);
                }
            }
            Expr::Continue { label: Some(target) } if !self.is_inside(target, id) && Some(target) != label => {
                self.exit(id);
            }
            Expr::Return(_) => self.exit(id),
            Expr::Try(inner) => {
                let trigger = match self.fails_by_panic(inner) {
                    true => Trigger::Impossible(NoExit::Panic),
                    false => self.condition(inner, Outcome::Failure).unwrap_or(Trigger::Own(OpenReason::Error)),
                };
                let outer = self.climb(id);
                self.push(id, best(trigger, outer));
            }
            Expr::Call { .. } if self.diverges(id) => self.exit(id),
            Expr::Macro(call) => match self.file().macro_of(call) {
                // What "cannot happen" is no end that a peer brings.
                Some(known) if known.panics() => {
                    let trigger = self.climb(id).unwrap_or(Trigger::Always);
                    if !matches!(trigger, Trigger::Peer(_)) {
                        self.push(id, trigger);
                    }
                }
                Some(known) if known.leaves() => self.exit(id),
                Some(Macro::Ensures) => self.push(id, Trigger::Own(OpenReason::OwnCondition)),
                Some(known) if known.peeks() => {}
                // What a branch ends with, and nobody knows, may leave.
                _ => {
                    let name = self.file().last_segment(self.file()[call].path);
                    if !catalogue::reads_as_log(name) && self.ends_branch(id) {
                        self.exit(id);
                    }
                }
            },
            Expr::Select(call) => self.exhausted(id, call),
            // `let Some(x) = y else { whatever!(..) };`: what is not understood there leaves.
            Expr::Local { otherwise: Some(block), .. } if !self.leaves(block) => self.exit(block),
            _ => {}
        }
        let inner_loop = matches!(self.file()[id], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. });
        let mut children = Vec::new();
        self.file().each_child(id, &mut |child| children.push(child));
        for child in children {
            self.below(child, label, own && !inner_loop);
        }
    }

    /// Whether a block shows how it is left.
    fn leaves(&self, block: ExprId) -> bool {
        let mut found = false;
        self.program.walk(self.looped.expr.with(block), &mut |_, kind| {
            found |= match kind {
                Expr::Break { .. } | Expr::Continue { .. } | Expr::Return(_) | Expr::Loop { .. } => true,
                Expr::Macro(call) => self.file().macro_of(call).is_some_and(Macro::leaves),
                _ => false,
            };
            !found
        });
        found
    }

    /// Whether an expression is the last one of a branch that gives no value, so that it may be there to leave.
    fn ends_branch(&self, id: ExprId) -> bool {
        let file = self.file();
        let parents = self.program.parents(self.looped.expr.file);
        let is_last = |block: ExprId, at: ExprId| {
            matches!(file[block], Expr::Block { kind: BlockKind::Plain, stmts, .. }
                if file.list(stmts).next_back() == Some(at))
        };
        let Some(parent) = parents.parent(id) else { return false };
        let (branch, of) = match is_last(parent, id) {
            true => (parent, parents.parent(parent)),
            false => (id, Some(parent)),
        };
        let Some(of) = of else { return false };
        let is_branch = match file[of] {
            Expr::If { then, otherwise, .. } => then == branch || otherwise == Some(branch),
            Expr::Match { arms, .. } => file.list(arms).any(|arm| file[arm].body == branch),
            Expr::Select(call) => file.list(file[call].arms).any(|arm| file[arm].body == branch),
            _ => false,
        };
        is_branch && parents.parent(of).is_some_and(|around| matches!(file[around], Expr::Block { .. }))
    }

    /// A `select!` whose arms all can be disabled, without `else`, panics when they are.
    fn exhausted(&mut self, id: ExprId, call: crate::facts::MacroId) {
        let file = self.file();
        let arms: Vec<_> = file.list(file[call].arms).map(|arm| file[arm]).collect();
        let all_refutable = !arms.is_empty() && arms.iter().all(|arm| is_refutable(file, arm.pat));
        if !all_refutable || file[call].otherwise.is_some() {
            return;
        }
        let futures: Vec<ExprId> = arms.iter().filter_map(|arm| arm.future).collect();
        let triggers: Vec<Trigger> =
            futures.into_iter().map(|future| self.source(&self.looped.at(future), Outcome::Failure)).collect();
        // All have to fail: the hardest decides.
        if let Some(hardest) = triggers.into_iter().max_by_key(Trigger::rank) {
            self.push(id, hardest);
        }
    }

    /// Whether a label belongs to something between an expression and the loop, the loop excluded.
    fn is_inside(&self, target: Name, id: ExprId) -> bool {
        let parents = self.program.parents(self.looped.expr.file);
        let between = parents.ancestors(id).take_while(|at| *at != self.looped.expr.id);
        between.into_iter().any(|at| match self.file()[at] {
            Expr::Loop { label, .. }
            | Expr::While { label, .. }
            | Expr::For { label, .. }
            | Expr::Block { label, .. } => label == Some(target),
            _ => false,
        })
    }

    fn diverges(&self, id: ExprId) -> bool {
        let name = self.program.call_name(self.looped.expr.with(id));
        name.is_some_and(|name| catalogue::ends_process(&name))
    }

    fn exit(&mut self, id: ExprId) {
        let trigger = self.climb(id).unwrap_or(Trigger::Always);
        self.push(id, trigger);
    }

    /// The conditions between an exit and the loop: the most reachable one decides.
    fn climb(&self, id: ExprId) -> Option<Trigger> {
        let file = self.file();
        let parents = self.program.parents(self.looped.expr.file);
        let mut found: Option<Trigger> = None;
        let mut add = |trigger: Option<Trigger>| {
            if let Some(trigger) = trigger {
                found = Some(match found.take() {
                    // A tick brings the exit nearer, and the condition behind it decides.
                    Some(Trigger::Time) => trigger,
                    Some(known) if trigger == Trigger::Time || known.rank() <= trigger.rank() => known,
                    _ => trigger,
                });
            }
        };
        let mut child = id;
        for at in parents.ancestors(id) {
            if at == self.looped.expr.id {
                break;
            }
            match file[at] {
                Expr::If { cond, then, .. } if then == child && self.is_taken_by_panic(cond) => {
                    return Some(Trigger::Impossible(NoExit::Panic));
                }
                Expr::Match { scrutinee, arms } if self.is_arm_of_panic(scrutinee, arms, child) => {
                    return Some(Trigger::Impossible(NoExit::Panic));
                }
                Expr::If { cond, .. } if cond != child => {
                    add(self.condition(cond, Outcome::Failure).or(Some(Trigger::Own(OpenReason::OwnCondition))));
                }
                Expr::Match { scrutinee, .. } if scrutinee != child => {
                    add(self.condition(scrutinee, Outcome::Failure).or(Some(Trigger::Own(OpenReason::OwnCondition))));
                }
                Expr::Local { init: Some(init), otherwise, .. } if otherwise == Some(child) => {
                    add(self.condition(init, Outcome::Failure).or(Some(Trigger::Own(OpenReason::OwnCondition))));
                }
                Expr::While { cond, .. } if cond != child => {
                    add(self.condition(cond, Outcome::Arrival).or(Some(Trigger::Own(OpenReason::OwnCondition))));
                }
                Expr::For { .. } => add(Some(Trigger::Own(OpenReason::OwnCondition))),
                Expr::Select(call) => {
                    if let Some(arm) = file.list(file[call].arms).map(|arm| file[arm]).find(|arm| arm.body == child) {
                        let outcome = if is_failure(file, arm.pat) { Outcome::Failure } else { Outcome::Arrival };
                        add(arm.future.map(|future| self.source(&self.looped.at(future), outcome)));
                    } else if file[call].otherwise == Some(child) {
                        add(Some(self.all_disabled(call)));
                    }
                }
                // `a && return`: rare, its own condition.
                Expr::Binary { .. } => add(Some(Trigger::Own(OpenReason::OwnCondition))),
                _ => {}
            }
            child = at;
        }
        found
    }

    /// `else =>`: every arm's pattern has to fail.
    fn all_disabled(&self, call: crate::facts::MacroId) -> Trigger {
        let file = self.file();
        let mut hardest = Trigger::Always;
        for arm in file.list(file[call].arms).map(|arm| file[arm]) {
            let trigger = match arm.future {
                Some(_) if !is_refutable(file, arm.pat) => Trigger::Impossible(NoExit::LiveArm),
                Some(future) => self.source(&self.looped.at(future), Outcome::Failure),
                None => Trigger::Own(OpenReason::OwnCondition),
            };
            if trigger.rank() > hardest.rank() {
                hardest = trigger;
            }
        }
        hardest
    }
}

impl Effects {
    /// Iterators that never end: `0..`, `repeat(..)`, `.cycle()`, and functions that return one.
    fn is_endless_iterator(&self, value: &Value) -> bool {
        let mut here = self.origin(value);
        let mut seen = FxHashSet::default();
        // What comes back to itself gives nothing.
        while seen.insert(here.key()) {
            let file = self.file(here.expr.file);
            let function = match self.expr(&here) {
                Expr::Range { start: Some(_), end: None } => return true,
                Expr::MethodCall { receiver, method, .. } => match &file[method] {
                    "cycle" => return true,
                    method if catalogue::method(method).does(Does::LastsAlike) => {
                        here = self.origin(&here.at(receiver));
                        continue;
                    }
                    _ => self.called_fn(&here),
                },
                Expr::Call { callee, .. } => match self.callee(here.expr.with(callee)) {
                    Def::External(path) => return catalogue::function(&path) == Some(Function::Repeats),
                    Def::Fn(function) => Some(function),
                    _ => None,
                },
                _ => None,
            };
            let body = function.and_then(|function| Some(function.with(self.function(function).body?)));
            let Some(tail) = body.and_then(|body| Some(body.with(self.tail(body)?))) else { return false };
            here = self.origin(&Value::bare(tail));
        }
        false
    }
}

fn best(a: Trigger, b: Option<Trigger>) -> Trigger {
    match b {
        // `?` on something that cannot fail stays dead whatever stands around it.
        Some(b) if !matches!(a, Trigger::Impossible(_)) && b.rank() < a.rank() => b,
        _ => a,
    }
}

/// Whether a pattern can fail to match: `Some(x)`, `Ok(x)`, but not `x`, `_`, `(a, b)`.
fn is_refutable(file: &FileSummary, pat: PatId) -> bool {
    match file[pat] {
        Pat::Wild | Pat::Bind { sub: None, .. } | Pat::Rest => false,
        Pat::Tuple(pats) => file.list(pats).any(|pat| is_refutable(file, pat)),
        Pat::Ref(pat) | Pat::Typed { pat, .. } => is_refutable(file, pat),
        Pat::Bind { sub: Some(pat), .. } => is_refutable(file, pat),
        _ => true,
    }
}

/// Whether a pattern is that of an end: `None`, `Err(_)`.
impl Effects {
    /// Whether what a method of this receiver gives is taken apart as an `Option`: `while let Some(..) = ..`.
    fn is_taken_as_option(&self, receiver: &Value) -> bool {
        let file = self.file(receiver.expr.file);
        let is_option = |pat: PatId| match file[pat] {
            Pat::TupleStruct { path, .. } | Pat::Path(path) => {
                catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_of_option)
            }
            Pat::Bind { name, .. } => &file[name] == "None",
            _ => false,
        };
        for at in self.parents(receiver.expr.file).ancestors(receiver.expr.id) {
            match file[at] {
                Expr::MethodCall { method, args, .. } => {
                    if args.is_empty() && catalogue::method(&file[method]).does(Does::AsksOption) {
                        return true;
                    }
                }
                Expr::Await(_) => {}
                Expr::Let { pat, .. } | Expr::Local { pat, .. } => return is_option(pat),
                Expr::Match { arms, .. } => return file.list(arms).any(|arm| is_option(file[arm].pat)),
                _ => return false,
            }
        }
        false
    }
}

fn is_failure(file: &FileSummary, pat: PatId) -> bool {
    match file[pat] {
        Pat::TupleStruct { path, .. } | Pat::Path(path) => {
            catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_failure)
        }
        Pat::Bind { name, .. } => &file[name] == "None",
        _ => false,
    }
}
