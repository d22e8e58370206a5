//! Values that end a task when they are dropped, and how code makes one where a task is started.

use crate::{
    evidence::Evidenced,
    finding::{Need, Piece},
    rewrite::{
        ABORT_HANDLE, ABORT_ON_DROP, ABORTABLE_HANDLE, AbortGuard, CANCELLATION_TOKEN, DROP_GUARD, MAKE_ABORTABLE,
        REMOTE_HANDLE, SMOL_TASK, Toolbox,
        keepers::{self, Each, LostForm, LostValue, Output, Several},
        places,
    },
};
use spawnlint_analysis::{
    catalogue::{Handle, Runs, Runtime, SpawnRow},
    questions::{ExprRef, Type, Value},
    span::Span,
};

/// How the value comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Making {
    /// Out of the handle: `AbortOnDropHandle::new(..)`.
    Around(String, String),
    /// Beside the handle, which goes on to be used: `AbortGuard(task.abort_handle())`.
    Beside(String, String),
    /// Behind the statement: `let guard = stop.clone().drop_guard();`.
    Behind(String),
    /// Beside the call, which is changed: `stop.drop_guard()`.
    Apart {
        /// What stands before the statement.
        prelude: Vec<Piece>,
        /// What the future becomes.
        future: (Span, Vec<Piece>),
        /// What gives the value.
        value: String,
    },
}

/// A value that ends a task when it is dropped.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) making: Making,
    /// Its type; `None` if it cannot be written.
    pub(super) ty: Option<Vec<Piece>>,
    pub(super) needs: Option<Need>,
    /// The type, for people: ``an `AbortOnDropHandle` ``.
    pub(super) words: &'static str,
    /// The same for several tasks.
    pub(super) many: &'static str,
    /// The guard that it is, if that is one of the file's own.
    pub(super) guard: Option<AbortGuard>,
}

fn is_task_of_smol(ty: &Type) -> bool {
    ty.is("async_task::Task")
}

