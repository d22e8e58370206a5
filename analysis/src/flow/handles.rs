//! What becomes of a handle: followed from the spawn through lets, fields, collections, calls and
//! returns, on every way out of its scope.

mod raced;
mod uses;
mod ways;

pub use raced::{Race, RaceKind};

use super::{
    Answer, Def, ExprRef, FieldUse, Flow, MovedInto, OpenReason, PatRef, Place, Question, Type, TypeRef, Value,
};
use crate::{
    catalogue::{self, Macro, Variant},
    facts::{BlockKind, Expr, Id, MacroShape, Pat, PatId},
    span::Span,
};

/// How far it is from a handle's spawn, as far as that makes a difference: near it, a way out of the scope on which the
/// handle is lost is worth telling; further away somebody else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Steps(u8);

impl Steps {
    /// At the spawn.
    pub(crate) const NONE: Steps = Steps(0);
    /// Far away.
    pub(crate) const FAR: Steps = Steps(3);

    pub(super) fn next(self) -> Steps {
        Steps(Steps::FAR.0.min(self.0 + 1))
    }

    fn is_near(self) -> bool {
        self != Steps::FAR
    }
}

/// How a handle is thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DropHow {
    /// `spawn(f);`
    Statement,
    /// `let _ = spawn(f);`
    LetUnderscore,
    /// `let _: JoinHandle<_> = spawn(f);`
    TypedUnderscore,
    /// `let _task = spawn(f);`, never used again.
    Unused(String),
    /// Used, but only in ways that keep nothing: `h.is_finished()`.
    EndOfScope(String),
    /// `drop(h)`.
    DropCall,
    /// `mem::forget(h)`.
    Forget,
    /// `.detach()`.
    Detach,
    /// Part of a block, tuple, array, `Option` or collection that is thrown away.
    Discarded,
    /// An abort handle that nobody calls `.abort()` on.
    AbortHandleUnused,
    /// There is no handle: the call gives nothing back.
    NoHandle,
    /// `spawn(f).instrument(span);`: an adaptor round the handle is thrown away with it.
    Adapted(String),
}

impl DropHow {
    /// Whether the handle was written down only to lose it.
    pub fn is_written_down(&self) -> bool {
        matches!(
            self,
            DropHow::LetUnderscore
                | DropHow::Unused(_)
                | DropHow::EndOfScope(_)
                | DropHow::Discarded
                | DropHow::Adapted(_)
                | DropHow::AbortHandleUnused
                | DropHow::Forget
        )
    }
}

/// What becomes of a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has it any more.
    Dropped {
        /// How it is lost.
        how: DropHow,
        /// Where.
        at: Span,
    },
    /// Used on some ways, lost on others.
    PartlyDropped {
        /// The way out on which it is lost.
        lost: Span,
        /// A use on another way.
        used: Span,
    },
    /// It is raced, or awaited in a future that may be dropped half-way: where the other side wins, it is lost.
    Raced(Race),
    /// Somebody waits for the task.
    Awaited(Span),
    /// Somebody aborts it.
    Aborted(Span),
    /// Its owner aborts it when it is dropped.
    AbortOnDrop(Span),
    /// The function gives it to its caller.
    Returned {
        /// The tail or `return`.
        at: Span,
    },
    /// A field of a struct of the workspace holds it.
    Stored {
        /// The struct.
        owner: TypeRef,
        /// The field.
        field: String,
        /// Where it is put there.
        at: Span,
        /// What the workspace does with the field.
        use_: FieldUse,
    },
    /// It goes where the text does not show what happens to it.
    Moved {
        /// What took it.
        into: MovedInto,
        /// Where.
        at: Span,
    },
    /// A set, scope or other owner ends the task.
    Owned,
    /// Dropping the handle cancels the task.
    Cancelled,
    /// Cannot be told.
    Unknown(OpenReason),
}

impl Fate {
    /// Whether nobody can stop the task through its handle any more.
    pub fn is_dropped(&self) -> bool {
        matches!(self, Fate::Dropped { .. })
    }

