//! A set of handles that a loop fills forever and never empties.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{GrowingSet, SetKind, Turn};

declare_rule! {
    /// A set of tasks is filled endlessly and never drained.
    ///
    /// ## What it does
    /// Reports a `JoinSet`, a `FuturesUnordered`, or a list of handles (`Vec`, `VecDeque`) that an unbounded loop fills
    /// and that nothing empties while the loop runs. In each iteration, such a loop waits for the next connection,
    /// message or tick; it ends only on a signal, with a peer or on an error. The loop may be in the same body as the
    /// set, call the method that fills a field, or lend the set to a function.
    ///
    /// A set counts as emptied by `join_next`, `try_join_next`, `next`, `retain`, `drain`, `clear`, `pop`, `remove`,
    /// `take`, a new set that replaces it, or anything that is not understood. This may happen in the loop, in a
    /// `select!` branch, in a function that the loop calls, or, for a field, anywhere in the workspace. Code that runs
    /// only after the loop, in a `Drop`, or in a `shutdown`, `stop` or `close` comes too late, and gets a label.
    ///
    /// Not reported:
    ///
    /// - a loop with a count or another condition of its own, or a `for` loop over existing items;
    /// - a loop that reads from a channel whose sender is in the same body;
    /// - a set whose length is checked, or that is created in each iteration;
    /// - a set that is public, handed out or shared;
    /// - a map, or a `TaskTracker` (which forgets finished tasks).
    ///
    /// ## Why it leaks
    /// A `JoinSet` keeps the result of each task until that task is joined, and a list keeps each handle; a task is
    /// freed only when its last handle is dropped. So a server that accepts connections for weeks keeps something for
    /// every connection it ever had. Nobody looks at the results, either, so panics go unseen.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::{net::TcpListener, net::TcpStream, task::JoinSet};
    ///
    /// async fn serve(stream: TcpStream) {
    ///     let _ = stream.readable().await;
    /// }
    ///
    /// pub async fn listen(listener: TcpListener) -> std::io::Result<()> {
    ///     let mut connections = JoinSet::new();
    ///     loop {
    ///         let (stream, _) = listener.accept().await?;
    ///         connections.spawn(serve(stream));
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio::{net::TcpListener, net::TcpStream, task::JoinSet};
    ///
    /// async fn serve(stream: TcpStream) {
    ///     let _ = stream.readable().await;
    /// }
    ///
    /// pub async fn listen(listener: TcpListener) -> std::io::Result<()> {
    ///     let mut connections = JoinSet::new();
    ///     loop {
    ///         tokio::select! {
    ///             accepted = listener.accept() => {
    ///                 connections.spawn(serve(accepted?.0));
    ///             }
    ///             Some(done) = connections.join_next() => {
    ///                 done.expect("no connection panics");
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// `join_next` in a `select!` branch is cancel safe. Removing finished tasks does not affect tasks that are still
    /// running, but the fix drops the results of the finished tasks: if you need these results at the end, keep them
    /// instead of the handles. The last tasks stay in the set until the next one is spawned.
    ///
    /// ## Known limits
    /// Maps of handles are not judged, since a key may repeat. Lists of structs that hold a handle are not judged,
    /// either. A set that is in a static or is reached through a clone is not followed.
    undrained_task_set, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.growing_sets(), |cx, set| {
        let name = &set.name;
        let (looped, keyword) = set.looped;
        let waits = match set.turn {
            Turn::Connection => "for every connection",
            Turn::Message => "for every message",
            Turn::Time => "on every tick of a timer",
        };
        let mut labels = vec![Label::new(set.held, format!("`{name}` outlives each iteration of the loop"))];
        labels.push(Label::new(
            cx.program.keyword_span(looped, keyword),
            format!("this loop fills the set {waits}, and nothing drains it"),
        ));
        let last = set.calls.len().saturating_sub(1);
        labels.extend(set.calls.iter().enumerate().map(|(at, call)| {
            Label::new(*call, if at == last { "this call fills the set" } else { "this call leads to the spawn" })
        }));
        labels.extend(set.emptied_late.map(|at| Label::new(at, "only this empties the set, after the loop")));
        cx.report(Finding {
            rule: RULE.name,
            at: cx.program.call_head(set.filled),
            task: cx.program.task_of_call(set.filled),
            message: format!("`{name}` gets a task {waits} and is never drained"),
            label: format!("spawned into `{name}`"),
            labels,
            notes: vec![why(&set)],
            helps: vec![what_to_do(&set)],
            rewrites: proposals::rewrites_of_growing_set(cx.program, RULE.name, &set),
        });
    });
}

fn why(set: &GrowingSet) -> String {
    match set.kind {
        SetKind::Joined => "a `JoinSet` keeps the result of every finished task until that task is joined, so the set grows for as long as the loop runs",
        SetKind::Futures => "each item stays until the stream yields it, so the set grows for as long as the loop runs",
        SetKind::List => "a finished task's handle keeps the task's memory and result, so the list grows for as long as the loop runs",
    }
    .to_owned()
}

fn what_to_do(set: &GrowingSet) -> String {
    let name = &set.name;
    let tracker = "if nothing needs the results, a `TaskTracker` from tokio-util forgets finished tasks on its own";
    match set.kind {
        SetKind::Joined => format!(
            "join finished tasks in the loop: a `select!` branch `Some(done) = {name}.join_next() => ..`, or `while {name}.try_join_next().is_some() {{}}` in each iteration; {tracker}"
        ),
        SetKind::Futures => {
            format!("poll the set in the loop: a `select!` branch `Some(done) = {name}.next() => ..`; {tracker}")
        }
        SetKind::List => format!(
            "remove finished tasks in each iteration: `{name}.retain(|task| !task.is_finished())`, or use a `JoinSet` with a `select!` branch on `join_next()`; {tracker}"
        ),
    }
}
