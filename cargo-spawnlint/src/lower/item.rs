//! Items: modules, functions, types, impls, constants.

use super::attrs::{derives, function_attrs, has_repr, is_cfg_test, path_attr};
use super::block::braced;
use super::cx::Cx;
use super::expr::expr;
use super::imports::{extern_crate, use_item};
use super::item_macros::{impl_item_macro, item_macro, trait_item_macro};
use super::pat::pat;
use super::ty::{generics, path, ret, self_bounds, ty, ty_end};
use proc_macro2::Span;
use spawnlint_analysis::facts::{
    Const, ExprId, Field, Function, Impl, ImplId, List, Module, ModuleId, ModuleKind, Name, Owner, Param, Pat,
    SelfParam, TypeId, TypeItem, TypeKind, Visibility,
};
use spawnlint_analysis::span::TextRange;
use std::mem;
use syn::{Fields, ImplItem, Item, Signature, TraitItem};

/// What stands around an item.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) module: ModuleId,
    pub(super) is_test: bool,
}

impl Scope {
    /// The scope of something inside that has these attributes.
    pub(super) fn under(self, attrs: &[syn::Attribute]) -> Scope {
        Scope { is_test: self.is_test || (!attrs.is_empty() && is_cfg_test(attrs)), ..self }
    }
}

/// Lowers a file, or the contents of a module.
pub(super) fn items(cx: &mut Cx<'_>, scope: Scope, all: &mut [Item]) {
    for it in all {
        item(cx, scope, it);
    }
}

/// Lowers an item.
pub(super) fn item(cx: &mut Cx<'_>, scope: Scope, it: &mut Item) {
    match it {
        Item::Fn(it) => {
            let first = visibility_span(&it.vis).or(it.modifiers.defaultness.as_ref().map(|token| token.span));
            let visibility = visibility(&it.vis);
            let head = Head { scope, owner: Owner::Module, visibility, first, attrs: &it.attrs };
            function(cx, head, &it.sig, Body::Block(&mut it.block));
        }
        Item::Mod(it) => module(cx, scope, it),
        Item::Impl(it) => impl_block(cx, scope, it),
        Item::Trait(it) => trait_item(cx, scope, it),
        Item::Struct(it) => struct_item(cx, scope, it),
        Item::Union(it) => union_item(cx, scope, it),
        Item::Enum(it) => enum_item(cx, scope, it),
        Item::Type(it) => alias(cx, scope, it),
        Item::TraitAlias(it) => trait_alias(cx, scope, it),
        Item::Const(it) => const_item(cx, scope, it),
        Item::Static(it) => static_item(cx, scope, it),
        Item::Use(it) => use_item(cx, scope, it),
        Item::ExternCrate(it) => extern_crate(cx, scope, it),
        Item::ForeignMod(it) => foreign(cx, scope, it),
        Item::Macro(it) => item_macro(cx, scope, it),
        _ => {}
    }
}

pub(super) fn visibility(it: &syn::Visibility) -> Visibility {
    match it {
        syn::Visibility::Public(_) => Visibility::Public,
        syn::Visibility::Restricted(_) => Visibility::Restricted,
        syn::Visibility::Inherited => Visibility::Private,
    }
}

/// Where a visibility begins, if one is written.
pub(super) fn visibility_span(it: &syn::Visibility) -> Option<Span> {
    match it {
        syn::Visibility::Public(it) => Some(it.span),
        syn::Visibility::Restricted(it) => Some(it.pub_token.span),
        syn::Visibility::Inherited => None,
    }
}

fn module(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemMod) {
    let mut scope = scope.under(&it.attrs);
    let path_attr = path_attr(cx, &it.attrs);
    let first = visibility_span(&it.vis).unwrap_or(it.mod_token.span);
    let (kind, last) = match (&it.content, &it.semi) {
        (Some((brace, _)), _) => (ModuleKind::Inline, brace.span.join()),
        (None, semi) => (ModuleKind::Declared, semi.as_ref().map_or(it.ident.span(), |semi| semi.span)),
    };
    let range = cx.between(first, last);
    let name = Some(cx.name(&it.ident));
    let (parent, visibility, is_test) = (Some(scope.module), visibility(&it.vis), scope.is_test);
    scope.module = cx.add_module(Module { name, parent, kind, visibility, path_attr, is_test, range });
    if let Some((_, all)) = &mut it.content {
        items(cx, scope, all);
    }
}

