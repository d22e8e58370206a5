//! How often a task is started: once per process, once per owner, or per request.

use super::{Def, ExprRef, FnRef, Place, Task, Tasks, Value};
use crate::{
    catalogue::{self, Call, Does, Function, Install},
    facts::{BlockKind, Expr, ExprId, Owner, UnaryOp, Visibility},
    fixpoint::Answer,
    span::{FileId, Span},
};
use rustc_hash::FxHashSet;

/// How often a task is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Once per process.
    Process,
    /// Once per value of the struct that the spawning method belongs to.
    Owner,
    /// Once per turn of a loop, connection, message or request.
    Request,
    /// Cannot be told.
    Unknown,
}

impl Reach {
    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Reach::Process => "process",
            Reach::Owner => "owner",
            Reach::Request => "request",
            Reach::Unknown => "unknown",
        }
    }
}

/// Whose calls count beside those of the workspace: those of users of what it publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Users {
    /// Nobody's.
    Nobody,
    /// Those of constructors and methods of types.
    OfTypes,
    /// Those of free functions, too.
    OfAll,
}

/// In a circle of calls: that one of them runs per request decides for all.
impl Answer for Reach {
    fn improve(&mut self, found: Reach) -> bool {
        let is_better = (*self == Reach::Unknown && found != Reach::Unknown)
            || (*self != Reach::Request && found == Reach::Request);
        if is_better {
            *self = found;
        }
        is_better
    }
}

impl Tasks {
    /// How often a task is started.
    pub fn reach(&self, task: &Task) -> Reach {
        self.reach_of(task.site)
    }

    /// How often an expression runs.
    pub(crate) fn reach_of(&self, expr: ExprRef) -> Reach {
        self.reach_for(expr, Users::OfTypes)
    }

    /// How often an expression runs in the programs of the workspace, whatever users of its libraries do.
    pub(crate) fn reach_here(&self, expr: ExprRef) -> Reach {
        self.reach_for(expr, Users::Nobody)
    }

    /// How often an expression runs, if whoever calls a public function of a published library is an owner, too.
    pub fn reach_of_owner(&self, expr: ExprRef) -> Reach {
        self.reach_for(expr, Users::OfAll)
    }

    /// Whether a way out at a place leaves a function that is called once per process: most often the program ends, too.
    pub fn leaves_for_good(&self, site: ExprRef, at: Span) -> bool {
        let leaves = |expr: Expr| matches!(expr, Expr::Try(_) | Expr::Return(_) | Expr::Macro(_));
        let Some(function) = self.enclosing_fn(site) else { return false };
        self.expr_at(at, leaves).is_some_and(|out| {
            let body = self.function(function).body.map(|body| function.with(body));
            self.async_body(out).is_some_and(|around| Some(around) == body)
                && self.async_body(site) == body
                && self.fn_reach(function, Users::OfTypes) == Reach::Process
        })
    }

    /// Whether a method of a library's type starts a task.
    pub fn is_started_by_type(&self, site: ExprRef) -> bool {
        self.enclosing_fn(site).is_some_and(|function| {
            matches!(self.function(function).owner, Owner::Impl(_)) && self.is_library(function.file)
        })
    }

    fn reach_for(&self, expr: ExprRef, users: Users) -> Reach {
        self.steps.step();
        match self.around(expr) {
            Some(Around::Once) => return Reach::Process,
            Some(Around::Loop) => return Reach::Request,
            Some(Around::Closure(closure)) => {
                if let Some(found) = self.closure_reach(closure, users) {
                    return found;
                }
            }
            None => {}
        }
        let in_closure = matches!(self.around(expr), Some(Around::Closure(_)));
        let found = match self.place(expr) {
            Some(Place::Fn(function)) => self.fn_reach(function, users),
            // The value of a static is made once.
            Some(Place::Const(item)) => match self.file(item.file).consts[item.index as usize].is_static {
                true => Reach::Process,
                false => Reach::Unknown,
            },
            None => Reach::Unknown,
        };
        match (in_closure, found) {
            // Who knows how often a closure is called.
            (true, Reach::Process) => Reach::Unknown,
            (_, found) => found,
        }
    }

