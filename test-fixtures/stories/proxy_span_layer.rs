//! A proxy that remembers every connection it ever had, below the span of its accept loop.
//!
//! The layer hangs each span that closes below its parent, to print the whole tree when the root closes.
//! The root is the accept loop, which does not close, so the tree only grows.

use std::{io, net::SocketAddr};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tracing::{Instrument, info_span};

/// As it was found.
pub mod leaking {
    use std::time::{Duration, Instant};
    use tracing::{Id, Subscriber, span::Attributes};
    use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

    /// A span and all that was opened below it.
    #[derive(Debug)]
    pub struct TreeSpan {
        name: &'static str,
        opened: Instant,
        pub children: Vec<TreeSpan>,
    }

    impl TreeSpan {
        fn print(&self, depth: usize) -> Duration {
            println!("{:depth$}{}", "", self.name);
            self.children.iter().map(|child| child.print(depth + 2)).sum::<Duration>() + self.opened.elapsed()
        }
    }

    /// Prints the tree of spans below each root.
    pub struct TreeLayer;

    impl<S> Layer<S> for TreeLayer
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
            let span = context.span(id).expect("a new span exists");
            let tree = TreeSpan { name: attributes.metadata().name(), opened: Instant::now(), children: Vec::new() };
            span.extensions_mut().insert(tree);
        }

        fn on_close(&self, id: Id, context: Context<'_, S>) {
            let Some(span) = context.span(&id) else { return };
            let Some(tree) = span.extensions_mut().remove::<TreeSpan>() else { return };
            match span.parent() {
                Some(parent_span) => {
                    let mut extensions = parent_span.extensions_mut();
                    if let Some(parent) = extensions.get_mut::<TreeSpan>() {
                        parent.children.push(tree); //~ span_child_accumulation
                    }
                }
                None => {
                    tree.print(0);
                }
            }
        }
    }
}

/// Each span is printed when it closes, and its parent keeps a sum instead of a list.
pub mod cured {
    use std::time::{Duration, Instant};
    use tracing::{Id, Subscriber, span::Attributes};
    use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

    /// A span and how much was opened below it.
    #[derive(Debug)]
    pub struct SpanSum {
        name: &'static str,
        opened: Instant,
        below: Duration,
        pub children: u64,
    }

    /// Prints each span with the time spent below it.
    pub struct SumLayer;

    impl<S> Layer<S> for SumLayer
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
            let span = context.span(id).expect("a new span exists");
            span.extensions_mut().insert(SpanSum {
                name: attributes.metadata().name(),
                opened: Instant::now(),
                below: Duration::ZERO,
                children: 0,
            });
        }

        fn on_close(&self, id: Id, context: Context<'_, S>) {
            let Some(span) = context.span(&id) else { return };
            let Some(sum) = span.extensions_mut().remove::<SpanSum>() else { return };
            println!("{}: {:?}, of which {:?} below", sum.name, sum.opened.elapsed(), sum.below);
            if let Some(parent_span) = span.parent()
                && let Some(parent) = parent_span.extensions_mut().get_mut::<SpanSum>()
            {
                parent.below += sum.opened.elapsed();
                parent.children += 1;
            }
        }
    }
}

/// The accept loop, whose span is open as long as the proxy runs.
pub async fn serve(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    accept(listener, upstream).instrument(info_span!("accept_loop")).await
}

async fn accept(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        let (client, peer) = listener.accept().await?;
        tokio::spawn(forward(client, upstream).instrument(info_span!("connection", %peer)));
    }
}

async fn forward(mut client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