/// What a function has from around it.
struct Head<'a> {
    scope: Scope,
    owner: Owner,
    visibility: Visibility,
    /// Where it begins, if that is before its signature.
    first: Option<Span>,
    attrs: &'a [syn::Attribute],
}

/// The body of a function, or the semicolon in its place.
enum Body<'a> {
    Block(&'a mut syn::Block),
    None(Span),
}

fn function(cx: &mut Cx<'_>, head: Head<'_>, sig: &Signature, body: Body<'_>) {
    let mut attrs = function_attrs(cx, head.attrs, head.scope.is_test);
    attrs.is_exported |= sig.abi.is_some();
    let first = head.first.unwrap_or_else(|| signature_start(sig));
    let range = match &body {
        Body::Block(block) => cx.between(first, block.brace_token.span.join()),
        Body::None(semi) => cx.between(first, *semi),
    };
    let (name, name_range) = cx.ident(&sig.ident);
    let generics = generics(cx, &sig.generics);
    let (mut self_param, mut params) = (None, Vec::with_capacity(sig.inputs.len()));
    for pair in sig.inputs.pairs() {
        match pair.value() {
            syn::FnArg::Receiver(it) => self_param = Some(receiver(cx, it)),
            syn::FnArg::Typed(it) => params.push(Param { pat: pat(cx, &it.pat), ty: ty(cx, &it.ty) }),
        }
    }
    let ret = ret(cx, &sig.output);
    let params_end = cx.range(sig.paren_token.span.close()).end;

    let run = run_body(cx, attrs.is_test, |cx| match body {
        Body::Block(block) => Some(braced(cx, block)),
        Body::None(_) => None,
    });
    let inner = run.scope(cx, Scope { is_test: attrs.is_test, ..head.scope }, range);
    cx.out.functions.push(Function {
        name,
        range,
        name_range,
        owner: head.owner,
        module: head.scope.module,
        body_module: inner.module,
        visibility: head.visibility,
        is_async: sig.asyncness.is_some(),
        self_param,
        params,
        generics,
        ret,
        params_end,
        body: run.root,
        first_expr: run.first,
        attrs,
    });
    run.finish(cx, inner);
}

/// A body that was lowered, and the items that it holds, which were not yet.
struct Run {
    first: Option<ExprId>,
    root: Option<ExprId>,
    items: Vec<Item>,
}

fn run_body(cx: &mut Cx<'_>, is_test: bool, lower: impl FnOnce(&mut Cx<'_>) -> Option<ExprId>) -> Run {
    let outer_items = mem::take(&mut cx.pending);
    let outer_test = mem::replace(&mut cx.in_test, is_test);
    let first = cx.next_expr();
    let root = lower(cx);
    cx.in_test = outer_test;
    Run { first: root.map(|_| first), root, items: mem::replace(&mut cx.pending, outer_items) }
}

impl Run {
    /// Where the names of the body are looked up: a module of its own if it has items.
    fn scope(&self, cx: &mut Cx<'_>, outer: Scope, range: TextRange) -> Scope {
        if self.items.is_empty() {
            return outer;
        }
        let (parent, is_test) = (Some(outer.module), outer.is_test);
        let visibility = Visibility::Private;
        let module = Module { name: None, parent, kind: ModuleKind::Body, visibility, path_attr: None, is_test, range };
        Scope { module: cx.add_module(module), ..outer }
    }

    fn finish(mut self, cx: &mut Cx<'_>, inner: Scope) {
        items(cx, inner, &mut self.items);
    }
}

fn signature_start(it: &Signature) -> Span {
    let first = it.constness.as_ref().map(|token| token.span);
    let first = first.or(it.asyncness.as_ref().map(|token| token.span));
    let first = first.or(match &it.safety {
        syn::Safety::Safe(token) => Some(token.span),
        syn::Safety::Unsafe(token) => Some(token.span),
        syn::Safety::Default => None,
    });
    let first = first.or(it.abi.as_ref().map(|abi| abi.extern_token.span));
    first.unwrap_or(it.fn_token.span)
}

