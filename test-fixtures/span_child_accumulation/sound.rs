//! Layers whose collections shrink again, are bounded, or go away with their span.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, atomic::AtomicU64, atomic::Ordering},
    time::{Duration, Instant},
};
use tracing::{Event, Id, Level, Subscriber, span::Attributes};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The same key goes when the span closes.
#[derive(Default)]
pub struct Timings {
    started: Mutex<HashMap<Id, Instant>>,
}

impl Timings {
    pub fn len(&self) -> usize {
        self.started.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for Timings {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.started.lock().unwrap().insert(id.clone(), Instant::now());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let started = self.started.lock().unwrap().remove(&id);
        println!("{:?}", started.map(|started| started.elapsed()));
    }
}

/// Children are taken off their parent again.
#[derive(Default)]
pub struct Children(pub Vec<Id>);

pub struct OpenChildren;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for OpenChildren {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        span.extensions_mut().insert(Children::default());
        if let Some(parent) = span.parent()
            && let Some(children) = parent.extensions_mut().get_mut::<Children>()
        {
            children.0.push(id.clone());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(parent) = context.span(&id).and_then(|span| span.parent()) else { return };
        if let Some(children) = parent.extensions_mut().get_mut::<Children>() {
            children.0.retain(|child| *child != id);
        }
    }
}

/// The last hundred events.
#[derive(Default)]
pub struct Recent {
    events: Mutex<VecDeque<&'static str>>,
}

impl Recent {
    pub fn len(&self) -> usize {
        self.events.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut events = self.events.lock().unwrap();
        if events.len() == 100 {
            events.pop_front();
        }
        events.push_back(event.metadata().name());
    }
}

/// No more than a thousand, and then nothing.
#[derive(Default)]
pub struct FirstErrors {
    errors: Mutex<Vec<&'static str>>,
}

impl FirstErrors {
    pub fn len(&self) -> usize {
        self.errors.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for FirstErrors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut errors = self.errors.lock().unwrap();
        if errors.len() < 1000 {
            errors.push(event.metadata().target());
        }
    }
}

/// Events of a span, freed with the span.
#[derive(Default)]
struct Lines(Vec<String>);

pub struct SpanLines;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLines {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Lines::default());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if let Some(span) = context.event_span(event)
            && let Some(lines) = span.extensions_mut().get_mut::<Lines>()
        {
            lines.0.push(event.metadata().name().to_owned());
        }
    }
}

/// One number for each level.
#[derive(Default)]
pub struct Counters {
    by_level: [AtomicU64; 5],
    spans: AtomicU64,
    open: AtomicU64,
}

impl Counters {
    pub fn spans(&self) -> u64 {
        self.spans.load(Ordering::Relaxed)
    }
}

impl<S: Subscriber> Layer<S> for Counters {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.spans.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => 0,
            Level::WARN => 1,
            Level::INFO => 2,
            Level::DEBUG => 3,
            _ => 4,
        };
        self.by_level[level].fetch_add(1, Ordering::Relaxed);
    }

    fn on_close(&self, _: Id, _: Context<'_, S>) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A map that a helper method tidies up.
#[derive(Default)]
pub struct Aggregator {
    open: HashMap<u64, Vec<String>>,
    longest: Duration,
}

impl Aggregator {
    fn opened(&mut self, id: &Id, name: &str) {
        self.open.entry(id.into_u64()).or_default().push(name.to_owned());
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    fn closed(&mut self, id: &Id) {
        if let Some(names) = self.open.remove(&id.into_u64()) {
            println!("closed {} after {:?}", names.join("/"), self.longest);
        }
    }
}

#[derive(Default)]
pub struct AggregatingLayer {
    aggregator: Mutex<Aggregator>,
}

impl AggregatingLayer {
    pub fn len(&self) -> usize {
        self.aggregator.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for AggregatingLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.aggregator.lock().unwrap().opened(id, attributes.metadata().name());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.aggregator.lock().unwrap().closed(&id);
    }
}

/// Flushed when it is full.
#[derive(Default)]
pub struct Batches {
    batch: Mutex<Vec<&'static str>>,
}

impl Batches {
    pub fn len(&self) -> usize {
        self.batch.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for Batches {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut batch = self.batch.lock().unwrap();
        batch.push(event.metadata().name());
        if batch.len() >= 64 {
            for name in batch.drain(..) {
                println!("{name}");
            }
        }
    }
}

/// Not a layer: whoever owns the list empties it.
#[derive(Default)]
pub struct Names {
    names: Vec<String>,
}

impl Names {
    pub fn add(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }
}

/// A list that lives no longer than the callback.
pub struct Path;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Path {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut names = Vec::new();
        for span in context.event_scope(event).into_iter().flatten() {
            names.push(span.name());
        }
        println!("{}", names.join(":"));
    }
}
