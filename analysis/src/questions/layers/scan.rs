//! One callback with its helpers: which collections it touches, and where they live.

use super::{Home, Touch, TouchKind};
use crate::{
    catalogue::{self, Does, Method, WrapperKind},
    facts::{Expr, ExprId},
    questions::{Def, ExprRef, FnRef, Origin, Program, Type, Value},
    span::Span,
};
use rustc_hash::FxHashSet;

pub(super) struct Scan<'a, 'b> {
    program: &'a Program,
    callback: String,
    through: Option<Span>,
    /// Functions that were gone into, each with the frame.
    seen: FxHashSet<(FnRef, Option<u32>)>,
    touches: &'b mut Vec<Touch>,
    /// Whether it is not the layer, but what gets its messages.
    is_aggregator: bool,
}

impl<'a, 'b> Scan<'a, 'b> {
    pub(super) fn new(program: &'a Program, callback: String, touches: &'b mut Vec<Touch>) -> Scan<'a, 'b> {
        Scan { program, callback, through: None, seen: FxHashSet::default(), touches, is_aggregator: false }
    }

    /// Of the code that gets what a layer sends.
    pub(super) fn of_aggregator(program: &'a Program, callback: String, touches: &'b mut Vec<Touch>) -> Scan<'a, 'b> {
        Scan { is_aggregator: true, ..Scan::new(program, callback, touches) }
    }

    pub(super) fn run(&mut self, value: &Value) {
        let program = self.program;
        let mut calls = Vec::new();
        program.walk(value.expr, &mut |expr, kind| {
            if matches!(kind, Expr::MethodCall { .. } | Expr::Call { .. }) {
                calls.push(expr);
            }
            true
        });
        for call in calls {
            let call = Value { expr: call, frame: value.frame.clone() };
            self.touch(&call);
            self.follow(&call);
        }
    }

    fn follow(&mut self, call: &Value) {
        let program = self.program;
        let Some(function) = program.called_fn(call) else { return };
        let Some(body) = program.function(function).body else { return };
        let frame = program.enter(call, function);
        if !self.seen.insert((function, frame.as_ref().map(|frame| frame.id))) {
            return;
        }
        let outer = self.through;
        self.through.get_or_insert(program.span(call.expr));
        self.run(&Value { expr: function.with(body), frame });
        self.through = outer;
    }

    fn touch(&mut self, call: &Value) {
        let program = self.program;
        let file = program.file(call.expr.file);
        let Expr::MethodCall { receiver, method, args, .. } = program.expr(call) else { return };
        let method = &file[method];
        let known = catalogue::method(method);
        let kind = match args.len {
            1 if known.does_any(&[Does::Appends, Does::Extends, Does::Adds, Does::Enters]) => TouchKind::Fills,
            1 | 2 if method == "insert" => TouchKind::Fills,
            _ if known.takes_out() || method == "drain" => TouchKind::Empties,
            1 if method == "get" => TouchKind::Reads,
            _ if known.does(Does::Caps) => TouchKind::Caps,
            _ => return,
        };
        // The workspace's own `add`, `insert`, .. are followed into instead.
        if program.called_fn(call).is_some() {
            return;
        }
        let base = call.at(receiver);
        let ty = program.type_of(&base);
        if kind == TouchKind::Fills && (!self.is_growing(&ty, method, &base) || is_keyed_by_text(&ty)) {
            return;
        }
        if kind == TouchKind::Caps && method == "len" && !self.is_compared(call.expr) {
            return;
        }
        let Some((home, field, text)) = self.home(&base) else { return };
        self.touches.push(Touch {
            at: call.expr,
            field,
            text,
            home,
            callback: self.callback.clone(),
            through: self.through,
            kind,
        });
    }

    /// Whether a method of that name on that type makes a collection larger: not an `Extensions`,
    /// a fixed-size or bounded container, a string, or a number.
    fn is_growing(&self, ty: &Type, method: &str, base: &Value) -> bool {
        let here = peel_cells(ty);
        match here.external() {
            Some(path) if catalogue::wrapper_kind(path) == Some(WrapperKind::Many) => true,
            Some("std::string::String") => false,
            Some(path) => {
                let name = path.rsplit("::").next().unwrap_or(path);
                !catalogue::is_bounded_collection(name) && method != "add" && name != "HashSet"
                    || catalogue::is_growing_collection(name)
            }
            None if here.item().is_some() => self.is_aggregator && catalogue::method(method).does(Does::Appends),
            // Nothing is known: only what is reached through a field or the extensions counts.
            None => catalogue::method(method).does(Does::Appends) && !self.is_extensions(base),
        }
    }

