//! Macro calls that become the code that their definitions make of them.
//!
//! What the definition writes stands where the call stands: all places are in the file that is lowered, and a task that
//! a macro starts is told at each of its calls.

use super::cx::Cx;
use super::mbe::{Definitions, expand, paste};
use super::quick::quick;
use super::scan::{UNITS_PER_LEVEL, scan};
use proc_macro2::Span;
use spawnlint_analysis::span::TextRange;
use syn::parse::{ParseStream, Parser, Result};
use syn::{Block, Stmt};

/// Tokens that one call may become, all that stands in it included: what a definition calls is expanded in turn. All
/// calls of a file may become so many and one more for each byte of its text.
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
    calls: Vec<(String, String)>,
    /// Tokens that the call in the text has become.
    tokens: usize,
    /// Tokens that calls in the text may still become.
    left: usize,
    /// Stack that what is expanded takes.
    units: u32,
}

impl Expanding {
    pub(super) fn new(definitions: &Definitions, text: &str) -> Expanding {
        let left = MOST_TOKENS + text.len();
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
    parse: impl FnOnce(ParseStream<'_>, Span) -> Result<T>,
    lower: impl FnOnce(&mut Cx<'_>, T) -> R,
) -> Option<R> {
    if cx.expanding.is_idle() {
        return None;
    }
    let name = it.path.segments.last()?.ident.to_string();
    let is_outermost = cx.expanding.place.is_none();
    let place = cx.expanding.place.unwrap_or_else(|| place_of(it));
    let state = &cx.expanding;
    let is_known = state.definitions.get(&name).is_some() || name == "paste";
    let call = (name.clone(), if is_known { it.tokens.to_string() } else { String::new() });
    if !is_known || state.calls.len() >= MOST_CALLS || state.calls.contains(&call) {
        return None;
    }
    let (tokens, count) = match state.definitions.get(&name) {
        Some((definition, krate)) => {
            let most = MOST_TOKENS.saturating_sub(state.tokens).min(state.left);
            expand(definition, krate, it.tokens.clone(), place, most)?
        }
        // Of names that are put together no other macro knows.
        None if name == "paste" && !is_outermost => (paste(it.tokens.clone(), place), 0),
        None => return None,
    };
    let units = units(&tokens.to_string());
    if state.units + units > UNITS {
        return None;
    }
    let parsed = (|input: ParseStream<'_>| parse(input, place)).parse2(tokens).ok()?;
    cx.expanding.place = Some(place);
    cx.expanding.tokens += count;
    cx.expanding.left -= count;
    cx.expanding.units += units;
    cx.expanding.calls.push(call);
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

/// The stack that a text takes.
fn units(text: &str) -> u32 {
    quick(text).map_or_else(|| scan(text).units, |quick| quick.units)
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
