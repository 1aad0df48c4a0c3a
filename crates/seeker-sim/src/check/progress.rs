//! What a check shows on a terminal while it goes on: how much was read, and how fast. Nothing where there is no terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::{BytesRead, Input};

/// How often the line is drawn at most, a second.
const DRAWS_PER_S: u8 = 10;

/// The progress of a check.
pub(crate) struct Progress {
    bar: ProgressBar,
    bytes_read: BytesRead,
}

impl Progress {
    /// Shows how much of these inputs was read, if standard error is a terminal.
    pub(crate) fn new(inputs: &[Input], bytes_read: BytesRead) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S)
        } else {
            ProgressDrawTarget::hidden()
        };
        let total = inputs.iter().map(Input::bytes).sum::<Option<u64>>();
        let bar = ProgressBar::with_draw_target(total, target);
        let template = if total.is_some() {
            "[{wide_bar}] {bytes} of {total_bytes}, {bytes_per_sec}{msg}, {eta} left"
        } else {
            "{spinner} {bytes}, {bytes_per_sec}{msg}"
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is sound").progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar, bytes_read }
    }

    /// Takes note of how many events were judged so far.
    pub(crate) fn show(&self, events: u64) {
        if self.bar.is_hidden() {
            return;
        }
        let seconds = self.bar.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let per_s = events as f64 / seconds;
        self.bar.set_message(format!(", {per_s:.0} events/s"));
        self.bar.set_position(self.bytes_read.get());
    }

    /// Leaves the screen as it was.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
