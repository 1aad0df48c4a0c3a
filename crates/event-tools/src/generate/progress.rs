//! What `generate` shows on a terminal while it goes on: how much of the simulated time is over, how many events were made and how
//! fast. Nothing where there is no terminal.

use indicatif::ProgressBar;
use seeker_model::SimTime;

use crate::progress_bar::{events_per_s, progress_bar};

/// The progress of a generation.
pub(crate) struct Progress {
    bar: ProgressBar,
    end: SimTime,
}

impl Progress {
    /// Shows how much of the time up to `end` is over.
    pub(crate) fn new(end: SimTime) -> Self {
        let template = "{elapsed_precise} [{wide_bar}] {percent} % of the time, {msg}, {eta} left";
        Self { bar: progress_bar(Some(end.as_micros()), template), end }
    }

    /// Takes note that so many events were made, and when something happens next.
    pub(crate) fn show(&self, events: u64, next: Option<SimTime>) {
        if self.bar.is_hidden() {
            return;
        }
        let per_s = events_per_s(&self.bar, events);
        self.bar.set_message(format!("{events} events, {per_s:.0} events/s"));
        self.bar.set_position(next.unwrap_or(self.end).min(self.end).as_micros());
    }

    /// Leaves the screen as it was.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
