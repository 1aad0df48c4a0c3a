//! The actor that turns the observations of the arbiters into counts, histograms and windows, and shows them during the run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Context, Handler};
use load_plan::Moment;
use load_plan::load::{GapRange, Load, LoadKind};
use load_plan::threshold::Threshold;
use measure::counters::Counters;
use measure::latency_blocks::LatencyBlockRecorder;
use measure::live_seekers::LiveSeekers;
use measure::observations::Observations;
use measure::run_record::RunRecord;
use measure::silence::LastAnswer;
use measure::thresholds::current_figure::CurrentFigure;
use measure::thresholds::outside_pauses::OutsidePauses;
use measure::thresholds::sliding::SlidingWindows;
use measure::thresholds::watch::ThresholdWatch;
use measure::windows::{SECOND_MICROS, WindowCounts, Windows};
use run_report::Window;
use run_report::event_log::EventLogWriter;
use run_report::live::{LiveFiles, LiveWindows, LiveWriter};
use tokio::sync::oneshot;

use crate::clock::{RunClock, every};
use crate::live::Progress;
use crate::live_load::LiveLoad;
use crate::messages::{FinishRecording, Record, ShowMessage, TakeMetrics};
use crate::metrics::{Metrics, Observed, RunInfo};
use crate::process::pause_meter::Pauses;

/// How often the progress is updated. The progress display decides what to show and how often.
const PROGRESS_TICK: Duration = Duration::from_millis(200);

/// The settings of a recorder.
pub(crate) struct RecorderSetup {
    pub(crate) clock: RunClock,
    pub(crate) run: RunInfo,
    pub(crate) load: LiveLoad,
    pub(crate) live: Arc<LiveSeekers>,
    /// Whether events have latencies: not in a run without acknowledgements.
    pub(crate) has_latency: bool,
    pub(crate) progress: Progress,
    pub(crate) live_files: LiveFiles,
    pub(crate) thresholds: Vec<Threshold>,
    /// Whether this generator has a part of a load, so that the seconds of all parts are merged later.
    pub(crate) keep_seconds: bool,
    /// Detects lost thresholds, if the run is to end then.
    pub(crate) watch: Option<(ThresholdWatch, oneshot::Sender<()>)>,
    /// The pauses of the generator.
    pub(crate) pauses: Pauses,
}

/// Adds up the observations.
pub(crate) struct Recorder {
    clock: RunClock,
    run: RunInfo,
    load: LiveLoad,
    live: Arc<LiveSeekers>,
    counters: Box<Counters>,
    windows: Windows,
    latency_blocks: LatencyBlockRecorder,
    /// Written during the run.
    csv: LiveCsv,
    event_log: Option<EventLogWriter>,
    progress: Progress,
    sliding: SlidingWindows,
    outside_pauses: OutsidePauses,
    last_answer: LastAnswer,
    watch: Option<(ThresholdWatch, oneshot::Sender<()>)>,
    thresholds: Vec<Threshold>,
    pauses: Pauses,
    /// When pauses were last checked. Seconds are closed as of this time, so that their pauses are known.
    looked: Moment,
    /// Whether counting has panicked. The run then ends; earlier counts are kept for the report.
    counting_failed: bool,
    /// Whether anything else has panicked. The run then ends too, but the counts are complete.
    showing_failed: bool,
}

impl Recorder {
    pub(crate) fn new(setup: RecorderSetup) -> Self {
        let RecorderSetup { clock, run, load, live, has_latency, progress, live_files, thresholds, keep_seconds, watch, pauses } =
            setup;
        let measured_from = run.load.measured_from();
        let windows = Windows::new(measured_from);
        let sliding = SlidingWindows::new(&thresholds, &run.load);
        Self {
            clock,
            counters: Box::new(Counters { has_latency, ..Counters::default() }),
            windows: if has_latency { windows } else { windows.without_latency() },
            latency_blocks: LatencyBlockRecorder::default(),
            csv: LiveCsv::new(measured_from, live_files.windows),
            event_log: live_files.events,
            sliding: if keep_seconds { sliding.keep_seconds() } else { sliding },
            outside_pauses: OutsidePauses::new(&thresholds, measured_from),
            last_answer: LastAnswer::default(),
            run,
            load,
            live,
            progress,
            watch,
            thresholds,
            pauses,
            looked: Moment::default(),
            counting_failed: false,
            showing_failed: false,
        }
    }

    /// Checks whether a threshold is lost.
    fn look(&mut self) {
        if let Some((_, lost)) = self.watch.take_if(|(watch, _)| watch.is_any_lost(&self.counters, &self.sliding)) {
            // If there is no receiver, the run has ended.
            let _ = lost.send(());
        }
    }

    fn take_pauses(&mut self) {
        for pause in self.pauses.take() {
            self.counters.pauses.add(pause, self.run.load.measured_from());
            self.windows.paused(pause.from, pause.to);
        }
    }

    fn tick(&mut self) {
        let now = self.clock.now();
        self.windows.live(now, self.live.now());
        self.take_pauses();
        let Self { windows, latency_blocks, sliding, outside_pauses, csv, .. } = self;
        let load = self.load.current();
        let planned = |from, to| match load.kind() {
            LoadKind::Rate => load.planned_by(to).saturating_sub(load.planned_by(from)),
            LoadKind::Arrivals | LoadKind::Seekers => 0,
        };
        windows.close_settled(self.looked, planned, |second| {
            latency_blocks.push_second(second.latencies.answered, second.latencies.unanswered_len());
            sliding.close(second);
            outside_pauses.close(second);
            csv.write(&load, second.row);
        });
        self.looked = now;
        let Self { counters, windows, sliding, thresholds, run, .. } = self;
        let so_far = || {
            let (sum, seconds) = (windows.sum(), now.min(run.load.end()).since(run.load.measured_from()).as_secs_f64());
            thresholds.iter().map(|threshold| CurrentFigure::of(*threshold, counters, sliding, &sum, seconds)).collect()
        };
        self.progress.show(counters, windows, so_far);
        self.look();
    }

