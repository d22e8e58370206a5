//! `use` and `extern crate`.

use super::cx::Cx;
use super::item::{Scope, visibility, visibility_span};
use spawnlint_analysis::facts::{Import, List, Name};
use spawnlint_analysis::span::TextRange;
use syn::UseTree;

/// One import for each name that a `use` brings in.
pub(super) fn use_item(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemUse) {
    let scope = scope.under(&it.attrs);
    let first = visibility_span(&it.vis).unwrap_or(it.use_token.span);
    let range = cx.between(first, it.semi_token.span);
    let whole = Import {
        segments: List::EMPTY,
        name: None,
        is_glob: false,
        global: it.leading_colon.is_some(),
        module: scope.module,
        visibility: visibility(&it.vis),
        is_test: scope.is_test,
        range,
        leaf: cx.whole_line(range),
        keep: None,
        after: None,
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
            let items: Vec<&UseTree> = it.items.iter().collect();
            for (at, item) in items.iter().enumerate() {
                let braces = cx.range(it.brace_token.span.join());
                let after = at.checked_sub(1).map(|at| end(cx, items[at]));
                if let [first, second] = items.as_slice() {
                    let other = if at == 0 { second } else { first };
                    if !is_self(other) {
                        let keep = Some(TextRange::new(start(cx, other), end(cx, other)));
                        flatten(cx, &Import { leaf: braces, keep, after, ..*whole }, before, item);
                        continue;
                    }
                }
                let leaf = match (at.checked_sub(1).map(|at| items[at]), items.get(at + 1)) {
                    (_, Some(next)) => TextRange::new(start(cx, item), start(cx, next)),
                    (Some(last), None) => TextRange::new(end(cx, last), end(cx, item)),
                    (None, None) => whole.leaf,
                };
                let (keep, after) = if items.len() == 1 { (whole.keep, whole.after) } else { (None, after) };
                flatten(cx, &Import { leaf, keep, after, ..*whole }, before, item);
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

/// `self`, which stands in braces only.
fn is_self(it: &UseTree) -> bool {
    match it {
        UseTree::Name(it) => it.ident == "self",
        UseTree::Rename(it) => it.ident == "self",
        _ => false,
    }
}

fn start(cx: &Cx<'_>, it: &UseTree) -> u32 {
    cx.start(match it {
        UseTree::Path(it) => it.ident.span(),
        UseTree::Name(it) => it.ident.span(),
        UseTree::Rename(it) => it.ident.span(),
        UseTree::Glob(it) => it.star_token.span,
        UseTree::Group(it) => it.brace_token.span.open(),
    })
}

fn end(cx: &Cx<'_>, it: &UseTree) -> u32 {
    cx.end(match it {
        UseTree::Path(it) => return end(cx, &it.tree),
        UseTree::Name(it) => it.ident.span(),
        UseTree::Rename(it) => it.rename.span(),
        UseTree::Glob(it) => it.star_token.span,
        UseTree::Group(it) => it.brace_token.span.close(),
    })
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
    let range = cx.between(first, it.semi_token.span);
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
        range,
        leaf: cx.whole_line(range),
        keep: None,
        after: None,
    };
    add(cx, whole, &[], Some(last));
}
