//! A guard that ends its work as soon as it is created.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{DiscardedGuard, GuardKind, Loss};

declare_rule! {
    /// A guard is dropped as soon as it is created, which ends the work immediately.
    ///
    /// ## What it does
    /// Reports a value whose drop ends a task, if the value is dropped where it is created: as a statement, by
    /// `let _ =`, as a temporary that is used only to access something else, or because it is bound to a name just
    /// before the function returns. Such values are
    ///
    /// - `AbortOnDropHandle` and `AbortOnDrop` from tokio-util, `ChildTask` from abort-on-drop;
    /// - a cancellation token's `DropGuard`: dropping the guard cancels the token;
    /// - a `Task` from smol or async-executor, a `RemoteHandle` from futures, a handle from compio or glommio;
    /// - a temporary `JoinSet`: `JoinSet::new().spawn(work);`
    /// - a workspace type that aborts a task in its `Drop`, or holds one of the above.
    ///
    /// Where a function creates such a value and returns it, the function's callers are checked instead.
    ///
    /// Not reported: `drop(guard)` and `.detach()`, which are intentional; a `let _guard =` followed by anything that
    /// takes time; a value that is shared (`Arc`), stored, passed on or awaited; and a blocking closure, which keeps
    /// running once it has started.
    ///
    /// ## Why it leaks
    /// This is the opposite of a leak, but it has the same cause: the handle looks useless. The task is cancelled
    /// before it is first polled, or the token is cancelled for everyone who listens to it. `let _ =` drops the value
    /// immediately, while `let _guard =` drops it at the end of the scope.
    ///
    /// ## Example
    /// ```rust
    /// use tokio_util::task::AbortOnDropHandle;
    ///
    /// async fn refresh() {}
    ///
    /// pub async fn run(requests: Vec<String>) {
    ///     let _ = AbortOnDropHandle::new(tokio::spawn(refresh()));
    ///     for request in requests {
    ///         tokio::task::yield_now().await;
    ///         println!("{request}");
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio_util::task::AbortOnDropHandle;
    ///
    /// async fn refresh() {}
    ///
    /// pub async fn run(requests: Vec<String>) {
    ///     let _refresh = AbortOnDropHandle::new(tokio::spawn(refresh()));
    ///     for request in requests {
    ///         tokio::task::yield_now().await;
    ///         println!("{request}");
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Naming the guard keeps the work running until the end of the scope; this fix is proposed where the code after
    /// the guard waits for something. Code that waits for the work itself before the scope ends may then wait forever.
    /// In a function that returns immediately, the guard has to be returned or stored. Which of the two is up to you:
    /// the fix only adds `detach()` or `forget()`, which keeps the task running, and a placeholder for the reason.
    ///
    /// ## Known limits
    /// If a dropped tuple or collection contains a guard, the guard is not followed. Neither is a guard behind a trait
    /// object.
    discarded_guard, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.discarded_guards(), |cx, guard| {
        let mut labels = Vec::new();
        labels.extend(guard.made.map(|at| Label::new(at, "the task is spawned here")));
        if let GuardKind::Owner(name, Some(at)) = &guard.kind {
            labels.push(Label::new(*at, format!("dropping `{name}` ends the task here")));
        }
        cx.report(Finding {
            rule: RULE.name,
            at: cx.program.call_head(guard.at),
            task: cx.program.task_of_call(guard.at),
            message: format!("{} is dropped immediately, which {}", what(&guard), ends(&guard)),
            label: lost(&guard),
            labels,
            notes: vec![why(&guard)],
            helps: vec![what_to_do(&guard)],
            rewrites: proposals::rewrites_of_guard(cx.program, RULE.name, &guard),
        });
    });
}

fn what(guard: &DiscardedGuard) -> String {
    match &guard.kind {
        GuardKind::Handle => "this handle".to_owned(),
        GuardKind::Token(token) => format!("the drop guard of `{token}`"),
        GuardKind::Set => "this task set".to_owned(),
        GuardKind::Owner(name, _) => format!("this `{name}`"),
    }
}

fn ends(guard: &DiscardedGuard) -> String {
    match (&guard.kind, &guard.task) {
        (GuardKind::Token(_), _) => "cancels the token for everyone".to_owned(),
        (_, Some(task)) => format!("ends {task}"),
        (_, None) => "ends its task".to_owned(),
    }
}

fn lost(guard: &DiscardedGuard) -> String {
    match &guard.loss {
        Loss::Statement => "dropped at the end of this statement".to_owned(),
        Loss::Underscore => "`_` drops it immediately".to_owned(),
        Loss::Temporary => "a temporary, dropped at the end of this statement".to_owned(),
        Loss::EndOfFunction(name) => {
            format!("`{name}` is dropped when the function returns, and the function returns immediately")
        }
    }
}

fn why(guard: &DiscardedGuard) -> String {
    match guard.loss {
        Loss::Underscore => {
            "`_` binds nothing: only a name, such as `_guard`, keeps a value until the end of its scope"
        }
        Loss::EndOfFunction(_) => "nothing after this takes time, so the work barely starts",
        Loss::Statement | Loss::Temporary => "nothing holds this value, so the work barely starts",
    }
    .to_owned()
}

fn what_to_do(guard: &DiscardedGuard) -> String {
    let keep = match guard.loss {
        Loss::EndOfFunction(_) => "return the value, or store it in whatever needs the work",
        _ => "bind the value to a name for as long as the work should run (`let _guard = ..`), return it, or store it",
    };
    match guard.kind {
        GuardKind::Token(_) => format!("{keep}; to cancel the token now, call `cancel()`"),
        GuardKind::Set => "keep the set in a variable, and join it or let it end with its scope".to_owned(),
        GuardKind::Handle | GuardKind::Owner(..) => {
            format!("{keep}; if the task should run on its own, detach it explicitly")
        }
    }
}
