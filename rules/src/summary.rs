//! The plain facts of one file: items, imports, and bodies as a small arena of expressions.
//!
//! A summary is a function of the file's text alone. Paths on disk, configuration, other files and
//! active cfgs never enter it, so it can be cached under the hash of the text.
//! Everything is an index into a vector of the same [`FileSummary`]; lists are ranges of
//! [`FileSummary::pool`]. Expressions are numbered in post-order: every child has a smaller number
//! than its parent, and a body is the contiguous run of numbers `first..=root`.

use crate::span::TextRange;
use serde::{Deserialize, Serialize};
use std::{marker::PhantomData, num::NonZeroU32};

mod print;
mod read;

/// Changes whenever the meaning of a serialised summary does; part of the cache key.
pub const SCHEMA: u32 = 2;

/// An index into one of the vectors of a [`FileSummary`].
pub trait Id: Copy {
    /// Makes the id of the element at `index`.
    fn from_index(index: usize) -> Self;
    /// The place in the vector.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(NonZeroU32);

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
                $name(number.expect("a file has fewer than 2^32 of anything"))
            }
            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }
    )+};
}

ids! {
    /// An identifier, lifetime, or string: index into [`FileSummary::names`].
    Name,
    /// Index into [`FileSummary::exprs`] and [`FileSummary::expr_ranges`].
    ExprId,
    /// Index into [`FileSummary::pats`] and [`FileSummary::pat_ranges`].
    PatId,
    /// Index into [`FileSummary::tys`].
    TyId,
    /// Index into [`FileSummary::paths`].
    PathId,
    /// Index into [`FileSummary::arms`].
    ArmId,
    /// Index into [`FileSummary::macros`].
    MacroId,
    /// Index into [`FileSummary::modules`]; the file itself is the first.
    ModuleId,
    /// Index into [`FileSummary::functions`].
    FunctionId,
    /// Index into [`FileSummary::types`].
    TypeId,
    /// Index into [`FileSummary::impls`].
    ImplId,
}

/// A run of ids in [`FileSummary::pool`].
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct List<T> {
    /// First place in the pool.
    pub start: u32,
    /// How many.
    pub len: u32,
    #[serde(skip)]
    of: PhantomData<T>,
}

impl<T> List<T> {
    /// The `len` ids of the pool that begin at `start`.
    pub fn new(start: u32, len: u32) -> List<T> {
        List { start, len, of: PhantomData }
    }

    /// A list of nothing.
    pub const EMPTY: List<T> = List { start: 0, len: 0, of: PhantomData };

    /// Whether it holds nothing.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for List<T> {}

/// Texts in order, end to end: a file has many, and most of them are short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Names {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl Names {
    /// Adds a text and returns its id.
    pub fn push(&mut self, text: &str) -> Name {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        Name::from_index(self.ends.len() - 1)
    }

    /// The text of an id.
    ///
    /// # Panics
    /// If the id was not handed out by [`Names::push`].
    pub fn get(&self, name: Name) -> &str {
        let at = name.index();
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[at] as usize]
    }

    /// All of them, in order of id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(Name::from_index(at)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Everything that the analysis knows of a file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FileSummary {
    /// Distinct identifiers and strings. Raw identifiers stand without `r#`, lifetimes without `'`.
    pub names: Names,
    /// Members of all [`List`]s, as `index + 1`.
    pub pool: Vec<u32>,
    /// Expressions in post-order.
    pub exprs: Vec<Expr>,
    /// Where each expression stands; parallel to `exprs`.
    pub expr_ranges: Vec<TextRange>,
    /// Patterns.
    pub pats: Vec<Pat>,
    /// Where each pattern stands; parallel to `pats`.
    pub pat_ranges: Vec<TextRange>,
    /// Types as written.
    pub tys: Vec<Ty>,
    /// Paths as written.
    pub paths: Vec<Path>,
    /// Arms of `match` and of `select!`.
    pub arms: Vec<Arm>,
    /// Macro calls in bodies.
    pub macros: Vec<MacroCall>,
    /// Modules; the first is the file itself.
    pub modules: Vec<Module>,
    /// Functions, methods and trait methods, also nested ones.
    pub functions: Vec<Function>,
    /// Structs, enums, unions, aliases and traits.
    pub types: Vec<TypeItem>,
    /// `impl` blocks.
    pub impls: Vec<Impl>,
    /// `const` and `static` items, associated ones too.
    pub consts: Vec<Const>,
    /// `use` and `extern crate`, one for each name that they bring in.
    pub imports: Vec<Import>,
    /// `// spawnlint: allow(..)` comments.
    pub suppressions: Vec<Suppression>,
}

