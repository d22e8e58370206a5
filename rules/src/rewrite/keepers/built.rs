//! Structs that a function builds, and values that are put somewhere as soon as they are made.

use crate::rewrite::places::{self, Statement, numbered};
use spawnlint_analysis::{
    catalogue::{self, Function},
    facts::{Expr, Pat, PatId, TypeKind, Visibility},
    questions::{At, Binding, Def, ExprRef, Origin, Program, Type, TypeRef},
    span::Span,
};

/// How many literals of a type one edit may change for a new field: a limit on what is offered, and on no answer.
pub(super) const MAX_LITERALS: usize = 4;

/// A struct that a function builds and gives to its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltStruct {
    /// The struct.
    pub owner: TypeRef,
    /// Its last field, as declared.
    pub last_field: Span,
    /// The literal that is built there.
    pub literal: LiteralPlace,
    /// The others, which have nothing to put into a new field.
    pub others: Vec<LiteralPlace>,
}

/// Where a struct literal takes one more field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiteralPlace {
    /// Its last field.
    pub last_field: Span,
    /// Whether it stands on one line.
    pub is_short: bool,
}

/// The call that makes a value in a place.
pub fn made_at(program: &Program, at: Span) -> Option<ExprRef> {
    program.expr_at(at, |expr| matches!(expr, Expr::Call { .. } | Expr::MethodCall { .. }))
}

/// The local that a value is put into as soon as it is made, with the statement that does it.
pub fn made_local(program: &Program, value: ExprRef) -> Option<(String, Statement)> {
    let statement = places::statement_around(program, value)?;
    let file = program.file(value.file);
    match file[statement.stmt.id] {
        Expr::Local { pat, init: Some(init), otherwise: None, .. } if init == value.id => match file[pat] {
            Pat::Bind { name, sub: None } => Some((file[name].to_owned(), statement)),
            _ => None,
        },
        _ => None,
    }
}

/// The local that has a struct with a value in a field as soon as it is made, also behind a pointer through which the
/// field is reached, with the statement that does it.
pub fn made_local_with_field(program: &Program, value: ExprRef) -> Option<(String, Statement)> {
    let file = program.file(value.file);
    let parents = program.parents(value.file);
    let init = parents.parent(value.id).filter(|it| matches!(file[*it], Expr::FieldInit { .. }))?;
    let mut whole = value.with(parents.parent(init)?);
    while let Some(outer) = program.parent(whole)
        && let Expr::Call { callee, args } = file[outer.id]
    {
        let is_pointer = matches!(program.callee(outer.with(callee)), Def::External(path) if catalogue::function(&path).is_some_and(Function::points));
        if !is_pointer || args.len != 1 {
            return None;
        }
        whole = outer;
    }
    made_local(program, whole)
}

/// The field that a value is put into as soon as it is made.
pub fn made_field(program: &Program, value: ExprRef) -> Option<(TypeRef, String)> {
    let file = program.file(value.file);
    let init = program.parents(value.file).parent(value.id)?;
    let Expr::FieldInit { name, .. } = file[init] else { return None };
    let literal = program.parents(value.file).parent(init)?;
    Some((literal_type(program, value.with(literal))?, file[name].to_owned()))
}

/// The struct that the function around a statement builds as its last act, and gives to its caller.
pub fn built_struct(program: &Program, statement: Statement) -> Option<BuiltStruct> {
    places::is_body(program, statement.block)?;
    let last = places::last_statement(program, statement.block)?;
    if last == statement.stmt {
        return None;
    }
    let literal = literal_in(program, last)?;
    // One that is built before has no value for the field yet.
    let is_later = program.span(literal).range.start >= statement.at.range.end;
    is_later.then(|| struct_of_literal(program, literal)).flatten()
}

/// `Self { .. }` of `Ok(Arc::new(Self { .. }))`, and of `Ok(it)` behind `let it = Self { .. };`.
fn literal_in(program: &Program, expr: ExprRef) -> Option<ExprRef> {
    let file = program.file(expr.file);
    match file[expr.id] {
        Expr::Struct { .. } => Some(expr),
        Expr::Path(_) => match program.local(expr)? {
            (pat, Binding { origin: Origin::Value(init), root, .. }) if root == pat.id => {
                literal_in(program, expr.with(init))
            }
            _ => None,
        },
        Expr::Call { callee, args } if args.len == 1 => {
            let hands_on = match program.callee(expr.with(callee)) {
                Def::External(path) => catalogue::function(&path).is_some_and(Function::holds),
                _ => false,
            };
            hands_on.then(|| literal_in(program, expr.with(file.at(args, 0)?))).flatten()
        }
        _ => None,
    }
}

