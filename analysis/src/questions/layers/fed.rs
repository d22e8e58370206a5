//! Aggregators: what a layer's callbacks send through a channel is collected by somebody else.
//!
//! The messages are variants of an enum of the workspace; whoever matches on them does what the callback asked for. What
//! grows there for each span or event has to be emptied somewhere: no use of its field in the workspace may show that.

use super::{
    Growth, Home, Scan, Touch, TouchKind,
    scan::{may_be_span_id, peel_cells},
};
use crate::{
    catalogue::{self, Does, WrapperKind},
    facts::{ArmId, BinaryOp, Expr, FunctionId, Id, Owner, Pat, PatId},
    questions::{Def, ExprRef, FnRef, ImplRef, Program, Type, TypeRef, Value},
    span::{FileId, Span},
};
use rustc_hash::FxHashSet;

/// A message that a callback makes.
struct Message {
    owner: TypeRef,
    variant: String,
    layer: ImplRef,
    callback: String,
    made_at: Span,
}

/// What is gone through from a callback on.
struct Way<'a> {
    layer: ImplRef,
    callback: &'a str,
    /// What goes through channels.
    sent: &'a FxHashSet<TypeRef>,
    seen: FxHashSet<FnRef>,
}

impl Program {
    /// Collections that grow with what the callbacks of layers send, and that nothing empties.
    pub(super) fn fed_growths(&self, layers: &[ImplRef], found: &mut Vec<Growth>) {
        if layers.is_empty() {
            return;
        }
        let sent = self.sent_through_channels();
        let mut messages: Vec<Message> = Vec::new();
        for layer in layers {
            self.messages_of(*layer, &sent, &mut messages);
        }
        for (at, file) in self.files.iter().enumerate().filter(|_| !messages.is_empty()) {
            let id = FileId(at as u32);
            if self.crates.files[at].is_test && !self.options.include_tests {
                continue;
            }
            for index in 0..file.exprs.len() {
                let expr = ExprRef::from_index(id, index);
                let Expr::Match { arms, .. } = file[expr.id] else { continue };
                if self.in_test(expr) && !self.options.include_tests {
                    continue;
                }
                let arms: Vec<ArmId> = file.list(arms).collect();
                for arm in arms {
                    let message = self.message_in(expr, file[arm].pat, &messages);
                    if let Some(message) = message {
                        self.ask(None, || self.collected_by(expr.with(file[arm].body), message, found));
                    }
                }
            }
        }
    }

    /// The types of the workspace for which a field holds the half of a channel.
    fn sent_through_channels(&self) -> FxHashSet<TypeRef> {
        let mut found = FxHashSet::default();
        for (at, file) in self.files.iter().enumerate() {
            for index in 0..file.types.len() {
                let owner = TypeRef::from_index(FileId(at as u32), index);
                for field in &file.types[index].fields {
                    if let Type::External(path, args) = peel_cells(&self.declared_type(owner, field))
                        && (catalogue::is_sender(&path) || catalogue::is_receiver(&path))
                    {
                        found.extend(args.first().and_then(Type::item));
                    }
                }
            }
        }
        found
    }

    /// What the callbacks of a layer send.
    fn messages_of(&self, layer: ImplRef, sent: &FxHashSet<TypeRef>, found: &mut Vec<Message>) {
        let file = self.file(layer.file);
        for (index, function) in file.functions.iter().enumerate() {
            let is_callback =
                function.owner == Owner::Impl(layer.id) && catalogue::is_layer_callback(&file[function.name]);
            if let (true, Some(body)) = (is_callback, function.body) {
                let function: FnRef = layer.with(FunctionId::from_index(index));
                let callback = self.function_name(function).to_owned();
                let body = Value::bare(function.with(body));
                let mut way = Way { layer, callback: &callback, sent, seen: FxHashSet::default() };
                self.ask(None, || self.messages_below(&body, &mut way, found));
            }
        }
    }

