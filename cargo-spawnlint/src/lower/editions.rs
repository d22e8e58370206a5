//! The grammar of older editions: what rustc reads in editions 2015, 2018 and 2021 and the parser refuses.
//!
//! A text that does not parse is tried again with its tokens written as a newer edition would have them: `Fn(..)` as
//! `dyn Fn(..)`, a parameter without a name as `_: T`, a word that has become a keyword as `r#word`. New tokens take
//! the place of the old ones in the text, so nothing moves.

use proc_macro2::{Delimiter, Group, Ident, LineColumn, Punct, Spacing, Span, TokenStream, TokenTree};
use rustc_hash::FxHashSet;

/// How often one text may be parsed.
const MAX_ATTEMPTS: usize = 64;

/// Tokens that all attempts at one text may take together. The largest files get a few attempts all the same.
const MAX_TOKENS: usize = 4 << 20;

/// One thing that only older editions allow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Old {
    /// The first token of it.
    pub(super) at: Span,
    pub(super) what: What,
}

/// What only older editions allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// `Fn(u8)` for `dyn Fn(u8)`.
    NoDyn,
    /// `fn f(u8);` in a trait.
    NoName,
    /// `async`, `await`, `dyn` or `try` as a name.
    Keyword(&'static str),
}

impl What {
    /// The last edition that has it.
    pub(super) fn until(self) -> u16 {
        match self {
            What::NoDyn => 2018,
            What::NoName | What::Keyword(_) => 2015,
        }
    }

    /// What newer editions say of it.
    pub(super) fn message(self) -> String {
        match self {
            What::NoDyn => "a trait object needs `dyn` since edition 2021".to_owned(),
            What::NoName => "a parameter of a trait's method needs a name since edition 2018".to_owned(),
            What::Keyword(word) => format!("`{word}` is a keyword since edition 2018"),
        }
    }
}

/// A file, and what in it only older editions allow.
pub(super) type Parsed = (syn::File, Vec<Old>);

/// Parses a text by the grammar of older editions; `None` if it does not parse by that either.
pub(super) fn parse(text: &str) -> Option<Parsed> {
    let tokens: TokenStream = text.parse().ok()?;
    let mut old = Vec::new();
    let tokens = renamed(tokens, false, &mut old);
    // Where one `<Fn(` has no `dyn`, all of them are taken to have none; if that is wrong, it is one by one.
    let mut attempts = (MAX_TOKENS / count(&tokens).max(1)).clamp(4, MAX_ATTEMPTS);
    let (file, objects) =
        with_dyn(&tokens, Reach::Alike, &mut attempts).or_else(|| with_dyn(&tokens, Reach::One, &mut attempts))?;
    old.extend(objects);
    (!old.is_empty()).then_some((file, old))
}

/// Which trait objects get a `dyn` when the parser stumbles over one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// That one, and those that are written like it.
    Alike,
    /// That one.
    One,
}

/// Parses tokens, giving a `dyn` to each trait object at whose `(` the parser stops.
fn with_dyn(tokens: &TokenStream, reach: Reach, attempts: &mut usize) -> Option<Parsed> {
    let mut done: FxHashSet<(usize, usize)> = FxHashSet::default();
    let mut old = Vec::new();
    let mut tokens = tokens.clone();
    loop {
        let error = match syn::parse2::<syn::File>(tokens.clone()) {
            Ok(file) => return Some((file, old)),
            Err(error) => error,
        };
        *attempts = attempts.checked_sub(1)?;
        let object = find(&tokens, error.span().start())?;
        let mut marker = Marker { object, reach, done: &mut done, new: Vec::new() };
        tokens = marker.mark(tokens);
        // The parser stopped at one that has its `dyn`: it is something else.
        if marker.new.is_empty() {
            return None;
        }
        old.extend(marker.new.into_iter().map(|at| Old { at, what: What::NoDyn }));
    }
}