/// The struct of a literal, if it can take one more field: everything that names its fields is seen.
pub(super) fn struct_of_literal(program: &Program, literal: ExprRef) -> Option<BuiltStruct> {
    let owner = literal_type(program, literal)?;
    let room = room_in(program, owner, |name| name == "Debug")?;
    let (own, others): (Vec<_>, Vec<_>) = room.literals.into_iter().partition(|(at, _)| *at == literal);
    (others.len() < MAX_LITERALS).then_some(BuiltStruct {
        owner,
        last_field: room.last_field,
        literal: own.first()?.1,
        others: others.into_iter().map(|(_, place)| place).collect(),
    })
}

/// A struct that can take one more field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Its last field, as declared.
    pub last_field: Span,
    /// All literals that name each field.
    pub literals: Vec<(ExprRef, LiteralPlace)>,
}

/// Where a struct takes one more field, if everything that names its fields is seen. `can_derive` says of each trait
/// that it derives whether the new field has it, too.
pub fn room_in(program: &Program, owner: TypeRef, can_derive: fn(&str) -> bool) -> Option<Room> {
    let file = program.file(owner.file);
    let item = &file[owner.id];
    let last_field = item.fields.last()?;
    let last_name = &file[last_field.name];
    let is_named = !last_name.starts_with(|first: char| first.is_ascii_digit());
    let takes_any = file.list(item.derives).all(|derive| can_derive(&file[derive]));
    if item.kind != TypeKind::Struct || item.has_fixed_layout || !is_named || !takes_any || item.is_test {
        return None;
    }
    // Users of a library may write literals of their own.
    let is_open = program.is_published(owner) && item.fields.iter().all(|field| field.visibility == Visibility::Public);
    if is_open {
        return None;
    }
    let name = &file[item.name];
    let is_struct = |at: &At<PatId>| matches!(program.file(at.file)[at.id], Pat::Struct { .. });
    if program.patterns_named(name).iter().any(is_struct) {
        return None;
    }
    let mut literals = Vec::new();
    for init in program.all_inits_of(owner, last_name).iter() {
        let parents = program.parents(init.file);
        let literal = init.with(parents.parent(parents.parent(init.id)?)?);
        // `Name { field, ..other }` takes the rest from there.
        if !matches!(program.file(literal.file)[literal.id], Expr::Struct { base: Some(_), .. }) {
            literals.push((literal, literal_place(program, literal)?));
        }
    }
    literals.sort_by_key(|(at, _)| *at);
    literals.dedup();
    Some(Room { last_field: last_field.range.in_file(owner.file), literals })
}

pub(super) fn literal_type(program: &Program, literal: ExprRef) -> Option<TypeRef> {
    let Expr::Struct { path, .. } = program.file(literal.file)[literal.id] else { return None };
    match program.resolve_in(literal.file, program.place(literal)?, path) {
        Def::Type(owner) => match program.behind_alias(owner) {
            Def::Type(owner) => Some(owner),
            _ => None,
        },
        _ => None,
    }
}

fn literal_place(program: &Program, literal: ExprRef) -> Option<LiteralPlace> {
    let file = program.file(literal.file);
    let Expr::Struct { fields, .. } = file[literal.id] else { return None };
    let last = file.list(fields).next_back()?;
    let whole = file.range(literal.id);
    let last = file.range(last);
    // ` }` behind the last one.
    Some(LiteralPlace { last_field: last.in_file(literal.file), is_short: last.end + 2 == whole.end })
}

/// A name that no field of a struct has.
pub fn free_field(program: &Program, owner: TypeRef, wanted: &str) -> String {
    let file = program.file(owner.file);
    numbered(wanted, |name| file[owner.id].fields.iter().any(|field| &file[field.name] == name))
}

/// The declared type of a field, by its key.
pub fn field_type_of(program: &Program, owner: TypeRef, field: &str) -> Option<Type> {
    program.declared_field(owner, field).map(|declared| program.declared_type(owner, declared))
}
