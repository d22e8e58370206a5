//! The grammars of macros, from tokens to syntax trees. To syn a macro call is a heap of tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser, Result};
use syn::{Block, Expr, ExprBlock, LitStr, MacroDelimiter, Pat, Stmt, Token, braced, token};

mod kw {
    syn::custom_keyword!(biased);
    syn::custom_keyword!(complete);
}

/// How the tokens of a macro are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// Not at all: code in it is data.
    Opaque,
    /// `select!` of tokio, futures and their copies.
    Select,
    /// `matches!`.
    Matches,
    /// `format!`, `println!`, `assert!`: expressions, some of them named.
    Format,
    /// Events and spans of tracing and log: expressions between marks of their own.
    Event,
    /// `stream!`: statements that yield.
    Stream,
    /// `cfg_if!`.
    CfgIf,
    /// `try!`.
    Try,
    /// `[value; n]`, or else anything.
    Brackets,
    /// Expressions, or else statements.
    Any,
}

impl Grammar {
    /// The grammar of a macro by the last segment of its path.
    pub(super) fn of(name: &str, delimiter: &MacroDelimiter) -> Grammar {
        match name {
            "quote" | "quote_spanned" | "parse_quote" | "parse_quote_spanned" | "stringify" | "macro_rules" => {
                Grammar::Opaque
            }
            "select" | "select_biased" => Grammar::Select,
            "matches" | "assert_matches" | "debug_assert_matches" => Grammar::Matches,
            "print" | "println" | "eprint" | "eprintln" | "format" | "format_args" | "write" | "writeln" | "panic"
            | "todo" | "unimplemented" | "unreachable" | "assert" | "assert_eq" | "assert_ne" | "debug_assert"
            | "debug_assert_eq" | "debug_assert_ne" | "anyhow" | "bail" | "ensure" => Grammar::Format,
            "trace" | "debug" | "info" | "warn" | "error" | "event" | "span" | "trace_span" | "debug_span"
            | "info_span" | "warn_span" | "error_span" | "log" | "enabled" => Grammar::Event,
            "stream" | "try_stream" => Grammar::Stream,
            "cfg_if" => Grammar::CfgIf,
            "try" => Grammar::Try,
            "vec" | "smallvec" => Grammar::Brackets,
            _ if matches!(delimiter, MacroDelimiter::Bracket(_)) => Grammar::Brackets,
            _ => Grammar::Any,
        }
    }
}

/// What the tokens of a macro call turned out to be.
pub(super) enum Body {
    Select(Select),
    Args(Args),
    Blocks(Vec<Vec<Stmt>>),
    Opaque(TokenStream),
}

/// The branches of a `select!`, and what follows `else =>`, `complete =>` and `default =>`.
#[derive(Default)]
pub(super) struct Select {
    pub(super) branches: Vec<SelectBranch>,
    pub(super) otherwise: Vec<Expr>,
}

pub(super) struct SelectBranch {
    pub(super) pat: Pat,
    pub(super) future: Expr,
    pub(super) guard: Option<Expr>,
    pub(super) body: Expr,
}

/// Arguments, the names given to some of them (`x` of `x = 1`), and tokens that made no sense.
#[derive(Default)]
pub(super) struct Args {
    pub(super) exprs: Vec<Expr>,
    pub(super) named: Vec<String>,
    /// Whether a `parent:` stands among them.
    pub(super) has_parent: bool,
    pub(super) skipped: TokenStream,
}

