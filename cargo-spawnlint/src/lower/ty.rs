//! Types, paths and generics.

use super::cx::Cx;
use spawnlint_analysis::facts::{Generic, Id, List, Path, PathId, Ty, TyId};
use spawnlint_analysis::span::TextRange;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Token, Type, TypeParamBound};

/// Lowers a type.
pub(super) fn ty(cx: &mut Cx<'_>, it: &Type) -> TyId {
    let lowered = match it {
        Type::Path(it) => Ty::Path(path(cx, &it.path, it.qself.as_ref())),
        Type::Reference(it) => Ty::Ref(ty(cx, &it.elem)),
        Type::Ptr(it) => Ty::Pointer(ty(cx, &it.elem)),
        Type::Slice(it) => Ty::Slice(ty(cx, &it.elem)),
        Type::Array(it) => Ty::Array(ty(cx, &it.elem)),
        Type::Tuple(it) => Ty::Tuple(tys(cx, it.elems.pairs().map(|pair| *pair.value()))),
        Type::ImplTrait(it) => Ty::Impl(bounds(cx, &it.bounds)),
        Type::TraitObject(it) => Ty::Dyn(bounds(cx, &it.bounds)),
        Type::FnPtr(it) => {
            let params = tys(cx, it.inputs.pairs().map(|pair| &pair.value().ty));
            Ty::Fn { params, ret: ret(cx, &it.output) }
        }
        Type::Never(_) => Ty::Never,
        Type::Infer(_) => Ty::Infer,
        Type::Paren(it) => {
            let inner = ty(cx, &it.elem);
            // Whoever writes around it writes around its parentheses.
            cx.out.ty_ranges[inner.index()] = cx.range(it.paren_token.span.join());
            return inner;
        }
        Type::Group(it) => return ty(cx, &it.elem),
        _ => Ty::Unknown,
    };
    let range = ty_range(cx, it, lowered);
    cx.add_ty(lowered, range)
}

/// Where a type stands. The span of a whole type is made of all its tokens: most need only the first and the last.
fn ty_range(cx: &Cx<'_>, it: &Type, lowered: Ty) -> TextRange {
    match (it, lowered) {
        (Type::Path(_), Ty::Path(path)) => cx.out[path].range,
        (Type::Reference(it), Ty::Ref(inner)) => TextRange::new(cx.start(it.and_token.span), cx.ty_at(inner).end),
        (Type::Tuple(it), _) => cx.range(it.paren_token.span.join()),
        (Type::Slice(it), _) => cx.range(it.bracket_token.span.join()),
        (Type::Array(it), _) => cx.range(it.bracket_token.span.join()),
        _ => cx.range(it.span()),
    }
}

/// Lowers what stands after `->`.
pub(super) fn ret(cx: &mut Cx<'_>, it: &ReturnType) -> Option<TyId> {
    match it {
        ReturnType::Default => None,
        ReturnType::Type(_, it) => Some(ty(cx, it)),
    }
}

/// One past the last byte of a type.
pub(super) fn ty_end(cx: &Cx<'_>, it: &Type) -> u32 {
    cx.end(it.span())
}

fn tys<'a>(cx: &mut Cx<'_>, all: impl Iterator<Item = &'a Type>) -> List<TyId> {
    let mark = cx.mark();
    for it in all {
        let id = ty(cx, it);
        cx.push(id);
    }
    cx.finish(mark)
}

/// The traits among some bounds.
pub(super) fn bounds(cx: &mut Cx<'_>, all: &Punctuated<TypeParamBound, Token![+]>) -> List<PathId> {
    let mark = cx.mark();
    push_bounds(cx, all);
    cx.finish(mark)
}

fn push_bounds(cx: &mut Cx<'_>, all: &Punctuated<TypeParamBound, Token![+]>) {
    for pair in all.pairs() {
        if let TypeParamBound::Trait(bound) = pair.value()
            && bound.maybe.is_none()
        {
            let id = path(cx, &bound.path, None);
            cx.push(id);
        }
    }
}

