//! Who could keep a task that nobody keeps: how its handle is lost, and the struct, caller or scope that could have it.

mod built;
mod leaving;
mod lost;
mod naming;
mod orphans;
mod output;
mod print;
mod results;
mod several;
mod stored;
mod weak;

pub use built::{BuiltStruct, LiteralPlace};
pub use leaving::{Leaving, Tells};
pub use lost::{Each, LostForm, LostValue, Several};
pub use output::Output;
pub use results::{ResultPlace, ResultType, TakenValue};
pub use stored::{DropPlace, StoredHandle};
pub use weak::{Strong, StrongUse, WeakCallee, WeakChange, WeakFrom, Weakened};

use super::{ExprRef, FnRef, Program};
use crate::{
    span::Span,
    summary::{BlockKind, Expr},
};

/// A statement and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The block.
    pub block: ExprRef,
    /// Its place in the block.
    pub index: usize,
    /// The statement.
    pub stmt: ExprRef,
    /// The whole of it, with its semicolon.
    pub at: Span,
    /// Whether it is the value of the block: no semicolon stands behind it.
    pub is_tail: bool,
}

impl Program {
    /// The innermost statement that an expression is part of.
    pub fn statement_around(&self, expr: ExprRef) -> Option<Statement> {
        let file = self.file(expr.file);
        let parents = self.parents(expr.file);
        let mut here = expr.id;
        loop {
            let parent = parents.parent(here)?;
            if let Expr::Block { stmts, has_tail, .. } = file[parent] {
                let index = file.list(stmts).position(|stmt| stmt == here)?;
                let at = file.statement_range(here).in_file(expr.file);
                let is_last = index + 1 == stmts.len as usize;
                let is_tail = is_last && has_tail;
                return Some(Statement { block: expr.with(parent), index, stmt: expr.with(here), at, is_tail });
            }
            here = parent;
        }
    }

    /// Whether an expression that ends a block without a semicolon needs one before another statement.
    pub fn needs_semicolon(&self, tail: ExprRef) -> bool {
        !matches!(
            self.file(tail.file)[tail.id],
            Expr::If { .. }
                | Expr::Match { .. }
                | Expr::For { .. }
                | Expr::While { .. }
                | Expr::Loop { .. }
                | Expr::Local { .. }
                | Expr::Block { kind: BlockKind::Plain, .. }
        )
    }

    /// The same of a statement as it stands.
    pub fn needs_semicolon_now(&self, statement: Statement) -> bool {
        statement.is_tail && self.needs_semicolon(statement.stmt)
    }

    /// The statement of the body, or async block, that a nested statement is part of, and whether it runs more than
    /// once there. `None` if a closure stands between.
    pub fn outer_statement(&self, statement: Statement) -> Option<(Statement, bool)> {
        let file = self.file(statement.block.file);
        let mut repeats = false;
        let mut top = statement;
        loop {
            let is_async =
                matches!(file[top.block.id], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. });
            if is_async || self.is_body(top.block).is_some() {
                return (top != statement).then_some((top, repeats));
            }
            let mut here = top.block;
            loop {
                let parent = self.parents(here.file).parent(here.id)?;
                match file[parent] {
                    Expr::Closure { .. } => return None,
                    Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => repeats = true,
                    _ => {}
                }
                if matches!(file[parent], Expr::Block { .. }) {
                    break;
                }
                here = here.with(parent);
            }
            top = self.statement_around(here)?;
        }
    }

    /// Whether a statement of an async body waits itself.
    pub fn waits_within(&self, statement: Statement) -> bool {
        self.waits_in(statement.stmt)
    }

    /// Whether code stands in a test.
    pub fn is_in_test(&self, at: ExprRef) -> bool {
        self.in_test(at)
    }

    /// The statements of a block.
    pub fn statements(&self, block: ExprRef) -> Vec<ExprRef> {
        let file = self.file(block.file);
        let Expr::Block { stmts, .. } = file[block.id] else { return Vec::new() };
        file.list(stmts).map(|stmt| block.with(stmt)).collect()
    }

    /// Whether the block of a statement waits for something after it, so that what is bound there lives on.
    pub fn waits_after(&self, statement: Statement) -> bool {
        let is_of_async = match self.file(statement.block.file)[statement.block.id] {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
            _ => self.is_body(statement.block).is_some_and(|function| self.function(function).is_async),
        };
        is_of_async
            && self.statements(statement.block).into_iter().skip(statement.index + 1).any(|stmt| self.waits_in(stmt))
    }

    /// Whether an expression waits, blocks and closures inside of it excluded.
    fn waits_in(&self, expr: ExprRef) -> bool {
        let mut found = false;
        self.walk(expr, &mut |_, kind| {
            found |= matches!(kind, Expr::Await(_) | Expr::Select(_));
            !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        });
        found
    }

    /// The function whose body a block is.
    pub fn is_body(&self, block: ExprRef) -> Option<FnRef> {
        let function = self.enclosing_fn(block)?;
        (self.function(function).body == Some(block.id)).then_some(function)
    }
}