/// Reads the tokens of a macro call. Never fails: what cannot be read is opaque.
pub(super) fn read(grammar: Grammar, tokens: TokenStream) -> Body {
    if grammar == Grammar::Opaque {
        return Body::Opaque(tokens);
    }
    // Nobody else holds the tokens: syn would have to copy them.
    let body = (|input: ParseStream<'_>| read_as(grammar, input)).parse2(tokens);
    body.unwrap_or_else(|_| Body::Opaque(TokenStream::new()))
}

fn read_as(grammar: Grammar, input: ParseStream<'_>) -> Result<Body> {
    let body = match grammar {
        Grammar::Select => attempt(input, select).map(Body::Select),
        Grammar::Matches => attempt(input, matches).map(Body::Args),
        Grammar::Format => attempt(input, |input| arguments(input, false)).map(Body::Args),
        Grammar::Event => attempt(input, |input| arguments(input, true)).map(Body::Args),
        Grammar::Stream => attempt(input, Block::parse_within).map(|stmts| Body::Blocks(vec![stmts])),
        Grammar::CfgIf => attempt(input, cfg_if_statements).map(Body::Blocks),
        Grammar::Brackets => attempt(input, repeat).map(Body::Args),
        Grammar::Try | Grammar::Any | Grammar::Opaque => None,
    };
    let body = body.or_else(|| attempt(input, plain_arguments).map(Body::Args));
    let body = body.or_else(|| attempt(input, Block::parse_within).map(|stmts| Body::Blocks(vec![stmts])));
    // Any tokens can be read as tokens.
    body.map_or_else(|| input.parse().map(Body::Opaque), Ok)
}

/// Parses all of the input or leaves it as it was.
fn attempt<T>(input: ParseStream<'_>, parse: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Option<T> {
    let ahead = input.fork();
    let it = parse(&ahead).ok().filter(|_| ahead.is_empty())?;
    input.advance_to(&ahead);
    Some(it)
}

/// ```text
/// select := [biased;] (pattern = future [, if guard] => handler)* [else => handler]
/// ```
/// and for futures also `complete => handler` and `default => handler` anywhere.
fn select(input: ParseStream<'_>) -> Result<Select> {
    skip_biased(input)?;
    let mut it = Select::default();
    while !input.is_empty() {
        if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
            input.parse::<Token![=>]>()?;
            it.otherwise.push(handler(input)?);
            continue;
        }
        if (input.peek(kw::complete) || input.peek(Token![default])) && input.peek2(Token![=>]) {
            Ident::parse_any(input)?;
            input.parse::<Token![=>]>()?;
            it.otherwise.push(handler(input)?);
            continue;
        }
        let pat = Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        let mut guard = None;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            input.parse::<Token![if]>()?;
            guard = Some(input.parse()?);
        }
        input.parse::<Token![=>]>()?;
        it.branches.push(SelectBranch { pat, future, guard, body: handler(input)? });
    }
    Ok(it)
}

fn skip_biased(input: ParseStream<'_>) -> Result<()> {
    if input.peek(kw::biased) && input.peek2(Token![;]) {
        input.parse::<kw::biased>()?;
        input.parse::<Token![;]>()?;
    }
    Ok(())
}

/// Only a bare block may go without a comma.
fn handler(input: ParseStream<'_>) -> Result<Expr> {
    if input.peek(token::Brace) {
        let block = Expr::Block(ExprBlock { attrs: vec![], label: None, block: input.parse()? });
        input.parse::<Option<Token![,]>>()?;
        return Ok(block);
    }
    let it = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(it)
}