fn count(tokens: &TokenStream) -> usize {
    let of = |token: TokenTree| match token {
        TokenTree::Group(group) => 2 + count(&group.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(of).sum()
}

/// A trait object without `dyn`: `for<'a> a::Fn(..)`.
#[derive(Debug, Clone)]
struct Object {
    /// Where its parentheses stand.
    paren: (usize, usize),
    /// The token before it.
    before: String,
    /// The name before the parentheses.
    name: String,
}

/// The trait object whose parentheses begin at a place.
fn find(tokens: &TokenStream, at: LineColumn) -> Option<Object> {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (index, token) in all.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let (open, close) = (group.span_open().start(), group.span_close().end());
        if open == at {
            return object(&all, index).map(|(_, object)| object);
        }
        if open < at && at < close {
            return find(&group.stream(), at);
        }
    }
    None
}

/// The trait object whose parentheses are this token, with the index of its first token.
fn object(all: &[TokenTree], paren: usize) -> Option<(usize, Object)> {
    let TokenTree::Group(group) = all.get(paren)? else { return None };
    let TokenTree::Ident(name) = all.get(paren.checked_sub(1)?)? else { return None };
    if group.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let mut start = paren - 1;
    while start >= 2 && is_punct(&all[start - 1], ':') && is_punct(&all[start - 2], ':') {
        start -= 2;
        start -= usize::from(start > 0 && is_segment(&all[start - 1]));
    }
    start = before_for(all, start).unwrap_or(start);
    let before = start.checked_sub(1).map(|before| match &all[before] {
        TokenTree::Group(_) => String::new(),
        token => token.to_string(),
    });
    let paren = place(group.span_open());
    Some((start, Object { paren, before: before.unwrap_or_default(), name: name.to_string() }))
}

/// Whether a token is a name that another segment may follow. `x as ::Fn()`, `dyn ::Fn()`.
fn is_segment(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(it) if ["as", "mut", "const", "dyn", "impl"].iter().all(|word| it != word))
}

/// Where the `for<..>` begins that ends before an index.
fn before_for(all: &[TokenTree], end: usize) -> Option<usize> {
    let close = end.checked_sub(1).filter(|at| is_punct(&all[*at], '>'))?;
    let open = (0..close).rev().find(|at| is_punct(&all[*at], '<'))?;
    let start = open.checked_sub(1)?;
    matches!(&all[start], TokenTree::Ident(it) if it == "for").then_some(start)
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == wanted)
}

fn place(span: Span) -> (usize, usize) {
    let start = span.start();
    (start.line, start.column)
}

/// Writes `dyn` before trait objects.
struct Marker<'a> {
    object: Object,
    reach: Reach,
    /// The parentheses of those that have theirs.
    done: &'a mut FxHashSet<(usize, usize)>,
    new: Vec<Span>,
}

impl Marker<'_> {
    fn mark(&mut self, tokens: TokenStream) -> TokenStream {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        let starts: Vec<usize> = (0..all.len()).filter_map(|at| self.start(&all, at)).collect();
        let mut starts = starts.into_iter().peekable();
        let mut marked = Vec::with_capacity(all.len() + starts.len());
        for (at, token) in all.into_iter().enumerate() {
            if starts.next_if_eq(&at).is_some() {
                self.new.push(token.span());
                marked.push(TokenTree::Ident(Ident::new("dyn", token.span())));
            }
            marked.push(inside(token, |stream| self.mark(stream)));
        }
        marked.into_iter().collect()
    }

    /// Where the trait object begins whose parentheses are this token, if it is to get a `dyn`.
    fn start(&mut self, all: &[TokenTree], paren: usize) -> Option<usize> {
        let (start, found) = object(all, paren)?;
        let is_alike = || {
            // Behind these it may be a bound, which has no `dyn`.
            let may_be_bound = [":", "+", "?", "dyn", "impl"].contains(&&*found.before);
            let is_same = (&found.before, &found.name) == (&self.object.before, &self.object.name);
            self.reach == Reach::Alike && is_same && !may_be_bound
        };
        ((found.paren == self.object.paren || is_alike()) && self.done.insert(found.paren)).then_some(start)
    }
}

