//! One line of progress, for terminals and logs.

use std::fmt;
use std::time::Duration;

/// One line of progress.
#[derive(Default)]
pub(super) struct Line {
    pub(super) elapsed: Duration,
    pub(super) left: Duration,
    /// The current load of the plan, in its unit.
    pub(super) wanted: f64,
    pub(super) unit: &'static str,
    pub(super) achieved_per_s: f64,
    pub(super) live: u64,
    pub(super) p50_micros: u64,
    pub(super) p99_micros: u64,
    pub(super) errors: u64,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>3.0} s | planned {}{} | achieved {:.0}/s | {} live seekers | p50 {} ms | p99 {} ms | {} errors | {:.0} s left",
            self.elapsed.as_secs_f64(),
            Rounded(self.wanted),
            self.unit,
            self.achieved_per_s,
            self.live,
            Millis(self.p50_micros),
            Millis(self.p99_micros),
            self.errors,
            self.left.as_secs_f64()
        )
    }
}

/// A number that has more digits if it is small.
pub(super) struct Rounded(pub(super) f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 10.0 { write!(f, "{}", (self.0 * 1000.0).round() / 1000.0) } else { write!(f, "{:.0}", self.0) }
    }
}

/// Microseconds, displayed as milliseconds.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 100)
    }
}
