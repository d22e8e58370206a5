//! What code outside of the workspace decides: futures and closures that it hands in, methods that it implements.

use super::{About, Asking, Ending, EndingKind};
use crate::{
    catalogue::{self, Call},
    crates::CrateKind,
    effects::{Def, Effects, ExprRef, FnRef, OpenReason, Origin, Sym, Type, TypeRef, Value},
    facts::{Expr, Name, Owner, Visibility},
    span::FileId,
};
use std::rc::Rc;

/// Where something stands that may come from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Given {
    /// A parameter; `None` for `self`.
    Parameter(FnRef, Option<usize>),
    /// A field.
    Field(TypeRef, Sym),
    /// A value that something is taken out of.
    Value(ExprRef, Option<u32>),
}

impl Effects {
    /// The ending of a closure that the text does not show.
    pub(super) fn given_closure(&self, closure: &Value) -> Ending {
        let at = self.span(closure.expr);
        match self.is_given_from_outside(closure) {
            true => Ending::on_caller(OpenReason::GivenClosure, at),
            false => Ending::unknown(OpenReason::HandedInClosure, at),
        }
    }

    /// Whether a value can only come from code outside of the workspace: a parameter of a function that nobody
    /// here calls, or a field into which nothing else is put.
    pub(crate) fn is_given_from_outside(&self, value: &Value) -> bool {
        let value = self.origin(value);
        let about = Given::Value(value.expr, value.frame.as_ref().map(|frame| frame.id));
        self.memo.given.get(about, || false, || self.is_given(&value))
    }