/// A token with another stream in it, if it is a group.
fn inside(token: TokenTree, change: impl FnOnce(TokenStream) -> TokenStream) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    let mut changed = Group::new(group.delimiter(), change(group.stream()));
    changed.set_span(group.span());
    TokenTree::Group(changed)
}

/// Makes names of words that stand where no keyword can, and gives a pattern to the parameters in traits that have none.
fn renamed(tokens: TokenStream, is_trait: bool, old: &mut Vec<Old>) -> TokenStream {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(all.len());
    // Whether the next braces are those of a trait, and whether the next parentheses are those of a method in it, unless
    // they stand in its generics.
    let (mut in_trait, mut in_head, mut angles) = (false, false, 0_u32);
    for (at, token) in all.iter().enumerate() {
        let token = match token {
            TokenTree::Ident(ident) => {
                in_trait |= ident == "trait";
                if is_trait && ident == "fn" && matches!(all.get(at + 1), Some(TokenTree::Ident(_))) {
                    (in_head, angles) = (true, 0);
                }
                TokenTree::Ident(name(ident, &all, at, old))
            }
            TokenTree::Group(group) => {
                let is_head = in_head && angles == 0 && group.delimiter() == Delimiter::Parenthesis;
                in_head &= !is_head;
                let is_body = group.delimiter() == Delimiter::Brace && std::mem::take(&mut in_trait);
                inside(token.clone(), |stream| {
                    let stream = renamed(stream, is_body, old);
                    if is_head { with_patterns(stream, old) } else { stream }
                })
            }
            TokenTree::Punct(it) => {
                let is_arrow = at.checked_sub(1).is_some_and(|before| is_punct(&all[before], '-'));
                match it.as_char() {
                    ';' => (in_trait, in_head) = (false, false),
                    '<' => angles += 1,
                    '>' if !is_arrow => angles = angles.saturating_sub(1),
                    _ => {}
                }
                token.clone()
            }
            token => token.clone(),
        };
        kept.push(token);
    }
    kept.into_iter().collect()
}

/// A word, raw if it is a keyword that only newer editions have, and no keyword here.
fn name(ident: &Ident, all: &[TokenTree], at: usize, old: &mut Vec<Old>) -> Ident {
    let next = all.get(at + 1);
    let next_word = next.and_then(|it| if let TokenTree::Ident(it) = it { Some(it.to_string()) } else { None });
    let is_next = |wanted: char| next.is_some_and(|it| is_punct(it, wanted));
    let is_block = |at: usize| matches!(all.get(at), Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Brace);
    let previous = at.checked_sub(1).map(|at| &all[at]);
    let is_after = |wanted: char| previous.is_some_and(|it| is_punct(it, wanted));
    let after_word = |word: &str| matches!(previous, Some(TokenTree::Ident(it)) if it == word);
    let is_segment = at >= 2 && is_after(':') && is_punct(&all[at - 2], ':');
    let is_method = is_after('.') && !(at >= 2 && is_punct(&all[at - 2], '.'));
    let is_named =
        is_segment || is_method || ["fn", "mod", "struct", "enum", "trait", "let", "crate"].into_iter().any(after_word);
    // `match async { .. }` has no other braces: these are its arms.
    let is_head = ["match", "if", "while", "in"].into_iter().any(after_word) && !is_block(at + 2);
    let has_braces = is_block(at + 1) && !is_head;
    let word = if ident == "async" {
        let begins = ["fn", "move", "unsafe", "extern", "gen", "use"];
        // `|async|` is the parameter of a closure, `|| async |a| b` a closure.
        let begins_params = is_after('|') && !(at >= 2 && matches!(&all[at - 2], TokenTree::Ident(_)));
        let is_param = begins_params && !(at >= 2 && is_punct(&all[at - 2], '|'));
        let is_closure = is_next('|') && !is_param;
        let is_keyword = has_braces || is_closure || next_word.is_some_and(|it| begins.contains(&it.as_str()));
        (!is_keyword || is_named).then_some("async")
    } else if ident == "await" {
        // `x.await()` is a call of what it awaits, as far as the parser can tell.
        (!is_after('.')).then_some("await")
    } else if ident == "dyn" {
        let is_path = is_next(':') && all.get(at + 2).is_some_and(|it| is_punct(it, ':'));
        let begins = is_path || is_next('\'') || is_next('?') || is_next('~');
        let is_keyword = begins || next_word.is_some_and(|it| it != "as") || is_group(next);
        (!is_keyword || is_named).then_some("dyn")
    } else if ident == "try" {
        // `try!(..)` the parser knows.
        (!has_braces && !is_next('!') || is_named).then_some("try")
    } else {
        None
    };
    let Some(word) = word else { return ident.clone() };
    old.push(Old { at: ident.span(), what: What::Keyword(word) });
    Ident::new_raw(word, ident.span())
}

