//! Macro calls that become the code that their definitions make of them.
//!
//! What the definition writes stands where the call stands: all places are in the file that is lowered, and a task that
//! a macro starts is told at each of its calls.

use super::cx::Cx;
use super::mbe::{Definitions, expand, paste, size};
use super::scan::UNITS_PER_LEVEL;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use spawnlint_analysis::span::TextRange;
use syn::parse::{ParseStream, Parser, Result};
use syn::{Block, Stmt};

/// Tokens that one call may become, all that stands in it included: what a definition calls is expanded in turn. All
/// calls of a file may become so many and one more for every second byte of its text.
const MOST_TOKENS: usize = 20_000;

/// Calls that may stand in one another's expansions. Definitions that take their tokens one by one need many.
const MOST_CALLS: usize = 64;

/// Levels that expansions may nest, beyond those of the text.
const LEVELS: u32 = 128;

/// What is expanded may nest so deep, in units.
const UNITS: u32 = LEVELS * UNITS_PER_LEVEL;

/// What expanding may take of the stack, in units: what is lowered, and the tokens of a call in it that are matched.
pub(super) const STACK: u32 = 2 * UNITS;

/// What is being expanded.
#[derive(Default)]
pub(super) struct Expanding {
    definitions: Definitions,
    /// The place of the call in the text.
    place: Option<Span>,
    /// What is expanded right now: names and tokens, each in what the one before became.
    calls: Vec<Inside>,
    /// Tokens that the call in the text has become.
    tokens: usize,
    /// Tokens that calls in the text may still become.
    left: usize,
    /// Stack that what is expanded takes.
    units: u32,
}

/// A call that is being expanded.
struct Inside {
    name: String,
    tokens: TokenStream,
    size: usize,
}

impl Expanding {
    pub(super) fn new(definitions: &Definitions, text: &str) -> Expanding {
        let left = MOST_TOKENS + text.len() / 2;
        Expanding { definitions: definitions.clone(), left, ..Expanding::default() }
    }

    /// Whether nothing in this file will be.
    pub(super) fn is_idle(&self) -> bool {
        self.definitions.is_empty()
    }
}

