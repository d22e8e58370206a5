//! The inventory: every task with all that is known of it, in names and places, for those who keep a list.

use super::{
    Dead, Def, DropHow, Ending, EndingKind, ExprRef, Fate, FieldUse, FnRef, OpenReason, Place, Program, Reach, Task,
    Type, Value, Verdict,
};
use crate::{
    facts::{self, BlockKind, Expr, MacroShape, ModuleId},
    span::{FileId, Span},
};

/// One task of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEntry {
    /// The call that starts it; findings about the task name the same place.
    pub site: Span,
    /// What of that call a reader looks at first.
    pub head: Span,
    /// The crate around it, as code names it.
    pub krate: String,
    /// The function or constant around it.
    pub starter: Named,
    /// What runs.
    pub work: Work,
    /// The function of the library that starts it: `tokio::spawn`.
    pub api: String,
    /// The functions of the workspace between the call and the library, outermost first.
    pub via: Vec<String>,
    /// Where the library is called.
    pub spawn: Span,
    /// How often it is started.
    pub reach: Reach,
    /// When it ends by itself.
    pub ending: Ending,
    /// What becomes of its handle.
    pub fate: Fate,
    /// Who has it.
    pub owner: Owner,
    /// What is to be thought of it, as far as the answers tell.
    pub verdict: Verdict,
    /// Whether something about it was given up: that would have been too much work.
    pub gave_up: bool,
}

/// Something with a name and a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The name, with that of its type: `Session::start`.
    pub name: String,
    /// Where it is declared.
    pub at: Span,
}

/// What a task runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A function of the workspace.
    Function(Named),
    /// An async block, with the function of the workspace that it awaits if that is the only one.
    Block(Span, Option<Named>),
    /// A closure, with the function of the workspace that it calls if that is the only one.
    Closure(Span, Option<Named>),
    /// A block of this wrapper, which calls closures that it was given.
    Wrapper(Named),
    /// Something that is made elsewhere, or handed in: how the code names it.
    Other(String, Span),
}

/// Who has a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody.
    Nobody,
    /// Whoever calls the function that starts it.
    Caller,
    /// A field of a struct of the workspace.
    Field {
        /// The struct.
        owner: String,
        /// The field.
        field: String,
        /// Whether anybody uses the handle again; `None` if that is not known.
        is_used: Option<bool>,
    },
    /// A set, scope or other owner of tasks, or a local runtime: as the code names it.
    Set(String),
    /// A guard that aborts it.
    Guard,
    /// A function that awaits or aborts it.
    Function(Named),
    /// Its handle: dropping that cancels it.
    Handle,
    /// What took the handle, and is not followed.
    Taker(String),
    /// Cannot be told.
    Unknown,
}

/// Why something is not known of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What is not known: `ending`, `fate`, or what a rule says of it: `verdict`.
    pub of: &'static str,
    /// Why.
    pub why: String,
    /// Where the trail ends.
    pub at: Option<Span>,
}

