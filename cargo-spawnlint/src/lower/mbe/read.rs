//! From the tokens of a `macro_rules!` to its arms.

use super::{Arm, Count, Fragment, Tree};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::iter::Peekable;

/// Definitions that nest deeper are not read: to read one recurses.
const MAX_DEPTH: usize = 64;

type Tokens = Peekable<proc_macro2::token_stream::IntoIter>;

/// The arms of a macro; `None` if they are written in a way that nobody knows.
pub(super) fn arms(tokens: TokenStream) -> Option<Vec<Arm>> {
    let mut tokens = tokens.into_iter().peekable();
    let mut arms = vec![];
    while let Some(token) = tokens.next() {
        let TokenTree::Group(matcher) = token else { return None };
        for expected in ['=', '>'] {
            tokens.next_if(|it| is_punct(it, expected))?;
        }
        let TokenTree::Group(body) = tokens.next()? else { return None };
        let read = |group: proc_macro2::Group, is_matcher| {
            Reader { is_matcher }.trees(&mut group.stream().into_iter().peekable(), 0)
        };
        arms.push(Arm { matcher: read(matcher, true)?, body: read(body, false)? });
        tokens.next_if(|it| is_punct(it, ';'));
    }
    Some(arms)
}

fn is_punct(it: &TokenTree, expected: char) -> bool {
    matches!(it, TokenTree::Punct(punct) if punct.as_char() == expected)
}

struct Reader {
    is_matcher: bool,
}

impl Reader {
    fn trees(&self, tokens: &mut Tokens, depth: usize) -> Option<Vec<Tree>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut trees = vec![];
        while let Some(token) = tokens.next() {
            trees.push(match token {
                TokenTree::Punct(punct) if punct.as_char() == '$' => self.dollar(tokens, depth)?,
                TokenTree::Group(group) => {
                    let inside = self.trees(&mut group.stream().into_iter().peekable(), depth + 1)?;
                    Tree::Group(group.delimiter(), inside)
                }
                token => leaf(&token)?,
            });
        }
        Some(trees)
    }

    /// What follows a `$`.
    fn dollar(&self, tokens: &mut Tokens, depth: usize) -> Option<Tree> {
        match tokens.next()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                let of = self.trees(&mut group.stream().into_iter().peekable(), depth + 1)?;
                let (separator, count) = repetition(tokens)?;
                Some(Tree::Repeat { of, separator, count })
            }
            TokenTree::Ident(ident) if ident == "crate" => Some(Tree::Crate),
            TokenTree::Ident(ident) if self.is_matcher => {
                tokens.next_if(|it| is_punct(it, ':'))?;
                let TokenTree::Ident(kind) = tokens.next()? else { return None };
                Some(Tree::Variable(ident.to_string(), Some(fragment(&kind.to_string())?)))
            }
            TokenTree::Ident(ident) => Some(Tree::Variable(ident.to_string(), None)),
            // `$$` and `${count(x)}` are not stable yet.
            _ => None,
        }
    }
}

/// `, *`, `+`: what stands between two of a repetition, and how many there may be.
fn repetition(tokens: &mut Tokens) -> Option<(Vec<Tree>, Count)> {
    let mut separator = vec![];
    loop {
        let token = tokens.next()?;
        let count = match &token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '*' => Some(Count::Any),
                '+' => Some(Count::AtLeastOne),
                '?' => Some(Count::AtMostOne),
                _ => None,
            },
            _ => None,
        };
        if let Some(count) = count {
            return Some((separator, count));
        }
        // A separator is one token, and at most three characters are one operator.
        if separator.len() == 3 {
            return None;
        }
        separator.push(leaf(&token)?);
    }
}

fn leaf(token: &TokenTree) -> Option<Tree> {
    match token {
        TokenTree::Ident(ident) => Some(Tree::Ident(ident.to_string())),
        TokenTree::Punct(punct) => {
            let spacing = if punct.spacing() == Spacing::Joint { Spacing::Joint } else { Spacing::Alone };
            Some(Tree::Punct(punct.as_char(), spacing))
        }
        TokenTree::Literal(literal) => Some(Tree::Literal(literal.to_string())),
        TokenTree::Group(_) => None,
    }
}

fn fragment(name: &str) -> Option<Fragment> {
    Some(match name {
        "block" => Fragment::Block,
        "expr" | "expr_2021" => Fragment::Expr,
        "ident" => Fragment::Ident,
        "item" => Fragment::Item,
        "lifetime" => Fragment::Lifetime,
        "literal" => Fragment::Literal,
        "meta" => Fragment::Meta,
        "pat" => Fragment::Pat,
        "pat_param" => Fragment::PatOfParameter,
        "path" => Fragment::Path,
        "stmt" => Fragment::Stmt,
        "tt" => Fragment::Tt,
        "ty" => Fragment::Ty,
        "vis" => Fragment::Vis,
        _ => return None,
    })
}
