//! What `generate` shows on a terminal while it goes on: how much of the simulated time is over, how many events were made and how
//! fast. Nothing where there is no terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use seeker_model::SimTime;

/// How often the line is drawn at most, a second.
const DRAWS_PER_S: u8 = 10;

/// The progress of a generation.
pub(crate) struct Progress {
    bar: ProgressBar,
    end: SimTime,
}

impl Progress {
    /// Shows how much of the time up to `end` is over.
    pub(crate) fn new(end: SimTime) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(end.as_micros()), target);
        let template = "{elapsed_precise} [{wide_bar}] {percent} % of the time, {msg}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is sound").progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar, end }
    }

    /// Takes note that so many events were made, and when something happens next.
    pub(crate) fn show(&self, events: u64, next: Option<SimTime>) {
        if self.bar.is_hidden() {
            return;
        }
        let seconds = self.bar.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let per_s = events as f64 / seconds;
        self.bar.set_message(format!("{events} events, {per_s:.0} events/s"));
        self.bar.set_position(next.unwrap_or(self.end).min(self.end).as_micros());
    }

    /// Leaves the screen as it was.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