    /// Whether a closure is run once where it is handed over, if at all: by a thread, a task, a cell or `block_on`.
    fn runs_where_it_stands(&self, closure: ExprRef) -> bool {
        let Some(parent) = self.parent(closure) else { return false };
        match self.file(closure.file)[parent.id] {
            Expr::Call { callee, .. } if callee == closure.id => true,
            Expr::Call { callee, .. } => match self.callee(parent.with(callee)) {
                Def::External(path) => {
                    catalogue::spawn(&path).is_some()
                        || catalogue::call_does(&path, Call::RunsArgument)
                        || path.starts_with("std::thread::")
                }
                _ => false,
            },
            Expr::MethodCall { receiver, method, .. } => {
                let method = &self.file(closure.file)[method];
                receiver != closure.id
                    && (self.spawn_names().any(|name| name == method)
                        || catalogue::method(method).does_any(&[Does::RunsFuture, Does::RunsOnce]))
            }
            _ => false,
        }
    }

    /// How often a closure is called, if the text shows who calls it.
    fn closure_reach(&self, closure: ExprRef, users: Users) -> Option<Reach> {
        let found = self.calls_of_value(closure);
        let is_known = !found.escapes && found.calls_of_parameters.is_empty();
        let mut reaches = found.calls.iter().filter(|_| is_known).map(|call| self.reach_for(*call, users));
        let first = reaches.next()?;
        Some(reaches.fold(first, |known, found| match (known, found) {
            (Reach::Request, _) | (_, Reach::Request) => Reach::Request,
            (known, found) if known == found => known,
            _ => Reach::Unknown,
        }))
    }

    fn fn_reach(&self, function: FnRef, users: Users) -> Reach {
        // A function that is being looked at calls itself: not once.
        let worst = || Reach::Unknown;
        self.memo.reaches.get((function, users), worst, || self.find_fn_reach(function, users))
    }

    fn find_fn_reach(&self, function: FnRef, users: Users) -> Reach {
        if self.is_main(function) {
            return Reach::Process;
        }
        let otherwise = match self.function(function).owner {
            Owner::Impl(_) if self.is_of_command_line(function) => Reach::Process,
            Owner::Impl(_) => Reach::Owner,
            _ => Reach::Unknown,
        };
        let callers: Vec<_> =
            self.callers(function).into_iter().filter(|call| !self.is_for_tests(*call, function)).collect();
        // A function that is handed on as a value may be called by anybody, any number of times.
        let (once, others): (Vec<_>, Vec<_>) =
            self.value_uses(function).into_iter().partition(|used| self.runs_once(*used));
        if callers.is_empty() && once.is_empty() || others.into_iter().any(|used| self.escapes(used)) {
            return otherwise;
        }
        let mut all_process = true;
        for call in &callers {
            match self.reach_for(*call, users) {
                Reach::Process => {}
                Reach::Request => return Reach::Request,
                _ => all_process = false,
            }
        }
        match all_process {
            // Its users make as many as they like, whatever the program beside it does.
            true if users != Users::Nobody && self.is_api_of_value(function) => Reach::Owner,
            // But one program has one `main`, in whichever crate it is written.
            true if users == Users::OfAll
                && self.is_published_fn(function)
                && self.function_name(function) != "main" =>
            {
                Reach::Owner
            }
            // Called twice by `main` is still a number that does not grow.
            true => Reach::Process,
            false => otherwise,
        }
    }

    /// Whether a method is one of what a command line is read into: `impl StartCommand { fn run(self) .. }`.
    fn is_of_command_line(&self, function: FnRef) -> bool {
        let Owner::Impl(block) = self.function(function).owner else { return false };
        let owner = self.names.impl_type(function.with(block));
        matches!(owner, Def::Type(owner) if self.derives(owner, catalogue::reads_command_line))
    }

    /// Whether a function is a public constructor or method of a type that users of a library can name.
    fn is_api_of_value(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let Owner::Impl(block) = item.owner else { return false };
        item.visibility == Visibility::Public
            && !self.is_of_command_line(function)
            && matches!(self.names.impl_type(function.with(block)), Def::Type(owner) if self.is_published(owner))
    }

    /// Whether a call stands in an example, test or benchmark of somebody else, or in what is there for tests alone: that
    /// one uses a library, and does not show how often others do.
    fn is_only_a_user(&self, call: ExprRef, function: FnRef) -> bool {
        use crate::crates::CrateKind;
        let krate = |file: FileId| self.crates.files[file.index()].krate;
        let caller = self.crates.crates.get(krate(call.file).index());
        krate(call.file) != krate(function.file)
            && caller.is_some_and(|it| {
                it.is_for_tests || matches!(it.kind, CrateKind::Example | CrateKind::Test | CrateKind::Bench)
            })
    }

