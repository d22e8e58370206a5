//! `use` and `extern crate`.

use super::cx::Cx;
use super::item::{Scope, visibility, visibility_span};
use spawnlint_rules::span::TextRange;
use spawnlint_rules::summary::{Import, List, Name, Removal};
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
        removal: None,
    };
    // What an attribute speaks of is not taken away from below it.
    let range = cx.with_line_end(whole.range);
    let removal = it.attrs.is_empty().then_some(Removal { range, rest: None });
    flatten(cx, &Import { removal, ..whole }, &mut vec![], &it.tree);
}

/// How each member of a group is taken out of it.
fn removals(cx: &Cx<'_>, whole: &Import, group: &syn::UseGroup) -> Vec<Option<Removal>> {
    let ranges: Vec<TextRange> = group.items.pairs().map(|pair| tree_range(cx, pair.value())).collect();
    let is_self = |at: usize| matches!(&group.items[at], UseTree::Name(it) if it.ident == "self");
    let removal = |at: usize| match (ranges.len(), ranges.get(at + 1)) {
        (1, _) => whole.removal,
        (2, _) if !is_self(1 - at) => {
            Some(Removal { range: cx.range(group.brace_token.span.join()), rest: Some(ranges[1 - at]) })
        }
        (_, Some(next)) => Some(Removal { range: TextRange::new(ranges[at].start, next.start), rest: None }),
        (_, None) => Some(Removal { range: TextRange::new(ranges[at - 1].end, ranges[at].end), rest: None }),
    };
    (0..ranges.len()).map(removal).collect()
}

fn tree_range(cx: &Cx<'_>, it: &UseTree) -> TextRange {
    match it {
        UseTree::Path(it) => TextRange::new(cx.start(it.ident.span()), tree_range(cx, &it.tree).end),
        UseTree::Group(it) => cx.range(it.brace_token.span.join()),
        UseTree::Glob(it) => cx.range(it.star_token.span),
        UseTree::Name(it) => cx.range(it.ident.span()),
        UseTree::Rename(it) => cx.between(it.ident.span(), it.rename.span()),
    }
}

fn flatten(cx: &mut Cx<'_>, whole: &Import, before: &mut Vec<Name>, it: &UseTree) {
    match it {
        UseTree::Path(it) => {
            before.push(cx.name(&it.ident));
            flatten(cx, whole, before, &it.tree);
            before.pop();
        }
        UseTree::Group(it) => {
            let removals = removals(cx, whole, it);
            for (pair, removal) in it.items.pairs().zip(removals) {
                flatten(cx, &Import { removal, ..*whole }, before, pair.value());
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
        removal: None,
    };
    add(cx, whole, &[], Some(last));
}
