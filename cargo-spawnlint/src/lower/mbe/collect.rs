//! Which macros a file defines and calls, before it is parsed.

use super::{Definition, read::arms};
use crate::lower::quick::{quick, without_docs};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use ra_ap_rustc_lexer::{is_id_continue, is_id_start};
use std::borrow::Cow;

/// Parts of names of which one stands in each definition that matters: what starts tasks, waits, ends, is waited for.
const TELLING: [&str; 16] = [
    "abort",
    "await",
    "block_on",
    "cancel",
    "channel",
    "join_handle",
    "joinhandle",
    "join_set",
    "joinset",
    "notif",
    "recv",
    "select",
    "shutdown",
    "sleep",
    "spawn",
    "timeout",
];

/// Definitions of more tokens are tables, or languages of their own.
const MOST_TOKENS: usize = 8_000;

/// The macros by example of a text.
pub fn definitions(text: &str) -> Vec<Definition> {
    if !text.contains("macro_rules!") {
        return vec![];
    }
    // Doc comments are many tokens, and say nothing.
    let looked = quick(text);
    let plain = looked.as_ref().map_or(Cow::Borrowed(text), |looked| without_docs(text, looked));
    let start = looked.map_or(0, |looked| looked.start);
    let found = plain[start..].parse().map(found_in).unwrap_or_default();
    // Else all that this thread ever read would stay.
    proc_macro2::extra::invalidate_current_thread_spans();
    found
}

/// Looks through groups one after the other: how deep they nest makes no difference.
fn found_in(tokens: TokenStream) -> Vec<Definition> {
    let mut found = vec![];
    let mut open = vec![tokens];
    while let Some(tokens) = open.pop() {
        let mut inside = vec![];
        let mut attributes = Attributes::default();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) if ident == "macro_rules" => {
                    if tokens.next_if(|it| matches!(it, TokenTree::Punct(it) if it.as_char() == '!')).is_none() {
                        continue;
                    }
                    let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) = (tokens.next(), tokens.next())
                    else {
                        continue;
                    };
                    found.push(definition(name.to_string(), attributes.is_exported, &body));
                    attributes = Attributes::default();
                }
                TokenTree::Group(group) => {
                    attributes.see(&group);
                    inside.push(group.stream());
                }
                TokenTree::Punct(punct) if punct.as_char() == '#' => {}
                _ => attributes = Attributes::default(),
            }
        }
        open.extend(inside.into_iter().rev());
    }
    found
}

/// What the attributes before a token say.
#[derive(Default)]
struct Attributes {
    is_exported: bool,
}

impl Attributes {
    fn see(&mut self, group: &Group) {
        if group.delimiter() != Delimiter::Bracket {
            self.is_exported = false;
            return;
        }
        let first = group.stream().into_iter().next();
        self.is_exported |= matches!(first, Some(TokenTree::Ident(it)) if it == "macro_export");
    }
}

fn definition(name: String, is_exported: bool, body: &Group) -> Definition {
    let mut look = Look::default();
    let is_read = look.at(body.stream()).is_some() && look.tells;
    match is_read.then(|| arms(body.stream())).flatten() {
        Some(arms) => Definition { name, is_exported, text: body.to_string(), calls: look.calls, arms },
        None => Definition { name, is_exported, text: String::new(), calls: vec![], arms: vec![] },
    }
}

/// What stands in a definition.
#[derive(Default)]
struct Look {
    tells: bool,
    calls: Vec<String>,
    tokens: usize,
}

impl Look {
    /// `None` if there is too much of it.
    fn at(&mut self, tokens: TokenStream) -> Option<()> {
        let mut open = vec![tokens];
        while let Some(tokens) = open.pop() {
            let mut last = None;
            for token in tokens {
                self.tokens += 1;
                if self.tokens > MOST_TOKENS {
                    return None;
                }
                let before = last.take();
                match token {
                    TokenTree::Ident(ident) => {
                        let name = ident.to_string();
                        self.tells |= tells(&name);
                        last = Some(name);
                    }
                    TokenTree::Punct(punct) if punct.as_char() == '!' => self.calls.extend(before),
                    TokenTree::Group(group) => open.push(group.stream()),
                    _ => {}
                }
            }
        }
        self.calls.sort();
        self.calls.dedup();
        Some(())
    }
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part))
}

/// The names in a text behind which a `!` stands, as a macro call has it.
pub fn called_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('!').filter_map(|(at, _)| {
        let before = text[..at].trim_end_matches([' ', '\n']);
        let start = before.char_indices().rev().take_while(|(_, it)| is_id_continue(*it)).last()?.0;
        let name = &before[start..];
        name.starts_with(is_id_start_or_underscore).then_some(name)
    })
}

fn is_id_start_or_underscore(it: char) -> bool {
    it == '_' || is_id_start(it)
}
