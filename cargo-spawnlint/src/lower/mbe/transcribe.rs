//! From the body of an arm, and what its variables stand for, to tokens.

use super::{
    Tree,
    matching::{Binding, Bindings, variables},
};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use rustc_hash::FxHashMap;

/// Where the tokens of the definition are put, what `$crate` is, and how many tokens there may be.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    pub(super) place: Span,
    pub(super) krate: Option<&'d str>,
    pub(super) most: usize,
}

type Scope<'b> = FxHashMap<&'b str, &'b Binding>;

/// The tokens of a body, and how many were made. `None` if they would be too many, or the body does not fit its matcher.
pub(super) fn transcribe(body: &[Tree], bound: &Bindings<'_>, at: At<'_>) -> (Option<TokenStream>, usize) {
    let scope: Scope<'_> = bound.iter().map(|(name, it)| (*name, it)).collect();
    let mut it = Transcriber { at, count: 0 };
    let tokens = it.trees(body, &scope);
    (tokens.map(|tokens| tokens.into_iter().collect()), it.count.min(at.most))
}

struct Transcriber<'d> {
    at: At<'d>,
    count: usize,
}

impl Transcriber<'_> {
    fn trees(&mut self, trees: &[Tree], scope: &Scope<'_>) -> Option<Vec<TokenTree>> {
        let mut out = vec![];
        for (index, it) in trees.iter().enumerate() {
            self.tree(it, trees.get(index + 1), scope, &mut out)?;
        }
        Some(out)
    }

    fn tree(&mut self, it: &Tree, next: Option<&Tree>, scope: &Scope<'_>, out: &mut Vec<TokenTree>) -> Option<()> {
        self.add(1)?;
        match it {
            Tree::Ident(name) => out.push(self.ident(name)),
            Tree::Punct(char, spacing) => out.push(self.punct(*char, *spacing)),
            Tree::Literal(text) => {
                let mut literal: Literal = text.parse().ok()?;
                literal.set_span(self.at.place);
                out.push(literal.into());
            }
            Tree::Group(delimiter, inside) => {
                let inside = self.trees(inside, scope)?;
                let mut group = Group::new(*delimiter, inside.into_iter().collect());
                group.set_span(self.at.place);
                out.push(group.into());
            }
            Tree::Crate => out.push(self.ident(self.at.krate.unwrap_or("crate"))),
            Tree::Variable(name, _) => match scope.get(name.as_str()) {
                Some(Binding::One(tokens)) => {
                    self.add(size(tokens.iter().cloned()))?;
                    let is_qualified = tokens.len() > 1 && is_colon(next) && ends_with_angle(tokens);
                    // `Vec<u8>::new()` is no expression.
                    if is_qualified {
                        out.push(self.punct('<', Spacing::Alone));
                    }
                    out.extend(tokens.iter().cloned());
                    if is_qualified {
                        out.push(self.punct('>', Spacing::Alone));
                    }
                }
                // A repetition that is not repeated.
                Some(Binding::Many(_)) => return None,
                // A macro that this one defines.
                None => out.extend([self.punct('$', Spacing::Alone), self.ident(name)]),
            },
            Tree::Repeat { of, separator, .. } => self.repeat(of, separator, scope, out)?,
        }
        Some(())
    }

    fn repeat(&mut self, of: &[Tree], separator: &[Tree], scope: &Scope<'_>, out: &mut Vec<TokenTree>) -> Option<()> {
        let mut names = vec![];
        variables(of, &mut names);
        let many = names.iter().filter_map(|name| match scope.get(name) {
            Some(Binding::Many(turns)) => Some((*name, turns)),
            _ => None,
        });
        let many: Vec<_> = many.collect();
        // Without one there is no end to it.
        let turns = many.iter().map(|(_, turns)| turns.len()).min()?;
        for turn in 0..turns {
            if turn > 0 {
                for it in separator {
                    self.tree(it, None, scope, out)?;
                }
            }
            self.add(many.len())?;
            let mut inner: Scope<'_> = scope.iter().map(|(name, it)| (*name, *it)).collect();
            inner.extend(many.iter().map(|(name, turns)| (*name, &turns[turn])));
            out.extend(self.trees(of, &inner)?);
        }
        Some(())
    }

    fn add(&mut self, tokens: usize) -> Option<()> {
        self.count += tokens;
        (self.count <= self.at.most).then_some(())
    }

    fn ident(&self, name: &str) -> TokenTree {
        let ident = match name.strip_prefix("r#") {
            Some(name) => Ident::new_raw(name, self.at.place),
            None => Ident::new(name, self.at.place),
        };
        ident.into()
    }

    fn punct(&self, char: char, spacing: Spacing) -> TokenTree {
        let mut punct = Punct::new(char, spacing);
        punct.set_span(self.at.place);
        punct.into()
    }
}

/// How many tokens some are, what stands in them included.
pub(in crate::lower) fn size(tokens: impl IntoIterator<Item = TokenTree>) -> usize {
    let mut count = 0;
    let mut open: Vec<TokenTree> = tokens.into_iter().collect();
    while let Some(token) = open.pop() {
        count += 1;
        if let TokenTree::Group(group) = token {
            open.extend(group.stream());
        }
    }
    count
}

fn is_colon(it: Option<&Tree>) -> bool {
    matches!(it, Some(Tree::Punct(':', Spacing::Joint)))
}

fn ends_with_angle(tokens: &[TokenTree]) -> bool {
    let is_none = |it: &TokenTree| matches!(it, TokenTree::Group(group) if group.delimiter() == Delimiter::None);
    !tokens.iter().any(is_none) && matches!(tokens.last(), Some(TokenTree::Punct(it)) if it.as_char() == '>')
}
