//! What one variable of a matcher takes.

use super::{Fragment, matching::is_joint};
use proc_macro2::TokenTree;
use syn::{
    Token,
    buffer::Cursor,
    ext::IdentExt as _,
    parse::{Parse, ParseBuffer, discouraged::Speculative as _},
};

/// Operators of several characters, each of which is one token tree.
const OPERATORS: [&str; 25] = [
    "<<=", ">>=", "...", "..=", "&&", "||", "==", "!=", "<=", ">=", "->", "=>", "::", "..", "+=", "-=", "*=", "/=",
    "%=", "^=", "&=", "|=", "<<", ">>", "<-",
];

/// Takes what a fragment of this kind is off the input.
pub(super) fn take(kind: Fragment, input: &ParseBuffer<'_>) -> Option<Vec<TokenTree>> {
    let begin = input.cursor();
    let ahead = input.fork();
    match kind {
        Fragment::Block => parse::<syn::Block>(&ahead)?,
        Fragment::Expr => parse::<syn::Expr>(&ahead)?,
        Fragment::Ident => {
            let is_ident = ahead.call(syn::Ident::parse_any).is_ok_and(|it| it != "_");
            is_ident.then_some(())?;
        }
        Fragment::Item => parse::<syn::Item>(&ahead)?,
        Fragment::Lifetime => parse::<syn::Lifetime>(&ahead)?,
        Fragment::Literal => {
            ahead.parse::<Option<Token![-]>>().ok()?;
            parse::<syn::Lit>(&ahead)?;
        }
        Fragment::Meta => parse::<syn::Meta>(&ahead)?,
        Fragment::Pat => ahead.call(syn::Pat::parse_multi_with_leading_vert).ok().map(drop)?,
        Fragment::PatOfParameter => ahead.call(syn::Pat::parse_single).ok().map(drop)?,
        Fragment::Path => parse::<syn::Path>(&ahead)?,
        Fragment::Stmt => statement(&ahead)?,
        Fragment::Ty => parse::<syn::Type>(&ahead)?,
        Fragment::Tt => token_tree(&ahead)?,
        Fragment::Vis => parse::<syn::Visibility>(&ahead)?,
    }
    input.advance_to(&ahead);
    let mut tokens = between(begin, ahead.cursor());
    if kind == Fragment::Expr && tokens.len() > 1 {
        let group = proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens.into_iter().collect());
        tokens = vec![TokenTree::Group(group)];
    }
    Some(tokens)
}

fn parse<T: Parse>(input: &ParseBuffer<'_>) -> Option<()> {
    input.parse::<T>().ok().map(drop)
}

/// A statement without its semicolon.
fn statement(input: &ParseBuffer<'_>) -> Option<()> {
    if !input.peek(Token![let]) {
        let item = input.fork();
        if item.parse::<syn::Item>().is_ok() {
            input.advance_to(&item);
            return Some(());
        }
        return parse::<syn::Expr>(input);
    }
    while !input.is_empty() && !input.peek(Token![;]) {
        input.parse::<TokenTree>().ok()?;
    }
    Some(())
}

/// A token, as the language counts them, or a group.
fn token_tree(input: &ParseBuffer<'_>) -> Option<()> {
    if input.peek(syn::Lifetime) {
        return parse::<syn::Lifetime>(input);
    }
    let mut operator = String::new();
    let mut best = 0;
    let look = input.fork();
    while operator.len() < 3
        && let Ok(token) = look.parse::<TokenTree>()
        && let TokenTree::Punct(punct) = &token
    {
        operator.push(punct.as_char());
        if OPERATORS.contains(&operator.as_str()) {
            best = operator.len();
        }
        if !is_joint(&token) {
            break;
        }
    }
    for _ in 0..best.max(1) {
        parse::<TokenTree>(input)?;
    }
    Some(())
}

fn between(mut from: Cursor<'_>, to: Cursor<'_>) -> Vec<TokenTree> {
    let mut tokens = vec![];
    while from < to
        && let Some((token, next)) = from.token_tree()
    {
        tokens.push(token);
        from = next;
    }
    tokens
}
