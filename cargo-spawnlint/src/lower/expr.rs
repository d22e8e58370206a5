//! Expressions, children first.

use super::attrs::is_left_out;
use super::block::{block, braced};
use super::cx::Cx;
use super::macros::macro_call;
use super::pat::{lit, member, pat};
use super::ty::{path, turbofish, ty, ty_end};
use proc_macro2::Span;
use spawnlint_analysis::facts::{Arm, ArmId, BinaryOp, BlockKind, Expr, ExprId, Id, List, Name, UnaryOp};
use spawnlint_analysis::span::TextRange;
use syn::punctuated::{Pair, Punctuated};
use syn::spanned::Spanned;
use syn::{BinOp, Expr as SynExpr};

/// Lowers an expression and all its children before it.
///
/// A thin dispatch, since deep sources go through here once for each level and each level holds its frame.
pub(super) fn expr(cx: &mut Cx<'_>, it: &mut SynExpr) -> ExprId {
    match it {
        SynExpr::Path(it) => path_expr(cx, it),
        SynExpr::Lit(it) => literal(cx, it),
        SynExpr::Call(it) => call(cx, it),
        SynExpr::MethodCall(it) => method_call(cx, it),
        SynExpr::Field(it) => field(cx, it),
        SynExpr::Index(it) => index(cx, it),
        SynExpr::Await(it) => postfix(cx, &mut it.base, it.await_token.span, Expr::Await),
        SynExpr::Try(it) => postfix(cx, &mut it.expr, it.question_token.span, Expr::Try),
        SynExpr::Reference(it) => {
            let mutable = it.mutability.is_some();
            prefix(cx, &mut it.expr, it.and_token.span, |expr| Expr::Ref { mutable, expr })
        }
        SynExpr::RawAddr(it) => {
            let mutable = matches!(it.mutability, syn::PointerMutability::Mut(_));
            prefix(cx, &mut it.expr, it.and_token.span, |expr| Expr::Ref { mutable, expr })
        }
        SynExpr::Unary(it) => unary(cx, it),
        SynExpr::Binary(it) => binary(cx, it),
        SynExpr::Assign(it) => infix(cx, &mut it.left, &mut it.right, |lhs, rhs| Expr::Assign { op: None, lhs, rhs }),
        SynExpr::Infer(it) => leaf(cx, it.underscore_token.span, Expr::Underscore),
        SynExpr::Cast(it) => cast(cx, it),
        SynExpr::Block(it) => labelled_block(cx, it),
        SynExpr::Unsafe(it) => plain_block(cx, it.unsafe_token.span, &mut it.block),
        SynExpr::Const(it) => plain_block(cx, it.const_token.span, &mut it.block),
        SynExpr::TryBlock(it) => plain_block(cx, it.try_token.span, &mut it.block),
        SynExpr::Async(it) => async_block(cx, it),
        SynExpr::If(it) => if_expr(cx, it),
        SynExpr::Let(it) => let_expr(cx, it),
        SynExpr::Match(it) => match_expr(cx, it),
        SynExpr::Loop(it) => loop_expr(cx, it),
        SynExpr::While(it) => while_expr(cx, it),
        SynExpr::ForLoop(it) => for_expr(cx, it),
        SynExpr::Break(it) => break_expr(cx, it),
        SynExpr::Continue(it) => continue_expr(cx, it),
        SynExpr::Return(it) => optional(cx, it.expr.as_deref_mut(), it.return_token.span, Expr::Return),
        SynExpr::Yield(it) => optional(cx, it.expr.as_deref_mut(), it.yield_token.span, Expr::Yield),
        SynExpr::Closure(it) => closure(cx, it),
        SynExpr::Struct(it) => structure(cx, it),
        SynExpr::Tuple(it) => {
            let list = exprs(cx, &mut it.elems);
            leaf(cx, it.paren_token.span.join(), Expr::Tuple(list))
        }
        SynExpr::Array(it) => {
            let list = exprs(cx, &mut it.elems);
            leaf(cx, it.bracket_token.span.join(), Expr::Array(list))
        }
        SynExpr::Repeat(it) => repeat(cx, it),
        SynExpr::Range(it) => range_expr(cx, it),
        SynExpr::Macro(it) => macro_call(cx, &mut it.mac),
        SynExpr::Paren(it) => paren(cx, it),
        SynExpr::Group(it) => expr(cx, &mut it.expr),
        other => leaf(cx, other.span(), Expr::Unknown),
    }
}

