//! How the expressions of a body stand to one another, where only the text counts.

use super::{ExprRef, PatRef, Resolve};
use crate::{
    facts::{BlockKind, Expr, ExprId, Id, Pat},
    span::Span,
};
use std::rc::Rc;

/// The ways out of a block before its end, closures and async blocks in it excluded.
#[derive(Debug, Default)]
pub struct WaysOut {
    /// Whether there is a `?`.
    pub tries: bool,
    /// Every `return`, in the order in which they stand.
    pub returns: Vec<ExprRef>,
}

impl Resolve {
    /// The ways out of a block before its end.
    pub fn ways_out(&self, block: ExprRef) -> Rc<WaysOut> {
        if let Some(known) = self.memo.exits.borrow().get(&block) {
            return Rc::clone(known);
        }
        let mut found = WaysOut::default();
        self.walk(block, &mut |expr, kind| {
            match kind {
                Expr::Try(_) => found.tries = true,
                Expr::Return(_) => found.returns.push(expr),
                _ => {}
            }
            !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        });
        let found = Rc::new(found);
        self.memo.exits.borrow_mut().insert(block, Rc::clone(&found));
        found
    }

    /// The async block around an expression, or the whole body; `None` inside a closure.
    pub fn async_body(&self, expr: ExprRef) -> Option<ExprRef> {
        let file = self.file(expr.file);
        let mut last = expr.id;
        for at in self.parents(expr.file).ancestors(expr.id) {
            match file[at] {
                Expr::Closure { .. } => return None,
                Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return Some(expr.with(at)),
                _ => last = at,
            }
        }
        Some(expr.with(last))
    }

    /// `{ let input = ..; async move { .. } }`: whether something is the value of a plain block in a body.
    pub(crate) fn is_plain_tail(&self, block: ExprRef, value: ExprRef) -> bool {
        let is_plain = matches!(self.file(block.file)[block.id], Expr::Block { kind: BlockKind::Plain, .. });
        is_plain && self.parent(block).is_some() && self.tail(block) == Some(value.id)
    }

    /// The expression of some kind that stands at a place.
    pub fn expr_at(&self, at: Span, is_it: impl Fn(Expr) -> bool) -> Option<ExprRef> {
        let file = self.file(at.file);
        let by_range = self.memo.by_range[at.file.index()].get_or_init(|| {
            let mut all: Vec<ExprId> = (0..file.exprs.len()).map(ExprId::from_index).collect();
            all.sort_by_key(|id| (file.range(*id), *id));
            all
        });
        let first = by_range.partition_point(|id| file.range(*id) < at.range);
        let same = by_range[first..].iter().take_while(|id| file.range(**id) == at.range);
        let found = same.copied().find(|id| is_it(file[*id]));
        found.map(|id| ExprRef::new(at.file, id))
    }

    /// What an expression directly stands in.
    pub fn parent(&self, expr: ExprRef) -> Option<ExprRef> {
        self.parents(expr.file).parent(expr.id).map(|parent| expr.with(parent))
    }

    /// The `let` of one name that has an expression as its whole value.
    pub fn let_of(&self, value: ExprRef) -> Option<PatRef> {
        let file = self.file(value.file);
        let parent = self.parents(value.file).parent(value.id)?;
        match file[parent] {
            Expr::Local { pat, init: Some(init), .. } if init == value.id => {
                matches!(file[pat], Pat::Bind { sub: None, .. }).then(|| value.with(pat))
            }
            _ => None,
        }
    }

    /// Where a binding is used, in order.
    pub fn uses_of(&self, near: ExprRef, pat: PatRef) -> Vec<ExprRef> {
        let Some(place) = self.place(near) else { return Vec::new() };
        self.body(place).uses(pat.id).iter().map(|used| near.with(*used)).collect()
    }

    /// Whether an expression calls a method of that name.
    pub fn calls_method(&self, call: ExprRef, name: &str) -> bool {
        let file = self.file(call.file);
        matches!(file[call.id], Expr::MethodCall { method, .. } if &file[method] == name)
    }
}