    /// Which of two fates of copies of one handle decides: the one that still can stop the task.
    pub(super) fn rank(&self) -> u32 {
        match self {
            Fate::AbortOnDrop(_) | Fate::Owned | Fate::Cancelled => 0,
            Fate::Aborted(_) => 1,
            Fate::Awaited(_) => 2,
            Fate::Returned { .. } => 3,
            Fate::Stored { use_: FieldUse::Kept(_), .. } => 4,
            Fate::Stored { use_: FieldUse::Raced(_), .. } => 8,
            Fate::Moved { .. } => 5,
            Fate::Unknown(_) => 6,
            Fate::Stored { .. } => 7,
            Fate::Raced(_) => 8,
            Fate::PartlyDropped { .. } => 9,
            Fate::Dropped { .. } => 10,
        }
    }
}

/// What one use does with a handle; `None` keeps nothing (`h.is_finished()`).
pub(crate) type Use = Option<Fate>;

impl Flow {
    /// The expression whose value the handle is: the call, or of an async function the `.await` around it.
    pub fn given_expr(&self, call: ExprRef) -> Option<ExprRef> {
        let gives_future = self
            .called_fn(&Value::bare(call))
            .is_some_and(|function| matches!(self.return_type(function), Type::Future(_)));
        if !gives_future {
            return Some(call);
        }
        let parent = self.parents(call.file).parent(call.id)?;
        matches!(self.file(call.file)[parent], Expr::Await(_)).then(|| call.with(parent))
    }

    /// What becomes of the handle that an expression gives.
    pub(crate) fn fate_of(&self, expr: ExprRef) -> Fate {
        let how = self.use_of(expr, Steps::NONE);
        how.unwrap_or_else(|| Fate::Dropped { how: DropHow::Discarded, at: self.span(expr) })
    }

