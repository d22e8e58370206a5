//! How a type that has the handle of a task could end it when it is dropped.

use crate::rewrite::{keepers, places};
use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{Expr, Owner, Pat, TypeKind, Visibility},
    questions::{ExprRef, FnRef, Origin, Program, Type, TypeRef, Value},
    span::{FileId, Span, TextRange},
};

/// Where a type may get, or has, its `Drop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DropPlace {
    /// It has none: behind the type itself.
    New(Span),
    /// It has one: behind its last statement.
    Old {
        /// Where the new statement is written.
        at: Span,
        /// What stands before it without the semicolon that it needs then.
        open: Option<Span>,
    },
}

/// Whether some code puts a new value over the one in a field.
pub fn is_assigned(program: &Program, owner: TypeRef, field: &str) -> bool {
    program.fields_named(field).iter().any(|used| {
        let file = program.file(used.file);
        let Expr::Field { base, .. } = file[used.id] else { return false };
        let parent = program.parents(used.file).parent(used.id);
        parent.is_some_and(|at| matches!(file[at], Expr::Assign { op: None, lhs, .. } if lhs == used.id))
            && matches!(program.type_of(&Value::bare(used.with(base))).innermost().item(), Some(found) if found == owner)
    })
}

/// Where the `Drop` of a type may end a task: a type that is not generic, and out of which nothing is moved.
pub fn drop_place(program: &Program, owner: TypeRef) -> Option<DropPlace> {
    let file = program.file(owner.file);
    let item = &file[owner.id];
    let own: Vec<_> = (program.methods_of(owner, "drop").iter().copied())
        .filter(|function| program.is_drop_function(*function))
        .collect();
    // One that only some builds have ends nothing in the others, and forbids a second one in its own.
    let is_conditional = |function: &FnRef| matches!(program.function(*function).owner, Owner::Impl(block) if program.file(function.file)[block].is_conditional);
    if own.iter().any(is_conditional) {
        return None;
    }
    if let [only] = own.as_slice() {
        let body = only.with(program.function(*only).body?);
        let range = program.span(body).range;
        let at = TextRange::new(range.end - 1, range.end - 1).in_file(only.file);
        let has_tail = matches!(program.file(body.file)[body.id], Expr::Block { has_tail: true, .. });
        let tail = places::statements(program, body).into_iter().next_back().filter(|_| has_tail);
        let open = tail.filter(|tail| places::needs_semicolon(program, *tail)).map(|tail| program.span(tail));
        return Some(DropPlace::Old { at, open });
    }
    let copies = program.derives(owner, catalogue::is_copying_trait);
    if !own.is_empty() || item.is_generic || item.kind != TypeKind::Struct || copies || is_taken_apart(program, owner) {
        return None;
    }
    let end = item.range.in_file(owner.file).end();
    Some(DropPlace::New(end))
}

/// Whether some code moves a field out of a value of that type, which a `Drop` forbids.
fn is_taken_apart(program: &Program, owner: TypeRef) -> bool {
    let file = program.file(owner.file);
    let item = &file[owner.id];
    let is_struct = |at: &spawnlint_analysis::questions::PatRef| match program.file(at.file)[at.id] {
        Pat::Struct { path, .. } | Pat::TupleStruct { path, .. } => {
            program.file(at.file).last_segment(path) == &file[item.name]
                || program.file(at.file).last_segment(path) == "Self"
        }
        _ => false,
    };
    // `Self { .. }` stands in the type's own methods, which stand beside it.
    let own = program.patterns_named("Self").iter().filter(|at| at.file == owner.file);
    if program.patterns_named(&file[item.name]).iter().chain(own).any(is_struct) {
        return true;
    }
    // `Name { a, ..other }` moves out of the other.
    let has_base = |(at, other): (usize, &std::sync::Arc<spawnlint_analysis::facts::FileSummary>)| {
        other.exprs.iter().enumerate().any(|(id, kind)| {
            matches!(kind, Expr::Struct { base: Some(_), .. })
                && keepers::literal_type(program, ExprRef::from_index(FileId(at as u32), id)) == Some(owner)
        })
    };
    if program.files.iter().enumerate().any(has_base) {
        return true;
    }
    item.fields.iter().any(|field| {
        // A private field is not used where nobody sees it.
        let may_be_own = |at: FileId| field.visibility != Visibility::Private || at == owner.file;
        program.fields_named(&file[field.name]).iter().any(|used| {
            let Expr::Field { base, .. } = program.file(used.file)[used.id] else { return false };
            let ty = program.type_of(&Value::bare(used.with(base)));
            let is_own = ty.item() == Some(owner) || ty == Type::Unknown && may_be_own(used.file);
            is_own && may_move(program, *used)
        })
    })
}

/// Whether an expression `x.field` may move the field out of `x`.
fn may_move(program: &Program, used: ExprRef) -> bool {
    let file = program.file(used.file);
    let Expr::Field { base, .. } = file[used.id] else { return false };
    // Nothing is moved out of a reference.
    if let Some((_, binding)) = program.local(used.with(base))
        && matches!(binding.origin, Origin::SelfParam)
        && program.enclosing_fn(used).is_some_and(|it| program.function(it).self_param.is_some_and(|it| it.is_ref))
    {
        return false;
    }
    let Some(parent) = program.parents(used.file).parent(used.id) else { return true };
    match file[parent] {
        Expr::Ref { .. } | Expr::Field { .. } | Expr::Index { .. } | Expr::Binary { .. } | Expr::Macro(_) => false,
        Expr::Unary { .. } => false,
        Expr::Assign { lhs, .. } => lhs != used.id,
        Expr::MethodCall { receiver, method, .. } if receiver == used.id => {
            let method = &file[method];
            method.starts_with("into") || catalogue::method(method).does(Does::Consumes)
        }
        _ => true,
    }
}
