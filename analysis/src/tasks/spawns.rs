//! The tasks of a workspace: every call that starts one, directly, through a wrapper, or by a function
//! that hands out the handle.

use super::{Def, ExprRef, ExtraCall, FnRef, Origin, Tasks, Type, Value};
use crate::{
    catalogue::{self, Does, Handle, Runs, Runtime, SpawnRow},
    facts::{BlockKind, Expr, ExprId},
    resolve::Callable,
    span::Span,
};
use rustc_hash::FxHashSet;

/// The runtime that ends its tasks when it is dropped.
const RUNTIME: &str = "tokio::runtime::Runtime";

/// How a task comes to be started where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// The site itself calls the library.
    Direct,
    /// The site calls a function or closure of the workspace; outermost first.
    Wrapper(Vec<Wrapped>),
}

/// A call of something that starts a task for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrapped {
    /// The call.
    pub call: ExprRef,
    /// What it calls.
    pub by: Wrapper,
}

/// Something that starts a task for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapper {
    /// A function of the workspace.
    Fn(FnRef),
    /// A closure that has a name.
    Closure(ExprRef),
}

impl Wrapper {
    /// The function, if it is one.
    pub fn function(self) -> Option<FnRef> {
        match self {
            Wrapper::Fn(function) => Some(function),
            Wrapper::Closure(_) => None,
        }
    }
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

    /// Whether the site itself calls the library.
    pub fn is_direct(&self) -> bool {
        self.via == Via::Direct
    }

    /// The calls from the site to the one of the library, outermost first.
    pub fn way(&self) -> &[Wrapped] {
        match &self.via {
            Via::Direct => &[],
            Via::Wrapper(way) => way,
        }
    }

    /// The function that the site calls and that starts the task for it, if there is one.
    pub fn wrapper(&self) -> Option<FnRef> {
        self.way().first().and_then(|outermost| outermost.by.function())
    }
}

impl Tasks {
    /// The tasks that are started by calls in a piece of a file.
    pub fn tasks_within(&self, around: Span) -> &[Task] {
        let tasks = self.tasks();
        let at = |task: &Task| self.span(task.site);
        let first = tasks.partition_point(|task| at(task) < around.start());
        let inside = tasks[first..].partition_point(|task| {
            let at = at(task);
            at.file == around.file && at.range.start < around.range.end
        });
        &tasks[first..first + inside]
    }

    /// All tasks outside tests (or all, if tests are judged too), by place.
    pub fn tasks(&self) -> &[Task] {
        self.memo.tasks.get_or_init(|| {
            let mut tasks = Vec::new();
            for task in self.direct_tasks() {
                let expanded = self.ask(Some(task.site), || self.expanded(&task));
                match expanded {
                    Some(found) => tasks.extend(found),
                    // Its callers are too many: the call of the library stands for them.
                    None => tasks.push(task),
                }
            }
            tasks.sort_by_key(|task| (self.span(task.site), self.span(task.inner)));
            // Two spawns of the same future by one call are one spawn under two cfgs.
            let origin = |task: &Task| self.ask(Some(task.site), || self.origin(&task.future).expr);
            tasks.dedup_by_key(|task| (task.site, origin(task).unwrap_or(task.future.expr)));
            let mut found: Vec<Task> = Vec::new();
            for task in tasks {
                let same = found.iter().rev().take_while(|other| other.site == task.site);
                if !same.into_iter().any(|other| other.inner == task.inner && self.is_other_build(other, &task)) {
                    found.push(task);
                }
            }
            found
        })
    }

