//! A span that stays open for as long as a server runs, with more and more spans below it.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{ExprRef, Lasting, LongLivedSpan, Opened};

/// How many of the spans below it get a label.
const MAX_CHILDREN: usize = 3;

declare_rule! {
    /// A span stays open for as long as an endless loop runs, and every iteration opens a child span.
    ///
    /// ## What it does
    /// Reports a `tracing` span if the code shows all of the following:
    ///
    /// - The span is open around a loop: `#[instrument]` is on the function that loops, `.instrument(span)` is applied
    ///   to the future that loops, a guard that was created before the loop (`let _guard = span.enter();`,
    ///   `span.entered()`) is held while the loop runs, or the loop runs in `span.in_scope(|| ..)`. The loop itself may
    ///   be in a function that is called while the span is open.
    /// - The loop lasts as long as the process or the server: it accepts connections from a listener (whatever ends the
    ///   loop), it has no exit, or it is started once per process and ends only on a signal (a token, ctrl-c, the end
    ///   of a channel) or through a flag in a static. It makes no difference that a shutdown ends the loop: the span
    ///   then closes when the program ends. Awaiting a library's server (`axum::serve(..).await`) counts as such a
    ///   loop, too.
    /// - Each iteration opens a child of that span: with a span macro in the loop (or in the `.instrument(..)` of a
    ///   task that the loop starts), by calling a function with `#[instrument]`, or through work that carries the
    ///   current span along (`.in_current_span()`, `.instrument(Span::current())`) and opens a child of it. For an
    ///   awaited server, a handler with `#[instrument]` counts as opening a child. Events alone (`info!`, `debug!`)
    ///   count as children if the package, or another package in the workspace that uses it, depends on a crate that
    ///   keeps a span's events until the span closes (`tracing-opentelemetry`, `sentry-tracing`, `tracing-tree`,
    ///   `tracing-forest`).
    ///
    /// Not reported:
    ///
    /// - spans that only programs of the workspace can open, if no such crate is among the dependencies (optional ones
    ///   count only if the default features enable them) and no layer of the workspace collects spans: a subscriber
    ///   that prints or counts keeps nothing below an open span;
    /// - spans that set their own parent (`parent: None`, with or without `follows_from` to link the two);
    /// - loops that open no span, or open spans only in a task that does not carry the current span along (such spans
    ///   are roots);
    /// - loops that end by themselves or with their peer, and loops that are started per request or connection (servers
    ///   normally have one span for each connection, and one below it for each request);
    /// - tasks that their owners abort;
    /// - spans at level `trace`, which are off unless somebody is debugging.
    ///
    /// ## Why it leaks
    /// A child keeps its parent open, and a parent that never closes keeps everything that is collected below it. The
    /// amount kept depends on the subscriber: the registry itself forgets a child when the child closes. But other
    /// collections grow with every connection until the process ends, such as a layer that collects children in their
    /// parent (`span_child_accumulation` finds such layers in the workspace), a tree printer that waits for the root to
    /// close, or a list of events in the span's extensions. An exporter never sees the root close and puts all
    /// connections into one endless trace. Without any such layer, a long-lived span costs little.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::net::{TcpListener, TcpStream};
    /// use tracing::{Instrument, info_span};
    ///
    /// #[tracing::instrument(skip_all)]
    /// pub async fn accept(listener: TcpListener) -> std::io::Result<()> {
    ///     loop {
    ///         let (stream, peer) = listener.accept().await?;
    ///         tokio::spawn(serve(stream).instrument(info_span!("connection", %peer)));
    ///     }
    /// }
    ///
    /// async fn serve(stream: TcpStream) {
    ///     let _ = stream.readable().await;
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio::net::{TcpListener, TcpStream};
    /// use tracing::{Instrument, Span, info_span};
    ///
    /// #[tracing::instrument(skip_all)]
    /// pub async fn accept(listener: TcpListener) -> std::io::Result<()> {
    ///     loop {
    ///         let (stream, peer) = listener.accept().await?;
    ///         let connection = info_span!(parent: None, "connection", %peer);
    ///         connection.follows_from(Span::current());
    ///         tokio::spawn(serve(stream).instrument(connection));
    ///     }
    /// }
    ///
    /// async fn serve(stream: TcpStream) {
    ///     let _ = stream.readable().await;
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// A root span has none of the long-lived span's fields: any fields that a connection's log lines need have to be
    /// repeated, and filters that name the outer span (`RUST_LOG=[accept]=debug`) no longer match. Removing the span
    /// from the loop has the same effect. `parent = None` in a function's `#[instrument]` affects all callers of that
    /// function.
    ///
    /// ## Known limits
    /// Loops inside libraries are not visible, except for awaited servers. The rule looks for spans up to three calls
    /// deep. If a loop accepts from a listener of an unknown type, it counts as long-lived only if it is started once
    /// per process. The rule does not know whether a span is filtered out by its target or level.
    long_lived_span, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.long_lived_spans(), |cx, span| {
        let opened = match span.opened {
            Opened::Attribute => "this function's span",
            Opened::Future => "this span",
            Opened::Guard => "this guard's span",
            Opened::Scope => "this scope's span",
        };
        let why = match span.lasting {
            Lasting::Endless => "this loop has no exit",
            Lasting::Accepts => "this loop accepts connections for as long as the server runs",
            Lasting::Process => "this loop runs for the life of the process, until a signal ends it",
            Lasting::Serves => "this serves for the life of the process",
        };
        let serves = span.lasting == Lasting::Serves;
        let lasts = if serves { span.looped } else { cx.program.keyword_span(span.looped, span.keyword) };
        let mut labels = vec![Label::new(lasts, why)];
        labels.extend(children(cx, &span));
        let (what, each) = match (serves, span.children.is_empty()) {
            (true, _) => ("server", "every request opens a child span"),
            (false, false) => ("loop", "every iteration opens a child span"),
            (false, true) => ("loop", "every iteration adds events to the span"),
        };
        cx.report(Finding {
            rule: RULE.name,
            at: span.at,
            task: None,
            message: format!("{opened} stays open while a {what} runs, and {each}"),
            label: format!("opened here, and not closed before the {what} ends"),
            labels,
            notes: vec![
                "a layer that collects what happens below a span keeps everything until the span closes, and an exporter puts all child spans into one trace".to_owned(),
            ],
            helps: vec![match span.children.is_empty() {
                true => "open a span in each iteration of the loop, or remove this span from the loop".to_owned(),
                false => "give each iteration its own root span, `info_span!(parent: None, ..)` with `.follows_from(Span::current())`, or remove the span from the loop".to_owned(),
            }],
            rewrites: proposals::rewrites_of_span(cx.program, RULE.name, &span),
        });
    });
}

fn children(cx: &Cx<'_>, span: &LongLivedSpan) -> Vec<Label> {
    let label = |(opened, function): &(ExprRef, Option<_>)| {
        let at = cx.program.call_head(*opened);
        match function {
            // `handle(stream).await`, and `#[instrument]` on `handle`.
            Some(function) if span.lasting == Lasting::Serves => {
                let name = cx.program.function_name(*function);
                Label::new(cx.program.span(*opened), format!("`{name}` opens a span for each request"))
            }
            Some(function) => {
                let name = cx.program.function_name(*function);
                Label::new(at, format!("`{name}` opens a child span on each iteration"))
            }
            None => Label::new(at, "a child span is opened here on each iteration"),
        }
    };
    let mut labels: Vec<Label> = span.children.iter().take(MAX_CHILDREN).map(label).collect();
    if labels.is_empty() {
        let events = span.events.iter().take(MAX_CHILDREN);
        let text = "an event is added to the span here on each iteration";
        labels.extend(events.map(|event| Label::new(cx.program.call_head(*event), text)));
    }
    labels
}
