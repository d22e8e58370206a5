//! A task for a task: one of them does all of it, or the outer one owns the inner one.

use super::{accept::accept_at, wrap::wrap_from};
use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        ABORT_HANDLE, AbortGuard, Draft,
        keepers::{self, LostForm},
        places::{self, JOIN_HANDLE},
    },
};
use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{ArmId, BlockKind, Expr, Pat, PatId},
    questions::{Chore, Errand, ExprRef, Program, Type, Value},
    span::Span,
};

impl Evidenced<'_> {
    /// What makes one task of two, or ties them together, best first.
    pub fn rewrites_of_chore(&self, rule: &str, chore: &Chore) -> Vec<Rewrite> {
        let mut found = Vec::new();
        match chore.errand {
            Errand::Spawns(_) => {
                found.extend(self.awaited_in_place(chore));
                if found.is_empty() {
                    found.extend(self.called_in_place());
                }
            }
            Errand::Awaits(_) | Errand::SpawnsAndAwaits(_) => {
                found.extend(self.in_one_task(chore));
                found.extend(self.owned_by_outer(chore));
            }
            Errand::Drains(_) => {}
        }
        if found.is_empty() {
            found.extend(self.wrapped_here());
        }
        found.extend(accept_at(self.program, rule, self.task.site));
        found
    }

    /// `tokio::spawn(f);` in a task becomes `f.await;`.
    fn awaited_in_place(&self, chore: &Chore) -> Option<Rewrite> {
        let program = self.program;
        let inner = chore.inner.filter(|inner| places::is_async_here(program, *inner))?;
        let work = places::spawned_work(program, inner)?;
        let statement = places::statement(program, inner).filter(|it| it.stmt == inner && !it.is_tail)?;
        if let Some(function) = places::is_body(program, chore.body)
            && !places::is_called_once(program, function)
        {
            return None;
        }
        let (before, after) = places::parts_around(program.span(inner), program.span(work));
        let draft = Draft::new("do the work in this task", MaybeIncorrect);
        let ignores = if is_plain_output(program, work) { "" } else { "let _ = " };
        let _ = statement;
        draft.replace(before, vec![Piece::new(ignores)]).replace(after, vec![Piece::new(".await")]).finish_in(program)
    }

    /// `tokio::spawn(async move { start(); });` becomes `start();`, and what that gives is held if the block goes on.
    fn called_in_place(&self) -> Option<Rewrite> {
        let program = self.program;
        let outer = self.task.inner;
        let lost = keepers::lost_value(program, outer).filter(|it| it.form == LostForm::Alone)?;
        let future = keepers::future_argument(program, outer)?;
        let file = program.file(future.file);
        let (called, is_waited_for) = match file[future.id] {
            Expr::Block { stmts, kind: BlockKind::Async | BlockKind::AsyncMove, .. } if stmts.len == 1 => {
                let only = future.with(file.at(stmts, 0)?);
                match file[only.id] {
                    Expr::Call { .. } | Expr::MethodCall { .. } => (only, false),
                    Expr::Await(inner) if matches!(file[inner], Expr::Call { .. } | Expr::MethodCall { .. }) => {
                        (future.with(inner), true)
                    }
                    _ => return None,
                }
            }
            Expr::Call { .. } | Expr::MethodCall { .. } => (future, true),
            _ => return None,
        };
        if is_waited_for && !places::is_async_here(program, outer) || leaves(program, called) {
            return None;
        }
        let (before, after) = places::parts_around(lost.statement.at, program.span(called));
        let given = program.type_of(&Value::bare(called));
        let waits = if is_waited_for { ".await" } else { "" };
        let new = |text: String| vec![Piece::New(text)];
        if !is_waited_for && given.is(JOIN_HANDLE) && keepers::lives_on_in_block(program, lost.statement) {
            let guard = AbortGuard::local(program, outer, ABORT_HANDLE)?;
            let name = places::free_name(program, outer, "_task");
            let draft = Draft::new(
                "call the function in this task, and hold the task that it starts until the end of this block",
                MaybeIncorrect,
            )
            .replace(before, new(format!("let {name} = {}", guard.opens())))
            .replace(after, new(".abort_handle());".to_owned()));
            return guard.define(draft).finish_in(program);
        }
        let gives_nothing = |ty: &Type| matches!(ty, Type::Tuple(members) if members.is_empty());
        let is_plain = match &given {
            Type::Future(output) => is_waited_for && gives_nothing(output),
            other => !is_waited_for && (gives_nothing(other) || other.is(JOIN_HANDLE)),
        };
        let ignores = if is_plain { "" } else { "let _ = " };
        Draft::new("call the function in this task", MaybeIncorrect)
            .replace(before, new(ignores.to_owned()))
            .replace(after, new(format!("{waits};")))
            .finish_in(program)
    }

    /// `tokio::spawn(f).await` becomes `f.await`, and whoever looked at its result takes what `f` gives.
    fn in_one_task(&self, chore: &Chore) -> Option<Rewrite> {
        let program = self.program;
        let (inner, awaited) = (chore.inner?, chore.awaited?);
        let work = places::spawned_work(program, inner)?;
        if let Some(pat) = program.let_of(inner) {
            let file = program.file(pat.file);
            let has_type =
                program.parent(inner).is_some_and(|it| matches!(file[it.id], Expr::Local { ty: Some(_), .. }));
            // Awaited elsewhere, in another function: what is passed there would have another type.
            if program.uses_of(inner, pat).len() != 1 || has_type || !places::is_local_of(program, awaited, pat) {
                return None;
            }
        } else if program.parent(inner) != Some(awaited) {
            return None;
        }
        let (before, after) = places::parts_around(program.span(inner), program.span(work));
        let draft = Draft::new("do the work in the waiting task", MaybeIncorrect)
            .replace(before, Vec::new())
            .replace(after, Vec::new());
        Taken { program, awaited, work }.followed(draft)?.finish_in(program)
    }

    /// `AbortOnDropHandle::new(tokio::spawn(f)).await`: aborting the outer task ends the inner one.
    fn owned_by_outer(&self, chore: &Chore) -> Option<Rewrite> {
        let inner = chore.inner?;
        let is_handle = self.program.type_of(&Value::bare(inner)).is("tokio::task::JoinHandle");
        let title = "make the waiting task own the other task, so that both end together";
        is_handle.then(|| wrap_from(self.program, inner, title, MaybeIncorrect)).flatten()
    }
}

