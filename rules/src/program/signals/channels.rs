//! Who holds the other half of a channel, and for how long.

use super::{Dead, DeadCause};
use crate::{
    program::{ExprRef, PatRef, Place, Program, Type, Value, body::Origin, names::Def},
    summary::{BlockKind, Expr, ExprId, Pat},
};

impl Program {
    /// A receiver whose sender the task itself holds, or that was forgotten.
    pub(super) fn dead_channel(&self, source: &Value, task: ExprRef) -> Option<Dead> {
        let origin = self.origin(source);
        if let Expr::Field { base, name } = self.expr(&origin) {
            // `spawn(run(pair.receiver))` gives the task the field and not the struct.
            let is_whole = self.place(origin.expr) != self.place(task) || self.runs_in_task(origin.expr, task);
            let why = is_whole.then(|| self.dead_channel_field(&origin, base, name)).flatten()?;
            return Some(Dead { cause: DeadCause::OwnSender, why, at: None });
        }
        let (root, at) = self.root_binding(source)?;
        let sender = self.other_half(root, &at)?;
        self.holds(sender, task)
    }

    /// Whether the sender of a receiver is a local that is only used in place, so that it dies with its scope.
    pub(crate) fn sender_is_local(&self, source: &Value) -> bool {
        let Some((root, at)) = self.root_binding(source) else { return false };
        let Some(sender) = self.other_half(root, &at) else { return false };
        let Some(place) = self.place(at.expr) else { return false };
        let body = self.body(place);
        let file = self.file(sender.file);
        let parents = self.parents(sender.file);
        body.uses(sender.id).iter().all(|used| match parents.parent(*used).map(|at| file[at]) {
            Some(Expr::MethodCall { receiver, method, .. }) => receiver == *used && &file[method] != "clone",
            Some(Expr::Call { .. }) => self.lets_go(sender.with(*used)),
            _ => false,
        })
    }

    /// Whether the body that a receiver stands in made its channel, and so knows all who send.
    pub(crate) fn has_sender_here(&self, source: &Value) -> bool {
        self.root_binding(source).is_some_and(|(root, at)| self.other_half(root, &at).is_some())
    }

    /// The sender of `let (tx, rx) = channel();`, given `rx`.
    fn other_half(&self, receiver: PatRef, at: &Value) -> Option<PatRef> {
        let body = self.body(self.place(at.expr)?);
        let binding = body.bindings.get(&receiver.id)?;
        let file = self.file(receiver.file);
        let Origin::Value(init) = binding.origin else { return None };
        let Pat::Tuple(pats) = file[binding.root] else { return None };
        let Expr::Call { callee, .. } = file[init] else { return None };
        let Def::External(path) = self.callee(receiver.with(callee)) else { return None };
        crate::apis::returns(&path).filter(|pair| pair.len() == 2)?;
        let mut found = None;
        file.each_binding(file.at(pats, 0)?, &mut |pat, _| found = Some(pat));
        found.filter(|pat| *pat != receiver.id).map(|pat| receiver.with(pat))
    }

    /// Whether the task holds a sender for as long as it lives, or somebody forgot one.
    fn holds(&self, sender: PatRef, task: ExprRef) -> Option<Dead> {
        let dead = |cause, why| Some(Dead { cause, why, at: None });
        let name = self.binding_name(sender)?;
        let place = self.place(task).filter(|_| sender.file == task.file)?;
        let body = self.body(place);
        let first = self.first_below(task);
        let mut inside = false;
        // A sender that the task made itself may be given away by it.
        let is_made_inside =
            body.bindings.get(&sender.id).and_then(|it| it.at).is_some_and(|at| first <= at && at <= task.id);
        if is_made_inside && body.uses(sender.id).iter().any(|used| self.gives_away(sender.with(*used))) {
            return None;
        }
        for used in body.uses(sender.id) {
            let used = sender.with(*used);
            if first <= used.id && used.id <= task.id {
                // `drop(tx)` in the task lets go of it, `tx.downgrade()` holds nothing.
                if self.lets_go(used) {
                    return None;
                }
                inside = true;
            } else if self.forgets(used) {
                return dead(DeadCause::LastingSender, format!("its sender `{name}` is never dropped"));
            }
        }
        // A clone made outside: `let tx2 = tx.clone();` moved into the task.
        if !inside {
            inside = self
                .clones_of(sender, place)
                .iter()
                .any(|clone| body.uses(clone.id).iter().any(|used| first <= *used && *used <= task.id));
        }
        if inside {
            return dead(DeadCause::OwnSender, format!("the task itself holds its sender `{name}`"));
        }
        self.captured_with(sender, task, place).and_then(|why| dead(DeadCause::OwnSender, why))
    }

