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

mod expr;
mod item;
mod print;
mod read;

pub use expr::{Arm, BinaryOp, BlockKind, Expr, Lit, MacroCall, MacroShape, Pat, Path, Ty, UnaryOp};
pub use item::{
    Const, Field, Function, FunctionAttrs, Generic, Impl, Import, Instrument, Module, ModuleKind, Owner, Param,
    SelfParam, Suppression, TypeItem, TypeKind, Visibility,
};

/// Changes whenever the meaning of a serialised summary does; part of the cache key.
pub const SCHEMA: u32 = 11;

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
    /// Where each type stands, parentheses around it excluded; parallel to `tys`.
    pub ty_ranges: Vec<TextRange>,
    /// One past the `;` of each expression statement that has one, sorted.
    pub semicolons: Vec<u32>,
    /// Statements with attributes: where each begins without them, and where with them. Sorted.
    pub attributed: Vec<(u32, u32)>,
    /// Paths as written.
    pub paths: Vec<Path>,
    /// Arms of `match` and of `select!`.
    pub arms: Vec<Arm>,
    /// Macro calls in bodies.
    pub macros: Vec<MacroCall>,
    /// Macro calls in whose place stands what their definitions make of them, sorted: nothing in there is the text of
    /// what is told to stand there.
    pub expanded: Vec<TextRange>,
    /// Names that stand in the bodies of `macro_rules!`, of which nothing else is known.
    pub macro_mentions: Vec<Name>,
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
