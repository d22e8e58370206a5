//! Ways out of a scope: is there one on which a handle is lost although another one uses it?

use crate::{
    catalogue::{self, Does, Macro},
    facts::{BlockKind, Expr, ExprId, Id, MacroShape},
    flow::{ExprRef, Flow, PatRef, Place, Value},
    span::Span,
};

/// Whether the handle is still in its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// On every way so far.
    Held,
    /// On some ways it was used, on others it is still held; where the way without use runs.
    Mixed(ExprId),
    /// Used on every way.
    Used,
    /// This way does not come here.
    Gone,
}

struct Ways<'a> {
    program: &'a Flow,
    file: crate::span::FileId,
    name_uses: &'a [ExprId],
    kept: Vec<ExprId>,
    lost: Option<ExprId>,
}

impl Flow {
    /// The first way out of the scope of `pat` on which none of the uses in `kept` is reached.
    pub(super) fn lost_way(&self, pat: PatRef, place: Place, kept: &[ExprRef]) -> Option<Span> {
        let body = self.body(place);
        let binding = body.bindings.get(&pat.id)?;
        let at = binding.at?;
        let file = self.file(pat.file);
        let Expr::Local { init, .. } = file[at] else { return None };
        let block = self.parents(pat.file).parent(at)?;
        let Expr::Block { stmts, .. } = file[block] else { return None };
        // `let h; if a { h = spawn() }`: where it is set is where the ways begin.
        init?;
        let mut flow = Ways {
            program: self,
            file: pat.file,
            name_uses: body.uses(pat.id),
            kept: kept.iter().map(|at| at.id).collect(),
            lost: None,
        };
        let mut state = State::Held;
        for stmt in file.list(stmts).skip_while(|stmt| *stmt != at).skip(1) {
            state = flow.expr(stmt, state);
        }
        let lost = flow.lost.or(match state {
            State::Mixed(at) => Some(at),
            _ => None,
        })?;
        Some(file.range(lost).in_file(pat.file))
    }
}

impl Ways<'_> {
    /// Whether an expression fails only if another thread panicked: `self.tasks.lock().map_err(..)`.
    fn is_poisoned(&self, id: ExprId) -> bool {
        let file = self.program.file(self.file);
        let Expr::MethodCall { receiver, method, args, .. } = file[id] else { return false };
        let known = catalogue::method(&file[method]);
        if known.does(Does::OnlyPoisoned) && args.len == 0 {
            let ty = self.program.type_of(&Value::bare(ExprRef::new(self.file, receiver))).pointee();
            return ty.external().is_some_and(catalogue::is_poisonable);
        }
        known.does_any(&[Does::FailsAlike, Does::Explains]) && self.is_poisoned(receiver)
    }

    fn expr(&mut self, id: ExprId, state: State) -> State {
        if matches!(state, State::Used | State::Gone) {
            return state;
        }
        self.program.steps.take(self.kept.len());
        if self.kept.contains(&id) {
            return State::Used;
        }
        let file = self.program.file(self.file);
        match file[id] {
            // A closure or block that takes the handle along has it from here on.
            Expr::Closure { body, .. } => self.captured(body, state),
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => self.captured(id, state),
            Expr::If { cond, then, otherwise } => {
                let state = self.expr(cond, state);
                if self.mentions(cond) {
                    return State::Used;
                }
                let a = self.expr(then, state);
                let b = otherwise.map_or(state, |block| self.expr(block, state));
                merge((a, then), (b, otherwise.unwrap_or(id)))
            }
            Expr::Match { scrutinee, arms } => {
                let state = self.expr(scrutinee, state);
                if self.mentions(scrutinee) {
                    return State::Used;
                }
                let ways: Vec<_> =
                    (file.list(arms)).map(|arm| (self.expr(file[arm].body, state), file[arm].body)).collect();
                ways.into_iter().reduce(|a, b| (merge(a, b), b.1)).map_or(state, |(state, _)| state)
            }
            Expr::Loop { body, .. } => match self.expr(body, state) {
                State::Gone => State::Gone,
                State::Mixed(_) => State::Used,
                found => found,
            },
            Expr::While { cond, body, .. } | Expr::For { iter: cond, body, .. } => {
                let state = self.expr(cond, state);
                // A loop that uses it is trusted to run.
                match self.expr(body, state) {
                    State::Used | State::Mixed(_) => State::Used,
                    _ => state,
                }
            }
            Expr::Return(value) => {
                let state = value.map_or(state, |value| self.expr(value, state));
                self.leave(id, state);
                State::Gone
            }
            Expr::Break { value, .. } => {
                if let Some(value) = value {
                    self.expr(value, state);
                }
                State::Gone
            }
            Expr::Continue { .. } => State::Gone,
            Expr::Try(inner) => {
                let state = self.expr(inner, state);
                if !self.mentions(inner) && !self.is_poisoned(inner) {
                    self.leave(id, state);
                }
                state
            }
            Expr::Call { .. } if self.diverges(id) => State::Gone,
            Expr::Macro(call) => {
                let it = file[call];
                match file.macro_of(call) {
                    Some(known) if known.panics() => return State::Gone,
                    Some(Macro::ReturnsError) => {
                        self.leave(id, state);
                        return State::Gone;
                    }
                    Some(Macro::Ensures) => self.leave(id, state),
                    _ => {}
                }
                if it.shape == MacroShape::Opaque && self.mentions(id) {
                    return State::Used;
                }
                self.children(id, state)
            }
            Expr::Select(call) => {
                let it = file[call];
                if self.mentions(id) {
                    return State::Used;
                }
                let mut state = state;
                for arm in file.list(it.arms) {
                    state = self.expr(file[arm].body, state);
                }
                state
            }
            _ => self.children(id, state),
        }
    }

    fn children(&mut self, id: ExprId, mut state: State) -> State {
        let mut children = Vec::new();
        self.program.file(self.file).each_child(id, &mut |child| children.push(child));
        for child in children {
            state = self.expr(child, state);
        }
        state
    }

    fn captured(&mut self, id: ExprId, state: State) -> State {
        if self.mentions(id) { State::Used } else { state }
    }

    /// Whether the handle is named anywhere below.
    fn mentions(&self, id: ExprId) -> bool {
        self.program.steps.take(self.name_uses.len());
        let first = self.program.parents(self.file).first_below(id);
        self.name_uses.iter().any(|at| first <= *at && *at <= id)
    }

    fn leave(&mut self, at: ExprId, state: State) {
        if matches!(state, State::Held | State::Mixed(_)) {
            self.lost.get_or_insert(at);
        }
    }

    fn diverges(&self, id: ExprId) -> bool {
        let name = self.program.call_name(ExprRef::from_index(self.file, id.index()));
        name.is_some_and(|name| catalogue::ends_process(&name))
    }
}

fn merge((a, at_a): (State, ExprId), (b, at_b): (State, ExprId)) -> State {
    match (a, b) {
        (State::Gone, other) | (other, State::Gone) => other,
        (State::Used, State::Used) => State::Used,
        (State::Held, State::Held) => State::Held,
        (State::Mixed(at), _) | (_, State::Mixed(at)) => State::Mixed(at),
        (State::Used, State::Held) => State::Mixed(at_b),
        (State::Held, State::Used) => State::Mixed(at_a),
    }
}
