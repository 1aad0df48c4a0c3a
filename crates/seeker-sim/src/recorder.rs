//! The actor that makes counts, histograms and windows of what the arbiters tell, and shows them while the run goes on.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler};

use crate::clock::{Moment, RunClock};
use crate::ledger::LiveSeekers;
use crate::load::Load;
use crate::messages::{FinishRecording, Recorded, TakeMetrics, TellUser, Told};
use crate::metrics::{Metrics, Observed, RunInfo};
use crate::progress::Progress;
use crate::report::Window;
use crate::report::live::{LiveWindows, LiveWriter};
use crate::tally::Tally;
use crate::threshold::Threshold;
use crate::threshold::sliding::SlidingWindows;
use crate::threshold::watch::ThresholdWatch;
use crate::windows::{Row, SECOND_MICROS, Windows};

/// How often the progress is looked at; what is shown and how often is the progress's business.
const PROGRESS_TICK: Duration = Duration::from_millis(200);

/// Adds up what is told.
pub(crate) struct Recorder {
    clock: RunClock,
    run: RunInfo,
    live: Arc<LiveSeekers>,
    /// When the load ends.
    end: Moment,
    tally: Box<Tally>,
    windows: Windows,
    progress: Progress,
    sliding: SlidingWindows,
    /// Looks for thresholds that are lost, where the run is to end then.
    watch: Option<ThresholdWatch>,
}

impl Recorder {
    pub(crate) fn new(
        clock: RunClock,
        run: RunInfo,
        live: Arc<LiveSeekers>,
        progress: Progress,
        live_windows: Vec<LiveWindows>,
        thresholds: &[Threshold],
        watch: Option<ThresholdWatch>,
    ) -> Self {
        Self {
            clock,
            end: run.load.end(),
            tally: Box::default(),
            windows: Windows::new(run.load.measured_from()).told_to(listener(run.load.clone(), live_windows)),
            sliding: SlidingWindows::new(thresholds, &run.load),
            run,
            progress,
            live,
            watch,
        }
    }
}

impl Recorder {
    /// Looks whether a threshold is lost.
    fn look(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.look(&self.tally, &self.sliding);
        }
    }
}

impl Actor for Recorder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(PROGRESS_TICK, |recorder, _| {
            recorder.windows.live(recorder.clock.now(), recorder.live.now());
            recorder.progress.show(&recorder.tally, &recorder.windows);
            recorder.sliding.advance(recorder.clock.now());
            recorder.look();
        });
    }
}

impl Handler<Told> for Recorder {
    type Result = actix::MessageResult<Told>;

    fn handle(&mut self, Told(notes): Told, _: &mut Self::Context) -> Self::Result {
        self.progress.observe(&notes);
        self.tally.add(&notes, self.end);
        self.sliding.add(&notes);
        self.look();
        for intended in &notes.begun {
            self.windows.begun(*intended);
        }
        for at in &notes.attempted {
            self.windows.attempted(*at);
        }
        for sent in &notes.sent {
            self.windows.sent(sent);
        }
        for settled in &notes.settled {
            self.windows.settled(settled);
        }
        actix::MessageResult(notes)
    }
}

impl Handler<FinishRecording> for Recorder {
    type Result = actix::MessageResult<FinishRecording>;

    fn handle(&mut self, FinishRecording { due_until }: FinishRecording, _: &mut Self::Context) -> Self::Result {
        self.progress.finish();
        let windows = std::mem::replace(&mut self.windows, Windows::new(self.end)).finish();
        let worst_windows = self.sliding.finish(due_until);
        actix::MessageResult(Recorded { tally: std::mem::take(&mut self.tally), windows, worst_windows })
    }
}

impl Handler<TakeMetrics> for Recorder {
    type Result = actix::MessageResult<TakeMetrics>;

    fn handle(&mut self, _: TakeMetrics, _: &mut Self::Context) -> Self::Result {
        let observed = Observed {
            tally: &self.tally,
            windows: self.windows.sum(),
            wanted: self.run.load.level_at(self.clock.now()),
            live: self.live.now(),
            ended: None,
        };
        actix::MessageResult(Metrics::of(&self.run, &observed))
    }
}

impl Handler<TellUser> for Recorder {
    type Result = bool;

    fn handle(&mut self, TellUser(line): TellUser, _: &mut Self::Context) -> bool {
        self.progress.tell(&line)
    }
}

/// Writes each second as it is over into the files that were asked for.
fn listener(load: Load, live_windows: Vec<LiveWindows>) -> impl FnMut(&Row) {
    let mut writers: Vec<LiveWriter> = live_windows.into_iter().map(LiveWindows::begin).collect();
    let mut from = load.measured_from();
    move |row: &Row| {
        let to = from.plus(row.seconds * SECOND_MICROS);
        let window = Window::of(&load, from, to, row);
        for writer in &mut writers {
            writer.write(&window);
        }
        from = to;
    }
}
