//! Runs the layers of the fixtures: what a leaking one collects grows with the spans that it has seen.

mod counted;

use counted::{Counts, is_mended};
use spawnlint_fixtures::{
    span_child_accumulation::{fed, leaks, sound},
    stories::proxy_span_layer::{cured, leaking},
};
use tracing::{Dispatch, Span, dispatcher, error, field::Empty, info_span};
use tracing_subscriber::{Layer, Registry, layer::SubscriberExt, registry::LookupSpan};

/// Opens and closes so many connections below an accept loop that stays open, and then asks `count`.
fn connections<L>(layer: L, number: usize, count: impl FnOnce(&Dispatch, &Span) -> usize) -> usize
where
    L: Layer<Registry> + Send + Sync,
{
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        let accept_loop = info_span!("accept_loop");
        for peer in 0..number {
            let connection = info_span!(parent: &accept_loop, "connection", peer = Empty);
            connection.follows_from(&accept_loop);
            connection.record("peer", peer);
            connection.in_scope(|| error!("reset"));
        }
        count(&dispatch, &accept_loop)
    })
}

/// What stands in the extensions of the accept loop's span.
fn in_extensions<T: 'static>(count: impl Fn(&T) -> usize) -> impl FnOnce(&Dispatch, &Span) -> usize {
    move |dispatch, span| {
        let registry: &Registry = dispatch.downcast_ref().expect("it was set");
        let id = span.id().expect("it is enabled");
        let span = registry.span(&id).expect("it is open");
        span.extensions().get::<T>().map_or(0, count)
    }
}

/// What stands in the layer itself.
fn in_layer<L: 'static>(count: impl Fn(&L) -> usize) -> impl FnOnce(&Dispatch, &Span) -> usize {
    move |dispatch, _| count(dispatch.downcast_ref().expect("it was set"))
}

/// How many entries are collected, by layer, for so many connections.
fn collected(number: usize) -> Vec<(&'static str, usize)> {
    let children = || in_extensions::<leaks::SpanInfo>(|info| info.children.len());
    let ids = in_extensions::<leaks::Children>(|children| children.0.len());
    let story = in_extensions::<leaking::TreeSpan>(|tree| tree.children.len());
    let entries = in_layer(leaks::AggregatingLayer::len);
    vec![
        ("TreeLayer", connections(leaks::TreeLayer, number, children())),
        ("Forest", connections(leaks::Forest, number, children())),
        ("ChildIds", connections(leaks::ChildIds, number, ids)),
        ("the story's layer", connections(leaking::TreeLayer, number, story)),
        ("Timings", connections(leaks::Timings::default(), number, in_layer(leaks::Timings::len))),
        ("AggregatingLayer", connections(leaks::AggregatingLayer::default(), number, entries)),
        ("SeenLayer", connections(leaks::SeenLayer, number, in_layer(leaks::SeenLayer::len))),
        ("History", connections(leaks::History::default(), number, in_layer(leaks::History::len))),
        ("Recorder", connections(leaks::Recorder::default(), number, in_layer(leaks::Recorder::len))),
        ("Followers", connections(leaks::Followers::default(), number, in_layer(leaks::Followers::len))),
    ]
}

#[test]
fn collections_grow_with_every_span() {
    let (few, many) = (collected(500), collected(2500));
    let grown: Vec<(&str, usize)> = few.iter().zip(&many).map(|((name, few), (_, many))| (*name, many - few)).collect();
    let mut counts = Counts::new("span_child_accumulation");
    grown.iter().for_each(|(name, grown)| counts.add(name, Some(*grown), &[0]));
    counts.finish();
    assert!(is_mended() || grown.iter().all(|(_, grown)| *grown >= 2000), "{grown:#?}");
}

#[test]
fn aggregators_grow_with_what_they_are_told() {
    let told = |number| {
        let (teller, mut aggregator) = fed::Aggregator::new();
        connections(teller, number, |_, _| {
            aggregator.take_in();
            // The accept loop itself is open.
            assert_eq!(aggregator.open(), 1);
            aggregator.len()
        })
    };
    assert!(told(2500) - told(500) >= 4000);
}

#[test]
fn bounded_collections_do_not() {
    for number in [50, 500] {
        let children = in_extensions::<sound::Children>(|children| children.0.len());
        assert_eq!(connections(sound::OpenChildren, number, children), 0, "OpenChildren");
        let children = in_extensions::<cured::SpanSum>(|sum| usize::from(sum.children == 0));
        assert_eq!(connections(cured::SumLayer, number, children), 0, "the story's cured layer counts");
        // The accept loop itself is open.
        let entries = in_layer(sound::Timings::len);
        assert_eq!(connections(sound::Timings::default(), number, entries), 1, "Timings");
        let entries = in_layer(sound::AggregatingLayer::len);
        assert_eq!(connections(sound::AggregatingLayer::default(), number, entries), 1, "AggregatingLayer");
        assert!(connections(sound::Recent::default(), number, in_layer(sound::Recent::len)) <= 100, "Recent");
        assert!(connections(sound::Batches::default(), number, in_layer(sound::Batches::len)) < 64, "Batches");
        let entries = in_layer(sound::FirstErrors::len);
        assert!(connections(sound::FirstErrors::default(), 3 * number, entries) <= 1000, "FirstErrors");
    }
}
