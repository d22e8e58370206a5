//! Macros by example: their definitions as plain data, which may go from thread to thread, and what a call makes of
//! them.
//!
//! Only those are kept whose text names something that the analysis looks for. What else a macro makes, nobody asks.

mod collect;
mod fragment;
mod matching;
mod paste;
mod read;
mod transcribe;

pub use collect::{called_in, definitions};

pub(super) use paste::paste;
pub(super) use transcribe::size;

use proc_macro2::{Delimiter, Spacing, Span, TokenStream};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syn::parse::Parser;

/// A `macro_rules!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Whether other crates may call it: `#[macro_export]`.
    pub is_exported: bool,
    /// Its tokens, by which it is known; empty if nothing in it matters, and its calls stay what they are.
    pub text: String,
    /// The macros that its text calls.
    pub calls: Vec<String>,
    /// In the order in which they are tried.
    arms: Vec<Arm>,
}

/// The definitions that calls in one file mean, by name.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    by_name: FxHashMap<String, (Arc<Definition>, Option<String>)>,
    /// Whether calls in test code are expanded, too.
    pub are_for_tests: bool,
}

impl Definitions {
    /// What the text of a file defines for itself, if nothing is known of other files.
    pub fn of_text(text: &str) -> Definitions {
        let known: Vec<Arc<Definition>> = definitions(text).into_iter().map(Arc::new).collect();
        let mut all = Definitions::default();
        if known.is_empty() {
            return all;
        }
        for called in called_in(text) {
            if let Some(it) = only(known.iter().filter(|it| it.name == called)) {
                all.add(Arc::clone(it), None);
            }
        }
        all
    }

    /// Adds a definition. `krate` is what `$crate` means, if that is another crate than the one of the file.
    pub fn add(&mut self, it: Arc<Definition>, krate: Option<String>) {
        self.by_name.insert(it.name.clone(), (it, krate));
    }

    /// Whether no call in the file is expanded.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// What a name means.
    pub(super) fn get(&self, name: &str) -> Option<(&Definition, Option<&str>)> {
        self.by_name.get(name).map(|(it, krate)| (&**it, krate.as_deref()))
    }

    /// What lowering a file with them depends on: all that is told of them, in an order of its own.
    pub fn texts(&self) -> Vec<&str> {
        let mut all: Vec<(&str, &str)> = vec![("", if self.are_for_tests { "in tests" } else { "" })];
        for (name, (it, krate)) in &self.by_name {
            all.push((name, &it.text));
            all.push((name, krate.as_deref().unwrap_or_default()));
        }
        all.sort_unstable();
        all.into_iter().map(|(_, text)| text).collect()
    }
}

/// What a name means of which there are several definitions: the one that matters, or if there are others, which one is
/// called depends on what nobody knows here.
pub fn only<'d>(all: impl Iterator<Item = &'d Arc<Definition>>) -> Option<&'d Arc<Definition>> {
    let mut telling = all.filter(|it| !it.text.is_empty());
    let first = telling.next()?;
    telling.all(|it| it.text == first.text).then_some(first)
}

/// `(matcher) => { body }`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arm {
    matcher: Vec<Tree>,
    body: Vec<Tree>,
}

/// A part of a matcher or body.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tree {
    Ident(String),
    Punct(char, Spacing),
    Literal(String),
    Group(Delimiter, Vec<Tree>),
    /// `$name`, in a matcher with what it takes.
    Variable(String, Option<Fragment>),
    /// `$crate`.
    Crate,
    /// `$( .. ) , *`.
    Repeat {
        of: Vec<Tree>,
        separator: Vec<Tree>,
        count: Count,
    },
}

/// How often what is repeated may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Any,
    AtLeastOne,
    AtMostOne,
}

/// What a variable of a matcher takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fragment {
    Block,
    Expr,
    Ident,
    Item,
    Lifetime,
    Literal,
    Meta,
    Pat,
    PatOfParameter,
    Path,
    Stmt,
    Ty,
    Tt,
    Vis,
}

/// What a call of a macro becomes; `None` if no arm matches, or it would have more than `most` tokens. And how many tokens
/// were made for that.
///
/// What comes from the call keeps its place; all else stands where `place` is.
pub(super) fn expand(
    it: &Definition,
    krate: Option<&str>,
    call: TokenStream,
    place: Span,
    most: usize,
) -> (Option<TokenStream>, usize) {
    let matched = |input: syn::parse::ParseStream<'_>| {
        let found = it.arms.iter().find_map(|arm| Some((arm, matching::matched(&arm.matcher, input)?)));
        // All of the input has to be taken.
        input.parse::<TokenStream>()?;
        Ok(found)
    };
    match matched.parse2(call) {
        Ok(Some((arm, bound))) => transcribe::transcribe(&arm.body, &bound, transcribe::At { place, krate, most }),
        _ => (None, 0),
    }
}
