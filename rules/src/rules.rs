//! Every rule, one file each.

mod abandoned_blocking;
mod cancel_unsafe_join;
mod detached_by_await;
mod detached_task;
mod discarded_guard;
mod double_spawn;
mod dropped_join_handle;
mod forgotten_channel;
mod ignored_close;
mod ineffective_abort;
mod long_lived_span;
mod long_timeout_in_task;
mod lost_task_error;
mod never_cancelled_token;
mod self_sustaining_task;
mod single_task_join_set;
mod span_child_accumulation;
mod stop_without_drop;
mod task_outlives_owner;
mod unbounded_task_loop;
mod undrained_task_set;
mod unowned_task;

use crate::rule::Rule;

/// All rules, in the order in which they are listed.
pub static RULES: &[&Rule] = &[
    &dropped_join_handle::RULE,
    &long_timeout_in_task::RULE,
    &unbounded_task_loop::RULE,
    &undrained_task_set::RULE,
    &discarded_guard::RULE,
    &ineffective_abort::RULE,
    &span_child_accumulation::RULE,
    &task_outlives_owner::RULE,
    &never_cancelled_token::RULE,
    &long_lived_span::RULE,
    &double_spawn::RULE,
    &single_task_join_set::RULE,
    &forgotten_channel::RULE,
    &ignored_close::RULE,
    &self_sustaining_task::RULE,
    &detached_by_await::RULE,
    &unowned_task::RULE,
    &stop_without_drop::RULE,
    &cancel_unsafe_join::RULE,
    &abandoned_blocking::RULE,
    &detached_task::RULE,
    &lost_task_error::RULE,
];

/// Rules that may hold for the same task at once, the most specific cause first: only the first one speaks.
/// A rule that is switched off hands the word on to the next.
pub static STORY: &[&str] = &[
    "ignored_close",
    "forgotten_channel",
    "self_sustaining_task",
    "never_cancelled_token",
    // Somebody meant to end the task, and believes to have done so: that says more than that nobody holds it.
    "ineffective_abort",
    "task_outlives_owner",
    "detached_by_await",
    "long_timeout_in_task",
    "unbounded_task_loop",
    "dropped_join_handle",
    "stop_without_drop",
    "cancel_unsafe_join",
    "abandoned_blocking",
    "unowned_task",
    "detached_task",
];
