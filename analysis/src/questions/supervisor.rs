//! Tasks that exist only to wait for other tasks.

use super::{Def, ExprRef, PatRef, Program, Task, Value};
use crate::{
    catalogue::{self, Call, Does, Macro},
    facts::{BlockKind, Expr, ExprId, MacroShape, Pat},
    span::Span,
};

/// What a task that does nothing of its own does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// It awaits the handle of another task; where.
    Awaits(Span),
    /// It spawns another task and ends; where.
    Spawns(Span),
    /// It spawns another task and waits for it; where it spawns.
    SpawnsAndAwaits(Span),
    /// It awaits the members of a set that it was given; where.
    Drains(Span),
}

/// An errand, and the places that would change if one task did all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chore {
    /// What the task does.
    pub errand: Errand,
    /// The call that starts the other task, if it is seen.
    pub inner: Option<ExprRef>,
    /// The `.await` on that one's handle.
    pub awaited: Option<ExprRef>,
    /// The async block or function body that does it.
    pub body: ExprRef,
}

/// What a body was seen to do.
#[derive(Default)]
struct Tally {
    /// The call that starts the other task.
    inner: Option<ExprRef>,
    /// Where its handle is awaited.
    awaited: Option<ExprRef>,
    awaits: Vec<Span>,
    spawns: Vec<Span>,
    drains: Vec<Span>,
    /// Anything that is work of its own.
    works: bool,
    /// The function of the library that starts the other task, if that one stays on its thread.
    local: Option<&'static catalogue::SpawnRow>,
    /// Whether it waits for what it spawned itself.
    waits_for_own: bool,
    /// The body that is looked at.
    body: Option<ExprRef>,
}

impl Tally {
    fn spawned(&mut self, program: &Program, task: &Task, at: ExprRef) {
        self.inner = Some(at);
        if let Some(row) = task.row.filter(|row| row.stays_on_thread()) {
            self.local = Some(row);
        }
        self.spawns.push(program.span(task.inner));
    }
}