impl TaskEntry {
    /// Why its ending, its fate or its verdict are not known, where they are not.
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        if self.ending.kind == EndingKind::Unknown {
            let (why, at) = match (self.ending.unknown, self.ending.open_loop) {
                (Some((why, at)), _) => (why, Some(at)),
                (None, Some(at)) => (OpenReason::OwnLoop, Some(at)),
                (None, None) => (OpenReason::NoneDecides, None),
            };
            causes.push(Cause { of: "ending", why: why.words().to_owned(), at });
        }
        let fate = match &self.fate {
            Fate::Unknown(why) => Some((why.words().to_owned(), None)),
            Fate::Moved { into, at } => Some((format!("moved into {}", into.words()), Some(*at))),
            Fate::Stored { use_: FieldUse::Unknown(why), at, .. } => Some((why.words().to_owned(), Some(*at))),
            _ => None,
        };
        causes.extend(fate.map(|(why, at)| Cause { of: "fate", why, at }));
        let told = matches!(self.ending.unknown, Some((OpenReason::GaveUp, _)))
            || matches!(self.fate, Fate::Unknown(OpenReason::GaveUp));
        if self.gave_up && !told {
            causes.push(Cause { of: "verdict", why: OpenReason::GaveUp.words().to_owned(), at: None });
        }
        causes
    }

    /// The signs that it listens to and that cannot come: where, and why.
    pub fn dead_signs(&self) -> Vec<(Span, &Dead)> {
        let exits = self.ending.loops.iter().flat_map(|fact| &fact.dead_exits).map(|exit| (exit.at, &exit.dead));
        let waits = self.ending.evidence.iter().filter_map(|it| Some((it.at, it.dead.as_ref()?)));
        let mut signs: Vec<_> = exits.chain(waits).collect();
        signs.sort_by_key(|(at, _)| *at);
        signs.dedup();
        signs
    }

    /// All places that it speaks of.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        let mut places = vec![self.site, self.head, self.starter.at, self.spawn];
        places.extend(match &self.work {
            Work::Function(named) | Work::Wrapper(named) => vec![named.at],
            Work::Block(at, calls) | Work::Closure(at, calls) => {
                [*at].into_iter().chain(calls.iter().map(|it| it.at)).collect()
            }
            Work::Other(_, at) => vec![*at],
        });
        if let Owner::Function(named) = &self.owner {
            places.push(named.at);
        }
        places.extend(self.fate.place());
        places.extend(self.causes().iter().filter_map(|cause| cause.at));
        let ending = &self.ending;
        places.extend(ending.waits.iter().map(|it| it.at));
        places.extend(ending.signals.iter().map(|it| it.at));
        places.extend(ending.evidence.iter().map(|it| it.at));
        for fact in &ending.loops {
            places.push(fact.at);
            places.extend(fact.dead_exits.iter().map(|exit| exit.at));
        }
        places.into_iter()
    }
}

impl Fate {
    /// What [`Fate::word`] may answer.
    pub const WORDS: [&str; 12] = [
        "dropped",
        "partly-dropped",
        "raced",
        "awaited",
        "aborted",
        "abort-on-drop",
        "returned",
        "stored",
        "moved",
        "owned",
        "cancelled",
        "unknown",
    ];

    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Fate::Dropped { .. } => "dropped",
            Fate::PartlyDropped { .. } => "partly-dropped",
            Fate::Raced(_) => "raced",
            Fate::Awaited(_) => "awaited",
            Fate::Aborted(_) => "aborted",
            Fate::AbortOnDrop(_) => "abort-on-drop",
            Fate::Returned { .. } => "returned",
            Fate::Stored { .. } => "stored",
            Fate::Moved { .. } => "moved",
            Fate::Owned => "owned",
            Fate::Cancelled => "cancelled",
            Fate::Unknown(_) => "unknown",
        }
    }

    /// Where it is decided.
    pub fn place(&self) -> Option<Span> {
        match self {
            Fate::Dropped { at, .. }
            | Fate::PartlyDropped { lost: at, .. }
            | Fate::Awaited(at)
            | Fate::Aborted(at)
            | Fate::AbortOnDrop(at)
            | Fate::Returned { at }
            | Fate::Stored { at, .. }
            | Fate::Moved { at, .. } => Some(*at),
            Fate::Raced(race) => Some(race.at),
            Fate::Owned | Fate::Cancelled | Fate::Unknown(_) => None,
        }
    }
}

