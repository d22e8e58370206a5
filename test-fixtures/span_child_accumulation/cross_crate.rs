//! The layer stands in one crate, the collection that it feeds in another.

//- /spans/src/lib.rs crate:spans
use std::collections::HashMap;

/// Names of open spans.
#[derive(Default)]
pub struct OpenSpans {
    names: HashMap<u64, &'static str>,
    longest: usize,
}

impl OpenSpans {
    pub fn opened(&mut self, id: u64, name: &'static str) {
        self.names.insert(id, name); //~ span_child_accumulation
    }

    pub fn closed(&mut self, id: u64) {
        self.longest = self.longest.max(self.names.get(&id).map_or(0, |name| name.len()));
    }
}

/// The same, and it forgets.
#[derive(Default)]
pub struct ForgettingSpans {
    names: HashMap<u64, &'static str>,
}

impl ForgettingSpans {
    pub fn opened(&mut self, id: u64, name: &'static str) {
        self.names.insert(id, name);
    }

    pub fn closed(&mut self, id: u64) {
        self.names.remove(&id);
    }
}

//- /telemetry/src/lib.rs crate:telemetry deps:spans,tracing,tracing_subscriber
use spans::{ForgettingSpans, OpenSpans};
use std::sync::Mutex;
use tracing::{Subscriber, span};
use tracing_subscriber::layer::{Context, Layer};

#[derive(Default)]
pub struct OpenLayer {
    open: Mutex<OpenSpans>,
}

impl<S: Subscriber> Layer<S> for OpenLayer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, _: Context<'_, S>) {
        self.open.lock().unwrap().opened(id.into_u64(), attributes.metadata().name());
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        self.open.lock().unwrap().closed(id.into_u64());
    }
}

#[derive(Default)]
pub struct ForgettingLayer {
    open: Mutex<ForgettingSpans>,
}

impl<S: Subscriber> Layer<S> for ForgettingLayer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, _: Context<'_, S>) {
        self.open.lock().unwrap().opened(id.into_u64(), attributes.metadata().name());
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        self.open.lock().unwrap().closed(id.into_u64());
    }
}