fn receiver(cx: &mut Cx<'_>, it: &syn::Receiver) -> SelfParam {
    let mut range = cx.range(it.self_token.span);
    if let Some(token) = &it.mutability {
        range.start = cx.start(token.span);
    }
    let (mut is_ref, mut is_mut, mut written) = (false, it.mutability.is_some(), None);
    match &it.kind {
        syn::ReceiverKind::Reference(and, _, mutable) => {
            range.start = cx.start(and.span);
            is_mut |= mutable.is_some();
            is_ref = true;
        }
        syn::ReceiverKind::Typed(_, it) => {
            is_ref = matches!(**it, syn::Type::Reference(_));
            written = Some(ty(cx, it));
        }
        _ => {}
    }
    let name = cx.intern("self");
    SelfParam { pat: cx.add_pat(Pat::Bind { name, sub: None }, range), is_ref, is_mut, ty: written }
}

/// What is told of a constant, apart from its value.
pub(super) struct ConstHead<'a> {
    pub(super) scope: Scope,
    pub(super) owner: Owner,
    pub(super) ident: &'a syn::Ident,
    pub(super) ty: Option<&'a syn::Type>,
    pub(super) range: TextRange,
    pub(super) is_static: bool,
    pub(super) is_lazy: bool,
}

/// Lowers a constant or static.
pub(super) fn constant(cx: &mut Cx<'_>, head: ConstHead<'_>, init: Option<&mut syn::Expr>) {
    let name = cx.name(head.ident);
    let ty = head.ty.map(|it| ty(cx, it));
    let run = run_body(cx, head.scope.is_test, |cx| init.map(|it| expr(cx, it)));
    let inner = run.scope(cx, head.scope, head.range);
    cx.out.consts.push(Const {
        name,
        ty,
        init: run.root,
        first_expr: run.first,
        module: head.scope.module,
        owner: head.owner,
        is_static: head.is_static,
        is_lazy: head.is_lazy,
        is_test: head.scope.is_test,
        range: head.range,
    });
    run.finish(cx, inner);
}

fn const_item(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemConst) {
    let first = visibility_span(&it.vis).unwrap_or(it.const_token.span);
    let range = cx.between(first, it.semi_token.span);
    let scope = scope.under(&it.attrs);
    let (ident, ty) = (&it.ident, Some(&*it.ty));
    let head = ConstHead { scope, owner: Owner::Module, ident, ty, range, is_static: false, is_lazy: false };
    constant(cx, head, Some(&mut it.expr));
}

fn static_item(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemStatic) {
    let first = visibility_span(&it.vis).unwrap_or(it.static_token.span);
    let range = cx.between(first, it.semi_token.span);
    let scope = scope.under(&it.attrs);
    let (ident, ty) = (&it.ident, Some(&*it.ty));
    let head = ConstHead { scope, owner: Owner::Module, ident, ty, range, is_static: true, is_lazy: false };
    constant(cx, head, Some(&mut it.expr));
}

fn impl_block(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemImpl) {
    let scope = scope.under(&it.attrs);
    let first = it.modifiers.defaultness.as_ref().map(|token| token.span);
    let first = first.or(it.unsafety.as_ref().map(|token| token.span)).unwrap_or(it.impl_token.span);
    let range = cx.between(first, it.brace_token.span.join());
    let self_ty = ty(cx, &it.self_ty);
    let trait_path = it.trait_.as_ref().map(|(it, _)| path(cx, it, None));
    let generics = generics(cx, &it.generics);
    let (module, is_test) = (scope.module, scope.is_test);
    let is_conditional = it.attrs.iter().any(|attr| attr.path().is_ident("cfg"));
    let id = cx.add_impl(Impl { self_ty, trait_path, generics, module, range, is_test, is_conditional });
    impl_items(cx, scope, id, &mut it.items);
}