impl DropHow {
    /// How the handle is lost, as the code writes it.
    pub fn words(&self) -> String {
        match self {
            DropHow::Statement => "as a statement".to_owned(),
            DropHow::LetUnderscore | DropHow::TypedUnderscore => "by `let _`".to_owned(),
            DropHow::Unused(name) => format!("as `{name}`, which is never used"),
            DropHow::EndOfScope(name) => format!("at the end of `{name}`"),
            DropHow::DropCall => "by `drop`".to_owned(),
            DropHow::Forget => "by `forget`".to_owned(),
            DropHow::Detach => "by `detach`".to_owned(),
            DropHow::Discarded => "with what holds it".to_owned(),
            DropHow::AbortHandleUnused => "as an unused abort handle".to_owned(),
            DropHow::NoHandle => "without a handle".to_owned(),
            DropHow::Adapted(method) => format!("in the future of `.{method}`"),
        }
    }
}

impl EndingKind {
    /// What [`EndingKind::plain_word`] may answer.
    pub const WORDS: [&str; 6] = ["within", "on-signal", "on-peer", "on-caller", "never", "unknown"];

    /// One word for it, whoever opened the connection.
    pub fn plain_word(self) -> &'static str {
        match self {
            EndingKind::Within => "within",
            EndingKind::OnSignal => "on-signal",
            EndingKind::OnPeer(_) => "on-peer",
            EndingKind::Never => "never",
            EndingKind::OnCaller => "on-caller",
            EndingKind::Unknown => "unknown",
        }
    }
}

impl Program {
    /// The tasks that are spawned in some files, by place.
    pub fn inventory(&self, is_selected: &dyn Fn(FileId) -> bool) -> Vec<TaskEntry> {
        let answers = self.answers().filter(|(task, ..)| is_selected(task.site.file));
        answers.map(|(task, fate, ending, reach)| self.entry(task, fate, ending, *reach)).collect()
    }

    fn entry(&self, task: &Task, fate: &Fate, ending: &Ending, reach: Reach) -> TaskEntry {
        let via = (task.way().iter())
            .map(|it| it.by.function().map_or_else(|| self.wrapper_name(*it), |function| self.qualified_name(function)))
            .collect();
        let work = self.ask(Some(task.site), || self.work(task));
        let work = work.unwrap_or_else(|| Work::Other(task.api.clone(), self.span(task.future.expr)));
        TaskEntry {
            site: self.span(task.site),
            head: self.call_head(task.site),
            krate: self.crate_name(task.site.file).to_owned(),
            starter: self.starter(task.site),
            work,
            api: task.api.clone(),
            via,
            spawn: self.call_head(task.inner),
            reach,
            ending: ending.clone(),
            fate: fate.clone(),
            owner: self.ask(Some(task.site), || self.owner(task, fate)).unwrap_or(Owner::Unknown),
            verdict: self.verdict(task, fate, ending, reach),
            gave_up: self.gave_up_on(task.site),
        }
    }

    pub(super) fn crate_name(&self, file: FileId) -> &str {
        let krate = self.crates.files[file.index()].krate;
        self.crates.crates.get(krate.index()).map_or("", |it| &it.name)
    }

    fn starter(&self, site: ExprRef) -> Named {
        match self.place(site) {
            Some(Place::Fn(function)) => self.named(function),
            Some(place @ Place::Const(item)) => Named {
                name: self.place_name(place),
                at: self.file(item.file).consts[item.index as usize].range.in_file(item.file),
            },
            None => Named { name: "?".to_owned(), at: self.span(site) },
        }
    }

    pub(super) fn named(&self, function: FnRef) -> Named {
        let item = self.function(function);
        let mut name = self.qualified_name(function);
        let file = self.file(function.file);
        let prefix = match item.owner {
            // Every second module has a `run`.
            facts::Owner::Module => self.module_name(function.file, item.module),
            // `impl<F: Future> Respond for F`: the trait says more than the letter.
            facts::Owner::Impl(block) if !name.contains("::") => {
                file[block].trait_path.map(|path| file.last_segment(path))
            }
            _ => None,
        };
        if let Some(prefix) = prefix {
            name = format!("{prefix}::{name}");
        }
        Named { name, at: item.name_range.in_file(function.file) }
    }