/// `dyn (A)` is a trait object; `dyn()` and `fn dyn()` are hardly ever written.
fn is_group(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(_)))
}

/// The parameters of a method in a trait, with `_:` before each that is only a type.
fn with_patterns(params: TokenStream, old: &mut Vec<Old>) -> TokenStream {
    let mut kept = Vec::new();
    let mut param = Vec::new();
    let mut angles = 0_u32;
    let mut after = ' ';
    for token in params {
        let punct = if let TokenTree::Punct(it) = &token { it.as_char() } else { ' ' };
        match punct {
            '<' => angles += 1,
            '>' if after != '-' => angles = angles.saturating_sub(1),
            _ => {}
        }
        after = punct;
        let ends = punct == ',' && angles == 0;
        param.push(token);
        if ends {
            kept.append(&mut with_pattern(std::mem::take(&mut param), old));
        }
    }
    kept.append(&mut with_pattern(param, old));
    kept.into_iter().collect()
}

fn with_pattern(param: Vec<TokenTree>, old: &mut Vec<Old>) -> Vec<TokenTree> {
    // `self::a::B` is a type.
    let is_receiver = |at: usize| {
        let is_path = param.get(at + 1).is_some_and(|it| is_punct(it, ':'))
            && param.get(at + 2).is_some_and(|it| is_punct(it, ':'));
        matches!(&param[at], TokenTree::Ident(it) if it == "self") && !is_path
    };
    let attributes = param.chunk_by(|_, next| !is_punct(next, '#')).take_while(|it| is_punct(&it[0], '#'));
    let start = attributes.map(|_| 2).sum::<usize>();
    let Some(first) = param.get(start).filter(|it| !is_punct(it, ',')) else { return param };
    // Three dots are a parameter without a type.
    if has_colon(&param) || (0..param.len()).any(is_receiver) || is_punct(first, '.') {
        return param;
    }
    let at = first.span();
    old.push(Old { at, what: What::NoName });
    let mut colon = Punct::new(':', Spacing::Alone);
    colon.set_span(at);
    let mut named = param[..start].to_vec();
    named.extend([TokenTree::Ident(Ident::new("_", at)), TokenTree::Punct(colon)]);
    named.extend_from_slice(&param[start..]);
    named
}

/// Whether a `:` stands outside of all brackets; `::` is none.
fn has_colon(tokens: &[TokenTree]) -> bool {
    let mut angles = 0_u32;
    tokens.iter().enumerate().any(|(at, token)| {
        let follows = |wanted: char| at.checked_sub(1).is_some_and(|before| is_punct(&tokens[before], wanted));
        let is_half = follows(':') || tokens.get(at + 1).is_some_and(|it| is_punct(it, ':'));
        match token {
            TokenTree::Punct(it) if it.as_char() == '<' => angles += 1,
            TokenTree::Punct(it) if it.as_char() == '>' && !follows('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        angles == 0 && is_punct(token, ':') && !is_half
    })
}
