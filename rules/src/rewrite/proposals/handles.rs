//! Handles that are lost half-way: wrapped in an owner, aborted where the race is lost, or under a guard.

use super::accept::accept_at;
use crate::{
    evidence::Evidenced,
    finding::{Applicability, Piece, Rewrite},
    rewrite::{ABORT_ON_DROP, Draft, places},
};
use Applicability::{MachineApplicable, MaybeIncorrect};
use spawnlint_analysis::{
    facts::{Expr, Pat},
    questions::{ExprRef, Overwrite, Program, Race, RaceKind, Type, Value},
};

impl Evidenced<'_> {
    /// For a handle that is lost in a race: its owner ends the task when the race is over.
    pub fn rewrites_of_race(&self, rule: &str, race: &Race) -> Vec<Rewrite> {
        let is_operand = race.inner.is_none() && matches!(race.kind, RaceKind::Timeout | RaceKind::Select);
        let is_sure = is_operand && self.is_raced_by_value() && self.toolbox().has(ABORT_ON_DROP);
        let sure = if is_sure { MachineApplicable } else { MaybeIncorrect };
        let wrapped = self.wrap_everywhere("abort the task when its handle is dropped", sure);
        let aborted = self.abort_when_late(race);
        let guarded = self.guard_beside(race);
        let mut found = match self.toolbox().has(ABORT_ON_DROP) {
            true => vec![wrapped, aborted, guarded],
            false => vec![aborted, guarded, wrapped],
        };
        if found.iter().all(Option::is_none) {
            found.push(self.wrapped_here());
        }
        found.push(accept_at(self.program, rule, self.task.site));
        found.into_iter().flatten().collect()
    }

    /// For a handle that the next one is written over: the old task ends first.
    pub fn rewrites_of_overwrite(&self, rule: &str, overwrite: &Overwrite) -> Vec<Rewrite> {
        let wrapped =
            self.wrap_everywhere("make the field abort the old task when its handle is replaced", MaybeIncorrect);
        let aborted = self.abort_old(overwrite);
        let mut found = match self.toolbox().has(ABORT_ON_DROP) {
            true => vec![wrapped, aborted],
            false => vec![aborted, wrapped],
        };
        if found.iter().all(Option::is_none) {
            found.push(self.wrapped_here());
        }
        found.push(accept_at(self.program, rule, self.task.site));
        found.into_iter().flatten().collect()
    }

    /// Whether the race takes the handle for itself: what it drops nobody else can use.
    fn is_raced_by_value(&self) -> bool {
        let program = self.program;
        let site = self.task.site;
        let uses = program.let_of(site).map_or_else(|| vec![site], |pat| program.uses_of(site, pat));
        uses.into_iter().all(|used| !is_borrowed(program, used))
    }

    /// `timeout(d, handle).await` becomes `timeout(d, &mut handle).await`, with an `abort()` where it is late.
    fn abort_when_late(&self, race: &Race) -> Option<Rewrite> {
        let program = self.program;
        if race.kind != RaceKind::Timeout || race.inner.is_some() || !self.gives_join_handle() {
            return None;
        }
        let pat = program.let_of(self.task.site)?;
        let uses = program.uses_of(self.task.site, pat);
        let [used] = uses.as_slice() else { return None };
        let file = program.file(used.file);
        let Pat::Bind { name, .. } = file[pat.id] else { return None };
        let name = &file[name];
        let outer = program.parent(*used)?;
        let is_borrowed = matches!(file[outer.id], Expr::Ref { mutable: true, .. });
        let call = if is_borrowed { program.parent(outer)? } else { outer };
        let awaited = program.parent(call)?;
        let (Expr::Call { .. }, Expr::Await(_)) = (file[call.id], file[awaited.id]) else { return None };

        let mut draft = Draft::new("abort the task on timeout", MaybeIncorrect);
        if !is_borrowed {
            draft = draft.before(program.span(*used), "&mut ");
        }
        if !places::is_mut(program, pat) {
            draft = draft.before(places::pat_span(program, pat), "mut ");
        }
        let around = program.parent(awaited)?;
        let statement = places::statement(program, call)?;
        match file[around.id] {
            // `if timeout(d, handle).await.is_err() { .. }`
            Expr::MethodCall { method, .. } if &file[method] == "is_err" => {
                let branch = program.parent(around)?;
                let Expr::If { cond, then, .. } = file[branch.id] else { return None };
                let opens = places::block_start(program, branch.with(then));
                (cond == around.id)
                    .then(|| draft.before(opens, format!("\n    {name}.abort();")))
                    .and_then(|draft| draft.finish_in(program))
            }
            // `timeout(d, handle).await;` and `let _ = timeout(d, handle).await;`
            Expr::Block { .. } | Expr::Local { .. } => {
                let is_let_wild = matches!(file[around.id], Expr::Local { pat, ty: None, otherwise: None, .. }
                    if matches!(file[pat], Pat::Wild));
                if statement.is_tail || !(is_let_wild || statement.stmt == awaited) {
                    return None;
                }
                let (before, after) = places::parts_around(statement.at, program.span(awaited));
                let aborts = format!(".is_err() {{\n    {name}.abort();\n}}");
                draft
                    .replace(before, vec![Piece::New("if ".into())])
                    .replace(after, vec![Piece::New(aborts)])
                    .finish_in(program)
            }
            _ => None,
        }
    }

    /// `let _guard = AbortGuard(handle.abort_handle());` beside a handle that is awaited in the same scope.
    fn guard_beside(&self, race: &Race) -> Option<Rewrite> {
        let program = self.program;
        let site = self.task.site;
        let statement = places::statement(program, site).filter(|_| self.gives_join_handle())?;
        let waits = race.inner.unwrap_or(race.at);
        let scope = program.span(statement.block);
        let is_here = waits.file == scope.file && scope.range.contains(waits.range);
        if !is_here || !places::is_async_here(program, site) {
            return None;
        }
        // `timeout(d, tokio::spawn(f)).await`: what stands before it in the statement runs after it then.
        if program.let_of(site).is_none() && !is_operand(program, site) {
            return None;
        }
        let draft = Draft::new("abort the task when this scope exits", MaybeIncorrect);
        let name = places::free_name(program, site, "_guard");
        self.guarded(draft, site, statement, is_borrowed(program, site), |guard| format!("let {name} = {guard};"))
    }

    /// `if let Some(old) = self.task.take() { old.abort(); }` before the next handle is written there.
    fn abort_old(&self, overwrite: &Overwrite) -> Option<Rewrite> {
        let program = self.program;
        let file = program.file(overwrite.assigned.file);
        let Expr::Assign { lhs, .. } = file[overwrite.assigned.id] else { return None };
        let statement = places::statement(program, overwrite.assigned).filter(|it| it.stmt == overwrite.assigned)?;
        let place = overwrite.assigned.with(lhs);
        // `*self.task.lock().unwrap()`
        let reached = match file[lhs] {
            Expr::Unary { expr, .. } => place.with(expr),
            _ => place,
        };
        let title = "abort the old task before storing the next one";
        let kept = Piece::Kept(program.span(reached));
        let text = match program.type_of(&Value::bare(place)).pointee() {
            Type::External(path, _) if &*path == "std::option::Option" => {
                let old = places::free_name(program, place, "old");
                let aborts = format!(".take() {{\n    {old}.abort();\n}}\n");
                vec![Piece::New(format!("if let Some({old}) = ")), kept, Piece::New(aborts)]
            }
            Type::External(path, _) if &*path == "tokio::task::JoinHandle" => {
                vec![kept, Piece::New(".abort();\n".into())]
            }
            // Through a lock the type is that of what is locked.
            _ => {
                let inner = program.type_of(&Value::bare(reached)).innermost();
                if !inner.is("tokio::task::JoinHandle") || reached == place {
                    return None;
                }
                let old = places::free_name(program, place, "old");
                let aborts = format!(".take() {{\n    {old}.abort();\n}}\n");
                vec![Piece::New(format!("if let Some({old}) = ")), kept, Piece::New(aborts)]
            }
        };
        Draft::new(title, MaybeIncorrect).replace(statement.at.start(), text).finish_in(program)
    }
}

/// Whether a spawn is itself the operand of what races it, and nothing before it in its statement does anything.
fn is_operand(program: &Program, site: ExprRef) -> bool {
    let Some(outer) = program.parent(site) else { return false };
    let outer = match program.file(outer.file)[outer.id] {
        Expr::Ref { .. } => program.parent(outer),
        _ => Some(outer),
    };
    outer.is_some_and(|outer| match program.file(outer.file)[outer.id] {
        Expr::Await(_) => true,
        Expr::Call { args, .. } => {
            let file = program.file(outer.file);
            file.list(args).all(|arg| !matches!(file[arg], Expr::Await(_)))
        }
        _ => false,
    })
}

fn is_borrowed(program: &Program, site: ExprRef) -> bool {
    program
        .parent(site)
        .is_some_and(|outer| matches!(program.file(outer.file)[outer.id], Expr::Ref { mutable: true, .. }))
}
