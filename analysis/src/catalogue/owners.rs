//! Types that end a task, or give the sign to end it, when a value of them is dropped.

/// What dropping a value does to the tasks that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OnDrop {
    /// They are aborted or cancelled: dropped at their next wait, whatever they do.
    Ends,
    /// A sign is given that only those see who look at it.
    Signals,
}

/// Types by canonical path.
const OWNERS: &[(&str, OnDrop)] = &[
    ("tokio_util::task::AbortOnDropHandle", OnDrop::Ends),
    ("tokio_util::task::AbortOnDrop", OnDrop::Ends),
    ("tokio_util::task::JoinMap", OnDrop::Ends),
    ("tokio_util::task::JoinQueue", OnDrop::Ends),
    ("tokio::task::JoinSet", OnDrop::Ends),
    ("tokio::task::LocalSet", OnDrop::Ends),
    ("tokio::runtime::Runtime", OnDrop::Ends),
    ("tokio::runtime::LocalRuntime", OnDrop::Ends),
    ("abort_on_drop::ChildTask", OnDrop::Ends),
    ("async_task::Task", OnDrop::Ends),
    ("async_task::FallibleTask", OnDrop::Ends),
    ("async_executor::Executor", OnDrop::Ends),
    ("async_executor::LocalExecutor", OnDrop::Ends),
    ("futures::future::RemoteHandle", OnDrop::Ends),
    ("compio::runtime::Task", OnDrop::Ends),
    ("compio::runtime::JoinHandle", OnDrop::Ends),
    ("glommio::Task", OnDrop::Ends),
    ("tokio_util::sync::DropGuard", OnDrop::Signals),
    ("tokio_util::sync::DropGuardRef", OnDrop::Signals),
];

/// What dropping a value of a foreign type does to tasks, if it does anything.
pub fn on_drop(path: &str) -> Option<OnDrop> {
    OWNERS.iter().find(|(known, _)| *known == path).map(|(_, does)| *does)
}

/// What a value of a type of a library has to do with tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskHold {
    /// A handle whose drop detaches the task.
    Handle,
    /// A handle that can only abort.
    AbortHandle,
    /// A guard that ends a task, or cancels a token, when it is dropped.
    Guard,
    /// A set, scope or runtime that owns tasks.
    Set,
    /// A cancellation token.
    Token,
    /// The sending half of a channel.
    Sender,
    /// The receiving half of a channel.
    Receiver,
    /// A notification.
    Notify,
}

impl TaskHold {
    /// What it is.
    pub fn words(self) -> &'static str {
        match self {
            TaskHold::Handle => "handle",
            TaskHold::AbortHandle => "abort handle",
            TaskHold::Guard => "guard",
            TaskHold::Set => "task set",
            TaskHold::Token => "token",
            TaskHold::Sender => "sender",
            TaskHold::Receiver => "receiver",
            TaskHold::Notify => "notification",
        }
    }
}

/// Whether tasks are put into a value of a type, and not made into one.
fn owns_many(path: &str) -> bool {
    let name = path.rsplit("::").next().unwrap_or(path);
    ["Set", "Map", "Queue", "Runtime", "Executor", "Tracker"].iter().any(|end| name.ends_with(end))
}

/// What a value of that type has to do with tasks, if anything.
pub fn task_hold(path: &str) -> Option<TaskHold> {
    if super::is_abort_handle(path) {
        return Some(TaskHold::AbortHandle);
    }
    if super::is_handle(path) {
        return Some(TaskHold::Handle);
    }
    match on_drop(path) {
        Some(_) if owns_many(path) => return Some(TaskHold::Set),
        Some(_) => return Some(TaskHold::Guard),
        None => {}
    }
    if super::is_sender(path) {
        return Some(TaskHold::Sender);
    }
    if super::is_receiver(path) {
        return Some(TaskHold::Receiver);
    }
    match path {
        "tokio_util::sync::CancellationToken" => Some(TaskHold::Token),
        "tokio_util::task::TaskTracker" => Some(TaskHold::Set),
        "tokio::sync::Notify" => Some(TaskHold::Notify),
        _ => None,
    }
}

/// Whether the table names the type.
pub(super) fn is_owner(path: &str) -> bool {
    on_drop(path).is_some()
}
