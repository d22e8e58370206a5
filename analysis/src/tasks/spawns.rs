//! The tasks of a workspace: every call that starts one, directly, through a wrapper, or by a function
//! that hands out the handle.

use super::{Def, ExprRef, ExtraCall, Fate, FnRef, Frame, Origin, Place, Tasks, Type, Value};
use crate::{
    catalogue::{self, Does, Handle, Runs, Runtime, SpawnRow},
    facts::{BlockKind, Expr, ExprId, Ty},
    span::Span,
};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// How many wrappers deep a spawn is seen through.
const MAX_WRAPPERS: usize = 5;
/// How many places may call one wrapper before the rest is left alone.
const MAX_CALLERS: usize = 400;
/// What one more task counts for, which all questions will be asked about.
const STEPS_OF_TASK: usize = 50;

/// How a task comes to be started where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// The site itself calls the library.
    Direct,
    /// The site calls a function of the workspace; outermost first.
    Wrapper(Vec<FnRef>),
}

/// One place that starts a task.
#[derive(Debug, Clone)]
pub struct Task {
    /// The call that starts it, where a reader of the caller sees it.
    pub site: ExprRef,
    /// The call of the library; the same as `site` unless there is a wrapper.
    pub inner: ExprRef,
    /// How the one leads to the other.
    pub via: Via,
    /// What runs.
    pub future: Value,
    /// What kind of thing that is.
    pub runs: Runs,
    /// What the library hands back.
    pub handle: Handle,
    /// Name of the function of the library: `tokio::spawn`, `JoinSet::spawn`.
    pub api: String,
    /// The catalogue's row for that, if it has one: not for a call that is known by its name alone.
    pub row: Option<&'static SpawnRow>,
    /// Whether it lives on a runtime, set or executor that is a local value, and ends with it.
    pub ends_with_local_runtime: bool,
}

impl Task {
    /// What runs it, if that is known.
    pub fn runtime(&self) -> Option<Runtime> {
        self.row.map(|row| row.runtime)
    }

    /// The wrapper that the site calls, if there is one.
    pub fn wrapper(&self) -> Option<FnRef> {
        match &self.via {
            Via::Direct => None,
            Via::Wrapper(chain) => chain.first().copied(),
        }
    }
}

impl Tasks {
    /// All tasks outside tests (or all, if tests are judged too), by place.
    pub fn tasks(&self) -> &[Task] {
        self.memo.tasks.get_or_init(|| {
            let mut tasks = Vec::new();
            for task in self.direct_tasks() {
                let before = tasks.len();
                let is_whole = self.ask(Some(task.site), || self.expand(&task, &mut Vec::new(), &mut tasks)).is_some();
                if !is_whole {
                    // Its callers are too many: the call of the library stands for them.
                    tasks.truncate(before);
                    tasks.push(task);
                }
            }
            tasks.sort_by_key(|task| (self.span(task.site), self.span(task.inner)));
            // Two spawns of the same future by one call are one spawn under two cfgs.
            let origin = |task: &Task| self.ask(Some(task.site), || self.origin(&task.future).expr);
            tasks.dedup_by_key(|task| (task.site, origin(task).unwrap_or(task.future.expr)));
            tasks
        })
    }

    /// The spawn of the task that a call starts or is given: `set.spawn(f)`, `all.push(task)`, `task.cancel()`.
    pub fn task_of_call(&self, call: ExprRef) -> Option<Span> {
        let whole = self.span(call);
        let spawns = || self.tasks().iter().map(|task| self.span(task.site));
        let inside = spawns().filter(|spawn| spawn.file == whole.file && whole.range.contains(spawn.range)).min();
        inside.or_else(|| {
            let file = self.file(call.file);
            let parts: Vec<ExprId> = match file[call.id] {
                Expr::MethodCall { receiver, args, .. } => std::iter::once(receiver).chain(file.list(args)).collect(),
                Expr::Call { args, .. } => file.list(args).collect(),
                _ => Vec::new(),
            };
            let origins = parts.into_iter().map(|part| self.span(self.origin(&Value::bare(call.with(part))).expr));
            origins.into_iter().find(|origin| spawns().any(|spawn| spawn == *origin))
        })
    }

    fn direct_tasks(&self) -> Vec<Task> {
        let names: FxHashSet<&str> = self.spawn_names().collect();
        let is_wanted = |site: &&ExprRef| self.options.include_tests || !self.in_test(**site);
        let mut found = Vec::new();
        for name in names {
            let aliases = self.aliases(name).iter().map(String::as_str);
            for name in aliases.chain([name]) {
                let sites = self.calls_named(name).iter().filter(is_wanted);
                found.extend(sites.filter_map(|site| self.ask(None, || self.direct_task(*site)).flatten()));
            }
            // `iter.map(tokio::spawn)`: the function itself is handed on.
            let mentions = self.mentions_of(name).iter().filter(is_wanted);
            found.extend(mentions.filter_map(|mention| self.ask(None, || self.mapped_task(*mention)).flatten()));
        }
        found.sort_by_key(|task| task.site);
        found.dedup_by_key(|task| task.site);
        found
    }