/// Lowers a list of expressions.
pub(super) fn exprs<P>(cx: &mut Cx<'_>, all: &mut Punctuated<SynExpr, P>) -> List<ExprId> {
    let mark = cx.mark();
    for it in all.pairs_mut().map(Pair::into_value) {
        let id = expr(cx, it);
        cx.push(id);
    }
    cx.finish(mark)
}

fn leaf(cx: &mut Cx<'_>, span: Span, it: Expr) -> ExprId {
    let range = cx.range(span);
    cx.add_expr(it, range)
}

fn path_expr(cx: &mut Cx<'_>, it: &syn::ExprPath) -> ExprId {
    let id = path(cx, &it.path, it.qself.as_ref());
    let range = cx.out[id].range;
    cx.add_expr(Expr::Path(id), range)
}

fn literal(cx: &mut Cx<'_>, it: &syn::ExprLit) -> ExprId {
    let lowered = Expr::Lit(lit(cx, &it.lit));
    leaf(cx, it.lit.span(), lowered)
}

fn call(cx: &mut Cx<'_>, it: &mut syn::ExprCall) -> ExprId {
    let callee = expr(cx, &mut it.func);
    let args = exprs(cx, &mut it.args);
    let range = cx.until(cx.at(callee).start, it.paren_token.span.join());
    cx.add_expr(Expr::Call { callee, args }, range)
}

fn method_call(cx: &mut Cx<'_>, it: &mut syn::ExprMethodCall) -> ExprId {
    let receiver = expr(cx, &mut it.receiver);
    let method = cx.name(&it.method);
    let turbofish = it.turbofish.as_ref().map(|it| turbofish(cx, it));
    let args = exprs(cx, &mut it.args);
    let range = cx.until(cx.at(receiver).start, it.paren_token.span.join());
    cx.add_expr(Expr::MethodCall { receiver, method, turbofish, args }, range)
}

fn field(cx: &mut Cx<'_>, it: &mut syn::ExprField) -> ExprId {
    let base = expr(cx, &mut it.base);
    let (name, at) = member(cx, &it.member);
    let range = TextRange::new(cx.at(base).start, at.end);
    cx.add_expr(Expr::Field { base, name }, range)
}

fn index(cx: &mut Cx<'_>, it: &mut syn::ExprIndex) -> ExprId {
    let base = expr(cx, &mut it.expr);
    let index = expr(cx, &mut it.index);
    let range = cx.until(cx.at(base).start, it.bracket_token.span.join());
    cx.add_expr(Expr::Index { base, index }, range)
}

fn postfix(cx: &mut Cx<'_>, it: &mut SynExpr, last: Span, wrap: fn(ExprId) -> Expr) -> ExprId {
    let inner = expr(cx, it);
    let range = cx.until(cx.at(inner).start, last);
    cx.add_expr(wrap(inner), range)
}

fn prefix(cx: &mut Cx<'_>, it: &mut SynExpr, first: Span, wrap: impl Fn(ExprId) -> Expr) -> ExprId {
    let inner = expr(cx, it);
    let range = TextRange::new(cx.start(first), cx.at(inner).end);
    cx.add_expr(wrap(inner), range)
}

fn infix(cx: &mut Cx<'_>, left: &mut SynExpr, right: &mut SynExpr, wrap: impl Fn(ExprId, ExprId) -> Expr) -> ExprId {
    let lhs = expr(cx, left);
    let rhs = expr(cx, right);
    let range = cx.at(lhs).cover(cx.at(rhs));
    cx.add_expr(wrap(lhs, rhs), range)
}

/// `keyword` or `keyword value`.
fn optional(cx: &mut Cx<'_>, it: Option<&mut SynExpr>, first: Span, wrap: fn(Option<ExprId>) -> Expr) -> ExprId {
    let value = it.map(|it| expr(cx, it));
    let mut range = cx.range(first);
    if let Some(value) = value {
        range.end = cx.at(value).end;
    }
    cx.add_expr(wrap(value), range)
}