/// An expression. Names follow rustc's; parentheses and groups are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expr {
    /// `x`, `self`, `a::b::<T>`.
    Path(PathId),
    /// A literal.
    Lit(Lit),
    /// `callee(args)`, tuple structs and enum variants too.
    Call {
        /// What is called.
        callee: ExprId,
        /// Arguments in order.
        args: List<ExprId>,
    },
    /// `receiver.method::<T>(args)`.
    MethodCall {
        /// Before the dot.
        receiver: ExprId,
        /// Method name.
        method: Name,
        /// The turbofish as [`Ty::Args`].
        turbofish: Option<TyId>,
        /// Arguments in order.
        args: List<ExprId>,
    },
    /// `base.name`, `base.0`.
    Field {
        /// Before the dot.
        base: ExprId,
        /// Field name; a number for tuples.
        name: Name,
    },
    /// `base[index]`.
    Index {
        /// What is indexed.
        base: ExprId,
        /// By what.
        index: ExprId,
    },
    /// `e.await`.
    Await(ExprId),
    /// `e?`; also `try!(e)`.
    Try(ExprId),
    /// `&e`, `&mut e`, `&raw e`.
    Ref {
        /// Whether `mut`.
        mutable: bool,
        /// The operand.
        expr: ExprId,
    },
    /// `*e`, `-e`, `!e`.
    Unary {
        /// Which.
        op: UnaryOp,
        /// The operand.
        expr: ExprId,
    },
    /// `lhs op rhs`, without assignments.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left.
        lhs: ExprId,
        /// Right.
        rhs: ExprId,
    },
    /// `lhs = rhs`, and `lhs += rhs` with its operator.
    Assign {
        /// `None` for a plain `=`.
        op: Option<BinaryOp>,
        /// Left; a destructuring one is a tuple, array, struct or call expression, `_` is [`Expr::Underscore`].
        lhs: ExprId,
        /// Right.
        rhs: ExprId,
    },
    /// `_` on the left of an assignment.
    Underscore,
    /// `e as T`.
    Cast {
        /// What.
        expr: ExprId,
        /// To which type.
        ty: TyId,
    },
    /// `{ .. }` of any kind.
    Block {
        /// Which kind.
        kind: BlockKind,
        /// Its label, without `'`.
        label: Option<Name>,
        /// Statements in order; a `let` is [`Expr::Local`].
        stmts: List<ExprId>,
        /// Whether the last statement is the block's value (no semicolon).
        has_tail: bool,
    },
    /// `let pat: ty = init else { .. };`
    Local {
        /// What is bound.
        pat: PatId,
        /// Annotation.
        ty: Option<TyId>,
        /// Value.
        init: Option<ExprId>,
        /// The diverging block.
        otherwise: Option<ExprId>,
    },
    /// `if cond { .. } else ..`; `cond` may hold [`Expr::Let`].
    If {
        /// Condition.
        cond: ExprId,
        /// Block.
        then: ExprId,
        /// Block or another `if`.
        otherwise: Option<ExprId>,
    },
    /// `let pat = expr` as a condition.
    Let {
        /// Pattern.
        pat: PatId,
        /// What is matched.
        expr: ExprId,
    },
    /// `match scrutinee { arms }`.
    Match {
        /// What is matched.
        scrutinee: ExprId,
        /// Arms in order.
        arms: List<ArmId>,
    },
    /// `loop { .. }`.
    Loop {
        /// Without `'`.
        label: Option<Name>,
        /// Block.
        body: ExprId,
    },
    /// `while cond { .. }`; `cond` may hold [`Expr::Let`].
    While {
        /// Without `'`.
        label: Option<Name>,
        /// Condition.
        cond: ExprId,
        /// Block.
        body: ExprId,
    },
    /// `for pat in iter { .. }`, and `for await`.
    For {
        /// Without `'`.
        label: Option<Name>,
        /// What each turn binds.
        pat: PatId,
        /// What is iterated.
        iter: ExprId,
        /// Block.
        body: ExprId,
        /// Whether `for await`.
        is_await: bool,
    },
    /// `break 'label value`.
    Break {
        /// Without `'`.
        label: Option<Name>,
        /// Value.
        value: Option<ExprId>,
    },
    /// `continue 'label`.
    Continue {
        /// Without `'`.
        label: Option<Name>,
    },
    /// `return value`.
    Return(Option<ExprId>),
    /// `yield value`.
    Yield(Option<ExprId>),
    /// `move async |params| body`.
    Closure {
        /// Parameters.
        params: List<PatId>,
        /// Body.
        body: ExprId,
        /// Whether `async |..|`.
        is_async: bool,
        /// Whether `move`.
        is_move: bool,
    },
    /// `Path { fields, ..base }`.
    Struct {
        /// The type or variant.
        path: PathId,
        /// [`Expr::FieldInit`] each.
        fields: List<ExprId>,
        /// After `..`.
        base: Option<ExprId>,
    },
    /// `name: value` in a struct literal; the shorthand has a path expression as its value.
    FieldInit {
        /// Field.
        name: Name,
        /// Value.
        value: ExprId,
    },
    /// `(a, b)`, `()`.
    Tuple(List<ExprId>),
    /// `[a, b]`.
    Array(List<ExprId>),
    /// `[value; len]`.
    Repeat {
        /// Each element.
        value: ExprId,
        /// How many.
        len: ExprId,
    },
    /// `a..b`, `a..`, `..=b`.
    Range {
        /// From.
        start: Option<ExprId>,
        /// To.
        end: Option<ExprId>,
    },
    /// `select! { .. }` of any runtime, parsed.
    Select(MacroId),
    /// Any other macro call.
    Macro(MacroId),
    /// Something that carries no facts (inline assembly, verbatim tokens).
    Unknown,
}