/// The result of a task that is awaited, where the task's own value takes its place.
struct Taken<'a> {
    program: &'a Program,
    awaited: ExprRef,
    work: ExprRef,
}

impl Taken<'_> {
    fn followed(&self, draft: Draft) -> Option<Draft> {
        let program = self.program;
        let file = program.file(self.awaited.file);
        let outer = program.parent(self.awaited)?;
        let at = |id| self.awaited.with(id);
        match file[outer.id] {
            // `let _ = spawn(f).await;`, and a result that is only printed.
            Expr::Local { pat, ty: None, otherwise: None, .. } => match file[pat] {
                Pat::Wild => Some(draft),
                Pat::Bind { sub: None, .. } => {
                    let uses = program.uses_of(self.awaited, at_pat(self.awaited, pat));
                    uses.iter().all(|used| places::is_printed(program, *used)).then_some(draft)
                }
                _ => None,
            },
            // `let Ok(value) = spawn(f).await else { return };`
            Expr::Local { pat, ty: None, otherwise: Some(_), .. } => {
                let value = self.ok_pattern(pat)?;
                let whole = program.span(outer);
                let (_, rest) = places::parts_around(whole, program.span(self.awaited));
                self.is_dispensable(rest)?;
                let pattern = places::pat_span(program, at_pat(self.awaited, pat));
                Some(draft.replace(pattern, vec![Piece::Kept(value)]).replace(rest, vec![Piece::new(";")]))
            }
            Expr::Block { .. } => {
                let statement = places::statement(program, self.awaited).filter(|it| !it.is_tail)?;
                match is_plain_output(program, self.work) {
                    true => Some(draft),
                    false => Some(draft.before(statement.at, "let _ = ")),
                }
            }
            Expr::MethodCall { receiver, method, .. } if receiver == self.awaited.id => {
                let whole = program.span(outer);
                let (_, rest) = places::parts_around(whole, program.span(self.awaited));
                match &file[method] {
                    "ok" => {
                        Some(draft.before(program.span(self.awaited), "Some(").replace(rest, vec![Piece::new(")")]))
                    }
                    method if catalogue::method(method).does_any(&[Does::Unwraps, Does::Defaults]) => {
                        self.is_dispensable(rest)?;
                        Some(draft.replace(rest, Vec::new()))
                    }
                    "is_err" => self.without_branch(draft, program.parent(outer)?, outer),
                    "is_ok" => {
                        let branch = program.parent(outer)?;
                        let Expr::If { cond, then, otherwise: None } = file[branch.id] else { return None };
                        if cond != outer.id {
                            return None;
                        }
                        let whole = program.span(branch);
                        let (before, _) = places::parts_around(whole, program.span(self.awaited));
                        let between = places::between(program.span(self.awaited), program.span(at(then)));
                        Some(
                            draft
                                .replace(before, vec![Piece::new(self.ignoring())])
                                .replace(between, vec![Piece::new(";\n")]),
                        )
                    }
                    _ => None,
                }
            }
            Expr::Let { pat, .. } => {
                let branch = program.parent(outer)?;
                let Expr::If { cond, then, otherwise: None } = file[branch.id] else { return None };
                if cond != outer.id {
                    return None;
                }
                match self.ok_pattern(pat) {
                    Some(value) => {
                        let (before, _) = places::parts_around(program.span(branch), program.span(self.awaited));
                        let opens = places::between(program.span(self.awaited), places::block_start(program, at(then)));
                        let lets = vec![Piece::new("{\n    let "), Piece::Kept(value), Piece::new(" = ")];
                        Some(draft.replace(before, lets).replace(opens, vec![Piece::new(";")]))
                    }
                    None => self.without_branch(draft, branch, outer),
                }
            }
            Expr::Match { arms, .. } => {
                let arms: Vec<ArmId> = file.list(arms).collect();
                let (taken, value) = arms.iter().find_map(|arm| {
                    let value = self.ok_pattern(file[*arm].pat)?;
                    file[*arm].guard.is_none().then_some((*arm, value))
                })?;
                for arm in arms.iter().filter(|arm| **arm != taken) {
                    let arm = file[*arm];
                    let is_err =
                        matches!(file[arm.pat], Pat::TupleStruct { path, .. } if file.last_segment(path) == "Err");
                    if !(is_err || matches!(file[arm.pat], Pat::Wild)) {
                        return None;
                    }
                    self.is_dispensable(arm.range.in_file(self.awaited.file))?;
                }
                let body = at(file[taken].body);
                let statement = places::statement(program, outer).filter(|it| it.stmt == outer)?;
                let (before, _) = places::parts_around(program.span(outer), program.span(self.awaited));
                let between = places::between(program.span(self.awaited), program.span(body));
                let (_, rest) = places::parts_around(statement.at, program.span(body));
                let is_block = matches!(file[body.id], Expr::Block { .. });
                let end = if is_block || statement.is_tail { "" } else { ";" };
                let lets = vec![Piece::new("let "), Piece::Kept(value), Piece::new(" = ")];
                Some(
                    draft
                        .replace(before, lets)
                        .replace(between, vec![Piece::new(";\n")])
                        .replace(rest, vec![Piece::new(end)]),
                )
            }
            _ => None,
        }
    }

    /// `if spawn(f).await.is_err() { .. }`: what is done when the task fails goes, it cannot fail apart any more.
    fn without_branch(&self, draft: Draft, branch: ExprRef, cond: ExprRef) -> Option<Draft> {
        let program = self.program;
        let file = program.file(branch.file);
        let Expr::If { cond: own, otherwise: None, .. } = file[branch.id] else { return None };
        let statement = places::statement(program, branch).filter(|it| it.stmt == branch && own == cond.id)?;
        let (before, rest) = places::parts_around(statement.at, program.span(self.awaited));
        if places::is_last_use_in(program, self.awaited, rest, statement.at) {
            return None;
        }
        Some(draft.replace(before, vec![Piece::new(self.ignoring())]).replace(rest, vec![Piece::new(";")]))
    }

    /// What stands before an `.await` whose value nobody takes.
    fn ignoring(&self) -> &'static str {
        if is_plain_output(self.program, self.work) { "" } else { "let _ = " }
    }

    /// `value` of `Ok(value)`.
    fn ok_pattern(&self, pat: PatId) -> Option<Span> {
        let file = self.program.file(self.awaited.file);
        match file[pat] {
            Pat::TupleStruct { path, pats } if file.last_segment(path) == "Ok" && pats.len == 1 => {
                let value = file.at(pats, 0)?;
                // Another pattern may not fit everything.
                matches!(file[value], Pat::Bind { .. } | Pat::Wild | Pat::Tuple(_))
                    .then(|| file.pat_range(value).in_file(self.awaited.file))
            }
            _ => None,
        }
    }

    /// Whether code can go without leaving a variable behind that nothing uses.
    fn is_dispensable(&self, code: Span) -> Option<()> {
        (!places::is_last_use_in(self.program, self.awaited, code, code)).then_some(())
    }
}

fn at_pat(near: ExprRef, pat: PatId) -> spawnlint_analysis::questions::PatRef {
    near.with(pat)
}

/// Whether code may leave the block around it.
fn leaves(program: &Program, code: ExprRef) -> bool {
    let mut found = false;
    program.walk(code, &mut |_, kind| {
        found |= matches!(kind, Expr::Try(_) | Expr::Return(_));
        !matches!(kind, Expr::Closure { .. })
    });
    found
}

/// Whether a future gives something that nobody has to look at.
fn is_plain_output(program: &Program, work: ExprRef) -> bool {
    match program.type_of(&Value::bare(work)) {
        Type::Future(output) => match &*output {
            Type::Tuple(members) => members.is_empty(),
            Type::External(path, _) => matches!(&**path, "std::primitive" | "std::string::String" | "std::vec::Vec"),
            _ => false,
        },
        _ => false,
    }
}
