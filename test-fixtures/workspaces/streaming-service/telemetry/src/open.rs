use std::{collections::HashMap, sync::Mutex, time::Instant};
use tracing::{Id, Subscriber, span::Attributes};
use tracing_subscriber::{Layer, layer::Context};

/// Measures spans, and forgets them when they close.
#[derive(Debug, Default)]
pub struct OpenSpans {
    opened: Mutex<HashMap<Id, Instant>>,
}

impl<S: Subscriber> Layer<S> for OpenSpans {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.opened.lock().unwrap().insert(id.clone(), Instant::now());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(opened) = self.opened.lock().unwrap().remove(&id) {
            println!("a span of {:?}", opened.elapsed());
        }
    }
}