/// What kind of block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// `{ .. }`, `unsafe { .. }`, `const { .. }`, `try { .. }`.
    Plain,
    /// `async { .. }`, also `gen` and the body of `stream!`.
    Async,
    /// `async move { .. }`.
    AsyncMove,
}

/// A literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lit {
    /// The value, if it fits.
    Int(Option<u64>),
    /// A float, as written without suffix and `_`.
    Float(Name),
    /// A string's value.
    Str(Name),
    /// `true`, `false`.
    Bool(bool),
    /// Characters, bytes, byte strings, C strings.
    Other,
}

/// A prefix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `*`
    Deref,
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// An infix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    BitXor,
    BitAnd,
    BitOr,
    Shl,
    Shr,
    Eq,
    Lt,
    Le,
    Ne,
    Ge,
    Gt,
}

/// A pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pat {
    /// `_`.
    Wild,
    /// `x`, `mut x`, `ref x`, `x @ sub`. A name that is really a constant or unit variant looks alike.
    Bind {
        /// Name.
        name: Name,
        /// After `@`.
        sub: Option<PatId>,
    },
    /// `(a, b)`.
    Tuple(List<PatId>),
    /// `Some(x)`.
    TupleStruct {
        /// `Some`.
        path: PathId,
        /// Members.
        pats: List<PatId>,
    },
    /// `Path { field: pat, .. }`.
    Struct {
        /// Type or variant.
        path: PathId,
        /// [`Pat::Field`] each.
        fields: List<PatId>,
    },
    /// `name: pat`; the shorthand has a binding as its pattern.
    Field {
        /// Field.
        name: Name,
        /// Pattern.
        pat: PatId,
    },
    /// `a | b`.
    Or(List<PatId>),
    /// `&pat`, `box pat`.
    Ref(PatId),
    /// `None`, `Self::A`, of more than one segment.
    Path(PathId),
    /// `[a, .., b]`.
    Slice(List<PatId>),
    /// `..`.
    Rest,
    /// `pat: ty`, in closure parameters.
    Typed {
        /// Pattern.
        pat: PatId,
        /// Type.
        ty: TyId,
    },
    /// A literal.
    Lit(Lit),
    /// A range, a macro, a constant block.
    Other,
}

/// A type as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ty {
    /// `a::B<C>`.
    Path(PathId),
    /// `&T`, `&mut T`.
    Ref(TyId),
    /// `*const T`.
    Pointer(TyId),
    /// `[T]`.
    Slice(TyId),
    /// `[T; n]`.
    Array(TyId),
    /// `(A, B)`, `()`.
    Tuple(List<TyId>),
    /// `impl A + B`, without lifetimes.
    Impl(List<PathId>),
    /// `dyn A + B`, without lifetimes.
    Dyn(List<PathId>),
    /// `fn(A) -> B`.
    Fn {
        /// Parameters.
        params: List<TyId>,
        /// Result.
        ret: Option<TyId>,
    },
    /// `!`.
    Never,
    /// `_`.
    Infer,
    /// `Name = T` among generic arguments.
    Binding {
        /// Associated type.
        name: Name,
        /// What it is.
        ty: TyId,
    },
    /// The arguments of a turbofish: lifetimes and constants are left out.
    Args(List<TyId>),
    /// A macro, a constant, verbatim tokens.
    Unknown,
}

