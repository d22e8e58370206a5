//! Rewrites that give a task to somebody who keeps it: the struct that is built, the caller, or the scope.

use super::{
    holder::{Holder, Making},
    place::{Keep, Place, Through},
};
use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        DROP_GUARD, Draft, JOIN_SET, Toolbox,
        keepers::{self, LostForm, LostValue, Output},
        places::{self, Statement},
    },
};
use spawnlint_analysis::{
    questions::ExprRef,
    span::{Span, TextRange},
};

/// How many alternatives are offered.
const MAX_REWRITES: usize = 3;
/// Where a value may be kept, best first.
const PLACES: &[Place] = &[Place::Field, Place::Given, Place::Scope, Place::Result];

impl Evidenced<'_> {
    /// Rewrites that give the task of a lost handle to somebody, best first.
    pub(super) fn kept_elsewhere(&self) -> Vec<Rewrite> {
        let mut found = self.kept_from(self.task.site);
        // Where a wrapper gives nothing that could be kept, it has to.
        for call in keepers::calls_on_the_way(self.program, self.task) {
            if found.is_empty() {
                found = self.kept_from(call);
            }
        }
        // A wrapper that builds a value, or is a method: its type keeps whatever comes through it.
        let inner = self.task.inner;
        if found.is_empty() && inner != self.task.site {
            let value = keepers::given_value(self.program, inner);
            let lost = value.and_then(|value| keepers::lost_value(self.program, value));
            if let Some(lost) = lost {
                let holders = self.holders(&lost, inner);
                found.extend(self.kept_by(&lost, &holders, &[Place::Field, Place::Given]));
                found.extend(self.kept_by_self(&lost, inner, &holders));
            }
        }
        found
    }

    fn kept_from(&self, call: ExprRef) -> Vec<Rewrite> {
        let Some(value) = keepers::given_value(self.program, call) else { return Vec::new() };
        let Some(lost) = keepers::lost_value(self.program, value) else { return Vec::new() };
        let holders = self.holders(&lost, call);
        // Who is at hand comes first: what is built, what starts the task, then block and caller.
        let mut found: Vec<Rewrite> = self.kept_with_others(&lost, call).into_iter().collect();
        found.extend(self.kept_by(&lost, &holders, &[Place::Field, Place::Given]));
        found.extend(self.kept_by_self(&lost, call, &holders));
        found.extend(self.kept_by(&lost, &holders, &[Place::Scope, Place::Result]));
        if call == self.task.site {
            let held = self.held_if_started(&lost, &holders);
            // A set is for several tasks.
            found.extend(if held.is_empty() { self.kept_in_set(&lost).into_iter().collect() } else { held });
        }
        // A dependency that is missing comes behind what can be had at once.
        found.sort_by_key(|rewrite| !rewrite.needs.is_empty());
        found.truncate(MAX_REWRITES);
        found
    }

    /// Rewrites that keep one of these values, best first.
    fn kept_by(&self, lost: &LostValue, holders: &[Holder], places: &[Place]) -> Vec<Rewrite> {
        let mut found = Vec::new();
        let keep = Keep { program: self.program };
        let ends = match lost.form {
            LostForm::Several { .. } => "dropping them ends the tasks",
            _ => "dropping it ends the task",
        };
        for place in places.iter().copied() {
            for holder in holders {
                let mut through = Through::default();
                let draft = Draft::new(String::new(), MaybeIncorrect).needs(holder.needs);
                let Some(draft) = keep.at(draft, lost, holder, place, &mut through) else { continue };
                let what = holder.words;
                let title = match place {
                    Place::Field => {
                        format!("keep {what} in the struct built here, so that the task ends with that struct")
                    }
                    Place::Given => {
                        let owner = through.last_owner().map_or("value", |it| self.program.type_name(it));
                        format!("keep {what} in the `{owner}` that is returned, so that the task ends with it")
                    }
                    Place::Scope => format!("hold {what} until the end of this block"),
                    // Its callers are not all seen.
                    Place::Result if through.changes_api(self.program) => {
                        format!("return {what} from this public function: {ends}")
                    }
                    Place::Result => format!("return {what} to the caller: {ends}"),
                };
                found.extend(draft.titled(title).finish_in(self.program));
            }
        }
        found
    }

    /// Rewrites that keep a drop guard of a token that nobody cancels, best first.
    pub fn token_keepers(&self, made: Option<Span>, rule: &str) -> Vec<Rewrite> {
        let made = made.and_then(|at| keepers::made_at(self.program, at));
        let mut found = Vec::new();
        if let Some(made) = made {
            if let Some((name, statement)) = keepers::made_local(self.program, made) {
                found.extend(self.token_guarded(made, &name, statement, PLACES));
            } else if let Some((owner, field)) = keepers::made_field(self.program, made) {
                found.extend(self.cancelled_by_drop(owner, &field));
                // What the task itself keeps is never dropped; a guard elsewhere is.
                if found.is_empty()
                    && let Some((name, statement)) = keepers::made_local_with_field(self.program, made)
                {
                    // A function that only builds it and starts no task has nothing to give back beside it.
                    let is_started_here = self.program.enclosing_fn(made) == self.program.enclosing_fn(self.task.site);
                    let places = if is_started_here { PLACES } else { &[Place::Field] };
                    found.extend(self.token_guarded(made, &format!("{name}.{field}"), statement, places));
                }
            }
        }
        found.truncate(MAX_REWRITES - 1);
        found.extend(self.keepers(rule));
        found
    }

    /// `token.clone().drop_guard()`, kept from where a token is made.
    fn token_guarded(&self, made: ExprRef, token: &str, statement: Statement, places: &[Place]) -> Vec<Rewrite> {
        let tools = Toolbox::new(self.program, made);
        let holder = Holder {
            making: Making::Behind(format!("{token}.clone().drop_guard()")),
            ty: Some(vec![Piece::New(tools.path(DROP_GUARD))]),
            needs: None,
            words: "a `DropGuard` for the token",
            many: "`DropGuard`s for the tokens",
            guard: None,
        };
        let lost = LostValue { value: made, statement, form: LostForm::Used { name: token.to_owned() } };
        self.kept_by(&lost, &[holder], places)
    }

    /// `_task = Some(AbortOnDropHandle::new(tokio::spawn(f)));`, for a task that is started in a branch.
    fn held_if_started(&self, lost: &LostValue, holders: &[Holder]) -> Vec<Rewrite> {
        let program = self.program;
        let Some((top, false)) = places::outer_statement(program, lost.statement) else { return Vec::new() };
        if lost.form != LostForm::Alone {
            return Vec::new();
        }
        let waits = keepers::body_waits_behind(program, top);
        let start = TextRange::new(top.at.range.start, top.at.range.start).in_file(top.at.file);
        let (head, tail) = places::parts_around(lost.statement.at, program.span(lost.value));
        let new = |text: String| vec![Piece::New(text)];
        let rewrite = |holder: &Holder| {
            let Making::Around(before, after) = &holder.making else { return None };
            let built = keepers::built_struct(program, top)
                .filter(|built| !waits && places::is_in_module_of(program, lost.value, built.owner));
            let title = match waits {
                _ if built.is_some() => {
                    "keep {} in an `Option` in the struct built here, since the task is not always spawned"
                }
                true => "hold {} in an `Option` until the end of this function, since the task is not always spawned",
                false => {
                    "return {} in an `Option` to the caller, since the task is not always spawned: dropping it ends the task"
                }
            };
            let name = places::free_name(program, lost.value, if waits { "_task" } else { "task" });
            let mut draft = Draft::new(title.replace("{}", holder.words), MaybeIncorrect).needs(holder.needs);
            draft = draft.replace(start, new(format!("let mut {name} = None;\n")));
            draft = match after.starts_with('.') {
                // Behind lines of code a method call would move every one of them.
                true => {
                    let handle = places::free_name(program, lost.value, "handle");
                    let kept = format!(";\n{name} = Some({before}{handle}{after});");
                    draft.replace(head, new(format!("let {handle} = "))).replace(tail, new(kept))
                }
                false => {
                    let draft = draft.replace(head, new(format!("{name} = Some({before}")));
                    draft.replace(tail, new(format!("{after});")))
                }
            };
            let mut through = Through::default();
            if let Some(built) = built {
                draft = Keep { program }.in_field_if_started(draft, holder, &built, &name)?;
            } else if !waits {
                let result = keepers::result_place(program, top).filter(|it| it.returns.is_empty())?;
                let inner = holder.ty.clone()?;
                let open = [Piece::New("Option<".to_owned())];
                let ty: Vec<Piece> = open.into_iter().chain(inner).chain([Piece::New(">".to_owned())]).collect();
                draft = Keep { program }.give_back(draft, &result, &ty, &name, None, &mut through)?;
            }
            Keep { program }.with_item(draft, holder, &through).finish_in(program)
        };
        holders.iter().filter_map(rewrite).collect()
    }

    /// `tasks.spawn(f)`, for a task that is started in a loop.
    fn kept_in_set(&self, lost: &LostValue) -> Option<Rewrite> {
        let program = self.program;
        let (top, repeats) = places::outer_statement(program, lost.statement)?;
        let callee = keepers::spawn_callee(program, lost.value)?;
        let tools = self.toolbox();
        let set = tools.path(JOIN_SET);
        let name = places::free_name(program, lost.value, "tasks");
        let new = |text: String| vec![Piece::New(text)];
        let waits = keepers::body_waits_behind(program, top) || (keepers::waits_within(program, top) && repeats);
        let title = match waits {
            true => "keep the tasks in a `JoinSet`, so that they end when this function returns",
            false => "return a `JoinSet` with the tasks to the caller",
        };
        let mut draft = Draft::new(title, MaybeIncorrect).needs(tools.lacks(JOIN_SET));
        draft = draft.before(top.at, format!("let mut {name} = {set}::new();\n"));
        let whole = lost.statement.at;
        let value = program.span(lost.value);
        let head = TextRange::new(whole.range.start, callee.range.end).in_file(whole.file);
        let tail = TextRange::new(value.range.end, whole.range.end).in_file(whole.file);
        let is_named = match &lost.form {
            LostForm::Alone => false,
            LostForm::Named { given_up: None, .. } => true,
            _ => return None,
        };
        let drained = match repeats {
            true => format!("while {name}.try_join_next().is_some() {{}}\n{name}.spawn"),
            false => format!("{name}.spawn"),
        };
        draft = draft.replace(head, new(drained));
        if !is_named {
            draft = draft.replace(tail, new(";".to_owned()));
        }
        if !waits {
            let output = match keepers::task_output(program, self.task)? {
                Output::Unit => Piece::New("()".to_owned()),
                Output::Written(at) => Piece::Kept(at),
            };
            let ty = vec![Piece::New(format!("{set}<")), output, Piece::New(">".to_owned())];
            let result = keepers::result_place(program, top)?;
            draft = Keep { program }.give_back(draft, &result, &ty, &name, None, &mut Through::default())?;
        }
        draft.finish_in(program)
    }
}
