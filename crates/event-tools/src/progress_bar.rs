//! The progress bar of commands on files. Shows nothing without a terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The maximum number of redraws a second.
const DRAWS_PER_S: u8 = 10;

/// Creates a bar on standard error, hidden if standard error is not a terminal.
pub(crate) fn progress_bar(total: Option<u64>, template: &str) -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(total, target);
    bar.set_style(ProgressStyle::with_template(template).expect("the template is valid").progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// The rate of events since the bar was first shown.
pub(crate) fn events_per_s(bar: &ProgressBar, events: u64) -> f64 {
    let seconds = bar.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let events = events as f64;
    events / seconds
}
