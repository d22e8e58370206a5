//! A span that is open for as long as a server runs, with more and more spans below it.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{ExprRef, Lasting, LongLivedSpan, Opened};

/// How many of the spans below it are told.
const MAX_CHILDREN: usize = 3;

declare_rule! {
    /// A span is open for as long as an endless loop runs, and every turn opens another one below it.
    ///
    /// ## What it does
    /// Reports a span of `tracing` when all of this is seen in the code:
    ///
    /// - It is open over a loop: `#[instrument]` stands on the function that loops, the future that loops is
    ///   given `.instrument(span)`, a guard (`let _guard = span.enter();`, `span.entered()`) is held in front of
    ///   the loop, or the loop runs in `span.in_scope(|| ..)`. The loop may stand in a function that is called there.
    /// - The loop lasts as long as the process, or as the server: it accepts connections from a listener, whatever ends
    ///   it; or it has no way out; or it is started once per process and only a signal ends it (a token, ctrl-c, the
    ///   end of a channel), or a flag in a static. That a shutdown ends the loop changes nothing: the span closes when
    ///   the program does. A server of a library that is awaited (`axum::serve(..).await`) is such a loop, too.
    /// - Each turn opens a span below it: a span macro in the loop (also as the argument of `.instrument(..)` of a task
    ///   that the loop starts), a call of a function with `#[instrument]`, or work that takes the current span
    ///   along (`.in_current_span()`, `.instrument(Span::current())`) and opens one there. Of an awaited server it is a
    ///   handler with `#[instrument]`. Events alone (`info!`, `debug!`) count where the package, or one of the workspace that
    ///   uses it, depends on something that keeps the events of a span until it closes (`tracing-opentelemetry`,
    ///   `sentry-tracing`, `tracing-tree`, `tracing-forest`).
    ///
    /// Silent: spans with a parent of their own (`parent: None`, also with `follows_from` to link the two); loops in
    /// which no span is opened, or only in a task that does not take the current span along (its spans are roots);
    /// loops that end by themselves or with their peer, and loops that are started per request or connection: one span
    /// for a connection and one below it for each of its requests is how servers are written; a task that its owner
    /// aborts; spans of level `trace`, which are off unless somebody looks for a mistake.
    ///
    /// ## Why it leaks
    /// A child keeps its parent open, and a parent that never closes keeps whatever is collected below it. How much that
    /// is depends on who listens: the registry itself forgets a child when it closes. A layer that collects children
    /// in their parent (`span_child_accumulation` finds those of the workspace), a tree printer that waits for
    /// the root to close, and a list of events in the span's extensions grow with every connection until the
    /// process ends; an exporter never sees the root, and puts every connection into one trace without end.
    /// Without any such layer a long-lived span costs little.
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
    /// A root span has none of the fields of the long-lived one: what the lines of a connection have to show has to be
    /// said again, and filters that name the outer span (`RUST_LOG=[accept]=debug`) no longer match. Taking the span off
    /// the loop does the same. `parent = None` on a function's `#[instrument]` holds for all of its callers.
    ///
    /// ## Known limits
    /// Other loops of libraries than those of servers are not seen. Spans are looked for three calls deep. A listener of an unknown type counts only where the loop is started once per process. That a span
    /// is filtered out by its target or level is not known.
    long_lived_span, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.long_lived_spans(), |cx, span| {
        let opened = match span.opened {
            Opened::Attribute => "the span of this function",
            Opened::Future => "this span",
            Opened::Guard => "the span of this guard",
            Opened::Scope => "the span of this scope",
        };
        let why = match span.lasting {
            Lasting::Endless => "this loop has no way out",
            Lasting::Accepts => "this loop accepts connections for as long as the server runs",
            Lasting::Process => "this loop runs as long as the process, until a signal ends it",
            Lasting::Serves => "this serves for as long as the process runs",
        };
        let serves = span.lasting == Lasting::Serves;
        let lasts = if serves { span.looped } else { cx.program.keyword_span(span.looped, span.keyword) };
        let mut labels = vec![Label::new(lasts, why)];
        labels.extend(children(cx, &span));
        let (while_, each) = match (serves, span.children.is_empty()) {
            (true, _) => ("server in it runs", "every request opens another one below it"),
            (false, false) => ("loop in it runs", "every turn opens another one below it"),
            (false, true) => ("loop in it runs", "every turn adds events to it"),
        };
        cx.report(Finding {
            rule: RULE.name,
            at: span.at,
            task: None,
            message: format!("{opened} is open for as long as the {while_}, and {each}"),
            label: match serves {
                true => "opened here, and not closed before the server ends".to_owned(),
                false => "opened here, and not closed before the loop ends".to_owned(),
            },
            labels,
            notes: vec![
                "a layer that collects what happens below a span keeps it until the span closes, and an exporter puts all of it into one trace".to_owned(),
            ],
            helps: vec![match span.children.is_empty() {
                true => "open a span for each turn, inside of the loop, or take this one off the loop".to_owned(),
                false => "give each turn a root span of its own, `info_span!(parent: None, ..)` with `.follows_from(Span::current())`, or take the span off the loop".to_owned(),
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
                Label::new(at, format!("`{name}` opens a span below it on each turn"))
            }
            None => Label::new(at, "opened below it on each turn"),
        }
    };
    let mut labels: Vec<Label> = span.children.iter().take(MAX_CHILDREN).map(label).collect();
    if labels.is_empty() {
        let events = span.events.iter().take(MAX_CHILDREN);
        labels.extend(events.map(|event| Label::new(cx.program.call_head(*event), "added to it on each turn")));
    }
    labels
}