/// Lowers a path with its generic arguments.
pub(super) fn path(cx: &mut Cx<'_>, it: &syn::Path, qself: Option<&syn::QSelf>) -> PathId {
    let mut range: Option<TextRange> = None;
    let mut has_args = false;
    let segments = cx.mark();
    for pair in it.segments.pairs() {
        let segment = pair.value();
        let (name, at) = cx.ident(&segment.ident);
        cx.push(name);
        has_args |= !segment.arguments.is_none();
        range = Some(range.map_or(at, |range| range.cover(at)));
    }
    let segments = cx.finish(segments);
    let mut range = range.unwrap_or_default();
    if let Some(colons) = &it.leading_colon {
        range.start = cx.start(colons.spans[0]);
    }
    let mut qself_ty = None;
    if let Some(qself) = qself {
        range.start = cx.start(qself.lt_token.span);
        qself_ty = Some(ty(cx, &qself.ty));
    }

    let mut args = List::EMPTY;
    let mut parenthesized = false;
    if has_args {
        let mark = cx.mark();
        for pair in it.segments.pairs() {
            match &pair.value().arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(angle) => push_args(cx, angle),
                PathArguments::Parenthesized(paren) => {
                    parenthesized = true;
                    let inputs = Ty::Tuple(tys(cx, paren.inputs.pairs().map(|pair| &pair.value().ty)));
                    let at = cx.range(paren.paren_token.span.join());
                    let inputs = cx.add_ty(inputs, at);
                    cx.push(inputs);
                    if let Some(output) = ret(cx, &paren.output) {
                        cx.push(output);
                    }
                }
            }
        }
        args = cx.finish(mark);
        range.end = range.end.max(last_segment_end(cx, it));
    }
    let global = it.leading_colon.is_some();
    cx.add_path(Path { segments, args, qself: qself_ty, global, parenthesized, range })
}

fn last_segment_end(cx: &Cx<'_>, it: &syn::Path) -> u32 {
    match it.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(angle)) => cx.end(angle.gt_token.span),
        Some(PathArguments::Parenthesized(paren)) => match &paren.output {
            ReturnType::Default => cx.end(paren.paren_token.span.join()),
            ReturnType::Type(_, output) => ty_end(cx, output),
        },
        _ => 0,
    }
}

/// The arguments of a turbofish as a type.
pub(super) fn turbofish(cx: &mut Cx<'_>, it: &syn::AngleBracketedGenericArguments) -> TyId {
    let mark = cx.mark();
    push_args(cx, it);
    let args = Ty::Args(cx.finish(mark));
    let range = cx.between(it.lt_token.span, it.gt_token.span);
    cx.add_ty(args, range)
}

fn push_args(cx: &mut Cx<'_>, it: &syn::AngleBracketedGenericArguments) {
    for pair in it.args.pairs() {
        let id = match pair.value() {
            GenericArgument::Type(it) => ty(cx, it),
            GenericArgument::AssocType(it) => {
                let name = cx.name(&it.ident);
                let start = cx.start(it.ident.span());
                let ty = ty(cx, &it.ty);
                let range = TextRange::new(start, cx.ty_at(ty).end);
                cx.add_ty(Ty::Binding { name, ty }, range)
            }
            _ => continue,
        };
        cx.push(id);
    }
}

/// What `Self` is bound by: the traits behind the colon of a trait.
pub(super) fn self_bounds(cx: &mut Cx<'_>, bounds: &Punctuated<TypeParamBound, Token![+]>) -> Generic {
    let name = cx.intern("Self");
    let mark = cx.mark();
    push_bounds(cx, bounds);
    Generic { name, bounds: cx.finish(mark) }
}

/// The type parameters with their bounds, inline ones first.
pub(super) fn generics(cx: &mut Cx<'_>, it: &syn::Generics) -> Vec<Generic> {
    let mut all = Vec::new();
    for pair in it.params.pairs() {
        let syn::GenericParam::Type(param) = pair.value() else { continue };
        let name = cx.name(&param.ident);
        let mark = cx.mark();
        push_bounds(cx, &param.bounds);
        for clause in it.where_clause.iter().flat_map(|clause| clause.predicates.pairs()) {
            if let syn::WherePredicate::Type(clause) = clause.value()
                && is_ident(&clause.bounded_ty, &param.ident)
            {
                push_bounds(cx, &clause.bounds);
            }
        }
        let bounds = cx.finish(mark);
        all.push(Generic { name, bounds });
    }
    all
}

fn is_ident(it: &Type, ident: &syn::Ident) -> bool {
    matches!(it, Type::Path(it) if it.qself.is_none() && it.path.is_ident(ident))
}