    /// The name of the module around an item; the root of a crate has none.
    fn module_name(&self, file: FileId, module: ModuleId) -> Option<&str> {
        let (mut file, mut module) = (file, module);
        loop {
            let item = &self.file(file)[module];
            if let Some(name) = item.name {
                return Some(&self.file(file)[name]);
            }
            // The items of a body belong to the module around it, those of a file to whoever declares it.
            (file, module) = match item.parent {
                Some(parent) => (file, parent),
                None => self.crates.files[file.index()].parent?,
            };
        }
    }

    fn work(&self, task: &Task) -> Work {
        let origin = self.origin(&task.future);
        let found = self.work_at(&origin);
        let is_own = task.is_direct() || self.place(origin.expr) == self.place(task.site);
        if is_own || matches!(found, Work::Function(_)) {
            return found;
        }
        // The wrapper's own block round a future that it was given: that one is what runs.
        let file = self.file(task.site.file);
        if let Expr::Call { args, .. } | Expr::MethodCall { args, .. } = file[task.site.id] {
            let mut given = file.list(args).map(|arg| self.origin(&Value::bare(task.site.with(arg))));
            if let Some(future) = given.find(|it| self.is_given_future(it)) {
                return self.work_at(&future);
            }
        }
        match self.enclosing_fn(origin.expr) {
            Some(wrapper) if matches!(found, Work::Block(..)) => Work::Wrapper(self.named(wrapper)),
            _ => found,
        }
    }