/// Lowers what stands in an impl block.
pub(super) fn impl_items(cx: &mut Cx<'_>, scope: Scope, id: ImplId, all: &mut [ImplItem]) {
    let of_trait = cx.out[id].trait_path.is_some();
    let seen = |vis: &syn::Visibility| if of_trait { Visibility::Public } else { visibility(vis) };
    for it in all {
        match it {
            ImplItem::Fn(it) => {
                let first = visibility_span(&it.vis).or(it.modifiers.defaultness.as_ref().map(|token| token.span));
                let (owner, visibility) = (Owner::Impl(id), seen(&it.vis));
                let head = Head { scope, owner, visibility, first, attrs: &it.attrs };
                function(cx, head, &it.sig, Body::Block(&mut it.block));
            }
            ImplItem::Const(it) => {
                let first = visibility_span(&it.vis).unwrap_or(it.const_token.span);
                let range = cx.between(first, it.semi_token.span);
                let (scope, owner) = (scope.under(&it.attrs), Owner::Impl(id));
                let (ident, ty) = (&it.ident, Some(&it.ty));
                let head = ConstHead { scope, owner, ident, ty, range, is_static: false, is_lazy: false };
                constant(cx, head, Some(&mut it.expr));
            }
            ImplItem::Type(it) => {
                let first = visibility_span(&it.vis).unwrap_or(it.type_token.span);
                let range = cx.between(first, it.semi_token.span);
                let visibility = seen(&it.vis);
                let kind = TypeKind::Alias(ty(cx, &it.ty));
                let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
                cx.add_type(TypeItem { kind, visibility, owner: Some(id), ..item });
            }
            ImplItem::Macro(it) => impl_item_macro(cx, scope, id, it),
            _ => {}
        }
    }
}

/// A type of which only the name, the place and the generics are told.
fn type_item(cx: &mut Cx<'_>, scope: Scope, ident: &syn::Ident, params: &syn::Generics, range: TextRange) -> TypeItem {
    let (name, name_range) = cx.ident(ident);
    TypeItem {
        name,
        kind: TypeKind::Struct,
        module: scope.module,
        visibility: Visibility::Private,
        generics: generics(cx, params),
        is_generic: !params.params.is_empty(),
        derives: List::EMPTY,
        has_fixed_layout: false,
        fields: vec![],
        variants: List::EMPTY,
        owner: None,
        range,
        name_range,
        is_test: scope.is_test,
    }
}

fn trait_item(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemTrait) {
    let scope = scope.under(&it.attrs);
    let first = visibility_span(&it.vis).or(it.unsafety.as_ref().map(|token| token.span));
    let range = cx.between(first.unwrap_or(it.trait_token.span), it.brace_token.span.join());
    let mut item = type_item(cx, scope, &it.ident, &it.generics, range);
    // `trait A: B` is `trait A where Self: B`.
    if !it.supertraits.is_empty() {
        item.generics.push(self_bounds(cx, &it.supertraits));
    }
    let id = cx.add_type(TypeItem { kind: TypeKind::Trait, visibility: visibility(&it.vis), ..item });
    trait_items(cx, scope, id, &mut it.items);
}

/// Lowers what stands in a trait: its methods.
pub(super) fn trait_items(cx: &mut Cx<'_>, scope: Scope, id: TypeId, all: &mut [TraitItem]) {
    for it in all {
        match it {
            TraitItem::Fn(it) => {
                let (owner, visibility) = (Owner::Trait(id), Visibility::Public);
                let head = Head { scope, owner, visibility, first: None, attrs: &it.attrs };
                let semi = it.semi_token.as_ref().map_or(it.sig.ident.span(), |semi| semi.span);
                let body = it.default.as_mut().map_or(Body::None(semi), Body::Block);
                function(cx, head, &it.sig, body);
            }
            TraitItem::Const(it) => {
                let range = cx.between(it.const_token.span, it.semi_token.span);
                let (scope, owner) = (scope.under(&it.attrs), Owner::Trait(id));
                let (ident, ty) = (&it.ident, Some(&it.ty));
                let head = ConstHead { scope, owner, ident, ty, range, is_static: false, is_lazy: false };
                constant(cx, head, it.default.as_mut().map(|(_, value)| value));
            }
            TraitItem::Macro(it) => trait_item_macro(cx, scope, id, it),
            _ => {}
        }
    }
}

fn trait_alias(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemTraitAlias) {
    let first = visibility_span(&it.vis).unwrap_or(it.trait_token.span);
    let range = cx.between(first, it.semi_token.span);
    let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
    cx.add_type(TypeItem { kind: TypeKind::Trait, visibility: visibility(&it.vis), ..item });
}