fn unary(cx: &mut Cx<'_>, it: &mut syn::ExprUnary) -> ExprId {
    let (op, first) = match &it.op {
        syn::UnOp::Deref(token) => (UnaryOp::Deref, token.span),
        syn::UnOp::Not(token) => (UnaryOp::Not, token.span),
        syn::UnOp::Neg(token) => (UnaryOp::Neg, token.span),
        _ => return leaf(cx, it.span(), Expr::Unknown),
    };
    prefix(cx, &mut it.expr, first, |expr| Expr::Unary { op, expr })
}

fn binary(cx: &mut Cx<'_>, it: &mut syn::ExprBinary) -> ExprId {
    let Some((op, assigns)) = binary_op(&it.op) else { return leaf(cx, it.span(), Expr::Unknown) };
    infix(cx, &mut it.left, &mut it.right, |lhs, rhs| match assigns {
        true => Expr::Assign { op: Some(op), lhs, rhs },
        false => Expr::Binary { op, lhs, rhs },
    })
}

fn binary_op(op: &BinOp) -> Option<(BinaryOp, bool)> {
    Some(match op {
        BinOp::Add(_) => (BinaryOp::Add, false),
        BinOp::Sub(_) => (BinaryOp::Sub, false),
        BinOp::Mul(_) => (BinaryOp::Mul, false),
        BinOp::Div(_) => (BinaryOp::Div, false),
        BinOp::Rem(_) => (BinaryOp::Rem, false),
        BinOp::And(_) => (BinaryOp::And, false),
        BinOp::Or(_) => (BinaryOp::Or, false),
        BinOp::BitXor(_) => (BinaryOp::BitXor, false),
        BinOp::BitAnd(_) => (BinaryOp::BitAnd, false),
        BinOp::BitOr(_) => (BinaryOp::BitOr, false),
        BinOp::Shl(_) => (BinaryOp::Shl, false),
        BinOp::Shr(_) => (BinaryOp::Shr, false),
        BinOp::Eq(_) => (BinaryOp::Eq, false),
        BinOp::Lt(_) => (BinaryOp::Lt, false),
        BinOp::Le(_) => (BinaryOp::Le, false),
        BinOp::Ne(_) => (BinaryOp::Ne, false),
        BinOp::Ge(_) => (BinaryOp::Ge, false),
        BinOp::Gt(_) => (BinaryOp::Gt, false),
        BinOp::AddAssign(_) => (BinaryOp::Add, true),
        BinOp::SubAssign(_) => (BinaryOp::Sub, true),
        BinOp::MulAssign(_) => (BinaryOp::Mul, true),
        BinOp::DivAssign(_) => (BinaryOp::Div, true),
        BinOp::RemAssign(_) => (BinaryOp::Rem, true),
        BinOp::BitXorAssign(_) => (BinaryOp::BitXor, true),
        BinOp::BitAndAssign(_) => (BinaryOp::BitAnd, true),
        BinOp::BitOrAssign(_) => (BinaryOp::BitOr, true),
        BinOp::ShlAssign(_) => (BinaryOp::Shl, true),
        BinOp::ShrAssign(_) => (BinaryOp::Shr, true),
        _ => return None,
    })
}

fn cast(cx: &mut Cx<'_>, it: &mut syn::ExprCast) -> ExprId {
    let inner = expr(cx, &mut it.expr);
    let ty = ty(cx, &it.ty);
    let range = TextRange::new(cx.at(inner).start, ty_end(cx, &it.ty));
    cx.add_expr(Expr::Cast { expr: inner, ty }, range)
}

fn labelled_block(cx: &mut Cx<'_>, it: &mut syn::ExprBlock) -> ExprId {
    let (label, start) = label(cx, it.label.as_ref(), it.block.brace_token.span.open());
    let range = cx.until(start, it.block.brace_token.span.join());
    block(cx, &mut it.block.stmts, BlockKind::Plain, label, range)
}

