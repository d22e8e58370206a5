//! Guards that are dropped at once: given a name, waited for, or let go explicitly.

use super::accept::accept_at;
use crate::{
    finding::{Applicability::HasPlaceholders, Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        ABORT_HANDLE, ABORT_ON_DROP, AbortGuard, Draft, SPAWN, Toolbox,
        places::{self, Statement},
    },
};
use spawnlint_analysis::{
    facts::{Expr, Pat},
    questions::{DiscardedGuard, ExprRef, GuardKind, Loss, Program, Value},
};

/// What keeps the work of a guard going that is dropped as soon as it is made, best first.
pub fn rewrites_of_guard(program: &Program, rule: &str, guard: &DiscardedGuard) -> Vec<Rewrite> {
    let mut found = Vec::new();
    if let Some(statement) = places::statement(program, guard.at) {
        let ways = Ways { program, guard, statement };
        found.extend(ways.name_it());
        found.extend(ways.wait_for_it());
        found.extend(ways.let_go());
    }
    found.extend(accept_at(program, rule, guard.at));
    found
}

struct Ways<'a> {
    program: &'a Program,
    guard: &'a DiscardedGuard,
    statement: Statement,
}

impl Ways<'_> {
    /// `let _guard = ..`: it lives to the end of the block, in which something has to be waited for.
    fn name_it(&self) -> Option<Rewrite> {
        let program = self.program;
        if !places::waits_behind(program, self.statement) {
            return None;
        }
        let draft = Draft::new("keep the guard until the end of the scope", MaybeIncorrect);
        let name = places::free_name(program, self.guard.at, "_guard");
        match (&self.guard.loss, &self.guard.kind) {
            (Loss::Underscore, _) => {
                let wild = places::wildcard_of(program, self.statement)?;
                draft.replace(places::pat_span(program, wild), vec![Piece::New(name)]).finish_in(program)
            }
            (Loss::Statement, _) if !self.statement.is_tail => {
                draft.before(self.statement.at, format!("let {name} = ")).finish_in(program)
            }
            // `JoinSet::new().spawn(work);`
            (Loss::Temporary, GuardKind::Set) => {
                let file = program.file(self.guard.at.file);
                let Expr::MethodCall { receiver, .. } = file[self.guard.at.id] else { return None };
                if let Some(alone) = self.alone(draft.clone()) {
                    return Some(alone);
                }
                let name = places::free_name(program, self.guard.at, "tasks");
                self.hoisted(draft, self.guard.at.with(receiver), &format!("mut {name}"), &name)
            }
            // `AbortOnDropHandle::new(task).abort_handle()`
            (Loss::Temporary, _) => {
                let name = places::free_name(program, self.guard.at, "guard");
                self.hoisted(draft, self.guard.at, &name, &name)
            }
            _ => None,
        }
    }

    /// `JoinSet::new().spawn(work);` becomes `let _guard = AbortOnDropHandle::new(tokio::spawn(work));`, or a guard of
    /// the task's abort handle. A set in a variable would be a set for one task.
    fn alone(&self, draft: Draft) -> Option<Rewrite> {
        let program = self.program;
        let at = self.guard.at;
        let file = program.file(at.file);
        let Expr::MethodCall { args, .. } = file[at.id] else { return None };
        let tools = Toolbox::new(program, at);
        let is_spawn = program.calls_method(at, "spawn") && self.statement.stmt == at && !self.statement.is_tail;
        if !is_spawn {
            return None;
        }
        let work = program.span(at.with(file.at(args, 0)?));
        let (before, after) = places::parts_around(program.span(at), work);
        let name = places::free_name(program, at, "_guard");
        let (owner, ends, draft) = if tools.has(ABORT_ON_DROP) {
            (format!("{}::new(", tools.path(ABORT_ON_DROP)), "))", draft)
        } else {
            let guard = AbortGuard::local(program, at, ABORT_HANDLE)?;
            (guard.opens(), ").abort_handle())", guard.define(draft))
        };
        draft
            .replace(before, vec![Piece::New(format!("let {name} = {owner}{}(", tools.path(SPAWN)))])
            .replace(after, vec![Piece::New(ends.to_owned())])
            .finish_in(program)
    }

    /// A temporary becomes a variable of the statement before.
    fn hoisted(&self, draft: Draft, value: ExprRef, pattern: &str, name: &str) -> Option<Rewrite> {
        let span = self.program.span(value);
        let made = vec![Piece::New(format!("let {pattern} = ")), Piece::Kept(span), Piece::New(";\n".into())];
        draft
            .replace(self.statement.at.start(), made)
            .replace(span, vec![Piece::New(name.to_owned())])
            .finish_in(self.program)
    }

    /// `smol::spawn(work).await;`
    fn wait_for_it(&self) -> Option<Rewrite> {
        let program = self.program;
        let is_whole = self.statement.stmt == self.guard.at && !self.statement.is_tail;
        let is_task = self.type_path().as_deref() == Some("async_task::Task");
        if self.guard.loss != Loss::Statement || !is_whole || !is_task || !places::is_async_here(program, self.guard.at)
        {
            return None;
        }
        Draft::new("wait for the task", MaybeIncorrect).after(program.span(self.guard.at), ".await").finish_in(program)
    }

    /// `.detach()`, `.forget()`: the task goes on, and the code says so.
    fn let_go(&self) -> Option<Rewrite> {
        let program = self.program;
        let method = match self.type_path()?.as_str() {
            "async_task::Task" | "tokio_util::task::AbortOnDropHandle" => "detach",
            "futures::future::RemoteHandle" => "forget",
            _ => return None,
        };
        let draft = Draft::new("detach the task explicitly", HasPlaceholders)
            .before(self.statement.at, "// <why nothing has to end this task>\n");
        let file = program.file(self.statement.stmt.file);
        match (&self.guard.loss, file[self.statement.stmt.id]) {
            (Loss::Statement, _) if !self.statement.is_tail => {
                draft.after(program.span(self.statement.stmt), format!(".{method}()")).finish_in(program)
            }
            // `let (work, _) = work.remote_handle();`
            (Loss::Underscore, Expr::Local { pat, .. }) if matches!(file[pat], Pat::Tuple(_)) => {
                let wild = places::wildcard_of(program, self.statement)?;
                let name = places::free_name(program, self.guard.at, "handle");
                let forgets = format!("{name}.{method}();");
                draft
                    .replace(places::pat_span(program, wild), vec![Piece::New(name)])
                    .stmt_behind(program, self.statement, &forgets)
                    .finish_in(program)
            }
            // `let _ = AbortOnDropHandle::new(task);`, `let _guard = ..;` with nothing behind it.
            (
                Loss::Underscore | Loss::EndOfFunction(_),
                Expr::Local { init: Some(init), ty: None, otherwise: None, .. },
            ) => {
                let init = program.span(self.statement.stmt.with(init));
                let (before, _) = places::parts_around(self.statement.at, init);
                draft.replace(before, Vec::new()).after(init, format!(".{method}()")).finish_in(program)
            }
            _ => None,
        }
    }

    /// The type of what is dropped, as a path.
    fn type_path(&self) -> Option<String> {
        let program = self.program;
        let file = program.file(self.statement.stmt.file);
        let value = match file[self.statement.stmt.id] {
            Expr::Local { init: Some(init), .. } => self.statement.stmt.with(init),
            _ => self.statement.stmt,
        };
        let is_pair =
            matches!(file[self.statement.stmt.id], Expr::Local { pat, .. } if matches!(file[pat], Pat::Tuple(_)));
        match self.guard.kind {
            GuardKind::Handle if is_pair || program.calls_method(self.guard.at, "spawn_with_handle") => {
                Some("futures::future::RemoteHandle".to_owned())
            }
            GuardKind::Handle => program.type_of(&Value::bare(value)).external().map(str::to_owned),
            _ => None,
        }
    }
}