fn alias(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemType) {
    let first = visibility_span(&it.vis).unwrap_or(it.type_token.span);
    let range = cx.between(first, it.semi_token.span);
    let kind = TypeKind::Alias(ty(cx, &it.ty));
    let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
    cx.add_type(TypeItem { kind, visibility: visibility(&it.vis), ..item });
}

fn struct_item(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemStruct) {
    let first = visibility_span(&it.vis).unwrap_or(it.struct_token.span);
    let last = match (&it.semi_token, &it.fields) {
        (Some(semi), _) => semi.span,
        (None, Fields::Named(fields)) => fields.brace_token.span.join(),
        (None, Fields::Unnamed(fields)) => fields.paren_token.span.join(),
        (None, Fields::Unit) => it.ident.span(),
    };
    let range = cx.between(first, last);
    let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
    let (derives, has_fixed_layout) = (derives(cx, &it.attrs), has_repr(&it.attrs));
    let mut all = vec![];
    fields(cx, &it.fields, None, &mut all);
    cx.add_type(TypeItem { visibility: visibility(&it.vis), derives, has_fixed_layout, fields: all, ..item });
}

fn union_item(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemUnion) {
    let first = visibility_span(&it.vis).unwrap_or(it.union_token.span);
    let range = cx.between(first, it.fields.brace_token.span.join());
    let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
    let mut all = vec![];
    for (at, pair) in it.fields.named.pairs().enumerate() {
        all.push(field(cx, pair.value(), at, None));
    }
    let has_fixed_layout = has_repr(&it.attrs);
    cx.add_type(TypeItem { visibility: visibility(&it.vis), has_fixed_layout, fields: all, ..item });
}

fn enum_item(cx: &mut Cx<'_>, scope: Scope, it: &syn::ItemEnum) {
    let first = visibility_span(&it.vis).unwrap_or(it.enum_token.span);
    let range = cx.between(first, it.brace_token.span.join());
    let item = type_item(cx, scope.under(&it.attrs), &it.ident, &it.generics, range);
    let mut all = vec![];
    let mark = cx.mark();
    for pair in it.variants.pairs() {
        let variant = cx.name(&pair.value().ident);
        fields(cx, &pair.value().fields, Some(variant), &mut all);
        cx.push(variant);
    }
    let (kind, variants) = (TypeKind::Enum, cx.finish(mark));
    let derives = derives(cx, &it.attrs);
    cx.add_type(TypeItem { kind, visibility: visibility(&it.vis), derives, fields: all, variants, ..item });
}

fn fields(cx: &mut Cx<'_>, all: &Fields, variant: Option<Name>, acc: &mut Vec<Field>) {
    let all = match all {
        Fields::Named(all) => &all.named,
        Fields::Unnamed(all) => &all.unnamed,
        Fields::Unit => return,
    };
    for (at, pair) in all.pairs().enumerate() {
        acc.push(field(cx, pair.value(), at, variant));
    }
}

fn field(cx: &mut Cx<'_>, it: &syn::Field, at: usize, variant: Option<Name>) -> Field {
    let ty_id = ty(cx, &it.ty);
    let (name, start) = match &it.ident {
        Some(ident) => {
            let (name, range) = cx.ident(ident);
            (name, range.start)
        }
        None => (cx.intern(&at.to_string()), cx.start(syn::spanned::Spanned::span(&it.ty))),
    };
    let start = visibility_span(&it.vis).map_or(start, |first| cx.start(first));
    let range = TextRange::new(start, ty_end(cx, &it.ty));
    Field { name, variant, ty: ty_id, visibility: visibility(&it.vis), range }
}

/// Foreign functions have no body, but their names are known.
fn foreign(cx: &mut Cx<'_>, scope: Scope, it: &mut syn::ItemForeignMod) {
    let scope = scope.under(&it.attrs);
    for it in &mut it.items {
        if let syn::ForeignItem::Fn(it) = it {
            let (visibility, first) = (visibility(&it.vis), visibility_span(&it.vis));
            let head = Head { scope, owner: Owner::Module, visibility, first, attrs: &it.attrs };
            function(cx, head, &it.sig, Body::None(it.semi_token.span));
        }
    }
}
