//! What files are made of: modules, functions, types, impls, constants, imports, suppressions.

use super::{ExprId, ImplId, List, ModuleId, Name, PatId, PathId, TyId, TypeId};
use crate::span::TextRange;
use serde::{Deserialize, Serialize};

/// A module, or a body that holds items of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Name; of the file itself and of a body `None`.
    pub name: Option<Name>,
    /// The module around it.
    pub parent: Option<ModuleId>,
    /// What it is.
    pub kind: ModuleKind,
    /// Who can see it.
    pub visibility: Visibility,
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
    /// One past the parenthesis that closes the parameters: where `-> T` may be written.
    pub params_end: u32,
    /// Its block.
    pub body: Option<ExprId>,
    /// The first expression of the body in [`FileSummary::exprs`](super::FileSummary::exprs).
    pub first_expr: Option<ExprId>,
    /// What its attributes say.
    pub attrs: FunctionAttrs,
}

/// The receiver of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfParam {
    /// A [`Pat::Bind`](super::Pat::Bind) of `self`.
    pub pat: PatId,
    /// Whether by reference.
    pub is_ref: bool,
    /// Whether `mut` stands before `self`.
    pub is_mut: bool,
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
    /// Whether it is itself one that a test runner runs, and no helper of one.
    pub is_test_case: bool,
    /// `#[tokio::main]`, `#[async_std::main]`, .. (last segment `main`).
    pub is_entry: bool,
    /// `extern "C"`, `#[no_mangle]`, `#[export_name = ".."]`: others know its signature.
    pub is_exported: bool,
    /// `#[instrument(..)]`.
    pub instrument: Option<Instrument>,
}

/// What `#[instrument(..)]` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The whole attribute.
    pub range: TextRange,
    /// One past `instrument`, where arguments may be added if there are none.
    pub path_end: u32,
    /// What stands between its parentheses.
    pub arguments: Option<TextRange>,
    /// Whether it names a parent: `parent = None`.
    pub has_parent: bool,
    /// Whether it logs the error that the function returns: `err`.
    pub logs_error: bool,
    /// Whether its level is `trace`, which is switched off unless somebody looks for a mistake.
    pub is_trace: bool,
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
    /// Whether it has parameters of any kind, lifetimes and constants too.
    pub is_generic: bool,
    /// What `#[derive(..)]` names, by the last segments.
    pub derives: List<Name>,
    /// Whether `#[repr(..)]` says how its fields lie in memory.
    pub has_fixed_layout: bool,
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
    /// Whether it stands under a `cfg` of its own.
    pub is_conditional: bool,
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
    /// The impl block or trait of an associated constant.
    pub owner: Owner,
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
    /// What has to go if this name is not to be brought in any more: the name and a comma, or the whole line.
    pub leaf: TextRange,
    /// What stays of that: of two names in braces, the other one.
    pub keep: Option<TextRange>,
    /// Where the name before it in its braces ends, if there is one.
    pub after: Option<u32>,
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
