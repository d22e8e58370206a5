//! Futures that somebody drops before they are done: raced, bounded by a timeout, run by a task that is aborted.

use super::{Def, EndingKind, ExprRef, Fate, FieldUse, FnRef, PatRef, Race, RaceKind, SignalKind, Tasks, Value};
use crate::flow::Steps;
use crate::{
    catalogue::{self, Does, Function, Macro, Wait},
    facts::{BlockKind, Expr, ExprId, Id, MacroId},
    span::Span,
};

/// What may be dropped half-way at many places, of which each is looked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Dropped {
    /// The future that an `async fn` gives its callers.
    Function(FnRef),
    /// The future that has a name.
    Named(PatRef),
}

impl Tasks {
    /// What may drop the future in which an expression runs, before it is done: as far as the text shows.
    pub(crate) fn cancelled(&self, expr: ExprRef) -> Option<Race> {
        self.steps.step();
        let body = self.async_body(expr)?;
        if body.id != expr.id
            && matches!(self.file(body.file)[body.id], Expr::Block { kind, .. } if kind != BlockKind::Plain)
        {
            return self.raced(body);
        }
        let function = self.enclosing_fn(expr).filter(|function| self.function(*function).is_async)?;
        self.memo.races.get(
            Dropped::Function(function),
            || None,
            || self.callers(function).into_iter().find_map(|call| self.raced(call)),
        )
    }

    /// What may drop a future before it is done, by what stands around the expression that makes it.
    pub(crate) fn raced(&self, future: ExprRef) -> Option<Race> {
        self.steps.step();
        let parent = self.parents(future.file).parent(future.id)?;
        let file = self.file(future.file);
        let outer = future.with(parent);
        let on = || self.raced(outer);
        let race = |kind| Some(Race { kind, at: self.call_head(outer), inner: None, arm: None });
        match file[parent] {
            Expr::Await(_) => self.cancelled(outer),
            Expr::Call { callee, args } => {
                let at = file.list(args).position(|arg| arg == future.id)?;
                let Def::External(path) = self.callee(outer.with(callee)) else { return None };
                match (catalogue::wait(&path), at) {
                    (Some(Wait::Timeout | Wait::TimeoutAt), 1) => race(RaceKind::Timeout),
                    (Some(Wait::Race), _) => race(RaceKind::Select),
                    (Some(Wait::Join | Wait::JoinAll), _) => on(),
                    _ if catalogue::spawn(&path).is_some_and(|row| row.arg == at) => self.aborted_task(outer),
                    _ if catalogue::function(&path).is_some_and(Function::gives_future) => on(),
                    _ => None,
                }
            }
            Expr::MethodCall { receiver, method, .. } if receiver == future.id => {
                match catalogue::method(&file[method]) {
                    known if known.adapts_future() => on(),
                    known if known.does(Does::Bounds) => race(RaceKind::Timeout),
                    known if known.does(Does::Races) => race(RaceKind::Select),
                    _ => None,
                }
            }
            Expr::MethodCall { method, .. } => match catalogue::method(&file[method]) {
                known if known.does(Does::Races) => race(RaceKind::Select),
                known if known.does(Does::UntilCancelled) => race(RaceKind::Token),
                _ if catalogue::spawn_names().any(|spawn| spawn == &file[method]) => self.aborted_task(outer),
                _ => None,
            },
            Expr::Macro(id) => match file.macro_of(id) {
                Some(Macro::Joins) => self.cancelled(outer),
                Some(Macro::Pins) => on(),
                _ => None,
            },
            Expr::Select(id) => self.select_race(future, id).then(|| race(RaceKind::Select)).flatten(),
            // `let work = async { .. };`, moved on by name.
            Expr::Local { pat, .. } => {
                let body = self.body(self.place(future)?);
                let find = || body.uses(pat).iter().find_map(|used| self.raced(future.with(*used)));
                self.memo.races.get(Dropped::Named(future.with(pat)), || None, find)
            }
            Expr::Block { kind: BlockKind::Plain, stmts, has_tail: true, .. } => {
                (file.list(stmts).next_back() == Some(future.id)).then(on).flatten()
            }
            Expr::If { cond, .. } if cond != future.id => on(),
            Expr::Match { scrutinee, .. } if scrutinee != future.id => on(),
            _ => None,
        }
    }

    /// Whether a future is an arm of a `select!` that another arm may win. What only the end of the process
    /// wins is no race: everything ends then.
    pub(crate) fn select_race(&self, future: ExprRef, id: MacroId) -> bool {
        let file = self.file(future.file);
        let arms: Vec<ExprId> = file.list(file[id].arms).filter_map(|arm| file[arm].future).collect();
        arms.contains(&future.id)
            && arms.iter().any(|arm| *arm != future.id && !self.ends_with_process(&Value::bare(future.with(*arm))))
    }

    /// Whether the future of an arm may lose the `select!` around it.
    fn may_lose(&self, arm: ExprRef) -> bool {
        let select = self.parent(arm).map(|select| self.file(select.file)[select.id]);
        matches!(select, Some(Expr::Select(id)) if self.select_race(arm, id))
    }

