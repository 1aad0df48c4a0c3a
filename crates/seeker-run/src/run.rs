//! A run from its plan to its report: checks the target, starts the actors, waits for the end or a signal, stops the actors in order and
//! adds up their results. This module measures and decides nothing.

mod arbiters;
pub(crate) mod capacity;
mod clock_check;
mod identity;
mod start;
pub(crate) mod target;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, System};
use actor_slab::panics::watch_thread;
use load_plan::Moment;
use load_plan::load::Load;
use load_plan::threshold::Threshold;
use measure::ledger_account::LedgerAccount;
use measure::live_seekers::LiveSeekers;
use measure::run_record::ArbiterAccount;
use measure::thresholds::sliding::WorstWindows;
use measure::thresholds::watch::ThresholdWatch;
use run_report::figures::{Figures, Heading, unreachable};
use run_report::live::LiveFiles;
use run_report::lost_events::{count_as_unknown, planned_measured};
use run_report::thresholds::JudgedThreshold;
use run_report::verdict::{VerdictInputs, judge};
use run_report::{Generator, Outcome, Report, ShardPart};
use seeker_model::{DAYS_MAX, Model, ParameterErrors};
use thiserror::Error;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;

use crate::actors::recorder::{Recorder, RecorderSetup};
use crate::clock::{RunClock, sleep};
use crate::exporters::{Exporters, MetricsError};
use crate::live::{Progress, Screen, ScreenHeading, StatusDisplay};
use crate::live_load::LiveLoad;
use crate::messages::{FinishRecording, Grace};
use crate::metrics::RunInfo;
use crate::plan::{PlanError, RunPlan};
use crate::process::cpu;
use crate::process::host_name;
use crate::process::open_files::{TooFewFiles, make_room};
use crate::process::pause_meter::PauseMeter;
use crate::process::signals::Signals;
use crate::run::arbiters::{Arbiters, Place, batch_max, cores};
use crate::run::identity::identity;
use crate::run::start::{NotStarted, Prepared, prepare};
use crate::run::target::Target;
use crate::target::services::TargetError;

pub use start::{TooLate, check_start};

/// The maximum time of the last metrics push after a request to end the run.
const PUSHING_AFTER_REQUEST: Duration = Duration::from_secs(1);

