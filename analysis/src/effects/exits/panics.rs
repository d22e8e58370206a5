//! Exits that open only when an inner task panics: `spawn_blocking(work).await?`. Nobody gives such a sign.

use super::Scan;
use crate::{
    catalogue::{self, Does, Variant},
    effects::{Origin, Value},
    facts::{ArmId, Expr, ExprId, List, Pat, PatId},
};

impl Scan<'_> {
    /// Whether a value is what a task gives that is awaited where it is spawned: nobody has a handle to abort it with,
    /// so that it fails only if the task panics.
    pub(super) fn fails_by_panic(&self, id: ExprId) -> bool {
        let file = self.file();
        let value = self.looped.at(id);
        match file[id] {
            Expr::Await(inner) => {
                let spawned = value.at(inner);
                let is_made_here = matches!(file[inner], Expr::Call { .. } | Expr::MethodCall { .. })
                    && self.program.called_fn(&spawned).is_none();
                let ty = self.program.type_of(&spawned);
                is_made_here && ty.external().is_some_and(catalogue::fails_by_panic)
            }
            Expr::MethodCall { receiver, method, .. } => {
                catalogue::method(&file[method]).does(Does::FailsAlike) && self.fails_by_panic(receiver)
            }
            Expr::Path(_) => self.awaited_once(&value).is_some_and(|init| self.fails_by_panic(init)),
            _ => false,
        }
    }

    /// The value of `let done = spawn(work).await;`.
    fn awaited_once(&self, name: &Value) -> Option<ExprId> {
        let (pat, binding) = self.program.local(name.expr)?;
        match binding.origin {
            Origin::Value(init) if binding.root == pat.id && init < name.expr.id => Some(init),
            _ => None,
        }
    }

    /// `if let Err(error) = spawn(work).await { .. }`, `if spawn(work).await.is_err() { .. }`
    pub(super) fn is_taken_by_panic(&self, cond: ExprId) -> bool {
        let file = self.file();
        match file[cond] {
            Expr::Let { pat, expr } => self.is_bare_failure(pat) && self.fails_by_panic(expr),
            Expr::MethodCall { receiver, method, .. } => {
                catalogue::method(&file[method]).asks_failure() == Some(true) && self.fails_by_panic(receiver)
            }
            _ => false,
        }
    }

    /// `match spawn(work).await { Err(error) => .. }`
    pub(super) fn is_arm_of_panic(&self, scrutinee: ExprId, arms: List<ArmId>, body: ExprId) -> bool {
        let file = self.file();
        let arm = file.list(arms).find(|arm| file[*arm].body == body);
        arm.is_some_and(|arm| self.is_bare_failure(file[arm].pat)) && self.fails_by_panic(scrutinee)
    }

    /// `Err(_)`, whatever the error.
    fn is_bare_failure(&self, pat: PatId) -> bool {
        let file = self.file();
        matches!(file[pat], Pat::TupleStruct { path, .. }
            if catalogue::variant(file.last_segment(path)) == Some(Variant::Err))
    }
}
