//! Spans of tracing, and the layers that hear of them.

/// Whether a trait of that name is one of those that layers, processors and visitors implement.
pub fn is_layer_trait(name: &str) -> bool {
    matches!(name, "Layer" | "Subscriber" | "SpanProcessor" | "Collect" | "Subscribe" | "Visit")
}

/// What such a trait calls.
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

/// Whether a layer's function of that name is called for spans, events or their fields.
pub fn is_layer_callback(name: &str) -> bool {
    CALLBACKS.contains(&name)
}

/// Whether a type is a span, entered or not.
pub fn is_span(path: &str) -> bool {
    matches!(path, "tracing::Span" | "tracing::span::Span" | "tracing::span::EnteredSpan")
}
