//! Handles that are raced by themselves: under a timeout, in an arm of a `select!`.

use super::{Fate, Steps, Use};
use crate::{
    catalogue::{self, Wait},
    facts::{Expr, ExprId, MacroId},
    flow::{ExprRef, Flow},
    span::Span,
};

/// What may drop a future before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RaceKind {
    /// A bound on its time.
    Timeout,
    /// Another arm of a `select!`, or another future of a race.
    Select,
    /// A token that is cancelled.
    Token,
    /// The abort of the task that runs it.
    Abort,
}

/// A race that a future may lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Race {
    /// Against what.
    pub kind: RaceKind,
    /// The timeout, `select!` or spawn.
    pub at: Span,
    /// Where the handle was to be awaited or aborted, if the race is around what does so.
    pub inner: Option<Span>,
    /// The future that is raced, where it is an arm of a `select!`.
    pub arm: Option<ExprRef>,
}

impl Flow {
    /// A handle that is moved into a race.
    pub(super) fn raced_by(&self, race: ExprRef, kind: RaceKind) -> Use {
        Some(Fate::Raced(Race { kind, at: self.call_head(race), inner: None, arm: None }))
    }

    /// A handle among the arguments of a function of the catalogue that races its arguments.
    pub(super) fn raced_by_call(&self, call: ExprRef, path: &str, at: usize, steps: Steps) -> Use {
        match (catalogue::wait(path)?, at) {
            (Wait::Timeout | Wait::TimeoutAt, 1) => self.raced_by(call, RaceKind::Timeout),
            // Of `select` the loser comes back with the result: only where nobody takes it, it is lost.
            (Wait::Race, _) => {
                let parent = self.parents(call.file).parent(call.id)?;
                let is_awaited = matches!(self.file(call.file)[parent], Expr::Await(_));
                match is_awaited.then(|| self.use_of(call.with(parent), steps.next())) {
                    Some(None | Some(Fate::Dropped { .. })) => self.raced_by(call, RaceKind::Select),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A handle that is the future of an arm of a `select!`. Whether the other arms can win is asked further up.
    pub(super) fn raced_by_select(&self, future: ExprRef, select: ExprRef, id: MacroId) -> Use {
        let file = self.file(future.file);
        let has_others = file.list(file[id].arms).filter_map(|arm| file[arm].future).any(|arm| arm != future.id);
        Some(match has_others {
            true => {
                let at = self.call_head(select);
                Fate::Raced(Race { kind: RaceKind::Select, at, inner: None, arm: Some(future) })
            }
            false => Fate::Awaited(self.span(future)),
        })
    }

    /// `handles.next()` in an arm of a `select!` of which another arm leaves the loop around it: those whose results were
    /// not there yet are lost.
    pub(super) fn is_left_with_more(&self, next: ExprRef) -> bool {
        let file = self.file(next.file);
        // What stands in a field is still there afterwards.
        if let Expr::MethodCall { receiver, .. } = file[next.id]
            && !matches!(file[receiver], Expr::Path(_))
        {
            return false;
        }
        let mut above = self.parents(next.file).ancestors(next.id);
        let Some(Expr::Select(id)) = above.next().map(|at| file[at]) else { return false };
        let is_looped = above.any(|at| matches!(file[at], Expr::Loop { .. } | Expr::While { .. }));
        let arms: Vec<_> = file.list(file[id].arms).map(|arm| file[arm]).collect();
        let is_guarded = arms.iter().any(|arm| arm.guard.is_some());
        let own = arms.iter().any(|arm| arm.future == Some(next.id));
        let other = arms.iter().any(|arm| arm.future != Some(next.id) && self.leaves(next.with(arm.body)));
        is_looped && own && other && !is_guarded
    }

    /// The same, as the fate of the handles.
    pub(super) fn raced_as_arm(&self, next: ExprRef) -> Use {
        let select = next.with(self.parents(next.file).parent(next.id)?);
        let at = self.call_head(select);
        Some(Fate::Raced(Race { kind: RaceKind::Select, at, inner: None, arm: Some(next) }))
    }

    /// Whether the body of an arm leaves what is around it.
    fn leaves(&self, body: ExprRef) -> bool {
        let mut found = false;
        self.walk(body, &mut |_, expr| {
            found |= matches!(expr, Expr::Break { .. } | Expr::Return(_));
            !found && !matches!(expr, Expr::Closure { .. })
        });
        found
    }

    /// A race that was given `&mut handle`: the handle is still there when the race is over. It is lost
    /// unless another turn of a loop polls it again, or it belongs to a longer-lived owner.
    pub(super) fn raced_by_reference(&self, handle: ExprRef, race: Race) -> Fate {
        let again = Fate::Awaited(self.span(handle));
        let Some((_, binding)) = self.local(handle) else { return again };
        let Some(bound) = binding.at else { return again };
        let file = self.file(handle.file);
        let parents = self.parents(handle.file);
        let Some(block) = parents.parent(bound) else { return again };
        let looped = parents
            .ancestors(handle.id)
            .take_while(|at| *at != block)
            .find(|at| matches!(file[*at], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. }));
        match looped {
            Some(_) if !self.leaves_without(handle) => again,
            _ => Fate::Raced(race),
        }
    }

    /// Whether a loop round a `select!` over `&mut handle` is left by the handle's arm and by another one:
    /// the other one leaves a task behind that still runs.
    fn leaves_without(&self, handle: ExprRef) -> bool {
        let file = self.file(handle.file);
        let parents = self.parents(handle.file);
        let mut child = handle.id;
        for at in parents.ancestors(handle.id) {
            if let Expr::Select(id) = file[at] {
                let arms: Vec<_> = file.list(file[id].arms).map(|arm| file[arm]).collect();
                let leaves = |body: ExprId| self.leaves(handle.with(body));
                let is_guarded = arms.iter().any(|arm| arm.guard.is_some());
                let own = arms.iter().any(|arm| arm.future == Some(child) && leaves(arm.body));
                let other = arms.iter().any(|arm| arm.future != Some(child) && leaves(arm.body));
                return own && other && !is_guarded;
            }
            child = at;
        }
        false
    }
}
