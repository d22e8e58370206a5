//! What is left to finish by hand: the abort handle stands at the spawn, and the place is named where it should go.

use super::{
    bind::{Bound, bind, held},
    holder::{Holder, Making},
};
use crate::{
    evidence::Evidenced,
    finding::{Applicability::HasPlaceholders, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, LostForm, LostValue},
        places,
    },
};
use spawnlint_analysis::{
    catalogue,
    facts::TypeKind,
    questions::{FnRef, Program, Task, Type, TypeRef},
};

impl Evidenced<'_> {
    /// `let task = AbortOnDropHandle::new(tokio::spawn(f));`, with a note on where it should go.
    pub(super) fn sketched(&self) -> Option<Rewrite> {
        let calls = std::iter::once(self.task.site).chain(keepers::calls_on_the_way(self.program, self.task));
        calls.chain([self.task.inner]).find_map(|call| {
            let value = keepers::given_value(self.program, call)?;
            let lost = keepers::lost_value(self.program, value)?;
            let holders = self.holders(&lost, call);
            holders.iter().find_map(|holder| self.sketched_with(&lost, holder))
        })
    }

    fn sketched_with(&self, lost: &LostValue, holder: &Holder) -> Option<Rewrite> {
        let program = self.program;
        let owner = owner_near(program, self.task, lost);
        let words = holder.words;
        let (title, whose) = match &owner {
            Near::Given(name) => (
                format!("keep {words} in the `{name}` that is returned"),
                format!("into a field of that `{name}`: dropping it ends the task"),
            ),
            Near::Type { name, is_copied: false } => {
                (format!("keep {words} in `{name}`"), format!("into a field of `{name}`: dropping it ends the task"))
            }
            Near::Type { name, is_copied: true } => (
                format!("keep {words} in `{name}`, shared by its clones"),
                format!("into a field of `{name}`, in an `Arc`: dropping the last clone ends the task"),
            ),
            Near::Held { name, stop } => (
                format!("keep {words} in `{name}`, and drop it where `{stop}` ends the other work"),
                format!(
                    "into a field of `{name}` from which `{stop}` takes it: the task keeps `{name}` alive until then"
                ),
            ),
            Near::Result(by) => (
                format!("return {words} from `{by}` along with its result"),
                format!("into what `{by}` returns: whoever drops that ends the task"),
            ),
            Near::Caller { by, caller } => (
                format!("return {words} from `{by}`, and keep it in `{caller}`"),
                format!("to where `{caller}` calls `{by}`: dropping it ends the task"),
            ),
            Near::Static(by) => (
                format!("keep {words} in a static, since `{by}` cannot return it"),
                format!("into a static: whoever ends the work of `{by}` takes it from there"),
            ),
            Near::Nobody(by) => (
                format!("return {words} from `{by}` to its caller"),
                format!("to whoever calls `{by}`: dropping it ends the task"),
            ),
        };
        let name = match holder.making {
            Making::Apart { .. } => places::free_name(program, lost.value, "stop"),
            _ => places::own_name_or_free(program, lost.value, "task"),
        };
        let draft = Draft::new(title, HasPlaceholders).needs(holder.needs);
        let note = format!("// <move `{}` {whose}>", held(holder, &name));
        // Behind what a function gives back nothing can stand.
        let is_value = lost.statement.is_tail && lost.form != LostForm::Alone;
        let draft = if is_value { draft.before(lost.statement.at, format!("{note}\n")) } else { draft };
        let draft = bind(program, draft, lost, holder, Bound::Let(&name))?;
        let draft = if is_value { draft } else { draft.stmt_behind(program, lost.statement, &note) };
        let draft = match &holder.guard {
            Some(guard) => guard.define(draft),
            None => draft,
        };
        draft.finish_in(program)
    }
}

/// Whoever a task most likely works for.
enum Near {
    /// The struct that the function gives to its caller.
    Given(String),
    /// The type of `self`, or of a method which calls the function.
    Type {
        /// The name.
        name: String,
        /// Whether its values are copied.
        is_copied: bool,
    },
    /// The same, if the task keeps it alive, and a method ends its other work.
    Held {
        /// The name.
        name: String,
        /// The method.
        stop: String,
    },
    /// What this function gives, of which the type is another's.
    Result(String),
    /// The function that calls the one which starts the task.
    Caller {
        /// The one that is called.
        by: String,
        /// The one that calls.
        caller: String,
    },
    /// Nobody in reach: the signature of this function is not its own.
    Static(String),
    /// Whoever calls this function.
    Nobody(String),
}

fn owner_near(program: &Program, task: &Task, lost: &LostValue) -> Near {
    let Some(function) = program.enclosing_fn(lost.value) else { return Near::Nobody("it".to_owned()) };
    let by = program.qualified_name(function);
    if let Some(given) = given_type(program, function) {
        return Near::Given(program.type_name(given).to_owned());
    }
    let callers = program.callers(function);
    let calling = || callers.iter().filter_map(|call| program.enclosing_fn(*call)).filter(|it| *it != function);
    let of_self = |function: FnRef| {
        // What takes the value itself leaves no owner behind.
        let stays = program.function(function).self_param.is_some_and(|it| it.is_ref || it.ty.is_some());
        program.self_type(function).filter(|_| stays)
    };
    // What is started in a block or closure of its own does not reach what the function gives.
    let is_own = places::is_body(program, lost.statement.block).is_some()
        || places::outer_statement(program, lost.statement)
            .is_some_and(|(top, _)| places::is_body(program, top.block).is_some());
    if is_own && !keepers::gives_only_news(program, function) {
        return Near::Result(by);
    }
    if let Some(owner) = of_self(function).or_else(|| calling().find_map(of_self)) {
        let name = program.type_name(owner).to_owned();
        let is_copied = program.derives(owner, catalogue::is_copying_trait);
        let stop = program.stop_of_type(owner).filter(|_| program.keeps_alive(task, owner));
        return match stop {
            Some(stop) => Near::Held { name, stop: program.qualified_name(stop) },
            None => Near::Type { name, is_copied },
        };
    }
    if program.function(function).attrs.is_exported {
        return Near::Static(by);
    }
    match calling().next() {
        Some(caller) => Near::Caller { by, caller: program.qualified_name(caller) },
        None => Near::Nobody(by),
    }
}

/// The struct of the workspace that a function gives, if it is more than news: also in a `Result` or a tuple.
fn given_type(program: &Program, function: FnRef) -> Option<TypeRef> {
    if keepers::gives_only_news(program, function) {
        return None;
    }
    let mut open = vec![program.return_type(function)];
    while let Some(ty) = open.pop() {
        match ty.innermost() {
            Type::Tuple(members) => open.extend(members.iter().rev().cloned()),
            Type::Item(owner, _) => {
                let file = program.file(owner.file);
                if file[owner.id].kind == TypeKind::Struct {
                    return Some(owner);
                }
            }
            _ => {}
        }
    }
    None
}