impl Evidenced<'_> {
    /// What could end the task, best first, given how its handle is lost.
    pub(super) fn holders(&self, lost: &LostValue, call: ExprRef) -> Vec<Holder> {
        if self.task.runs == Runs::Blocking {
            return Vec::new();
        }
        let mut found = Vec::new();
        if let LostForm::Several { holder, each, .. } = &lost.form {
            found.extend(self.abort_on_drop(call));
            found.extend(self.abort_guard(call, true).filter(|_| *each == Each::Value));
            found.sort_by_key(|holder| holder.needs.is_some());
            let outer = if *holder == Several::Vec { "Vec<" } else { "Option<" };
            for holder in &mut found {
                holder.ty = holder.ty.take().map(|ty| {
                    let (open, close) = (Piece::New(outer.to_owned()), Piece::New(">".to_owned()));
                    [open].into_iter().chain(ty).chain([close]).collect()
                });
                holder.words = holder.many;
            }
            return found;
        }
        let is_alone = matches!(lost.form, LostForm::Alone | LostForm::Named { .. });
        if self.is_join_handle(lost.value, call) {
            found.extend(is_alone.then(|| self.abort_on_drop(call)).flatten());
            found.extend(self.abort_guard(lost.value, is_alone));
            // A runtime that is too old for both.
            if found.is_empty() && is_alone {
                found.extend(self.abortable(call));
            }
            // What the manifest has comes first.
            found.sort_by_key(|holder| holder.needs.is_some());
        } else if is_task_of_smol(&self.program.type_of(&Value::bare(lost.value))) {
            found.extend(self.plain_task(lost.value).filter(|_| is_alone));
        } else if is_alone {
            found.extend(self.token(call));
            found.extend(self.abortable(call));
            found.sort_by_key(|holder| holder.needs.is_some());
        }
        found
    }

    /// Whether a call of the task, with what takes errors away around it, gives tokio's handle.
    fn is_join_handle(&self, value: ExprRef, call: ExprRef) -> bool {
        let gives_handle = |row: &SpawnRow| {
            row.runtime == Runtime::Tokio && matches!(row.handle, Handle::Detach | Handle::ResultDetach)
        };
        let is_of_tokio = self.task.row.is_some_and(gives_handle);
        (call == self.task.inner && is_of_tokio)
            || self.program.type_of(&Value::bare(value)).is("tokio::task::JoinHandle")
    }

    pub(super) fn tools_at(&self, at: ExprRef) -> Toolbox<'_> {
        Toolbox::new(self.program, at)
    }

    /// `AbortOnDropHandle::new(tokio::spawn(f))`
    fn abort_on_drop(&self, at: ExprRef) -> Option<Holder> {
        let tools = self.tools_at(at);
        let path = tools.path(ABORT_ON_DROP);
        let output = keepers::output_at(self.program, self.task, at);
        let ty = output.map(|output| {
            let output = match output {
                Output::Unit => Piece::New("()".to_owned()),
                Output::Written(at) => Piece::Kept(at),
            };
            vec![Piece::New(format!("{path}<")), output, Piece::New(">".to_owned())]
        });
        tools.fits(ABORT_ON_DROP).then(|| Holder {
            making: Making::Around(format!("{path}::new("), ")".to_owned()),
            ty,
            needs: tools.lacks(ABORT_ON_DROP),
            words: "an `AbortOnDropHandle`",
            many: "`AbortOnDropHandle`s",
            guard: None,
        })
    }

    /// `smol::spawn(f)`, which cancels when it is dropped.
    fn plain_task(&self, at: ExprRef) -> Option<Holder> {
        let tools = self.tools_at(at);
        let tool = if self.task.api.contains("with_handle") { REMOTE_HANDLE } else { SMOL_TASK };
        let path = tools.has(tool).then(|| tools.path(tool))?;
        let ty = match keepers::task_output(self.program, self.task) {
            Some(Output::Unit) => Some(vec![Piece::New(format!("{path}<()>"))]),
            _ => None,
        };
        Some(Holder {
            making: Making::Around(String::new(), String::new()),
            ty,
            needs: None,
            words: "the `Task`",
            many: "the `Task`s",
            guard: None,
        })
    }

    /// `AbortGuard(tokio::spawn(f).abort_handle())`
    fn abort_guard(&self, at: ExprRef, is_alone: bool) -> Option<Holder> {
        let guard = AbortGuard::shared(self.program, at, ABORT_HANDLE)?;
        let before = guard.opens();
        let after = ".abort_handle())".to_owned();
        Some(Holder {
            making: if is_alone { Making::Around(before, after) } else { Making::Beside(before, after) },
            ty: Some(vec![Piece::New(guard.path().to_owned())]),
            needs: None,
            words: "an abort-on-drop guard",
            many: "abort-on-drop guards",
            guard: Some(guard),
        })
    }

    /// `stop.drop_guard()`, with the future raced against the token.
    fn token(&self, at: ExprRef) -> Option<Holder> {
        let future =
            keepers::future_argument(self.program, at).filter(|it| keepers::may_run_unit(self.program, at, *it))?;
        let tools = self.tools_at(at);
        let stop = places::free_name(self.program, at, "stop");
        let work = places::free_name(self.program, at, "work");
        let span = self.program.span(future);
        let prelude = vec![Piece::New(format!("let {stop} = {}::new();\n", tools.path(CANCELLATION_TOKEN)))];
        let raced = vec![
            Piece::New(format!("{{\n    let {stop} = {stop}.clone();\n    let {work} = ")),
            Piece::Kept(span),
            Piece::New(format!(
                ";\n    async move {{\n        {stop}.run_until_cancelled_owned({work}).await;\n    }}\n}}"
            )),
        ];
        Some(Holder {
            making: Making::Apart { prelude, future: (span, raced), value: format!("{stop}.drop_guard()") },
            ty: Some(vec![Piece::New(tools.path(DROP_GUARD))]),
            needs: tools.lacks(CANCELLATION_TOKEN),
            words: "a `DropGuard`",
            many: "`DropGuard`s",
            guard: None,
        })
    }

    /// `AbortGuard(stop)`, with the future made `abortable`.
    fn abortable(&self, at: ExprRef) -> Option<Holder> {
        let future =
            keepers::future_argument(self.program, at).filter(|it| keepers::may_run_unit(self.program, at, *it))?;
        let tools = self.tools_at(at);
        let stop = places::free_name(self.program, at, "stop");
        let work = places::free_name(self.program, at, "work");
        let span = self.program.span(future);
        let prelude = vec![
            Piece::New(format!("let ({work}, {stop}) = {}(", tools.path(MAKE_ABORTABLE))),
            Piece::Kept(span),
            Piece::New(");\n".to_owned()),
        ];
        let raced = vec![Piece::New(format!("async move {{\n    let _ = {work}.await;\n}}"))];
        let guard = AbortGuard::shared(self.program, at, ABORTABLE_HANDLE)?;
        Some(Holder {
            making: Making::Apart { prelude, future: (span, raced), value: guard.make(&stop) },
            ty: Some(vec![Piece::New(guard.path().to_owned())]),
            needs: tools.lacks(MAKE_ABORTABLE),
            words: "an abort-on-drop guard",
            many: "abort-on-drop guards",
            guard: Some(guard),
        })
    }
}
