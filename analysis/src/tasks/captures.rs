//! What a task takes along from outside, and how much that is.

use super::{ExprRef, PatRef, Tasks, Type, TypeRef, Value};
use crate::{
    catalogue::{self, WrapperKind},
    facts::{BlockKind, Expr, ExprId},
    span::Span,
};

impl Tasks {
    /// What a task takes along from outside: names and types, in the order of their first use.
    pub fn captures(&self, task: &super::Task) -> Vec<(String, Type, Span)> {
        let mut seen = Vec::new();
        let mut found = Vec::new();
        self.captures_of(&task.future, &mut seen, &mut found);
        found
    }

    /// Whether the code at `place` handles something that the task took along: it may end the task there
    /// (`reset(client)`, `connection.close()`), so that the lost handle is not known to be missed.
    pub fn touches_captured(&self, task: &super::Task, place: Span) -> bool {
        let root = task.future.expr;
        let taken: Vec<String> = (self.captured_origins(&task.future).into_iter())
            .map(|origin| self.text_of(origin))
            .filter(|text| text != ".." && text != "self")
            .collect();
        let file = self.file(place.file);
        let in_place = |at: &usize| place.range.contains(file.expr_ranges[*at]);
        root.file == place.file
            && (0..file.exprs.len()).filter(in_place).any(|at| {
                let expr = ExprRef::from_index(place.file, at);
                matches!(file[expr.id], Expr::Path(_) | Expr::Field { .. }) && {
                    let text = self.text_of(expr);
                    taken.iter().any(|taken| text == *taken || text.starts_with(&format!("{taken}.")))
                }
            })
    }

    /// Where the values come from that a future takes along.
    pub(crate) fn captured_origins(&self, future: &Value) -> Vec<ExprRef> {
        let root = future.expr;
        let Some(place) = self.place(root) else { return Vec::new() };
        let body = self.body(place);
        let first = self.first_below(root);
        let mut found = Vec::new();
        self.walk(root, &mut |expr, kind| {
            // What goes into a task that this one starts is that one's.
            if matches!(kind, Expr::Call { .. } | Expr::MethodCall { .. }) && self.is_spawn(expr) {
                return false;
            }
            if let Some(pat) = body.binding_of.get(&expr.id)
                && body.bindings.get(pat).is_some_and(|it| !it.at.is_some_and(|at| first <= at && at <= root.id))
            {
                found.push(self.origin(&Value::bare(expr)).expr);
            }
            true
        });
        if let Some(passed) = future.frame.is_some().then(|| self.origin(future)).filter(|it| it.expr != root) {
            found.extend(self.captured_origins(&passed));
        }
        found.retain(|origin| origin.file == root.file);
        found
    }

    /// Whether a value of that type keeps next to nothing alive: numbers, senders, tokens, permits, weak
    /// and shared pointers, and structs of the workspace that hold only such. What is not known counts as light.
    pub fn is_light(&self, ty: &Type) -> bool {
        // What is shared lives as long as its other owners.
        if ty.is("std::sync::Arc") {
            return true;
        }
        // However small what is in a collection is, nobody knows how much of it there is.
        if ty.external().and_then(catalogue::wrapper_kind) == Some(WrapperKind::Many) {
            return false;
        }
        match ty.innermost() {
            Type::Unknown | Type::Closure(_) | Type::Future(_) => true,
            Type::Tuple(members) => members.iter().all(|member| self.is_light(member)),
            Type::External(path, _) => catalogue::is_light(&path),
            Type::Item(item, _) => self.memo.light.get(item, || false, || self.has_light_fields(item)),
        }
    }

    /// A type that holds itself does so any number of times.
    fn has_light_fields(&self, item: TypeRef) -> bool {
        let file = self.file(item.file);
        let fields = &file[item.id].fields;
        !fields.is_empty()
            && fields.iter().all(|field| {
                let ty = self.field_type(item, &file[field.name]);
                ty != Type::Unknown && self.is_light(&ty)
            })
    }

    pub(crate) fn is_spawn(&self, call: ExprRef) -> bool {
        self.tasks().binary_search_by_key(&self.span(call), |task| self.span(task.site)).is_ok()
    }

    /// The async block that a name stands for: what is in it says more.
    fn named_block(&self, name: &Value) -> Option<Value> {
        let origin = self.origin(name);
        let is_block = matches!(self.expr(&origin), Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. });
        is_block.then_some(origin)
    }

    fn captures_of(&self, future: &Value, seen: &mut Vec<PatRef>, found: &mut Vec<(String, Type, Span)>) {
        let root = future.expr;
        let Some(place) = self.place(root) else { return };
        let body = self.body(place);
        let first = self.first_below(root);
        let inside = |id: ExprId| first <= id && id <= root.id;
        self.walk(root, &mut |expr, kind| {
            // What goes into a task that this one starts is that one's.
            if matches!(kind, Expr::Call { .. } | Expr::MethodCall { .. }) && self.is_spawn(expr) {
                return false;
            }
            if let Some(pat) = body.binding_of.get(&expr.id).map(|pat| root.with(*pat))
                && !seen.contains(&pat)
                && let Some(binding) = body.bindings.get(&pat.id)
                && !binding.at.is_some_and(inside)
            {
                seen.push(pat);
                // What a wrapper spawns is its caller's: the names there say more.
                let passed = self.passed(&future.at(expr.id), binding.root);
                match passed.or_else(|| self.named_block(&future.at(expr.id))) {
                    Some(passed) => self.captures_of(&passed, seen, found),
                    None => {
                        let name = self.file(root.file)[binding.name].to_owned();
                        found.push((name, self.type_of(&future.at(expr.id)), self.span(expr)));
                    }
                }
            }
            true
        });
    }
}