    /// The captured struct that was built with the sender: `let c = C { tx, .. }; spawn(run(c.clone(), rx))`.
    fn captured_with(&self, sender: PatRef, task: ExprRef, place: Place) -> Option<String> {
        let body = self.body(place);
        let first = self.first_below(task);
        let mut captured: Vec<ExprId> =
            (body.binding_of.keys().copied()).filter(|used| first <= *used && *used <= task.id).collect();
        captured.sort();
        captured.into_iter().find_map(|used| {
            let origin = self.origin(&Value::bare(task.with(used)));
            if origin.expr.file != sender.file || self.place(origin.expr) != Some(place) {
                return None;
            }
            // A literal inside the task is not what it captured.
            let is_inside = first <= origin.expr.id && origin.expr.id <= task.id;
            let field = (!is_inside).then(|| self.sibling_with(origin.expr, sender)).flatten()?;
            Some(format!("the task itself holds its sender in `{}.{field}`", self.text_of(task.with(used))))
        })
    }

    fn clones_of(&self, pat: PatRef, place: Place) -> Vec<PatRef> {
        let body = self.body(place);
        let file = self.file(pat.file);
        let mut found: Vec<PatRef> = (body.bindings.iter())
            .filter(|(_, binding)| {
                let Origin::Value(init) = binding.origin else { return false };
                let Expr::MethodCall { receiver, method, .. } = file[init] else { return false };
                &file[method] == "clone" && body.binding_of.get(&receiver) == Some(&pat.id)
            })
            .map(|(clone, _)| pat.with(*clone))
            .collect();
        found.sort();
        found
    }

    fn lets_go(&self, used: ExprRef) -> bool {
        let parent = self.parents(used.file).parent(used.id).map(|at| used.with(at));
        let Some(parent) = parent else { return false };
        match self.file(used.file)[parent.id] {
            Expr::Call { callee, .. } => {
                matches!(self.callee(parent.with(callee)), Def::External(path) if &*path == "std::mem::drop")
            }
            Expr::MethodCall { receiver, method, .. } => {
                receiver == used.id && &self.file(used.file)[method] == "downgrade"
            }
            _ => false,
        }
    }

    /// Whether an expression is part of an async block of the task, and not of what is evaluated to spawn it.
    fn runs_in_task(&self, expr: ExprRef, task: ExprRef) -> bool {
        let file = self.file(expr.file);
        let parents = self.parents(expr.file);
        let mut above = parents.ancestors(expr.id).take_while(|at| *at <= task.id);
        let is_async = |at| {
            matches!(file[at], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } | Expr::Closure { .. })
        };
        above.any(is_async)
    }

    /// Whether a use moves the value somewhere else: anything but a method call on it.
    fn gives_away(&self, used: ExprRef) -> bool {
        let parent = self.parents(used.file).parent(used.id);
        !parent.is_some_and(|at| {
            matches!(self.file(used.file)[at], Expr::MethodCall { receiver, method, .. }
                if receiver == used.id && &self.file(used.file)[method] != "clone")
        })
    }

    fn forgets(&self, used: ExprRef) -> bool {
        let parent = self.parents(used.file).parent(used.id).map(|at| used.with(at));
        let Some(parent) = parent else { return false };
        match self.file(used.file)[parent.id] {
            Expr::Call { callee, .. } => match self.callee(parent.with(callee)) {
                Def::External(path) => matches!(&*path, "std::mem::forget" | "std::boxed::Box::leak"),
                _ => false,
            },
            _ => false,
        }
    }

    /// `self.rx` of a struct that was built with both halves of the same channel.
    fn dead_channel_field(&self, source: &Value, base: ExprId, name: crate::summary::Name) -> Option<String> {
        let field = &self.file(source.expr.file)[name];
        let Type::Item(owner, _) = self.type_of(&source.at(base)).pointee() else { return None };
        let inits = self.inits_of(owner, field);
        if inits.is_empty() {
            return None;
        }
        let mut reason = None;
        for init in inits {
            let value = Value::bare(init);
            let (root, at) = self.root_binding(&value)?;
            let sender = self.other_half(root, &at)?;
            let literal = self
                .parents(init.file)
                .ancestors(init.id)
                .find(|at| matches!(self.file(init.file)[*at], Expr::Struct { .. }))?;
            let sibling = self.sibling_with(init.with(literal), sender)?;
            reason = Some(format!("its sender stands beside it, in `{sibling}`"));
        }
        reason
    }

    /// The field of a struct literal that gets the sender itself.
    fn sibling_with(&self, literal: ExprRef, sender: PatRef) -> Option<String> {
        let file = self.file(literal.file);
        let Expr::Struct { fields, .. } = file[literal.id] else { return None };
        file.list(fields).find_map(|field| {
            let Expr::FieldInit { name, value } = file[field] else { return None };
            let (root, _) = self.root_binding(&Value::bare(literal.with(value)))?;
            (root == sender).then(|| file[name].to_owned())
        })
    }
}
