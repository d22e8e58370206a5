//! Whether the tokens of a call match a matcher, and what its variables stand for.
//!
//! Repetitions take as much as they can, as those that people write want it. An arm that does not match is left for the
//! next, where the compiler would already complain of some.

use super::{Count, Tree, fragment};
use proc_macro2::{Spacing, TokenTree};
use rustc_hash::FxHashMap;
use syn::{
    Token,
    ext::IdentExt as _,
    parse::{ParseBuffer, ParseStream, discouraged::Speculative as _},
};

/// What variables stand for.
pub(super) type Bindings<'d> = FxHashMap<&'d str, Binding>;

/// What one variable stands for.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    /// Tokens.
    One(Vec<TokenTree>),
    /// Something for each turn of the repetition that it stands in.
    Many(Vec<Binding>),
}

/// What the variables stand for, if a matcher takes all of the input.
pub(super) fn matched<'d>(matcher: &'d [Tree], input: ParseStream<'_>) -> Option<Bindings<'d>> {
    let mut bound = Bindings::default();
    let input = input.fork();
    all(matcher, &input, &mut bound)?;
    input.is_empty().then_some(bound)
}

fn all<'d>(matcher: &'d [Tree], input: &ParseBuffer<'_>, bound: &mut Bindings<'d>) -> Option<()> {
    matcher.iter().try_for_each(|it| one(it, input, bound))
}

fn one<'d>(it: &'d Tree, input: &ParseBuffer<'_>, bound: &mut Bindings<'d>) -> Option<()> {
    match it {
        Tree::Ident(name) => {
            let ident = input.call(syn::Ident::parse_any).ok()?;
            (ident == name.as_str()).then_some(())
        }
        Tree::Punct(expected, _) => punct(*expected, input),
        Tree::Literal(expected) => {
            let literal: proc_macro2::Literal = input.parse().ok()?;
            (literal.to_string() == *expected).then_some(())
        }
        Tree::Crate => {
            input.parse::<Token![$]>().ok()?;
            input.parse::<Token![crate]>().ok().map(drop)
        }
        Tree::Group(delimiter, inside) => {
            let (cursor, found, _, _) = input.cursor().any_group()?;
            let _ = cursor;
            if found != *delimiter {
                return None;
            }
            let TokenTree::Group(group) = input.parse().ok()? else { return None };
            let inner = |input: ParseStream<'_>| {
                let matched = all(inside, input, bound).filter(|()| input.is_empty());
                input.parse::<proc_macro2::TokenStream>()?;
                Ok(matched)
            };
            syn::parse::Parser::parse2(inner, group.stream()).ok()?
        }
        Tree::Variable(name, kind) => {
            let tokens = fragment::take(kind.as_ref().copied()?, input)?;
            bound.insert(name, Binding::One(tokens));
            Some(())
        }
        Tree::Repeat { of, separator, count } => repeat(of, separator, *count, input, bound),
    }
}

fn punct(expected: char, input: &ParseBuffer<'_>) -> Option<()> {
    // The parser hands on a `'` only as part of a lifetime.
    let TokenTree::Punct(punct) = input.parse().ok()? else { return None };
    (punct.as_char() == expected).then_some(())
}

fn repeat<'d>(
    of: &'d [Tree],
    separator: &'d [Tree],
    count: Count,
    input: &ParseBuffer<'_>,
    bound: &mut Bindings<'d>,
) -> Option<()> {
    let mut names = vec![];
    variables(of, &mut names);
    let mut turns: Vec<Vec<Binding>> = names.iter().map(|_| vec![]).collect();
    let mut found = 0;
    while !input.is_empty() && (count != Count::AtMostOne || found == 0) {
        let ahead = input.fork();
        let mut turn = Bindings::default();
        let separated = found == 0 || all(separator, &ahead, &mut turn).is_some();
        if !separated || all(of, &ahead, &mut turn).is_none() || ahead.cursor() == input.cursor() {
            break;
        }
        input.advance_to(&ahead);
        found += 1;
        for (name, turns) in names.iter().zip(&mut turns) {
            turns.push(turn.remove(name).unwrap_or(Binding::Many(vec![])));
        }
    }
    if count == Count::AtLeastOne && found == 0 {
        return None;
    }
    bound.extend(names.into_iter().zip(turns.into_iter().map(Binding::Many)));
    Some(())
}

/// The variables of a matcher or body, also those in repetitions.
pub(super) fn variables<'d>(trees: &'d [Tree], names: &mut Vec<&'d str>) {
    for it in trees {
        match it {
            Tree::Variable(name, _) => names.push(name),
            Tree::Group(_, inside) | Tree::Repeat { of: inside, .. } => variables(inside, names),
            _ => {}
        }
    }
}

/// Whether two characters with nothing between them are one token.
pub(super) fn is_joint(it: &TokenTree) -> bool {
    matches!(it, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint)
}
