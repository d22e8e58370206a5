//! Macro calls where items stand: those that only wrap items, and those that declare statics.

use super::attrs::is_cfg_test;
use super::cx::Cx;
use super::expand::expanded;
use super::grammar::cfg_if;
use super::item::{ConstHead, Scope, constant, impl_items, items, trait_items, visibility_span};
use super::macros::mention_in_definition;
use proc_macro2::TokenStream;
use spawnlint_analysis::facts::{ImplId, Owner, TypeId};
use spawnlint_analysis::span::TextRange;
use syn::parse::{Parse, ParseStream, Parser, Result};
use syn::{Attribute, Expr, Ident, ImplItem, Item, ItemMacro, Token, TraitItem, Type, Visibility};

/// Whether a macro call in a body declares items, rather than doing something.
pub(super) fn defines_items(it: &syn::Macro) -> bool {
    it.path.segments.last().is_some_and(|last| {
        ["lazy_static", "thread_local", "task_local", "pin_project"].iter().any(|name| last.ident == name)
    })
}

/// Lowers a macro call among items. Of `macro_rules!` and unknown grammars nothing is known.
pub(super) fn item_macro(cx: &mut Cx<'_>, scope: Scope, it: &mut ItemMacro) {
    let Some(last) = it.mac.path.segments.last() else { return };
    let name = last.ident.to_string();
    let first = it.mac.path.segments.first().unwrap_or(last);
    let range = cx.between(first.ident.span(), it.mac.delimiter.span().join());
    cx.elements.push(range);
    if it.ident.is_some() {
        let tokens = std::mem::take(&mut it.mac.tokens);
        return mention_in_definition(cx, tokens);
    }
    if !cx.may_read(range) {
        return;
    }
    let mut scope = scope.under(&it.attrs);
    let is_known = name == "cfg_if" || defines_items(&it.mac);
    if !is_known
        && expanded(cx, &it.mac, scope.is_test, |input, _| all::<Item>(input), |cx, mut all| items(cx, scope, &mut all))
            .is_some()
    {
        return;
    }
    let tokens = std::mem::take(&mut it.mac.tokens);
    match name.as_str() {
        "cfg_if" => cfg_if_items(cx, scope, tokens),
        "lazy_static" => statics(cx, scope, Kind::Lazy, tokens),
        "thread_local" => statics(cx, scope, Kind::ThreadLocal, tokens),
        "task_local" => statics(cx, scope, Kind::TaskLocal, tokens),
        _ => {
            scope.is_test |= name == "cfg_test";
            if let Ok(mut all) = all::<Item>.parse2(tokens) {
                items(cx, scope, &mut all);
            }
        }
    }
}

/// Lowers a macro call in an impl block that wraps its items.
pub(super) fn impl_item_macro(cx: &mut Cx<'_>, scope: Scope, id: ImplId, it: &mut syn::ImplItemMacro) {
    let scope = scope.under(&it.attrs);
    let inside = cx.range(it.mac.delimiter.span().join());
    if !cx.may_read(inside) {
        return;
    }
    if expanded(
        cx,
        &it.mac,
        scope.is_test,
        |input, _| all::<ImplItem>(input),
        |cx, mut all| impl_items(cx, scope, id, &mut all),
    )
    .is_some()
    {
        return;
    }
    if let Ok(mut all) = all::<ImplItem>.parse2(std::mem::take(&mut it.mac.tokens)) {
        impl_items(cx, scope, id, &mut all);
    }
}

/// Lowers a macro call in a trait that wraps its items.
pub(super) fn trait_item_macro(cx: &mut Cx<'_>, scope: Scope, id: TypeId, it: &mut syn::TraitItemMacro) {
    let scope = scope.under(&it.attrs);
    let inside = cx.range(it.mac.delimiter.span().join());
    if !cx.may_read(inside) {
        return;
    }
    if expanded(
        cx,
        &it.mac,
        scope.is_test,
        |input, _| all::<TraitItem>(input),
        |cx, mut all| trait_items(cx, scope, id, &mut all),
    )
    .is_some()
    {
        return;
    }
    if let Ok(mut all) = all::<TraitItem>.parse2(std::mem::take(&mut it.mac.tokens)) {
        trait_items(cx, scope, id, &mut all);
    }
}

fn all<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    input.call(Attribute::parse_inner)?;
    let mut all = vec![];
    while !input.is_empty() {
        all.push(input.parse()?);
    }
    Ok(all)
}

/// The items of every branch: which one is active is not for the text to say.
fn cfg_if_items(cx: &mut Cx<'_>, scope: Scope, tokens: TokenStream) {
    for branch in cfg_if.parse2(tokens).unwrap_or_default() {
        let is_test = scope.is_test || is_cfg_test(&branch.attrs);
        if let Ok(mut all) = all::<Item>.parse2(branch.tokens) {
            items(cx, Scope { is_test, ..scope }, &mut all);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `static ref NAME: Type = value;`
    Lazy,
    /// `static NAME: Type = [const] value;`
    ThreadLocal,
    /// `static NAME: Type;`
    TaskLocal,
}

struct Static {
    attrs: Vec<Attribute>,
    vis: Visibility,
    keyword: Token![static],
    ident: Ident,
    ty: Type,
    init: Option<Expr>,
    last: proc_macro2::Span,
}

fn statics(cx: &mut Cx<'_>, scope: Scope, kind: Kind, tokens: TokenStream) {
    for mut it in parse_statics.parse2(tokens).unwrap_or_default() {
        let first = visibility_span(&it.vis).unwrap_or(it.keyword.span);
        let range: TextRange = cx.between(first, it.last);
        let (scope, is_lazy) = (scope.under(&it.attrs), kind != Kind::TaskLocal);
        let (ident, ty) = (&it.ident, Some(&it.ty));
        let head = ConstHead { scope, owner: Owner::Module, ident, ty, range, is_static: true, is_lazy };
        constant(cx, head, it.init.as_mut());
    }
}

fn parse_statics(input: ParseStream<'_>) -> Result<Vec<Static>> {
    let mut all = vec![];
    while !input.is_empty() {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let keyword = input.parse()?;
        input.parse::<Option<Token![ref]>>()?;
        let ident: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let mut init = None;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            init = Some(input.parse()?);
        }
        let semi = input.parse::<Option<Token![;]>>()?;
        let last = semi.map_or(ident.span(), |semi| semi.span);
        all.push(Static { attrs, vis, keyword, ident, ty, init, last });
    }
    Ok(all)
}