fn plain_block(cx: &mut Cx<'_>, first: Span, it: &mut syn::Block) -> ExprId {
    let range = cx.between(first, it.brace_token.span.join());
    block(cx, &mut it.stmts, BlockKind::Plain, None, range)
}

fn async_block(cx: &mut Cx<'_>, it: &mut syn::ExprAsync) -> ExprId {
    let kind = if it.capture.is_some() { BlockKind::AsyncMove } else { BlockKind::Async };
    let range = cx.between(it.async_token.span, it.block.brace_token.span.join());
    block(cx, &mut it.block.stmts, kind, None, range)
}

/// A label, and the offset where the expression begins that may have one.
fn label(cx: &mut Cx<'_>, it: Option<&syn::Label>, first: Span) -> (Option<Name>, u32) {
    match it {
        Some(it) => (Some(cx.lifetime(&it.name)), cx.start(it.name.apostrophe)),
        None => (None, cx.start(first)),
    }
}

fn if_expr(cx: &mut Cx<'_>, it: &mut syn::ExprIf) -> ExprId {
    let cond = expr(cx, &mut it.cond);
    let then = braced(cx, &mut it.then_branch);
    let otherwise = it.else_branch.as_mut().map(|(_, it)| expr(cx, it));
    let end = cx.at(otherwise.unwrap_or(then)).end;
    let range = TextRange::new(cx.start(it.if_token.span), end);
    cx.add_expr(Expr::If { cond, then, otherwise }, range)
}

fn let_expr(cx: &mut Cx<'_>, it: &mut syn::ExprLet) -> ExprId {
    let pat = pat(cx, &it.pat);
    prefix(cx, &mut it.expr, it.let_token.span, |expr| Expr::Let { pat, expr })
}

fn match_expr(cx: &mut Cx<'_>, it: &mut syn::ExprMatch) -> ExprId {
    let scrutinee = expr(cx, &mut it.expr);
    let mark = cx.mark();
    for it in &mut it.arms {
        if is_left_out(cx, &it.attrs) {
            continue;
        }
        let id = match_arm(cx, it);
        cx.push(id);
    }
    let arms = cx.finish(mark);
    let range = cx.between(it.match_token.span, it.brace_token.span.join());
    cx.add_expr(Expr::Match { scrutinee, arms }, range)
}

fn match_arm(cx: &mut Cx<'_>, it: &mut syn::Arm) -> ArmId {
    let pat = pat(cx, &it.pat);
    let guard = match &mut it.pat {
        syn::Pat::Guard(it) => Some(expr(cx, &mut it.guard)),
        _ => None,
    };
    let body = expr(cx, &mut it.body);
    add_arm(cx, Arm { pat, future: None, guard, body, range: TextRange::default() })
}

/// Adds an arm, which reaches from its pattern to the end of its body.
pub(super) fn add_arm(cx: &mut Cx<'_>, mut arm: Arm) -> ArmId {
    arm.range = TextRange::new(cx.pat_at(arm.pat).start, cx.at(arm.body).end);
    cx.out.arms.push(arm);
    ArmId::from_index(cx.out.arms.len() - 1)
}

fn loop_expr(cx: &mut Cx<'_>, it: &mut syn::ExprLoop) -> ExprId {
    let (label, start) = label(cx, it.label.as_ref(), it.loop_token.span);
    let body = braced(cx, &mut it.body);
    let range = TextRange::new(start, cx.at(body).end);
    cx.add_expr(Expr::Loop { label, body }, range)
}

fn while_expr(cx: &mut Cx<'_>, it: &mut syn::ExprWhile) -> ExprId {
    let (label, start) = label(cx, it.label.as_ref(), it.while_token.span);
    let cond = expr(cx, &mut it.cond);
    let body = braced(cx, &mut it.body);
    let range = TextRange::new(start, cx.at(body).end);
    cx.add_expr(Expr::While { label, cond, body }, range)
}

