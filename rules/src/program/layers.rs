//! Tracing layers: which collections their callbacks fill, and which they empty again.

use super::{ExprRef, FnRef, ImplRef, Program, Type, Value, body::Origin, names::Def};
use crate::{
    apis::{self, WrapperKind},
    span::{FileId, Span},
    summary::{Expr, ExprId, FunctionId, Id, Owner},
};
use rustc_hash::FxHashSet;

/// How deep helpers of a callback are followed.
const MAX_DEPTH: u32 = 4;

/// Where a collection lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// In the extensions of the parent span (or of another span that is not the callback's own).
    ParentExtensions,
    /// In the extensions of the callback's own span.
    OwnExtensions,
    /// In a field of the layer, or of something that it holds.
    Layer,
    /// In a static.
    Static,
}

/// A collection that a layer fills.
#[derive(Debug, Clone)]
pub struct Growth {
    /// The `impl Layer` block.
    pub layer: ImplRef,
    /// Name of the layer's type.
    pub layer_name: String,
    /// The callback: `on_close`.
    pub callback: String,
    /// `.push(..)`, where a reader has to look.
    pub at: Span,
    /// The call in the callback that leads there, if it is in a helper.
    pub through: Option<Span>,
    /// How the collection reads: `parent.children`, `self.spans`.
    pub text: String,
    /// The field that is filled.
    pub field: Option<String>,
    /// Where it lives.
    pub home: Home,
    /// Where it is emptied, if it is only when the root span closes.
    pub only_at_root: Option<Span>,
    /// Whether `Span` values are what is stored, so that they never close.
    pub stores_spans: bool,
}

/// A touch of a collection: filled or emptied.
struct Touch {
    at: ExprRef,
    field: Option<String>,
    text: String,
    home: Home,
    callback: String,
    through: Option<Span>,
    kind: TouchKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TouchKind {
    Fills,
    Empties,
    Caps,
}

const CALLBACKS: &[&str] = &[
    "on_new_span",
    "on_record",
    "on_follows_from",
    "on_event",
    "on_enter",
    "on_exit",
    "on_close",
    "on_id_change",
    "new_span",
    "record",
    "event",
    "enter",
    "exit",
    "try_close",
    "on_start",
    "on_end",
    "on_span_start",
    "on_span_end",
    "record_debug",
    "record_str",
    "record_i64",
    "record_u64",
    "record_bool",
    "record_error",
];

impl Program {
    /// Collections that callbacks of tracing layers fill and that nothing empties.
    pub fn layer_growths(&self) -> Vec<Growth> {
        let mut found = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            if self.crates.files[at].is_test && !self.options.include_tests {
                continue;
            }
            for (index, block) in file.impls.iter().enumerate() {
                if (block.is_test && !self.options.include_tests) || !self.is_layer(id, block) {
                    continue;
                }
                self.growths_of(super::At::from_index(id, index), &mut found);
            }
        }
        found.sort_by_key(|growth| (growth.at, growth.callback.clone()));
        // `map.entry(k).or_default().push(v)` touches twice, and a collection that is filled in several
        // places is one defect.
        let mut told = FxHashSet::default();
        found.retain(|growth| {
            let is_new_place = told.insert((growth.layer, Some(growth.at.range.start), None));
            is_new_place && told.insert((growth.layer, None, Some((growth.field.clone(), growth.home.clone()))))
        });
        found
    }

    fn is_layer(&self, id: FileId, block: &crate::summary::Impl) -> bool {
        let Some(path) = block.trait_path else { return false };
        let file = self.file(id);
        let name = file.last_segment(path);
        if !matches!(name, "Layer" | "Subscriber" | "SpanProcessor" | "Collect" | "Subscribe" | "Visit") {
            return false;
        }
        match self.view().resolve_path(id, block.module, path) {
            // A trait of that name of the workspace's own is another thing.
            Def::Type(_) | Def::Module(_) | Def::Fn(_) | Def::Const(_) | Def::Variant(..) => false,
            Def::External(path) => path.starts_with("tracing") || path.starts_with("opentelemetry"),
            Def::Unknown => name == "SpanProcessor",
        }
    }

