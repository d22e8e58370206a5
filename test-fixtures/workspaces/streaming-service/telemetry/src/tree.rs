use tracing::{Id, Subscriber, span::Attributes};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// A span and everything that was opened below it.
#[derive(Debug)]
struct TreeSpan {
    name: &'static str,
    children: Vec<TreeSpan>,
}

impl TreeSpan {
    fn print(&self, depth: usize) {
        println!("{:depth$}{}", "", self.name);
        self.children.iter().for_each(|child| child.print(depth + 2));
    }
}

/// Prints a root span with everything below it, when it closes. The span of an accept loop never does.
#[derive(Debug, Default)]
pub struct TreeLayer;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TreeLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(TreeSpan { name: attributes.metadata().name(), children: Vec::new() });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(tree) = span.extensions_mut().remove::<TreeSpan>() else { return };
        let Some(parent_span) = span.parent() else { return tree.print(0) };
        let mut extensions = parent_span.extensions_mut();
        if let Some(parent) = extensions.get_mut::<TreeSpan>() {
            parent.children.push(tree);
            //~^ span_child_accumulation
        }
    }
}
