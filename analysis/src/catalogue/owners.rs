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

/// Whether the table names the type.
pub(super) fn is_owner(path: &str) -> bool {
    on_drop(path).is_some()
}