    fn is_extensions(&self, base: &Value) -> bool {
        let program = self.program;
        let origin = program.origin(base);
        program.call_name(origin.expr).is_some_and(|name| catalogue::method(&name).does(Does::Extensions))
    }

    fn is_compared(&self, call: ExprRef) -> bool {
        let file = self.program.file(call.file);
        let parent = self.program.parents(call.file).parent(call.id);
        parent.is_some_and(|at| matches!(file[at], Expr::Binary { .. }))
    }

    /// Where the collection behind an expression lives, its field, and how it reads.
    pub(super) fn home(&self, value: &Value) -> Option<(Home, Option<String>, String)> {
        let program = self.program;
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::Field { base, name } => {
                let field = file[name].to_owned();
                let (home, _, below) = self.home(&value.at(base))?;
                Some((home, Some(field.clone()), format!("{below}.{field}")))
            }
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                // `span.extensions_mut().get_mut::<Children>()`
                method if catalogue::method(method).does(Does::Extensions) => {
                    let home = if self.is_foreign_span(&value.at(receiver)) {
                        Home::ParentExtensions
                    } else {
                        Home::OwnExtensions
                    };
                    let text = program.text_of(value.expr.with(receiver));
                    Some((home, None, text))
                }
                // The clone of a shared pointer is the same collection; that of a collection is another one.
                "clone" if !program.type_of(&value.at(receiver)).is("std::sync::Arc") => None,
                "clone" => self.home(&value.at(receiver)),
                // Methods that give what is inside, or a view of it. Any other makes something new.
                method if gives_part(catalogue::method(method)) => self.home(&value.at(receiver)),
                _ => match program.called_fn(value) {
                    // An accessor of the workspace: `self.spans()`.
                    Some(function) if program.function(function).self_param.is_some_and(|param| param.is_ref) => {
                        self.home(&value.at(receiver))
                    }
                    _ => None,
                },
            },
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } | Expr::Unary { expr: inner, .. } => {
                self.home(&value.at(inner))
            }
            Expr::Index { base, .. } => self.home(&value.at(base)),
            Expr::Macro(_) | Expr::Block { .. } => {
                let origin = program.origin(value);
                (origin.expr != value.expr).then(|| self.home(&origin)).flatten()
            }
            Expr::Path(path) => match program.local(value.expr) {
                Some((_, binding)) => match binding.origin {
                    Origin::SelfParam => match program.passed(value, binding.root) {
                        Some(passed) => self.home(&passed),
                        None => Some((Home::Layer, None, "self".to_owned())),
                    },
                    Origin::Value(init) if init < value.expr.id => {
                        let name = file[binding.name].to_owned();
                        match self.home(&value.at(init)) {
                            Some((home, field, _)) => Some((home, field, name)),
                            None => self.aggregator(value, name),
                        }
                    }
                    Origin::Element(iter) => self.home(&value.at(iter)),
                    Origin::Param(_) => match program.passed(value, binding.root) {
                        Some(passed) => self.home(&passed),
                        None => self.aggregator(value, file[binding.name].to_owned()),
                    },
                    _ => None,
                },
                None => {
                    let place = program.place(value.expr)?;
                    match program.resolve_in(value.expr.file, place, path) {
                        Def::Const(item) if program.file(item.file).consts[item.index as usize].is_static => {
                            Some((Home::Static, Some(file.path_text(path)), file.path_text(path)))
                        }
                        _ => None,
                    }
                }
            },
            _ => None,
        }
    }

    /// A struct of the workspace that has a name where the messages are taken.
    fn aggregator(&self, value: &Value, name: String) -> Option<(Home, Option<String>, String)> {
        let is_struct = self.is_aggregator && peel_cells(&self.program.type_of(value)).item().is_some();
        is_struct.then_some((Home::Layer, None, name))
    }

    /// Whether a span reference is that of another span than the callback's own: a parent, an ancestor.
    fn is_foreign_span(&self, value: &Value) -> bool {
        let program = self.program;
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                // The explicit parent of an event is the event's own span.
                "parent" => !is_event(&program.type_of(&value.at(receiver))),
                method if catalogue::method(method).does(Does::OtherSpans) => true,
                _ => self.is_foreign_span(&value.at(receiver)) || self.arg_is_parent(value),
            },
            Expr::Call { .. } => self.arg_is_parent(value),
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } => {
                self.is_foreign_span(&value.at(inner))
            }
            Expr::Path(_) => match program.local(value.expr).map(|(_, binding)| binding) {
                Some(binding) => match binding.origin {
                    Origin::Value(init) | Origin::Element(init) if init < value.expr.id => {
                        self.is_foreign_span(&value.at(init))
                    }
                    Origin::Param(_) | Origin::SelfParam => {
                        program.passed(value, binding.root).is_some_and(|passed| self.is_foreign_span(&passed))
                    }
                    Origin::ClosureParam(closure, _) => {
                        // `ctx.span(id).and_then(|span| span.parent()).map(|parent| ..)`
                        let call = program.parents(value.expr.file).parent(closure);
                        call.is_some_and(|call| match file[call] {
                            Expr::MethodCall { receiver, .. } => self.is_foreign_span(&value.at(receiver)),
                            _ => false,
                        })
                    }
                    _ => false,
                },
                None => false,
            },
            _ => false,
        }
    }

    /// `ctx.span(parent_id)`, `ctx.span(attrs.parent()?)`.
    fn arg_is_parent(&self, call: &Value) -> bool {
        let program = self.program;
        let file = program.file(call.expr.file);
        let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = program.expr(call) else { return false };
        let args: Vec<ExprId> = file.list(args).collect();
        args.into_iter().any(|arg| {
            let origin = program.origin(&call.at(arg));
            let mut found = false;
            program.walk(origin.expr, &mut |_, kind| {
                if let Expr::MethodCall { receiver, method, .. } = kind {
                    let of_event = is_event(&program.type_of(&origin.at(receiver)));
                    found |= &program.file(origin.expr.file)[method] == "parent" && !of_event;
                }
                !found
            });
            found
        })
    }
}

