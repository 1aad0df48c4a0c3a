//! The progress display of `generate` on a terminal: the elapsed simulated time, the number of events and their rate. Shows nothing without
//! a terminal.

use indicatif::ProgressBar;
use seeker_model::SimTime;

use crate::progress_bar::{events_per_s, progress_bar};

/// The progress of a generation.
pub(crate) struct Progress {
    bar: ProgressBar,
    end: SimTime,
}

impl Progress {
    /// Shows how much of the time up to `end` has passed.
    pub(crate) fn new(end: SimTime) -> Self {
        let template = "{elapsed_precise} [{wide_bar}] {percent} % of simulated time, {msg}, {eta} left";
        Self { bar: progress_bar(Some(end.as_micros()), template), end }
    }

    /// Updates the number of events and the time of the next event.
    pub(crate) fn show(&self, events: u64, next: Option<SimTime>) {
        if self.bar.is_hidden() {
            return;
        }
        let per_s = events_per_s(&self.bar, events);
        self.bar.set_message(format!("{events} events, {per_s:.0} events/s"));
        self.bar.set_position(next.unwrap_or(self.end).min(self.end).as_micros());
    }

    /// Clears the progress display.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
