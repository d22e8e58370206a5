//! Aborts that end nothing: an owner that aborts in place of a handle that does not, a pause, a registration.

use super::accept::accept_at;
use crate::{
    evidence::Evidenced,
    finding::{Applicability, Piece, Rewrite},
    rewrite::{
        ABORT_HANDLE, ABORT_HANDLE_ON_DROP, ABORT_ON_DROP, ABORTABLE, AbortGuard, Draft, Toolbox, YIELD_NOW, places,
    },
};
use Applicability::{MachineApplicable, MaybeIncorrect};
use spawnlint_analysis::{
    facts::Expr,
    questions::{ExprRef, Fate, Program, VainAbort, VainCall},
};

const OWNED: &str = "abort the task when the handle is dropped";

impl Evidenced<'_> {
    /// What makes an abort work that ends nothing, best first.
    pub fn rewrites_of_abort(&self, rule: &str, vain: &VainAbort) -> Vec<Rewrite> {
        let mended = match vain {
            VainAbort::HandleDropped(_) => match self.fate {
                Fate::Stored { .. } => self.owning_field(),
                _ => self.owning_local(),
            },
            VainAbort::AbortableDropped(_) => self.bound_spawn(),
            VainAbort::NeverPauses(_, looped) => self.pause_in(*looped),
            VainAbort::Started(_) => None,
        };
        mended.into_iter().chain(accept_at(self.program, rule, self.task.site)).collect()
    }

    /// A field that holds an `AbortHandle` gets an owner that aborts.
    fn owning_field(&self) -> Option<Rewrite> {
        let program = self.program;
        let Fate::Stored { owner, field, .. } = self.fate else { return None };
        let kept = places::abort_handle_field(program, *owner, field)?;
        let tools = Toolbox::of_file(program, owner.file, places::module_of_type(program, *owner));
        let draft = Draft::new(OWNED, MaybeIncorrect);
        let (ty, before, draft) = match tools.has(ABORT_HANDLE_ON_DROP) {
            true => {
                let path = tools.path(ABORT_HANDLE_ON_DROP);
                (path.clone(), format!("{path}::new("), draft)
            }
            false => {
                let (first, _) = kept.inits.first()?;
                let guard = AbortGuard::local(program, *first, ABORT_HANDLE)?;
                (guard.path().to_owned(), guard.opens(), guard.define(draft))
            }
        };
        // Names mean the same where the type is written and where its values are.
        if !kept.inits.iter().all(|(init, _)| places::is_in_module_of(program, *init, *owner)) {
            return None;
        }
        let mut draft = draft.replace(kept.name, vec![Piece::New(ty)]);
        for (init, is_shorthand) in kept.inits {
            let named = if is_shorthand { format!("{field}: {before}") } else { before.clone() };
            draft = draft.around(program.span(init), named, ")");
        }
        draft.finish_in(program)
    }

    /// `let _stop = tokio::spawn(f).abort_handle();` becomes `let _stop = AbortOnDropHandle::new(tokio::spawn(f));`.
    fn owning_local(&self) -> Option<Rewrite> {
        let program = self.program;
        let call = program.parent(self.task.site).filter(|call| program.calls_method(*call, "abort_handle"))?;
        let statement = places::statement(program, call)?;
        if !places::waits_behind(program, statement) {
            return None;
        }
        let draft = Draft::new(OWNED, MaybeIncorrect);
        let draft = match program.let_of(call) {
            Some(pat) if program.uses_of(call, pat).is_empty() => draft,
            None if statement.stmt == call && !statement.is_tail => {
                let name = places::free_name(program, call, "_guard");
                draft.before(statement.at, format!("let {name} = "))
            }
            _ => return None,
        };
        let tools = self.toolbox();
        if tools.has(ABORT_ON_DROP) && self.gives_join_handle() {
            let spawned = program.span(self.task.site);
            let (_, method) = places::parts_around(program.span(call), spawned);
            let opens = format!("{}::new(", tools.path(ABORT_ON_DROP));
            return draft.before(spawned, opens).replace(method, vec![Piece::New(")".to_owned())]).finish_in(program);
        }
        let guard = AbortGuard::local(program, call, ABORT_HANDLE)?;
        guard.define(draft.around(program.span(call), guard.opens(), ")")).finish_in(program)
    }

    /// `tokio::spawn(work);` becomes `let _guard = AbortOnDropHandle::new(tokio::spawn(work));`.
    fn bound_spawn(&self) -> Option<Rewrite> {
        let program = self.program;
        let site = self.task.site;
        let statement = places::statement(program, site).filter(|it| it.stmt == site && !it.is_tail)?;
        let tools = self.toolbox();
        if !places::waits_behind(program, statement) || !self.gives_join_handle() {
            return None;
        }
        let name = places::free_name(program, site, "_guard");
        let draft = Draft::new("abort the task when this scope exits", MaybeIncorrect);
        let spawned = program.span(site);
        if tools.has(ABORT_ON_DROP) {
            let opens = format!("let {name} = {}::new(", tools.path(ABORT_ON_DROP));
            return draft.around(spawned, opens, ")").finish_in(program);
        }
        let guard = AbortGuard::local(program, site, ABORT_HANDLE)?;
        let opens = format!("let {name} = {}", guard.opens());
        guard.define(draft.around(spawned, opens, ".abort_handle())")).finish_in(program)
    }

    /// `tokio::task::yield_now().await;` at the top of a loop that never yields.
    fn pause_in(&self, looped: spawnlint_analysis::span::Span) -> Option<Rewrite> {
        let program = self.program;
        let body = places::loop_body(program, looped).filter(|body| places::is_async_here(program, *body))?;
        let pause = format!("\n    {}().await;", Toolbox::new(program, body).path(YIELD_NOW));
        Draft::new("yield in each iteration, so that an abort can take effect", MaybeIncorrect)
            .before(places::block_start(program, body), pause)
            .finish_in(program)
    }
}

