//! Tracing layers: which collections their callbacks fill, and which they empty again.

mod fed;
mod scan;

use scan::Scan;

use super::{Def, ExprRef, FnRef, ImplRef, Program, Value};
use crate::{
    catalogue,
    facts::{Expr, ExprId, FunctionId, Id, Owner},
    span::{FileId, Span},
};
use rustc_hash::FxHashSet;

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
    /// The call that fills it.
    pub filled: ExprRef,
    /// `get(..)` on it, in what runs when a span closes.
    pub read_at_close: Option<ExprRef>,
    /// The call in the callback that leads there, if it is in a helper.
    pub through: Option<Span>,
    /// Where the callback sends what leads there, if the collection is somebody else's.
    pub sent: Option<Span>,
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
    /// Looks something up by its key.
    Reads,
}

impl Program {
    /// Collections that callbacks of tracing layers fill and that nothing empties.
    pub fn layer_growths(&self) -> Vec<Growth> {
        let (mut found, mut layers) = (Vec::new(), Vec::new());
        for (at, file) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            if self.crates.files[at].is_test && !self.options.include_tests {
                continue;
            }
            for (index, block) in file.impls.iter().enumerate() {
                if block.is_test && !self.options.include_tests {
                    continue;
                }
                self.ask(None, || {
                    if self.is_layer(id, block) {
                        layers.push(super::At::from_index(id, index));
                        self.growths_of(super::At::from_index(id, index), &mut found);
                    }
                });
            }
        }
        self.fed_growths(&layers, &mut found);
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

    fn is_layer(&self, id: FileId, block: &crate::facts::Impl) -> bool {
        let Some(path) = block.trait_path else { return false };
        let file = self.file(id);
        let name = file.last_segment(path);
        if !catalogue::is_layer_trait(name) {
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
            let is_callback =
                function.owner == Owner::Impl(layer.id) && catalogue::is_layer_callback(&file[function.name]);
            if let (true, Some(body)) = (is_callback, function.body) {
                let function: FnRef = layer.with(FunctionId::from_index(index));
                let mut scan = Scan::new(self, self.function_name(function).to_owned(), &mut touches);
                scan.run(&Value::bare(function.with(body)));
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
            let mut reads = touches.iter().filter(|it| it.kind == TouchKind::Reads && it.callback == "on_close");
            let read_at_close = reads.find(same).map(|it| it.at);
            found.push(Growth {
                layer,
                layer_name: name.clone(),
                callback: touch.callback.clone(),
                at: self.span(touch.at),
                filled: touch.at,
                read_at_close,
                through: touch.through,
                sent: None,
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
            matches!(scan.home(&Value::bare(init)), Some((Home::Layer | Home::Static | Home::ParentExtensions, ..)))
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
                        crate::facts::Pat::Bind { name, .. } => &file[name] == "None",
                        crate::facts::Pat::Path(path) => file.last_segment(path) == "None",
                        crate::facts::Pat::Wild => true,
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
                    if let crate::facts::Pat::TupleStruct { path, .. } = file[pat] {
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
            ty.external().is_some_and(catalogue::is_span)
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
