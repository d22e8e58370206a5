//! How a loop that passes over a close could leave on it.

use crate::rewrite::places::{self, Statement};
use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{Arm, ArmId, BlockKind, Expr, ExprId, Pat},
    questions::{ClosedHalf, ExprRef, IgnoredClose, Passing, Program, Value},
    span::{Span, TextRange},
};

/// How a loop could leave when its channel is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// `let _ = tx.send(x).await;`: the result is to be looked at.
    LookAt {
        /// The statement.
        statement: Statement,
        /// What gives the result.
        value: Span,
        /// How the result tells of the close.
        tells: Tells,
    },
    /// `if let Some(x) = rx.recv().await {}`: behind the block.
    Else(Span),
    /// `if let Ok(Some(x)) = timeout(d, rx.recv()).await {}`: behind the block, asking the receiver.
    ElseIfClosed(Span, Span),
    /// `while let Some(x) = rx.recv().await {}` in a loop: behind it, asking the receiver.
    BehindLoop(Statement, Span),
    /// `continue`.
    Continue(Span),
    /// `Err(error) => log(error)`: before the arm.
    OwnArm(Span),
    /// A block of several lines: before the brace that closes it.
    EndOfBlock(Span),
    /// `{}` or `{ log(error); }`, in one line: the block, and what is inside of it.
    ShortBlock(Span, Option<Span>),
    /// `None => log()`: the body.
    Body(Span),
    /// `Some(x) = rx.recv() => {}` in `select!`.
    SelectArm {
        /// The pattern.
        pat: Span,
        /// What the arm does.
        body: Span,
        /// Of a block, behind its brace.
        opens: Option<Span>,
        /// A name that nothing in the body has.
        name: String,
    },
}

/// How a result tells of a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// `None`.
    Nothing,
    /// Any error.
    Error,
    /// One of several errors: those of a broadcast channel also say that messages were missed.
    Closed,
}

/// How a loop could leave on a close that it passes over.
pub fn leaving(program: &Program, close: &IgnoredClose) -> Option<Leaving> {
    let call = program.expr_at(close.at, |expr| matches!(expr, Expr::MethodCall { .. }))?;
    let file = program.file(call.file);
    let parents = program.parents(call.file);
    let Expr::MethodCall { receiver, .. } = file[call.id] else { return None };
    let receiver = program.span(call.with(receiver));
    // `break` leaves the innermost loop.
    let is_innermost = |at: ExprId| {
        let innermost = parents.ancestors(at).find(|at| {
            matches!(
                file[*at],
                Expr::Loop { .. }
                    | Expr::While { .. }
                    | Expr::For { .. }
                    | Expr::Closure { .. }
                    | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
            )
        });
        innermost.is_some_and(|at| file.range(at) == close.loop_at.range)
    };
    let tells = tells(program, call, close);
    let mut result = call.id;
    if let Some(parent) = parents.parent(result)
        && matches!(file[parent], Expr::Await(_))
    {
        result = parent;
    }
    let end = |at: ExprId| TextRange::new(file.range(at).end, file.range(at).end).in_file(call.file);
    match close.passing {
        Passing::Discarded => {
            let statement = places::statement_around(program, call)?;
            let is_whole = match file[statement.stmt.id] {
                Expr::Local { pat, init: Some(init), otherwise: None, .. } => file[pat] == Pat::Wild && init == result,
                Expr::Assign { lhs, rhs, .. } => file[lhs] == Expr::Underscore && rhs == result,
                _ => statement.stmt.id == result,
            };
            (is_whole && is_innermost(result) && !statement.is_tail).then(|| Leaving::LookAt {
                statement,
                value: program.span(call.with(result)),
                tells,
            })
        }
        Passing::NoMatch => {
            let condition = parents.ancestors(result).find(|at| matches!(file[*at], Expr::Let { .. }))?;
            let around = parents.parent(condition)?;
            match file[around] {
                Expr::If { then, otherwise: None, .. } if is_innermost(around) => {
                    let is_bare = matches!(file[condition], Expr::Let { expr, .. } if expr == result);
                    match is_bare && tells != Tells::Closed {
                        true => Some(Leaving::Else(end(then))),
                        false if has_is_closed(program, call) => Some(Leaving::ElseIfClosed(end(then), receiver)),
                        false => None,
                    }
                }
                Expr::While { .. } if is_innermost(around) && has_is_closed(program, call) => {
                    let statement = places::statement_around(program, call.with(around))?;
                    Some(Leaving::BehindLoop(statement, receiver))
                }
                _ => None,
            }
        }
        Passing::GoesOn => {
            let branch = close.branch.and_then(|at| program.expr_at(at, |_| true))?;
            if !is_innermost(branch.id) {
                return None;
            }
            if tells == Tells::Closed {
                let arm = arm_of(program, branch)?;
                return Some(Leaving::OwnArm(arm.range.in_file(call.file).start()));
            }
            let mut goes_on = None;
            program.walk(branch, &mut |expr, kind| {
                if matches!(kind, Expr::Continue { label: None }) && is_innermost(expr.id) {
                    goes_on.get_or_insert(expr);
                }
                !matches!(kind, Expr::Closure { .. })
            });
            Some(match (goes_on, file[branch.id]) {
                (Some(goes_on), _) => Leaving::Continue(program.span(goes_on)),
                (None, Expr::Block { kind: BlockKind::Plain, has_tail: false, .. }) => at_end(program, branch),
                (None, _) => Leaving::Body(program.span(branch)),
            })
        }
        Passing::DeadArm => {
            let select = parents.ancestors(result).find(|at| matches!(file[*at], Expr::Select(_)))?;
            let Expr::Select(macro_call) = file[select] else { return None };
            let arm = file.list(file[macro_call].arms).map(|arm| file[arm]).find(|arm| arm.future == Some(call.id))?;
            (arm.guard.is_none() && is_innermost(select)).then(|| Leaving::SelectArm {
                pat: file.pat_range(arm.pat).in_file(call.file),
                body: program.span(call.with(arm.body)),
                opens: match file[arm.body] {
                    Expr::Block { kind: BlockKind::Plain, label: None, .. } => {
                        let start = file.range(arm.body).start + 1;
                        Some(TextRange::new(start, start).in_file(call.file))
                    }
                    _ => None,
                },
                name: places::free_name(program, call, "message"),
            })
        }
    }
}

