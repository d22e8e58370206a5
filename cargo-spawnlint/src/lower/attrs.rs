//! What attributes say.

use super::cx::Cx;
use proc_macro2::{TokenStream, TokenTree};
use spawnlint_analysis::facts::{FunctionAttrs, Instrument, List, Name};
use spawnlint_analysis::span::TextRange;
use syn::{Attribute, Meta};

/// Whether code under these attributes exists only in tests.
pub(super) fn is_cfg_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => is_test_predicate(list.tokens.clone()),
        _ => false,
    })
}

/// Whether a statement, arm or field is to be left out: it is only there in tests, and what is
/// around it is not.
pub(super) fn is_left_out(cx: &Cx<'_>, attrs: &[Attribute]) -> bool {
    !attrs.is_empty() && !cx.in_test && is_cfg_test(attrs)
}

/// Whether a predicate holds for tests only: `test`, a feature for those of others (`test-utils`, `testing`),
/// an `all` that names one, an `any` of nothing else. In `any(test, unix)` the other half may hold. `any()` never
/// holds: the code is there in no build at all.
pub(super) fn is_test_predicate(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    let Some(TokenTree::Ident(name)) = tokens.next() else { return false };
    match tokens.next() {
        None => name == "test",
        Some(TokenTree::Group(group)) if name == "all" => members(group.stream()).into_iter().any(is_test_predicate),
        Some(TokenTree::Group(group)) if name == "any" => {
            members(group.stream()).into_iter().filter(|member| !member.is_empty()).all(is_test_predicate)
        }
        Some(TokenTree::Punct(equals)) if equals.as_char() == '=' && name == "feature" => {
            tokens.next().is_some_and(|feature| feature.to_string().starts_with("\"test"))
        }
        Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => name == "test" && tokens.next().is_none(),
        _ => false,
    }
}

/// The parts between commas.
fn members(tokens: TokenStream) -> Vec<TokenStream> {
    let mut all = vec![];
    let mut member = vec![];
    for token in tokens {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => all.push(member.drain(..).collect()),
            token => member.push(token),
        }
    }
    all.push(member.into_iter().collect());
    all
}

/// What the attributes of a function say; `is_test` is whether what is around it is a test.
pub(super) fn function_attrs(cx: &Cx<'_>, attrs: &[Attribute], is_test: bool) -> FunctionAttrs {
    let mut found = FunctionAttrs { is_test: is_test || is_cfg_test(attrs), ..FunctionAttrs::default() };
    for attr in attrs {
        let Some(last) = attr.path().segments.last() else { continue };
        if last.ident == "doc" {
            continue;
        }
        if last.ident == "cfg_attr" {
            for name in conditional_names(attr) {
                found.is_entry |= name == "main";
                if name == "instrument" {
                    found.instrument = Some(instrument(cx, attr));
                }
            }
            continue;
        }
        found.is_entry |= last.ident == "main";
        found.is_exported |= exports(attr);
        found.is_test_case |= marks_test(&last.ident.to_string());
        if last.ident == "instrument" {
            found.instrument = Some(instrument(cx, attr));
        }
    }
    found.is_test |= found.is_test_case;
    found
}

/// `#[no_mangle]`, `#[unsafe(no_mangle)]`, `#[export_name = ".."]`.
fn exports(attr: &Attribute) -> bool {
    const NAMES: &[&str] = &["no_mangle", "export_name"];
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("unsafe") => {
            matches!(list.tokens.clone().into_iter().next(), Some(TokenTree::Ident(it)) if NAMES.iter().any(|name| it == name))
        }
        meta => NAMES.iter().any(|name| meta.path().is_ident(name)),
    }
}

/// Whether `#[repr(..)]` stands among the attributes of a type.
pub(super) fn has_repr(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("repr"))
}

/// `#[instrument(skip_all, parent = None, err)]`, also among what a `cfg_attr` adds.
fn instrument(cx: &Cx<'_>, attr: &Attribute) -> Instrument {
    let range = cx.between(attr.pound_token.span, attr.bracket_token.span.join());
    let last = attr.path().segments.last().map_or(attr.pound_token.span, |last| last.ident.span());
    let mut found = Instrument {
        range,
        path_end: cx.end(last),
        arguments: None,
        has_parent: false,
        logs_error: false,
        is_trace: false,
    };
    let Meta::List(list) = &attr.meta else { return found };
    let mut arguments = list.tokens.clone();
    let mut parentheses = *list.delimiter.span();
    if list.path.is_ident("cfg_attr") {
        let mut behind = arguments.into_iter().skip_while(|token| !is_ident(token, "instrument"));
        if let Some(name) = behind.next() {
            found.path_end = cx.end(name.span());
        }
        let Some(TokenTree::Group(group)) = behind.next() else { return found };
        parentheses = group.delim_span();
        arguments = group.stream();
    }
    found.arguments = Some(TextRange::new(cx.end(parentheses.open()), cx.start(parentheses.close())));
    for argument in members(arguments) {
        let mut tokens = argument.into_iter();
        let Some(name) = tokens.next() else { continue };
        found.has_parent |= is_ident(&name, "parent");
        found.logs_error |= is_ident(&name, "err");
        // `level = "trace"`, `level = tracing::Level::TRACE`
        found.is_trace |= is_ident(&name, "level")
            && tokens.last().is_some_and(|level| level.to_string().trim_matches('"').eq_ignore_ascii_case("trace"));
    }
    found
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(it) if it == name)
}

/// Names of the attributes that test frameworks put on a function. `cfg_attr(test, ..)` is not one.
fn marks_test(name: &str) -> bool {
    matches!(name, "test" | "bench" | "rstest" | "quickcheck" | "proptest" | "test_case")
        || name.ends_with("_test")
        || name.starts_with("test_")
}

/// The last segments of the attributes that `cfg_attr(predicate, a, b::c(..))` adds.
fn conditional_names(attr: &Attribute) -> Vec<String> {
    let Meta::List(list) = &attr.meta else { return vec![] };
    members(list.tokens.clone()).into_iter().skip(1).filter_map(last_ident).collect()
}

/// `Debug` of `std::fmt::Debug`.
fn last_ident(path: TokenStream) -> Option<String> {
    let idents = path.into_iter().take_while(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    });
    idents.filter_map(|token| if let TokenTree::Ident(it) = token { Some(it.to_string()) } else { None }).last()
}

/// What `#[derive(..)]` names, by the last segments.
pub(super) fn derives(cx: &mut Cx<'_>, attrs: &[Attribute]) -> List<Name> {
    let mark = cx.mark();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let Meta::List(list) = &attr.meta else { continue };
        for name in members(list.tokens.clone()).into_iter().filter_map(last_ident) {
            let name = cx.intern(&name);
            cx.push(name);
        }
    }
    cx.finish(mark)
}

/// The value of `#[path = ".."]`.
pub(super) fn path_attr(cx: &mut Cx<'_>, attrs: &[Attribute]) -> Option<Name> {
    attrs.iter().find_map(|attr| match &attr.meta {
        Meta::NameValue(it) if it.path.is_ident("path") => match &it.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(cx.intern(&text.value())),
            _ => None,
        },
        _ => None,
    })
}
