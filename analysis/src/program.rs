//! The linked program: what names mean, what each task does, who can stop it.
//!
//! Built once from the summaries of all files; everything below the index of names is computed when
//! somebody asks for it, once. Every question may answer "unknown".

mod aborts;
mod body;
mod calls;
mod captures;
mod closes;
mod consts;
mod ending;
mod exits;
mod extra;
mod fate;
mod fields;
mod guards;
mod inventory;
mod keepers;
mod known;
mod layers;
mod names;
mod options;
mod outcome;
mod overwrites;
mod owners;
mod paths;
mod places;
mod print;
mod races;
mod reach;
mod reasons;
mod rewrap;
mod sets;
mod signals;
mod spans;
mod steps;
mod supervisor;
mod sustained;
mod tasks;
mod types;
mod value;
mod verdict;

pub use aborts::{VainAbort, VainCall};
pub use closes::{ClosedHalf, IgnoredClose, Passing};
pub use ending::{DeadExit, Ending, EndingKind, Evidence, LongWait, LoopFact, PeerOrigin, WaitLength};
pub use fate::{DropHow, Fate};
pub use fields::FieldUse;
pub use guards::{DiscardedGuard, GuardKind, Loss};
pub use inventory::{Cause, Named, Owner, TaskEntry, Work};
pub use keepers::{
    BuiltStruct, DropPlace, Each, Leaving, LiteralPlace, LostForm, LostValue, Output, ResultPlace, ResultType, Several,
    Strong, StrongUse, TakenValue, Tells, WeakCallee, WeakChange, WeakFrom, Weakened,
};
pub use layers::{ClosingCallback, Growth, Home, ListInExtensions, SpanKey};
pub use names::Def;
pub use options::{Cost, FileOptions, LinkOptions};
pub use outcome::Failure;
pub use overwrites::Overwrite;
pub use owners::{Act, FieldAct, OwnerEvidence};
pub use places::{Behind, HandleField, OwnGuard, Statement, WrittenName};
pub use races::{Race, RaceKind};
pub use reach::Reach;
pub use reasons::{LoopKind, MovedInto, NoExit, OpenReason};
pub use rewrap::Rewrap;
pub use sets::{GrowingSet, SetKind, Turn};
pub use signals::{Dead, DeadCause, Signal, SignalKind};
pub use spans::{Lasting, LongLivedSpan, Opened};
pub use steps::{Bounds, GivenUp};
pub use supervisor::{Chore, Errand, LocalSet};
pub use sustained::Sustained;
pub use tasks::{Task, Via};
pub use types::Type;
pub use value::Value;
pub use verdict::{Judged, Verdict};

use crate::{
    crates::{CrateGraph, Dependency},
    facts::{ExprId, FileSummary, Function, FunctionId, Id, ImplId, ModuleId, PatId, TypeId},
    span::{FileId, Span, TextRange},
};
use body::{Body, Parents};
use names::{Names, View};
use rustc_hash::FxHashMap;
use std::{cell::OnceCell, cell::RefCell, rc::Rc, sync::Arc};
use steps::Steps;

/// Something in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At<T> {
    /// The file.
    pub file: FileId,
    /// What, in that file's summary.
    pub id: T,
}

impl<T: Id> At<T> {
    /// The thing `id` of `file`.
    pub fn new(file: FileId, id: T) -> At<T> {
        At { file, id }
    }

    /// The thing at `index` of its vector in `file`.
    pub(crate) fn from_index(file: FileId, index: usize) -> At<T> {
        At { file, id: T::from_index(index) }
    }

    /// Something else in the same file.
    pub fn with<U>(self, id: U) -> At<U> {
        At { file: self.file, id }
    }
}

/// An expression.
pub type ExprRef = At<ExprId>;
/// A pattern.
pub type PatRef = At<PatId>;
/// A function.
pub type FnRef = At<FunctionId>;
/// A type item.
pub type TypeRef = At<TypeId>;
/// A module.
pub type ModRef = At<ModuleId>;
/// An impl block.
pub type ImplRef = At<ImplId>;

/// A constant or static.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstRef {
    /// The file.
    pub file: FileId,
    /// Index into [`FileSummary::consts`].
    pub index: u32,
}

/// What an expression is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The body of a function.
    Fn(FnRef),
    /// The value of a constant or static.
    Const(ConstRef),
}

/// The linked program.
#[derive(Debug)]
pub struct Program {
    /// Summaries by file.
    pub files: Vec<Arc<FileSummary>>,
    /// Crates and places.
    pub crates: CrateGraph,
    /// What the user set.
    pub options: LinkOptions,
    names: Names,
    memo: Memo,
    steps: Steps,
}

/// First and last expression of each body of a file, with whose it is, by the last one.
type Places = Vec<(ExprId, ExprId, Place)>;

