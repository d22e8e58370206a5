//! A bar on the terminal, for runs that take long enough to wonder.

use crate::engine::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that shows itself after half a second, and what moves it.
pub(super) fn bar() -> (ProgressBar, Progress) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("    reading [{bar:30}] {pos}/{len} files")
        .expect("the template is a constant")
        .progress_chars("=> ");
    bar.set_style(style);
    let start = Instant::now();
    let shown = std::sync::Once::new();
    let moved = bar.clone();
    let progress = move |done: usize, all: usize| {
        if start.elapsed() > PATIENCE {
            shown.call_once(|| moved.set_draw_target(ProgressDrawTarget::stderr()));
            moved.set_length(all as u64);
            moved.set_position(done as u64);
        }
    };
    (bar, Arc::new(progress))
}