    /// Whether a call of a function stands in code that only tests run, though it is not marked so.
    fn is_for_tests(&self, call: ExprRef, function: FnRef) -> bool {
        self.is_only_a_user(call, function)
            || self.enclosing_fn(call).is_some_and(|around| around != function && self.is_called_by_tests_alone(around))
    }

    /// Whether tests call a function, and nobody else: `with_defaults`, `run_for_tests`.
    fn is_called_by_tests_alone(&self, function: FnRef) -> bool {
        if self.is_of_trait(function)
            || self.is_main(function)
            || self.is_published_fn(function)
            || self.is_api_of_value(function)
            || self.is_called_unseen(function)
        {
            return false;
        }
        let callers = self.callers(function);
        callers.iter().all(|call| self.is_only_a_user(*call, function))
            && (!callers.is_empty() || self.is_called_in_tests(function))
    }

    fn is_main(&self, function: FnRef) -> bool {
        use crate::crates::CrateKind;
        let item = self.function(function);
        if item.attrs.is_entry {
            return true;
        }
        let place = self.crates.files[function.file.index()];
        let kind = self.crates.crates.get(place.krate.index()).map(|it| (it.kind, it.root));
        let is_root = kind.is_some_and(|(_, root)| root == Some(function.file)) || place.parent.is_none();
        let is_program = kind.is_some_and(|(kind, _)| {
            matches!(kind, CrateKind::Bin | CrateKind::Example | CrateKind::Loose | CrateKind::Bench | CrateKind::Test)
        });
        self.function_name(function) == "main"
            && is_root
            && is_program
            && item.owner == Owner::Module
            && self.file(function.file)[item.module].parent.is_none()
    }

