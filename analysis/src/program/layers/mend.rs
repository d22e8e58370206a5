//! What a rewrite of a layer has to know: under which key an entry was put in, and where it may be removed.

use super::Growth;
use crate::{
    catalogue::{self, Does, WrapperKind},
    facts::{Expr, ExprId, Owner, Pat, Ty, TyId},
    program::{Def, ExprRef, Origin, Place, Program, Type, Value},
    span::{Span, TextRange},
};

/// Where a layer may get an `on_close`, and the types of its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingCallback {
    /// Before the brace that closes the block.
    pub at: Span,
    /// `Id`, as it is written there.
    pub id: Span,
    /// `Context<'_, S>`.
    pub context: Span,
}

/// What an entry is put in under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKey {
    /// `id.into_u64()`
    Number,
    /// `id.clone()`
    Id,
}

/// `children.0`, of `let children = extensions.get_mut::<Children>()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListInExtensions {
    /// `children`
    pub binding: Span,
    /// `Children`
    pub ty: Span,
    /// `children.0`
    pub place: Span,
}

impl Program {
    /// Where `on_close` may be written, for a layer that has none; with the types that its `on_new_span` names.
    pub fn missing_on_close(&self, growth: &Growth) -> Option<ClosingCallback> {
        let layer = growth.layer;
        let file = self.file(layer.file);
        let own = || file.functions.iter().filter(|it| it.owner == Owner::Impl(layer.id));
        if growth.through.is_some() || own().any(|it| &file[it.name] == "on_close") {
            return None;
        }
        let opening = own().find(|it| &file[it.name] == "on_new_span")?;
        let [_, id, context] = opening.params.as_slice() else { return None };
        let Ty::Ref(id) = file[id.ty] else { return None };
        let end = file[layer.id].range.end.saturating_sub(1);
        Some(ClosingCallback {
            at: TextRange::new(end, end).in_file(layer.file),
            id: file.ty_range(id).in_file(layer.file),
            context: file.ty_range(context.ty).in_file(layer.file),
        })
    }

    /// The map or set of the layer, or of a static, that an `insert` fills under the id of the new span.
    pub fn inserted_by_id(&self, insert: ExprRef) -> Option<(Span, SpanKey)> {
        let file = self.file(insert.file);
        let Expr::MethodCall { receiver, method, args, .. } = file[insert.id] else { return None };
        let receiver = insert.with(receiver);
        if &file[method] != "insert" || !self.is_rooted_outside(receiver) {
            return None;
        }
        let key = self.span_key(insert.with(file.at(args, 0)?))?;
        Some((self.span(receiver), key))
    }

    /// `id.into_u64()` and `id.clone()` of the second parameter of `on_new_span`.
    fn span_key(&self, key: ExprRef) -> Option<SpanKey> {
        let file = self.file(key.file);
        let Expr::MethodCall { receiver, method, .. } = file[key.id] else { return None };
        let (_, binding) = self.local(key.with(receiver))?;
        let function = self.enclosing_fn(key)?;
        if binding.origin != Origin::Param(1) || self.function_name(function) != "on_new_span" {
            return None;
        }
        match &file[method] {
            "into_u64" => Some(SpanKey::Number),
            "clone" => Some(SpanKey::Id),
            _ => None,
        }
    }

    /// The list in the parent's extensions to which the new span's id is pushed.
    pub fn list_in_extensions(&self, push: ExprRef) -> Option<ListInExtensions> {
        let file = self.file(push.file);
        let Expr::MethodCall { receiver, method, args, .. } = file[push.id] else { return None };
        let is_id = self.span_key(push.with(file.at(args, 0)?)) == Some(SpanKey::Id);
        if !is_id || !catalogue::method(&file[method]).does(Does::Appends) {
            return None;
        }
        let mut root = receiver;
        while let Expr::Field { base, .. } = file[root] {
            root = base;
        }
        let (_, binding) = self.local(push.with(root))?;
        let (Origin::Value(init), Pat::Bind { .. } | Pat::TupleStruct { .. }) = (binding.origin, file[binding.root])
        else {
            return None;
        };
        let turbofish = self.turbofish_of(push.with(init), "get_mut")?;
        Some(ListInExtensions {
            binding: self.span(push.with(root)),
            ty: file.ty_range(turbofish).in_file(push.file),
            place: self.span(push.with(receiver)),
        })
    }