/// Parses what a macro call becomes, and lowers it. `None` if it is not known, or cannot be read that way.
pub(super) fn expanded<T, R>(
    cx: &mut Cx<'_>,
    it: &syn::Macro,
    is_test: bool,
    parse: impl FnOnce(ParseStream<'_>, Span) -> Result<T>,
    lower: impl FnOnce(&mut Cx<'_>, T) -> R,
) -> Option<R> {
    if cx.expanding.is_idle() || is_test && !cx.expanding.definitions.are_for_tests {
        return None;
    }
    let name = it.path.segments.last()?.ident.to_string();
    let is_outermost = cx.expanding.place.is_none();
    let place = cx.expanding.place.unwrap_or_else(|| place_of(it));
    let state = &cx.expanding;
    let it_size = size(it.tokens.clone());
    let is_inside = |known: &Inside| {
        known.name == name && known.size == it_size && known.tokens.to_string() == it.tokens.to_string()
    };
    if state.calls.len() >= MOST_CALLS || state.calls.iter().any(is_inside) {
        return None;
    }
    let (tokens, count) = match state.definitions.get(&name) {
        Some((definition, krate)) => {
            let most = MOST_TOKENS.saturating_sub(state.tokens).min(state.left);
            expand(definition, krate, it.tokens.clone(), place, most)
        }
        // Of names that are put together no other macro knows.
        None if name == "paste" && !is_outermost => (Some(paste(it.tokens.clone(), place)), 0),
        None => return None,
    };
    // What becomes of it or not: this was the work.
    cx.expanding.left -= count;
    let tokens = tokens?;
    let units = units(tokens.clone());
    if cx.expanding.units + units > UNITS {
        return None;
    }
    let parsed = (|input: ParseStream<'_>| parse(input, place)).parse2(tokens).ok()?;
    cx.expanding.place = Some(place);
    cx.expanding.tokens += count;
    cx.expanding.units += units;
    cx.expanding.calls.push(Inside { name, tokens: it.tokens.clone(), size: it_size });
    if is_outermost {
        let range = cx.range(place);
        cx.out.expanded.push(range);
    }
    let lowered = lower(cx, parsed);
    cx.expanding.calls.pop();
    cx.expanding.units -= units;
    if is_outermost {
        (cx.expanding.place, cx.expanding.tokens) = (None, 0);
    }
    Some(lowered)
}

/// A call, from its first name to its last delimiter.
fn place_of(it: &syn::Macro) -> Span {
    let last = it.delimiter.span().join();
    let first = it.path.segments.first().map_or(last, |first| first.ident.span());
    first.join(last).unwrap_or(first)
}

/// The stack that tokens take, as [`scan`](super::scan::scan) counts it for a text, or more.
fn units(tokens: TokenStream) -> u32 {
    let (mut most, mut chain, mut angles) = (0, 0, 0_u32);
    let mut last = None;
    for token in tokens {
        let before = last.take();
        match &token {
            TokenTree::Group(group) => {
                most = most.max(chain + UNITS_PER_LEVEL + units(group.stream()));
                chain += 1;
                last = Some(if group.delimiter() == Delimiter::Brace { '}' } else { ')' });
            }
            TokenTree::Ident(ident) => {
                let goes_on = || ["else", "as", "in"].iter().any(|word| ident == word);
                if before == Some('}') && !goes_on() {
                    (chain, angles) = (0, 0);
                }
                chain += 1;
            }
            TokenTree::Punct(punct) => {
                let char = punct.as_char();
                match char {
                    ';' => (chain, angles) = (0, 0),
                    ',' => chain = angles * UNITS_PER_LEVEL,
                    '>' if before == Some('=') => (chain, angles) = (0, 0),
                    '>' => (chain, angles) = (chain + 1, angles.saturating_sub(1)),
                    '<' => (chain, angles) = (chain + UNITS_PER_LEVEL, angles + 1),
                    '&' | '-' => chain += 2,
                    _ => chain += 1,
                }
                last = Some(char);
            }
            TokenTree::Literal(_) => {}
        }
        most = most.max(chain);
    }
    most
}

/// What stands in a body as one macro call.
pub(super) enum Became {
    /// What is evaluated there.
    Value(Box<syn::Expr>),
    /// Statements of a block around them.
    Block(Vec<Stmt>),
    /// Statements that bind names of the call: what follows it sees them.
    Statements(Vec<Stmt>),
}

/// Reads what a call in a body becomes.
pub(super) fn in_body(input: ParseStream<'_>, place: Span) -> Result<Became> {
    let mut stmts = Block::parse_within(input)?;
    if stmts.len() == 1 {
        match stmts.pop() {
            Some(Stmt::Expr(only, None)) => return Ok(Became::Value(Box::new(only))),
            Some(Stmt::Macro(only)) if only.semi_token.is_none() => {
                let value = syn::ExprMacro { attrs: vec![], mac: only.mac };
                return Ok(Became::Value(Box::new(syn::Expr::Macro(value))));
            }
            other => stmts.extend(other),
        }
    }
    let binds = stmts.iter().any(|it| matches!(it, Stmt::Local(it) if binds_for_others(&it.pat, place)));
    Ok(if binds { Became::Statements(stmts) } else { Became::Block(stmts) })
}

/// Whether a pattern of an expansion binds a name that the call wrote. One that only the macro knows is nobody else's.
fn binds_for_others(it: &syn::Pat, place: Span) -> bool {
    match it {
        syn::Pat::Type(it) => binds_for_others(&it.pat, place),
        syn::Pat::Ident(it) => {
            let span = it.ident.span();
            (span.start(), span.end()) != (place.start(), place.end())
        }
        syn::Pat::Wild(_) => false,
        _ => true,
    }
}

/// The smallest range with an order that holds both ends.
pub(super) fn ordered(range: TextRange) -> TextRange {
    TextRange::new(range.start.min(range.end), range.start.max(range.end))
}