    fn is_given(&self, value: &Value) -> bool {
        let go = |expr| self.is_given_from_outside(&value.at(expr));
        match self.expr(value) {
            Expr::Path(_) => match self.local(value.expr) {
                Some((_, binding)) => match binding.origin {
                    Origin::Param(_) | Origin::SelfParam if self.passed(value, binding.root).is_none() => {
                        self.is_parameter_given(value, binding.origin)
                    }
                    Origin::Value(init) | Origin::Element(init) | Origin::Output(init) => go(init),
                    _ => false,
                },
                None => false,
            },
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } | Expr::Unary { expr: inner, .. } => {
                go(inner)
            }
            // `self.handler.lock().await.take()`: what is in there.
            Expr::MethodCall { receiver, .. } => match self.called_fn(value) {
                None => go(receiver),
                // What a method gives that users of the library write.
                Some(function) => self.is_for_users(function),
            },
            Expr::Index { base, .. } => go(base),
            Expr::Field { base, name } => match self.type_of(&value.at(base)).pointee().innermost() {
                Type::Item(owner, _) => self.is_field_given(owner, value.expr.file, name),
                _ => go(base),
            },
            _ => false,
        }
    }

    /// Whether whatever is passed for a parameter comes from outside.
    fn is_parameter_given(&self, value: &Value, origin: Origin) -> bool {
        let Some(function) = self.enclosing_fn(value.expr) else { return false };
        let at = match origin {
            Origin::Param(at) => Some(at),
            _ => None,
        };
        self.memo.given.get(Given::Parameter(function, at), || false, || self.is_passed_from_outside(function, at))
    }

    fn is_passed_from_outside(&self, function: FnRef, at: Option<usize>) -> bool {
        let callers = self.callers(function);
        if callers.is_empty() {
            return self.is_called_from_outside(function);
        }
        let Some(at) = at else { return false };
        callers.iter().all(|call| {
            let file = self.file(call.file);
            let passed = match file[call.id] {
                Expr::MethodCall { args, .. } => file.at(args, at),
                Expr::Call { args, .. } => {
                    file.at(args, at + usize::from(self.function(function).self_param.is_some()))
                }
                _ => None,
            };
            passed.is_some_and(|passed| self.is_given_from_outside(&Value::bare(call.with(passed))))
        })
    }

    /// Whether a function is a method of a public trait that has no body.
    pub(super) fn is_for_users(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let Owner::Trait(owner) = item.owner else { return false };
        item.body.is_none()
            && self.file(function.file)[owner].visibility == Visibility::Public
            && self.is_in_library(function.file)
    }

    /// Whether nobody in the workspace calls a function, and somebody outside may.
    fn is_called_from_outside(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let is_open = match item.owner {
            Owner::Trait(_) => true,
            _ => item.visibility == Visibility::Public,
        };
        is_open && self.is_in_library(function.file) && self.callers(function).is_empty()
    }

    pub(super) fn is_in_library(&self, file: FileId) -> bool {
        let krate = self.crates.files[file.index()].krate;
        self.crates.crates.get(krate.index()).is_some_and(|it| it.kind == CrateKind::Lib)
    }

    /// Whether all that the workspace puts into a field comes from outside, or it puts nothing there and others can.
    fn is_field_given(&self, owner: TypeRef, named_in: FileId, name: Name) -> bool {
        let about = Given::Field(owner, self.names.sym(named_in, name));
        let field = &self.file(named_in)[name];
        self.memo.given.get(about, || false, || self.is_put_from_outside(owner, field))
    }

    fn is_put_from_outside(&self, owner: TypeRef, field: &str) -> bool {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let Some(declared) = item.fields.iter().find(|it| &file[it.name] == field) else { return false };
        let mut puts = self.inits_of(owner, field);
        puts.extend(self.puts_into(owner, field).iter());
        let mut found = false;
        for put in puts {
            match self.content(put) {
                None => {}
                // What the workspace itself puts there is known elsewhere.
                Some(content) if self.is_callable_of_workspace(content) => {}
                Some(content) if self.is_given_from_outside(&Value::bare(content)) => found = true,
                Some(_) => return false,
            }
        }
        let is_open = item.visibility == Visibility::Public
            && (declared.visibility == Visibility::Public || declared.variant.is_some())
            && self.is_in_library(owner.file);
        found || is_open
    }

    fn is_callable_of_workspace(&self, content: ExprRef) -> bool {
        let origin = self.origin(&Value::bare(content));
        match self.expr(&origin) {
            Expr::Closure { .. } => true,
            Expr::Path(_) => matches!(self.callee(origin.expr), Def::Fn(_)),
            _ => false,
        }
    }

    /// What is assigned to a field, or given to a method that is called on what is in it.
    fn puts_into(&self, owner: TypeRef, field: &str) -> Rc<[ExprRef]> {
        let Some(name) = self.names.lookup(field) else { return Rc::default() };
        if let Some(known) = self.memo.puts.borrow().get(&(owner, name)) {
            return Rc::clone(known);
        }
        let found: Rc<[ExprRef]> = self.find_puts_into(owner, field).into();
        self.memo.puts.borrow_mut().insert((owner, name), Rc::clone(&found));
        found
    }

    fn find_puts_into(&self, owner: TypeRef, field: &str) -> Vec<ExprRef> {
        let mut found = Vec::new();
        for used in self.fields_named(field) {
            let file = self.file(used.file);
            let Expr::Field { base, .. } = file[used.id] else { continue };
            if self.in_test(*used)
                || self.type_of(&Value::bare(used.with(base))).pointee().innermost().item() != Some(owner)
            {
                continue;
            }
            let mut at = used.id;
            for above in self.parents(used.file).ancestors(used.id) {
                match file[above] {
                    Expr::MethodCall { receiver, method, args, .. } if receiver == at => {
                        if catalogue::method(&file[method]).puts() {
                            found.extend(file.list(args).next_back().map(|arg| used.with(arg)));
                        }
                    }
                    Expr::Assign { op: None, lhs, rhs } if lhs == at => found.push(used.with(rhs)),
                    Expr::Await(_) | Expr::Try(_) | Expr::Unary { .. } | Expr::Ref { .. } => {}
                    _ => break,
                }
                at = above;
            }
        }
        found
    }

    /// The value inside `Some(Arc::new(Mutex::new(value)))`; nothing for `None` and empty collections.
    fn content(&self, put: ExprRef) -> Option<ExprRef> {
        let file = self.file(put.file);
        match file[put.id] {
            Expr::Call { callee, args } => match self.callee(put.with(callee)) {
                Def::External(path) => {
                    let mut kinds = [Call::Holds, Call::Clones, Call::MakesEmpty].into_iter();
                    let keeps = kinds.any(|kind| catalogue::call_does(&path, kind));
                    match file.at(args, 0) {
                        Some(first) if keeps => self.content(put.with(first)),
                        None if keeps => None,
                        _ => Some(put),
                    }
                }
                _ => Some(put),
            },
            Expr::Path(path) if file.last_segment(path) == "None" => None,
            _ => Some(put),
        }
    }

    /// A method of a trait that is called on who knows what: the users of a library may implement it; of a trait
    /// that only the workspace can implement, all implementations are looked at.
    pub(super) fn trait_method_ending(&self, function: FnRef, call: &Value, asking: &Asking) -> Ending {
        let at = self.span(call.expr);
        if self.is_for_users(function) {
            return Ending::on_caller(OpenReason::UserMethod, at);
        }
        let found = self.kept(About::Implementations(function), asking, |asking| {
            self.implementations_ending(&self.dispatched(function), call, asking)
        });
        found.unwrap_or_else(|| Ending::unknown(OpenReason::TraitMethod, at))
    }

    /// What all of several functions take. `None` if that is not the same for each, or not known.
    fn implementations_ending(&self, bodies: &[FnRef], call: &Value, asking: &Asking) -> Option<Ending> {
        if bodies.iter().all(|body| self.function(*body).body.is_none()) {
            return None;
        }
        let lives_long = |kind: EndingKind| matches!(kind, EndingKind::Never | EndingKind::OnPeer(_)) || kind.is_open();
        let mut endings: Vec<Ending> = Vec::new();
        let mut one_lives_long = false;
        for body in bodies {
            let ending = self.body_ending(*body, None, call, asking);
            one_lives_long |= lives_long(ending.kind);
            endings.push(ending);
            // That one of them lives long does not show that this one does.
            if one_lives_long && endings.last().is_some_and(|last| last.kind != endings[0].kind) {
                return None;
            }
        }
        let is_one_kind = endings.iter().all(|ending| ending.kind == endings[0].kind);
        let waits = is_one_kind && endings.iter().all(|ending| !ending.waits.is_empty());
        // Which of them runs is not known: what one does not get past, another may.
        let worst = Ending { gates: Vec::new(), ..endings.into_iter().reduce(Ending::then)? };
        Some(if waits { worst } else { Ending { waits: Vec::new(), ..worst } })
    }

    /// What all implementations of a method take that is called without `.await`, if none of them comes back.
    pub(super) fn return_ending(&self, function: FnRef, asking: &Asking) -> Ending {
        if self.is_for_users(function) {
            return Ending::short();
        }
        let found = self.kept(About::Return(function), asking, |asking| {
            let mut never = None;
            for body in self.dispatched(function).iter().filter(|body| self.function(**body).body.is_some()) {
                let ending = self.kept_body(*body, None, asking);
                if ending.kind != EndingKind::Never {
                    return None;
                }
                never.get_or_insert(ending);
            }
            never
        });
        found.unwrap_or_else(Ending::short)
    }
}
