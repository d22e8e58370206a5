//! Closes that a loop does not notice: what it does when the channel that it reads, or writes to, is closed.

use super::{
    Effects, LoopKind, SignalKind, Type, Value,
    ending::RunBy,
    exits::{Exit, Trigger},
};
use crate::{
    catalogue::{self, Does, Macro, Variant, Wait},
    facts::{ArmId, BlockKind, Expr, ExprId, FileSummary, MacroId, Pat, PatId, UnaryOp},
    span::{Span, TextRange},
};

/// Which half of the channel the loop has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosedHalf {
    /// It receives: the senders are gone.
    Receiver,
    /// It sends: the receiver is gone.
    Sender,
}

/// How a loop passes over a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Passing {
    /// The result is thrown away: `let _ = tx.send(x).await;`.
    Discarded,
    /// A pattern does not match, and the loop goes on behind it: `if let Some(x) = rx.recv().await {}`.
    NoMatch,
    /// An arm or branch for the close goes on: `None => continue`.
    GoesOn,
    /// An arm of `select!` goes dead, and those beside it stay.
    DeadArm,
}

/// A close that a loop passes over, so that it can never end by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IgnoredClose {
    /// The wait that tells of the close.
    pub at: Span,
    /// The loop around it.
    pub loop_at: Span,
    /// How it loops.
    pub keyword: LoopKind,
    /// Which half it is.
    pub half: ClosedHalf,
    /// How it is passed over.
    pub passing: Passing,
    /// The branch that goes on, if there is one.
    pub branch: Option<Span>,
    /// Whether other ways out are left, which answer for something else: until one of them is taken the loop spins, or
    /// works for nobody.
    pub until_another: bool,
}

impl IgnoredClose {
    /// Whether the loop turns at once, again and again: a closed channel gives its end without waiting.
    pub(crate) fn spins(&self) -> bool {
        self.half == ClosedHalf::Receiver && self.passing != Passing::DeadArm
    }
}

/// What follows from a close, as the code around the wait shows it.
struct Consequence {
    passing: Passing,
    /// What runs then.
    branches: Vec<ExprId>,
    /// What runs only if there was no close.
    success: Vec<TextRange>,
}

/// Whether the value that a close gives stands bare, or inside what a timeout gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `None`, `Err(_)`.
    Bare,
    /// `Ok(None)`, `Ok(Err(_))`.
    InTimeout,
}

struct Scan<'a> {
    program: &'a Effects,
    looped: &'a Value,
    body: ExprId,
    keyword: LoopKind,
    task: &'a RunBy,
    exits: &'a [Exit],
    found: Vec<IgnoredClose>,
}

impl Effects {
    /// The closes that a loop passes over, if no other exit is left to it when they come.
    pub(crate) fn ignored_closes(
        &self,
        looped: &Value,
        keyword: LoopKind,
        exits: &[Exit],
        task: &RunBy,
    ) -> Vec<IgnoredClose> {
        let (Expr::Loop { body, .. } | Expr::While { body, .. } | Expr::For { body, .. }) = self.expr(looped) else {
            return Vec::new();
        };
        let mut scan = Scan { program: self, looped, body, keyword, task, exits, found: Vec::new() };
        scan.below(body);
        scan.found
    }
}

