//! Blocks and statements.

use super::attrs::is_left_out;
use super::cx::Cx;
use super::expand::Became;
use super::expr::expr;
use super::item_macros::defines_items;
use super::macros::{became, became_one, macro_call};
use super::pat::pat;
use super::ty::ty;
use proc_macro2::{Span, TokenStream};
use spawnlint_analysis::facts::{BlockKind, Expr, ExprId, List, Name};
use spawnlint_analysis::span::TextRange;
use std::mem;
use syn::{Item, Stmt};

/// Lowers `{ .. }`.
pub(super) fn braced(cx: &mut Cx<'_>, it: &mut syn::Block) -> ExprId {
    let range = cx.braces(&it.brace_token);
    block(cx, &mut it.stmts, BlockKind::Plain, None, range)
}

/// Lowers the statements of a block and the block itself.
pub(super) fn block(
    cx: &mut Cx<'_>,
    stmts: &mut [Stmt],
    kind: BlockKind,
    label: Option<Name>,
    range: TextRange,
) -> ExprId {
    let (stmts, has_tail) = statements(cx, stmts);
    cx.add_expr(Expr::Block { kind, label, stmts, has_tail }, range)
}

fn statements(cx: &mut Cx<'_>, stmts: &mut [Stmt]) -> (List<ExprId>, bool) {
    let mark = cx.mark();
    let has_tail = push_statements(cx, stmts);
    (cx.finish(mark), has_tail)
}

/// Lowers statements into the list that was begun last. Tells whether the last one is the value.
fn push_statements(cx: &mut Cx<'_>, stmts: &mut [Stmt]) -> bool {
    let mut has_tail = false;
    for it in stmts {
        has_tail = matches!(it, Stmt::Expr(_, None)) || matches!(it, Stmt::Macro(it) if it.semi_token.is_none());
        let semicolon = match it {
            Stmt::Expr(_, semi) => semi.as_ref().map(|semi| semi.span),
            Stmt::Macro(it) => it.semi_token.as_ref().map(|semi| semi.span),
            _ => None,
        };
        if let Some(semicolon) = semicolon {
            let end = cx.end(semicolon);
            cx.out.semicolons.push(end);
        }
        if let Stmt::Macro(it) = it
            && let Some(value) = expanded_statements(cx, it)
        {
            has_tail = value;
            continue;
        }
        let attribute = first_attribute(it);
        match statement(cx, it) {
            Some(id) => {
                if let Some(attribute) = attribute {
                    let (start, attribute) = (cx.out.range(id).start, cx.start(attribute));
                    cx.out.attributed.push((start, attribute));
                }
                cx.push(id);
            }
            None => has_tail = false,
        }
    }
    has_tail
}

/// Lowers what a macro call becomes into the list that was begun last. Tells whether a value comes last.
fn expanded_statements(cx: &mut Cx<'_>, it: &syn::StmtMacro) -> Option<bool> {
    if cx.expanding.is_idle() || defines_items(&it.mac) || is_left_out(cx, &it.attrs) {
        return None;
    }
    let has_value = it.semi_token.is_none();
    became(cx, &it.mac, |cx, mac, became| match became {
        // What they bind, the statements behind them see.
        Became::Statements(mut stmts) => push_statements(cx, &mut stmts) && has_value,
        became => {
            let id = became_one(cx, mac, became);
            cx.push(id);
            has_value
        }
    })
}

/// Lowers a statement; an item, an empty statement and one that is left out leave nothing.
fn statement(cx: &mut Cx<'_>, it: &mut Stmt) -> Option<ExprId> {
    match it {
        Stmt::Local(it) => (!is_left_out(cx, &it.attrs)).then(|| local(cx, it)),
        Stmt::Item(it) => {
            cx.pending.push(mem::replace(it, Item::Verbatim(TokenStream::new())));
            None
        }
        Stmt::Expr(syn::Expr::Verbatim(tokens), _) if tokens.is_empty() => None,
        Stmt::Expr(it, _) => (!is_left_out(cx, attrs(it))).then(|| expr(cx, it)),
        Stmt::Macro(it) if defines_items(&it.mac) => {
            let mac = it.mac.clone();
            let attrs = mem::take(&mut it.attrs);
            cx.pending.push(Item::Macro(syn::ItemMacro { attrs, ident: None, mac, semi_token: None }));
            None
        }
        Stmt::Macro(it) => (!is_left_out(cx, &it.attrs)).then(|| macro_call(cx, &mut it.mac)),
    }
}

