//! Whether a flag can still come to say that a loop is over.

use super::{Def, Effects, Value};
use crate::{
    catalogue::{self, FlagUse, Function},
    effects::ExprRef,
    facts::{Expr, Lit, Pat, UnaryOp, Visibility},
    flow::FieldPlace,
    resolve::{Origin, PatRef},
};

impl Effects {
    /// Why a flag in a field never ends the loop that tests it: all that is ever put there lets the loop go on.
    pub(super) fn dead_flag(&self, source: &Value) -> Option<String> {
        let wanted = self.ends_loop_at(source.expr)?;
        let path = self.access_path(source)?;
        let (owner, field) = path.last_field()?;
        let declared = self.declared_field(owner, field)?;
        if declared.visibility == Visibility::Public && self.is_library(owner.file) {
            return None;
        }
        let is_fresh = |init: &ExprRef| self.is_fresh_flag(*init, wanted);
        if !self.all_inits_of(owner, field).iter().all(is_fresh) {
            return None;
        }
        let never = self.places_of_field(owner, field).into_iter().all(|(_, place)| match place {
            FieldPlace::Own(used) => self.never_puts(used, wanted),
            FieldPlace::OnUnknown(_) | FieldPlace::Bound(..) => false,
        });
        never.then(|| format!("nothing ever sets `{field}` to `{wanted}`", field = display(field)))
    }

    /// Which value of a flag ends the loop in whose condition it is read: `while running.load(..)`,
    /// `if stopped.load(..) { break }`.
    pub(crate) fn ends_loop_at(&self, flag: ExprRef) -> Option<bool> {
        let file = self.file(flag.file);
        let mut here = self.parent(flag)?;
        let Expr::MethodCall { receiver, method, .. } = file[here.id] else { return None };
        if receiver != flag.id || catalogue::flag_use(&file[method]) != Some(FlagUse::Reads) {
            return None;
        }
        let mut says = true;
        loop {
            let parent = self.parent(here)?;
            match file[parent.id] {
                Expr::Unary { op: UnaryOp::Not, .. } => says = !says,
                Expr::While { cond, .. } if cond == here.id => return Some(!says),
                Expr::If { cond, otherwise: None, .. } if cond == here.id => return Some(says),
                _ => return None,
            }
            here = parent;
        }
    }

    /// Whether what is put into a new value is a flag that nobody else has.
    fn is_fresh_flag(&self, init: ExprRef, wanted: bool) -> bool {
        let file = self.file(init.file);
        match file[init.id] {
            Expr::Call { callee, .. } => match self.callee(init.with(callee)) {
                Def::External(path) => catalogue::function(&path) != Some(Function::Clones),
                _ => false,
            },
            Expr::Path(_) => {
                let Some((pat, binding)) = self.local(init) else { return false };
                let Origin::Value(made) = binding.origin else { return false };
                binding.root == pat.id
                    && self.is_fresh_flag(init.with(made), wanted)
                    && self.uses_put_nothing(pat, init, wanted)
            }
            _ => false,
        }
    }

    /// Whether none of the uses of a local flag sets it to a value, or gives it to somebody else; the one aside that
    /// puts it where it is looked at.
    fn uses_put_nothing(&self, pat: PatRef, aside: ExprRef, wanted: bool) -> bool {
        let Some(place) = self.place(aside) else { return false };
        let body = self.body(place);
        body.uses(pat.id)
            .iter()
            .map(|used| aside.with(*used))
            .all(|used| used == aside || self.never_puts(used, wanted))
    }

    /// Whether one use of a flag cannot set it to a value.
    fn never_puts(&self, used: ExprRef, wanted: bool) -> bool {
        let file = self.file(used.file);
        let Some(parent) = self.parent(used) else { return false };
        match file[parent.id] {
            Expr::Ref { .. } | Expr::Unary { op: UnaryOp::Deref, .. } => self.never_puts(parent, wanted),
            Expr::MethodCall { receiver, method, args, .. } if receiver == used.id => {
                let method = &file[method];
                let put = match catalogue::flag_use(method) {
                    Some(FlagUse::Reads) => return true,
                    Some(FlagUse::Raises) => return !wanted,
                    Some(FlagUse::Lowers) => return wanted,
                    Some(FlagUse::Puts(at)) => file.at(args, at),
                    None => {
                        return catalogue::method(method).does(catalogue::Does::Clones)
                            && self.copy_never_puts(parent, wanted);
                    }
                };
                put.is_some_and(|put| matches!(file[put], Expr::Lit(Lit::Bool(value)) if value != wanted))
            }
            // `Arc::clone(&self.running)`
            Expr::Call { callee, .. } => match self.callee(parent.with(callee)) {
                Def::External(path) if catalogue::call_does(&path, catalogue::Call::Clones) => {
                    self.copy_never_puts(parent, wanted)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The same for a clone of it that gets a name.
    fn copy_never_puts(&self, copy: ExprRef, wanted: bool) -> bool {
        let file = self.file(copy.file);
        match self.parent(copy).map(|parent| file[parent.id]) {
            Some(Expr::Local { pat, .. }) if matches!(file[pat], Pat::Bind { .. }) => {
                self.uses_put_nothing(copy.with(pat), copy, wanted)
            }
            _ => false,
        }
    }
}

/// A field as its type declares it, without the variant.
fn display(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}
