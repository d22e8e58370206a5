//! What a rewrite of a layer has to know: under which key an entry was put in, and where it may be removed.

use spawnlint_analysis::{
    catalogue::{self, Does, WrapperKind},
    facts::{Expr, ExprId, Owner, Pat, Ty, TyId},
    questions::{Def, ExprRef, Growth, Origin, Place, Program, Type, Value},
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

/// Where `on_close` may be written, for a layer that has none; with the types that its `on_new_span` names.
pub fn missing_on_close(program: &Program, growth: &Growth) -> Option<ClosingCallback> {
    let layer = growth.layer;
    let file = program.file(layer.file);
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
pub fn inserted_by_id(program: &Program, insert: ExprRef) -> Option<(Span, SpanKey)> {
    let file = program.file(insert.file);
    let Expr::MethodCall { receiver, method, args, .. } = file[insert.id] else { return None };
    let receiver = insert.with(receiver);
    if &file[method] != "insert" || !is_rooted_outside(program, receiver) {
        return None;
    }
    let key = span_key(program, insert.with(file.at(args, 0)?))?;
    Some((program.span(receiver), key))
}

/// `id.into_u64()` and `id.clone()` of the second parameter of `on_new_span`.
fn span_key(program: &Program, key: ExprRef) -> Option<SpanKey> {
    let file = program.file(key.file);
    let Expr::MethodCall { receiver, method, .. } = file[key.id] else { return None };
    let (_, binding) = program.local(key.with(receiver))?;
    let function = program.enclosing_fn(key)?;
    if binding.origin != Origin::Param(1) || program.function_name(function) != "on_new_span" {
        return None;
    }
    match &file[method] {
        "into_u64" => Some(SpanKey::Number),
        "clone" => Some(SpanKey::Id),
        _ => None,
    }
}

/// The list in the parent's extensions to which the new span's id is pushed.
pub fn list_in_extensions(program: &Program, push: ExprRef) -> Option<ListInExtensions> {
    let file = program.file(push.file);
    let Expr::MethodCall { receiver, method, args, .. } = file[push.id] else { return None };
    let is_id = span_key(program, push.with(file.at(args, 0)?)) == Some(SpanKey::Id);
    if !is_id || !catalogue::method(&file[method]).does(Does::Appends) {
        return None;
    }
    let mut root = receiver;
    while let Expr::Field { base, .. } = file[root] {
        root = base;
    }
    let (_, binding) = program.local(push.with(root))?;
    let (Origin::Value(init), Pat::Bind { .. } | Pat::TupleStruct { .. }) = (binding.origin, file[binding.root]) else {
        return None;
    };
    let turbofish = turbofish_of(program, push.with(init), "get_mut")?;
    Some(ListInExtensions {
        binding: program.span(push.with(root)),
        ty: file.ty_range(turbofish).in_file(push.file),
        place: program.span(push.with(receiver)),
    })
}

/// `T` of `x.get_mut::<T>().unwrap()`.
fn turbofish_of(program: &Program, chain: ExprRef, wanted: &str) -> Option<TyId> {
    let file = program.file(chain.file);
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
pub fn may_change(program: &Program, lookup: ExprRef) -> bool {
    let file = program.file(lookup.file);
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
    let is_own = program.enclosing_fn(lookup).is_some_and(|function| {
        let own = program.function(function).self_param;
        own.is_some_and(|own| own.is_mut)
    });
    is_rooted_outside(program, lookup.with(receiver)) && (locked || is_own)
}

/// Whether a place is reached from `self` or from a static, without a variable between.
fn is_rooted_outside(program: &Program, place: ExprRef) -> bool {
    let file = program.file(place.file);
    let mut here = place;
    for _ in 0..12 {
        here = match file[here.id] {
            Expr::MethodCall { receiver, .. } => here.with(receiver),
            Expr::Field { base, .. } => here.with(base),
            Expr::Path(path) => {
                return match program.local(here) {
                    Some((_, binding)) => binding.origin == Origin::SelfParam,
                    None => program
                        .place(here)
                        .is_some_and(|at: Place| matches!(program.resolve_in(here.file, at, path), Def::Const(_))),
                };
            }
            _ => return false,
        };
    }
    false
}

/// The type of a field where it is not known whose field is asked for: of what `get_mut::<T>()` gave, or of the
/// only type in the file that has a field of that name.
fn field_by_name(program: &Program, place: ExprRef) -> Option<Type> {
    let file = program.file(place.file);
    let Expr::Field { base, name } = file[place.id] else { return None };
    let origin = program.local(place.with(base)).map(|(_, binding)| binding.origin);
    if let Some(Origin::Value(init)) = origin
        && let Some(ty) = turbofish_of(program, place.with(init), "get_mut")
        && let Some(owner) = program.lower_ty(place.file, program.place(place)?, ty).item()
    {
        return Some(program.field_type(owner, &file[name]));
    }
    let has =
        |item: &spawnlint_analysis::facts::TypeItem| item.fields.iter().any(|field| file[field.name] == file[name]);
    let mut owners = (0..file.types.len()).filter(|at| has(&file.types[*at]));
    let (owner, None) = (owners.next()?, owners.next()) else { return None };
    Some(program.field_type(spawnlint_analysis::questions::TypeRef::from_index(place.file, owner), &file[name]))
}

/// The collection of the standard library behind a place, locks and references taken off.
pub fn collection_type(program: &Program, place: ExprRef) -> Option<String> {
    let mut here = program.type_of(&Value::bare(place)).pointee();
    while matches!(here.external().and_then(catalogue::wrapper_kind), Some(WrapperKind::Cell | WrapperKind::Pointer)) {
        here = here.inside();
    }
    if here == Type::Unknown {
        here = field_by_name(program, place)?;
    }
    match here {
        Type::External(path, _) if path.starts_with("std::collections::") || &*path == "std::vec::Vec" => {
            Some(path.to_string())
        }
        _ => None,
    }
}
