//! Tasks that feed a channel: they end when nobody reads it any more.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{Draft, SELECT, keepers, places},
};
use spawnlint_analysis::{
    catalogue::{self, Does},
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
        let title = format!("end the task when the receiver of `{sender}` is gone");
        Draft::new(title, MaybeIncorrect).replace(statement.at.start(), prelude).replace(at, raced).finish_in(program)
    }

    /// The name under which a function has the sender that its task feeds, if nothing else ends the task, or if the
    /// function gives the other half to its caller.
    fn fed_sender(&self, call: ExprRef) -> Option<String> {
        let program = self.program;
        let signals = &self.ending.signals;
        let only = signals
            .first()
            .filter(|it| signals.len() == 1 && it.kind == SignalKind::Closed && it.is_only_tested && it.dead.is_none());
        if let Some(found) = only.and_then(|it| self.captured_sender(call, it.source.expr)) {
            return Some(found.1);
        }
        let mut senders: Vec<(PatRef, String)> = Vec::new();
        program.walk(call, &mut |at, kind| {
            if let Expr::MethodCall { receiver, method, .. } = kind
                && catalogue::method(&program.file(at.file)[method]).does(Does::Sends)
                && let Some(found) = self.captured_sender(call, at.with(receiver))
                && !senders.contains(&found)
            {
                senders.push(found);
            }
            true
        });
        let [(pat, name)] = senders.as_slice() else { return None };
        self.is_read_by_caller(call, *pat).then(|| name.clone())
    }

    /// A sender of tokio under a name that the function has which starts the task, and not the task.
    fn captured_sender(&self, call: ExprRef, sender: ExprRef) -> Option<(PatRef, String)> {
        let program = self.program;
        let (pat, _) = program.local(sender)?;
        let Pat::Bind { name, sub: None } = program.file(pat.file)[pat.id] else { return None };
        let is_of_caller = program.enclosing_fn(call) == program.enclosing_fn(sender)
            && !program.span(call).range.contains(places::pat_span(program, pat).range);
        let ty = program.type_of(&Value::bare(sender));
        let tells = ty.is("tokio::sync::mpsc::Sender") || ty.is("tokio::sync::mpsc::UnboundedSender");
        (tells && is_of_caller).then(|| (pat, program.file(pat.file)[name].to_owned()))
    }

    /// Whether what a function gives to its caller has the other half of a channel in it: `(tx, rx)`.
    fn is_read_by_caller(&self, call: ExprRef, sender: PatRef) -> bool {
        let program = self.program;
        let file = program.file(sender.file);
        let Some(place) = program.place(call) else { return false };
        let mut half = sender;
        // `let tx = sender.clone();`
        let halves = loop {
            let Some(binding) = program.body(place).bindings.get(&half.id).copied() else { return false };
            if let Pat::Tuple(halves) = file[binding.root] {
                break file.list(halves).map(|it| half.with(it)).collect::<Vec<_>>();
            }
            let Some(Expr::Local { init: Some(init), .. }) = binding.at.map(|at| file[at]) else { return false };
            let Expr::MethodCall { receiver, .. } = file[init] else { return false };
            let Some((outer, _)) = program.local(call.with(receiver)) else { return false };
            if places::pat_span(program, outer).range.start >= places::pat_span(program, half).range.start {
                return false;
            }
            half = outer;
        };
        let [_, receiver] = halves.as_slice() else { return false };
        let body = program.enclosing_fn(call).and_then(|it| Some(it.with(program.function(it).body?)));
        let last = body.and_then(|body| places::last_statement(program, body));
        let last = last.and_then(|it| places::statement_around(program, it)).filter(|it| it.is_tail);
        last.is_some_and(|it| keepers::locals_behind(program, it.stmt).iter().any(|(_, pat)| pat == receiver))
    }
}
