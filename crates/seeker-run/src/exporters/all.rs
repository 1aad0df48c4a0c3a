//! All exporters of a run: prepared before the run starts, open during the run, closed gracefully at its end.

use std::io::{self, Write};

use actix::Addr;
use actix_server::ServerHandle;
use measure::run_record::{ArbiterAccount, RunRecord};
use measure::windows::WindowCounts;

use super::MetricsError;
use super::collector::Collector;
use super::listener::MetricsListener;
use super::pusher::Pusher;
use crate::actors::recorder::Recorder;
use crate::live_load::LiveLoad;
use crate::metrics::{FinalFigures, Metrics, Observed, RunInfo};
use crate::plan::metrics::{MetricsPlan, PushPlan};

/// Prepared exporters: their addresses are bound and their settings are valid.
pub(crate) struct Exporters {
    listener: Option<MetricsListener>,
    /// Whether an earlier run has already printed the requested address.
    is_printed: bool,
    collector: Option<(Collector, PushPlan)>,
    /// Whether the endpoint also changes the load.
    allows_load_changes: bool,
}

impl Exporters {
    pub(crate) fn of(plan: &MetricsPlan) -> Result<Self, MetricsError> {
        let collector = plan.push.as_ref().map(|push| Collector::of(push).map(|collector| (collector, push.clone())));
        Ok(Self {
            collector: collector.transpose()?,
            listener: plan.listen.map(MetricsListener::bind).transpose()?,
            is_printed: plan.is_address_printed,
            allows_load_changes: plan.allows_load_changes,
        })
    }

    /// Prints where metrics can be scraped. A quiet run, or a run whose address was printed before, prints only an address that the user
    /// cannot know.
    pub(crate) fn print_address(&self, is_quiet: bool) {
        if let Some(listener) = &self.listener
            && !((is_quiet || self.is_printed) && listener.is_as_asked())
        {
            // A closed standard error does not stop the run.
            let _ = writeln!(io::stderr(), "seeker-sim: metrics are at {}", listener.url());
            if self.allows_load_changes {
                let _ = writeln!(io::stderr(), "seeker-sim: PATCH {} changes the load", listener.url_of_load());
            }
        }
    }

    /// Starts to serve scrapes and the load, and to push.
    pub(crate) fn open(self, recorder: &Addr<Recorder>, load: &LiveLoad) -> Result<OpenExporters, MetricsError> {
        let load = self.allows_load_changes.then(|| load.clone());
        let server = self.listener.map(|listener| listener.serve(recorder.clone(), load)).transpose()?;
        let pusher = self.collector.map(|(collector, push)| Pusher::start(collector, &push, recorder.clone()));
        Ok(OpenExporters { server, pusher })
    }
}

/// Open exporters.
pub(crate) struct OpenExporters {
    server: Option<ServerHandle>,
    pusher: Option<Pusher>,
}

impl OpenExporters {
    /// Finishes the scrapes in flight, then stops. The recorder must still be alive.
    pub(crate) async fn end_scrapes(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(true).await;
        }
    }

    /// Pushes the final figures.
    pub(crate) async fn finish(self, run: &RunInfo, recorded: &RunRecord, accounts: &[ArbiterAccount]) {
        let Some(pusher) = self.pusher else { return };
        let observed = Observed {
            counters: &recorded.counters,
            windows: WindowCounts::sum(&recorded.windows),
            wanted: 0.0,
            live: 0,
            ended: Some(FinalFigures::of(accounts)),
        };
        if let Some(line) = pusher.finish(&Metrics::of(run, &observed)).await {
            // Ignores a closed standard error.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}
