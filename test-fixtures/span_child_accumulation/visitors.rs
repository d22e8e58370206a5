//! Visitors and other short-lived collections that callbacks fill: freed with the call, the span, or bounded by the program.

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Mutex, RwLock},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// What one event says.
#[derive(Default)]
struct Line {
    fields: Vec<(String, String)>,
}

struct LineVisitor<'a> {
    line: &'a mut Line,
}

impl Visit for LineVisitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.line.fields.push((field.name().to_owned(), format!("{value:?}")));
    }
}

/// Values of a span, which record themselves and live in its extensions.
#[derive(Default)]
struct Values(Vec<String>);

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push(format!("{}={value:?}", field.name()));
    }
}

/// One counter for each name that the program uses.
#[derive(Default)]
pub struct Printer {
    counters: RwLock<HashMap<&'static str, u64>>,
    last: Mutex<Option<String>>,
    base: HashMap<String, String>,
}

/// What is built up for a span before it is stored with it.
struct Draft {
    attributes: Option<Vec<String>>,
}

impl Printer {
    fn draft(&self) -> Draft {
        Draft { attributes: None }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Printer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut draft = self.draft();
        let drafted = draft.attributes.get_or_insert(Vec::new());
        drafted.push(attributes.metadata().name().to_owned());
        let mut values = Values::default();
        attributes.record(&mut values);
        values.0.extend(draft.attributes.take().into_iter().flatten());
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(values);
        }
        *self.counters.write().unwrap().entry(attributes.metadata().name()).or_insert(0) += 1;
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // A copy of what is always printed, for this event alone.
        let mut all = self.base.clone();
        all.insert("name".to_owned(), event.metadata().name().to_owned());
        let mut line = Line::default();
        line.fields.extend(all);
        event.record(&mut LineVisitor { line: &mut line });
        *self.last.lock().unwrap() = line.fields.pop().map(|(name, _)| name);
    }
}
