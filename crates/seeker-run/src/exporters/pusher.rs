//! Pushes metrics every few seconds during a run, and once more at its end. An unavailable or refusing collector is reported once and does
//! not affect the run: pushed values are cumulative sums, so a later push makes up for a lost one.

use std::fmt;
use std::time::Duration;

use actix::Addr;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::collector::{Collector, PushError};
use crate::actors::recorder::Recorder;
use crate::messages::{ShowMessage, TakeMetrics};
use crate::metrics::Metrics;
use crate::plan::metrics::PushPlan;

/// Running pushes.
pub(crate) struct Pusher {
    /// Returns the state when it is stopped.
    pushing: JoinHandle<Pushes>,
    stop: oneshot::Sender<()>,
}

/// The state of the pushes.
struct Pushes {
    collector: Collector,
    every: Duration,
    /// Whether a push failed.
    has_failed: bool,
    /// A message for the user that could not be printed.
    unshown: Option<String>,
}

impl Pusher {
    /// Starts to push the metrics of the recorder.
    pub(crate) fn start(collector: Collector, plan: &PushPlan, recorder: Addr<Recorder>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let pushes = Pushes { collector, every: plan.every, has_failed: false, unshown: None };
        Self { pushing: actix::spawn(pushes.go_on(recorder, stopped)), stop }
    }

    /// Pushes these metrics for the last time. Returns a message that the user should still see.
    pub(crate) async fn finish(self, metrics: &Metrics) -> Option<String> {
        drop(self.stop);
        let Pushes { collector, unshown, .. } = self.pushing.await.ok()?;
        match collector.push(metrics).await {
            Ok(()) => unshown,
            Err(error) => Some(warning(format_args!(
                "the final metrics could not be pushed to {}: {}",
                collector.url(),
                collector.error_line(&error)
            ))),
        }
    }
}

impl Pushes {
    /// Pushes until it is stopped. Stops immediately, even while it waits for a response.
    async fn go_on(mut self, recorder: Addr<Recorder>, mut stopped: oneshot::Receiver<()>) -> Self {
        let mut ticks = interval_at(Instant::now() + self.every, self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = &mut stopped => return self,
            }
            let Ok(metrics) = recorder.send(TakeMetrics).await else { return self };
            let pushed = tokio::select! {
                pushed = self.collector.push(&metrics) => pushed,
                _ = &mut stopped => return self,
            };
            if let Err(error) = pushed {
                self.failed(&error, &recorder).await;
            }
        }
    }

    /// Reports the first failed push.
    async fn failed(&mut self, error: &PushError, recorder: &Addr<Recorder>) {
        if self.has_failed {
            return;
        }
        self.has_failed = true;
        let line = warning(format_args!(
            "metrics could not be pushed to {}: {}; {} The run continues and pushes again every {}",
            self.collector.url(),
            self.collector.error_line(error),
            error.advice(),
            humantime::format_duration(self.every)
        ));
        let is_shown = recorder.send(ShowMessage(line.clone())).await.unwrap_or(false);
        self.unshown = (!is_shown).then_some(line);
    }
}

fn warning(what: fmt::Arguments<'_>) -> String {
    format!("seeker-sim: warning: --otlp: {what}")
}
