//! Whether a block lives as long as the work that is started in it.

use crate::rewrite::places::{self, Statement};
use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{BlockKind, Expr, Ty, TyId},
    questions::{ExprRef, FnRef, Place, Program, Value},
};
use std::collections::BTreeSet;

/// Whether a statement of an async body waits itself.
pub fn waits_within(program: &Program, statement: Statement) -> bool {
    !gives_more_than_news(program, statement.block) && may_stay_in(program, statement.stmt)
}

/// Whether the block of a statement waits for something after it, so that what is bound there lives on.
pub fn body_waits_behind(program: &Program, statement: Statement) -> bool {
    let is_of_async = match program.file(statement.block.file)[statement.block.id] {
        Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
        _ => places::is_body(program, statement.block).is_some_and(|function| program.function(function).is_async),
    };
    let sets_up = places::is_body(program, statement.block)
        .is_some_and(|function| catalogue::sets_up(program.function_name(function)));
    is_of_async
        && !sets_up
        && !gives_more_than_news(program, statement.block)
        // What waits for long stands at the end, more often than not.
        && places::statements_behind(program, statement).rev().any(|stmt| may_stay_in(program, stmt))
}

/// Whether what is bound behind a statement lives for as long as somebody waits there: the block goes on to wait, for
/// however short a time if it is a test's own, since with a test everything ends. What helps a test returns to it.
pub fn lives_on_in_block(program: &Program, statement: Statement) -> bool {
    body_waits_behind(program, statement)
        || (is_in_test_case(program, statement.block) && places::waits_behind(program, statement))
}

/// Whether a block is the body of a test.
pub fn is_body_of_test(program: &Program, block: ExprRef) -> bool {
    places::is_body(program, block).is_some_and(|function| program.function(function).attrs.is_test_case)
}

fn is_in_test_case(program: &Program, expr: ExprRef) -> bool {
    program.enclosing_fn(expr).is_some_and(|function| program.function(function).attrs.is_test_case)
}

/// Whether a body gives something that may go on with its work, as one that registers or connects does: what is
/// bound in it is gone by then.
fn gives_more_than_news(program: &Program, block: ExprRef) -> bool {
    let Some(function) = places::is_body(program, block) else {
        // An async block that ends by building something.
        let last = places::last_statement(program, block);
        let last = last.and_then(|it| places::statement_around(program, it)).filter(|it| it.is_tail);
        return last.is_some_and(|it| builds(program, it.stmt));
    };
    program.function(function).ret.is_some_and(|ty| !is_news(program, function, ty))
}

/// Whether a function gives back nothing that may go on with its work: what it starts may belong to its `self`.
pub fn gives_only_news(program: &Program, function: FnRef) -> bool {
    program.function(function).ret.is_none_or(|ty| is_news(program, function, ty))
}

/// `Session { .. }`, also inside of `Ok`.
fn builds(program: &Program, expr: ExprRef) -> bool {
    let file = program.file(expr.file);
    match file[expr.id] {
        Expr::Struct { .. } => true,
        Expr::Call { args, .. } if args.len == 1 => {
            file.at(args, 0).is_some_and(|it| matches!(file[it], Expr::Struct { .. }))
        }
        _ => false,
    }
}

/// Whether a type only says how it went: `()`, `Result<(), E>`, a number, a text.
fn is_news(program: &Program, function: FnRef, ty: TyId) -> bool {
    let file = program.file(function.file);
    match file[ty] {
        Ty::Never => true,
        Ty::Tuple(members) => file.list(members).all(|it| is_news(program, function, it)),
        Ty::Path(path) => match file.last_segment(path) {
            // Of a `Result`, what is good; an alias may leave out even that.
            name if catalogue::is_fallible_type(name) => match file.at(file[path].args, 0) {
                Some(good) => is_news(program, function, good),
                None => name == "Result",
            },
            "Vec" => file.at(file[path].args, 0).is_some_and(|it| is_news(program, function, it)),
            name => {
                catalogue::is_news(name)
                    || program.lower_ty(function.file, Place::Fn(function), ty).is("std::primitive")
            }
        },
        _ => false,
    }
}

/// Whether an expression waits for something that is not known to be over soon, as the answer to a request is, or
/// a message that goes out; what repeats stays, too.
fn may_stay_in(program: &Program, expr: ExprRef) -> bool {
    may_stay(program, expr, &mut BTreeSet::new())
}

/// The same; `seen` are the functions that were looked into.
fn may_stay(program: &Program, expr: ExprRef, seen: &mut BTreeSet<FnRef>) -> bool {
    let file = program.file(expr.file);
    let parents = program.parents(expr.file);
    let within = file.range(expr.id);
    let repeats = |at: ExprRef| {
        let mut around = parents.ancestors(at.id).take_while(|it| within.contains(file.range(*it)));
        around.any(|it| matches!(file[it], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. }))
    };
    let mut found = false;
    program.walk(expr, &mut |at, kind| {
        found |= match kind {
            Expr::Select(_) => true,
            Expr::Await(future) => repeats(at) || future_may_stay(program, at.with(future), seen),
            _ => false,
        };
        !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
    });
    found
}

fn future_may_stay(program: &Program, future: ExprRef, seen: &mut BTreeSet<FnRef>) -> bool {
    let value = Value::bare(future);
    let body = program.called_fn(&value).and_then(|function| {
        let item = program.function(function);
        let body = item.body.filter(|_| item.is_async)?;
        Some((function, function.with(body)))
    });
    match body {
        Some((function, body)) => seen.insert(function) && may_stay(program, body, seen),
        None => {
            let file = program.file(future.file);
            let goes_out = matches!(file[future.id], Expr::MethodCall { method, .. }
                if catalogue::method(&file[method]).does(Does::GoesOut));
            !goes_out && !program.ending_for_any_task(&value).is_short()
        }
    }
}

/// Whether there is a block in an expression, so that it fills several lines.
pub fn has_block(program: &Program, expr: ExprRef) -> bool {
    let mut found = false;
    program.walk(expr, &mut |_, kind| {
        found |= matches!(kind, Expr::Block { .. });
        !found
    });
    found
}