    /// What the expression around a handle does with it.
    pub(crate) fn use_of(&self, expr: ExprRef, steps: Steps) -> Use {
        self.steps.step();
        let Some(parent) = self.parents(expr.file).parent(expr.id) else { return self.end_of_body(expr) };
        let file = self.file(expr.file);
        let outer = expr.with(parent);
        let on = |at| self.use_of(at, steps.next());
        let moved = |into: MovedInto| Some(Fate::Moved { into, at: self.span(outer) });
        match file[parent] {
            Expr::Block { kind, stmts, has_tail, .. } => {
                let is_tail = has_tail && file.list(stmts).next_back() == Some(expr.id);
                match (is_tail, kind) {
                    (true, BlockKind::Plain) => match self.use_of(outer, steps.next()) {
                        Some(Fate::Dropped { how: DropHow::Statement, at }) => dropped(DropHow::Discarded, at),
                        found => found,
                    },
                    (true, _) => self.output_of_async(outer, steps),
                    // `#[cfg(a)] { spawn(f) } #[cfg(not(a))] { spawn(f) }`: a block statement has no value unless
                    // what stands behind it is compiled away.
                    (false, _) if self.is_alternative_tail(expr) => self.use_of(outer, steps.next()),
                    (false, _) => dropped(DropHow::Statement, self.span(expr)),
                }
            }
            Expr::Local { pat, ty, .. } => self.pattern_use(expr, expr.with(pat), ty.is_some(), steps.next()),
            Expr::Let { pat, .. } => self.pattern_use(expr, expr.with(pat), false, steps.next()),
            Expr::Assign { lhs, rhs, .. } if rhs == expr.id => self.assigned(expr, outer.with(lhs), steps),
            Expr::Assign { .. } => None,
            Expr::Await(_) => Some(Fate::Awaited(self.span(outer))),
            Expr::Try(_) | Expr::Unary { .. } | Expr::Cast { .. } => on(outer),
            Expr::Ref { .. } => match on(outer) {
                Some(Fate::Dropped { .. }) => None,
                Some(Fate::Raced(race)) => Some(self.raced_by_reference(expr, race)),
                found => found,
            },
            // `start().0`, where the handle stands in another place.
            Expr::Field { name, .. }
                if self
                    .place_of_handle(expr)
                    .is_some_and(|at| file[name].parse().is_ok_and(|taken: usize| taken != at)) =>
            {
                None
            }
            Expr::Field { .. } | Expr::Index { .. } => match on(outer) {
                Some(Fate::Dropped { .. }) => None,
                found => found,
            },
            Expr::MethodCall { receiver, method, .. } if receiver == expr.id => {
                self.method_use(outer, &file[method], steps)
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let at = file.list(args).position(|arg| arg == expr.id).unwrap_or(0);
                self.argument_of_method(outer, outer.with(receiver), &file[method], at, steps)
            }
            Expr::Call { callee, args } => {
                let at = file.list(args).position(|arg| arg == expr.id);
                at.map_or_else(|| moved(MovedInto::Call), |at| self.argument_use(outer, outer.with(callee), at, steps))
            }
            Expr::FieldInit { name, .. } => self.field_init(outer, &file[name], steps),
            Expr::Tuple(list) => self.tuple_use(expr, outer, file.list(list).position(|it| it == expr.id), steps),
            Expr::Array(_) => self.collection_use(outer, steps),
            Expr::Macro(id) | Expr::Select(id) => match catalogue::macro_named(file.last_segment(file[id].path)) {
                Some(Macro::Joins) => Some(Fate::Awaited(self.span(outer))),
                Some(Macro::Selects) => self.select_use(expr, outer, id, steps),
                Some(Macro::Collects) => self.collection_use(outer, steps),
                Some(Macro::Pins | Macro::Shows) => on(outer).filter(|fate| !fate.is_dropped()),
                Some(known) if known.peeks() => None,
                _ if file[id].shape == MacroShape::Block => Some(Fate::Unknown(OpenReason::InsideMacro)),
                _ => Some(Fate::Unknown(OpenReason::MentionedInMacro)),
            },
            Expr::If { cond, .. } if cond != expr.id => on(outer),
            Expr::Match { scrutinee, arms } if scrutinee == expr.id => {
                let pats: Vec<PatId> = file.list(arms).map(|arm| file[arm].pat).collect();
                self.any_binding(expr, &pats, steps.next()).or(None)
            }
            Expr::Match { .. } => on(outer),
            Expr::For { pat, iter, .. } if iter == expr.id => {
                self.pattern_use(expr, expr.with(pat), false, steps.next())
            }
            Expr::Closure { .. } => self.closure_result(outer, steps),
            Expr::Return(_) => match self.inside_async_or_closure(outer) {
                true => moved(MovedInto::BlockResult),
                false => Some(Fate::Returned { at: self.span(expr) }),
            },
            Expr::Break { .. } => moved(MovedInto::LoopValue),
            Expr::Yield(_) => moved(MovedInto::Stream),
            Expr::Binary { .. } | Expr::While { .. } | Expr::If { .. } | Expr::Range { .. } => None,
            _ => Some(Fate::Unknown(OpenReason::NotFollowed)),
        }
    }

    /// The value of a whole body.
    fn end_of_body(&self, expr: ExprRef) -> Use {
        match self.place(expr) {
            Some(Place::Fn(function)) => {
                let item = self.function(function);
                // The block of a function without result: its tail is a statement without semicolon.
                match item.ret {
                    None => dropped(DropHow::Statement, self.span(expr)),
                    Some(_) => Some(Fate::Returned { at: self.tail_span(expr) }),
                }
            }
            Some(Place::Const(_)) => Some(Fate::Moved { into: MovedInto::Static, at: self.span(expr) }),
            None => Some(Fate::Unknown(OpenReason::NotPartOfBody)),
        }
    }

