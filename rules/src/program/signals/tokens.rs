//! Cancellation tokens, and whether anybody cancels them.

use crate::{
    program::{ExprRef, Place, Program, Type, TypeRef, Value, names::Def},
    summary::{Expr, Pat, Visibility},
};

impl Program {
    /// A token that was made here and that nobody cancels.
    pub(super) fn dead_token(&self, source: &Value) -> Option<String> {
        let origin = self.token_origin(source);
        match self.expr(&origin) {
            Expr::Call { .. } => {
                let place = self.place(origin.expr)?;
                let name = self.text_of(source.expr);
                (!self.token_escapes(&origin, place)).then(|| format!("nothing ever cancels `{name}`"))
            }
            Expr::Field { base, name } => {
                let field = self.file(origin.expr.file)[name].to_owned();
                let Type::Item(owner, _) = self.type_of(&origin.at(base)).pointee() else { return None };
                self.dead_token_field(owner, &field)
            }
            _ => None,
        }
    }

    /// Through clones and child tokens, back to where a token is made.
    fn token_origin(&self, source: &Value) -> Value {
        let mut here = self.origin(source);
        for _ in 0..12 {
            let file = self.file(here.expr.file);
            match self.expr(&here) {
                Expr::MethodCall { receiver, method, .. } if matches!(&file[method], "child_token" | "clone") => {
                    here = self.origin(&here.at(receiver));
                }
                _ => break,
            }
        }
        here
    }

    fn is_new_token(&self, value: &Value) -> bool {
        let Expr::Call { callee, .. } = self.expr(value) else { return false };
        let Def::External(path) = self.callee(value.expr.with(callee)) else { return false };
        matches!(&*path, "tokio_util::sync::CancellationToken::new" | "tokio_util::sync::CancellationToken::default")
    }

    /// Whether a token made by `origin` may be cancelled: it is, or it goes where it might be.
    fn token_escapes(&self, origin: &Value, place: Place) -> bool {
        if !self.is_new_token(origin) {
            return true;
        }
        let body = self.body(place);
        let parents = self.parents(origin.expr.file);
        let file = self.file(origin.expr.file);
        let mut seen = false;
        for pat in body.bindings.keys() {
            for used in body.uses(*pat) {
                let used_value = origin.at(*used);
                if self.token_origin(&used_value).expr != origin.expr {
                    continue;
                }
                seen = true;
                let harmless = match parents.parent(*used).map(|at| file[at]) {
                    Some(Expr::MethodCall { receiver, method, .. }) if receiver == *used => {
                        matches!(
                            &file[method],
                            "clone"
                                | "child_token"
                                | "cancelled"
                                | "cancelled_owned"
                                | "is_cancelled"
                                | "run_until_cancelled"
                                | "run_until_cancelled_owned"
                        ) && self.result_stays_here(origin.expr.with(*used))
                    }
                    Some(Expr::Local { .. }) => true,
                    _ => false,
                };
                if !harmless {
                    return true;
                }
            }
        }
        !seen
    }

    /// `token.clone()` is bound by a `let` here; anywhere else it goes away.
    fn result_stays_here(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let parents = self.parents(used.file);
        let Some(call) = parents.parent(used.id) else { return false };
        let Expr::MethodCall { method, .. } = file[call] else { return false };
        if !matches!(&file[method], "clone" | "child_token") {
            return true;
        }
        match parents.parent(call).map(|at| file[at]) {
            Some(Expr::Local { .. }) => true,
            Some(Expr::MethodCall { method, .. }) => {
                matches!(&file[method], "cancelled" | "cancelled_owned" | "is_cancelled" | "run_until_cancelled_owned")
            }
            // Passed to a function of the workspace that only listens.
            Some(Expr::Call { .. }) => self.only_listens(used.with(call)),
            _ => false,
        }
    }

    fn only_listens(&self, arg: ExprRef) -> bool {
        let Some(call) = self.parents(arg.file).parent(arg.id).map(|at| arg.with(at)) else { return false };
        let Some(function) = self.called_fn(&Value::bare(call)) else { return false };
        let Expr::Call { args, .. } = self.file(call.file)[call.id] else { return false };
        let Some(at) = self.file(call.file).list(args).position(|it| it == arg.id) else { return false };
        let item = self.function(function);
        let Some(param) = item.params.get(at) else { return false };
        if item.body.is_none() || !matches!(self.file(function.file)[param.pat], Pat::Bind { .. }) {
            return false;
        }
        let body = self.body(Place::Fn(function));
        let file = self.file(function.file);
        let parents = self.parents(function.file);
        body.uses(param.pat).iter().all(|used| {
            matches!(parents.parent(*used).map(|at| file[at]), Some(Expr::MethodCall { receiver, method, .. })
                if receiver == *used && matches!(&file[method], "cancelled" | "cancelled_owned" | "is_cancelled"))
        })
    }

    fn dead_token_field(&self, owner: TypeRef, field: &str) -> Option<String> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let declared = item.fields.iter().find(|it| &file[it.name] == field)?;
        if declared.visibility == Visibility::Public && item.visibility == Visibility::Public {
            return None;
        }
        let inits = self.inits_of(owner, field);
        let made_here =
            !inits.is_empty() && inits.iter().all(|init| self.is_new_token(&self.token_origin(&Value::bare(*init))));
        let cancels = ["cancel", "drop_guard", "drop_guard_ref"]
            .iter()
            .any(|name| self.calls_named(name).iter().any(|call| !self.in_test(*call)));
        (made_here && !cancels).then(|| format!("nothing ever cancels `{field}`"))
    }
}