    fn growths_of(&self, layer: ImplRef, found: &mut Vec<Growth>) {
        let file = self.file(layer.file);
        let mut touches = Vec::new();
        for (index, function) in file.functions.iter().enumerate() {
            let is_callback = function.owner == Owner::Impl(layer.id) && CALLBACKS.contains(&&file[function.name]);
            if let (true, Some(body)) = (is_callback, function.body) {
                let function: FnRef = layer.with(FunctionId::from_index(index));
                let mut scan = Scan::new(self, self.function_name(function).to_owned(), &mut touches);
                scan.seen.insert(function);
                scan.run(&Value::bare(function.with(body)), 0);
            }
        }
        let is_visitor = file[layer.id].trait_path.is_some_and(|path| file.last_segment(path) == "Visit");
        let name = match self.names.impl_type(layer) {
            Def::Type(item) => self.file(item.file)[self.file(item.file)[item.id].name].to_owned(),
            _ => "the layer".to_owned(),
        };
        for touch in touches.iter().filter(|touch| touch.kind == TouchKind::Fills) {
            let same = |other: &&Touch| other.field == touch.field && other.home_matches(touch);
            if touches.iter().any(|other| same(&other) && other.kind == TouchKind::Caps) {
                continue;
            }
            let mut only_at_root = None;
            let mut emptied = false;
            for other in touches.iter().filter(|other| other.kind == TouchKind::Empties).filter(same) {
                match self.only_at_root(other.at) {
                    Some(at) => only_at_root = Some(at),
                    None => emptied = true,
                }
            }
            // What a span's own extensions hold goes with the span, and what a visitor holds with the visit.
            let is_brief = is_visitor && touch.home != Home::Static && !self.is_lent_by_layer(layer, touch);
            if emptied || touch.home == Home::OwnExtensions || is_brief {
                continue;
            }
            let stores_spans = self.stores_span(touch.at);
            found.push(Growth {
                layer,
                layer_name: name.clone(),
                callback: touch.callback.clone(),
                at: self.span(touch.at),
                through: touch.through,
                text: touch.text.clone(),
                field: touch.field.clone(),
                home: touch.home.clone(),
                only_at_root,
                stores_spans,
            });
        }
    }

    /// Whether what a visitor fills was lent to it by a layer: `Visitor { values: &mut self.values.lock() }`.
    fn is_lent_by_layer(&self, visitor: ImplRef, touch: &Touch) -> bool {
        let (Def::Type(item), Some(field)) = (self.names.impl_type(visitor), &touch.field) else { return false };
        self.inits_of(item, field).into_iter().any(|init| {
            let Some(function) = self.enclosing_fn(init) else { return false };
            let Owner::Impl(block) = self.function(function).owner else { return false };
            if !self.is_layer(function.file, &self.file(function.file)[block]) {
                return false;
            }
            let mut touches = Vec::new();
            let scan = Scan::new(self, String::new(), &mut touches);
            matches!(scan.home(&Value::bare(init), 0), Some((Home::Layer | Home::Static | Home::ParentExtensions, ..)))
        })
    }

    /// The condition under which a collection is emptied, if it is that the span has no parent.
    fn only_at_root(&self, at: ExprRef) -> Option<Span> {
        let file = self.file(at.file);
        let parents = self.parents(at.file);
        let mut child = at.id;
        for above in parents.ancestors(at.id) {
            match file[above] {
                Expr::If { cond, otherwise, .. } if cond != child => {
                    let text = self.condition_words(at.with(cond));
                    let negated = otherwise == Some(child);
                    let is_root = (text.contains("parent")
                        && (text.contains("is_none") || (negated && text.contains("Some"))))
                        || text.contains("is_root");
                    if is_root {
                        return Some(self.span(at.with(cond)));
                    }
                }
                Expr::Match { scrutinee, arms } if scrutinee != child => {
                    let text = self.condition_words(at.with(scrutinee));
                    let arm = file.list(arms).map(|arm| file[arm]).find(|arm| arm.body == child);
                    let is_none = arm.is_some_and(|arm| match file[arm.pat] {
                        crate::summary::Pat::Bind { name, .. } => &file[name] == "None",
                        crate::summary::Pat::Path(path) => file.last_segment(path) == "None",
                        crate::summary::Pat::Wild => true,
                        _ => false,
                    });
                    if text.contains("parent") && is_none {
                        return Some(self.span(at.with(scrutinee)));
                    }
                }
                _ => {}
            }
            child = above;
        }
        None
    }

    /// All names and methods in a condition.
    fn condition_words(&self, cond: ExprRef) -> String {
        let file = self.file(cond.file);
        let mut words = String::new();
        self.walk(cond, &mut |_, kind| {
            match kind {
                Expr::MethodCall { method, .. } => words.push_str(&file[method]),
                Expr::Path(path) => words.push_str(&file.path_text(path)),
                Expr::Field { name, .. } => words.push_str(&file[name]),
                Expr::Let { pat, .. } => {
                    if let crate::summary::Pat::TupleStruct { path, .. } = file[pat] {
                        words.push_str(file.last_segment(path));
                    }
                }
                _ => {}
            }
            words.push(' ');
            true
        });
        words
    }

    fn stores_span(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        let Expr::MethodCall { args, .. } = file[call.id] else { return false };
        let args: Vec<ExprId> = file.list(args).collect();
        args.into_iter().any(|arg| {
            let ty = self.type_of(&Value::bare(call.with(arg)));
            matches!(ty.external(), Some("tracing::Span" | "tracing::span::Span" | "tracing::span::EnteredSpan"))
        })
    }
}