/// Answers that were given before.
#[derive(Debug, Default)]
struct Memo {
    /// By file.
    parents: Box<[OnceCell<Parents>]>,
    bodies: RefCell<FxHashMap<Place, Rc<Body>>>,
    /// By file.
    places: Box<[OnceCell<Places>]>,
    /// The expressions of a file by their place, by file.
    by_range: Box<[OnceCell<Vec<ExprId>>]>,
    calls: OnceCell<calls::CallIndex>,
    tasks: OnceCell<Vec<Task>>,
    types: RefCell<FxHashMap<value::Key, Type>>,
    called: RefCell<FxHashMap<value::Key, Option<FnRef>>>,
    owners: RefCell<FxHashMap<TypeRef, Option<OwnerEvidence>>>,
    with_bodies: RefCell<FxHashMap<FnRef, FnRef>>,
    endings: RefCell<FxHashMap<ending::Asked, Vec<ending::Known>>>,
    frames: RefCell<FxHashMap<value::FrameKey, Rc<value::Frame>>>,
    /// By call, and how many answers are being found around the question.
    usual_endings: RefCell<FxHashMap<(ExprRef, u32), Ending>>,
    /// Functions whose usual endings are being found.
    asked_functions: RefCell<Vec<FnRef>>,
    /// How often one of these was asked for again.
    unsettled: std::cell::Cell<u32>,
    reaches: RefCell<FxHashMap<FnRef, Reach>>,
    answers: OnceCell<Vec<(Fate, Ending, Reach)>>,
    depth: std::cell::Cell<u32>,
}

impl Program {
    /// Links the files of a workspace. `files` is parallel to `crates.files`.
    pub fn link(files: Vec<Arc<FileSummary>>, crates: CrateGraph, options: LinkOptions) -> Program {
        let steps = Steps::new(options.bounds, files.iter().map(|file| file.exprs.len()).sum());
        let names = Names::build(&files, &crates, &steps);
        let memo = Memo {
            parents: files.iter().map(|_| OnceCell::new()).collect(),
            places: files.iter().map(|_| OnceCell::new()).collect(),
            by_range: files.iter().map(|_| OnceCell::new()).collect(),
            ..Memo::default()
        };
        Program { files, crates, options, names, memo, steps }
    }

    /// The summary of a file.
    pub fn file(&self, file: FileId) -> &FileSummary {
        self.steps.step();
        &self.files[file.index()]
    }

    /// The item of a function.
    pub fn function(&self, function: FnRef) -> &Function {
        &self.file(function.file)[function.id]
    }

    /// Name of a function.
    pub fn function_name(&self, function: FnRef) -> &str {
        let file = self.file(function.file);
        &file[file[function.id].name]
    }

    /// Whether the file, or the function itself, is test code.
    pub fn is_test(&self, function: FnRef) -> bool {
        self.crates.files[function.file.index()].is_test || self.function(function).attrs.is_test
    }

    /// Where an expression stands.
    pub fn span(&self, expr: ExprRef) -> Span {
        self.file(expr.file).range(expr.id).in_file(expr.file)
    }

    /// Whether an expression stands in the `drop` of an `impl Drop`.
    pub fn is_drop(&self, expr: ExprRef) -> bool {
        let Some(function) = self.enclosing_fn(expr) else { return false };
        let file = self.file(function.file);
        let is_drop = match self.function(function).owner {
            crate::facts::Owner::Impl(block) => {
                file[block].trait_path.is_some_and(|path| crate::catalogue::is_drop_trait(file.last_segment(path)))
            }
            _ => false,
        };
        is_drop && self.function_name(function) == "drop"
    }

    /// Whether an expression stands in a loop of its own function.
    pub fn is_in_loop(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        self.parents(expr.file).ancestors(expr.id).any(|at| {
            matches!(
                file[at],
                crate::facts::Expr::Loop { .. } | crate::facts::Expr::While { .. } | crate::facts::Expr::For { .. }
            )
        })
    }

    /// The first bytes of a loop: its keyword, for a label that does not cover the whole body.
    pub fn keyword_span(&self, at: Span, keyword: LoopKind) -> Span {
        let end = (at.range.start + keyword.word().len() as u32).min(at.range.end);
        TextRange::new(at.range.start, end).in_file(at.file)
    }

    /// What a reader looks at first in a call: everything before its arguments.
    pub fn call_head(&self, call: ExprRef) -> Span {
        let file = self.file(call.file);
        let whole = file.range(call.id);
        let args = match file[call.id] {
            crate::facts::Expr::Call { callee, .. } => return file.range(callee).in_file(call.file),
            crate::facts::Expr::MethodCall { args, .. } => args,
            crate::facts::Expr::Select(id) | crate::facts::Expr::Macro(id) => {
                return file[file[id].path].range.in_file(call.file);
            }
            _ => return whole.in_file(call.file),
        };
        // Up to the parenthesis before the first argument.
        let end = file.at(args, 0).map_or(whole.end, |first| file.range(first).start.saturating_sub(1));
        TextRange::new(whole.start, end.clamp(whole.start, whole.end)).in_file(call.file)
    }

