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

/// Crates whose layers keep what happens in a span until it closes.
const COLLECTORS: &[&str] = &[
    "tracing_opentelemetry",
    "init_tracing_opentelemetry",
    "sentry_tracing",
    "tracing_tree",
    "tracing_forest",
    "tracing_honeycomb",
    "logfire",
];

/// Whether a crate, as code names it, has a layer that keeps the events of a span until that closes. `features` are
/// those that the manifest names.
pub fn collects_events(name: &str, features: &[String]) -> bool {
    COLLECTORS.contains(&name) || (name == "sentry" && features.iter().any(|feature| feature == "tracing"))
}

/// Whether a macro of that name tells of what happens every day. What goes wrong is told now and then, and what is
/// traced is off unless somebody looks for a mistake.
pub fn tells_routine(name: &str) -> bool {
    matches!(name, "info" | "debug")
}

/// Whether a function of a library, followed by these methods, makes a server, which serves for as long as its future
/// is awaited: `axum::serve(..)`, `Server::builder().add_service(..).serve(addr)`.
pub fn serves(path: &str, methods: &[&str]) -> bool {
    let mut segments = path.rsplit("::");
    let (last, owner) = (segments.next(), segments.next());
    let is_server = owner.is_some_and(|owner| owner.ends_with("Server"));
    let runs = |method: &&str| method.starts_with("serve") || matches!(*method, "run" | "launch");
    match last {
        Some("serve") => matches!(owner, Some("axum")) || methods.iter().any(runs),
        Some("bind") if is_server => true,
        _ => is_server && methods.iter().any(runs),
    }
}

/// Whether a type is a span, entered or not.
pub fn is_span(path: &str) -> bool {
    matches!(path, "tracing::Span" | "tracing::span::Span" | "tracing::span::EnteredSpan")
}