/// `matches!(value, pattern if guard)`; the pattern binds nothing that outlives it.
fn matches(input: ParseStream<'_>) -> Result<Args> {
    let mut it = Args { exprs: vec![input.parse()?], ..Args::default() };
    input.parse::<Token![,]>()?;
    Pat::parse_multi_with_leading_vert(input)?;
    if input.peek(Token![if]) {
        input.parse::<Token![if]>()?;
        it.exprs.push(input.parse()?);
    }
    input.parse::<Option<Token![,]>>()?;
    while !input.is_empty() {
        it.exprs.push(input.parse()?);
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(it)
}

/// `[value; n]`.
fn repeat(input: ParseStream<'_>) -> Result<Args> {
    let value = input.parse()?;
    input.parse::<Token![;]>()?;
    Ok(Args { exprs: vec![value, input.parse()?], ..Args::default() })
}

/// Expressions between commas. Of `name = value` only the value counts: no macro assigns that way.
fn plain_arguments(input: ParseStream<'_>) -> Result<Args> {
    skip_biased(input)?;
    let mut it = Args::default();
    while !input.is_empty() {
        it.exprs.push(match input.parse()? {
            Expr::Assign(assign) if is_ident(&assign.left) => {
                it.named.extend(ident_text(&assign.left));
                *assign.right
            }
            arg => arg,
        });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(it)
}

fn is_ident(it: &Expr) -> bool {
    ident_text(it).is_some()
}

fn ident_text(it: &Expr) -> Option<String> {
    match it {
        Expr::Path(it) => it.path.get_ident().map(|ident| ident.unraw().to_string()),
        _ => None,
    }
}

/// The arguments of a formatting or logging macro, with whatever stands before them taken off:
/// `%x`, `?x`, `key = %x`, `target: x`, `"key" => x`. What makes no sense is skipped up to the next comma.
fn arguments(input: ParseStream<'_>, is_event: bool) -> Result<Args> {
    let mut it = Args::default();
    push_arguments(input, is_event, &mut it)?;
    Ok(it)
}

fn push_arguments(input: ParseStream<'_>, is_event: bool, it: &mut Args) -> Result<()> {
    while !input.is_empty() {
        if skip_separator(input)? {
            continue;
        }
        if is_event && input.peek(token::Brace) {
            // info!({ key = value }, "message")
            let fields;
            braced!(fields in input);
            push_arguments(&fields, is_event, it)?;
            continue;
        }
        while skip_mark(input, it)? {}
        let ahead = input.fork();
        match ahead.parse::<Expr>() {
            Ok(arg) if ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(Token![;]) => {
                input.advance_to(&ahead);
                it.exprs.push(arg);
            }
            _ => {
                while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
                    it.skipped.extend([input.parse::<TokenTree>()?]);
                }
            }
        }
    }
    Ok(())
}

fn skip_separator(input: ParseStream<'_>) -> Result<bool> {
    Ok(input.parse::<Option<Token![,]>>()?.is_some() || input.parse::<Option<Token![;]>>()?.is_some())
}

/// Skips one thing that may stand before an argument.
fn skip_mark(input: ParseStream<'_>, it: &mut Args) -> Result<bool> {
    if input.parse::<Option<Token![%]>>()?.is_some() || input.parse::<Option<Token![?]>>()?.is_some() {
        return Ok(true);
    }
    // Most arguments have no key, and an error costs more than a look.
    if !(input.peek(LitStr) || input.peek(syn::Ident::peek_any))
        || input.peek2(Token![,])
        || input.peek2(Token![::])
        || input.peek2(token::Paren)
    {
        return Ok(false);
    }
    let ahead = input.fork();
    if let Ok(Some(key)) = key(&ahead) {
        it.has_parent |= key == "parent" && input.peek2(Token![:]);
        input.advance_to(&ahead);
        it.named.push(key);
        return Ok(true);
    }
    Ok(false)
}

/// `key =`, `a.b.c =`, `"key" =>`, `key:`; the key if it is a single name.
fn key(input: ParseStream<'_>) -> Result<Option<String>> {
    let mut name = String::new();
    if input.peek(LitStr) {
        input.parse::<LitStr>()?;
        if input.parse::<Option<Token![=>]>>()?.is_some() {
            return Ok(Some(name));
        }
    } else {
        name = Ident::parse_any(input)?.unraw().to_string();
        while input.peek(Token![.]) && input.peek2(Ident::peek_any) {
            input.parse::<Token![.]>()?;
            Ident::parse_any(input)?;
            name.clear();
        }
        if input.peek(Token![:]) && !input.peek(Token![::]) {
            input.parse::<Token![:]>()?;
            // log!(key:? = value)
            if (input.peek(Token![?]) || input.peek(Token![%])) && input.peek2(Token![=]) {
                input.parse::<TokenTree>()?;
                input.parse::<Token![=]>()?;
            }
            return Ok(Some(name));
        }
    }
    let assigns = input.peek(Token![=]) && !input.peek(Token![==]) && !input.peek(Token![=>]);
    if !assigns {
        return Ok(None);
    }
    input.parse::<Token![=]>()?;
    Ok(Some(name))
}

/// A branch of `cfg_if!`: the attributes of its condition, and its tokens.
pub(super) struct CfgBranch {
    pub(super) attrs: Vec<syn::Attribute>,
    pub(super) tokens: TokenStream,
}

/// `if #[cfg(..)] { .. } else if #[cfg(..)] { .. } else { .. }`.
pub(super) fn cfg_if(input: ParseStream<'_>) -> Result<Vec<CfgBranch>> {
    let mut branches = vec![];
    loop {
        let mut attrs = vec![];
        if input.parse::<Option<Token![if]>>()?.is_some() {
            attrs = input.call(syn::Attribute::parse_outer)?;
        }
        let content;
        braced!(content in input);
        branches.push(CfgBranch { attrs, tokens: content.parse()? });
        if input.parse::<Option<Token![else]>>()?.is_none() {
            return Ok(branches);
        }
    }
}

fn cfg_if_statements(input: ParseStream<'_>) -> Result<Vec<Vec<Stmt>>> {
    cfg_if(input)?.into_iter().map(|branch| Block::parse_within.parse2(branch.tokens)).collect()
}

/// Calls `visit` for each identifier and collects strings that may be format strings.
pub(super) fn mentioned(tokens: TokenStream, visit: &mut dyn FnMut(&Ident), texts: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => visit(&ident),
            TokenTree::Group(group) => mentioned(group.stream(), visit, texts),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.contains('{') {
                    texts.push(text);
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// Takes the `await` out of each `for await`, telling where its `for` stands.
pub(super) fn without_await(tokens: TokenStream, loops: &mut Vec<Span>) -> TokenStream {
    let mut after_for = None;
    let mut kept = vec![];
    for token in tokens {
        let previous = after_for.take();
        match token {
            TokenTree::Ident(ident) if ident == "await" && previous.is_some() => loops.extend(previous),
            TokenTree::Ident(ident) => {
                after_for = (ident == "for").then(|| ident.span());
                kept.push(TokenTree::Ident(ident));
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                let mut inner = Group::new(group.delimiter(), without_await(group.stream(), loops));
                inner.set_span(group.span());
                kept.push(TokenTree::Group(inner));
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}