/// Where a block has room for one more statement.
fn at_end(program: &Program, block: ExprRef) -> Leaving {
    let at = program.span(block);
    let brace = at.range.end - 1;
    let stmts = places::statements(program, block);
    let ends = [stmts.first(), stmts.last()].map(|stmt| places::statement_around(program, *stmt?));
    let [Some(first), Some(last)] = ends else {
        // What is longer has a comment in it.
        return match brace - at.range.start {
            1 | 2 => Leaving::ShortBlock(at, None),
            _ => Leaving::EndOfBlock(TextRange::new(brace, brace).in_file(at.file)),
        };
    };
    // A line break is followed by an indentation.
    match brace - last.at.range.end {
        0 | 1 => {
            let inside = TextRange::new(first.at.range.start, last.at.range.end).in_file(at.file);
            Leaving::ShortBlock(at, Some(inside))
        }
        _ => Leaving::EndOfBlock(TextRange::new(brace, brace).in_file(at.file)),
    }
}

fn tells(program: &Program, call: ExprRef, close: &IgnoredClose) -> Tells {
    let file = program.file(call.file);
    let Expr::MethodCall { receiver, method, .. } = file[call.id] else { return Tells::Error };
    let ty = program.type_of(&Value::bare(call.with(receiver))).innermost();
    match (close.half, ty.external()) {
        (ClosedHalf::Sender, _) => Tells::Error,
        (_, Some("tokio::sync::broadcast::Receiver")) => Tells::Closed,
        (_, Some(path)) if catalogue::is_mpsc_receiver(path) => {
            match catalogue::method(&file[method]).does(Does::GivesMessage) {
                true => Tells::Nothing,
                // `try_recv` also says that there is nothing yet.
                false => Tells::Closed,
            }
        }
        _ => match &file[method] {
            "next" => Tells::Nothing,
            _ => Tells::Error,
        },
    }
}

/// Whether the receiver of a call can be asked whether its channel is closed.
fn has_is_closed(program: &Program, call: ExprRef) -> bool {
    let Expr::MethodCall { receiver, .. } = program.file(call.file)[call.id] else { return false };
    let ty = program.type_of(&Value::bare(call.with(receiver))).innermost();
    ty.is("tokio::sync::mpsc::Receiver") || ty.is("tokio::sync::mpsc::UnboundedReceiver")
}

/// The arm of a `match` that an expression is the body of.
fn arm_of(program: &Program, body: ExprRef) -> Option<Arm> {
    let file = program.file(body.file);
    let parent = program.parents(body.file).parent(body.id)?;
    let Expr::Match { arms, .. } = file[parent] else { return None };
    file.list(arms).map(|arm: ArmId| file[arm]).find(|arm| arm.body == body.id)
}
