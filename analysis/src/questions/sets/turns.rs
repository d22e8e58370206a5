//! Loops that turn for as long as there is something to wait for.

use super::Turn;
use crate::{
    catalogue::{self, Wait},
    facts::{BlockKind, Expr, ExprId},
    questions::{Def, Exit, ExprRef, FnRef, OpenReason, Program, RunBy, Trigger, Value},
    span::Span,
};
use rustc_hash::FxHashSet;

impl Program {
    /// The innermost loop around an expression that has no bound, and what it waits for in each turn.
    /// `made` is where the thing is bound that has to be the same one in all turns.
    pub(super) fn endless_loop_around(&self, expr: ExprRef, made: Option<ExprId>) -> Option<(ExprRef, Turn)> {
        let file = self.file(expr.file);
        let parents = self.parents(expr.file);
        let mut child = expr.id;
        let mut is_last_turn = false;
        for at in parents.ancestors(expr.id) {
            match file[at] {
                Expr::Closure { .. } => return None,
                // `{ set.spawn(f); break; }`
                Expr::Block { stmts, kind: BlockKind::Plain, .. } => {
                    let mut behind = file.list(stmts).skip_while(|stmt| *stmt != child).skip(1);
                    is_last_turn |= behind.any(|stmt| matches!(file[stmt], Expr::Break { .. } | Expr::Return(_)));
                }
                Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => {
                    let is_made_inside = made.is_some_and(|made| parents.first_below(at) <= made && made <= at);
                    if is_made_inside {
                        return None;
                    }
                    if !is_last_turn && let Some(turn) = self.endless_turn(expr.with(at)) {
                        return Some((expr.with(at), turn));
                    }
                    is_last_turn = false;
                }
                _ => {}
            }
            child = at;
        }
        None
    }

    /// What a loop waits for in each turn, if nothing but a signal, a peer or an error ends it.
    fn endless_turn(&self, looped: ExprRef) -> Option<Turn> {
        let (mut turns, mut seen) = (Vec::new(), FxHashSet::default());
        let value = Value::bare(looped);
        let file = self.file(looped.file);
        match file[looped.id] {
            Expr::For { iter, is_await: false, .. } if self.is_incoming(&value.at(iter)) => {
                return Some(Turn::Connection);
            }
            Expr::For { is_await: false, .. } => return None,
            _ => {}
        }
        file.each_child(looped.id, &mut |child| self.turns_below(&value.at(child), &mut seen, &mut turns));
        // Connections come for as long as there is a listener.
        if turns.contains(&Turn::Connection) {
            return Some(Turn::Connection);
        }
        let turn = *turns.first()?;
        let questions = self.questions_in(looped);
        // What takes the messages tells when there are no more.
        let is_told = |exit: &Exit| match exit.trigger {
            Trigger::Own(OpenReason::OwnFunction | OpenReason::ResultOfFunction) => turn == Turn::Message,
            _ => false,
        };
        let is_lent = self.finds_below(looped, |call| self.lends_messages(&Value::bare(call)));
        let exits = self.exits(&value, &RunBy::default());
        let is_bounded = exits.iter().any(|exit| bounds(exit, &questions) && !(is_lent && is_told(exit)));
        (!is_bounded).then_some(turn)
    }

    fn finds_below(&self, root: ExprRef, is_it: impl Fn(ExprRef) -> bool) -> bool {
        let mut found = false;
        self.walk(root, &mut |expr, kind| {
            found |= matches!(kind, Expr::Await(inner) if is_it(expr.with(inner)));
            !found
        });
        found
    }

    /// `receive(&mut client, &mut buffer)`: the function waits for what the client sends.
    fn lends_messages(&self, call: &Value) -> bool {
        let Expr::Call { args, .. } = self.expr(call) else { return false };
        self.called_fn(call).is_some()
            && self.file(call.expr.file).list(args).any(|arg| {
                matches!(self.expr(&call.at(arg)), Expr::Ref { mutable: true, .. })
                    && self.type_of(&call.at(arg)).pointee().external().is_some_and(catalogue::brings_messages)
            })
    }

