//! Whole runs in virtual time against a scripted target. Population, seekers, outbox, recorder and verdict are the production code; only
//! the time, the target and the pauses of the generator are simulated. The expected results are computed from the target's log by plain
//! arithmetic on lists. Every figure must equal its expected value, to the three significant digits of a histogram.

mod cases;
mod expected;
mod load_changes;
mod network;
mod parts;

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix::{Actor, System};
use jiff::Timestamp;
use load_plan::Moment;
use load_plan::load::{ChangeSource, ChangeSpec, Load, LoadSpec};
use measure::live_seekers::LiveSeekers;
use measure::pause::Pause;
use proptest::prelude::*;
use run_report::figures::Heading;
use run_report::live::LiveFiles;
use run_report::{Report, ShardPart};
use scenario::Scenario;
use seeker_model::{Model, Shard};

use super::identity::identity;
use super::{Ending, Judged, Place, Running};
use crate::actors::recorder::{Recorder, RecorderSetup};
use crate::clock::{RunClock, sleep, virtual_time};
use crate::delivery::scripted::{Reply, ScriptedTarget, Seen};
use crate::live::Progress;
use crate::live_load::LiveLoad;
use crate::messages::{Grace, TakeMetrics};
use crate::metrics::RunInfo;
use crate::plan::{self, RunPlan};
use crate::process::pause_meter::Pauses;
use crate::run::target::Target;
use crate::target::settings::DeliverySettings;

/// The behaviour of a scripted target.
#[derive(Clone, Copy, Debug)]
enum Behaviour {
    /// Each response takes this many microseconds.
    Fixed { micros: u64 },
    /// As `Fixed`, but no response is sent for a while: the delayed responses come at the end of the stall.
    Stall { micros: u64, from: Moment, to: Moment },
    /// As `Fixed` up to a moment, and no response from then on.
    Death { micros: u64, at: Moment },
    /// One request after the other, each taking this many microseconds: a queue in front of one server.
    Queue { micros: u64 },
    /// Of this many requests, one fails, one is refused and one never gets a response.
    Errors { micros: u64, one_of: u64 },
    /// The responses slow down: by this many microseconds more with each second.
    Slowing { micros: u64, more_per_s: u64 },
}

impl Behaviour {
    /// A target with this behaviour.
    fn target(self) -> Arc<ScriptedTarget> {
        let mut free = Moment::default();
        Arc::new(ScriptedTarget::new(move |at, number| match self {
            Self::Fixed { micros } => Reply::At(at.plus(micros), 200),
            Self::Stall { micros, from, to } => {
                let answered = at.plus(micros);
                Reply::At(if answered >= from && answered < to { to } else { answered }, 200)
            }
            Self::Death { micros, at: death } => {
                if at.plus(micros) >= death {
                    Reply::Never
                } else {
                    Reply::At(at.plus(micros), 200)
                }
            }
            Self::Queue { micros } => {
                free = free.max(at).plus(micros);
                Reply::At(free, 200)
            }
            Self::Errors { micros, one_of } => match number % one_of {
                1 => Reply::At(at.plus(micros), 500),
                2 => Reply::At(at.plus(micros), 400),
                3 => Reply::Never,
                _ => Reply::At(at.plus(micros), 200),
            },
            Self::Slowing { micros, more_per_s } => {
                let seconds_by_million = at.micros_since(Moment::default());
                Reply::At(at.plus(micros + more_per_s * seconds_by_million / 1_000_000), 200)
            }
        }))
    }
}

/// A simulated run.
#[derive(Clone, Debug)]
struct Simulation {
    behaviour: Behaviour,
    load: LoadSpec,
    speed: f64,
    connections: usize,
    seekers_max: u64,
    timeout: Duration,
    drain: Duration,
    thresholds: Vec<&'static str>,
    /// When the process is paused.
    pauses: Vec<(Moment, Moment)>,
    /// Changes of the load, and when they are requested.
    changes: Vec<(Moment, ChangeSpec)>,
    /// The part of the load; `None` for the whole.
    shard: Option<Shard>,
}

impl Simulation {
    /// A run against such a target, with spare connections.
    fn new(behaviour: Behaviour, load: LoadSpec) -> Self {
        Self {
            behaviour,
            load,
            speed: 60.0,
            connections: 64,
            seekers_max: 100_000,
            timeout: Duration::from_secs(2),
            drain: Duration::from_secs(3),
            thresholds: Vec::new(),
            pauses: Vec::new(),
            changes: Vec::new(),
            shard: None,
        }
    }