/// A path as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// `["tokio", "task", "spawn"]`; `crate`, `self`, `super`, `Self` stand as names.
    pub segments: List<Name>,
    /// Generic arguments of all segments in order; `Fn(A, B) -> C` gives `[(A, B), C]`.
    pub args: List<TyId>,
    /// `T` of `<T as Trait>::x` and `<T>::x`; the segments then are `Trait::x`, or `x`.
    pub qself: Option<TyId>,
    /// Whether it begins with `::`.
    pub global: bool,
    /// Whether the arguments are written `(A, B) -> C`.
    pub parenthesized: bool,
    /// Where it stands.
    pub range: TextRange,
}

/// An arm of `match` or `select!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Pattern.
    pub pat: PatId,
    /// `select!`: the future. `match`: none.
    pub future: Option<ExprId>,
    /// After `if`; for `select!` after `, if`.
    pub guard: Option<ExprId>,
    /// After `=>`.
    pub body: ExprId,
    /// The whole arm.
    pub range: TextRange,
}

/// A macro call in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroCall {
    /// `tokio::select`.
    pub path: PathId,
    /// How its tokens were understood.
    pub shape: MacroShape,
    /// [`MacroShape::Exprs`]: the arguments. [`MacroShape::Block`]: one block.
    pub args: List<ExprId>,
    /// [`MacroShape::Select`]: the branches in order.
    pub arms: List<ArmId>,
    /// `select!`: after `else =>`, `complete =>` or `default =>`.
    pub otherwise: Option<ExprId>,
    /// [`MacroShape::Opaque`]: every identifier of its tokens, each once; otherwise the names that a
    /// format string captures.
    pub mentions: List<Name>,
}

/// How the tokens of a macro call were understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MacroShape {
    /// Comma-separated expressions (`join!`, `vec!`, `println!`).
    Exprs,
    /// Statements (`stream!`, `pin!{ let .. }`).
    Block,
    /// Branches (`select!`).
    Select,
    /// Not understood.
    Opaque,
}

/// A module, or a body that holds items of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Name; of the file itself and of a body `None`.
    pub name: Option<Name>,
    /// The module around it.
    pub parent: Option<ModuleId>,
    /// What it is.
    pub kind: ModuleKind,
    /// `#[path = ".."]`.
    pub path_attr: Option<Name>,
    /// Whether it stands under `cfg(test)` or in something that does.
    pub is_test: bool,
    /// The item.
    pub range: TextRange,
}

/// Where the contents of a module stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModuleKind {
    /// The file itself.
    File,
    /// `mod x { .. }`.
    Inline,
    /// `mod x;`.
    Declared,
    /// A body with items: names that it lacks are looked up in its parent.
    Body,
}

/// Who can see an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// No `pub`.
    Private,
    /// `pub(crate)`, `pub(super)`, `pub(in ..)`.
    Restricted,
    /// `pub`; also the methods of a trait and of its impls.
    Public,
}

/// What a function stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// A module or a body.
    Module,
    /// An impl block.
    Impl(ImplId),
    /// A trait.
    Trait(TypeId),
}

/// A function, method or trait method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Name.
    pub name: Name,
    /// The whole item, attributes and doc comment excluded.
    pub range: TextRange,
    /// The name.
    pub name_range: TextRange,
    /// What it stands in.
    pub owner: Owner,
    /// Where its own name is known.
    pub module: ModuleId,
    /// Where the names in its body are looked up: `module`, or a [`ModuleKind::Body`] below it.
    pub body_module: ModuleId,
    /// Who can see it.
    pub visibility: Visibility,
    /// Whether `async`.
    pub is_async: bool,
    /// `self`, `&self`, `&mut self`, `self: T`: its binding and its type where it is written out.
    pub self_param: Option<SelfParam>,
    /// The other parameters.
    pub params: Vec<Param>,
    /// Generic types with their bounds, those of `where` included.
    pub generics: Vec<Generic>,
    /// Declared result.
    pub ret: Option<TyId>,
    /// Its block.
    pub body: Option<ExprId>,
    /// The first expression of the body in [`FileSummary::exprs`].
    pub first_expr: Option<ExprId>,
    /// What its attributes say.
    pub attrs: FunctionAttrs,
}

