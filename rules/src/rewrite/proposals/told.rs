//! Blocking closures that nobody can abort: a token tells them to stop, and they look at it.

use super::accept::accept_at;
use crate::{
    evidence::Evidenced,
    finding::{
        Applicability::{HasPlaceholders, MaybeIncorrect},
        Piece, Rewrite,
    },
    rewrite::{CANCELLATION_TOKEN, Draft, places},
};
use spawnlint_analysis::{
    facts::{BlockKind, Expr},
    questions::{ExprRef, Program},
    span::Span,
};

impl Evidenced<'_> {
    /// Rewrites for a blocking closure that goes on when nobody waits for it any more, best first.
    /// `given_up` is where somebody stops waiting for it.
    pub fn told_to_stop(&self, given_up: Span, rule: &str) -> Vec<Rewrite> {
        self.checked_in_closure(given_up).into_iter().chain(accept_at(self.program, rule, self.task.inner)).collect()
    }

    /// `let _stop = stop.clone().drop_guard();` where the closure is started, and `if stop.is_cancelled() { break; }` in
    /// its loop, or a place for it where no loop is seen.
    fn checked_in_closure(&self, given_up: Span) -> Option<Rewrite> {
        let program = self.program;
        let call = self.task.inner;
        let body = closure_body(program, call)?;
        // The guard lives as long as the block: whoever waits does so in there.
        let statement = places::statement(program, call)?;
        let block = program.span(statement.block);
        if block.file != given_up.file || !block.range.contains(given_up.range) {
            return self.checked_by_hand(body);
        }
        let tools = self.tools_at(call);
        let stop = places::free_name(program, call, "stop");
        let guard = places::free_name(program, call, "_stop_on_drop");
        let looped = loop_in(program, body);
        let (title, applicability) = match looped {
            Some(_) => (
                "cancel a token when this future is dropped, and leave the loop when the token is cancelled",
                MaybeIncorrect,
            ),
            None => ("cancel a token when this future is dropped, and check it in the closure", HasPlaceholders),
        };
        let draft = Draft::new(title, applicability).needs(tools.lacks(CANCELLATION_TOKEN));
        let token = tools.path(CANCELLATION_TOKEN);
        let draft = draft.before(
            statement.at,
            format!("let {stop} = {token}::new();\nlet {guard} = {stop}.clone().drop_guard();\n"),
        );
        let draft = match (looped, program.file(body.file)[body.id]) {
            (Some(looped), _) => {
                let check = format!("\n    if {stop}.is_cancelled() {{\n        break;\n    }}");
                draft.replace(places::block_start(program, looped), vec![Piece::New(check)])
            }
            (None, Expr::Block { .. }) => {
                let check = format!("\n    // <return between two steps if `{stop}.is_cancelled()`>");
                draft.replace(places::block_start(program, body), vec![Piece::New(check)])
            }
            (None, _) => {
                let open = format!(
                    "{{\n    // <pass `{stop}` on, and return between two steps if `{stop}.is_cancelled()`>\n    "
                );
                draft.around(program.span(body), open, "\n}")
            }
        };
        draft.finish_in(program)
    }

    /// A place for the check, where nothing at the spawn knows when the work is given up.
    fn checked_by_hand(&self, body: ExprRef) -> Option<Rewrite> {
        let program = self.program;
        let note =
            "// <pass a `CancellationToken` in, cancel it where the work is given up, and return once it is cancelled>";
        let draft = Draft::new("check a token in the closure", HasPlaceholders);
        let draft = match program.file(body.file)[body.id] {
            Expr::Block { .. } => {
                draft.replace(places::block_start(program, body), vec![Piece::new(format!("\n    {note}"))])
            }
            _ => draft.around(program.span(body), format!("{{\n    {note}\n    "), "\n}"),
        };
        draft.finish_in(program)
    }
}

/// The body of the closure that a call is given to run.
fn closure_body(program: &Program, call: ExprRef) -> Option<ExprRef> {
    let file = program.file(call.file);
    let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return None };
    let mut bodies = file.list(args).filter_map(|arg| match file[arg] {
        Expr::Closure { body, .. } => Some(call.with(body)),
        _ => None,
    });
    bodies.next().filter(|_| bodies.next().is_none())
}

/// The body of the first loop of a closure that may be left without a value.
fn loop_in(program: &Program, body: ExprRef) -> Option<ExprRef> {
    let mut found = None;
    program.walk(body, &mut |expr, kind| {
        match kind {
            Expr::While { body, .. } | Expr::For { body, is_await: false, .. } if found.is_none() => {
                found = Some(expr.with(body));
            }
            Expr::Loop { body, .. } if found.is_none() && breaks_plainly(program, expr.with(body)) => {
                found = Some(expr.with(body));
            }
            _ => {}
        }
        let is_other = matches!(
            kind,
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } | Expr::Macro(_)
        );
        found.is_none() && !is_other
    });
    found
}

/// Whether some `break` leaves a loop without a value, so that another one may.
fn breaks_plainly(program: &Program, body: ExprRef) -> bool {
    let mut found = false;
    program.walk(body, &mut |_, kind| {
        found |= matches!(kind, Expr::Break { value: None, .. });
        !matches!(kind, Expr::Closure { .. } | Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. })
    });
    found
}