    fn plan(&self) -> RunPlan {
        RunPlan {
            load: self.load.clone(),
            seekers_max: self.seekers_max,
            seed: 1,
            speed: self.speed,
            drain: self.drain,
            shard: self.shard,
            delivery: DeliverySettings {
                timeout: self.timeout,
                connections: NonZeroUsize::new(self.connections).unwrap(),
                ..plan::tests::delivery()
            },
            thresholds: self.thresholds.iter().map(|text| text.parse().unwrap()).collect(),
            ..plan::tests::plan()
        }
    }

    /// Executes the run. Returns the report, the log of the target, and the load with its changes.
    fn run(&self) -> (Report, Vec<Seen>, Load) {
        self.run_against(&self.behaviour.target())
    }

    /// Executes the run against another target.
    fn run_against(&self, target: &Arc<ScriptedTarget>) -> (Report, Vec<Seen>, Load) {
        static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Scenario::default().model(1, 1).unwrap()));
        let plan = self.plan();
        let system = System::with_tokio_rt(virtual_time::runtime);
        let running = run(&plan, &MODEL, Arc::clone(target), self.pauses.clone(), self.changes.clone());
        let (report, load) = system.block_on(running);
        drop(system);
        virtual_time::end();
        let run = self.shard.map(|_| identity(&plan, &plan.whole_load().unwrap()));
        let shard = self.shard.map(|shard| ShardPart { part: shard.part(), of: shard.of() });
        // The parts are simulated one after the other, and began together.
        let started_at = Some(Timestamp::UNIX_EPOCH);
        (Report { run, shard, started_at, ..report }, target.log(), load)
    }
}

async fn run(
    plan: &RunPlan,
    model: &Arc<Model>,
    script: Arc<ScriptedTarget>,
    pauses: Vec<(Moment, Moment)>,
    changes: Vec<(Moment, ChangeSpec)>,
) -> (Report, Load) {
    let time = actix::spawn(virtual_time::drive(pauses.clone()));
    let load = plan.validate().unwrap();
    let target = Target::scripted(script);
    let heading = Heading { target: target.name(), seed: plan.seed, speed: plan.speed, load: load.clone() };
    let thresholds = plan.thresholds_in_force();
    let clock = RunClock::start(plan.speed, plan.scenario.timestamps, plan.scenario.start());
    let live = Arc::new(LiveSeekers::default());
    let (meter, measured) = Pauses::made_up();
    for (from, to) in pauses {
        meter.send(Pause { from, to }).unwrap();
    }
    let live_load = LiveLoad::new(clock, load.clone(), plan.seekers_max);
    let recorder = Recorder::new(RecorderSetup {
        clock,
        has_latency: true,
        run: RunInfo::new(plan.version, plan.seed, plan.speed, load.clone(), &target.address()),
        load: live_load.clone(),
        live: Arc::clone(&live),
        progress: Progress::new(clock, live_load.clone(), Arc::clone(&live), plan.status_display, None),
        live_files: LiveFiles::default(),
        thresholds: thresholds.clone(),
        keep_seconds: plan.shard.is_some(),
        watch: None,
        pauses: measured,
    });
    let recorder = recorder.start();
    let exporter = recorder.clone();
    let running = Running::start(plan, &live_load, model, clock, live, &target, recorder, Place::Here);
    let changing = live_load.clone();
    actix::spawn(async move {
        for (at, change) in changes {
            sleep(at.since(changing.now())).await;
            changing.change(&change, ChangeSource::Http).unwrap();
        }
    });
    sleep(load.duration()).await;
    let load = live_load.close();
    let heading = Heading { load: load.clone(), ..heading };
    let stopped = running.stop(&load, Ending::OfLoad, &Grace::new(plan.drain, plan.delivery.timeout)).await;
    let Judged { report, .. } = stopped.judge(plan, heading, &thresholds, None, || None).await.unwrap();
    let late = exporter.send(TakeMetrics).await;
    assert!(late.is_err(), "the counts are in the report now, so there are none that could be exported as zeros");
    time.abort();
    (report, load)
}