fn for_expr(cx: &mut Cx<'_>, it: &mut syn::ExprForLoop) -> ExprId {
    let (label, start) = label(cx, it.label.as_ref(), it.for_token.span);
    let is_await = !cx.await_loops.is_empty() && cx.await_loops.contains(&cx.start(it.for_token.span));
    let pat = pat(cx, &it.pat);
    let iter = expr(cx, &mut it.expr);
    let body = braced(cx, &mut it.body);
    let range = TextRange::new(start, cx.at(body).end);
    cx.add_expr(Expr::For { label, pat, iter, body, is_await }, range)
}

fn break_expr(cx: &mut Cx<'_>, it: &mut syn::ExprBreak) -> ExprId {
    let mut range = cx.range(it.break_token.span);
    let label = it.label.as_ref().map(|it| cx.lifetime(it));
    if let Some(label) = &it.label {
        range.end = cx.end(label.ident.span());
    }
    let value = it.expr.as_deref_mut().map(|it| expr(cx, it));
    if let Some(value) = value {
        range.end = cx.at(value).end;
    }
    cx.add_expr(Expr::Break { label, value }, range)
}

fn continue_expr(cx: &mut Cx<'_>, it: &syn::ExprContinue) -> ExprId {
    let label = it.label.as_ref().map(|it| cx.lifetime(it));
    let last = it.label.as_ref().map_or(it.continue_token.span, |it| it.ident.span());
    let range = cx.between(it.continue_token.span, last);
    cx.add_expr(Expr::Continue { label }, range)
}

fn closure(cx: &mut Cx<'_>, it: &mut syn::ExprClosure) -> ExprId {
    let mark = cx.mark();
    for pair in it.inputs.pairs() {
        let id = pat(cx, pair.value());
        cx.push(id);
    }
    let params = cx.finish(mark);
    let body = expr(cx, &mut it.body);
    let first = it.constness.as_ref().map(|token| token.span);
    let first = first.or(it.asyncness.as_ref().map(|token| token.span));
    let first = first.or(it.capture.as_ref().map(|token| token.span)).unwrap_or(it.inputs_begin.span);
    let range = TextRange::new(cx.start(first), cx.at(body).end);
    let (is_async, is_move) = (it.asyncness.is_some(), it.capture.is_some());
    cx.add_expr(Expr::Closure { params, body, is_async, is_move }, range)
}

fn structure(cx: &mut Cx<'_>, it: &mut syn::ExprStruct) -> ExprId {
    let path = path(cx, &it.path, it.qself.as_ref());
    let mark = cx.mark();
    for pair in it.fields.pairs_mut() {
        let field = pair.into_value();
        if is_left_out(cx, &field.attrs) {
            continue;
        }
        let (name, at) = member(cx, &field.member);
        let value = expr(cx, &mut field.expr);
        let range = at.cover(cx.at(value));
        let id = cx.add_expr(Expr::FieldInit { name, value }, range);
        cx.push(id);
    }
    let fields = cx.finish(mark);
    let base = it.rest.as_deref_mut().map(|it| expr(cx, it));
    let range = cx.until(cx.out[path].range.start, it.brace_token.span.join());
    cx.add_expr(Expr::Struct { path, fields, base }, range)
}

fn repeat(cx: &mut Cx<'_>, it: &mut syn::ExprRepeat) -> ExprId {
    let value = expr(cx, &mut it.expr);
    let len = expr(cx, &mut it.len);
    leaf(cx, it.bracket_token.span.join(), Expr::Repeat { value, len })
}

fn range_expr(cx: &mut Cx<'_>, it: &mut syn::ExprRange) -> ExprId {
    let start = it.start.as_deref_mut().map(|it| expr(cx, it));
    let end = it.end.as_deref_mut().map(|it| expr(cx, it));
    let mut range = cx.range(it.limits.span());
    if let Some(start) = start {
        range.start = cx.at(start).start;
    }
    if let Some(end) = end {
        range.end = cx.at(end).end;
    }
    cx.add_expr(Expr::Range { start, end }, range)
}

/// Parentheses leave no expression of their own, but what they hold stands where they stand:
/// `(a).b` begins at its parenthesis.
fn paren(cx: &mut Cx<'_>, it: &mut syn::ExprParen) -> ExprId {
    let inner = expr(cx, &mut it.expr);
    cx.out.expr_ranges[inner.index()] = cx.range(it.paren_token.span.join());
    inner
}