    fn tail_span(&self, expr: ExprRef) -> Span {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Block { stmts, has_tail: true, .. } => {
                file.list(stmts).next_back().map_or(self.span(expr), |tail| self.span(expr.with(tail)))
            }
            _ => self.span(expr),
        }
    }

    /// The value of an async block that is a handle: whoever awaits the block gets it.
    fn output_of_async(&self, block: ExprRef, steps: Steps) -> Use {
        let parents = self.parents(block.file);
        match parents.parent(block.id).map(|at| self.file(block.file)[at]) {
            Some(Expr::Await(_)) => {
                let awaited = parents.parent(block.id).expect("just seen");
                self.use_of(block.with(awaited), steps.next())
            }
            _ => Some(Fate::Moved { into: MovedInto::BlockOutput, at: self.span(block) }),
        }
    }

    fn inside_async_or_closure(&self, expr: ExprRef) -> bool {
        self.parents(expr.file).ancestors(expr.id).any(|at| {
            matches!(
                self.file(expr.file)[at],
                Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
            )
        })
    }

    /// What a pattern does with the handle that it takes apart or names.
    pub(crate) fn pattern_use(&self, init: ExprRef, pat: PatRef, annotated: bool, steps: Steps) -> Use {
        let file = self.file(pat.file);
        let at = file.pat_range(pat.id).in_file(pat.file);
        match file[pat.id] {
            Pat::Wild if annotated => dropped(DropHow::TypedUnderscore, at),
            Pat::Wild => dropped(DropHow::LetUnderscore, at),
            Pat::Bind { sub: None, .. } => Some(self.binding_fate(init, pat, steps)),
            Pat::Typed { pat: sub, .. } => self.pattern_use(init, pat.with(sub), true, steps),
            Pat::Ref(sub) => self.pattern_use(init, pat.with(sub), annotated, steps),
            _ => self.any_binding(init, &[pat.id], steps),
        }
    }

    /// In which place of a tuple the handle stands: `(tx, task)`, as a function gives it.
    fn place_of_handle(&self, tuple: ExprRef) -> Option<usize> {
        match self.type_of(&Value::bare(tuple)) {
            Type::Tuple(members) => self.place_among(&members),
            _ => None,
        }
    }

    fn place_among(&self, members: &[Type]) -> Option<usize> {
        let mut places = (0..members.len()).filter(|at| self.stands_for_task(&members[*at]));
        let only = places.next()?;
        places.next().is_none().then_some(only)
    }

    /// What a pattern for a tuple, or for `Ok(..)` with one, has in the place of the handle.
    fn part_with_handle(&self, init: ExprRef, pat: PatId) -> Option<PatId> {
        self.part_of_type(self.type_of(&Value::bare(init)), init.with(pat))
    }

    fn part_of_type(&self, ty: Type, pat: PatRef) -> Option<PatId> {
        let file = self.file(pat.file);
        match file[pat.id] {
            Pat::Tuple(pats) if !file.list(pats).any(|sub| matches!(file[sub], Pat::Rest)) => {
                let Type::Tuple(members) = ty else { return None };
                let at = self.place_among(&members)?;
                let part = file.at(pats, at)?;
                match file[part] {
                    Pat::Tuple(_) => self.part_of_type(members[at].clone(), pat.with(part)),
                    _ => Some(part),
                }
            }
            Pat::TupleStruct { path, pats } if pats.len == 1 => {
                let is_success = catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_success);
                let inner = file.at(pats, 0).filter(|inner| is_success && matches!(file[*inner], Pat::Tuple(_)))?;
                let name = ty.external().map(|path| path.rsplit("::").next().unwrap_or(path));
                let is_around = name.is_some_and(catalogue::is_fallible_type);
                is_around.then(|| self.part_of_type(ty.inside(), pat.with(inner))).flatten()
            }
            _ => None,
        }
    }

    fn any_binding(&self, init: ExprRef, pats: &[PatId], steps: Steps) -> Use {
        let file = self.file(init.file);
        let mut found: Use = None;
        let parts: Vec<PatId> = pats.iter().filter_map(|pat| self.part_with_handle(init, *pat)).collect();
        if !parts.is_empty() {
            let uses = parts.into_iter().map(|part| self.pattern_use(init, init.with(part), false, steps));
            return uses.fold(None, better);
        }
        for pat in pats {
            file.each_binding(*pat, &mut |pat, _| {
                let fate = self.binding_fate(init, init.with(pat), steps);
                found = better(found.take(), Some(fate));
            });
        }
        found
    }

    /// What becomes of a handle that has a name.
    pub(crate) fn binding_fate(&self, init: ExprRef, pat: PatRef, steps: Steps) -> Fate {
        let question = Question::Binding(pat, steps.is_near());
        let worst = || {
            let at = self.file(pat.file).pat_range(pat.id).in_file(pat.file);
            Answer::Fate(Fate::Dropped { how: DropHow::EndOfScope(String::new()), at })
        };
        match self.answers.get(question, worst, || Answer::Fate(self.find_binding_fate(init, pat, steps))) {
            Answer::Fate(fate) => fate,
            Answer::Field(_) => unreachable!("a question about a binding is answered with a fate"),
        }
    }

    fn find_binding_fate(&self, init: ExprRef, pat: PatRef, steps: Steps) -> Fate {
        let Some(place) = self.place(init) else { return Fate::Unknown(OpenReason::NotPartOfBody) };
        let body = self.body(place);
        let name = match body.bindings.get(&pat.id) {
            Some(binding) => self.file(pat.file)[binding.name].to_owned(),
            None => return Fate::Unknown(OpenReason::NoBinding),
        };
        let uses: Vec<(ExprRef, Use)> =
            body.uses(pat.id).iter().map(|at| (init.with(*at), self.use_of(init.with(*at), steps.next()))).collect();
        let best = uses.iter().fold(None, |best: Use, (_, found)| better(best, found.clone()));
        let span = self.file(pat.file).pat_range(pat.id).in_file(pat.file);
        if uses.is_empty()
            && let Some(later) = self.shadowed_by(pat, place)
        {
            return self.binding_fate(init, later, steps.next());
        }
        match best {
            None if uses.is_empty() => Fate::Dropped { how: DropHow::Unused(name), at: span },
            None => Fate::Dropped { how: DropHow::EndOfScope(name), at: span },
            Some(Fate::Dropped { how: DropHow::Statement, .. }) => {
                Fate::Dropped { how: DropHow::EndOfScope(name), at: span }
            }
            Some(fate) if steps.is_near() => {
                let kept: Vec<ExprRef> = (uses.iter())
                    .filter(|(_, found)| found.as_ref().is_some_and(|fate| !fate.is_dropped()))
                    .map(|(at, _)| *at)
                    .collect();
                match self.lost_way(pat, place, &kept) {
                    Some(lost) if !kept.is_empty() => Fate::PartlyDropped { lost, used: self.span(kept[0]) },
                    _ => fate,
                }
            }
            Some(fate) => fate,
        }
    }

    fn assigned(&self, value: ExprRef, lhs: ExprRef, steps: Steps) -> Use {
        let file = self.file(lhs.file);
        match file[lhs.id] {
            Expr::Underscore => dropped(DropHow::LetUnderscore, self.span(lhs)),
            Expr::Path(_) => match self.local(lhs) {
                Some((pat, _)) => Some(self.binding_fate(value, pat, steps.next())),
                None => Some(Fate::Moved { into: MovedInto::Static, at: self.span(lhs) }),
            },
            Expr::Field { base, name } => Some(self.stored(lhs.with(base), &file[name], self.span(lhs))),
            Expr::Unary { expr, .. } => {
                // `*self.task.lock() = Some(handle)`.
                match self.field_below(lhs.with(expr)) {
                    Some((base, name)) => Some(self.stored(base, &name, self.span(lhs))),
                    None => Some(Fate::Moved { into: MovedInto::Referent, at: self.span(lhs) }),
                }
            }
            Expr::Index { base, .. } => self.pushed(lhs.with(base)),
            _ => Some(Fate::Unknown(OpenReason::DestructuringAssignment)),
        }
    }

    /// The field that an expression like `self.tasks.lock().unwrap()` reaches into.
    pub(crate) fn field_below(&self, expr: ExprRef) -> Option<(ExprRef, String)> {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Field { base, name } => Some((expr.with(base), file[name].to_owned())),
            Expr::MethodCall { receiver: inner, .. }
            | Expr::Await(inner)
            | Expr::Try(inner)
            | Expr::Ref { expr: inner, .. }
            | Expr::Index { base: inner, .. }
            | Expr::Unary { expr: inner, .. } => self.field_below(expr.with(inner)),
            Expr::Path(_) => {
                let (_, binding) = self.local(expr)?;
                match binding.origin {
                    super::Origin::Value(init) if init.index() < expr.id.index() => self.field_below(expr.with(init)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A handle that is put into `base.field`.
    fn stored(&self, base: ExprRef, field: &str, at: Span) -> Fate {
        match self.type_of(&Value::bare(base)).pointee().innermost() {
            Type::Item(owner, _) => {
                let use_ = self.field_use(owner, field);
                Fate::Stored { owner, field: field.to_owned(), at, use_ }
            }
            _ => Fate::Moved { into: MovedInto::Field(field.to_owned()), at },
        }
    }

    fn field_init(&self, init: ExprRef, field: &str, steps: Steps) -> Use {
        let literal = self.parents(init.file).parent(init.id).map(|at| init.with(at));
        let Some(literal) = literal else { return Some(Fate::Unknown(OpenReason::FieldOutsideLiteral)) };
        let Expr::Struct { path, .. } = self.file(init.file)[literal.id] else {
            return Some(Fate::Unknown(OpenReason::FieldOutsideLiteral));
        };
        let at = self.span(init);
        let owner = self.place(init).map(|place| self.resolve_in(init.file, place, path));
        let field = match &owner {
            Some(Def::Variant(_, variant)) => format!("{variant}.{field}"),
            _ => field.to_owned(),
        };
        match owner {
            Some(Def::Type(owner) | Def::Variant(owner, _)) => {
                let owner = match self.view().behind_alias(owner) {
                    Def::Type(owner) => owner,
                    _ => owner,
                };
                if self.is_transparent_handle(owner) {
                    return self.collection_use(literal, steps);
                }
                let use_ = self.field_use(owner, &field);
                Some(Fate::Stored { owner, field, at, use_ })
            }
            _ => Some(Fate::Moved { into: MovedInto::ForeignStruct, at }),
        }
    }

    /// A member of a tuple: follows the matching part of the pattern, if there is one.
    fn tuple_use(&self, expr: ExprRef, tuple: ExprRef, at: Option<usize>, steps: Steps) -> Use {
        let file = self.file(expr.file);
        let parent = self.parents(expr.file).parent(tuple.id);
        if let (Some(Expr::Local { pat, .. }), Some(at)) = (parent.map(|parent| file[parent]), at)
            && let Pat::Tuple(pats) = file[pat]
            && let Some(sub) = file.at(pats, at)
        {
            return self.pattern_use(expr, expr.with(sub), false, steps.next());
        }
        self.collection_use(tuple, steps)
    }

    /// The value of a tuple, array or collection that holds the handle.
    fn collection_use(&self, collection: ExprRef, steps: Steps) -> Use {
        match self.use_of(collection, steps.next()) {
            Some(Fate::Dropped { how: DropHow::Statement, at }) => dropped(DropHow::Discarded, at),
            found => found,
        }
    }

    fn select_use(&self, expr: ExprRef, select: ExprRef, id: crate::facts::MacroId, steps: Steps) -> Use {
        let file = self.file(expr.file);
        let is_future = file.list(file[id].arms).any(|arm| file[arm].future == Some(expr.id));
        if is_future {
            return self.raced_by_select(expr, select, id);
        }
        // The value of an arm is the value of the macro.
        self.use_of(select, steps.next())
    }
}

/// Of two uses of one handle the one that decides.
fn better(a: Use, b: Use) -> Use {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.rank() < a.rank() { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn dropped(how: DropHow, at: Span) -> Use {
    Some(Fate::Dropped { how, at })
}
