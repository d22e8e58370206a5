//! What names, paths, calls and types mean: by declarations, never by what other functions do inside.

mod body;
mod callables;
mod calls;
mod consts;
mod dispatch;
mod exports;
mod extra;
mod frames;
mod known;
mod limits;
mod mentions;
mod names;
mod options;
mod paths;
mod sorted;
mod steps;
mod tree;
mod types;
mod value;

pub use body::{Binding, Body, Origin, Parents};
pub(crate) use callables::Callable;
pub(crate) use consts::FOREVER;
pub(crate) use extra::ExtraCall;
pub(crate) use frames::{Asked, Frame};
pub use mentions::Mentions;
pub use names::Def;
pub(crate) use names::Sym;
pub use options::{Cost, FileOptions, LinkOptions};
pub(crate) use paths::{AccessPath, Root};
pub use sorted::Sorted;
pub use steps::{Bounds, GivenUp};
pub use tree::WaysOut;
pub use types::Type;
pub use value::{Value, ValueId};

use crate::{
    crates::{CrateGraph, Dependency},
    facts::{Expr, ExprId, FileSummary, Function, FunctionId, Id, ImplId, ModuleId, PatId, PathId, TypeId},
    fixpoint::Table,
    reasons::LoopKind,
    span::{FileId, Span, TextRange},
};
use names::{Names, View};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
};
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
    pub fn from_index(file: FileId, index: usize) -> At<T> {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The body of a function.
    Fn(FnRef),
    /// The value of a constant or static.
    Const(ConstRef),
}

/// The files of a workspace, and what the names in them mean.
#[derive(Debug)]
pub struct Resolve {
    /// Summaries by file.
    pub files: Vec<Arc<FileSummary>>,
    /// Crates and places.
    pub crates: CrateGraph,
    /// What the user set.
    pub options: LinkOptions,
    pub(crate) names: Names,
    memo: Memo,
    pub(crate) steps: Steps,
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
    /// By file.
    mentions: Box<[OnceCell<Mentions>]>,
    calls: OnceCell<calls::CallIndex>,
    published: OnceCell<exports::Published>,
    inits_by_owner: RefCell<FxHashMap<Sym, Rc<calls::ByOwner>>>,
    all_inits: RefCell<FxHashMap<Sym, calls::OfOwners>>,
    all_uses: RefCell<FxHashMap<Sym, calls::OfOwners>>,
    /// By body.
    named_lets: RefCell<FxHashMap<Place, Rc<[callables::NamedLet]>>>,
    /// The ways out of each block that was asked about.
    exits: RefCell<FxHashMap<ExprRef, Rc<tree::WaysOut>>>,
    types: Table<value::Key, Type>,
    /// Each type once: there are many expressions of few types.
    shared_types: RefCell<FxHashSet<Type>>,
    /// What functions give when they are called.
    return_types: RefCell<FxHashMap<FnRef, Type>>,
    /// What aliases without arguments stand for.
    aliases: Table<TypeRef, Type>,
    /// Types that are being read.
    written_types: RefCell<FxHashMap<types::Written, ()>>,
    /// The ways to what functions give, by their calls.
    tail_paths: Table<value::Key, Option<AccessPath>>,
    constants: Table<(value::Key, consts::Measure), Option<f64>>,
    called: RefCell<FxHashMap<value::Key, Option<FnRef>>>,
    /// The bodies that are given to each method of a trait.
    written: RefCell<FxHashMap<FnRef, Rc<[FnRef]>>>,
    /// What each method of a trait stands for.
    dispatched: RefCell<FxHashMap<FnRef, Rc<[FnRef]>>>,
    /// How many impl blocks each trait has.
    implemented: OnceCell<FxHashMap<TypeRef, usize>>,
    /// The method that a name and a number of arguments tell.
    only_methods: RefCell<FxHashMap<(Sym, usize), Option<FnRef>>>,
    /// The calls of a name, by what they run.
    called_by_name: RefCell<FxHashMap<Sym, Rc<calls::Called>>>,
    callers: RefCell<FxHashMap<FnRef, Rc<[ExprRef]>>>,
    frames: RefCell<FxHashMap<frames::FrameKey, Rc<Frame>>>,
    frames_by_id: RefCell<Vec<Rc<Frame>>>,
    passed: RefCell<FxHashMap<frames::Passed, u32>>,
    /// The names in a body that stand for what its callers give.
    of_callers: RefCell<FxHashMap<Place, Rc<frames::NamesOfCallers>>>,
    /// Long ways back to where values are made.
    ways: RefCell<FxHashMap<value::Key, value::Way>>,
}

