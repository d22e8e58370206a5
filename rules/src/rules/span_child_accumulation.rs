//! A tracing layer that collects spans and never removes them.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{Growth, Home};

declare_rule! {
    /// A tracing layer collects children in a parent span, or spans in a map, and never removes them.
    ///
    /// ## What it does
    /// Reports a `tracing_subscriber::Layer` (or a `SpanProcessor`, `Visit`, or subscriber) whose callbacks push to,
    /// insert into or extend a collection in the parent span's extensions, in the layer or in a static, if no callback
    /// removes entries from, clears or caps that collection. The helpers that a callback calls are read, too. Removing
    /// entries only when the root span closes is not enough.
    ///
    /// The same applies if a callback sends messages to an aggregator through a channel. In the `match` arm for such a
    /// message, the aggregator may put something into a list, or into a map that may be keyed by span IDs. The rule
    /// reports this if nothing in the workspace removes anything from that field. Marking an entry as closed removes
    /// nothing.
    ///
    /// Not reported:
    ///
    /// - bounded containers;
    /// - a collection that another callback empties;
    /// - what a span keeps in its own extensions;
    /// - what a visitor collects during one visit;
    /// - a map keyed by names in the program (`&'static str`);
    /// - counters and histograms of fixed size.
    ///
    /// A collection is reported once, at the first place that fills it.
    ///
    /// ## Why it leaks
    /// A parent span lives at least as long as its children, and the parent of everything may be the accept loop's
    /// span, which closes only when the process ends. Span IDs are not reused anytime soon, so a map keyed by them
    /// grows with every span. Neither the compiler nor a leak checker notices this, since all of the memory is
    /// reachable.
    ///
    /// ## Example
    /// ```rust
    /// use tracing::{Subscriber, span};
    /// use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};
    ///
    /// pub struct Children(Vec<u64>);
    /// pub struct TreeLayer;
    ///
    /// impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TreeLayer {
    ///     fn on_close(&self, id: span::Id, cx: Context<'_, S>) {
    ///         let span = cx.span(&id).expect("it closes just now");
    ///         if let Some(parent) = span.parent()
    ///             && let Some(children) = parent.extensions_mut().get_mut::<Children>()
    ///         {
    ///             children.0.push(id.into_u64());
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tracing::{Subscriber, span};
    /// use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};
    ///
    /// pub struct Closed(u64);
    /// pub struct CountLayer;
    ///
    /// impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for CountLayer {
    ///     fn on_close(&self, id: span::Id, cx: Context<'_, S>) {
    ///         let span = cx.span(&id).expect("it closes just now");
    ///         if let Some(parent) = span.parent()
    ///             && let Some(closed) = parent.extensions_mut().get_mut::<Closed>()
    ///         {
    ///             closed.0 += 1;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// If a child is removed when it closes, the parent no longer has that child when the parent itself closes. Where
    /// the whole tree is needed, give each unit of work its own root span (`parent: None`, with `follows_from`). If the
    /// key and the collection are visible, an entry is removed where `on_close` reads it, or in a new `on_close`.
    /// Otherwise, the collection gets a limit, beyond which new entries are not collected (a queue drops its oldest
    /// entry). The limit, 256, is a guess.
    ///
    /// ## Known limits
    /// A callback's message is recognized only if it is a variant of an enum in the workspace, and if a field holds one
    /// half of the channel that the message goes through. A collection behind an external type whose methods are not
    /// known is not judged.
    span_child_accumulation, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.layer_growths(), |cx, growth| {
        let mut found = finding(&growth);
        found.rewrites = proposals::rewrites_of_growth(cx.program, RULE.name, &growth);
        cx.report(found);
    });
}

fn finding(growth: &Growth) -> Finding {
    let Growth { layer_name, callback, text, .. } = growth;
    let what = match growth.home {
        Home::ParentExtensions => format!("`{layer_name}` adds children to a parent span and never removes them"),
        _ => format!("`{layer_name}` adds every span to `{text}` and never removes one"),
    };
    let mut labels = Vec::new();
    match growth.sent {
        Some(at) => {
            labels.push(Label::new(at, format!("`{callback}` creates the message that adds the entry")));
            labels.extend(growth.through.map(|at| Label::new(at, "the entry is created here")));
        }
        None => {
            labels.extend(growth.through.map(|at| Label::new(at, format!("reached from `{callback}` here"))));
        }
    }
    labels.extend(growth.only_at_root.map(|at| Label::new(at, "emptied only when the root span closes")));
    let why = match (&growth.home, growth.stores_spans) {
        (_, true) => "a stored `Span` never closes, and neither do its parents",
        (Home::ParentExtensions, _) => {
            "the parent may be an accept loop's span, which closes only when the process ends: until then the collection grows with every child span"
        }
        (Home::Static, _) => "a static lives as long as the process: the collection grows with every span",
        _ => "the layer lives as long as the process: the collection grows with every span or event",
    };
    Finding {
        rule: RULE.name,
        at: growth.at,
        task: None,
        message: what,
        label: match growth.sent {
            Some(_) => "an entry is added here".to_owned(),
            None => format!("`{callback}` adds an entry here"),
        },
        labels,
        notes: vec![why.to_owned()],
        helps: vec![match growth.home {
            _ if growth.sent.is_some() => "remove the entry when a message says that its span has closed, or cap the collection",
            Home::ParentExtensions => {
                "remove the child in `on_close`, cap the collection, or give each unit of work its own root span: `info_span!(parent: None, ..)` with `follows_from`"
            }
            _ => "remove the entry in `on_close`, under the key that `on_new_span` used, or cap the collection",
        }
        .to_owned()],
        rewrites: Vec::new(),
    }
}
