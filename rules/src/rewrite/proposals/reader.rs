//! Tasks that feed a channel: they end when nobody reads it any more.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{Draft, SELECT, keepers, places},
};
use spawnlint_analysis::{
    facts::{BlockKind, Expr, Pat},
    questions::{ExprRef, PatRef, SignalKind, Value},
};

impl Evidenced<'_> {
    /// `select! { () = gone.closed() => {} _ = work => {} }`, for a task that notices only at its next send that its
    /// reader is gone. It has no other owner than whoever reads.
    pub(super) fn raced_with_reader(&self) -> Option<Rewrite> {
        let program = self.program;
        let call = self.task.site;
        let statement = places::statement(program, call)?;
        let sender = self.fed_sender(call)?;
        let future = keepers::future_argument(program, call).filter(|it| keepers::may_run_unit(program, call, *it))?;
        let tools = self.tools_at(call);
        if !tools.has(SELECT) {
            return None;
        }
        let gone = places::free_name(program, call, "gone");
        let at = program.span(future);
        let new = |text: String| Piece::New(text);
        let is_block = matches!(
            program.file(future.file)[future.id],
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
        );
        let mut prelude = vec![new(format!("let {gone} = {sender}.clone();\n"))];
        // What is called there may borrow what the task must not take along.
        let work = if is_block {
            Piece::Kept(at)
        } else {
            let work = places::free_name(program, call, "work");
            prelude.extend([new(format!("let {work} = ")), Piece::Kept(at), new(";\n".to_owned())]);
            new(work)
        };
        let select = tools.path(SELECT);
        let raced = vec![
            new(format!("async move {{\n    {select}! {{\n        () = {gone}.closed() => {{}}\n        _ = ")),
            work,
            new(" => {}\n    }\n}".to_owned()),
        ];
        let title = format!("end the task when the reader of `{sender}` is gone");
        Draft::new(title, MaybeIncorrect).replace(statement.at.start(), prelude).replace(at, raced).finish_in(program)
    }

    /// The name under which a function has the sender that its task feeds, if nothing else ends the task.
    fn fed_sender(&self, call: ExprRef) -> Option<String> {
        let program = self.program;
        let mut signals = self.ending.signals.iter();
        let (Some(signal), None) = (signals.next(), signals.next()) else { return None };
        if signal.kind != SignalKind::Closed || !signal.is_only_tested || signal.dead.is_some() {
            return None;
        }
        let (pat, name) = self.captured_sender(signal.source.expr)?;
        // Bound by the function that starts the task, and not by the task.
        let is_of_caller = program.enclosing_fn(call) == program.enclosing_fn(signal.source.expr)
            && !program.span(call).range.contains(places::pat_span(program, pat).range);
        is_of_caller.then_some(name)
    }

    /// A sender of tokio under a name of its own.
    fn captured_sender(&self, sender: ExprRef) -> Option<(PatRef, String)> {
        let program = self.program;
        let (pat, _) = program.local(sender)?;
        let Pat::Bind { name, sub: None } = program.file(pat.file)[pat.id] else { return None };
        let ty = program.type_of(&Value::bare(sender));
        let tells = ty.is("tokio::sync::mpsc::Sender") || ty.is("tokio::sync::mpsc::UnboundedSender");
        tells.then(|| (pat, program.file(pat.file)[name].to_owned()))
    }
}
