//! Patterns and literals.

use super::cx::Cx;
use super::ty::{path, ty};
use spawnlint_analysis::facts::{List, Lit, Name, Pat, PatId};
use spawnlint_analysis::span::TextRange;
use syn::punctuated::{Pair, Punctuated};
use syn::spanned::Spanned;
use syn::{Member, Pat as SynPat};

/// Lowers a pattern. A guard is left to whoever reads the arm.
pub(super) fn pat(cx: &mut Cx<'_>, it: &SynPat) -> PatId {
    match it {
        SynPat::Ident(it) => bind(cx, it),
        SynPat::Wild(it) => {
            let range = cx.range(it.underscore_token.span);
            cx.add_pat(Pat::Wild, range)
        }
        SynPat::Tuple(it) => {
            let list = pats(cx, &it.elems);
            let range = cx.range(it.paren_token.span.join());
            cx.add_pat(Pat::Tuple(list), range)
        }
        SynPat::TupleStruct(it) => {
            let path = path(cx, &it.path, it.qself.as_ref());
            let pats = pats(cx, &it.elems);
            let range = cx.until(cx.out[path].range.start, it.paren_token.span.join());
            cx.add_pat(Pat::TupleStruct { path, pats }, range)
        }
        SynPat::Struct(it) => structure(cx, it),
        SynPat::Or(it) => {
            let list = pats(cx, &it.cases);
            let range = cover(cx, list);
            cx.add_pat(Pat::Or(list), range)
        }
        SynPat::Reference(it) => {
            let inner = pat(cx, &it.pat);
            let range = TextRange::new(cx.start(it.and_token.span), cx.pat_at(inner).end);
            cx.add_pat(Pat::Ref(inner), range)
        }
        SynPat::Path(it) => {
            let path = path(cx, &it.path, it.qself.as_ref());
            let range = cx.out[path].range;
            cx.add_pat(Pat::Path(path), range)
        }
        SynPat::Slice(it) => {
            let list = pats(cx, &it.elems);
            let range = cx.range(it.bracket_token.span.join());
            cx.add_pat(Pat::Slice(list), range)
        }
        SynPat::Rest(it) => {
            let range = cx.between(it.dot2_token.spans[0], it.dot2_token.spans[1]);
            cx.add_pat(Pat::Rest, range)
        }
        SynPat::Type(it) => {
            let pat = pat(cx, &it.pat);
            let ty_id = ty(cx, &it.ty);
            let range = TextRange::new(cx.pat_at(pat).start, super::ty::ty_end(cx, &it.ty));
            cx.add_pat(Pat::Typed { pat, ty: ty_id }, range)
        }
        SynPat::Lit(it) => {
            let lowered = lit(cx, &it.lit);
            let range = cx.range(it.lit.span());
            cx.add_pat(Pat::Lit(lowered), range)
        }
        SynPat::Paren(it) => pat(cx, &it.pat),
        SynPat::Guard(it) => pat(cx, &it.pat),
        other => {
            let range = cx.range(other.span());
            cx.add_pat(Pat::Other, range)
        }
    }
}

fn bind(cx: &mut Cx<'_>, it: &syn::PatIdent) -> PatId {
    let (name, mut range) = cx.ident(&it.ident);
    let first = it.by_ref.as_ref().map(|by_ref| by_ref.span).or(it.mutability.as_ref().map(|mutable| mutable.span));
    if let Some(first) = first {
        range.start = cx.start(first);
    }
    let sub = it.subpat.as_ref().map(|(_, sub)| pat(cx, sub));
    if let Some(sub) = sub {
        range.end = cx.pat_at(sub).end;
    }
    cx.add_pat(Pat::Bind { name, sub }, range)
}

fn structure(cx: &mut Cx<'_>, it: &syn::PatStruct) -> PatId {
    let path = path(cx, &it.path, it.qself.as_ref());
    let mark = cx.mark();
    for pair in it.fields.pairs() {
        let field = pair.value();
        let (name, at) = member(cx, &field.member);
        let pat = pat(cx, &field.pat);
        let range = cx.pat_at(pat).cover(at);
        let id = cx.add_pat(Pat::Field { name, pat }, range);
        cx.push(id);
    }
    let fields = cx.finish(mark);
    let range = cx.until(cx.out[path].range.start, it.brace_token.span.join());
    cx.add_pat(Pat::Struct { path, fields }, range)
}

/// The name of a field, and where it stands.
pub(super) fn member(cx: &mut Cx<'_>, it: &Member) -> (Name, TextRange) {
    match it {
        Member::Named(ident) => cx.ident(ident),
        Member::Unnamed(index) => (cx.intern(&index.index.to_string()), cx.range(index.span)),
    }
}

fn pats<P>(cx: &mut Cx<'_>, all: &Punctuated<SynPat, P>) -> List<PatId> {
    let mark = cx.mark();
    for it in all.pairs().map(Pair::into_value) {
        let id = pat(cx, it);
        cx.push(id);
    }
    cx.finish(mark)
}

fn cover(cx: &Cx<'_>, list: List<PatId>) -> TextRange {
    let first = cx.out.at(list, 0).map(|pat| cx.pat_at(pat));
    let last = cx.out.list(list).next_back().map(|pat| cx.pat_at(pat));
    first.zip(last).map_or(TextRange::default(), |(first, last)| first.cover(last))
}

/// Lowers a literal.
pub(super) fn lit(cx: &mut Cx<'_>, it: &syn::Lit) -> Lit {
    match it {
        syn::Lit::Str(it) => Lit::Str(cx.intern(&it.value())),
        syn::Lit::Int(it) => Lit::Int(it.base10_digits().parse().ok()),
        syn::Lit::Float(it) => Lit::Float(cx.intern(it.base10_digits())),
        syn::Lit::Bool(it) => Lit::Bool(it.value),
        _ => Lit::Other,
    }
}