/// Where the attributes of a statement begin.
fn first_attribute(it: &Stmt) -> Option<Span> {
    let attrs = match it {
        Stmt::Local(it) => &it.attrs,
        Stmt::Expr(it, _) => attrs(it),
        Stmt::Macro(it) => &it.attrs,
        Stmt::Item(_) => return None,
    };
    Some(attrs.first()?.pound_token.span)
}

/// The attributes of a statement that is an expression. The parser leaves them on what stands first in an assignment,
/// an operation or a cast.
fn attrs(it: &syn::Expr) -> &[syn::Attribute] {
    match it {
        syn::Expr::Assign(it) => attrs(&it.left),
        syn::Expr::Binary(it) => attrs(&it.left),
        syn::Expr::Cast(it) => attrs(&it.expr),
        syn::Expr::Array(it) => &it.attrs,
        syn::Expr::Async(it) => &it.attrs,
        syn::Expr::Await(it) => &it.attrs,
        syn::Expr::Block(it) => &it.attrs,
        syn::Expr::Break(it) => &it.attrs,
        syn::Expr::Call(it) => &it.attrs,
        syn::Expr::Closure(it) => &it.attrs,
        syn::Expr::Const(it) => &it.attrs,
        syn::Expr::Continue(it) => &it.attrs,
        syn::Expr::Field(it) => &it.attrs,
        syn::Expr::ForLoop(it) => &it.attrs,
        syn::Expr::Group(it) => &it.attrs,
        syn::Expr::If(it) => &it.attrs,
        syn::Expr::Index(it) => &it.attrs,
        syn::Expr::Infer(it) => &it.attrs,
        syn::Expr::Let(it) => &it.attrs,
        syn::Expr::Lit(it) => &it.attrs,
        syn::Expr::Loop(it) => &it.attrs,
        syn::Expr::Macro(it) => &it.attrs,
        syn::Expr::Match(it) => &it.attrs,
        syn::Expr::MethodCall(it) => &it.attrs,
        syn::Expr::Paren(it) => &it.attrs,
        syn::Expr::Path(it) => &it.attrs,
        syn::Expr::Range(it) => &it.attrs,
        syn::Expr::RawAddr(it) => &it.attrs,
        syn::Expr::Reference(it) => &it.attrs,
        syn::Expr::Repeat(it) => &it.attrs,
        syn::Expr::Return(it) => &it.attrs,
        syn::Expr::Struct(it) => &it.attrs,
        syn::Expr::Try(it) => &it.attrs,
        syn::Expr::TryBlock(it) => &it.attrs,
        syn::Expr::Tuple(it) => &it.attrs,
        syn::Expr::Unary(it) => &it.attrs,
        syn::Expr::Unsafe(it) => &it.attrs,
        syn::Expr::While(it) => &it.attrs,
        syn::Expr::Yield(it) => &it.attrs,
        // Tokens that the parser leaves alone have none. The enum may grow.
        _ => &[],
    }
}

fn local(cx: &mut Cx<'_>, it: &mut syn::Local) -> ExprId {
    let range = cx.between(it.let_token.span, it.semi_token.span);
    let (bound, annotation) = match &it.pat {
        syn::Pat::Type(it) => (&*it.pat, Some(&*it.ty)),
        bound => (bound, None),
    };
    let pat = pat(cx, bound);
    let ty = annotation.map(|it| ty(cx, it));
    let (mut init, mut otherwise) = (None, None);
    if let Some(it) = &mut it.init {
        init = Some(expr(cx, &mut it.expr));
        otherwise = it.diverge.as_mut().map(|(_, it)| expr(cx, it));
    }
    cx.add_expr(Expr::Local { pat, ty, init, otherwise }, range)
}
