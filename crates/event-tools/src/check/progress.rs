//! The progress display of a check on a terminal: how much was read, and how fast. Shows nothing without a terminal.

use event_input::{BytesRead, Input};
use indicatif::ProgressBar;

use crate::progress_bar::{events_per_s, progress_bar};

/// The progress of a check.
pub(crate) struct Progress {
    bar: ProgressBar,
    bytes_read: BytesRead,
}

impl Progress {
    /// Shows the progress of reading these inputs, if standard error is a terminal.
    pub(crate) fn new(inputs: &[Input], bytes_read: BytesRead) -> Self {
        let total = inputs.iter().map(Input::bytes).sum::<Option<u64>>();
        let template = if total.is_some() {
            "[{wide_bar}] {bytes} of {total_bytes}, {bytes_per_sec}{msg}, {eta} left"
        } else {
            "{spinner} {bytes}, {bytes_per_sec}{msg}"
        };
        Self { bar: progress_bar(total, template), bytes_read }
    }

    /// Updates the number of judged events.
    pub(crate) fn show(&self, events: u64) {
        if self.bar.is_hidden() {
            return;
        }
        let per_s = events_per_s(&self.bar, events);
        self.bar.set_message(format!(", {per_s:.0} events/s"));
        self.bar.set_position(self.bytes_read.get());
    }

    /// Clears the progress display.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
