//! Macro calls in bodies: which grammar their tokens follow, and what is left of them.

use super::block::block;
use super::cx::Cx;
use super::expand::{Became, expanded, in_body};
use super::expr::{add_arm, expr};
use super::format::captures;
use super::grammar::{Args, Body, Grammar, Select, SelectBranch, mentioned, read, without_await};
use super::pat::pat;
use super::ty::path;
use proc_macro2::TokenStream;
use rustc_hash::FxHashSet;
use spawnlint_analysis::facts::{Arm, BlockKind, Expr, ExprId, Id, List, MacroCall, MacroId, MacroShape, Name, PathId};
use spawnlint_analysis::span::TextRange;
use std::mem;

/// Lowers a macro call, or what it becomes.
pub(super) fn macro_call(cx: &mut Cx<'_>, it: &mut syn::Macro) -> ExprId {
    if let Some(id) = expanded_call(cx, it) {
        return id;
    }
    let path = path(cx, &it.path, None);
    let inside = cx.range(it.delimiter.span().join());
    let range = TextRange::new(cx.out.paths[path.index()].range.start, inside.end);
    let mut tokens = mem::take(&mut it.tokens);
    let name = it.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    let mut grammar = Grammar::of(name.trim_start_matches("r#"), &it.delimiter);
    if !cx.may_read(inside) || grammar == Grammar::Brackets && is_table(cx.text_in(inside)) {
        grammar = Grammar::Opaque;
    }
    if grammar == Grammar::Stream {
        tokens = prepare_stream(cx, tokens);
    }
    let body = read(grammar, tokens);
    lower_body(cx, Call { path, range, inside }, grammar, body)
}

/// What a macro call becomes, as one expression.
fn expanded_call(cx: &mut Cx<'_>, it: &syn::Macro) -> Option<ExprId> {
    became(cx, it, became_one)
}

