//! Types that end a task, or give the sign to end it, when a value of them is dropped.

/// What dropping a value does to the tasks that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OnDrop {
    /// They are aborted or cancelled: dropped at their next wait, whatever they do.
    Ends,
    /// A sign is given that only those see who look at it.
    Signals,
}

/// Types by canonical path: what dropping them does, and what they are.
const OWNERS: &[(&str, OnDrop, TaskHold)] = &[
    ("tokio_util::task::AbortOnDropHandle", OnDrop::Ends, TaskHold::Guard),
    ("tokio_util::task::AbortOnDrop", OnDrop::Ends, TaskHold::Guard),
    ("tokio_util::task::JoinMap", OnDrop::Ends, TaskHold::Set),
    ("tokio_util::task::JoinQueue", OnDrop::Ends, TaskHold::Set),
    ("tokio::task::JoinSet", OnDrop::Ends, TaskHold::Set),
    ("tokio::task::LocalSet", OnDrop::Ends, TaskHold::Set),
    ("tokio::runtime::Runtime", OnDrop::Ends, TaskHold::Runtime),
    ("tokio::runtime::LocalRuntime", OnDrop::Ends, TaskHold::Runtime),
    ("abort_on_drop::ChildTask", OnDrop::Ends, TaskHold::Guard),
    ("async_task::Task", OnDrop::Ends, TaskHold::Guard),
    ("async_task::FallibleTask", OnDrop::Ends, TaskHold::Guard),
    ("async_executor::Executor", OnDrop::Ends, TaskHold::Runtime),
    ("async_executor::LocalExecutor", OnDrop::Ends, TaskHold::Runtime),
    ("futures::future::RemoteHandle", OnDrop::Ends, TaskHold::Guard),
    ("compio::runtime::Task", OnDrop::Ends, TaskHold::Guard),
    ("compio::runtime::JoinHandle", OnDrop::Ends, TaskHold::Guard),
    ("glommio::Task", OnDrop::Ends, TaskHold::Guard),
    ("tokio_util::sync::DropGuard", OnDrop::Signals, TaskHold::Guard),
    ("tokio_util::sync::DropGuardRef", OnDrop::Signals, TaskHold::Guard),
];

/// What dropping a value of a foreign type does to tasks, if it does anything.
pub fn on_drop(path: &str) -> Option<OnDrop> {
    OWNERS.iter().find(|(known, ..)| *known == path).map(|(_, does, _)| *does)
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
    /// A set that owns tasks.
    Set,
    /// A runtime or executor that runs tasks.
    Runtime,
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
            TaskHold::Runtime => "runtime",
            TaskHold::Token => "token",
            TaskHold::Sender => "sender",
            TaskHold::Receiver => "receiver",
            TaskHold::Notify => "notification",
        }
    }
}

/// What a value of that type has to do with tasks, if anything.
pub fn task_hold(path: &str) -> Option<TaskHold> {
    if let Some((.., hold)) = OWNERS.iter().find(|(known, ..)| *known == path) {
        return Some(*hold);
    }
    match path {
        _ if super::is_abort_handle(path) => Some(TaskHold::AbortHandle),
        _ if super::is_handle(path) => Some(TaskHold::Handle),
        _ if super::is_sender(path) => Some(TaskHold::Sender),
        _ if super::is_receiver(path) => Some(TaskHold::Receiver),
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
