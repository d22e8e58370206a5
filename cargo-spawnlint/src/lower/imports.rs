//! `use` and `extern crate`.

use super::cx::Cx;
use super::item::{Scope, visibility, visibility_span};
use spawnlint_rules::summary::{Import, List, Name};
use syn::UseTree;

/// One import for each name that a `use` brings in.
pub(super) fn use_item(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemUse) {
    let scope = scope.under(&it.attrs);
    let first = visibility_span(&it.vis).unwrap_or(it.use_token.span);
    let whole = Import {
        segments: List::EMPTY,
        name: None,
        is_glob: false,
        global: it.leading_colon.is_some(),
        module: scope.module,
        visibility: visibility(&it.vis),
        is_test: scope.is_test,
        range: cx.between(first, it.semi_token.span),
    };
    flatten(cx, &whole, &mut vec![], &it.tree);
}

fn flatten(cx: &mut Cx<'_>, whole: &Import, before: &mut Vec<Name>, it: &UseTree) {
    match it {
        UseTree::Path(it) => {
            before.push(cx.name(&it.ident));
            flatten(cx, whole, before, &it.tree);
            before.pop();
        }
        UseTree::Group(it) => {
            for pair in it.items.pairs() {
                flatten(cx, whole, before, pair.value());
            }
        }
        UseTree::Glob(_) => add(cx, Import { is_glob: true, ..*whole }, before, None),
        UseTree::Name(it) => {
            let last = last_segment(cx, before, &it.ident);
            let name = last.or(before.last().copied());
            add(cx, Import { name, ..*whole }, before, last);
        }
        UseTree::Rename(it) => {
            let last = last_segment(cx, before, &it.ident);
            let name = (it.rename != "_").then(|| cx.name(&it.rename));
            add(cx, Import { name, ..*whole }, before, last);
        }
    }
}

/// The last segment; `self` behind something stands for what is before it.
fn last_segment(cx: &mut Cx<'_>, before: &[Name], ident: &syn::Ident) -> Option<Name> {
    (before.is_empty() || ident != "self").then(|| cx.name(ident))
}

fn add(cx: &mut Cx<'_>, import: Import, before: &[Name], last: Option<Name>) {
    let mark = cx.mark();
    before.iter().copied().chain(last).for_each(|name| cx.push(name));
    let segments = cx.finish(mark);
    cx.out.imports.push(Import { segments, ..import });
}

/// `extern crate a as b;`.
pub(super) fn extern_crate(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemExternCrate) {
    let scope = scope.under(&it.attrs);
    let first = visibility_span(&it.vis).unwrap_or(it.extern_token.span);
    let last = cx.name(&it.ident);
    let name = match &it.rename {
        Some((_, rename)) if rename == "_" => None,
        Some((_, rename)) => Some(cx.name(rename)),
        None => Some(last),
    };
    let whole = Import {
        segments: List::EMPTY,
        name,
        is_glob: false,
        global: true,
        module: scope.module,
        visibility: visibility(&it.vis),
        is_test: scope.is_test,
        range: cx.between(first, it.semi_token.span),
    };
    add(cx, whole, &[], Some(last));
}