    fn is_given_future(&self, value: &Value) -> bool {
        match self.expr(value) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
            Expr::Call { .. } | Expr::MethodCall { .. } => matches!(self.type_of(value).pointee(), Type::Future(_)),
            _ => false,
        }
    }

    fn work_at(&self, origin: &Value) -> Work {
        let at = self.span(origin.expr);
        match self.expr(origin) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                Work::Block(at, self.only_call(origin))
            }
            Expr::Closure { .. } => Work::Closure(at, self.only_call(origin)),
            // `spawn_blocking(work)`: the function itself.
            Expr::Path(_) => match self.callee(origin.expr) {
                Def::Fn(function) => Work::Function(self.named(function)),
                _ => Work::Other(self.made_by(origin.expr), at),
            },
            _ => match (self.called_fn(origin), self.type_of(origin)) {
                // `spawn(Dispatcher::new(..))` runs the future that is made, not the function that makes it.
                (Some(_), ty @ Type::Item(..)) => Work::Other(self.print_type(&ty), at),
                (Some(function), _) => Work::Function(self.named(function)),
                (None, _) => Work::Other(self.made_by(origin.expr), at),
            },
        }
    }

    /// An expression without its arguments: `Server::bind(..).serve(..)`.
    fn made_by(&self, expr: ExprRef) -> String {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Call { callee, .. } => format!("{}(..)", self.text_of(expr.with(callee))),
            Expr::MethodCall { receiver, method, .. } => {
                format!("{}.{}(..)", self.made_by(expr.with(receiver)), &file[method])
            }
            _ => self.text_of(expr),
        }
    }

    /// The function of the workspace that is all a block awaits, or all that a closure calls.
    fn only_call(&self, root: &Value) -> Option<Named> {
        let is_closure = matches!(self.expr(root), Expr::Closure { .. });
        let mut called: Vec<Option<FnRef>> = Vec::new();
        let mut is_plain = true;
        self.walk(root.expr, &mut |expr, kind| {
            match kind {
                Expr::Await(inner) => called.push(self.called_fn(&root.at(inner))),
                Expr::Call { .. } | Expr::MethodCall { .. } if is_closure => {
                    called.extend(self.called_fn(&root.at(expr.id)).map(Some));
                }
                Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } | Expr::Macro(_) => {
                    is_plain &= !self.has_waits_of_its_own(expr, kind);
                }
                _ => {}
            }
            let is_nested = matches!(
                kind,
                Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
            );
            // The body of `|x| async move { .. }` is what runs.
            !is_nested || expr == root.expr || self.is_body_of(expr, root.expr)
        });
        called.dedup();
        match called.as_slice() {
            [Some(one)] if is_plain => Some(self.named(*one)),
            _ => None,
        }
    }

    /// Whether an expression is a loop or a `select!`, which say more of a task than what is awaited in them.
    fn has_waits_of_its_own(&self, expr: ExprRef, kind: Expr) -> bool {
        match kind {
            Expr::Macro(id) => self.file(expr.file)[id].shape == MacroShape::Select,
            _ => true,
        }
    }

    fn is_body_of(&self, expr: ExprRef, closure: ExprRef) -> bool {
        matches!(self.file(closure.file)[closure.id], Expr::Closure { body, .. } if body == expr.id)
    }

    fn owner(&self, task: &Task, fate: &Fate) -> Owner {
        if task.ends_with_local_runtime || *fate == Fate::Owned {
            return Owner::Set(self.receiver_name(task));
        }
        match fate {
            Fate::Dropped { .. } => Owner::Nobody,
            Fate::PartlyDropped { used: at, .. } | Fate::Awaited(at) | Fate::Aborted(at) => {
                self.function_at(*at).map_or(Owner::Unknown, |function| Owner::Function(self.named(function)))
            }
            Fate::Raced(race) => self
                .function_at(race.inner.unwrap_or(race.at))
                .map_or(Owner::Unknown, |function| Owner::Function(self.named(function))),
            Fate::AbortOnDrop(_) => Owner::Guard,
            Fate::Returned { .. } => Owner::Caller,
            Fate::Stored { owner, field, use_, .. } => Owner::Field {
                owner: self.print_type(&Type::Item(*owner, Vec::new().into())),
                field: field.clone(),
                is_used: match use_ {
                    FieldUse::Kept(_) | FieldUse::Raced(_) => Some(true),
                    FieldUse::Nothing => Some(false),
                    FieldUse::Unknown(_) => None,
                },
            },
            Fate::Moved { into, .. } => Owner::Taker(into.words()),
            Fate::Owned => Owner::Set(self.receiver_name(task)),
            Fate::Cancelled => Owner::Handle,
            Fate::Unknown(_) => Owner::Unknown,
        }
    }

    /// What a task is spawned on: `tasks` of `tasks.spawn(f)`, and of `JoinSet::spawn(&mut tasks, f)`. `None` for
    /// `spawn_local(f)` inside of a local set.
    pub(super) fn spawned_on(&self, task: &Task) -> Option<ExprRef> {
        let file = self.file(task.inner.file);
        match file[task.inner.id] {
            Expr::MethodCall { receiver, .. } => Some(task.inner.with(receiver)),
            Expr::Call { args, .. } if file.list(args).len() > 1 => Some(task.inner.with(file.at(args, 0)?)),
            _ => None,
        }
    }

    /// What the spawning method is called on: `Server.connections`, `tasks`.
    fn receiver_name(&self, task: &Task) -> String {
        let Some(receiver) = self.spawned_on(task) else { return "the local set".to_owned() };
        if let Some((base, field)) = self.field_below(receiver)
            && let ty @ Type::Item(..) = self.type_of(&Value::bare(base)).pointee().innermost()
        {
            return format!("{}.{field}", self.print_type(&ty));
        }
        self.text_of(receiver)
    }

    /// The innermost function around a place.
    pub(super) fn function_at(&self, at: Span) -> Option<FnRef> {
        let functions = self.file(at.file).functions.iter().enumerate();
        let around = functions.filter(|(_, function)| function.range.contains(at.range));
        let innermost = around.max_by_key(|(_, function)| function.range.start);
        innermost.map(|(index, _)| FnRef::from_index(at.file, index))
    }
}
