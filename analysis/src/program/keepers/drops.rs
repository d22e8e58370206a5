//! How a type that has the handle of a task could end it when it is dropped.

use crate::{
    catalogue::{self, Does},
    facts::{Expr, Pat, TypeKind},
    program::{ExprRef, Origin, Program, Type, TypeRef, Value},
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

impl Program {
    /// Whether some code puts a new value over the one in a field.
    pub fn is_assigned(&self, owner: TypeRef, field: &str) -> bool {
        self.fields_named(field).iter().any(|used| {
            let file = self.file(used.file);
            let Expr::Field { base, .. } = file[used.id] else { return false };
            let parent = self.parents(used.file).parent(used.id);
            parent.is_some_and(|at| matches!(file[at], Expr::Assign { op: None, lhs, .. } if lhs == used.id))
                && matches!(self.type_of(&Value::bare(used.with(base))).innermost().item(), Some(found) if found == owner)
        })
    }

    /// Where the `Drop` of a type may end a task: a type that is not generic, and out of which nothing is moved.
    pub fn drop_place(&self, owner: TypeRef) -> Option<DropPlace> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let own: Vec<_> = (self.names.methods(owner, "drop").iter().copied())
            .filter(|function| self.is_drop_function(*function))
            .collect();
        if let [only] = own.as_slice() {
            let body = only.with(self.function(*only).body?);
            let range = self.span(body).range;
            let at = TextRange::new(range.end - 1, range.end - 1).in_file(only.file);
            let has_tail = matches!(self.file(body.file)[body.id], Expr::Block { has_tail: true, .. });
            let tail = self.statements(body).into_iter().next_back().filter(|_| has_tail);
            let open = tail.filter(|tail| self.needs_semicolon(*tail)).map(|tail| self.span(tail));
            return Some(DropPlace::Old { at, open });
        }
        let copies = file.list(item.derives).any(|derive| catalogue::is_copying_trait(&file[derive]));
        if !own.is_empty() || item.is_generic || item.kind != TypeKind::Struct || copies || self.is_taken_apart(owner) {
            return None;
        }
        let end = item.range.in_file(owner.file).end();
        Some(DropPlace::New(end))
    }

    /// Whether some code moves a field out of a value of that type, which a `Drop` forbids.
    fn is_taken_apart(&self, owner: TypeRef) -> bool {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let is_struct = |at: &crate::program::PatRef| match self.file(at.file)[at.id] {
            Pat::Struct { path, .. } | Pat::TupleStruct { path, .. } => {
                self.file(at.file).last_segment(path) == &file[item.name]
                    || self.file(at.file).last_segment(path) == "Self"
            }
            _ => false,
        };
        if self.patterns_named(&file[item.name]).iter().chain(self.patterns_named("Self")).any(is_struct) {
            return true;
        }
        // `Name { a, ..other }` moves out of the other.
        let has_base = |(at, other): (usize, &std::sync::Arc<crate::facts::FileSummary>)| {
            other.exprs.iter().enumerate().any(|(id, kind)| {
                matches!(kind, Expr::Struct { base: Some(_), .. })
                    && self.literal_type(ExprRef::from_index(FileId(at as u32), id)) == Some(owner)
            })
        };
        if self.files.iter().enumerate().any(has_base) {
            return true;
        }
        item.fields.iter().any(|field| {
            self.fields_named(&file[field.name]).iter().any(|used| {
                let Expr::Field { base, .. } = self.file(used.file)[used.id] else { return false };
                let ty = self.type_of(&Value::bare(used.with(base)));
                (ty == Type::Unknown || ty.item() == Some(owner)) && self.may_move(*used)
            })
        })
    }

    /// Whether an expression `x.field` may move the field out of `x`.
    fn may_move(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let Expr::Field { base, .. } = file[used.id] else { return false };
        // Nothing is moved out of a reference.
        if let Some((_, binding)) = self.local(used.with(base))
            && matches!(binding.origin, Origin::SelfParam)
            && self.enclosing_fn(used).is_some_and(|it| self.function(it).self_param.is_some_and(|it| it.is_ref))
        {
            return false;
        }
        let Some(parent) = self.parents(used.file).parent(used.id) else { return true };
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
}