    /// `T` of `x.get_mut::<T>().unwrap()`.
    fn turbofish_of(&self, chain: ExprRef, wanted: &str) -> Option<TyId> {
        let file = self.file(chain.file);
        let mut here: ExprId = chain.id;
        for _ in 0..8 {
            here = match file[here] {
                Expr::MethodCall { method, turbofish, .. } if &file[method] == wanted => {
                    let Ty::Args(args) = file[turbofish?] else { return None };
                    return file.at(args, 0);
                }
                Expr::MethodCall { receiver, .. } => receiver,
                Expr::Try(inner) => inner,
                _ => return None,
            };
        }
        None
    }

    /// Whether what is looked at may be changed there as well: behind a lock, or in a method with `&mut self`.
    pub fn may_change(&self, lookup: ExprRef) -> bool {
        let file = self.file(lookup.file);
        let Expr::MethodCall { receiver, .. } = file[lookup.id] else { return false };
        let mut here = receiver;
        let mut locked = false;
        for _ in 0..12 {
            here = match file[here] {
                Expr::MethodCall { receiver, method, .. } => {
                    match catalogue::method(&file[method]) {
                        known if known.does(Does::Guards) => locked = true,
                        known if known.does_any(&[Does::Unwraps, Does::Recovers]) => {}
                        _ => return false,
                    }
                    receiver
                }
                Expr::Field { base, .. } => base,
                Expr::Path(_) => break,
                _ => return false,
            };
        }
        let is_own = self.enclosing_fn(lookup).is_some_and(|function| {
            let own = self.function(function).self_param;
            own.is_some_and(|own| own.is_mut)
        });
        self.is_rooted_outside(lookup.with(receiver)) && (locked || is_own)
    }

    /// Whether a place is reached from `self` or from a static, without a variable between.
    fn is_rooted_outside(&self, place: ExprRef) -> bool {
        let file = self.file(place.file);
        let mut here = place;
        for _ in 0..12 {
            here = match file[here.id] {
                Expr::MethodCall { receiver, .. } => here.with(receiver),
                Expr::Field { base, .. } => here.with(base),
                Expr::Path(path) => {
                    return match self.local(here) {
                        Some((_, binding)) => binding.origin == Origin::SelfParam,
                        None => self
                            .place(here)
                            .is_some_and(|at: Place| matches!(self.resolve_in(here.file, at, path), Def::Const(_))),
                    };
                }
                _ => return false,
            };
        }
        false
    }

    /// The type of a field where it is not known whose field is asked for: of what `get_mut::<T>()` gave, or of the
    /// only type in the file that has a field of that name.
    fn field_by_name(&self, place: ExprRef) -> Option<Type> {
        let file = self.file(place.file);
        let Expr::Field { base, name } = file[place.id] else { return None };
        let origin = self.local(place.with(base)).map(|(_, binding)| binding.origin);
        if let Some(Origin::Value(init)) = origin
            && let Some(ty) = self.turbofish_of(place.with(init), "get_mut")
            && let Some(owner) = self.lower_ty(place.file, self.place(place)?, ty).item()
        {
            return Some(self.field_type(owner, &file[name]));
        }
        let has = |item: &crate::facts::TypeItem| item.fields.iter().any(|field| file[field.name] == file[name]);
        let mut owners = (0..file.types.len()).filter(|at| has(&file.types[*at]));
        let (owner, None) = (owners.next()?, owners.next()) else { return None };
        Some(self.field_type(crate::program::TypeRef::from_index(place.file, owner), &file[name]))
    }

    /// The collection of the standard library behind a place, locks and references taken off.
    pub fn collection_type(&self, place: ExprRef) -> Option<String> {
        let mut here = self.type_of(&Value::bare(place)).pointee();
        while matches!(
            here.external().and_then(catalogue::wrapper_kind),
            Some(WrapperKind::Cell | WrapperKind::Pointer)
        ) {
            here = here.inside();
        }
        if here == Type::Unknown {
            here = self.field_by_name(place)?;
        }
        match here {
            Type::External(path, _) if path.starts_with("std::collections::") || &*path == "std::vec::Vec" => {
                Some(path.to_string())
            }
            _ => None,
        }
    }
}
