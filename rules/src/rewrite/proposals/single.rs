//! A set of one task: the task's own handle takes its place, in an owner that aborts as the set did.

use super::accept::accept_at;
use crate::{
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{ABORT_HANDLE, ABORT_ON_DROP, AbortGuard, Draft, SPAWN, SPAWN_BLOCKING, Toolbox, places},
};
use spawnlint_analysis::{
    catalogue::{self, Does, Wait},
    facts::{Expr, ExprId, Pat},
    questions::{ExprRef, LocalSet, Program},
    span::Span,
};

/// What holds the one task of a set in place of it, best first.
pub fn rewrites_of_set(program: &Program, rule: &str, set: &LocalSet) -> Vec<Rewrite> {
    let mut found = Vec::new();
    if let Some(pat) = program.let_of(set.made) {
        let uses = program.uses_of(set.made, pat);
        let swap = |guard| Swap { program, set, uses: &uses, guard }.rewrite();
        let wrapped = || swap(None);
        let guarded = || AbortGuard::local(program, set.made, ABORT_HANDLE).and_then(|guard| swap(Some(guard)));
        found = match Toolbox::new(program, set.made).has(ABORT_ON_DROP) {
            true => vec![wrapped(), guarded()],
            false => vec![guarded(), wrapped()],
        };
    }
    found.push(accept_at(program, rule, set.made));
    found.into_iter().flatten().collect()
}

struct Swap<'a> {
    program: &'a Program,
    set: &'a LocalSet,
    uses: &'a [ExprRef],
    /// The guard beside a plain handle, where there is no owner at hand.
    guard: Option<AbortGuard>,
}

/// What the rest of the code does with the handle.
#[derive(Default)]
struct After {
    waits: u32,
    by_reference: bool,
    others: u32,
}