    /// What between an expression and its function makes it run more than once, or at most once.
    fn around(&self, expr: ExprRef) -> Option<Around> {
        let file = self.file(expr.file);
        let parents = self.parents(expr.file);
        let mut child = expr.id;
        let mut found = None;
        let mut is_last_turn = false;
        for at in parents.ancestors(expr.id) {
            match file[at] {
                // `loop { .. { spawn(f); break; } }`: the turn that starts it is the last one.
                Expr::Block { kind: BlockKind::Plain, .. } => {
                    let turns = self.turns_of(expr.with(at));
                    if turns.last_end.is_some_and(|stmt| stmt > child)
                        || turns.first_if_done.is_some_and(|stmt| stmt < child)
                        || turns.first_install.is_some_and(|stmt| stmt < child)
                    {
                        return Some(Around::Once);
                    }
                    is_last_turn |= turns.last_break.is_some_and(|stmt| stmt > child);
                }
                // `if !STARTED.swap(true, ..) { spawn(f); }`
                Expr::If { cond, then, .. }
                    if then == child && self.is_first_time(expr.with(cond), Flag::OfProcess) =>
                {
                    return Some(Around::Once);
                }
                Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } if is_last_turn => is_last_turn = false,
                Expr::Loop { .. } => return Some(Around::Loop),
                Expr::While { cond, .. } if cond != child => return Some(Around::Loop),
                // A `for` over what is configured is bounded; over connections it is not.
                Expr::For { iter, is_await, .. }
                    if iter != child && (is_await || self.is_unbounded(expr.with(iter))) =>
                {
                    return Some(Around::Loop);
                }
                Expr::Closure { .. } => {
                    if self.runs_once(expr.with(at)) {
                        return Some(Around::Once);
                    }
                    if !self.runs_where_it_stands(expr.with(at)) {
                        found.get_or_insert(Around::Closure(expr.with(at)));
                    }
                }
                Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
                    if self.is_run_by_own_runtime(expr.with(at)) =>
                {
                    return Some(Around::Once);
                }
                _ => {}
            }
            child = at;
        }
        found
    }

    /// Which statements of a block decide how often the others run.
    fn turns_of(&self, block: ExprRef) -> Turns {
        if let Some(known) = self.memo.turns.borrow().get(&block) {
            return *known;
        }
        let file = self.file(block.file);
        let Expr::Block { stmts, .. } = file[block.id] else { return Turns::default() };
        let is_break = |stmt: &ExprId| matches!(file[*stmt], Expr::Break { .. } | Expr::Return(_));
        let turns = Turns {
            last_end: file.list(stmts).rfind(|stmt| self.ends_process(block.with(*stmt))),
            last_break: file.list(stmts).rfind(is_break),
            first_if_done: file.list(stmts).find(|stmt| self.leaves_if_done_before(block.with(*stmt), Flag::OfProcess)),
            first_install: file
                .list(stmts)
                .find(|stmt| self.installs_for_process(block.with(*stmt), &mut FxHashSet::default())),
        };
        self.memo.turns.borrow_mut().insert(block, turns);
        turns
    }

    /// `runtime.block_on(async { .. })` on a runtime that is made here: what is started in it ends with the runtime,
    /// as it would in `main`.
    fn is_run_by_own_runtime(&self, block: ExprRef) -> bool {
        let file = self.file(block.file);
        let Some(parent) = self.parents(block.file).parent(block.id) else { return false };
        match file[parent] {
            // `{ let input = ..; async move { .. } }`
            _ if self.is_plain_tail(block.with(parent), block) => self.is_run_by_own_runtime(block.with(parent)),
            Expr::MethodCall { receiver, method, .. } if receiver != block.id && &file[method] == "block_on" => {
                self.is_made_here(&Value::bare(block.with(receiver)))
            }
            _ => false,
        }
    }

    /// `process::exit(..)` as a statement: what was started before it ends there.
    fn ends_process(&self, stmt: ExprRef) -> bool {
        let Expr::Call { callee, .. } = self.file(stmt.file)[stmt.id] else { return false };
        matches!(self.callee(stmt.with(callee)), Def::External(path) if &*path == "std::process::exit")
    }

    /// `tracing_subscriber::fmt().init()`: a second time would panic, so what stands behind runs once. `seen` are the
    /// functions that were looked into.
    fn installs_for_process(&self, stmt: ExprRef, seen: &mut FxHashSet<FnRef>) -> bool {
        let file = self.file(stmt.file);
        let mut go = |expr: ExprId| self.installs_for_process(stmt.with(expr), seen);
        match file[stmt.id] {
            Expr::If { then, otherwise: Some(otherwise), .. } => go(then) && go(otherwise),
            Expr::Match { arms, .. } => arms.len > 0 && file.list(arms).all(|arm| go(file[arm].body)),
            Expr::Block { kind: BlockKind::Plain, stmts, .. } => file.list(stmts).any(go),
            Expr::Local { init: Some(init), .. } => go(init),
            Expr::Await(inner) => go(inner),
            // `try_init()?` leaves, `try_init().unwrap()` panics.
            Expr::Try(inner) => self.tries_to_install(stmt.with(inner)) || go(inner),
            Expr::MethodCall { receiver, method, .. } => {
                let name = &file[method];
                let is_checked = catalogue::method(name).does(Does::Panics);
                is_checked && (self.tries_to_install(stmt.with(receiver)) || go(receiver))
                    || catalogue::installs(name) == Some(Install::OrPanics) && self.is_global(stmt.with(receiver))
            }
            Expr::Call { callee, .. } => match self.callee(stmt.with(callee)) {
                Def::External(path) => catalogue::installs(&path) == Some(Install::OrPanics),
                Def::Fn(function) if seen.insert(function) => match self.function(function).body {
                    Some(body) => self.installs_for_process(function.with(body), seen),
                    None => false,
                },
                _ => false,
            },
            _ => false,
        }
    }

    /// `set_global_default(subscriber)`, `builder.try_init()`: an error says that it was done before.
    fn tries_to_install(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Call { callee, .. } => match self.callee(expr.with(callee)) {
                Def::External(path) => catalogue::installs(&path) == Some(Install::OrFails),
                _ => false,
            },
            Expr::MethodCall { receiver, method, .. } => {
                catalogue::installs(&file[method]) == Some(Install::OrFails) && self.is_global(expr.with(receiver))
                    || catalogue::method(&file[method]).does(Does::Explains)
                        && self.tries_to_install(expr.with(receiver))
            }
            _ => false,
        }
    }

    /// Whether what a chain of calls makes is a logger or subscriber, by the library that its first call names.
    fn is_global(&self, receiver: ExprRef) -> bool {
        let mut here = self.origin(&Value::bare(receiver));
        loop {
            here = match self.expr(&here) {
                Expr::MethodCall { receiver, .. } => self.origin(&here.at(receiver)),
                Expr::Call { callee, .. } => {
                    return matches!(
                        self.callee(here.expr.with(callee)),
                        Def::External(path) if catalogue::makes_global(&path)
                    );
                }
                _ => return false,
            };
        }
    }

    /// `if STARTED.swap(true, ..) { return; }`
    fn leaves_if_done_before(&self, stmt: ExprRef, flag: Flag) -> bool {
        let file = self.file(stmt.file);
        let Expr::If { cond, then, .. } = file[stmt.id] else { return false };
        let Expr::Block { stmts, .. } = file[then] else { return false };
        file.list(stmts).next_back().is_some_and(|last| matches!(file[last], Expr::Return(_)))
            && self.asks_and_marks(stmt.with(cond), flag)
    }

    /// `!STARTED.swap(true, ..)`, `STARTED.compare_exchange(false, true, ..).is_ok()`
    fn is_first_time(&self, cond: ExprRef, flag: Flag) -> bool {
        let file = self.file(cond.file);
        match file[cond.id] {
            Expr::Unary { op: UnaryOp::Not, expr } => self.asks_and_marks(cond.with(expr), flag),
            Expr::MethodCall { receiver, method, .. } if &file[method] == "is_ok" => {
                self.asks_and_marks(cond.with(receiver), flag)
            }
            _ => false,
        }
    }

    /// Whether an atomic flag is set and asked in one step.
    fn asks_and_marks(&self, cond: ExprRef, flag: Flag) -> bool {
        let file = self.file(cond.file);
        match file[cond.id] {
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                "is_err" => self.asks_and_marks(cond.with(receiver), flag),
                method => {
                    catalogue::method(method).does(Does::Marks)
                        && (flag == Flag::OfOwner || self.is_static(cond.with(receiver)))
                }
            },
            _ => false,
        }
    }

    /// Whether an expression stands behind a flag that says whether it ran before, of whatever value that is.
    pub(crate) fn is_done_once(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        let mut child = expr.id;
        self.parents(expr.file).ancestors(expr.id).any(|at| {
            let below = std::mem::replace(&mut child, at);
            match file[at] {
                Expr::Block { kind: BlockKind::Plain, stmts, .. } => {
                    let mut before = file.list(stmts).take_while(|stmt| *stmt != below);
                    before.any(|stmt| self.leaves_if_done_before(expr.with(stmt), Flag::OfOwner))
                }
                Expr::If { cond, then, .. } => then == below && self.is_first_time(expr.with(cond), Flag::OfOwner),
                _ => false,
            }
        })
    }

    fn is_unbounded(&self, iter: ExprRef) -> bool {
        let file = self.file(iter.file);
        match file[iter.id] {
            Expr::MethodCall { method, .. } => catalogue::method(&file[method]).does(Does::Endless),
            Expr::Range { end: None, .. } => true,
            _ => false,
        }
    }

    /// A closure or function that is called at most once per process, or at once and only there.
    fn runs_once(&self, closure: ExprRef) -> bool {
        let file = self.file(closure.file);
        let Some(parent) = self.parents(closure.file).parent(closure.id) else { return false };
        match file[parent] {
            Expr::MethodCall { receiver, method, .. } if receiver != closure.id => {
                catalogue::method(&file[method]).does(Does::RunsOnce) && self.is_static(closure.with(receiver))
            }
            Expr::Call { callee, .. } => {
                matches!(
                    self.callee(closure.with(callee)),
                    Def::External(path) if catalogue::function(&path) == Some(Function::Defers)
                ) && matches!(self.place(closure), Some(Place::Const(_)))
            }
            _ => false,
        }
    }

    /// Whether a receiver is a static: only there a cell is filled once per process.
    fn is_static(&self, receiver: ExprRef) -> bool {
        let origin = self.origin(&Value::bare(receiver));
        let Expr::Path(path) = self.expr(&origin) else { return false };
        let Some(place) = self.place(origin.expr) else { return false };
        match self.resolve_in(origin.expr.file, place, path) {
            Def::Const(item) => self.file(item.file).consts[item.index as usize].is_static,
            _ => false,
        }
    }
}

/// Whose a flag is that says whether something was done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    /// A static.
    OfProcess,
    /// That of any value.
    OfOwner,
}

/// Statements of a block that decide how often the others run. Those behind have larger numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turns {
    /// The last that ends the process.
    last_end: Option<ExprId>,
    /// The last that leaves the loop or the function.
    last_break: Option<ExprId>,
    /// The first that leaves the function if it was run before.
    first_if_done: Option<ExprId>,
    /// The first that panics if it was run before: it installs what a process has one of.
    first_install: Option<ExprId>,
}

/// What stands around an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A cell or lazy static: at most once.
    Once,
    /// A loop: again and again.
    Loop,
    /// A closure: as often as it is called.
    Closure(ExprRef),
}