/// Lowers what a macro call in a body becomes. What means something by its name keeps its meaning.
pub(super) fn became<R>(
    cx: &mut Cx<'_>,
    it: &syn::Macro,
    lower: impl FnOnce(&mut Cx<'_>, &syn::Macro, Became) -> R,
) -> Option<R> {
    if cx.expanding.is_idle() {
        return None;
    }
    let name = it.path.segments.last()?.ident.to_string();
    if !matches!(Grammar::of(&name, &it.delimiter), Grammar::Any | Grammar::Brackets) {
        return None;
    }
    let is_test = cx.in_test;
    expanded(cx, it, is_test, in_body, |cx, became| lower(cx, it, became))
}

/// Lowers what a macro call becomes as one expression.
pub(super) fn became_one(cx: &mut Cx<'_>, it: &syn::Macro, became: Became) -> ExprId {
    match became {
        Became::Value(mut value) => expr(cx, &mut value),
        Became::Block(mut stmts) | Became::Statements(mut stmts) => {
            let range = cx.place_of(it);
            block(cx, &mut stmts, BlockKind::Plain, None, range)
        }
    }
}

/// How many bytes of numbers are a table, and no list that code reads one by one.
const TABLE: usize = 256;

/// Whether nothing but numbers stands between brackets, and many of them: the bytes of a packet or a picture, of which
/// each would become an expression.
fn is_table(text: &str) -> bool {
    let Some(inside) = text.get(1..text.len().saturating_sub(1)).filter(|inside| inside.len() >= TABLE) else {
        return false;
    };
    let mut numbers = inside.split(|it: char| it == ',' || it.is_ascii_whitespace()).filter(|it| !it.is_empty());
    numbers.all(|it| it.starts_with(|first: char| first.is_ascii_digit()) && it.bytes().all(is_of_number))
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Remembers each `for await` of a stream and makes a plain `for` of it.
fn prepare_stream(cx: &mut Cx<'_>, tokens: TokenStream) -> TokenStream {
    let mut loops = vec![];
    let tokens = without_await(tokens, &mut loops);
    for span in loops {
        let start = cx.start(span);
        cx.await_loops.insert(start);
    }
    tokens
}

/// A macro call: its path, its whole range, and the range of its delimiters.
struct Call {
    path: PathId,
    range: TextRange,
    inside: TextRange,
}

fn lower_body(cx: &mut Cx<'_>, call: Call, grammar: Grammar, body: Body) -> ExprId {
    match body {
        Body::Args(mut args) if grammar == Grammar::Try && args.exprs.len() == 1 => {
            let inner = expr(cx, &mut args.exprs[0]);
            cx.add_expr(Expr::Try(inner), call.range)
        }
        Body::Args(args) => lower_args(cx, call, args),
        Body::Select(select) => lower_select(cx, call, select),
        Body::Blocks(blocks) => lower_blocks(cx, call, grammar, blocks),
        Body::Opaque(tokens) => {
            let mentions = mentioned_names(cx, vec![], tokens);
            add(cx, call, MacroShape::Opaque, |it| it.mentions = mentions)
        }
    }
}

fn add(cx: &mut Cx<'_>, call: Call, shape: MacroShape, fill: impl FnOnce(&mut MacroCall)) -> ExprId {
    let (args, arms, mentions) = (List::EMPTY, List::EMPTY, List::EMPTY);
    let mut it = MacroCall { path: call.path, shape, args, arms, otherwise: None, mentions, has_parent: false };
    fill(&mut it);
    cx.out.macros.push(it);
    let id = MacroId::from_index(cx.out.macros.len() - 1);
    let it = if shape == MacroShape::Select { Expr::Select(id) } else { Expr::Macro(id) };
    cx.add_expr(it, call.range)
}

fn lower_args(cx: &mut Cx<'_>, call: Call, mut it: Args) -> ExprId {
    let mut captured = vec![];
    for text in it.exprs.iter().filter_map(string_literal) {
        captures(&text.value(), &mut |name| {
            if !it.named.iter().any(|named| named == name) {
                captured.push(cx.intern(name));
            }
        });
    }
    let mark = cx.mark();
    for arg in &mut it.exprs {
        let id = expr(cx, arg);
        cx.push(id);
    }
    let args = cx.finish(mark);
    let mentions = mentioned_names(cx, captured, it.skipped);
    let has_parent = it.has_parent;
    add(cx, call, MacroShape::Exprs, |it| (it.args, it.mentions, it.has_parent) = (args, mentions, has_parent))
}

fn string_literal(it: &syn::Expr) -> Option<&syn::LitStr> {
    match it {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

fn lower_select(cx: &mut Cx<'_>, call: Call, it: Select) -> ExprId {
    let mark = cx.mark();
    for SelectBranch { pat: bound, mut future, guard, mut body } in it.branches {
        let pat = pat(cx, &bound);
        let future = Some(expr(cx, &mut future));
        let guard = guard.map(|mut guard| expr(cx, &mut guard));
        let body = expr(cx, &mut body);
        let id = add_arm(cx, Arm { pat, future, guard, body, range: TextRange::default() });
        cx.push(id);
    }
    let arms = cx.finish(mark);
    let mark = cx.mark();
    let mut last = None;
    for mut handler in it.otherwise {
        let id = expr(cx, &mut handler);
        cx.push(id);
        last = Some(id);
    }
    let mut otherwise = last;
    let handlers: List<ExprId> = cx.finish(mark);
    if handlers.len > 1 {
        // `complete` and `default` both: either may run, one after the other is near enough.
        let it = Expr::Block { kind: BlockKind::Plain, label: None, stmts: handlers, has_tail: true };
        otherwise = Some(cx.add_expr(it, call.inside));
    }
    add(cx, call, MacroShape::Select, |it| (it.arms, it.otherwise) = (arms, otherwise))
}

/// One block is the argument; several, the branches of `cfg_if!`, stand in a block around them.
fn lower_blocks(cx: &mut Cx<'_>, call: Call, grammar: Grammar, mut blocks: Vec<Vec<syn::Stmt>>) -> ExprId {
    let kind = if grammar == Grammar::Stream { BlockKind::Async } else { BlockKind::Plain };
    let outer = match &mut blocks[..] {
        [only] => block(cx, only, kind, None, call.inside),
        all => {
            let mark = cx.mark();
            for stmts in all {
                let id = block(cx, stmts, BlockKind::Plain, None, call.inside);
                cx.push(id);
            }
            let stmts = cx.finish(mark);
            cx.add_expr(Expr::Block { kind, label: None, stmts, has_tail: false }, call.inside)
        }
    };
    let mark = cx.mark();
    cx.push(outer);
    let args = cx.finish(mark);
    add(cx, call, MacroShape::Block, |it| it.args = args)
}

/// The names in the body of a `macro_rules!`: what it does is done where it is called.
pub(super) fn mention_in_definition(cx: &mut Cx<'_>, tokens: TokenStream) {
    let mut all = vec![];
    mentioned(tokens, &mut |ident| all.push(cx.name(ident)), &mut vec![]);
    all.sort();
    all.dedup();
    cx.out.macro_mentions.extend(all);
}

/// Each name once: the given ones, then the identifiers of the tokens, then what their strings capture.
fn mentioned_names(cx: &mut Cx<'_>, first: Vec<Name>, tokens: TokenStream) -> List<Name> {
    let mut all = first;
    let mut texts = vec![];
    mentioned(tokens, &mut |ident| all.push(cx.name(ident)), &mut texts);
    for text in texts {
        captures(&text, &mut |name| all.push(cx.intern(name)));
    }
    let mut seen = FxHashSet::default();
    let mark = cx.mark();
    for name in all {
        if seen.insert(name) {
            cx.push(name);
        }
    }
    cx.finish(mark)
}