    /// `.map(tokio::spawn)`: the task is what the iterator yields.
    fn mapped_task(&self, mention: ExprRef) -> Option<Task> {
        let parent = self.parents(mention.file).parent(mention.id)?;
        let file = self.file(mention.file);
        let Expr::MethodCall { receiver, method, .. } = file[parent] else { return None };
        let Def::External(path) = self.callee(mention) else { return None };
        let row = catalogue::spawn(&path)?;
        // `.map(make).map(tokio::spawn)`: what the closure before makes is what runs.
        let (future, runs) = match file[receiver] {
            Expr::MethodCall { method, args, .. } if &file[method] == "map" => (file.at(args, 0)?, Runs::FutureFn),
            _ => (receiver, row.runs),
        };
        catalogue::method(&file[method]).does(Does::GivesElement).then(|| Task {
            site: mention.with(parent),
            inner: mention.with(parent),
            via: Via::Direct,
            future: Value::bare(mention.with(future)),
            runs,
            handle: row.handle,
            api: row.path.to_owned(),
            row: Some(row),
            ends_with_local_runtime: false,
        })
    }

    fn direct_task(&self, site: ExprRef) -> Option<Task> {
        let file = self.file(site.file);
        let value = Value::bare(site);
        if let Some(ExtraCall::Spawns(row, future)) = self.extra_call(&value) {
            return Some(Task {
                site,
                inner: site,
                via: Via::Direct,
                future: value.at(future),
                runs: row.runs,
                handle: row.handle,
                api: row.path.clone(),
                row: None,
                ends_with_local_runtime: false,
            });
        }
        match file[site.id] {
            Expr::Call { callee, args } => {
                let Def::External(path) = self.callee(site.with(callee)) else { return None };
                let (row, shift) = match catalogue::spawn(&path) {
                    Some(row) => (row, 0),
                    // `Handle::spawn(&handle, future)`.
                    None => {
                        let (owner, method) = path.rsplit_once("::")?;
                        match catalogue::method_spawn(owner, method) {
                            Some(row) => (row, 1),
                            // `other_crate::task::spawn(async { .. })`: surely a task, of an unknown kind.
                            None => return self.unknown_spawn(&value, method, args),
                        }
                    }
                };
                let future = file.at(args, row.arg + shift)?;
                Some(self.task_of_row(&value, row, future, None))
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let ty = self.type_of(&value.at(receiver)).pointee();
                let ty = match ty.external().and_then(catalogue::wrapper_kind) {
                    // A guard of a lock derefs to what is inside; so does a `OnceLock` that was read.
                    Some(_) => ty.innermost(),
                    None => ty,
                };
                let method = &file[method];
                if let Some(path) = ty.external() {
                    let row = catalogue::method_spawn(path, method)?;
                    let future = file.at(args, row.arg)?;
                    return Some(self.task_of_row(&value, row, future, Some(receiver)));
                }
                if self.method_of(&ty, method).is_some()
                    || ty.item().is_some_and(|item| !self.names.methods(item, method).is_empty())
                {
                    return None;
                }
                if ty != Type::Unknown && ty.item().is_none() {
                    return None;
                }
                self.unknown_spawn(&value, method, args)
            }
            _ => None,
        }
    }

    fn task_of_row(&self, site: &Value, row: &'static SpawnRow, future: ExprId, receiver: Option<ExprId>) -> Task {
        let local = receiver.is_some_and(|receiver| {
            let receiver = site.at(receiver);
            self.is_made_here(&receiver) || self.is_made_by_callers(&receiver)
        });
        let api = match row.method {
            "" => row.path.to_owned(),
            method => format!("{}::{method}", row.path.rsplit("::").next().unwrap_or(row.path)),
        };
        Task {
            site: site.expr,
            inner: site.expr,
            via: Via::Direct,
            future: site.at(future),
            runs: row.runs,
            handle: row.handle,
            api,
            row: Some(row),
            ends_with_local_runtime: (row.ends_with_receiver && row.handle != Handle::Owned && local)
                || (row.path == "tokio::task::spawn_local" && self.runs_on_local_set(site)),
        }
    }

    /// Whether an expression stands in a future that a `LocalSet` made in the same body runs.
    fn runs_on_local_set(&self, site: &Value) -> bool {
        let file = self.file(site.expr.file);
        self.parents(site.expr.file).ancestors(site.expr.id).any(|at| match file[at] {
            Expr::MethodCall { receiver, method, .. } => {
                catalogue::method(&file[method]).does(Does::RunsFuture)
                    && self.type_of(&site.at(receiver)).pointee().is("tokio::task::LocalSet")
                    && self.is_made_here(&site.at(receiver))
            }
            _ => false,
        })
    }

