//! The command `generate`: what a population does in virtual time, as events in the order of time, without actors and without a
//! service.
//!
//! ```text
//!  plan ──► workers, a share of the cells each ──slices of time──► merge ──► output
//! ```
//!
//! The population is divided into 64 cells; a worker plays its cells through one slice of time after another and writes their events as
//! text, in order; the slices of the workers are merged by time, and by event id where times are equal. So the bytes do not
//! depend on the number of threads. At most two slices of a worker are on their way, so memory is bounded by those who are live and not by
//! what is written.

mod merge;
mod output;
mod progress;
mod shard;
mod worker;

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use seeker_model::{Model, ParameterErrors, SimTime};
use thiserror::Error;

pub use event_request::EventForm;
pub use output::{Output, OutputError};
pub use shard::Shard;

use event_request::PathNames;
use scenario::Scenario;

use merge::merge;
use progress::Progress;
use worker::{Slice, Worker};

/// How many events a slice should have, all workers together: enough that threads seldom wait, few enough that their text, a megabyte,
/// stays in the cache until it is written.
const EVENTS_PER_SLICE: u64 = 1_024;

/// The first slice, before it is known how much happens.
const FIRST_SLICE_MICROS: u64 = 60_000_000;

/// The shortest and the longest slice: a second and a day. Whole milliseconds, so that no time of an event lies in two slices.
const SLICE_MICROS: [u64; 2] = [1_000_000, 24 * 3600 * 1_000_000];

/// How many slices are asked for ahead.
const AHEAD: usize = 2;

/// What is to be generated.
#[derive(Clone, Debug)]
pub struct GeneratePlan {
    /// Who comes, and when it starts.
    pub scenario: Scenario,
    /// How many come.
    pub seekers: u64,
    /// For how many days.
    pub days: u32,
    /// What the random numbers are drawn from.
    pub seed: u64,
    /// The form of the events.
    pub form: EventForm,
    /// Which part of the population.
    pub shard: Shard,
    /// How many threads make events.
    pub threads: NonZeroUsize,
}

/// What was generated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// Events.
    pub events: u64,
    /// Searches.
    pub searches: u64,
}

/// A stream that could not be generated.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The options make no model.
    #[error("make the model")]
    Model(#[from] ParameterErrors),
    /// What was made could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Generates a stream. Returns what was written; a reader that closes the pipe early ends it without an error.
///
/// # Errors
///
/// [`GenerateError`] when the disk is full, for example; files hold what they held before then.
pub fn generate(plan: &GeneratePlan, mut events: Output, mut searches: Option<Output>) -> Result<Generated, GenerateError> {
    let model = plan.scenario.model(plan.seed, plan.days)?;
    let model = match plan.form.job_parent(None, &PathNames::default()) {
        Some(parent) => model.with_job_parent(&parent),
        None => model,
    };
    let cells: Vec<_> = plan.shard.cells().collect();
    let threads = plan.threads.get().min(cells.len());
    let wants_searches = searches.is_some();
    let generated = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                let cells: Vec<_> = cells.iter().copied().skip(number).step_by(threads).collect();
                let (ask, asked) = sync_channel(AHEAD);
                let (answer, answered) = sync_channel(AHEAD);
                let model = &model;
                scope.spawn(move || Worker::new(model, plan, &cells, wants_searches).serve(&asked, &answer));
                Link { ask, answered }
            })
            .collect();
        drive(&workers, &model, &mut events, searches.as_mut())
    });
    match generated {
        Ok(generated) => {
            events.finish()?;
            if let Some(searches) = searches {
                searches.finish()?;
            }
            Ok(generated)
        }
        Err(Stopped::PipeClosed(generated)) => Ok(generated),
        Err(Stopped::Failed(error)) => Err(error.into()),
    }
}

/// The two ends of a worker's channels: until when to play, with memory to use again; and what happened until then.
struct Link {
    ask: SyncSender<(SimTime, Slice)>,
    answered: Receiver<Slice>,
}

/// Why nothing more is written.
enum Stopped {
    PipeClosed(Generated),
    Failed(OutputError),
}

fn drive(workers: &[Link], model: &Model, events: &mut Output, mut searches: Option<&mut Output>) -> Result<Generated, Stopped> {
    let mut generated = Generated::default();
    let progress = Progress::new(model.end());
    let mut pace = Pace::default();
    let mut memory: Vec<Vec<Slice>> = workers.iter().map(|_| (0..AHEAD).map(|_| Slice::default()).collect()).collect();
    for _ in 0..AHEAD {
        ask(workers, &mut memory, pace.next());
    }
    loop {
        let slices: Vec<_> =
            workers.iter().map(|worker| worker.answered.recv().expect("a worker answers what it was asked")).collect();
        let made = slices.iter().map(|slice| slice.events.len() as u64).sum();
        let next = slices.iter().filter_map(|slice| slice.next).min();
        let written = merge(&slices, |slice| &slice.events, events).and_then(|()| match searches.as_deref_mut() {
            Some(searches) => merge(&slices, |slice| &slice.searches, searches),
            None => Ok(()),
        });
        if let Err(error) = written {
            return Err(if error.is_closed_pipe() { Stopped::PipeClosed(generated) } else { Stopped::Failed(error) });
        }
        generated.events += made;
        generated.searches += slices.iter().map(|slice| slice.searches.len() as u64).sum::<u64>();
        progress.show(generated.events, next);
        let Some(next) = next else {
            progress.finish();
            return Ok(generated);
        };
        for (memory, slice) in memory.iter_mut().zip(slices) {
            memory.push(slice);
        }
        pace.learn(made, next);
        ask(workers, &mut memory, pace.next());
    }
}

fn ask(workers: &[Link], memory: &mut [Vec<Slice>], until: SimTime) {
    for (worker, memory) in workers.iter().zip(memory) {
        let slice = memory.pop().unwrap_or_default();
        worker.ask.send((until, slice)).expect("a worker listens until its channel is closed");
    }
}

/// How long slices are, so that they have about as many events as they should.
struct Pace {
    until: u64,
    micros: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { until: 0, micros: FIRST_SLICE_MICROS }
    }
}

impl Pace {
    fn next(&mut self) -> SimTime {
        self.until = self.until.saturating_add(self.micros);
        SimTime::from_micros(self.until)
    }

    /// A slice had so many events, and something happens next at that time.
    fn learn(&mut self, events: u64, next: SimTime) {
        let wanted = u128::from(self.micros) * u128::from(EVENTS_PER_SLICE) / u128::from(events.max(1));
        let [shortest, longest] = SLICE_MICROS;
        // By a factor of two at most: what was just seen may be a night.
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX).clamp(self.micros / 2, self.micros * 2).clamp(shortest, longest);
        self.micros = wanted / 1000 * 1000;
        // Where nothing happens for long, as after the last seeker left, nothing is asked for.
        self.until = self.until.max(next.as_micros() / 1000 * 1000);
    }
}
