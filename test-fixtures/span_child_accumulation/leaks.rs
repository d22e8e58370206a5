//! Layers whose collections grow with every span or event and never shrink.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    fmt::Debug,
    sync::{LazyLock, Mutex, RwLock, atomic::AtomicU64, atomic::Ordering},
    time::Instant,
};
use tracing::{
    Event, Id, Metadata, Span, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// What is known of a span.
#[derive(Debug, Clone)]
pub struct SpanInfo {
    pub name: &'static str,
    pub opened: Instant,
    pub children: Vec<SpanInfo>,
}

impl SpanInfo {
    fn new(metadata: &Metadata<'_>) -> Self {
        SpanInfo { name: metadata.name(), opened: Instant::now(), children: Vec::new() }
    }
}

/// Hangs each closed span below its parent.
pub struct TreeLayer;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TreeLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        span.extensions_mut().insert(SpanInfo::new(attributes.metadata()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(info) = span.extensions_mut().remove::<SpanInfo>() else { return };
        if let Some(parent) = span.parent() {
            if let Some(parent_info) = parent.extensions_mut().get_mut::<SpanInfo>() {
                parent_info.children.push(info); //~ span_child_accumulation
            }
        } else {
            println!("{info:?}");
        }
    }
}

/// Ids of the spans that were opened below a span.
#[derive(Default)]
pub struct Children(pub Vec<Id>);

/// Notes each child with its parent as soon as it opens.
pub struct ChildIds;

impl<S> Layer<S> for ChildIds
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("a new span exists");
        span.extensions_mut().insert(Children::default());
        if let Some(parent) = span.parent() {
            let mut extensions = parent.extensions_mut();
            let children = extensions.get_mut::<Children>().expect("set when the parent opened");
            children.0.push(id.clone()); //~ span_child_accumulation
        }
    }
}

/// A map by span id that is filled when a span opens.
#[derive(Default)]
pub struct Timings {
    started: Mutex<HashMap<u64, Instant>>,
    spans: AtomicU64,
}

impl Timings {
    pub fn len(&self) -> usize {
        self.started.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for Timings {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.spans.fetch_add(1, Ordering::Relaxed);
        self.started.lock().unwrap().insert(id.into_u64(), Instant::now()); //~ span_child_accumulation
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(started) = self.started.lock().unwrap().get(&id.into_u64()) {
            println!("{:?}", started.elapsed());
        }
    }
}

/// The layer feeds an aggregator, which never forgets.
#[derive(Default)]
pub struct Aggregator {
    open: BTreeMap<u64, Vec<String>>,
}

impl Aggregator {
    fn opened(&mut self, id: &Id, name: &str) {
        self.open.entry(id.into_u64()).or_default().push(name.to_owned()); //~ span_child_accumulation
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    fn closed(&mut self, id: &Id) {
        if let Some(names) = self.open.get(&id.into_u64()) {
            println!("closed {}", names.join("/"));
        }
    }
}

#[derive(Default)]
pub struct AggregatingLayer {
    aggregator: RwLock<Aggregator>,
}

impl AggregatingLayer {
    pub fn len(&self) -> usize {
        self.aggregator.read().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for AggregatingLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.aggregator.write().unwrap().opened(id, attributes.metadata().name());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.aggregator.write().unwrap().closed(&id);
    }
}

static SEEN: LazyLock<Mutex<HashSet<Id>>> = LazyLock::new(Mutex::default);

/// Every span that was ever seen, in a static.
pub struct SeenLayer;

impl SeenLayer {
    pub fn len(&self) -> usize {
        SEEN.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for SeenLayer {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        SEEN.lock().unwrap().insert(id.clone()); //~ span_child_accumulation
    }
}

/// All events of the process, for a report that nobody asks for.
#[derive(Default)]
pub struct History {
    events: Mutex<VecDeque<&'static str>>,
}

impl History {
    pub fn len(&self) -> usize {
        self.events.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for History {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut events = self.events.lock().unwrap();
        events.push_back(event.metadata().name()); //~ span_child_accumulation
    }
}

/// Removed only when the root closes: and the root may be the accept loop.
pub struct Forest;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Forest {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanInfo::new(attributes.metadata()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(mut info) = span.extensions_mut().remove::<SpanInfo>() else { return };
        match span.parent() {
            Some(parent) => {
                let mut extensions = parent.extensions_mut();
                let Some(above) = extensions.get_mut::<SpanInfo>() else { return };
                above.children.push(info); //~ span_child_accumulation
            }
            None => {
                println!("{} with {} children", info.name, info.children.len());
                info.children.clear();
            }
        }
    }
}

/// Records by name of span and field; the span's own number is part of the key.
#[derive(Default)]
pub struct Recorder {
    values: Mutex<HashMap<(u64, &'static str), String>>,
}

impl Recorder {
    pub fn len(&self) -> usize {
        self.values.lock().unwrap().len()
    }
}

struct Collect<'a> {
    id: u64,
    values: &'a mut HashMap<(u64, &'static str), String>,
}

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.values.insert((self.id, field.name()), format!("{value:?}")); //~ span_child_accumulation
    }
}

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut collected = self.values.lock().unwrap();
        values.record(&mut Collect { id: id.into_u64(), values: &mut collected });
    }
}

/// A stored `Span` never closes.
#[derive(Default)]
pub struct Followers {
    followed: Mutex<Vec<Span>>,
}

impl Followers {
    pub fn len(&self) -> usize {
        self.followed.lock().unwrap().len()
    }
}

impl<S: Subscriber> Layer<S> for Followers {
    fn on_follows_from(&self, _: &Id, _: &Id, _: Context<'_, S>) {
        self.followed.lock().unwrap().push(Span::current()); //~ span_child_accumulation
    }
}