    /// Counts events that no seeker began.
    fn never_begun(&mut self, range: &GapRange, given_up: Moment) {
        for (scheduled, count) in range.moments() {
            self.counters.never_begun(scheduled, count, given_up);
            self.windows.never_begun(scheduled, count, given_up);
            self.sliding.never_begun(scheduled, count, given_up);
            self.outside_pauses.never_begun(scheduled, count, given_up);
            self.last_answer.never_begun(scheduled, count);
        }
    }
}

impl Recorder {
    fn count(&mut self, observations: &Observations) {
        attempt(&mut self.counting_failed, || {
            fail_point::hit("recorder");
            self.counters.add(observations, self.run.load.end());
        });
    }

    fn show(&mut self, act: impl FnOnce(&mut Self)) {
        let mut has_failed = self.showing_failed;
        attempt(&mut has_failed, || act(self));
        self.showing_failed = has_failed;
    }

    fn observe(&mut self, observations: &Observations) {
        fail_point::hit("windows");
        self.progress.observe(observations);
        if let Some(event_log) = &mut self.event_log {
            event_log.write(&observations.settled);
        }
        self.sliding.add(observations);
        self.outside_pauses.add(observations);
        self.last_answer.add(observations);
        self.look();
        for scheduled in &observations.begun {
            self.windows.begun(*scheduled);
        }
        for at in &observations.attempted {
            self.windows.attempted(*at);
        }
        for sent in &observations.sent {
            self.windows.sent(sent);
        }
        for release in &observations.releases {
            self.windows.released(release);
        }
        for settled in &observations.settled {
            self.windows.settled(settled);
        }
    }
}

impl Actor for Recorder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(every(PROGRESS_TICK, |recorder: &mut Self, _| recorder.show(Self::tick)));
    }
}

impl Handler<Record> for Recorder {
    type Result = actix::MessageResult<Record>;

    fn handle(&mut self, Record(observations): Record, _: &mut Self::Context) -> Self::Result {
        self.count(&observations);
        self.show(|recorder| recorder.observe(&observations));
        actix::MessageResult(observations)
    }
}

impl Handler<FinishRecording> for Recorder {
    type Result = actix::MessageResult<FinishRecording>;

    fn handle(&mut self, finish: FinishRecording, ctx: &mut Self::Context) -> Self::Result {
        // The counts move into the result. A later push or scrape gets an error rather than zeros.
        ctx.stop();
        self.event_log = None;
        let FinishRecording { due_until, gaps, batch_max } = finish;
        self.progress.finish();
        self.take_pauses();
        for range in &gaps {
            self.never_begun(range, due_until);
        }
        let Self { latency_blocks, sliding, outside_pauses, csv, .. } = self;
        let load = self.load.current();
        let windows = std::mem::replace(&mut self.windows, Windows::new(due_until)).finish(|second| {
            latency_blocks.push_second(second.latencies.answered, second.latencies.unanswered_len());
            sliding.close(second);
            outside_pauses.close(second);
            csv.write(&load, second.row);
        });
        let worst_windows = self.sliding.finish(due_until);
        let second_series = self.sliding.take_series();
        let outside_pauses = std::mem::replace(&mut self.outside_pauses, OutsidePauses::new(&[], due_until));
        let silence = self.last_answer.silence(self.run.load.end().min(due_until), batch_max);
        let counters = std::mem::take(&mut self.counters);
        let latency_blocks = std::mem::take(&mut self.latency_blocks).finish();
        actix::MessageResult(RunRecord {
            counters,
            windows,
            latency_blocks,
            second_series,
            worst_windows,
            outside_pauses,
            silence,
        })
    }
}

impl Handler<TakeMetrics> for Recorder {
    type Result = actix::MessageResult<TakeMetrics>;

    fn handle(&mut self, _: TakeMetrics, _: &mut Self::Context) -> Self::Result {
        let observed = Observed {
            counters: &self.counters,
            windows: self.windows.sum(),
            wanted: self.load.current().level_at(self.clock.now()),
            live: self.live.now(),
            ended: None,
        };
        actix::MessageResult(Metrics::of(&self.run, &observed))
    }
}

impl Handler<ShowMessage> for Recorder {
    type Result = bool;

    fn handle(&mut self, ShowMessage(line): ShowMessage, _: &mut Self::Context) -> bool {
        self.progress.show_message(&line)
    }
}

/// Calls a function unless it has panicked before.
fn attempt(has_failed: &mut bool, act: impl FnOnce()) {
    if !*has_failed {
        *has_failed = catch_unwind(AssertUnwindSafe(act)).is_err();
    }
}

/// Writes each second to the requested files as soon as it is closed.
struct LiveCsv {
    writers: Vec<LiveWriter>,
    from: Moment,
}

impl LiveCsv {
    fn new(from: Moment, live_windows: Vec<LiveWindows>) -> Self {
        Self { from, writers: live_windows.into_iter().map(LiveWindows::begin).collect() }
    }

    fn write(&mut self, load: &Load, row: &WindowCounts) {
        let to = self.from.plus(row.seconds * SECOND_MICROS);
        let window = Window::of(load, self.from, to, row);
        self.writers.iter_mut().for_each(|writer| writer.write(&window));
        self.from = to;
    }
}
