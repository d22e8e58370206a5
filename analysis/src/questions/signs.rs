//! What gives a task the sign to end: the calls on the field that holds it, and the flags that are put there.

use super::{Act, FnRef, Program, Signal, TypeRef};
use crate::{
    catalogue::{self, Does, FlagUse},
    facts::{Expr, Lit},
    span::Span,
};

/// Through what a field can end a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// The task's own handle.
    Handle,
    /// A token or notification: a call that does nothing else.
    Call,
    /// A flag, with the value that ends the task, if that is seen.
    Flag(Option<bool>),
}

impl Program {
    /// What is done with a field that holds a handle or a sign, by whom, outside of tests.
    pub(super) fn acts_on_sign(&self, owner: TypeRef, field: &str, sign: Sign) -> Vec<(Act, Span, FnRef)> {
        let acts = self.field_acts(owner, field).into_iter().filter_map(|used| Some((used, used.by?)));
        let acts = acts.map(|(used, by)| match used.act {
            Act::Aborts | Act::Awaits | Act::Signals => (used.act, used.at, by),
            act => (if self.gives_sign(used.at, by, sign) { Act::Signals } else { act }, used.at, by),
        });
        acts.filter(|(act, ..)| *act != Act::Looks).collect()
    }

    /// `self.stopped.store(true, ..)`, where the task ends once the flag is `true`. Where nobody knows what ends it, the
    /// method says by its name that it does.
    fn gives_sign(&self, used: Span, by: FnRef, sign: Sign) -> bool {
        let Sign::Flag(wanted) = sign else { return false };
        let Some(field) = self.expr_at(used, |expr| matches!(expr, Expr::Field { .. })) else { return false };
        let file = self.file(field.file);
        let Some(Expr::MethodCall { receiver, method, args, .. }) = self.parent(field).map(|call| file[call.id]) else {
            return false;
        };
        let put = match catalogue::flag_use(&file[method]) {
            _ if receiver != field.id => return false,
            Some(FlagUse::Puts(at)) => match file.at(args, at).map(|put| file[put]) {
                Some(Expr::Lit(Lit::Bool(value))) => Some(value),
                Some(_) => None,
                None => return false,
            },
            Some(FlagUse::Raises) => Some(true),
            Some(FlagUse::Lowers) => Some(false),
            Some(FlagUse::Reads) => return false,
            None if args.len > 0 && catalogue::method(&file[method]).does_any(&[Does::Marks, Does::Stores]) => None,
            None => return false,
        };
        match (put, wanted) {
            (Some(put), Some(wanted)) => put == wanted,
            _ => catalogue::says_end(self.function_name(by)),
        }
    }

    /// Whether all that the code around a test of a send waits for is to send: when the receiver goes, such a wait ends
    /// at once.
    pub(super) fn waits_only_to_send(&self, signal: &Signal) -> bool {
        let tested = self.expr_at(signal.at, |_| true).and_then(|at| self.async_body(at));
        let Some(body) = tested else { return false };
        let (mut sends, mut others) = (0, 0);
        self.walk(body, &mut |expr, kind| {
            let file = self.file(expr.file);
            match kind {
                Expr::Await(inner) => match file[inner] {
                    Expr::MethodCall { method, .. } if catalogue::method(&file[method]).does(Does::Sends) => sends += 1,
                    _ => others += 1,
                },
                Expr::Select(_) => others += 1,
                Expr::Macro(call) if file.macro_of(call) == Some(catalogue::Macro::Joins) => others += 1,
                _ => {}
            }
            !matches!(kind, Expr::Closure { .. })
        });
        sends > 0 && others == 0
    }
}
