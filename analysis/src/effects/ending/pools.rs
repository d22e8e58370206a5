//! What collections of futures and streams wait for: what was put into them.

use super::{About, Asking, Ending, EndingKind};
use crate::{
    catalogue::{self, Does, Method},
    effects::{Def, Effects, ExprRef, OpenReason, Origin, Value, exits::Trigger},
    facts::{Expr, ExprId},
};

/// Whether a method only looks at a collection, or takes out of it.
fn puts_nothing(method: Method) -> bool {
    method.does_any(&[
        Does::Nexts,
        Does::Joins,
        Does::Counts,
        Does::EndsAll,
        Does::Clears,
        Does::Iterates,
        Does::DetachesAll,
    ])
}

impl Effects {
    /// When all the futures in a collection have ended, if the text shows all that are put into it.
    pub(super) fn pool_ending(&self, pool: &Value, asking: &Asking) -> Ending {
        let unknown = || Ending::unknown(OpenReason::OtherTasks, self.span(pool.expr));
        self.sure_pool_parts(pool, asking).unwrap_or_else(unknown)
    }

    /// Whoever has the collection may abort what is in it, or drop it: long waits are not its own. And what is put
    /// there on a condition may not be there: that it never ends is not shown.
    fn sure_pool_parts(&self, pool: &Value, asking: &Asking) -> Option<Ending> {
        let found = self.pool_parts(pool, asking).filter(|found| found.kind != EndingKind::Never)?;
        Some(Ending { waits: Vec::new(), gates: Vec::new(), ..found })
    }

    /// What is joined: a future, or a collection or iterator of futures.
    pub(super) fn joined_ending(&self, joined: &Value, asking: &Asking) -> Ending {
        match self.sure_pool_parts(joined, asking) {
            Some(found) => found,
            None => self.future_ending(joined, asking),
        }
    }

    /// [`Effects::pool_parts`] of a collection that has a name, or that a function makes: once for each.
    fn kept_pool(&self, pool: &Value, asking: &Asking) -> Option<Ending> {
        let about = About::Pool(pool.expr, pool.frame.as_ref().map(|frame| frame.id));
        self.kept(about, asking, |asking| self.pool_parts(pool, asking))
    }

    fn pool_parts(&self, pool: &Value, asking: &Asking) -> Option<Ending> {
        let file = self.file(pool.expr.file);
        match self.expr(pool) {
            Expr::Path(_) => {
                let (pat, binding) = self.local(pool.expr)?;
                let init = match binding.origin {
                    Origin::Value(init) if binding.root == pat.id => pool.at(init),
                    _ => {
                        let origin = self.origin(pool);
                        return (origin.expr != pool.expr).then(|| self.kept_pool(&origin, asking)).flatten();
                    }
                };
                let mut ending = self.kept_pool(&init, asking)?;
                let body = self.body(self.place(pool.expr)?);
                for used in body.uses(pat.id) {
                    for put in self.put_into(pool.expr.with(*used))? {
                        ending = ending.then(self.put_ending(&pool.at(put), asking));
                    }
                }
                Some(ending)
            }
            Expr::Ref { expr, .. } | Expr::Await(expr) | Expr::Try(expr) => self.pool_parts(&pool.at(expr), asking),
            Expr::Block { stmts, has_tail: true, .. } => {
                let tail = file.list(stmts).next_back()?;
                self.pool_parts(&pool.at(tail), asking)
            }
            Expr::Call { callee, args } => match self.callee(pool.expr.with(callee)) {
                Def::Fn(_) => self.pool_made_by(pool, asking),
                Def::External(path) => {
                    let is_empty = args.len == 0 && (path.ends_with("::new") || path.ends_with("::default"));
                    is_empty.then(Ending::short)
                }
                _ => None,
            },
            Expr::MethodCall { receiver, method, args, .. } => match &file[method] {
                method if catalogue::method(method).does_any(&[Does::Gathers, Does::Drains, Does::Wraps]) => {
                    self.pool_parts(&pool.at(receiver), asking)
                }
                // `.map(|it| async move { .. })`: one future for each.
                "map" => match self.expr(&pool.at(file.at(args, 0)?)) {
                    Expr::Closure { body, .. } => Some(self.future_ending(&pool.at(body), asking)),
                    _ => None,
                },
                _ => self.pool_made_by(pool, asking),
            },
            _ => None,
        }
    }

    /// A collection that a function of the workspace returns.
    fn pool_made_by(&self, call: &Value, asking: &Asking) -> Option<Ending> {
        let function = self.called_fn(call)?;
        let body = function.with(self.function(function).body?);
        let tail = self.tail(body)?;
        let tail = Value { expr: function.with(tail), frame: self.enter_once(call, function) };
        self.kept_pool(&tail, asking)
    }

    fn put_ending(&self, put: &Value, asking: &Asking) -> Ending {
        match self.expr(&self.origin(put)) {
            // `set.spawn_blocking(|| ..)`
            Expr::Closure { .. } => self.closure_ending(&self.origin(put), asking),
            _ => self.future_ending(put, asking),
        }
    }

    /// What one use of a collection puts into it; `None` if it goes where it is not followed.
    pub(crate) fn put_into(&self, used: ExprRef) -> Option<Vec<ExprId>> {
        let file = self.file(used.file);
        let parents = self.parents(used.file);
        let mut at = used.id;
        loop {
            let parent = parents.parent(at)?;
            match file[parent] {
                Expr::Ref { .. } => at = parent,
                Expr::MethodCall { receiver, method, args, .. } if receiver == at => {
                    let known = catalogue::method(&file[method]);
                    if known.does_any(&[Does::Appends, Does::Spawns]) {
                        return Some(vec![file.at(args, 0)?]);
                    }
                    return puts_nothing(known).then(Vec::new);
                }
                // The value of its block.
                Expr::Block { .. } | Expr::Return(_) => return Some(Vec::new()),
                _ => return None,
            }
        }
    }

    /// What the next item of a stream waits for, or with `Failure` its end.
    pub(super) fn stream_ending(&self, stream: &Value, ends: bool, asking: &Asking) -> Ending {
        let at = self.span(stream.expr);
        match self.stream_trigger(stream, ends, asking.task()) {
            Trigger::Signal(signal) => Ending::signal(signal),
            Trigger::Peer(origin) => Ending::of(EndingKind::OnPeer(origin)),
            Trigger::Time => Ending::short(),
            Trigger::Own(why) => Ending::unknown(why, at),
            Trigger::Always | Trigger::Impossible(_) => Ending::unknown(OpenReason::UnknownStream, at),
        }
    }
}