/// Why a run failed.
#[derive(Debug, Error)]
pub enum RunError {
    /// The plan is invalid.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The target cannot be used or started.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The system allows fewer connections than the plan needs.
    #[error(transparent)]
    TooFewFiles(#[from] TooFewFiles),
    /// The metrics cannot be sent to their destination.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The time of the start is over.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// The parameters of the model are invalid.
    #[error("create the model")]
    Model(#[from] ParameterErrors),
    /// The events do not add up: a bug.
    #[error("account for every event: {0}")]
    Account(String),
}

/// Executes a run. Blocks until it has ended; a request to end ends it soon. Windows are written as soon as they are over.
///
/// # Errors
///
/// [`RunError`] if the plan is invalid or the machine fails. A target that cannot be reached is an outcome in the report, not an error.
pub fn run(plan: &RunPlan, live_files: LiveFiles, signals: &Signals) -> Result<Report, RunError> {
    let load = plan.validate()?;
    check_start(plan)?;
    let identity = identity(plan, &plan.whole_load()?);
    make_room(plan.delivery.connections.get() as u64, plan.ends_of_connections(), cores())?;
    let model = Arc::new(plan.model(simulated_days(&load, plan.speed))?);
    let metrics = Exporters::of(&plan.metrics)?;
    let target = Target::of(plan)?;
    let report = System::new().block_on(run_in_system(plan, load, model, target, metrics, live_files, signals))?;
    let shard = plan.shard.map(|shard| ShardPart { part: shard.part(), of: shard.of() });
    let host = shard.and_then(|_| host_name::host_name());
    let generator = Generator { host, ..report.generator };
    Ok(Report {
        format: Some(plan.delivery.format),
        run: Some(identity),
        shard,
        not_measured: plan.not_measured(),
        generator,
        ..report
    })
}

/// The simulated days of the run, rounded up: seekers that would come back later need not be kept.
fn simulated_days(load: &Load, speed: f64) -> u32 {
    const DAY_S: f64 = 24.0 * 3600.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
    let days = (load.duration().as_secs_f64() * speed / DAY_S).ceil() as u32;
    days.clamp(1, DAYS_MAX)
}

async fn run_in_system(
    plan: &RunPlan,
    load: Load,
    model: Arc<Model>,
    target: Target,
    metrics: Exporters,
    live_files: LiveFiles,
    signals: &Signals,
) -> Result<Report, RunError> {
    metrics.print_address(plan.status_display == StatusDisplay::Nothing);
    let heading = Heading { target: target.name(), seed: plan.seed, speed: plan.speed, load: load.clone() };
    let thresholds = plan.thresholds_in_force();
    let _renewing = target.renew_token();
    let Prepared { ahead, target_clock } = match prepare(plan, &target, signals).await {
        Ok(prepared) => prepared,
        Err(NotStarted::Ended(outcome, reason)) => return Ok(not_started(heading, outcome, reason, &thresholds)),
        Err(NotStarted::TooLate(error)) => return Err(error.into()),
        Err(NotStarted::Unusable(error)) => return Err(error.into()),
    };

    let clock = RunClock::start_in(ahead, plan.speed, plan.scenario.timestamps, plan.scenario.start());
    let live_load = LiveLoad::new(clock, load.clone(), plan.seekers_max);
    let live = Arc::new(LiveSeekers::default());
    let (lost_sender, mut lost) = oneshot::channel();
    let watch = plan.abort_on_threshold.then(|| (ThresholdWatch::new(&thresholds), lost_sender));
    // Restored when this function ends in any way.
    let screen = (plan.status_display == StatusDisplay::Screen)
        .then(|| {
            let heading = ScreenHeading {
                target: target.name(),
                shard: plan.shard,
                seed: plan.seed,
                speed: plan.speed,
                duration: load.duration(),
            };
            Screen::open(heading, signals.end_requester(), live_load.clone())
        })
        .flatten();
    let progress = Progress::new(clock, live_load.clone(), Arc::clone(&live), plan.status_display, screen.as_ref());
    // From here on, a panic of any actor or of any task beside an actor ends the run.
    let (watcher, mut panics) = unbounded_channel();
    watch_thread(watcher);
    let run_info = RunInfo::new(plan.version, plan.seed, plan.speed, load.clone(), &target.address());
    let (meter, pauses) = PauseMeter::start(clock);
    let recorder = Recorder::new(RecorderSetup {
        clock,
        has_latency: plan.delivery.awaits_acks,
        run: run_info.clone(),
        load: live_load.clone(),
        live: Arc::clone(&live),
        progress,
        live_files,
        thresholds: thresholds.clone(),
        keep_seconds: plan.shard.is_some(),
        watch,
        pauses,
    });
    let recorder = recorder.start();
    let mut metrics = metrics.open(&recorder, &live_load)?;
    let running = Running::start(plan, &live_load, &model, clock, live, &target, recorder, Place::Threads);
    let mut actor_panic = None;
    let ending = tokio::select! {
        () = clock.sleep_until(load.end()) => Ending::OfLoad,
        message = panics.recv() => {
            actor_panic = message;
            Ending::Panicked
        }
        () = signals.end_requested() => Ending::Interrupted,
        Ok(()) = &mut lost => Ending::Aborted,
    };
    let load = live_load.close();
    let heading = Heading { load: load.clone(), ..heading };
    let grace = Grace::new(plan.drain, plan.delivery.timeout);
    let mut stopping = pin!(running.stop(&load, ending, &grace));
    let stopped = tokio::select! {
        biased;
        stopped = &mut stopping => stopped,
        () = signals.end_requested(), if ending != Ending::Interrupted => {
            grace.cut_short(clock.now());
            stopping.await.interrupted()
        }
    };
    meter.stop();
    metrics.end_scrapes().await;
    let receiver = target.stop();
    let actor_panic = || actor_panic.or_else(|| panics.try_recv().ok());
    let Judged { report, figures } = stopped.judge(plan, heading, &thresholds, receiver, actor_panic).await?;
    drop(screen);
    tokio::select! {
        () = metrics.finish(&run_info, &figures.recorded, &figures.accounts) => {}
        // The report matters more than the last figures for an unresponsive collector.
        () = async {
            signals.end_requested().await;
            sleep(PUSHING_AFTER_REQUEST).await;
        } => {}
    }
    Ok(Report { target_clock, ..report })
}

/// The report of a run that ended before it started.
fn not_started(heading: Heading, outcome: Outcome, reason: String, thresholds: &[Threshold]) -> Report {
    let mut report = Report { outcome, ..unreachable(heading, reason) };
    let judged = thresholds
        .iter()
        .map(|threshold| JudgedThreshold::of(*threshold, &report, &WorstWindows::default()).in_run(report.outcome, false));
    report.thresholds = judged.collect();
    report
}

/// A run with active arbiters.
struct Running {
    clock: RunClock,
    live: Arc<LiveSeekers>,
    recorder: Addr<Recorder>,
    arbiters: Arbiters,
    cpu_before: Option<Duration>,
    batch_max: usize,
}

/// A run whose arbiters have stopped.
struct Stopped {
    clock: RunClock,
    live: Arc<LiveSeekers>,
    recorder: Addr<Recorder>,
    cpu_before: Option<Duration>,
    batch_max: usize,
    accounts: Vec<ArbiterAccount>,
    /// The number of arbiters that were lost to a panic, together with their accounts.
    lost_arbiters: usize,
    ending: Ending,
    /// How long events were due.
    duration: Duration,
}

/// A run with its verdict.
struct Judged {
    report: Report,
    figures: Figures,
}

impl Running {
    #[expect(clippy::too_many_arguments, reason = "the parts of a run, each once")]
    fn start(
        plan: &RunPlan,
        load: &LiveLoad,
        model: &Arc<Model>,
        clock: RunClock,
        live: Arc<LiveSeekers>,
        target: &Target,
        recorder: Addr<Recorder>,
        place: Place,
    ) -> Self {
        let cpu_before = cpu::of_process();
        let arbiters = Arbiters::start(plan, load, model, clock, &live, target, &recorder, place);
        Self { clock, live, recorder, arbiters, cpu_before, batch_max: batch_max(plan, target) }
    }

    /// Stops the arbiters in order.
    async fn stop(self, load: &Load, ending: Ending, grace: &Grace) -> Stopped {
        let Self { clock, live, recorder, arbiters, cpu_before, batch_max } = self;
        let now = clock.now();
        let duration = now.since(Moment::default()).min(load.duration());
        if ending != Ending::OfLoad {
            grace.cut_short(now);
        }
        let accounts = arbiters.stop(grace).await;
        let lost_arbiters = accounts.iter().filter(|account| account.is_none()).count();
        let accounts = accounts.into_iter().flatten().collect();
        Stopped { clock, live, recorder, cpu_before, batch_max, accounts, lost_arbiters, ending, duration }
    }
}

impl Stopped {
    /// Returns the same run after a request to end that came while it stopped. A panic remains the reason of the end.
    fn interrupted(self) -> Self {
        let ending = if self.ending == Ending::Panicked { Ending::Panicked } else { Ending::Interrupted };
        Self { ending, ..self }
    }

    /// Adds up the results and judges them. Panics and their messages are collected once nothing runs any more.
    async fn judge(
        self,
        plan: &RunPlan,
        heading: Heading,
        thresholds: &[Threshold],
        receiver: Option<event_receiver::Summary>,
        actor_panic: impl FnOnce() -> Option<String>,
    ) -> Result<Judged, RunError> {
        let planned = planned_measured(&heading.load, self.duration).filter(|_| self.lost_arbiters > 0);
        let mut ledger = LedgerAccount::default();
        self.accounts.iter().for_each(|account| ledger.add(&account.ledger));
        let finish = FinishRecording {
            due_until: Moment::from_duration(self.duration),
            gaps: ledger.gaps.clone(),
            batch_max: self.batch_max as u64,
        };
        let figures = Figures {
            // A missing recorder has panicked: its observations are lost, and its events count as unknown.
            recorded: self.recorder.send(finish).await.unwrap_or_default(),
            accounts: self.accounts,
            duration: self.duration,
            started_at: self.clock.began_at(),
            live_max: self.live.max(),
            worked: self.clock.now().since(Moment::default()),
            cpu: self.cpu_before.zip(cpu::of_process()).map(|(before, after)| after.saturating_sub(before)),
            cores: cores(),
            receiver,
        };
        let mut report = figures.report(heading);
        ledger.actor_panic = actor_panic();
        if ledger.actor_panic.is_some() {
            count_as_unknown(&mut report, planned);
        }
        let warm_up = report.warm_up.map(|warm_up| warm_up.events).unwrap_or_default();
        if !(report.events.add_up() && warm_up.add_up()) {
            return Err(RunError::Account(format!("{:?}, {warm_up:?}", report.events)));
        }
        let inputs = VerdictInputs {
            interrupted: self.ending == Ending::Interrupted,
            aborted: self.ending == Ending::Aborted,
            thresholds,
            counters: &figures.recorded.counters,
            worst_windows: &figures.recorded.worst_windows,
            outside_pauses: &figures.recorded.outside_pauses,
            silence: figures.recorded.silence,
            ledger: &ledger,
            seekers_max: plan.seekers_max,
            connections: plan.requests_max(),
        };
        judge(&mut report, &inputs);
        Ok(Judged { report, figures })
    }
}

/// Why events are no longer due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The whole plan was due.
    OfLoad,
    /// A signal.
    Interrupted,
    /// A threshold is lost.
    Aborted,
    /// An actor or one of its tasks has panicked.
    Panicked,
}

#[cfg(test)]
mod simulation;