/// How many questions are being answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct UnderWay {
    names: usize,
    types: usize,
    aliases: usize,
    tail_paths: usize,
    constants: usize,
}

impl Resolve {
    /// Links the files of a workspace. `files` is parallel to `crates.files`.
    pub fn new(files: Vec<Arc<FileSummary>>, crates: CrateGraph, options: LinkOptions) -> Resolve {
        let steps = Steps::new(options.bounds, files.iter().map(|file| file.exprs.len()).sum());
        let names = Names::build(&files, &crates, &steps);
        let memo = Memo {
            parents: files.iter().map(|_| OnceCell::new()).collect(),
            places: files.iter().map(|_| OnceCell::new()).collect(),
            by_range: files.iter().map(|_| OnceCell::new()).collect(),
            mentions: files.iter().map(|_| OnceCell::new()).collect(),
            ..Memo::default()
        };
        Resolve { files, crates, options, names, memo, steps }
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
        self.parents(expr.file)
            .ancestors(expr.id)
            .any(|at| matches!(file[at], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. }))
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
            Expr::Call { callee, .. } => return file.range(callee).in_file(call.file),
            Expr::MethodCall { args, .. } => args,
            Expr::Select(id) | Expr::Macro(id) => {
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

    /// How many questions of each family are being answered.
    pub(crate) fn meanings_under_way(&self) -> UnderWay {
        UnderWay {
            names: self.names.depth(),
            types: self.memo.types.depth(),
            aliases: self.memo.aliases.depth(),
            tail_paths: self.memo.tail_paths.depth(),
            constants: self.memo.constants.depth(),
        }
    }

    /// Forgets what was being found since then: it is given up.
    pub(crate) fn give_up_meanings(&self, before: UnderWay) {
        self.names.give_up(before.names);
        self.memo.types.unwind(before.types);
        self.memo.aliases.unwind(before.aliases);
        self.memo.tail_paths.unwind(before.tail_paths);
        self.memo.constants.unwind(before.constants);
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { names: &self.names, files: &self.files, crates: &self.crates, steps: &self.steps }
    }

    /// What stands around each expression of a file.
    pub fn parents(&self, file: FileId) -> &Parents {
        self.memo.parents[file.index()].get_or_init(|| Parents::of(self.file(file)))
    }

    /// The bindings of a body, and where each is used.
    pub fn body(&self, place: Place) -> Rc<Body> {
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
    pub fn place(&self, expr: ExprRef) -> Option<Place> {
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
    pub fn module_of(&self, place: Place) -> ModuleId {
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

    /// What a path means in a module; `Self` aside.
    pub fn meaning_of_path(&self, file: FileId, module: ModuleId, path: PathId) -> Def {
        self.view().resolve_path(file, module, path)
    }

    /// What a type is, aliases seen through.
    pub fn behind_alias(&self, ty: TypeRef) -> Def {
        self.view().behind_alias(ty)
    }

    /// Whether a type derives a trait of such a name.
    pub fn derives(&self, item: TypeRef, is_it: impl Fn(&str) -> bool) -> bool {
        let file = self.file(item.file);
        file.list(file[item.id].derives).any(|derive| is_it(&file[derive]))
    }

    /// The methods of a name that a type has, of its own and by traits.
    pub fn methods_of(&self, ty: TypeRef, name: &str) -> &[FnRef] {
        self.names.methods(ty, name)
    }

    /// Counts a step of a walk through the program: a question that takes too many of them is given up.
    pub fn step(&self) {
        self.steps.step();
    }

    /// What the crate of a file depends on.
    pub fn dependencies(&self, file: FileId) -> &[Dependency] {
        let krate = self.crates.files.get(file.index()).and_then(|place| self.crates.crates.get(place.krate.index()));
        krate.map_or(&[], |krate| &krate.dependencies)
    }

    /// The expression that is the value of a body, for tests of a handle that is returned.
    pub(crate) fn tail(&self, block: ExprRef) -> Option<ExprId> {
        let file = self.file(block.file);
        match file[block.id] {
            Expr::Block { stmts, has_tail: true, .. } => file.list(stmts).next_back(),
            _ => None,
        }
    }

    /// The first expression below one: what is below it is the run of numbers that ends with it.
    pub fn first_below(&self, expr: ExprRef) -> ExprId {
        self.parents(expr.file).first_below(expr.id)
    }
}