/// The receiver of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfParam {
    /// A [`Pat::Bind`] of `self`.
    pub pat: PatId,
    /// Whether by reference.
    pub is_ref: bool,
    /// `Arc<Self>` of `self: Arc<Self>`.
    pub ty: Option<TyId>,
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// What it binds.
    pub pat: PatId,
    /// Its type.
    pub ty: TyId,
}

/// A generic type parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generic {
    /// Name.
    pub name: Name,
    /// Trait bounds, inline and in `where`.
    pub bounds: List<PathId>,
}

/// What the attributes of a function say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FunctionAttrs {
    /// `#[test]`, `#[tokio::test]`, `#[rstest]`, `#[bench]`, .., or inside something that is `cfg(test)`.
    pub is_test: bool,
    /// `#[tokio::main]`, `#[async_std::main]`, .. (last segment `main`).
    pub is_entry: bool,
    /// `#[instrument(..)]`.
    pub instrument: Option<TextRange>,
}

/// Which item a [`TypeItem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeKind {
    /// A struct or union.
    Struct,
    /// An enum.
    Enum,
    /// `type A = B;`, also an associated type with a value.
    Alias(TyId),
    /// A trait.
    Trait,
}

/// A struct, enum, union, alias or trait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeItem {
    /// Name.
    pub name: Name,
    /// Which item.
    pub kind: TypeKind,
    /// Where its name is known.
    pub module: ModuleId,
    /// Who can see it.
    pub visibility: Visibility,
    /// Generic types.
    pub generics: Vec<Generic>,
    /// Fields; of an enum those of all its variants.
    pub fields: Vec<Field>,
    /// Variants of an enum.
    pub variants: List<Name>,
    /// The impl block of an associated type.
    pub owner: Option<ImplId>,
    /// The whole item, attributes excluded.
    pub range: TextRange,
    /// The name.
    pub name_range: TextRange,
    /// Whether it stands in something that is `cfg(test)`.
    pub is_test: bool,
}

/// A field of a struct or of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name; a number for tuples.
    pub name: Name,
    /// The variant that it belongs to.
    pub variant: Option<Name>,
    /// Its type.
    pub ty: TyId,
    /// Who can see it.
    pub visibility: Visibility,
    /// The whole field.
    pub range: TextRange,
}

/// An `impl` block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impl {
    /// `Type` of `impl Trait for Type`.
    pub self_ty: TyId,
    /// `Trait`.
    pub trait_path: Option<PathId>,
    /// Generic types with their bounds.
    pub generics: Vec<Generic>,
    /// Where its names are looked up.
    pub module: ModuleId,
    /// The whole block, attributes excluded.
    pub range: TextRange,
    /// Whether it stands in something that is `cfg(test)`.
    pub is_test: bool,
}

/// A `const` or `static`, also `static ref` of `lazy_static!` and the items of `thread_local!`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Const {
    /// Name.
    pub name: Name,
    /// Type, where written.
    pub ty: Option<TyId>,
    /// Value.
    pub init: Option<ExprId>,
    /// The first expression of the value.
    pub first_expr: Option<ExprId>,
    /// Where its name is known.
    pub module: ModuleId,
    /// The impl block of an associated constant.
    pub owner: Option<ImplId>,
    /// Whether `static`.
    pub is_static: bool,
    /// Whether its value is computed at the first use (`lazy_static!`, `thread_local!`).
    pub is_lazy: bool,
    /// Whether it stands in something that is `cfg(test)`.
    pub is_test: bool,
    /// The whole item.
    pub range: TextRange,
}

/// One name that a `use` brings in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported, without renaming; `self` at the end is gone. Of `extern crate x` just `x`.
    pub segments: List<Name>,
    /// The name it gets here; `None` for a glob and for `as _`.
    pub name: Option<Name>,
    /// Whether `::*`.
    pub is_glob: bool,
    /// Whether the path begins with `::`, or is an `extern crate`.
    pub global: bool,
    /// Where it brings the name in.
    pub module: ModuleId,
    /// Who can see it.
    pub visibility: Visibility,
    /// Whether it stands in something that is `cfg(test)`.
    pub is_test: bool,
    /// The whole `use` item.
    pub range: TextRange,
}

/// A `// spawnlint: allow(rule, rule): reason` comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The comment.
    pub range: TextRange,
    /// What it speaks of: its own line if code stands before it, else the statement or item below it,
    /// or the whole file for `//! spawnlint: ..`.
    pub covers: TextRange,
    /// Names as written, each with its place.
    pub rules: Vec<(String, TextRange)>,
    /// After the colon; empty if missing.
    pub reason: String,
    /// What is wrong with the comment, if it could not be read.
    pub problem: Option<String>,
}
