//! The ways that metrics leave a run by: made ready before anything is started, open while it goes on, closed in order at its end.

use std::io::{self, Write};

use actix::Addr;
use actix_web::dev::ServerHandle;
use measure::run_record::{ArbiterAccount, RunRecord};
use measure::windows::WindowCounts;

use super::MetricsError;
use super::collector::Collector;
use super::listener::MetricsListener;
use super::pusher::Pusher;
use crate::actors::recorder::Recorder;
use crate::metrics::{Ended, Metrics, Observed, RunInfo};
use crate::plan::metrics::{MetricsPlan, PushPlan};

/// Exporters that can be opened: addresses are taken, and all that was asked for is sound.
pub(crate) struct Exporters {
    listener: Option<MetricsListener>,
    /// Whether the address is known, if it is the one that was asked for.
    is_told: bool,
    collector: Option<(Collector, PushPlan)>,
}

impl Exporters {
    pub(crate) fn of(plan: &MetricsPlan) -> Result<Self, MetricsError> {
        let collector = plan.push.as_ref().map(|push| Collector::of(push).map(|collector| (collector, push.clone())));
        Ok(Self {
            collector: collector.transpose()?,
            listener: plan.listen.map(MetricsListener::bind).transpose()?,
            is_told: plan.is_told,
        })
    }

    /// Tells where metrics can be scraped. Where nothing is to be told, only what could not be known otherwise.
    pub(crate) fn tell(&self, is_quiet: bool) {
        if let Some(listener) = &self.listener
            && !((is_quiet || self.is_told) && listener.is_as_asked())
        {
            // A closed standard error is no reason not to begin.
            let _ = writeln!(io::stderr(), "seeker-sim: metrics are at {}", listener.url());
        }
    }

    /// From now on metrics are answered and pushed.
    pub(crate) fn open(self, recorder: &Addr<Recorder>) -> Result<OpenExporters, MetricsError> {
        let server = self.listener.map(|listener| listener.serve(recorder.clone())).transpose()?;
        let pusher = self.collector.map(|(collector, push)| Pusher::start(collector, &push, recorder.clone()));
        Ok(OpenExporters { server, pusher })
    }
}

/// Exporters that are open.
pub(crate) struct OpenExporters {
    server: Option<ServerHandle>,
    pusher: Option<Pusher>,
}

impl OpenExporters {
    /// Answers what is being asked for, and nothing after that. The recorder must still be there.
    pub(crate) async fn end_scrapes(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(true).await;
        }
    }

    /// Pushes the figures of the end.
    pub(crate) async fn finish(self, run: &RunInfo, recorded: &RunRecord, accounts: &[ArbiterAccount]) {
        let Some(pusher) = self.pusher else { return };
        let observed = Observed {
            counters: &recorded.counters,
            windows: WindowCounts::sum(&recorded.windows),
            wanted: 0.0,
            live: 0,
            ended: Some(Ended::of(accounts)),
        };
        if let Some(line) = pusher.finish(&Metrics::of(run, &observed)).await {
            // Nobody is there to be told.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}
