//! Where something may be written: the statement around an expression, what stands behind it, and the places that
//! text is put into.

mod guards;
mod naming;
mod uses;
mod written;

pub use guards::{OwnGuard, abort_guard_in, abort_guard_near};
use naming::meaning_at;
pub(super) use naming::numbered;
pub use naming::{
    end_of_file, free_item, free_name, in_own_file, is_in_module_of, module_of_type, own_name_or_free,
    path_to_root_item, root_module,
};
pub use uses::{
    external_path, is_called_once, is_last_use_in, is_local_of, is_mut, is_printed, own_local, spawned_work,
    wildcard_of,
};
pub use written::{HandleField, WrittenName, abort_handle_field};
pub(super) use written::{JOIN_HANDLE, name_in_type};

use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{BinaryOp, BlockKind, Expr, List},
    questions::{ExprRef, FnRef, PatRef, Program},
    span::{FileId, Span, TextRange},
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

/// What stands where a statement may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The next statement begins there.
    NextStatement,
    /// The brace that closes the block stands there.
    ClosingBrace,
    /// The statement ends there.
    Statement,
}

/// The innermost statement that an expression is part of, to be changed. With attributes there is none: what is
/// written beside it would not be under its `#[cfg(..)]`.
pub fn statement_around(program: &Program, expr: ExprRef) -> Option<Statement> {
    let found = any_statement_around(program, expr)?;
    program.file(expr.file).attributes_of(found.stmt.id).is_none().then_some(found)
}

/// Where the innermost statement that an expression is part of begins, its attributes included.
pub fn line_of_statement(program: &Program, expr: ExprRef) -> Option<Span> {
    let found = any_statement_around(program, expr)?;
    let attributes = program.file(expr.file).attributes_of(found.stmt.id);
    let start = attributes.unwrap_or(found.at.range.start);
    Some(TextRange::new(start, start).in_file(expr.file))
}

fn any_statement_around(program: &Program, expr: ExprRef) -> Option<Statement> {
    let file = program.file(expr.file);
    let parents = program.parents(expr.file);
    let mut here = expr.id;
    loop {
        let parent = parents.parent(here)?;
        if let Expr::Block { stmts, has_tail, .. } = file[parent] {
            let index = file.place_in(stmts, here)?;
            let at = file.statement_range(here).in_file(expr.file);
            let is_last = index + 1 == stmts.len as usize;
            let is_tail = is_last && has_tail;
            return Some(Statement { block: expr.with(parent), index, stmt: expr.with(here), at, is_tail });
        }
        here = parent;
    }
}

/// The statement that evaluates an expression, each time that it runs: what is written before it happens before.
pub fn statement(program: &Program, expr: ExprRef) -> Option<Statement> {
    let file = program.file(expr.file);
    let mut child = expr.id;
    for at in program.parents(expr.file).ancestors(expr.id) {
        match file[at] {
            Expr::Block { .. } => return statement_around(program, expr),
            // What is only evaluated sometimes, or again and again.
            Expr::Closure { .. } | Expr::Select(_) | Expr::While { .. } => return None,
            Expr::Match { scrutinee, .. } if scrutinee != child => return None,
            Expr::Binary { op: BinaryOp::And | BinaryOp::Or, rhs, .. } if rhs == child => return None,
            _ => {}
        }
        child = at;
    }
    None
}

/// The statements of a block.
pub fn statements(program: &Program, block: ExprRef) -> Vec<ExprRef> {
    let file = program.file(block.file);
    let Expr::Block { stmts, .. } = file[block.id] else { return Vec::new() };
    file.list(stmts).map(|stmt| block.with(stmt)).collect()
}

/// The last statement of a block.
pub fn last_statement(program: &Program, block: ExprRef) -> Option<ExprRef> {
    let file = program.file(block.file);
    let Expr::Block { stmts, .. } = file[block.id] else { return None };
    file.list(stmts).next_back().map(|stmt| block.with(stmt))
}

/// The statements behind one, in its own block.
pub fn statements_behind(program: &Program, it: Statement) -> impl DoubleEndedIterator<Item = ExprRef> {
    let file = program.file(it.block.file);
    let stmts = match file[it.block.id] {
        Expr::Block { stmts, .. } => stmts,
        _ => List::EMPTY,
    };
    file.list(stmts).skip(it.index + 1).map(move |stmt| it.block.with(stmt))
}

/// Where a statement may be written behind one, so that what trails that on its line stays with it.
pub fn behind(program: &Program, it: Statement) -> (Span, Behind) {
    let point = |at: u32| TextRange::new(at, at).in_file(it.at.file);
    let closing = program.span(it.block).range.end.saturating_sub(1);
    match statements_behind(program, it).next() {
        Some(next) => {
            let attributes = program.file(next.file).attributes_of(next.id);
            let start = attributes.map_or_else(|| program.span(next).start(), point);
            (start, Behind::NextStatement)
        }
        // `{ statement; }` of one line has no line of its own for the brace.
        None if closing > it.at.range.end + 1 => (point(closing), Behind::ClosingBrace),
        None => (point(it.at.range.end), Behind::Statement),
    }
}