impl Scan<'_> {
    fn file(&self) -> &FileSummary {
        self.program.file(self.looped.expr.file)
    }

    fn parent(&self, id: ExprId) -> Option<ExprId> {
        self.program.parents(self.looped.expr.file).parent(id)
    }

    fn below(&mut self, id: ExprId) {
        match self.file()[id] {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return,
            // The loop inside is judged on its own; only that it ends concerns this one.
            Expr::While { cond, .. } => return self.below(cond),
            Expr::Loop { .. } | Expr::For { .. } => return,
            Expr::MethodCall { receiver, .. } => {
                if let Some(half) = self.half(id)
                    && self.is_the_same_each_turn(receiver)
                    && !self.is_left_behind(id)
                    && let Some(consequence) = self.consequence(id, Shape::Bare)
                    && let Some(until_another) = self.goes_on(&consequence, half, receiver)
                    && self.can_close(half, receiver)
                {
                    let span = |at: ExprId| self.program.span(self.looped.expr.with(at));
                    let close = IgnoredClose {
                        at: span(id),
                        loop_at: span(self.looped.expr.id),
                        keyword: self.keyword,
                        half,
                        passing: consequence.passing,
                        branch: consequence.branches.first().map(|branch| span(*branch)),
                        until_another,
                    };
                    self.found.push(close);
                }
            }
            _ => {}
        }
        let mut children = Vec::new();
        self.file().each_child(id, &mut |child| children.push(child));
        children.into_iter().for_each(|child| self.below(child));
    }

    /// Whether a method call tells of a close, and of which half.
    fn half(&self, id: ExprId) -> Option<ClosedHalf> {
        let value = self.looped.at(id);
        let Expr::MethodCall { receiver, method, args, .. } = self.file()[id] else { return None };
        if self.program.called_fn(&value).is_some() {
            return None;
        }
        let ty = self.program.type_of(&value.at(receiver)).innermost();
        let known = catalogue::method(&self.file()[method]);
        match args.len {
            0 if known.does(Does::TellsEnd) => is_receiver(&ty).then_some(ClosedHalf::Receiver),
            1 if known.does(Does::Sends) => is_queue_sender(&ty).then_some(ClosedHalf::Sender),
            _ => match self.program.wait_of_method(&value)? {
                (Wait::Recv, _) => (is_receiver(&ty) || ty == Type::Unknown).then_some(ClosedHalf::Receiver),
                _ => None,
            },
        }
    }

    /// Whether each turn has the same channel: it is made outside of the loop, and nothing replaces it there.
    fn is_the_same_each_turn(&self, receiver: ExprId) -> bool {
        let program = self.program;
        let first = program.first_below(self.looped.expr);
        let is_inside = |id: ExprId| first <= id && id <= self.looped.expr.id;
        let value = self.looped.at(receiver);
        if let Some((base, field)) = program.field_below(value.expr) {
            return match program.type_of(&value.at(base.id)).innermost() {
                Type::Item(owner, _) => !program.field_is_emptied(owner, &field),
                _ => false,
            };
        }
        let Some((pat, binding)) = program.local(value.expr) else { return false };
        let Some(place) = program.place(value.expr) else { return false };
        let is_made_here = binding.at.is_some_and(is_inside);
        let is_replaced = program.body(place).uses(pat.id).iter().any(|used| {
            let parent = self.parent(*used);
            is_inside(*used)
                && parent.is_some_and(|at| match self.file()[at] {
                    Expr::Assign { lhs, .. } => lhs == *used,
                    Expr::Ref { mutable: true, .. } => true,
                    Expr::MethodCall { receiver, method, .. } => {
                        let known = catalogue::method(&self.file()[method]);
                        receiver == *used && known.does_any(&[Does::Closes, Does::Stores, Does::Exchanges, Does::Takes])
                    }
                    _ => false,
                })
        });
        !is_made_here && !is_replaced
    }

    /// `let _ = tx.send(error).await; break;`: whatever became of it, the loop is left.
    fn is_left_behind(&self, id: ExprId) -> bool {
        let file = self.file();
        let mut child = id;
        for at in self.program.parents(self.looped.expr.file).ancestors(id) {
            match file[at] {
                Expr::Block { kind: BlockKind::Plain, stmts, .. } => {
                    let mut behind = file.list(stmts).skip_while(|stmt| *stmt != child).skip(1);
                    if behind.any(|stmt| matches!(file[stmt], Expr::Break { .. } | Expr::Return(_))) {
                        return true;
                    }
                }
                Expr::Return(_) | Expr::Break { .. } => return true,
                _ => {}
            }
            if at == self.body {
                break;
            }
            child = at;
        }
        false
    }

    /// Whether the other half can go at all: a channel that is held open tells another story.
    fn can_close(&self, half: ClosedHalf, receiver: ExprId) -> bool {
        match half {
            ClosedHalf::Receiver => {
                let source = self.looped.at(receiver);
                self.program.dead_signal(SignalKind::Channel, &source, self.task).is_none()
            }
            // A loop that waits for a channel which its task holds open is no producer.
            ClosedHalf::Sender => !self.exits.iter().any(|exit| exit.waits_for_own_channel()),
        }
    }

    /// Whether the loop turns on after the close: what runs then does nothing that could change that, and every exit
    /// needs something to come through the channel, or answers for something else. `Some(true)` if such a one is left.
    fn goes_on(&self, consequence: &Consequence, half: ClosedHalf, receiver: ExprId) -> Option<bool> {
        let depends = |exit: &Exit| consequence.success.iter().any(|range| range.contains(exit.at.range));
        if !consequence.branches.iter().all(|branch| self.is_harmless(*branch)) {
            return None;
        }
        let left: Vec<&Exit> = self.exits.iter().filter(|exit| exit.can_be_taken() && !depends(exit)).collect();
        if left.is_empty() {
            return Some(false);
        }
        let source = self.looped.at(receiver);
        let is_own = |exit: &&Exit| match &exit.trigger {
            Trigger::Signal(signal) => signal.source.expr == source.expr,
            _ => false,
        };
        let excuses_nothing = match half {
            // `if let Some(x) = x` in an arm, which is ready in each turn: what another arm waits for may be long in
            // coming. A `_ => ..` takes the close for a sign.
            ClosedHalf::Receiver => {
                matches!(consequence.passing, Passing::NoMatch | Passing::GoesOn)
                    && self.stands_in_select(receiver)
                    && !self.takes_sender(&source)
            }
            // That the source ends says nothing of who takes the results. What can be sent once is no such sink.
            ClosedHalf::Sender => {
                consequence.passing == Passing::Discarded
                    && !self.program.type_of(&source).innermost().external().is_some_and(catalogue::sends_once)
                    && self.program.is_given_back(&source)
            }
        };
        let is_sign = |exit: &&Exit| match (&exit.trigger, half) {
            (Trigger::Signal(signal), ClosedHalf::Receiver) => signal.kind != SignalKind::Flag,
            (Trigger::Signal(signal), ClosedHalf::Sender) => signal.kind == SignalKind::Channel,
            // Its work may be done before, however long that takes.
            (Trigger::Own(_), ClosedHalf::Sender) => true,
            _ => false,
        };
        let answers_for_else = |exit: &&Exit| !is_own(exit) && is_sign(exit);
        (excuses_nothing && left.iter().all(answers_for_else)).then_some(true)
    }

    /// Whether the task takes along a sender of what a receiver gets: then the channel may never close.
    fn takes_sender(&self, receiver: &Value) -> bool {
        let Some(task) = self.task.get() else { return false };
        let got = self.program.type_of(receiver).innermost();
        self.program.taken_values(task).into_iter().any(|taken| {
            let ty = self.program.type_of(&Value::bare(taken)).innermost();
            ty.external().is_some_and(catalogue::is_sender) && ty.args() == got.args()
        })
    }

    /// Whether the wait is the future of an arm of a `select!`.
    fn stands_in_select(&self, receiver: ExprId) -> bool {
        let mut above = self.program.parents(self.looped.expr.file).ancestors(receiver);
        let file = self.file();
        above.find_map(|at| match file[at] {
            Expr::MethodCall { .. } | Expr::Await(_) => None,
            Expr::Select(_) => Some(true),
            _ => Some(false),
        }) == Some(true)
    }

    /// Only logging, short waits and `continue`.
    fn is_harmless(&self, id: ExprId) -> bool {
        let file = self.file();
        match file[id] {
            Expr::Block { stmts, .. } => file.list(stmts).all(|stmt| self.is_harmless(stmt)),
            Expr::Continue { label: None } | Expr::Lit(_) | Expr::Path(_) | Expr::Field { .. } => true,
            Expr::Tuple(list) => file.list(list).all(|it| self.is_harmless(it)),
            Expr::Macro(call) => file.macro_of(call).is_some_and(Macro::peeks),
            Expr::If { then, otherwise, .. } => {
                self.is_harmless(then) && otherwise.is_none_or(|block| self.is_harmless(block))
            }
            Expr::Await(inner) => match file[inner] {
                Expr::Call { callee, .. } => {
                    let callee = self.program.callee(self.looped.expr.with(callee));
                    let wait = match callee {
                        super::Def::External(path) => catalogue::wait(&path),
                        _ => None,
                    };
                    matches!(wait, Some(Wait::Sleep | Wait::Short))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What the code around a wait does when it fails.
    fn consequence(&self, id: ExprId, shape: Shape) -> Option<Consequence> {
        if id == self.body {
            return None;
        }
        let file = self.file();
        let parent = self.parent(id)?;
        let go = |shape| self.consequence(parent, shape);
        match file[parent] {
            Expr::Await(_) => go(shape),
            Expr::Call { callee, args } => {
                let is_bound = file.list(args).nth(1) == Some(id)
                    && matches!(self.program.callee(self.looped.expr.with(callee)), super::Def::External(path)
                        if matches!(catalogue::wait(&path), Some(Wait::Timeout | Wait::TimeoutAt)));
                is_bound.then(|| go(Shape::InTimeout)).flatten()
            }
            Expr::MethodCall { receiver, method, .. } if receiver == id => match &file[method] {
                method if catalogue::method(method).does(Does::FailsAlike) => go(shape),
                method if shape == Shape::Bare => {
                    let asks = catalogue::method(method).asks_failure()?;
                    self.decided(parent, asks)
                }
                _ => None,
            },
            Expr::Let { pat, .. } => self.branches(parent, self.covers(pat, shape)),
            Expr::Local { pat, init: Some(_), otherwise, .. } => match (file[pat], otherwise) {
                (Pat::Wild, None) => Some(discarded()),
                (Pat::Bind { .. }, None) => self.named(pat, shape),
                (_, Some(otherwise)) if !self.covers(pat, shape) => {
                    Some(self.going(Passing::GoesOn, vec![otherwise], Vec::new()))
                }
                _ => None,
            },
            Expr::Match { scrutinee, arms } if scrutinee == id => {
                let arms: Vec<ArmId> = file.list(arms).collect();
                let (closed, others): (Vec<ArmId>, Vec<ArmId>) =
                    arms.into_iter().partition(|arm| self.covers(file[*arm].pat, shape));
                let guarded = closed.iter().any(|arm| file[*arm].guard.is_some());
                (!guarded && !closed.is_empty()).then(|| {
                    let branches = closed.iter().map(|arm| file[*arm].body).collect();
                    let success = others.iter().map(|arm| file[*arm].range).collect();
                    self.going(Passing::GoesOn, branches, success)
                })
            }
            Expr::Block { stmts, has_tail, kind: BlockKind::Plain, .. } => {
                let is_tail = has_tail && file.list(stmts).next_back() == Some(id);
                (!is_tail).then(discarded)
            }
            Expr::Select(call) => self.arm(call, id, shape),
            _ => None,
        }
    }

    /// `let x = rx.recv().await;`, and what the only use of `x` does.
    fn named(&self, pat: PatId, shape: Shape) -> Option<Consequence> {
        let place = self.program.place(self.looped.expr)?;
        let body = self.program.body(place);
        match body.uses(pat) {
            [] => Some(discarded()),
            [only] => self.consequence(*only, shape),
            _ => None,
        }
    }

    /// A condition that a close makes true or false.
    fn decided(&self, id: ExprId, is_true: bool) -> Option<Consequence> {
        let parent = self.parent(id)?;
        match self.file()[parent] {
            Expr::Unary { op: UnaryOp::Not, .. } => self.decided(parent, !is_true),
            Expr::If { cond, .. } | Expr::While { cond, .. } if cond == id => self.branches(id, is_true),
            Expr::Block { .. } => Some(discarded()),
            _ => None,
        }
    }

    /// The branch of an `if` or `while` that a close takes; `cond` is its condition.
    fn branches(&self, cond: ExprId, is_true: bool) -> Option<Consequence> {
        let parent = self.parent(cond)?;
        if parent == self.looped.expr.id {
            return None;
        }
        let file = self.file();
        match file[parent] {
            Expr::If { cond: head, then, otherwise } if head == cond => {
                let (taken, other) = if is_true { (Some(then), otherwise) } else { (otherwise, Some(then)) };
                let passing = if taken.is_some() { Passing::GoesOn } else { Passing::NoMatch };
                let success = other.map(|other| file.range(other)).into_iter().collect();
                Some(self.going(passing, taken.into_iter().collect(), success))
            }
            Expr::While { cond: head, body, .. } if head == cond && !is_true => {
                Some(self.going(Passing::NoMatch, Vec::new(), vec![file.range(body)]))
            }
            _ => None,
        }
    }

    /// What a branch leaves behind when it ends with `continue`: all that stands below it needs an arrival.
    fn going(&self, passing: Passing, branches: Vec<ExprId>, mut success: Vec<TextRange>) -> Consequence {
        let whole = self.file().range(self.looped.expr.id);
        if let [only] = branches.as_slice()
            && self.ends_with_continue(*only)
        {
            success.push(TextRange::new(self.file().range(*only).end, whole.end));
        }
        Consequence { passing, branches, success }
    }

    fn ends_with_continue(&self, id: ExprId) -> bool {
        let file = self.file();
        match file[id] {
            Expr::Continue { .. } => true,
            Expr::Block { stmts, .. } => file.list(stmts).next_back().is_some_and(|last| self.ends_with_continue(last)),
            _ => false,
        }
    }

    /// An arm of `select!` that waits for the channel.
    fn arm(&self, call: MacroId, future: ExprId, shape: Shape) -> Option<Consequence> {
        let file = self.file();
        let arms: Vec<ArmId> = file.list(file[call].arms).collect();
        let own = *arms.iter().find(|arm| file[**arm].future == Some(future))?;
        let arm = file[own];
        if arm.guard.is_some() {
            return None;
        }
        match file[arm.pat] {
            Pat::Wild => Some(Consequence { passing: Passing::Discarded, branches: Vec::new(), success: Vec::new() }),
            Pat::Bind { .. } if !is_end(file, arm.pat) => self.named(arm.pat, shape),
            _ if self.covers(arm.pat, shape) => None,
            _ => {
                // Beside an arm that never goes dead neither `else` nor the panic of an exhausted `select!` comes.
                let others = arms.iter().filter(|arm| **arm != own);
                let stays = others.into_iter().any(|arm| matches!(file[file[*arm].pat], Pat::Wild | Pat::Bind { .. }));
                stays.then(|| Consequence {
                    passing: Passing::DeadArm,
                    branches: Vec::new(),
                    success: vec![file.range(arm.body)],
                })
            }
        }
    }

    /// Whether a pattern takes what a closed channel gives.
    fn covers(&self, pat: PatId, shape: Shape) -> bool {
        let file = self.file();
        match (file[pat], shape) {
            (Pat::Wild | Pat::Rest, _) => true,
            (Pat::Typed { pat, .. } | Pat::Ref(pat), _) => self.covers(pat, shape),
            (Pat::Or(pats), _) => file.list(pats).any(|pat| self.covers(pat, shape)),
            (Pat::TupleStruct { path, pats }, Shape::InTimeout) => {
                catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_success)
                    && file.at(pats, 0).is_none_or(|inner| self.covers(inner, Shape::Bare))
            }
            (Pat::Bind { .. }, _) if is_end(file, pat) => shape == Shape::Bare,
            (Pat::Bind { sub, .. }, _) => sub.is_none_or(|sub| self.covers(sub, shape)),
            (Pat::Path(path), _) => file.last_segment(path) == "None" && shape == Shape::Bare,
            (Pat::TupleStruct { path, pats }, Shape::Bare) => {
                file.last_segment(path) == "Err" && file.at(pats, 0).is_none_or(|inner| !self.is_no_close(inner))
            }
            _ => false,
        }
    }

    /// `Err(Lagged(_))`, `Err(TryRecvError::Empty)`: an error that is no close.
    fn is_no_close(&self, pat: PatId) -> bool {
        let file = self.file();
        let name = match file[pat] {
            Pat::Path(path) | Pat::TupleStruct { path, .. } | Pat::Struct { path, .. } => file.last_segment(path),
            Pat::Bind { name, .. } => &file[name],
            _ => return false,
        };
        catalogue::variant(name) == Some(Variant::NotNow)
    }
}

fn discarded() -> Consequence {
    Consequence { passing: Passing::Discarded, branches: Vec::new(), success: Vec::new() }
}

/// `None`, which a pattern cannot tell from a name.
fn is_end(file: &FileSummary, pat: PatId) -> bool {
    matches!(file[pat], Pat::Bind { name, .. } if &file[name] == "None")
}

fn is_receiver(ty: &Type) -> bool {
    ty.external().is_some_and(|path| catalogue::is_receiver(path) || path.starts_with("tokio_stream::wrappers::"))
}

fn is_queue_sender(ty: &Type) -> bool {
    ty.external().is_some_and(catalogue::is_queue_sender)
}
