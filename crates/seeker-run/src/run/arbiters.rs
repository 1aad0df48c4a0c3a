//! The arbiters of a run: threads, each with a population, its seekers and an outbox.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};
use actor_slab::panics::{watch_thread, watcher_of_thread};
use load_plan::load::{Load, LoadKind, Share};
use measure::live_seekers::LiveSeekers;
use measure::run_record::ArbiterAccount;
use seeker_model::Model;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::actors::population::{Population, PopulationSetup};
use crate::actors::recorder::Recorder;
use crate::clock::RunClock;
use crate::delivery::dispatch::{BatchWait, Sending};
use crate::delivery::retries::RetryPolicy;
use crate::live_load::LiveLoad;
use crate::messages::{Grace, StopRun};
use crate::plan::RunPlan;
use crate::run::target::Target;
use crate::search::searcher::Searching;

/// The maximum time for idle threads to end.
const JOINING_MAX: Duration = Duration::from_secs(1);

/// The approximate number of events of a journey; used only to choose the number of arbiters.
const EVENTS_PER_SEEKER: f64 = 5.0;

/// The approximate rate at which a live seeker sends events in simulated time; used only to choose the number of arbiters.
const EVENTS_PER_SEEKER_AND_SECOND: f64 = 1.0 / 45.0;

/// The approximate number of events per second that one arbiter handles with little of a core. A higher rate is spread over several
/// arbiters.
const EVENTS_PER_ARBITER_AND_SECOND: f64 = 25_000.0;

/// The maximum number of events per request.
pub(super) fn batch_max(plan: &RunPlan, target: &Target) -> usize {
    target.transport.batch_max(plan.delivery.batching.map_or(1, |batching| batching.events_max.get()))
}

/// Where arbiters run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Each in its own thread.
    Threads,
    /// One, in this thread.
    #[cfg(test)]
    Here,
}

/// The arbiters of the generator, each with a population, its seekers and an outbox.
pub(super) struct Arbiters {
    /// Without an arbiter, the population runs in this thread.
    arbiters: Vec<(Option<Arbiter>, Addr<Population>)>,
}

impl Arbiters {
    #[expect(clippy::too_many_arguments, reason = "the parts of a run, each once")]
    pub(super) fn start(
        plan: &RunPlan,
        load: &LiveLoad,
        model: &Arc<Model>,
        clock: RunClock,
        live: &Arc<LiveSeekers>,
        target: &Target,
        recorder: &Addr<Recorder>,
        place: Place,
    ) -> Self {
        let live_load = load;
        let load = live_load.current();
        let count = if place == Place::Threads { arbiters_for(plan, &load) } else { 1 };
        let arbiters = (0..count).map(|part| {
            let of = count as u64;
            let share = Share { load: load.clone(), part: part as u64, of };
            let sending = Sending {
                model: Arc::clone(model),
                form: plan.body_form(),
                batch_max: batch_max(plan, target),
                batch_wait: plan.delivery.batching.and_then(|batching| BatchWait::new(batching.wait, load.duration())),
                streams: plan.delivery.streams,
                awaits_acks: plan.delivery.awaits_acks,
                is_traced: plan.delivery.is_traced,
                gzip: plan.delivery.gzip,
                clock,
                timeout: plan.delivery.timeout,
                retry: RetryPolicy { retries: plan.delivery.retries, seed: plan.seed.wrapping_add(share.number()) },
                measured_from: load.measured_from(),
                end: load.end(),
                check_sent: plan.check_sent,
            };
            let connections = share.part_of(plan.delivery.connections.get() as u64);
            let connections = usize::try_from(connections).ok().and_then(NonZeroUsize::new);
            let searching = target.search.clone().map(|service| Searching {
                service,
                model: Arc::clone(model),
                clock,
                timeout: plan.delivery.timeout,
                connections: connections.unwrap_or(NonZeroUsize::MIN).get(),
                measured_from: load.measured_from(),
            });
            let setup = PopulationSetup {
                transport: Arc::clone(&target.transport),
                model: Arc::clone(model),
                clock,
                seed: plan.seed,
                shard: plan.shard.unwrap_or_default(),
                seekers_max: share.part_of(plan.seekers_max),
                share,
                follower: live_load.follower(&load),
                live: Arc::clone(live),
                sending,
                searching,
                connections: connections.unwrap_or(NonZeroUsize::MIN),
                recorder: recorder.clone(),
            };
            match place {
                Place::Threads => {
                    let arbiter = Arbiter::new();
                    if let Some(watcher) = watcher_of_thread() {
                        arbiter.spawn_fn(move || watch_thread(watcher));
                    }
                    let population = Population::start_in_arbiter(&arbiter.handle(), |_| Population::new(setup));
                    (Some(arbiter), population)
                }
                #[cfg(test)]
                Place::Here => (None, Population::new(setup).start()),
            }
        });
        Self { arbiters: arbiters.collect() }
    }

    /// Stops all arbiters at the same time, then their threads. An arbiter without a population has no account; its panic was reported.
    pub(super) async fn stop(self, grace: &Grace) -> Vec<Option<ArbiterAccount>> {
        let stopping: Vec<_> =
            self.arbiters.iter().map(|(_, population)| tokio::spawn(population.send(StopRun(grace.clone())))).collect();
        let mut accounts = Vec::new();
        for stopped in stopping {
            accounts.push(stopped.await.ok().and_then(Result::ok));
        }
        join(self.arbiters.into_iter().filter_map(|(arbiter, _)| arbiter).collect()).await;
        accounts
    }
}

/// Ends the threads of arbiters. A thread that hangs is abandoned after a while: it has no more results.
pub(super) async fn join(arbiters: Vec<Arbiter>) {
    if arbiters.is_empty() {
        return;
    }
    for arbiter in &arbiters {
        arbiter.stop();
    }
    let (ended_sender, ended) = oneshot::channel();
    let join_all = move || {
        for arbiter in arbiters {
            // A panic of the thread has been reported already.
            let _ = arbiter.join();
        }
        let _ = ended_sender.send(());
    };
    if thread::Builder::new().name("arbiters-end".to_owned()).spawn(join_all).is_ok() {
        let _ = timeout(JOINING_MAX, ended).await;
    }
}

/// The number of arbiters that the load needs, within the limits of the plan and the machine. One core stays free.
pub(super) fn arbiters_for(plan: &RunPlan, load: &Load) -> usize {
    let events_per_s = match load.kind() {
        LoadKind::Rate => load.peak(),
        LoadKind::Arrivals => load.peak() * EVENTS_PER_SEEKER,
        LoadKind::Seekers => load.peak() * EVENTS_PER_SEEKER_AND_SECOND * plan.speed,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a load has an upper bound")]
    let wanted = (events_per_s / EVENTS_PER_ARBITER_AND_SECOND).ceil() as usize;
    let seekers = usize::try_from(plan.seekers_max).unwrap_or(usize::MAX);
    wanted.min(cores() - 1).min(plan.delivery.connections.get()).min(seekers).max(1)
}

pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use actix::System;

    use super::*;

    #[test]
    fn an_arbiter_that_hangs_is_left_behind() {
        let system = System::new();
        system.block_on(async {
            let (hanging, working) = (Arbiter::new(), Arbiter::new());
            hanging.spawn_fn(|| {
                loop {
                    thread::park();
                }
            });
            join(vec![hanging, working]).await;
        });
    }
}
