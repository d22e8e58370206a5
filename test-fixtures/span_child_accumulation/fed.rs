//! A layer tells an aggregator of each span through a channel, and the aggregator keeps what it hears.

use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};
use tracing::{Event, Id, Metadata, Subscriber, span::Attributes, subscriber::Interest};
use tracing_subscriber::{Layer, layer::Context};

/// What the layer tells.
pub enum Told {
    Callsite(&'static Metadata<'static>),
    Opened { id: Id, name: &'static str, at: Instant },
    Closed { id: Id, at: Instant },
    Said(&'static str),
}

/// Tells all that happens.
pub struct Teller {
    told: Sender<Told>,
}

impl Teller {
    fn tell(&self, told: Told) {
        let _ = self.told.send(told);
    }
}

impl<S: Subscriber> Layer<S> for Teller {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.tell(Told::Callsite(metadata));
        Interest::always()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let name = attributes.metadata().name();
        self.tell(Told::Opened { id: id.clone(), name, at: Instant::now() });
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.tell(Told::Said(event.metadata().name()));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.tell(Told::Closed { id, at: Instant::now() });
    }
}

/// What is known of a span.
struct Known {
    name: &'static str,
    opened: Instant,
    closed: Option<Instant>,
}

/// A map with a mark for what is new.
struct Marked<T> {
    data: HashMap<Id, (T, bool)>,
}

impl<T> Marked<T> {
    fn put(&mut self, id: Id, value: T) {
        self.data.insert(id, (value, true));
    }

    fn news(&mut self) -> impl Iterator<Item = &mut T> {
        self.data.values_mut().filter_map(|(value, is_new)| std::mem::take(is_new).then_some(value))
    }
}

/// Hears of all spans.
pub struct Aggregator {
    told: Receiver<Told>,
    callsites: Vec<&'static Metadata<'static>>,
    spans: Marked<Known>,
    totals: HashMap<&'static str, Duration>,
    open: HashMap<Id, Instant>,
    said: Vec<&'static str>,
    unprinted: Vec<&'static str>,
}

impl Aggregator {
    pub fn new() -> (Teller, Aggregator) {
        let (teller, told) = channel();
        let aggregator = Aggregator {
            told,
            callsites: Vec::new(),
            spans: Marked { data: HashMap::new() },
            totals: HashMap::new(),
            open: HashMap::new(),
            said: Vec::new(),
            unprinted: Vec::new(),
        };
        (Teller { told: teller }, aggregator)
    }

    /// Takes in what was told since the last time.
    pub fn take_in(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            self.hear(told);
        }
        for known in self.spans.news() {
            println!("{}: {:?}", known.name, known.closed.map(|closed| closed - known.opened));
        }
        for said in std::mem::take(&mut self.unprinted) {
            println!("{said}");
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            // As many as the program has.
            Told::Callsite(metadata) => self.callsites.push(metadata),
            Told::Opened { id, name, at } => {
                self.open.insert(id.clone(), at);
                self.spans.put(id, Known { name, opened: at, closed: None }); //~ span_child_accumulation
            }
            // A time is noted, and nothing goes.
            Told::Closed { id, at } => {
                if let Some((known, is_new)) = self.spans.data.get_mut(&id) {
                    known.closed = Some(at);
                    *is_new = true;
                    *self.totals.entry(known.name).or_default() += at - known.opened;
                }
                self.open.remove(&id);
            }
            Told::Said(what) => {
                self.said.push(what); //~ span_child_accumulation
                self.unprinted.push(what);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.spans.data.len() + self.said.len()
    }

    pub fn open(&self) -> usize {
        self.open.len() + self.unprinted.len()
    }
}