impl Program {
    /// What a task does if it exists only for another task; `None` if it does anything of its own.
    pub fn errand(&self, task: &Task) -> Option<Chore> {
        if task.runs != catalogue::Runs::Future {
            return None;
        }
        let future = self.origin(&task.future);
        let mut tally = Tally::default();
        match self.expr(&future) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                tally.body = Some(future.expr);
                self.tally_parts(&future, &mut tally);
            }
            Expr::Call { .. } => {
                let function = self.called_fn(&future)?;
                let item = self.function(function);
                // `spawn(start(x))`, where `start` only checks and spawns.
                if !item.is_async {
                    return None;
                }
                let body = Value { expr: function.with(item.body?), frame: self.enter(&future, function) };
                tally.body = Some(body.expr);
                self.tally_parts(&body, &mut tally);
            }
            _ => return None,
        }
        // It hops onto a thread from which the other task cannot move: its own spawn could not do that.
        if tally.local.is_some_and(|row| Some(row) != task.row) {
            return None;
        }
        let total = tally.awaits.len() + tally.spawns.len() + tally.drains.len();
        let waits = tally.waits_for_own;
        let (inner, waited, body) = (tally.inner, tally.awaited, tally.body?);
        match (tally.works, total, tally) {
            (true, ..) => None,
            (_, 1, Tally { awaits, spawns, drains, .. }) => {
                let awaited = awaits.first().map(|at| Errand::Awaits(*at));
                let spawned = spawns.first().map(|at| match waits {
                    true => Errand::SpawnsAndAwaits(*at),
                    false => Errand::Spawns(*at),
                });
                let errand = awaited.or(spawned).or(drains.first().map(|at| Errand::Drains(*at)))?;
                Some(Chore { errand, inner, awaited: waited, body })
            }
            // It starts several, and waits for none.
            (_, _, Tally { awaits, spawns, drains, .. }) if awaits.is_empty() && drains.is_empty() && !waits => {
                let errand = Errand::Spawns(*spawns.first()?);
                Some(Chore { errand, inner: None, awaited: None, body })
            }
            // Several tasks are supervised, or none.
            _ => None,
        }
    }

    fn tally_parts(&self, value: &Value, tally: &mut Tally) {
        let mut children = Vec::new();
        self.file(value.expr.file).each_child(value.expr.id, &mut |child| children.push(child));
        for child in children {
            self.tally(&value.at(child), tally);
        }
    }

    fn tally(&self, value: &Value, tally: &mut Tally) {
        if tally.works {
            return;
        }
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Await(inner) => self.tally_await(value, &value.at(inner), tally),
            Expr::Call { callee, args } => {
                if let Some(task) = self.spawn_at(value.expr) {
                    return tally.spawned(self, task, value.expr);
                }
                let args: Vec<ExprId> = file.list(args).collect();
                match self.callee(value.expr.with(callee)) {
                    Def::External(path) if catalogue::call_does(&path, Call::Plain) => {
                        args.into_iter().for_each(|arg| self.tally(&value.at(arg), tally));
                    }
                    _ => tally.works = true,
                }
            }
            Expr::MethodCall { receiver, method, .. } => {
                if let Some(task) = self.spawn_at(value.expr) {
                    return tally.spawned(self, task, value.expr);
                }
                // Code that blocks waits for that: it cannot await the task itself.
                if catalogue::method(&file[method]).does(Does::Sends)
                    && self.type_of(&value.at(receiver)).innermost().external().is_some_and(catalogue::wakes_thread)
                {
                    tally.works = true;
                    return;
                }
                match is_plain_method(&file[method]) && self.called_fn(value).is_none() {
                    true => self.tally_parts(value, tally),
                    false => tally.works = true,
                }
            }
            Expr::Macro(id) => match (file.last_segment(file[id].path), file[id].shape) {
                (name, MacroShape::Exprs)
                    if catalogue::macro_named(name).is_some_and(|known| known.tells() || known == Macro::Matches) =>
                {
                    self.tally_parts(value, tally);
                }
                _ => tally.works = true,
            },
            Expr::Local { pat, init: Some(init), .. }
                if self.keeps_unused(value.expr.with(pat), value.expr.with(init)) =>
            {
                tally.works = true;
            }
            Expr::While { cond, body, .. } => self.tally_drain(value, cond, body, tally),
            Expr::For { iter, body, pat, .. } => self.tally_for(value, iter, pat, body, tally),
            Expr::Loop { .. } | Expr::Select(_) | Expr::Yield(_) | Expr::Unknown => tally.works = true,
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {}
            _ => self.tally_parts(value, tally),
        }
    }

    fn tally_await(&self, whole: &Value, inner: &Value, tally: &mut Tally) {
        let at = self.span(whole.expr);
        let origin = self.origin(inner);
        let file = self.file(origin.expr.file);
        // `tokio::spawn(f).await`
        if self.spawn_at(origin.expr).is_some() {
            tally.inner = Some(origin.expr);
            tally.awaited = Some(whole.expr);
            // Work on a thread of its own tells nobody what it found, but who awaits it.
            let blocks = self.spawn_at(origin.expr).is_some_and(|task| task.runs == catalogue::Runs::Blocking);
            if blocks && self.is_wanted(whole.expr) {
                tally.works = true;
                return;
            }
            let is_inside = tally.body.is_some_and(|body| {
                body.file == origin.expr.file && self.first_below(body) <= origin.expr.id && origin.expr.id <= body.id
            });
            match is_inside {
                true => {
                    tally.waits_for_own = true;
                    // A handle bound here was counted as a spawn already; awaiting it is the same errand.
                    if origin.expr == inner.expr {
                        tally.spawns.push(at);
                    }
                }
                false => tally.awaits.push(at),
            }
            return;
        }
        if self.type_of(inner).pointee().external().is_some_and(catalogue::is_handle) {
            return tally.awaits.push(at);
        }
        match self.expr(&origin) {
            // `join_all(handles).await`
            Expr::Call { callee, args } => {
                let is_join = matches!(self.callee(origin.expr.with(callee)), Def::External(path)
                    if path.ends_with("join_all"));
                let set = file.at(args, 0).map(|arg| origin.at(arg));
                match (is_join, set) {
                    (true, Some(set)) if self.is_given_set(&set) => tally.drains.push(at),
                    _ => tally.works = true,
                }
            }
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                "send" => self.tally_parts(&origin, tally),
                "join_all" if self.is_given_set(&origin.at(receiver)) => tally.drains.push(at),
                _ => tally.works = true,
            },
            _ => tally.works = true,
        }
    }

    /// `let _guard = guard;`: something that came from outside stays until the end, and nothing else is done with it.
    fn keeps_unused(&self, pat: PatRef, given: ExprRef) -> bool {
        let (file, place) = (self.file(pat.file), self.place(given));
        matches!(file[pat.id], Pat::Bind { sub: None, .. })
            && self.local(given).is_some()
            && place.is_some_and(|place| self.body(place).uses(pat.id).is_empty())
            && !self.type_of(&Value::bare(given)).pointee().external().is_some_and(catalogue::is_handle)
    }

    /// Whether anything is done with a value.
    fn is_wanted(&self, value: ExprRef) -> bool {
        let file = self.file(value.file);
        let parent = self.parents(value.file).parent(value.id);
        !parent.is_some_and(|parent| match file[parent] {
            Expr::Block { stmts, has_tail, .. } => !has_tail || file.list(stmts).next_back() != Some(value.id),
            Expr::Local { pat, .. } => matches!(file[pat], Pat::Wild),
            _ => false,
        })
    }

    /// `while let Some(done) = set.join_next().await { .. }`
    fn tally_drain(&self, value: &Value, cond: ExprId, body: ExprId, tally: &mut Tally) {
        let file = self.file(value.expr.file);
        let drained = match self.expr(&value.at(cond)) {
            Expr::Let { expr, .. } => match file[expr] {
                Expr::Await(inner) => match file[inner] {
                    Expr::MethodCall { receiver, method, .. } if &file[method] == "join_next" => Some(receiver),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        match drained {
            Some(set) if self.is_given_set(&value.at(set)) => {
                tally.drains.push(self.span(value.expr.with(cond)));
                self.tally(&value.at(body), tally);
            }
            _ => tally.works = true,
        }
    }

    /// `for handle in handles { handle.await; }`
    fn tally_for(&self, value: &Value, iter: ExprId, pat: crate::facts::PatId, body: ExprId, tally: &mut Tally) {
        let file = self.file(value.expr.file);
        if !self.is_given_set(&value.at(iter)) || !matches!(file[pat], Pat::Bind { .. }) {
            tally.works = true;
            return;
        }
        let mut inner = Tally::default();
        self.tally(&value.at(body), &mut inner);
        match (inner.works, inner.awaits.first()) {
            (false, Some(at)) => tally.drains.push(*at),
            _ => tally.works = true,
        }
    }

    /// A set or list of handles that was made outside the task.
    fn is_given_set(&self, value: &Value) -> bool {
        let ty = self.type_of(value).pointee();
        let is_set = ty.is("tokio::task::JoinSet")
            || ty.innermost().external().is_some_and(catalogue::is_handle)
                && ty.external().and_then(catalogue::wrapper_kind).is_some();
        is_set && self.local(value.expr).is_some()
    }

    /// Whether an expression is a call that starts a task, itself or through a wrapper.
    pub(super) fn spawn_at(&self, expr: ExprRef) -> Option<&Task> {
        // An async wrapper does more than to spawn.
        let is_wrapped_at =
            |task: &Task| task.site == expr && task.wrapper().is_none_or(|wrapper| !self.function(wrapper).is_async);
        self.tasks().iter().find(|task| task.inner == expr || is_wrapped_at(task))
    }
}

/// Methods on a result, a counter or a channel: nothing that is work.
fn is_plain_method(method: &str) -> bool {
    catalogue::method(method).does(Does::Plain) || method.starts_with("is_") || method.starts_with("has_")
}

/// A local `JoinSet` and what it receives.
#[derive(Debug, Clone)]
pub struct LocalSet {
    /// `JoinSet::new()`.
    pub made: ExprRef,
    /// Name of the variable.
    pub name: String,
    /// Where tasks are put in.
    pub spawns: Vec<ExprRef>,
    /// Where it is waited for, if it is.
    pub joined: Option<Span>,
    /// Whether exactly one task is put in on every path.
    pub holds_exactly_one: bool,
}

impl Program {
    /// `JoinSet`s that are locals and never leave the body in which they are made.
    pub fn local_sets(&self) -> Vec<LocalSet> {
        let mut found: Vec<LocalSet> = catalogue::calls_that(Call::MakesEmpty)
            .flat_map(|name| self.calls_named(name))
            .filter(|call| self.options.include_tests || !self.in_test(**call))
            .filter_map(|call| self.ask(None, || self.local_set(*call)).flatten())
            .collect();
        found.sort_by_key(|set| self.span(set.made));
        found
    }

    fn local_set(&self, made: ExprRef) -> Option<LocalSet> {
        let file = self.file(made.file);
        let Expr::Call { callee, .. } = file[made.id] else { return None };
        let Def::External(path) = self.callee(made.with(callee)) else { return None };
        if !path.starts_with("tokio::task::JoinSet::") {
            return None;
        }
        let parents = self.parents(made.file);
        let at = parents.parent(made.id)?;
        let Expr::Local { pat, .. } = file[at] else { return None };
        let Pat::Bind { name, sub: None } = file[pat] else { return None };
        let block = parents.parent(at)?;
        let Expr::Block { stmts, .. } = file[block] else { return None };
        let body = self.body(self.place(made)?);
        let mut set =
            LocalSet { made, name: file[name].to_owned(), spawns: vec![], joined: None, holds_exactly_one: false };
        for used in body.uses(pat) {
            let call = parents.parent(*used)?;
            match file[call] {
                Expr::MethodCall { receiver, method, .. } if receiver == *used => {
                    match catalogue::method(&file[method]) {
                        known if known.does(Does::Spawns) => set.spawns.push(made.with(call)),
                        known if known.does(Does::Joins) => set.joined = Some(self.span(made.with(call))),
                        known if known.does_any(&[Does::Counts, Does::EndsAll, Does::DetachesAll]) => {}
                        _ => return None,
                    }
                }
                // `drop(set)`
                Expr::Call { callee, .. } => match self.callee(made.with(callee)) {
                    Def::External(path) if &*path == "std::mem::drop" => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
        let mut counts = Count::NONE;
        for stmt in file.list(stmts).skip_while(|stmt| *stmt != at).skip(1) {
            counts = counts.then(self.count(made.with(stmt), &set.spawns));
        }
        set.holds_exactly_one = !set.spawns.is_empty() && counts == Count { least: 1, most: 1 };
        Some(set)
    }

    /// How many of `spawns` run when an expression is evaluated.
    fn count(&self, expr: ExprRef, spawns: &[ExprRef]) -> Count {
        let file = self.file(expr.file);
        let go = |id: ExprId| self.count(expr.with(id), spawns);
        let own = Count::exactly(u32::from(spawns.contains(&expr)));
        let parts = || {
            let mut sum = Count::NONE;
            file.each_child(expr.id, &mut |child| sum = sum.then(go(child)));
            sum
        };
        match file[expr.id] {
            Expr::If { cond, then, otherwise } => go(cond).then(go(then).or(otherwise.map_or(Count::NONE, go))),
            Expr::Match { scrutinee, arms } => {
                let ways = file.list(arms).map(|arm| go(file[arm].body)).reduce(Count::or);
                go(scrutinee).then(ways.unwrap_or(Count::NONE))
            }
            Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } | Expr::Closure { .. } => match parts().most {
                0 => Count::NONE,
                _ => Count { least: 0, most: u32::MAX },
            },
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => match parts().most {
                0 => Count::NONE,
                _ => Count { least: 0, most: u32::MAX },
            },
            Expr::Select(_) => match parts().most {
                0 => Count::NONE,
                most => Count { least: 0, most },
            },
            _ => own.then(parts()),
        }
    }
}

/// A least and a most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    least: u32,
    most: u32,
}

impl Count {
    const NONE: Count = Count { least: 0, most: 0 };

    fn exactly(number: u32) -> Count {
        Count { least: number, most: number }
    }

    fn then(self, other: Count) -> Count {
        Count { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    fn or(self, other: Count) -> Count {
        Count { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}
