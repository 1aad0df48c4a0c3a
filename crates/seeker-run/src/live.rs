//! The display during a run: a screen or one live line on a terminal, otherwise a line every few seconds. It always uses standard error,
//! because standard output is for the summary.

mod line;
mod load_keys;
mod screen;
mod snapshot;
mod status_output;
mod view;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use load_plan::{EventOutcome, Moment};
use measure::counters::Counters;
use measure::live_seekers::LiveSeekers;
use measure::observations::{Observations, Settled};
use measure::thresholds::current_figure::CurrentFigure;
use measure::time_histogram::time_histogram;
use measure::windows::Windows;

use crate::clock::RunClock;
use crate::live_load::LiveLoad;
use line::Line;
pub(crate) use screen::Screen;
use screen::SnapshotSender;
use snapshot::{Camera, Snapshot};
use status_output::StatusOutput;
pub(crate) use view::Heading as ScreenHeading;

/// The interval between two draws of the screen.
const SCREEN_INTERVAL: Duration = Duration::from_millis(250);

/// The update interval of the live line.
const TERMINAL_INTERVAL: Duration = Duration::from_secs(1);

/// The interval between lines without a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(3);

/// The kind of display during a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusDisplay {
    /// A screen if the terminal allows it, otherwise lines.
    #[default]
    Screen,
    /// A line that is updated on a terminal; elsewhere, line after line.
    Lines,
    /// No display.
    Nothing,
}

/// Shows the progress of a run.
pub(crate) struct Progress {
    clock: RunClock,
    load: LiveLoad,
    live: Arc<LiveSeekers>,
    form: Form,
    /// The observations since the last update of the figures.
    window: Window,
    line: Line,
}

enum Form {
    Screen {
        feed: SnapshotSender,
        camera: Box<Camera>,
        shown: Moment,
    },
    Lines(StatusOutput),
    /// Only messages.
    Quiet(StatusOutput),
    /// The run has ended.
    Nothing,
}

struct Window {
    began: Moment,
    /// The time of the last observation. The window is complete up to this time.
    latest: Moment,
    settled: u64,
    latency: Histogram<u64>,
}

impl Progress {
    /// Creates the display: none, the screen if there is one, or lines.
    pub(crate) fn new(
        clock: RunClock,
        load: LiveLoad,
        live: Arc<LiveSeekers>,
        status_display: StatusDisplay,
        screen: Option<&Screen>,
    ) -> Self {
        let form = match (status_display, screen) {
            (StatusDisplay::Nothing, _) => Form::Quiet(StatusOutput::start(false)),
            (_, Some(screen)) => {
                let camera = Box::new(Camera::new(clock, load.clone()));
                Form::Screen { feed: screen.feed(), camera, shown: Moment::default() }
            }
            (_, None) => Form::of_lines(),
        };
        let window = Window { began: Moment::default(), latest: Moment::default(), settled: 0, latency: time_histogram() };
        Self { clock, load, live, form, window, line: Line::default() }
    }

    /// Adds the observations of an arbiter.
    pub(crate) fn observe(&mut self, observations: &Observations) {
        if !matches!(self.form, Form::Lines(_)) {
            return;
        }
        self.window.latest = self.clock.now();
        self.window.settled += observations.settled.len() as u64 + observations.warm_up.planned();
        // The outcome of an event without an acknowledgement is unknown, even if the target has read the event.
        let is_timed = |settled: &&Settled| settled.answered_request.is_some() && settled.outcome != EventOutcome::Unknown;
        for settled in observations.settled.iter().filter(is_timed) {
            self.window.latency.saturating_record(settled.latency_micros());
        }
    }

    /// Shows the state of the run if an update is due.
    pub(crate) fn show(&mut self, sum: &Counters, windows: &Windows, thresholds: impl FnOnce() -> Vec<CurrentFigure>) {
        match &mut self.form {
            Form::Nothing | Form::Quiet(_) => {}
            Form::Screen { feed, camera, shown } => {
                let now = self.clock.now();
                if now.since(*shown) < SCREEN_INTERVAL {
                    return;
                }
                *shown = now;
                let snapshot = Snapshot { thresholds: thresholds(), ..camera.take(sum, windows, self.live.now()) };
                if !feed.offer(snapshot) {
                    self.window.began = now;
                    self.form = Form::of_lines();
                }
            }
            Form::Lines(output) => {
                let is_live = output.is_live();
                self.show_line(sum, is_live);
            }
        }
    }

    fn show_line(&mut self, sum: &Counters, is_live: bool) {
        let interval = if is_live { TERMINAL_INTERVAL } else { LINE_INTERVAL };
        let now = self.clock.now();
        let is_time = now.since(self.window.began) >= interval;
        if is_time {
            // Observations arrive at their own intervals. Without any for a long time, the window ends now.
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
        let load = self.load.current();
        self.line.wanted = load.level_at(now);
        self.line.unit = load.kind().unit();
        self.line.elapsed = now.since(Moment::default());
        self.line.left = load.duration().saturating_sub(self.line.elapsed);
        self.line.live = self.live.now();
        self.line.errors = sum.total().not_acknowledged();
        if let Form::Lines(output) = &self.form
            && (is_time || is_live)
        {
            output.status(self.line.to_string());
        }
    }

    /// Writes a message line beside the display. Returns whether that was possible: a screen has no room for messages.
    pub(crate) fn show_message(&self, line: &str) -> bool {
        match &self.form {
            Form::Screen { .. } | Form::Nothing => false,
            Form::Lines(output) | Form::Quiet(output) => output.message(line.to_owned()),
        }
    }

    /// Ends the display. Removes a live line.
    pub(crate) fn finish(&mut self) {
        if matches!(self.form, Form::Lines(_) | Form::Quiet(_)) {
            self.form = Form::Nothing;
        }
    }
}

impl Form {
    fn of_lines() -> Self {
        Self::Lines(StatusOutput::start(io::stderr().is_terminal()))
    }
}