/// Whether a method gives what is inside, or a view of it.
fn gives_part(method: Method) -> bool {
    const PARTS: &[Does] = &[
        Does::Enters,
        Does::Ensures,
        Does::EnsuresBy,
        Does::Finds,
        Does::Lends,
        Does::Reaches,
        Does::Loads,
        Does::Oks,
        Does::Defaults,
        Does::OpensOption,
    ];
    method.sees_through() || method.does_any(PARTS)
}

/// Whether a type is tracing's event: its explicit parent is the span that it belongs to.
fn is_event(ty: &Type) -> bool {
    ty.pointee().external().is_some_and(|path| path.starts_with("tracing") && path.ends_with("::Event"))
}

/// Whether a map's key is a borrowed text: a name in the program, of which there are finitely many.
fn is_keyed_by_text(ty: &Type) -> bool {
    match peel_cells(ty) {
        Type::External(path, args) => path.ends_with("Map") && args.first().is_some_and(|key| key.is("std::str")),
        _ => false,
    }
}

/// Whether a type may be that of a span's id: tracing's own, or a number.
pub(super) fn may_be_span_id(key: &Type) -> bool {
    match key.pointee() {
        Type::External(path, _) => path.starts_with("tracing") && path.ends_with("::Id") || &*path == "std::primitive",
        _ => false,
    }
}

pub(super) fn peel_cells(ty: &Type) -> Type {
    let mut here = ty.pointee();
    while matches!(
        here.external().and_then(catalogue::wrapper_kind),
        Some(WrapperKind::Cell | WrapperKind::Maybe | WrapperKind::Pointer)
    ) {
        here = match &here {
            Type::External(path, args) if &**path == "std::result::Result" => {
                args.first().cloned().unwrap_or(Type::Unknown)
            }
            Type::External(_, args) => args.last().cloned().unwrap_or(Type::Unknown),
            _ => Type::Unknown,
        };
    }
    here
}