/// What makes a call an abort that only looks like one, best first.
pub fn rewrites_of_call(program: &Program, rule: &str, call: &VainCall) -> Vec<Rewrite> {
    let (at, mended) = match call {
        VainCall::Cancel(at) => (*at, awaited(program, *at)),
        VainCall::Registration(at) => (*at, registered(program, *at)),
    };
    mended.into_iter().chain(accept_at(program, rule, at)).collect()
}

/// `task.cancel().await;`
fn awaited(program: &Program, call: ExprRef) -> Option<Rewrite> {
    let draft = Draft::new("await the cancellation", MachineApplicable);
    places::is_async_here(program, call).then(|| draft.after(program.span(call), ".await").finish_in(program)).flatten()
}

/// `let (stop, registration) = AbortHandle::new_pair();` and `Abortable::new(work, registration)` round the future of
/// the one task that is started behind it and whose handle nobody has.
fn registered(program: &Program, call: ExprRef) -> Option<Rewrite> {
    let statement = places::statement(program, call)?;
    let wild = places::wildcard_of(program, statement)?;
    let behind = places::statements_behind(program, statement);
    let mut spawns = behind.filter_map(|stmt| program.tasks().iter().find(|task| task.site == stmt));
    let (spawned, None) = (spawns.next()?, spawns.next()) else { return None };
    let file = program.file(spawned.site.file);
    let Expr::Call { args, .. } = file[spawned.site.id] else { return None };
    let work = program.span(spawned.site.with(file.at(args, 0)?));
    let name = places::free_name(program, call, "registration");
    let path = Toolbox::new(program, call).path(ABORTABLE);
    Draft::new("pass the registration to the task", MaybeIncorrect)
        .replace(places::pat_span(program, wild), vec![Piece::New(name.clone())])
        .around(work, format!("{path}::new("), format!(", {name})"))
        .finish_in(program)
}
