//! Handles that a future keeps across an `.await`: dropping it there detaches their tasks.

use super::{ExprRef, Fate, Program, Race, Task, Value};
use crate::{
    catalogue::{self, Does},
    facts::{BlockKind, Expr, ExprId, Id, Pat},
    span::Span,
};

/// A handle that is held across an `.await` before its task is awaited or aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsafeJoin {
    /// The `.await` at which the future may be dropped.
    pub waits: Span,
    /// Where the task is awaited or aborted.
    pub at: Span,
    /// Whether it is aborted there.
    pub is_abort: bool,
}

impl Program {
    /// Where a task is detached if the future around its spawn is dropped before it comes to await or abort it.
    pub fn cancel_unsafe_join(&self, task: &Task, fate: &Fate) -> Option<UnsafeJoin> {
        let (at, is_abort) = match fate {
            Fate::Awaited(at) => (*at, false),
            Fate::Aborted(at) => (*at, true),
            Fate::PartlyDropped { used, .. } => (*used, false),
            // `results.next()` of a stream of handles, beside an arm that leaves.
            Fate::Raced(Race { inner: None, arm: Some(next), .. }) if self.gives_next(*next) => {
                (self.span(*next), false)
            }
            _ => return None,
        };
        let site = task.site;
        let body = self.async_body(self.outside_closures(site)?)?;
        let is_async =
            matches!(self.file(body.file)[body.id], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
                || self.enclosing_fn(site).is_some_and(|function| self.function(function).is_async);
        let is_kept = || self.guard_around(site).is_some() || self.is_lent_and_aborted(site, is_abort);
        if !is_async || at.file != site.file || self.is_awaited_at_once(site) || is_kept() {
            return None;
        }
        let file = self.file(site.file);
        let waits = (site.id.index() + 1..body.id.index()).map(ExprId::from_index).filter(|it| {
            let is_wait = match file[*it] {
                Expr::Await(_) | Expr::Select(_) => true,
                Expr::Macro(call) => file.macro_of(call) == Some(catalogue::Macro::Joins),
                _ => false,
            };
            is_wait && file.range(*it).start <= at.range.start && self.async_body(site.with(*it)) == Some(body)
        });
        let waits: Vec<ExprId> = waits.collect();
        let first = *waits.first()?;
        let is_own = file.range(first).in_file(site.file).range.contains(at.range);
        // One handle that is awaited next: that is `spawn(f).await` in two statements.
        if is_own && !is_abort && !self.is_one_of_several(site) || self.runs_to_end(body) {
            return None;
        }
        if self.takes_guarded_token(task, body) {
            return None;
        }
        Some(UnsafeJoin { waits: self.span(site.with(first)), at, is_abort })
    }

    /// `let _stop = token.clone().drop_guard();` in the future that a task is started in, and the task takes the token.
    fn takes_guarded_token(&self, task: &Task, body: ExprRef) -> bool {
        let file = self.file(body.file);
        let first = self.first_below(body);
        let guards = (first.index()..body.id.index()).map(ExprId::from_index).filter_map(|at| match file[at] {
            Expr::Local { pat, init: Some(init), .. } if matches!(file[pat], Pat::Bind { .. }) => match file[init] {
                Expr::MethodCall { receiver, method, .. }
                    if catalogue::method(&file[method]).does(Does::MakesGuard) =>
                {
                    Some(self.origin(&Value::bare(body.with(receiver))).expr)
                }
                _ => None,
            },
            _ => None,
        });
        let guarded: Vec<ExprRef> = guards.collect();
        !guarded.is_empty() && self.captured_origins(&task.future).iter().any(|taken| guarded.contains(taken))
    }

    fn gives_next(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        matches!(file[call.id], Expr::MethodCall { method, .. } if catalogue::method(&file[method]).does(Does::Nexts))
    }

    /// The expression, or the outermost closure around it within its async body: `all.map(|it| spawn(it)).collect()`.
    fn outside_closures(&self, expr: ExprRef) -> Option<ExprRef> {
        let mut here = expr;
        while self.async_body(here).is_none() {
            let mut above = self.parents(expr.file).ancestors(here.id);
            here = expr.with(above.find(|at| matches!(self.file(expr.file)[*at], Expr::Closure { .. }))?);
        }
        Some(here)
    }

    /// `timeout(d, &mut task).await` with an abort beside: whoever wrote that has thought of who gives up first.
    fn is_lent_and_aborted(&self, site: ExprRef, is_abort: bool) -> bool {
        let Some(pat) = self.let_of(site).filter(|_| is_abort) else { return false };
        self.uses_of(site, pat).into_iter().any(|used| {
            let parent = self.parent(used).map(|parent| self.file(used.file)[parent.id]);
            matches!(parent, Some(Expr::Ref { .. }))
        })
    }

    /// `spawn(f).await`
    fn is_awaited_at_once(&self, site: ExprRef) -> bool {
        let mut here = site;
        while let Some(parent) = self.parent(here) {
            match self.file(here.file)[parent.id] {
                Expr::Await(_) => return true,
                Expr::MethodCall { receiver, .. } if receiver == here.id => here = parent,
                _ => return false,
            }
        }
        false
    }

    /// Whether a spawn is one of several whose handles are kept together: in a loop, in a closure of an iterator, in an array.
    fn is_one_of_several(&self, site: ExprRef) -> bool {
        let file = self.file(site.file);
        let body = self.outside_closures(site).and_then(|outside| self.async_body(outside));
        self.parents(site.file).ancestors(site.id).take_while(|at| Some(site.with(*at)) != body).any(|at| {
            matches!(
                file[at],
                Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } | Expr::Closure { .. } | Expr::Array(_)
            )
        })
    }
}
