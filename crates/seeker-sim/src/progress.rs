//! What a run shows while it goes on: on a terminal one live line, elsewhere a line every few seconds. Always to standard error, so
//! that standard output holds the summary alone.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::batch::Batch;
use crate::clock::{Moment, RunClock};
use crate::ledger::LiveSeekers;
use crate::load::Load;
use crate::tally::{Tally, time_histogram};

/// How often the figures of the live line change.
const TERMINAL_INTERVAL: Duration = Duration::from_secs(1);

/// How often a line is written where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(3);

/// Shows the progress of a run.
pub(crate) struct Progress {
    clock: RunClock,
    load: Load,
    live: Arc<LiveSeekers>,
    screen: Screen,
    /// What came in since the figures were last made.
    window: Window,
    line: Line,
}

enum Screen {
    Terminal(ProgressBar),
    Lines,
}

struct Window {
    began: Moment,
    /// When something came in last; up to here the window is complete.
    latest: Moment,
    settled: u64,
    latency: Histogram<u64>,
}

impl Progress {
    pub(crate) fn new(clock: RunClock, load: Load, live: Arc<LiveSeekers>) -> Self {
        let screen = if io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").expect("the template is sound"));
            Screen::Terminal(bar)
        } else {
            Screen::Lines
        };
        let window = Window { began: Moment::default(), latest: Moment::default(), settled: 0, latency: time_histogram() };
        Self { clock, load, live, screen, window, line: Line::default() }
    }

    /// Takes note of what an arbiter told.
    pub(crate) fn observe(&mut self, batch: &Batch) {
        self.window.latest = self.clock.now();
        self.window.settled += batch.settled.len() as u64;
        for times in batch.settled.iter().filter_map(|settled| settled.times) {
            self.window.latency.saturating_record(times.latency_micros);
        }
    }

    /// Shows the state of the run, if it is time to.
    pub(crate) fn show(&mut self, sum: &Tally) {
        let now = self.clock.now();
        let interval = match self.screen {
            Screen::Terminal(_) => TERMINAL_INTERVAL,
            Screen::Lines => LINE_INTERVAL,
        };
        let is_time = now.since(self.window.began) >= interval;
        if is_time {
            // Tallies come in at intervals of their own; without one for long the window ends now.
            let end = if now.since(self.window.latest) < interval { self.window.latest } else { now };
            let since = end.since(self.window.began);
            #[expect(clippy::cast_precision_loss, reason = "only shown")]
            let settled = self.window.settled as f64;
            self.line.achieved_per_s = settled / since.as_secs_f64().max(f64::MIN_POSITIVE);
            self.line.p50_micros = self.window.latency.value_at_quantile(0.5);
            self.line.p99_micros = self.window.latency.value_at_quantile(0.99);
            self.window.began = end;
            self.window.settled = 0;
            self.window.latency.reset();
        }
        self.line.wanted = self.load.level_at(now);
        self.line.unit = self.load.kind().unit();
        self.line.elapsed = now.since(Moment::default());
        self.line.left = self.load.duration().saturating_sub(self.line.elapsed);
        self.line.live = self.live.now();
        self.line.errors = sum.total().not_acknowledged();
        match &self.screen {
            Screen::Terminal(bar) => {
                bar.set_message(self.line.to_string());
                bar.tick();
            }
            Screen::Lines if is_time => {
                // A closed standard error is no reason to end a run.
                let _ = writeln!(io::stderr(), "{}", self.line);
            }
            Screen::Lines => {}
        }
    }

    /// Leaves the screen as it was.
    pub(crate) fn finish(&mut self) {
        if let Screen::Terminal(bar) = &self.screen {
            bar.finish_and_clear();
        }
    }
}

/// One line of progress.
#[derive(Default)]
struct Line {
    elapsed: Duration,
    left: Duration,
    /// What the load wants now, in its unit.
    wanted: f64,
    unit: &'static str,
    achieved_per_s: f64,
    live: u64,
    p50_micros: u64,
    p99_micros: u64,
    errors: u64,
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

/// A number of which small ones show more digits.
struct Rounded(f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 10.0 { write!(f, "{}", (self.0 * 1000.0).round() / 1000.0) } else { write!(f, "{:.0}", self.0) }
    }
}

/// Microseconds, shown as milliseconds.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 100)
    }
}