    /// Whether a receiver is a local value that was made in the same body and not just borrowed.
    pub(super) fn is_made_here(&self, receiver: &Value) -> bool {
        let Some((_, binding)) = self.local(receiver.expr) else { return false };
        let Origin::Value(init) = binding.origin else { return false };
        let origin = self.origin(&receiver.at(init));
        matches!(self.expr(&origin), Expr::Call { .. } | Expr::MethodCall { .. } | Expr::Try(_) | Expr::Await(_))
            && !self.call_name(origin.expr).is_some_and(|name| name.ends_with("current"))
    }

    /// Whether a receiver is a parameter for which each caller gives a local runtime or set of its own.
    fn is_made_by_callers(&self, receiver: &Value) -> bool {
        let Some((_, binding)) = self.local(receiver.expr) else { return false };
        let (Origin::Param(at), Some(function)) = (binding.origin, self.enclosing_fn(receiver.expr)) else {
            return false;
        };
        let callers = self.callers(function);
        !callers.is_empty()
            && callers.into_iter().all(|call| {
                let file = self.file(call.file);
                let Expr::Call { args, .. } = file[call.id] else { return false };
                let Some(arg) = file.at(args, at) else { return false };
                let arg = if let Expr::Ref { expr, .. } = file[arg] { expr } else { arg };
                self.is_made_here(&Value::bare(call.with(arg)))
            })
    }

    /// `x.spawn(async { .. })` on a receiver that is not known: surely a task, of an unknown kind.
    fn unknown_spawn(&self, site: &Value, method: &str, args: crate::facts::List<ExprId>) -> Option<Task> {
        let file = self.file(site.expr.file);
        let future = site.at(file.at(args, 0)?);
        let row = catalogue::spawn_by_name(method)?;
        if row.only_async && !self.is_visibly_async(&future) {
            return None;
        }
        Some(Task {
            site: site.expr,
            inner: site.expr,
            via: Via::Direct,
            future,
            runs: row.runs,
            handle: row.handle,
            api: format!(".{method}"),
            row: None,
            ends_with_local_runtime: false,
        })
    }