impl Touch {
    fn home_matches(&self, other: &Touch) -> bool {
        // The parent's list in one callback is the own list in another.
        let in_extensions = |home: &Home| matches!(home, Home::ParentExtensions | Home::OwnExtensions);
        self.home == other.home || (in_extensions(&self.home) && in_extensions(&other.home))
    }
}

struct Scan<'a, 'b> {
    program: &'a Program,
    callback: String,
    through: Option<Span>,
    seen: FxHashSet<FnRef>,
    touches: &'b mut Vec<Touch>,
}

impl<'a, 'b> Scan<'a, 'b> {
    fn new(program: &'a Program, callback: String, touches: &'b mut Vec<Touch>) -> Scan<'a, 'b> {
        Scan { program, callback, through: None, seen: FxHashSet::default(), touches }
    }

    fn run(&mut self, value: &Value, depth: u32) {
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
            self.follow(&call, depth);
        }
    }

    fn follow(&mut self, call: &Value, depth: u32) {
        let program = self.program;
        let Some(function) = program.called_fn(call) else { return };
        let Some(body) = program.function(function).body else { return };
        if depth >= MAX_DEPTH || !self.seen.insert(function) {
            return;
        }
        let frame = program.enter(call, function);
        let outer = self.through;
        self.through.get_or_insert(program.span(call.expr));
        self.run(&Value { expr: function.with(body), frame }, depth + 1);
        self.through = outer;
        self.seen.remove(&function);
    }

    fn touch(&mut self, call: &Value) {
        let program = self.program;
        let file = program.file(call.expr.file);
        let Expr::MethodCall { receiver, method, args, .. } = program.expr(call) else { return };
        let method = &file[method];
        let kind = match (method, args.len) {
            ("push" | "push_back" | "push_front" | "extend" | "append" | "add", 1) | ("insert", 1 | 2) => {
                TouchKind::Fills
            }
            ("entry", 1) => TouchKind::Fills,
            (
                "remove" | "remove_entry" | "swap_remove" | "shift_remove" | "drain" | "clear" | "pop" | "pop_front"
                | "pop_back" | "retain" | "take" | "split_off" | "pop_first" | "pop_last" | "evict" | "remove_if",
                _,
            ) => TouchKind::Empties,
            ("truncate" | "resize" | "trim" | "shrink_to" | "len", _) => TouchKind::Caps,
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
        let Some((home, field, text)) = self.home(&base, 0) else { return };
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
            Some(path) if apis::wrapper_kind(path) == Some(WrapperKind::Many) => true,
            Some("std::string::String") => false,
            Some(path) => {
                let name = path.rsplit("::").next().unwrap_or(path);
                let bounded =
                    ["Lru", "Array", "Ring", "Circular", "Bounded", "Heapless", "Extensions", "Counter", "Histogram"];
                !bounded.iter().any(|word| name.contains(word)) && method != "add" && name != "HashSet"
                    || matches!(name, "SegQueue" | "Slab")
            }
            None if here.item().is_some() => false,
            // Nothing is known: only what is reached through a field or the extensions counts.
            None => matches!(method, "push" | "push_back") && !self.is_extensions(base),
        }
    }

    fn is_extensions(&self, base: &Value) -> bool {
        let program = self.program;
        let origin = program.origin(base);
        program.call_name(origin.expr).is_some_and(|name| name == "extensions_mut" || name == "extensions")
    }

    fn is_compared(&self, call: ExprRef) -> bool {
        let file = self.program.file(call.file);
        let parent = self.program.parents(call.file).parent(call.id);
        parent.is_some_and(|at| matches!(file[at], Expr::Binary { .. }))
    }

    /// Where the collection behind an expression lives, its field, and how it reads.
    fn home(&self, value: &Value, depth: u32) -> Option<(Home, Option<String>, String)> {
        if depth > 24 {
            return None;
        }
        let program = self.program;
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::Field { base, name } => {
                let field = file[name].to_owned();
                let (home, _, below) = self.home(&value.at(base), depth + 1)?;
                Some((home, Some(field.clone()), format!("{below}.{field}")))
            }
            Expr::MethodCall { receiver, method, args, .. } => match &file[method] {
                // `span.extensions_mut().get_mut::<Children>()`
                "extensions_mut" | "extensions" => {
                    let home = if self.is_foreign_span(&value.at(receiver), 0) {
                        Home::ParentExtensions
                    } else {
                        Home::OwnExtensions
                    };
                    let text = program.text_of(value.expr.with(receiver));
                    Some((home, None, text))
                }
                // The clone of a shared pointer is the same collection; that of a collection is another one.
                "clone" if !program.type_of(&value.at(receiver)).is("std::sync::Arc") => None,
                "clone" => self.home(&value.at(receiver), depth + 1),
                // Methods that give what is inside, or a view of it. Any other makes something new.
                "get"
                | "get_mut"
                | "lock"
                | "read"
                | "write"
                | "borrow"
                | "borrow_mut"
                | "try_lock"
                | "unwrap"
                | "expect"
                | "as_ref"
                | "as_mut"
                | "as_deref_mut"
                | "as_deref"
                | "entry"
                | "or_default"
                | "or_insert"
                | "or_insert_with"
                | "get_or_insert_with"
                | "get_or_insert"
                | "get_or_insert_default"
                | "iter_mut"
                | "values_mut"
                | "last_mut"
                | "first_mut"
                | "deref"
                | "deref_mut"
                | "unwrap_or_else"
                | "unwrap_or_default"
                | "map"
                | "and_then"
                | "ok"
                | "get_or_default"
                | "by_ref"
                | "load"
                | "pin"
                | "shard" => {
                    let _ = args;
                    self.home(&value.at(receiver), depth + 1)
                }
                _ => match program.called_fn(value) {
                    // An accessor of the workspace: `self.spans()`.
                    Some(function) if program.function(function).self_param.is_some_and(|param| param.is_ref) => {
                        self.home(&value.at(receiver), depth + 1)
                    }
                    _ => None,
                },
            },
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } | Expr::Unary { expr: inner, .. } => {
                self.home(&value.at(inner), depth + 1)
            }
            Expr::Index { base, .. } => self.home(&value.at(base), depth + 1),
            Expr::Macro(_) | Expr::Block { .. } => {
                let origin = program.origin(value);
                (origin.expr != value.expr).then(|| self.home(&origin, depth + 1)).flatten()
            }
            Expr::Path(path) => match program.local(value.expr) {
                Some((_, binding)) => match binding.origin {
                    Origin::SelfParam => match program.passed(value, binding.root) {
                        Some(passed) => self.home(&passed, depth + 1),
                        None => Some((Home::Layer, None, "self".to_owned())),
                    },
                    Origin::Value(init) if init < value.expr.id => {
                        let (home, field, _) = self.home(&value.at(init), depth + 1)?;
                        let (_, name) =
                            program.local(value.expr).map(|(pat, binding)| (pat, file[binding.name].to_owned()))?;
                        Some((home, field, name))
                    }
                    Origin::Element(iter) => self.home(&value.at(iter), depth + 1),
                    Origin::Param(_) => {
                        let passed = program.passed(value, binding.root)?;
                        self.home(&passed, depth + 1)
                    }
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

    /// Whether a span reference is that of another span than the callback's own: a parent, an ancestor.
    fn is_foreign_span(&self, value: &Value, depth: u32) -> bool {
        if depth > 16 {
            return false;
        }
        let program = self.program;
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                // The explicit parent of an event is the event's own span.
                "parent" => !program.type_of(&value.at(receiver)).pointee().is("tracing::Event"),
                "scope" | "span_scope" | "event_scope" | "from_root" => true,
                _ => self.is_foreign_span(&value.at(receiver), depth + 1) || self.arg_is_parent(value),
            },
            Expr::Call { .. } => self.arg_is_parent(value),
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } => {
                self.is_foreign_span(&value.at(inner), depth + 1)
            }
            Expr::Path(_) => match program.local(value.expr).map(|(_, binding)| binding) {
                Some(binding) => match binding.origin {
                    Origin::Value(init) | Origin::Element(init) if init < value.expr.id => {
                        self.is_foreign_span(&value.at(init), depth + 1)
                    }
                    Origin::Param(_) | Origin::SelfParam => program
                        .passed(value, binding.root)
                        .is_some_and(|passed| self.is_foreign_span(&passed, depth + 1)),
                    Origin::ClosureParam(closure, _) => {
                        // `ctx.span(id).and_then(|span| span.parent()).map(|parent| ..)`
                        let call = program.parents(value.expr.file).parent(closure);
                        call.is_some_and(|call| match file[call] {
                            Expr::MethodCall { receiver, .. } => self.is_foreign_span(&value.at(receiver), depth + 1),
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
                    let of_event = program.type_of(&origin.at(receiver)).pointee().is("tracing::Event");
                    found |= &program.file(origin.expr.file)[method] == "parent" && !of_event;
                }
                !found
            });
            found
        })
    }
}

/// Whether a map's key is a borrowed text: a name in the program, of which there are finitely many.
fn is_keyed_by_text(ty: &Type) -> bool {
    match peel_cells(ty) {
        Type::External(path, args) => path.ends_with("Map") && args.first().is_some_and(|key| key.is("std::str")),
        _ => false,
    }
}

fn peel_cells(ty: &Type) -> Type {
    let mut here = ty.pointee();
    while matches!(
        here.external().and_then(apis::wrapper_kind),
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