    /// Whether two tasks come from one call, in builds under different cfgs.
    fn is_other_build(&self, one: &Task, other: &Task) -> bool {
        let differs = one.way().iter().zip(other.way()).find(|(one, other)| one != other);
        differs.is_some_and(|(one, other)| match (one.by.function(), other.by.function()) {
            (Some(a), Some(b)) => {
                let named = |function| self.twin_of(function).unwrap_or(function);
                one.call == other.call && named(a) == named(b)
            }
            _ => false,
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
                // `iter.map(tokio::spawn)`, `let run = tokio::spawn;`: the function itself is handed on.
                for mention in self.mentions_of(name).iter().filter(is_wanted) {
                    found.extend(self.ask(None, || self.mapped_task(*mention)).flatten());
                    found.extend(self.ask(None, || self.tasks_of_value(*mention)).into_iter().flatten());
                }
            }
        }
        // Of several functions that one call may run, the one whose handle may be lost, and the task with it, matters.
        found.sort_by_key(|task| (task.site, loss_of_handle(task.handle)));
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

    /// `let run = tokio::spawn; run(f)`: the calls of whatever holds the function.
    fn tasks_of_value(&self, mention: ExprRef) -> Vec<Task> {
        let parent = self.parents(mention.file).parent(mention.id);
        if parent
            .is_some_and(|at| matches!(self.file(mention.file)[at], Expr::Call { callee, .. } if callee == mention.id))
        {
            return Vec::new();
        }
        let Def::External(path) = self.named(mention) else { return Vec::new() };
        let Some((row, shift)) = row_of_function(&path) else { return Vec::new() };
        let found = self.calls_of_value(mention);
        let calls = found.calls.into_iter().chain(found.calls_of_parameters);
        let calls = calls.filter(|site| self.options.include_tests || !self.in_test(*site));
        calls
            .filter_map(|site| {
                let file = self.file(site.file);
                let Expr::Call { callee, args } = file[site.id] else { return None };
                let task = self.task_of_row(&Value::bare(site), row, file.at(args, row.arg + shift)?, None);
                // Where others may be called, too, nothing is known of what runs it.
                let is_only = match self.callables(site.with(callee)).as_slice() {
                    [Callable::Def(Def::External(only))] => *only == path,
                    _ => false,
                };
                Some(Task { row: task.row.filter(|_| is_only), ..task })
            })
            .collect()
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
                let Some((row, shift)) = row_of_function(&path) else {
                    // `other_crate::task::spawn(async { .. })`: surely a task, of an unknown kind.
                    return self.unknown_spawn(&value, path.rsplit_once("::")?.1, args);
                };
                let future = file.at(args, row.arg + shift)?;
                Some(self.task_of_row(&value, row, future, None))
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let method = &file[method];
                let ty = self.type_with_method(self.type_of(&value.at(receiver)).pointee(), method);
                let ty = match ty.external().and_then(catalogue::wrapper_kind) {
                    // A guard of a lock derefs to what is inside; so does a `OnceLock` that was read.
                    Some(_) => ty.innermost(),
                    None => ty,
                };
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
        let runtime = receiver.and_then(|receiver| self.runtime_of_handle(&site.at(receiver)));
        let ends_with_receiver = row.ends_with_receiver || runtime.is_some();
        let local = receiver.is_some_and(|receiver| {
            let receiver = runtime.unwrap_or_else(|| site.at(receiver));
            self.is_made_here(&receiver) || self.is_made_by_callers(&receiver) || self.is_owned_field(&receiver)
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
            ends_with_local_runtime: (ends_with_receiver && row.handle != Handle::Owned && local)
                || (row.path == "tokio::task::spawn_local" && self.runs_on_local_set(site)),
        }
    }

    /// `runtime.handle()`: the runtime, whose end is that of what is started with the handle.
    fn runtime_of_handle(&self, handle: &Value) -> Option<Value> {
        let Expr::MethodCall { receiver, method, args, .. } = self.expr(handle) else { return None };
        let is_handle = &self.file(handle.expr.file)[method] == "handle" && args.is_empty();
        let runtime = handle.at(receiver);
        (is_handle && self.type_of(&runtime).pointee().is(RUNTIME)).then_some(runtime)
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
        let mut made = self.origin(&receiver.at(init));
        loop {
            let file = self.file(made.expr.file);
            let inner = match self.expr(&made) {
                Expr::Try(inner) | Expr::Await(inner) => inner,
                Expr::MethodCall { receiver, method, .. } => match catalogue::method(&file[method]) {
                    known if known.does(Does::Unwraps) => receiver,
                    // `RUNTIME.get_or_init(..)`, `self.runtime.as_ref()`: somebody else has it.
                    known => return !known.does(Does::RunsOnce) && !known.sees_through() && !self.lends_result(&made),
                },
                Expr::Call { .. } => {
                    return !self.call_name(made.expr).is_some_and(|name| name.ends_with("current"))
                        && !self.lends_result(&made);
                }
                // `match build() { Ok(runtime) => runtime, Err(error) => return .. }`
                Expr::Match { scrutinee, arms } => {
                    let gives = |body: ExprId| match self.local(made.expr.with(body)).map(|(_, it)| it.origin) {
                        Some(Origin::Value(init)) => init == scrutinee,
                        _ => false,
                    };
                    match file.list(arms).any(|arm| gives(file[arm].body)) {
                        true => scrutinee,
                        false => return false,
                    }
                }
                _ => return false,
            };
            made = self.origin(&made.at(inner));
        }
    }

    /// Whether a call of a function of the workspace gives a reference: `fn runtime() -> &'static Runtime`.
    fn lends_result(&self, call: &Value) -> bool {
        let Some(function) = self.called_fn(call) else { return false };
        let ret = self.function(function).ret;
        ret.is_some_and(|ret| matches!(self.file(function.file)[ret], crate::facts::Ty::Ref(_)))
    }

    /// Whether a receiver is a runtime that is a local value, or stands by value in a type.
    pub(crate) fn is_owned_runtime(&self, receiver: &Value) -> bool {
        let is_runtime = || {
            let ty = self.type_of(receiver);
            ty.pointee().is(RUNTIME) || self.owns_runtime(&ty, &mut FxHashSet::default())
        };
        self.is_owned_field(receiver)
            || (self.is_made_here(receiver) || self.is_made_by_callers(receiver)) && is_runtime()
    }

    /// Whether a value is a runtime that nothing else holds: also inside of a type of the workspace that stands for it.
    /// `seen` are the types that were looked into.
    fn owns_runtime(&self, ty: &Type, seen: &mut FxHashSet<super::TypeRef>) -> bool {
        let mut ty = ty.clone();
        while let (Some(found), [inner]) = (ty.external(), ty.args()) {
            if catalogue::is_shared_pointer(found) || catalogue::wrapper_kind(found).is_none() {
                break;
            }
            ty = inner.clone();
        }
        match ty.item() {
            Some(item) if seen.insert(item) && self.type_with_method(ty.clone(), "block_on").is(RUNTIME) => {
                let fields = self.file(item.file)[item.id].fields.iter();
                fields.map(|field| self.declared_type(item, field)).any(|field| self.owns_runtime(&field, seen))
            }
            Some(_) => false,
            None => ty.is(RUNTIME),
        }
    }

    /// Whether a receiver stands by value in a field of a type of the workspace, and so ends with that: not behind a
    /// pointer that others may have, too.
    fn is_owned_field(&self, receiver: &Value) -> bool {
        if let Some((pat, binding)) = self.local(receiver.expr)
            && let Origin::Value(init) = binding.origin
            && binding.root != pat.id
            && self.type_of(&receiver.at(init)).pointee().item().is_some()
        {
            // `match self { Workers::Shared(runtime) => .. }`: what the value has in it.
            return self.owns_runtime(&self.type_of(receiver), &mut FxHashSet::default());
        }
        let Some(path) = self.access_path(receiver) else { return false };
        let Some((owner, field)) = path.last_field() else { return false };
        self.owns_runtime(&self.field_type(owner, field), &mut FxHashSet::default())
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

    /// Names what a task runs, for messages: a function of the workspace, or the function that starts it.
    pub fn task_name(&self, task: &Task) -> String {
        let origin = self.origin(&task.future);
        if let Some(function) = self.called_fn(&origin) {
            return format!("`{}`", self.qualified_name(function));
        }
        match self.place(task.site) {
            Some(place) => format!("the task spawned by `{}`", self.place_name(place)),
            None => "the task".to_owned(),
        }
    }

    /// The name of a wrapper, as its caller knows it: of a closure, what it is called by.
    pub fn wrapper_name(&self, wrapped: Wrapped) -> String {
        let file = self.file(wrapped.call.file);
        match (wrapped.by, file[wrapped.call.id]) {
            (Wrapper::Fn(function), _) => self.function_name(function).to_owned(),
            (Wrapper::Closure(_), Expr::Call { callee, .. }) => self.text_of(wrapped.call.with(callee)),
            (Wrapper::Closure(_), _) => "a closure".to_owned(),
        }
    }

    /// The call that starts a task, as the code writes it: `tokio::spawn`, `self.runtime.spawn`.
    pub fn spawn_name(&self, task: &Task) -> String {
        let file = self.file(task.site.file);
        match file[task.site.id] {
            Expr::Call { callee, .. } if matches!(file[callee], Expr::Field { .. }) => {
                format!("({})", self.text_of(task.site.with(callee)))
            }
            Expr::Call { callee, .. } => self.text_of(task.site.with(callee)),
            Expr::MethodCall { receiver, method, .. } => {
                format!("{}.{}", self.text_of(task.site.with(receiver)), &file[method])
            }
            _ => task.api.clone(),
        }
    }
}

/// The row of a function that starts a task, by its path, and how many arguments stand before the one that it counts
/// as the first: `Handle::spawn(&handle, future)`.
fn row_of_function(path: &str) -> Option<(&'static SpawnRow, usize)> {
    match catalogue::spawn(path) {
        Some(row) => Some((row, 0)),
        None => {
            let (owner, method) = path.rsplit_once("::")?;
            catalogue::method_spawn(owner, method).map(|row| (row, 1))
        }
    }
}

/// How easily a task is lost with its handle, beginning with the easiest.
fn loss_of_handle(handle: Handle) -> u32 {
    match handle {
        Handle::Detach => 0,
        Handle::ResultDetach => 1,
        Handle::Cancel => 2,
        Handle::Owned => 3,
        Handle::Nothing => 4,
        Handle::Unknown => 5,
    }
}
