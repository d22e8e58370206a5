//! Collections of tracing layers: what a span put in is taken out when it closes, or there is a bound.

use super::accept::accept_at;
use crate::{
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft,
        layers::{self, ClosingCallback, SpanKey},
        places,
    },
};
use spawnlint_analysis::{
    facts::Expr,
    questions::{Growth, Home, Program},
};

/// How many entries a bounded collection has.
const BOUND: u32 = 256;

/// What keeps a layer's collection from growing, best first.
pub fn rewrites_of_growth(program: &Program, rule: &str, growth: &Growth) -> Vec<Rewrite> {
    let mut found = Vec::new();
    if growth.sent.is_some() {
        // What would have to go, and when, is told by messages.
        found.extend(accept_at(program, rule, growth.filled));
        return found;
    }
    found.extend(taken_where_read(program, growth));
    found.extend(removed_at_close(program, growth));
    found.extend(retained_at_close(program, growth));
    found.extend(bounded(program, growth));
    found.extend(accept_at(program, rule, growth.filled));
    found
}

/// `self.started.lock().unwrap().get(&id)` in `on_close` becomes `.remove(&id)`.
fn taken_where_read(program: &Program, growth: &Growth) -> Option<Rewrite> {
    let read = growth.read_at_close.filter(|read| layers::may_change(program, *read))?;
    let file = program.file(read.file);
    let Expr::MethodCall { receiver, args, .. } = file[read.id] else { return None };
    let key = program.span(read.with(file.at(args, 0)?));
    let name = places::between(program.span(read.with(receiver)), key);
    Draft::new("remove the entry where it is read, when the span closes", MaybeIncorrect)
        .replace(name, vec![Piece::New(".remove(".to_owned())])
        .finish_in(program)
}

/// `fn on_close`, which removes what `on_new_span` inserted under the span's id.
fn removed_at_close(program: &Program, growth: &Growth) -> Option<Rewrite> {
    let ClosingCallback { at, id, context, .. } = layers::missing_on_close(program, growth)?;
    let (receiver, key) = layers::inserted_by_id(program, growth.filled)?;
    let key = match key {
        SpanKey::Number => "&id.into_u64()",
        SpanKey::Id => "&id",
    };
    let text = vec![
        Piece::New("\n    fn on_close(&self, id: ".to_owned()),
        Piece::Kept(id),
        Piece::New(", _: ".to_owned()),
        Piece::Kept(context),
        Piece::New(") {\n        ".to_owned()),
        Piece::Kept(receiver),
        Piece::New(format!(".remove({key});\n    }}\n")),
    ];
    Draft::new("remove the entry when the span closes", MaybeIncorrect).replace(at, text).finish_in(program)
}

/// `fn on_close`, which takes the span's id out of its parent's list.
fn retained_at_close(program: &Program, growth: &Growth) -> Option<Rewrite> {
    if growth.home != Home::ParentExtensions {
        return None;
    }
    let ClosingCallback { at, id, context, .. } = layers::missing_on_close(program, growth)?;
    let list = layers::list_in_extensions(program, growth.filled)?;
    let new = |text: &str| Piece::New(text.to_owned());
    let text = vec![
        new("\n    fn on_close(&self, id: "),
        Piece::Kept(id),
        new(", context: "),
        Piece::Kept(context),
        new(
            ") {\n        let Some(parent) = context.span(&id).and_then(|span| span.parent()) else { return };\n        \
             let mut extensions = parent.extensions_mut();\n        if let Some(",
        ),
        Piece::Kept(list.binding),
        new(") = extensions.get_mut::<"),
        Piece::Kept(list.ty),
        new(">() {\n            "),
        Piece::Kept(list.place),
        new(".retain(|child| *child != id);\n        }\n    }\n"),
    ];
    Draft::new("remove the child from its parent when it closes", MaybeIncorrect).replace(at, text).finish_in(program)
}

/// No more than so many entries: of a queue the newest, of anything else the first.
fn bounded(program: &Program, growth: &Growth) -> Option<Rewrite> {
    let file = program.file(growth.filled.file);
    let Expr::MethodCall { receiver, .. } = file[growth.filled.id] else { return None };
    let ty = layers::collection_type(program, growth.filled.with(receiver))?;
    let statement = places::statement(program, growth.filled).filter(|it| !it.is_tail)?;
    let kept = Piece::Kept(program.span(growth.filled.with(receiver)));
    if ty == "std::collections::VecDeque" && program.calls_method(growth.filled, "push_back") {
        let text = vec![
            Piece::New("if ".to_owned()),
            kept.clone(),
            Piece::New(format!(".len() >= {BOUND} {{\n    ")),
            kept,
            Piece::New(".pop_front();\n}\n".to_owned()),
        ];
        let title = format!("keep only the newest {BOUND} entries");
        return Draft::new(title, MaybeIncorrect).replace(statement.at.start(), text).finish_in(program);
    }
    let opens = vec![Piece::New("if ".to_owned()), kept, Piece::New(format!(".len() < {BOUND} {{\n    "))];
    Draft::new(format!("keep only the first {BOUND} entries"), MaybeIncorrect)
        .replace(statement.at.start(), opens)
        .after(statement.at, "\n}")
        .finish_in(program)
}
