//! Structs that a function gives to its caller, and builds before or behind the spawn, or lets another function build.

use crate::rewrite::{
    keepers::{LiteralPlace, built::MAX_LITERALS, room_in, visibility_for},
    places::{self, Statement},
};
use spawnlint_analysis::{
    catalogue::{self, Function, Variant},
    facts::{Expr, Pat, Visibility},
    questions::{Def, ExprRef, PatRef, Program, Type, TypeRef, Value},
    span::Span,
};
use std::collections::BTreeSet;

/// A struct that a function gives to its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenStruct {
    /// The struct.
    pub owner: TypeRef,
    /// Its last field, as declared.
    pub last_field: Span,
    /// Who has to see a new field, the function included.
    pub visibility: Visibility,
    /// Whether values of it are copied: a field of theirs is shared.
    pub is_copied: bool,
    /// All literals of it; none of them has a value for the new field yet.
    pub literals: Vec<LiteralPlace>,
    /// How the function has it.
    pub value: GivenValue,
    /// Whether the spawn may run more than once.
    pub repeats: bool,
}

/// How a function has what it gives to its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenValue {
    /// Under a name, which is there when the task is started.
    Before {
        /// The name.
        name: String,
        /// What has to be `mut`, if it is not yet.
        to_mutate: Option<Span>,
    },
    /// Under a name that is bound later.
    Behind {
        /// The name.
        name: String,
        /// What has to be `mut`, if it is not yet.
        to_mutate: Option<Span>,
        /// The `let`.
        statement: Statement,
    },
    /// As a part of the last expression.
    AtEnd {
        /// The expression.
        value: ExprRef,
        /// The last statement.
        statement: Statement,
    },
}

/// The struct that the function around a lost value gives to its caller, if one more field of it can hold what ends the
/// task, and the struct has to do with the task.
pub fn given_struct(program: &Program, value: ExprRef, statement: Statement) -> Option<GivenStruct> {
    let (top, repeats) = match places::is_body(program, statement.block) {
        Some(_) => (statement, false),
        None => places::outer_statement(program, statement)?,
    };
    let function = places::is_body(program, top.block)?;
    let last = places::statement_around(program, places::last_statement(program, top.block)?)?;
    if !last.is_tail || last.index <= top.index {
        return None;
    }
    let mut parts = Vec::new();
    parts_of(program, last.stmt, &mut parts);
    parts.into_iter().find_map(|part| {
        let Type::Item(owner, _) = program.type_of(&Value::bare(part)) else { return None };
        let is_own = program.self_type(function) == Some(owner);
        if !is_own && !is_tied(program, part, value) {
            return None;
        }
        let given = value_of(program, part, top, last)?;
        if statement != top && !matches!(given, GivenValue::Before { .. }) {
            return None;
        }
        let room = room_in(program, owner, catalogue::is_derivable_with_shared_set)?;
        if room.literals.is_empty() || room.literals.len() > MAX_LITERALS {
            return None;
        }
        let mut visibility = visibility_for(program, owner, &room)?;
        if !places::is_in_module_of(program, value, owner) {
            if !places::is_same_crate(program, value.file, owner.file) {
                return None;
            }
            visibility = Visibility::Restricted;
        }
        let is_copied = program.derives(owner, catalogue::is_copying_trait);
        Some(GivenStruct {
            owner,
            last_field: room.last_field,
            visibility,
            is_copied,
            literals: room.literals.into_iter().map(|(_, place)| place).collect(),
            value: given,
            repeats,
        })
    })
}

/// What `Ok((a, b))` gives: `a` and `b`.
fn parts_of(program: &Program, expr: ExprRef, found: &mut Vec<ExprRef>) {
    let file = program.file(expr.file);
    match file[expr.id] {
        Expr::Tuple(members) => {
            for member in file.list(members) {
                parts_of(program, expr.with(member), found);
            }
        }
        Expr::Call { callee, args } if args.len == 1 && is_good_end(program, expr.with(callee)) => {
            if let Some(arg) = file.at(args, 0) {
                parts_of(program, expr.with(arg), found);
            }
        }
        _ => found.push(expr),
    }
}

/// `Ok`, `Some`: what is inside can be changed before.
fn is_good_end(program: &Program, callee: ExprRef) -> bool {
    let Expr::Path(path) = program.file(callee.file)[callee.id] else { return false };
    let is_name = catalogue::variant(program.file(callee.file).last_segment(path)).is_some_and(Variant::is_success);
    is_name
        && match program.callee(callee) {
            Def::External(path) => catalogue::function(&path).is_some_and(Function::holds),
            _ => false,
        }
}

fn value_of(program: &Program, part: ExprRef, top: Statement, last: Statement) -> Option<GivenValue> {
    let file = program.file(part.file);
    match file[part.id] {
        Expr::Path(_) => {
            let (pat, binding) = program.local(part)?;
            let at = part.with(binding.at.filter(|_| binding.root == pat.id)?);
            let (Expr::Local { otherwise: None, .. }, Pat::Bind { name, sub: None }) = (file[at.id], file[pat.id])
            else {
                return None;
            };
            let bound = places::statement_around(program, at).filter(|it| it.stmt == at && it.block == top.block)?;
            let to_mutate = (!places::is_mut(program, pat)).then(|| places::pat_span(program, pat));
            let name = file[name].to_owned();
            match bound.index < top.index {
                true => Some(GivenValue::Before { name, to_mutate }),
                false if bound.index > top.index => Some(GivenValue::Behind { name, to_mutate, statement: bound }),
                false => None,
            }
        }
        Expr::Call { .. } | Expr::MethodCall { .. } => Some(GivenValue::AtEnd { value: part, statement: last }),
        _ => None,
    }
}

/// Whether an expression and a spawn have a local in common, or halves of one: `let (tx, rx) = channel();`.
fn is_tied(program: &Program, one: ExprRef, other: ExprRef) -> bool {
    let lets = |expr| locals_behind(program, expr).into_iter().map(|it| it.0).collect::<BTreeSet<_>>();
    !lets(one).is_disjoint(&lets(other))
}

/// The locals of a function that an expression is made of, parameters aside, each with the whole pattern that binds it.
pub fn locals_behind(program: &Program, expr: ExprRef) -> BTreeSet<(PatRef, PatRef)> {
    let mut found = BTreeSet::new();
    let mut open = vec![expr];
    while let Some(next) = open.pop() {
        program.walk(next, &mut |at, kind| {
            if let Expr::Path(_) = kind
                && let Some((pat, binding)) = program.local(at)
                && let Some(bound) = binding.at
                && let Expr::Local { pat: whole, init: Some(init), .. } = program.file(at.file)[bound]
                && found.insert((pat.with(whole), pat))
            {
                open.push(at.with(init));
            }
            true
        });
    }
    found
}