/// Whether behind a statement, in its own block, something is waited for: what is bound there lives on meanwhile.
pub fn waits_behind(program: &Program, it: Statement) -> bool {
    statements_behind(program, it).rev().any(|stmt| waits_in(program, stmt) || blocks_in(program, stmt))
}

/// Whether an expression waits, blocks and closures inside of it excluded.
pub fn waits_in(program: &Program, expr: ExprRef) -> bool {
    does_in(program, expr, &|kind| matches!(kind, Expr::Await(_) | Expr::Select(_)))
}

/// Whether an expression blocks its thread, or goes round for ever.
fn blocks_in(program: &Program, expr: ExprRef) -> bool {
    let waits = |name: &str| catalogue::method(name).does(Does::MayStay);
    let file = program.file(expr.file);
    does_in(program, expr, &|kind| match kind {
        Expr::Loop { .. } | Expr::While { .. } => true,
        Expr::MethodCall { method, .. } => waits(&file[method]),
        Expr::Call { callee, .. } => {
            matches!(file[callee], Expr::Path(path) if waits(file.last_segment(path)))
        }
        _ => false,
    })
}

fn does_in(program: &Program, expr: ExprRef, does: &dyn Fn(Expr) -> bool) -> bool {
    let mut found = false;
    program.walk(expr, &mut |_, kind| {
        found |= does(kind);
        !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
    });
    found
}

/// Whether an expression that ends a block without a semicolon needs one before another statement.
pub fn needs_semicolon(program: &Program, tail: ExprRef) -> bool {
    !matches!(
        program.file(tail.file)[tail.id],
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
pub fn needs_semicolon_now(program: &Program, statement: Statement) -> bool {
    statement.is_tail && needs_semicolon(program, statement.stmt)
}

/// The statement of the body, or async block, that a nested statement is part of, and whether it runs more than
/// once there. `None` if a closure stands between.
pub fn outer_statement(program: &Program, statement: Statement) -> Option<(Statement, bool)> {
    let file = program.file(statement.block.file);
    let mut repeats = false;
    let mut top = statement;
    loop {
        let is_async = matches!(file[top.block.id], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. });
        if is_async || is_body(program, top.block).is_some() {
            return (top != statement).then_some((top, repeats));
        }
        let mut here = top.block;
        loop {
            let parent = program.parents(here.file).parent(here.id)?;
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
        top = statement_around(program, here)?;
    }
}

/// The function whose body a block is.
pub fn is_body(program: &Program, block: ExprRef) -> Option<FnRef> {
    let function = program.enclosing_fn(block)?;
    (program.function(function).body == Some(block.id)).then_some(function)
}

/// Whether `.await` may be written in place of an expression.
pub fn is_async_here(program: &Program, expr: ExprRef) -> bool {
    let Some(body) = program.async_body(expr) else { return false };
    match program.file(body.file)[body.id] {
        Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
        _ => program.enclosing_fn(expr).is_some_and(|function| program.function(function).is_async),
    }
}

/// Where a pattern stands.
pub fn pat_span(program: &Program, pat: PatRef) -> Span {
    program.file(pat.file).pat_range(pat.id).in_file(pat.file)
}

/// The block of the loop that stands at a place.
pub fn loop_body(program: &Program, looped: Span) -> Option<ExprRef> {
    let is_loop =
        |expr: Expr| matches!(expr, Expr::Loop { .. } | Expr::While { .. } | Expr::For { is_await: false, .. });
    let looped = program.expr_at(looped, is_loop)?;
    match program.file(looped.file)[looped.id] {
        Expr::Loop { body, .. } | Expr::While { body, .. } | Expr::For { body, .. } => Some(looped.with(body)),
        _ => None,
    }
}

/// The expression that stands at a place.
pub fn expr_spanning(program: &Program, at: Span) -> Option<ExprRef> {
    program.expr_at(at, |_| true)
}

/// Whether code may leave, or begin anew, the loop whose body it is.
pub fn leaves_loop(program: &Program, body: ExprRef) -> bool {
    let mut found = false;
    program.walk(body, &mut |_, expr| {
        found |= matches!(expr, Expr::Break { .. } | Expr::Continue { .. });
        !matches!(expr, Expr::Closure { .. })
    });
    found
}

/// Just behind the brace that opens a block.
pub fn block_start(program: &Program, block: ExprRef) -> Span {
    let start = program.file(block.file).range(block.id).start + 1;
    TextRange::new(start, start).in_file(block.file)
}

/// What stands between two places.
pub fn between(first: Span, second: Span) -> Span {
    TextRange::new(first.range.end, second.range.start).in_file(first.file)
}

/// What stands in a place before and behind a part of it.
pub fn parts_around(whole: Span, part: Span) -> (Span, Span) {
    let before = TextRange::new(whole.range.start, part.range.start).in_file(whole.file);
    (before, TextRange::new(part.range.end, whole.range.end).in_file(whole.file))
}

/// Whether two files are part of the same crate.
pub fn is_same_crate(program: &Program, one: FileId, other: FileId) -> bool {
    let krate = |file: FileId| program.crates.files.get(file.index()).map(|it| it.krate);
    krate(one) == krate(other)
}