    /// The whole function or constant around an expression.
    pub fn place_range(&self, expr: ExprRef) -> Span {
        match self.place(expr) {
            Some(Place::Fn(function)) => self.function(function).range.in_file(function.file),
            Some(Place::Const(item)) => self.file(item.file).consts[item.index as usize].range.in_file(item.file),
            None => self.span(expr),
        }
    }

    fn view(&self) -> View<'_> {
        View { names: &self.names, files: &self.files, crates: &self.crates, steps: &self.steps }
    }

    fn parents(&self, file: FileId) -> &Parents {
        self.memo.parents[file.index()].get_or_init(|| Parents::of(self.file(file)))
    }

    fn body(&self, place: Place) -> Rc<Body> {
        if let Some(found) = self.memo.bodies.borrow().get(&place) {
            return Rc::clone(found);
        }
        let body = match place {
            Place::Fn(function) => Body::of_function(self.file(function.file), self.function(function)),
            Place::Const(item) => {
                let file = self.file(item.file);
                file.consts[item.index as usize].init.map_or_else(Body::default, |root| Body::of_expr(file, root))
            }
        };
        let body = Rc::new(body);
        self.memo.bodies.borrow_mut().insert(place, Rc::clone(&body));
        body
    }

    /// The function or constant that an expression is part of.
    pub(crate) fn place(&self, expr: ExprRef) -> Option<Place> {
        let places = self.places(expr.file);
        let at = places.partition_point(|(_, last, _)| *last < expr.id);
        let (first, _, place) = places.get(at)?;
        (*first <= expr.id).then_some(*place)
    }

    /// The function that an expression is part of.
    pub fn enclosing_fn(&self, expr: ExprRef) -> Option<FnRef> {
        match self.place(expr)? {
            Place::Fn(function) => Some(function),
            Place::Const(_) => None,
        }
    }

    /// Runs of expressions by their last one, for a binary search.
    fn places(&self, file: FileId) -> &Places {
        self.memo.places[file.index()].get_or_init(|| self.find_places(file))
    }

    fn find_places(&self, file: FileId) -> Places {
        let summary = self.file(file);
        let functions = summary
            .functions
            .iter()
            .enumerate()
            .filter_map(|(at, it)| Some((it.first_expr?, it.body?, Place::Fn(At::from_index(file, at)))));
        let consts =
            summary.consts.iter().enumerate().filter_map(|(at, it)| {
                Some((it.first_expr?, it.init?, Place::Const(ConstRef { file, index: at as u32 })))
            });
        let mut places: Vec<_> = functions.chain(consts).collect();
        places.sort_by_key(|(_, last, _)| *last);
        places
    }

    /// The module in which the names around an expression are looked up.
    pub(crate) fn module_of(&self, place: Place) -> ModuleId {
        match place {
            Place::Fn(function) => self.function(function).body_module,
            Place::Const(item) => self.file(item.file).consts[item.index as usize].module,
        }
    }

    /// The module in which names are looked up where an expression stands.
    pub fn module_around(&self, at: ExprRef) -> Option<ModuleId> {
        self.place(at).map(|place| self.module_of(place))
    }

    /// What a name means in a module.
    pub fn meaning_in_module(&self, file: FileId, module: ModuleId, name: &str) -> Def {
        self.view().resolve_name(At::new(file, module), name)
    }

    /// What the crate of a file depends on.
    pub fn dependencies(&self, file: FileId) -> &[Dependency] {
        let krate = self.crates.files.get(file.index()).and_then(|place| self.crates.crates.get(place.krate.index()));
        krate.map_or(&[], |krate| &krate.dependencies)
    }

    /// The tasks of the workspace with what is known of each: fate, ending, reach.
    pub fn answers(&self) -> impl Iterator<Item = (&Task, &Fate, &Ending, &Reach)> {
        let answers =
            self.memo.answers.get_or_init(|| self.tasks().iter().map(|task| self.answers_about(task)).collect());
        self.tasks().iter().zip(answers).map(|(task, (fate, ending, reach))| (task, fate, ending, reach))
    }

    fn answers_about(&self, task: &Task) -> (Fate, Ending, Reach) {
        let about = Some(task.site);
        let fate = self.ask(about, || self.fate(task)).unwrap_or(Fate::Unknown(OpenReason::GaveUp));
        let ending = self.ask(about, || self.ending(task));
        let ending = ending.unwrap_or_else(|| Ending::unknown(OpenReason::GaveUp, self.span(task.site)));
        (fate, ending, self.ask(about, || self.reach(task)).unwrap_or(Reach::Unknown))
    }
}