    fn is_visibly_async(&self, future: &Value) -> bool {
        let origin = self.origin(future);
        match self.expr(&origin) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
            Expr::Call { .. } | Expr::MethodCall { .. } => matches!(self.type_of(&origin), Type::Future(_)),
            _ => false,
        }
    }

    /// Puts a task, or instead of it what its wrapper's callers start, into `tasks`.
    fn expand(&self, task: &Task, chain: &mut Vec<ExprRef>, tasks: &mut Vec<Task>) {
        let outermost = chain.last().copied().unwrap_or(task.site);
        let Some(Place::Fn(function)) = self.place(outermost) else {
            return tasks.push(self.instantiate(task, chain));
        };
        let is_wrapper = self.spawns_parameter(task, chain, function);
        let hands_out = !is_wrapper && self.hands_out(outermost, task.handle);
        if (is_wrapper || hands_out) && self.is_extra_spawn(function) {
            // Its calls are tasks by what the user says of them.
            return;
        }
        if !(is_wrapper || hands_out) || chain.len() >= MAX_WRAPPERS {
            return tasks.push(self.instantiate(task, chain));
        }
        let callers = self.callers(function);
        let recursive = callers.iter().any(|call| self.enclosing_fn(*call) == Some(function));
        if callers.is_empty() || callers.len() > MAX_CALLERS || recursive {
            return tasks.push(self.instantiate(task, chain));
        }
        for call in callers {
            chain.push(call);
            self.expand(task, chain, tasks);
            chain.pop();
        }
    }

    /// The task as its outermost caller sees it: `chain` holds the calls, innermost first.
    fn instantiate(&self, task: &Task, chain: &[ExprRef]) -> Task {
        self.steps.take(STEPS_OF_TASK);
        let mut frame: Option<Rc<Frame>> = None;
        let mut wrappers = Vec::new();
        for call in chain.iter().rev() {
            let value = Value { expr: *call, frame: frame.clone() };
            let Some(function) = self.called_fn(&value) else { break };
            frame = self.enter(&value, function);
            wrappers.push(function);
        }
        let mut task = task.clone();
        if let Some(outermost) = chain.last() {
            task.site = *outermost;
            task.via = Via::Wrapper(wrappers);
            task.future.frame = frame;
        }
        task
    }

    /// Whether what is spawned comes, wholly or in part, from the parameters of the function around it.
    fn spawns_parameter(&self, task: &Task, chain: &[ExprRef], function: FnRef) -> bool {
        let value = match chain.last() {
            None => vec![task.future.clone()],
            // Of a call of a wrapper, each argument may be what is spawned.
            Some(call) => {
                let file = self.file(call.file);
                let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return false };
                file.list(args).map(|arg| Value::bare(call.with(arg))).collect()
            }
        };
        value.iter().any(|value| self.takes_runnable_parameter(value, function))
    }

    fn takes_runnable_parameter(&self, value: &Value, function: FnRef) -> bool {
        let params = self.function(function).params.len();
        let runnable: Vec<bool> = (0..params).map(|at| self.is_runnable_parameter(function, at)).collect();
        let is_extension = self.is_future_extension(function);
        if !is_extension && !runnable.contains(&true) {
            return false;
        }
        // What is named, and what the lets behind those names name: each once.
        let mut found = false;
        let mut seen = FxHashSet::default();
        let mut to_read = vec![value.expr];
        while let Some(root) = to_read.pop() {
            self.walk(root, &mut |expr, kind| {
                if let Expr::Path(_) = kind
                    && let Some((pat, binding)) = self.local(expr)
                    && seen.insert(pat)
                {
                    match binding.origin {
                        Origin::Param(at) => found |= runnable.get(at) == Some(&true),
                        Origin::SelfParam => found |= is_extension,
                        // `let fut = Box::pin(fut);` and `let fut = async move { fut.await };`
                        Origin::Value(init) => to_read.push(expr.with(init)),
                        _ => {}
                    }
                }
                !found
            });
        }
        found
    }

    /// Whether a method stands in `impl<T: Future> Trait for T`, so that `self` is the future.
    fn is_future_extension(&self, function: FnRef) -> bool {
        let file = self.file(function.file);
        let crate::facts::Owner::Impl(block) = self.function(function).owner else { return false };
        let Ty::Path(path) = file[file[block].self_ty] else { return false };
        let generic =
            file.as_ident(path).and_then(|name| file[block].generics.iter().find(|it| &file[it.name] == name));
        generic.is_some_and(|generic| file.list(generic.bounds).any(|bound| file.last_segment(bound) == "Future"))
    }

    /// Whether a parameter is a future, or a closure that may make or be one.
    fn is_runnable_parameter(&self, function: FnRef, at: usize) -> bool {
        let file = self.file(function.file);
        let item = self.function(function);
        let Some(param) = item.params.get(at) else { return false };
        if matches!(self.lower_ty(function.file, Place::Fn(function), param.ty).pointee(), Type::Future(_)) {
            return true;
        }
        self.is_callable(function, param.ty, file, 0)
    }

    fn is_callable(
        &self,
        function: FnRef,
        ty: crate::facts::TyId,
        file: &crate::facts::FileSummary,
        depth: u32,
    ) -> bool {
        let is_callable = |bound| catalogue::is_callable_trait(file.last_segment(bound));
        match file[ty] {
            Ty::Impl(bounds) | Ty::Dyn(bounds) => file.list(bounds).any(is_callable),
            Ty::Fn { .. } => true,
            Ty::Ref(inner) => self.is_callable(function, inner, file, depth),
            Ty::Path(path) => {
                let args = file.list(file[path].args);
                if file.last_segment(path) == "Box" && depth < 3 {
                    return args.clone().any(|arg| self.is_callable(function, arg, file, depth + 1));
                }
                let item = self.function(function);
                let generic =
                    file.as_ident(path).and_then(|name| item.generics.iter().find(|it| &file[it.name] == name));
                generic.is_some_and(|generic| file.list(generic.bounds).any(is_callable))
            }
            _ => false,
        }
    }

    /// Whether the function around a spawn gives the handle to its caller.
    fn hands_out(&self, site: ExprRef, handle: Handle) -> bool {
        let Some(site) = self.given_expr(site) else { return false };
        matches!(handle, Handle::Detach | Handle::ResultDetach) && matches!(self.fate_of(site), Fate::Returned { .. })
    }

    /// Names what a task runs, for messages: a function of the workspace, or the function that starts it.
    pub fn task_name(&self, task: &Task) -> String {
        let origin = self.origin(&task.future);
        if let Some(function) = self.called_fn(&origin) {
            return format!("`{}`", self.qualified_name(function));
        }
        match self.place(task.site) {
            Some(place) => format!("the task that `{}` starts", self.place_name(place)),
            None => "the task".to_owned(),
        }
    }

    /// The call that starts a task, as the code writes it: `tokio::spawn`, `self.runtime.spawn`.
    pub fn spawn_name(&self, task: &Task) -> String {
        let file = self.file(task.site.file);
        match file[task.site.id] {
            Expr::Call { callee, .. } => self.text_of(task.site.with(callee)),
            Expr::MethodCall { receiver, method, .. } => {
                format!("{}.{}", self.text_of(task.site.with(receiver)), &file[method])
            }
            _ => task.api.clone(),
        }
    }
}