    /// What is made there, and in the functions that are called.
    fn messages_below(&self, body: &Value, way: &mut Way<'_>, found: &mut Vec<Message>) {
        let (mut calls, mut made) = (Vec::new(), Vec::new());
        self.walk(body.expr, &mut |expr, kind| {
            match kind {
                Expr::MethodCall { .. } => calls.push(expr),
                Expr::Call { .. } => {
                    calls.push(expr);
                    made.push(expr);
                }
                Expr::Struct { .. } | Expr::Path(_) => made.push(expr),
                _ => {}
            }
            true
        });
        for expr in made {
            if let Some((owner, variant)) = self.variant_made(expr)
                && way.sent.contains(&owner)
            {
                let made_at = self.span(expr);
                let callback = way.callback.to_owned();
                found.push(Message { owner, variant, layer: way.layer, callback, made_at });
            }
        }
        for call in calls {
            let call = Value { expr: call, frame: body.frame.clone() };
            if let Some(function) = self.called_fn(&call)
                && let Some(inner) = self.function(function).body
                && way.seen.insert(function)
            {
                self.messages_below(&Value::bare(function.with(inner)), way, found);
            }
        }
    }

    /// The variant that an expression makes.
    fn variant_made(&self, made: ExprRef) -> Option<(TypeRef, String)> {
        let file = self.file(made.file);
        let path = match file[made.id] {
            Expr::Struct { path, .. } | Expr::Path(path) => path,
            Expr::Call { callee, .. } if let Expr::Path(path) = file[callee] => path,
            _ => return None,
        };
        let meaning = self.resolve_in(made.file, self.place(made)?, path);
        match meaning {
            Def::Variant(owner, variant) => Some((owner, variant.to_string())),
            _ => None,
        }
    }