    fn ends_with_process(&self, future: &Value) -> bool {
        let ending = self.ending_for_any_task(future);
        ending.kind == EndingKind::OnSignal && ending.signals.iter().all(|it| it.kind == SignalKind::Process)
    }

    /// A task that somebody aborts, by the call that starts it.
    fn aborted_task(&self, site: ExprRef) -> Option<Race> {
        let task = self.tasks().iter().find(|task| task.site == site)?;
        let is_aborted = match self.plain_fate(task) {
            Fate::Aborted(_) | Fate::AbortOnDrop(_) => true,
            Fate::Stored { use_: FieldUse::Kept(used), .. } => {
                let field = self.expr_at(used, |expr| matches!(expr, Expr::Field { .. }));
                field.is_some_and(|field| matches!(self.use_of(field, Steps::NONE), Some(Fate::Aborted(_))))
            }
            _ => false,
        };
        is_aborted.then(|| Race { kind: RaceKind::Abort, at: self.call_head(site), inner: None, arm: None })
    }

    /// The fate of a handle that is awaited or aborted in a future that may be dropped before it comes there:
    /// then it is lost.
    pub(super) fn lost_half_way(&self, site: ExprRef, fate: Fate) -> Fate {
        let fate = match fate {
            Fate::Stored { owner, field, at, use_: FieldUse::Raced(race) } => match race.arm {
                Some(arm) if !self.may_lose(arm) => {
                    Fate::Stored { owner, field, at, use_: FieldUse::Kept(self.span(arm)) }
                }
                _ => Fate::Raced(race),
            },
            Fate::Raced(Race { arm: Some(arm), .. }) if !self.may_lose(arm) => Fate::Awaited(self.span(arm)),
            fate => fate,
        };
        let race = match fate {
            Fate::Awaited(at) => self.await_race(at).map(|race| (race, at)),
            Fate::Aborted(at) => self.abort_race(site, at).map(|race| (race, at)),
            _ => None,
        };
        if race.is_some()
            && let Some(at) = self.guarded_beside(site)
        {
            return Fate::AbortOnDrop(at);
        }
        match race {
            Some((race, at)) => Fate::Raced(Race { inner: Some(at), ..race }),
            None => fate,
        }
    }

    /// `let _guard = AbortGuard(task.abort_handle());` beside `let task = spawn(..);`: dropped with the same future.
    fn guarded_beside(&self, site: ExprRef) -> Option<Span> {
        let pat = self.let_of(site)?;
        let mut handles = self.uses_of(site, pat).into_iter().filter_map(|used| {
            let call = self.parent(used)?;
            self.calls_method(call, "abort_handle").then_some(call)
        });
        handles.find_map(|handle| {
            let guard = self.parent(handle).filter(|guard| self.let_of(*guard).is_some())?;
            let is_beside = self.async_body(guard) == self.async_body(site);
            let ends = self.ends_task_on_drop(&self.type_of(&Value::bare(guard))).is_some();
            (is_beside && ends).then(|| self.span(guard))
        })
    }

    fn await_race(&self, at: Span) -> Option<Race> {
        let awaited = self.expr_at(at, |expr| matches!(expr, Expr::Await(_) | Expr::Call { .. } | Expr::Macro(_)))?;
        match self.file(at.file)[awaited.id] {
            // `(&mut handle).await`, and a parameter that is a reference: its owner keeps it.
            Expr::Await(inner) if self.is_borrowed(awaited.with(inner)) => None,
            Expr::Await(_) | Expr::Macro(_) => self.cancelled(awaited),
            // `join_all(handles)`: it may itself be what is raced.
            _ => self.raced(awaited),
        }
    }

    fn is_borrowed(&self, handle: ExprRef) -> bool {
        let file = self.file(handle.file);
        match file[handle.id] {
            Expr::Ref { .. } | Expr::Field { .. } => true,
            Expr::Path(_) => self.local(handle).is_some_and(|(_, binding)| {
                binding.ty.is_some_and(|ty| matches!(file[ty], crate::facts::Ty::Ref(_)))
                    || match binding.origin {
                        super::Origin::Value(init) | super::Origin::Element(init) => {
                            self.is_borrowed(handle.with(init))
                        }
                        _ => false,
                    }
            }),
            Expr::MethodCall { receiver, method, .. } => {
                let known = catalogue::method(&file[method]);
                known.does(Does::Lends)
                    || known.does_any(&[Does::Drains, Does::Takes, Does::Unwraps])
                        && self.is_borrowed(handle.with(receiver))
            }
            _ => false,
        }
    }

    /// `let task = spawn(..); work().await; task.abort();` in a future that may be dropped at that `.await`.
    fn abort_race(&self, site: ExprRef, at: Span) -> Option<Race> {
        let abort = self.expr_at(at, |expr| matches!(expr, Expr::MethodCall { .. }))?;
        let body = self.async_body(abort)?;
        if site.file != abort.file || self.async_body(site)? != body {
            return None;
        }
        let file = self.file(site.file);
        let waits_between = (site.id.index() + 1..abort.id.index()).map(ExprId::from_index).any(|it| {
            matches!(file[it], Expr::Await(_) | Expr::Select(_)) && self.async_body(site.with(it)) == Some(body)
        });
        waits_between.then(|| self.cancelled(abort)).flatten()
    }
}