impl Swap<'_> {
    fn rewrite(&self) -> Option<Rewrite> {
        let program = self.program;
        let made = places::statement(program, self.set.made)?;
        let mut draft = match self.guard {
            None => Draft::new("hold the task in an `AbortOnDropHandle` instead of the set", MaybeIncorrect),
            Some(_) => Draft::new("hold the task itself and an abort-on-drop guard instead of the set", MaybeIncorrect),
        };
        let mut after = After::default();
        for used in self.uses.iter().filter(|used| !self.is_spawn(**used)) {
            draft = self.follow(draft, *used, &mut after)?;
        }
        if after.waits > 1 {
            return None;
        }
        let is_used = after.waits + after.others > 0;
        let name = match is_used || self.set.name.starts_with('_') {
            true => self.set.name.clone(),
            false => format!("_{}", self.set.name),
        };
        let mutable = if after.by_reference { "mut " } else { "" };
        draft = match self.set.spawns.as_slice() {
            [spawn] if self.is_beside(*spawn) => {
                draft = draft.replace(made.at, Vec::new());
                self.bound(draft, *spawn, &format!("{mutable}{name}"), &name, is_used)?
            }
            // In each branch another task.
            spawns => {
                if !is_used || self.guard.is_some() {
                    return None;
                }
                draft = draft.replace(made.at, vec![Piece::New(format!("let {mutable}{name};"))]);
                spawns.iter().try_fold(draft, |draft, spawn| self.spawned(draft, *spawn, &format!("{name} = ")))?
            }
        };
        let tools = Toolbox::new(program, self.set.made);
        if self.guard.is_none() {
            draft = draft.needs(tools.lacks(ABORT_ON_DROP));
        }
        draft.finish_in(program)
    }

    fn is_spawn(&self, used: ExprRef) -> bool {
        self.program.parent(used).is_some_and(|call| self.set.spawns.contains(&call))
    }

    /// Whether a task is started by a statement of the block in which the set is made.
    fn is_beside(&self, spawn: ExprRef) -> bool {
        let block = |at: ExprRef| places::statement(self.program, at).map(|it| it.block);
        let is_statement = places::statement(self.program, spawn).is_some_and(|it| it.stmt == spawn && !it.is_tail);
        block(spawn) == block(self.set.made) && (is_statement || self.program.let_of(spawn).is_some())
    }

    /// `set.spawn(f);` becomes `let task = ..;`, and `let stop = set.spawn(f);` takes its abort handle.
    fn bound(&self, draft: Draft, spawn: ExprRef, pattern: &str, name: &str, is_used: bool) -> Option<Draft> {
        let program = self.program;
        let statement = places::statement(program, spawn)?;
        let mut draft = draft;
        if let Some(stop) = program.let_of(spawn) {
            let opens = places::between(statement.at.start(), program.span(spawn));
            draft = draft.replace(opens, Vec::new());
            let text = vec![
                Piece::New("let ".into()),
                Piece::Kept(places::pat_span(program, stop)),
                Piece::New(format!(" = {name}.abort_handle();")),
            ];
            draft = draft.stmt_behind_of(program, statement, text);
        }
        let Some(guard) = &self.guard else { return self.spawned(draft, spawn, &format!("let {pattern} = ")) };
        let guard_name = places::free_name(program, spawn, "_guard");
        draft = match is_used || program.let_of(spawn).is_some() {
            true => {
                let made = guard.make(&format!("{name}.abort_handle()"));
                draft = draft.stmt_behind(program, statement, &format!("let {guard_name} = {made};"));
                self.spawned(draft, spawn, &format!("let {pattern} = "))?
            }
            false => {
                draft = self.spawned(draft, spawn, &format!("let {guard_name} = {}", guard.opens()))?;
                draft.after(program.span(spawn), ".abort_handle())")
            }
        };
        Some(guard.define(draft))
    }

    /// `set.spawn(f)` becomes `tokio::spawn(f)`, in its owner.
    fn spawned(&self, draft: Draft, spawn: ExprRef, before: &str) -> Option<Draft> {
        let program = self.program;
        let file = program.file(spawn.file);
        let Expr::MethodCall { method, args, .. } = file[spawn.id] else { return None };
        let tools = Toolbox::new(program, spawn);
        let work = program.span(spawn.with(file.at(args, 0)?));
        let whole = program.span(spawn);
        let (opens, closes) = places::parts_around(whole, work);
        let mut call = match self.guard {
            None => vec![Piece::New(format!("{before}{}::new(", tools.path(ABORT_ON_DROP)))],
            Some(_) => vec![Piece::New(before.to_owned())],
        };
        match &file[method] {
            "spawn" => call.push(Piece::New(format!("{}(", tools.path(SPAWN)))),
            "spawn_blocking" => call.push(Piece::New(format!("{}(", tools.path(SPAWN_BLOCKING)))),
            "spawn_on" => {
                let handle: ExprId = file.at(args, 1)?;
                let handle = match file[handle] {
                    Expr::Ref { expr, .. } => expr,
                    _ => handle,
                };
                call.extend([Piece::Kept(program.span(spawn.with(handle))), Piece::New(".spawn(".to_owned())]);
            }
            _ => return None,
        }
        let end = if self.guard.is_none() { "))" } else { ")" };
        Some(draft.replace(opens, call).replace(closes, vec![Piece::new(end)]))
    }

    /// A use of the set that is no spawn.
    fn follow(&self, draft: Draft, used: ExprRef, after: &mut After) -> Option<Draft> {
        let program = self.program;
        let file = program.file(used.file);
        let call = program.parent(used)?;
        let name = program.span(used);
        let Expr::MethodCall { method, .. } = file[call.id] else {
            // `drop(set)`
            after.others += 1;
            return Some(draft);
        };
        let (_, asked) = places::parts_around(program.span(call), name);
        let awaited = program.parent(call).filter(|outer| matches!(file[outer.id], Expr::Await(_)));
        match (&file[method], awaited) {
            ("abort_all", _) => {
                after.others += 1;
                Some(draft.replace(asked, vec![Piece::new(".abort()")]))
            }
            ("shutdown", Some(awaited)) => {
                after.waits += 1;
                let statement = places::statement(program, awaited).filter(|it| it.stmt == awaited && !it.is_tail)?;
                let ends = vec![
                    Piece::Kept(name),
                    Piece::new(".abort();\nlet _ = "),
                    Piece::Kept(name),
                    Piece::new(".await;"),
                ];
                Some(draft.replace(statement.at, ends))
            }
            ("join_all", Some(awaited)) => {
                after.waits += 1;
                let draft = draft.replace(asked, Vec::new());
                self.ignored(draft, awaited)
            }
            ("join_next", Some(awaited)) => {
                after.waits += 1;
                self.joined(draft, name, asked, awaited)
            }
            ("join_next", None) => {
                after.waits += 1;
                let outer = program.parent(call)?;
                match file[outer.id] {
                    // `timeout(d, set.join_next()).await.is_ok()`
                    Expr::Call { callee, .. } => {
                        let is_bound =
                            places::external_path(program, outer.with(callee)).and_then(|path| catalogue::wait(&path));
                        let awaited = program.parent(outer)?;
                        let asks = program.parent(awaited)?;
                        let only_whether = program.calls_method(asks, "is_ok") || program.calls_method(asks, "is_err");
                        let is_timeout = matches!(is_bound, Some(Wait::Timeout | Wait::TimeoutAt));
                        (is_timeout && only_whether).then(|| draft.replace(asked, Vec::new()))
                    }
                    // `_ = set.join_next() => ..`
                    Expr::Select(id) => {
                        let arm = file.list(file[id].arms).find(|arm| file[*arm].future == Some(call.id))?;
                        after.by_reference = true;
                        let is_ignored = matches!(file[file[arm].pat], Pat::Wild);
                        is_ignored.then(|| draft.before(name, "&mut ").replace(asked, Vec::new()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A result that nobody looks at: `let _ = ..`, or a statement.
    fn ignored(&self, draft: Draft, awaited: ExprRef) -> Option<Draft> {
        let program = self.program;
        let statement = places::statement(program, awaited)?;
        let file = program.file(awaited.file);
        match file[statement.stmt.id] {
            Expr::Local { pat, init: Some(init), .. } if init == awaited.id => {
                matches!(file[pat], Pat::Wild).then_some(draft)
            }
            Expr::Await(_) if statement.stmt == awaited && !statement.is_tail => {
                Some(draft.before(statement.at, "let _ = "))
            }
            _ => None,
        }
    }

    /// `set.join_next().await`, an `Option` of what the handle gives: whoever takes it apart takes one layer less.
    fn joined(&self, draft: Draft, name: Span, asked: Span, awaited: ExprRef) -> Option<Draft> {
        let program = self.program;
        let file = program.file(awaited.file);
        let outer = program.parent(awaited)?;
        let whole = program.span(outer);
        let (_, rest) = places::parts_around(whole, program.span(awaited));
        let draft = draft.replace(asked, Vec::new());
        match file[outer.id] {
            Expr::Try(_) => Some(draft.replace(rest, Vec::new())),
            Expr::MethodCall { method, args, .. } => match &file[method] {
                method if catalogue::method(method).does(Does::Unwraps) => Some(draft.replace(rest, Vec::new())),
                "and_then" => {
                    let given = file.at(args, 0).map(|arg| file[arg]);
                    let is_ok = matches!(given, Some(Expr::Path(path)) if file.path_text(path) == "Result::ok");
                    is_ok.then(|| draft.replace(rest, vec![Piece::new(".ok()")]))
                }
                // `while set.join_next().await.is_some() {}`
                "is_some" => {
                    let looped = program.parent(outer)?;
                    let Expr::While { cond, body, .. } = file[looped.id] else { return None };
                    let is_empty = matches!(file[body], Expr::Block { stmts, .. } if stmts.is_empty());
                    let (before, behind) = places::parts_around(program.span(looped), name);
                    let behind = places::between(program.span(awaited), behind.end());
                    (cond == outer.id && is_empty).then(|| {
                        draft.replace(before, vec![Piece::new("let _ = ")]).replace(behind, vec![Piece::new(";")])
                    })
                }
                _ => None,
            },
            Expr::Let { pat, .. } => {
                let branch = program.parent(outer)?;
                let (cond, body) = match file[branch.id] {
                    Expr::While { cond, body, label: None } => (cond, body),
                    Expr::If { cond, then, otherwise: None } => (cond, then),
                    _ => return None,
                };
                let Pat::TupleStruct { path, pats } = file[pat] else { return None };
                if cond != outer.id
                    || file.last_segment(path) != "Some"
                    || places::leaves_loop(program, awaited.with(body))
                {
                    return None;
                }
                let value = file.at(pats, 0)?;
                let kept = Piece::Kept(file.pat_range(value).in_file(awaited.file));
                let (before, _) = places::parts_around(program.span(branch), name);
                if !matches!(file[value], Pat::Bind { .. } | Pat::Wild) {
                    return Some(draft.replace(before, vec![Piece::new("if let "), kept, Piece::new(" = ")]));
                }
                let opens = places::between(program.span(awaited), places::block_start(program, awaited.with(body)));
                Some(
                    draft
                        .replace(before, vec![Piece::new("{\n    let "), kept, Piece::new(" = ")])
                        .replace(opens, vec![Piece::new(";")]),
                )
            }
            _ => self.ignored(draft, awaited),
        }
    }
}