    /// The message that a pattern takes: `Event::Spawn { .. }`, `Ok(Command::New(..))`.
    fn message_in<'a>(&self, of: ExprRef, pat: PatId, messages: &'a [Message]) -> Option<&'a Message> {
        let file = self.file(of.file);
        let path = match file[pat] {
            Pat::Struct { path, .. } | Pat::Path(path) => path,
            Pat::TupleStruct { path, pats } => {
                if catalogue::variant(file.last_segment(path)).is_some_and(catalogue::Variant::is_success) {
                    return self.message_in(of, file.at(pats, 0)?, messages);
                }
                path
            }
            _ => return None,
        };
        let name = file.last_segment(path);
        let mut named = messages.iter().filter(|message| message.variant == name).peekable();
        named.peek()?;
        match self.resolve_in(of.file, self.place(of)?, path) {
            Def::Variant(owner, _) => named.find(|message| message.owner == owner),
            _ => None,
        }
    }

    /// What the code that a message leads to collects.
    fn collected_by(&self, code: ExprRef, message: &Message, found: &mut Vec<Growth>) {
        let mut touches = Vec::new();
        Scan::of_aggregator(self, message.callback.clone(), &mut touches).run(&Value::bare(code));
        for touch in touches.iter().filter(|touch| touch.kind == TouchKind::Fills && touch.home == Home::Layer) {
            let Some((owner, field)) = self.filled_field(touch) else { continue };
            if !self.grows_by_span(touch, owner, &field) || !self.only_grows(owner, &field) {
                continue;
            }
            let layer_name = self.file(owner.file)[self.file(owner.file)[owner.id].name].to_owned();
            found.push(Growth {
                layer: message.layer,
                layer_name,
                callback: message.callback.clone(),
                at: touch.through.unwrap_or_else(|| self.span(touch.at)),
                filled: touch.at,
                read_at_close: None,
                through: touch.through.map(|_| self.span(touch.at)),
                sent: Some(message.made_at),
                text: touch.text.clone(),
                field: Some(touch.text.clone()),
                home: Home::Layer,
                only_at_root: None,
                stores_spans: false,
            });
        }
    }

    /// The field that a call fills, with the type that has it.
    fn filled_field(&self, touch: &Touch) -> Option<(TypeRef, String)> {
        let Expr::MethodCall { receiver, .. } = self.file(touch.at.file)[touch.at.id] else { return None };
        let mut here = touch.at.with(receiver);
        loop {
            let file = self.file(here.file);
            here = match file[here.id] {
                Expr::Field { base, name } => {
                    let owner = self.type_of(&Value::bare(here.with(base))).pointee().item()?;
                    return Some((owner, file[name].to_owned()));
                }
                Expr::MethodCall { receiver, method, .. } if catalogue::method(&file[method]).sees_through() => {
                    here.with(receiver)
                }
                Expr::Unary { expr, .. } | Expr::Ref { expr, .. } | Expr::Try(expr) | Expr::Await(expr) => {
                    here.with(expr)
                }
                _ => return None,
            };
        }
    }

    /// Whether there is an entry for each span or event: a list, or a map whose key may be that of a span.
    fn grows_by_span(&self, touch: &Touch, owner: TypeRef, field: &str) -> bool {
        let file = self.file(touch.at.file);
        let is_list = matches!(file[touch.at.id], Expr::MethodCall { method, args, .. }
            if args.len == 1 && catalogue::method(&file[method]).does(Does::Appends));
        match peel_cells(&self.field_type(owner, field)) {
            Type::External(path, args) if catalogue::is_keyed(&path) => args.first().is_some_and(may_be_span_id),
            Type::External(path, _) => is_list && catalogue::wrapper_kind(&path) == Some(WrapperKind::Many),
            // A list of the workspace's own.
            Type::Item(..) => is_list,
            _ => false,
        }
    }

    /// Whether all that the workspace does with a field is to put something there, and to look at it.
    fn only_grows(&self, owner: TypeRef, field: &str) -> bool {
        let known = |used: ExprRef| {
            let file = self.file(used.file);
            let Expr::Field { base, .. } = file[used.id] else { return true };
            match self.type_of(&Value::bare(used.with(base))).pointee() {
                Type::Item(found, _) if found != owner => return true,
                Type::External(..) | Type::Tuple(_) => return true,
                _ => {}
            }
            self.only_looks_or_puts(used)
        };
        self.pattern_acts(owner, field).is_empty() && self.fields_named(field).iter().all(|used| known(*used))
    }

    fn only_looks_or_puts(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let Some(parent) = self.parents(used.file).parent(used.id) else { return false };
        let outer = used.with(parent);
        match file[parent] {
            Expr::MethodCall { receiver, method, args, .. } if receiver == used.id => {
                let known = catalogue::method(&file[method]);
                let fills = [Does::Appends, Does::Extends, Does::Adds, Does::Enters, Does::Stores, Does::Exchanges];
                let looks =
                    [Does::AsksContent, Does::AsksState, Does::Iterates, Does::Finds, Does::Clones, Does::Reserves];
                match known {
                    // In a condition it is a bound.
                    _ if known.does(Does::Counts) => {
                        let above = self.parents(used.file).parent(parent);
                        !above.is_some_and(|above| matches!(file[above], Expr::Binary { op, .. } if compares(op)))
                    }
                    // One entry.
                    _ if known.does(Does::Lends) && args.len == 1 => true,
                    _ if self.called_fn(&Value::bare(outer)).is_some() || known.takes_out() => false,
                    _ if known.does_any(&fills) || known.does_any(&looks) => true,
                    _ => known.sees_through() && self.only_looks_or_puts(outer),
                }
            }
            Expr::Index { .. } => true,
            Expr::Unary { .. } => self.only_looks_or_puts(outer),
            Expr::For { iter, .. } => iter == used.id,
            // `for span in &self.spans`
            Expr::Ref { mutable, .. } => {
                let above = self.parents(used.file).parent(parent);
                !mutable || above.is_some_and(|above| matches!(file[above], Expr::For { iter, .. } if iter == parent))
            }
            _ => false,
        }
    }
}

fn compares(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(op, Eq | Ge | Gt | Le | Lt | Ne)
}