    /// Where the `?`s of a loop stand: an error is no bound.
    fn questions_in(&self, looped: ExprRef) -> Vec<Span> {
        let mut found = Vec::new();
        self.walk(looped, &mut |expr, kind| {
            if matches!(kind, Expr::Try(_)) {
                found.push(self.span(expr));
            }
            true
        });
        found
    }

    /// `seen` are the functions that were looked into.
    fn turns_below(&self, value: &Value, seen: &mut FxHashSet<FnRef>, found: &mut Vec<Turn>) {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return,
            // What an inner loop waits for is not what the outer one does.
            Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => return,
            Expr::Await(inner) => found.extend(self.turn_of(&value.at(inner), seen)),
            Expr::Select(id) => {
                let futures: Vec<ExprId> = file.list(file[id].arms).filter_map(|arm| file[arm].future).collect();
                found.extend(futures.into_iter().filter_map(|future| self.turn_of(&value.at(future), seen)));
            }
            _ => {}
        }
        let mut children = Vec::new();
        file.each_child(value.expr.id, &mut |child| children.push(child));
        children.into_iter().for_each(|child| self.turns_below(&value.at(child), seen, found));
    }

    fn turn_of(&self, future: &Value, seen: &mut FxHashSet<FnRef>) -> Option<Turn> {
        if let Some(function) = self.called_fn(future) {
            let body = self.function(function).body.filter(|_| seen.insert(function))?;
            if self.lends_messages(future) {
                return Some(Turn::Message);
            }
            let mut inside = Vec::new();
            self.turns_below(&Value::bare(function.with(body)), seen, &mut inside);
            // A function that sleeps, or that hears of something once, may do so as part of its work.
            return inside.into_iter().find(|turn| *turn == Turn::Connection);
        }
        let file = self.file(future.expr.file);
        match self.expr(future) {
            Expr::MethodCall { receiver, method, .. } => {
                if &file[method] == "next" && self.is_incoming(&future.at(receiver)) {
                    return Some(Turn::Connection);
                }
                let (wait, args) = self.wait_of_method(future)?;
                let receiver = future.at(receiver);
                match wait {
                    Wait::TimeoutMethod => self.turn_of(&receiver, seen),
                    Wait::UntilCancelled => self.turn_of(&future.at(*args.first()?), seen),
                    // What its own function sends comes to an end.
                    Wait::Recv if self.has_sender_here(&receiver) => None,
                    // A file has an end that the code counts on, a client sends for as long as it likes.
                    Wait::Peer => {
                        let ty = self.type_of(&receiver).pointee();
                        ty.external().is_some_and(catalogue::brings_messages).then_some(Turn::Message)
                    }
                    wait => turn(wait),
                }
            }
            Expr::Call { callee, args } => {
                let Def::External(path) = self.callee(future.expr.with(callee)) else { return None };
                match catalogue::wait(&path)? {
                    Wait::Timeout | Wait::TimeoutAt => self.turn_of(&future.at(file.at(args, 1)?), seen),
                    wait => turn(wait),
                }
            }
            _ => None,
        }
    }

    /// `listener.incoming()`, directly or through a variable.
    fn is_incoming(&self, value: &Value) -> bool {
        let origin = self.origin(value);
        let file = self.file(origin.expr.file);
        matches!(self.expr(&origin), Expr::MethodCall { receiver, method, .. }
            if &file[method] == "incoming"
                && self.type_of(&origin.at(receiver)).pointee().external().is_some_and(|path| path.ends_with("Listener")))
    }
}

fn turn(wait: Wait) -> Option<Turn> {
    match wait {
        Wait::Accept => Some(Turn::Connection),
        Wait::Recv => Some(Turn::Message),
        Wait::Tick | Wait::Sleep | Wait::SleepUntil | Wait::OsSignal => Some(Turn::Time),
        _ => None,
    }
}

/// Whether an exit may come after a number of turns that the code itself knows.
fn bounds(exit: &Exit, questions: &[Span]) -> bool {
    match &exit.trigger {
        Trigger::Signal(_) | Trigger::Peer(_) | Trigger::Impossible(_) => false,
        Trigger::Own(OpenReason::WhatIsSent) => false,
        Trigger::Own(_) => !questions.contains(&exit.at),
        Trigger::Time | Trigger::Always => true,
    }
}
