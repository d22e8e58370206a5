//! What bodies are made of: expressions, patterns, types, paths, macro calls.

use super::{ArmId, ExprId, List, MacroId, Name, PatId, PathId, TyId};
use crate::span::TextRange;
use serde::{Deserialize, Serialize};

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
    /// Whether a span or event names its parent: `info_span!(parent: None, ..)`.
    pub has_parent: bool,
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
