//! The command `generate`: simulates a population in virtual time and writes its events in the order of time, without actors and without a
//! service.
//!
//! ```text
//!  plan ──► workers, a share of the cells each ──slices of time──► merge ──► output
//! ```
//!
//! The population is divided into 64 cells. A worker simulates its cells in slices of time and writes their events as sorted text. The
//! slices of the workers are merged by time, and by event id for equal times, so the bytes do not depend on the number of threads. At most
//! two slices of a worker are in flight. Memory therefore depends on the number of live seekers, not on the size of the output.

mod merge;
mod output;
mod progress;
mod worker;

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use seeker_model::{Model, ParameterErrors, SimTime};
use thiserror::Error;

pub use event_request::EventForm;
pub use output::{Output, OutputError};
pub use seeker_model::Shard;

use event_request::PathNames;
use scenario::Scenario;

use merge::merge;
use progress::Progress;
use worker::{Slice, Worker};

/// The target number of events per slice, over all workers. With fewer events, threads would wait often. With more, their text, a megabyte,
/// would not stay in the cache until it is written.
const EVENTS_PER_SLICE: u64 = 1_024;

/// The length of the first slice, before the event rate is known.
const FIRST_SLICE_MICROS: u64 = 60_000_000;

/// The shortest and the longest slice: a second and a day. Both are whole milliseconds, so that no event time lies in two slices.
const SLICE_MICROS: [u64; 2] = [1_000_000, 24 * 3600 * 1_000_000];

/// The number of slices that are requested ahead.
const AHEAD: usize = 2;

/// The options of a generation.
#[derive(Clone, Debug)]
pub struct GeneratePlan {
    /// The population and the start time.
    pub scenario: Scenario,
    /// The number of seekers.
    pub seekers: u64,
    /// The number of days.
    pub days: u32,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The format of the events.
    pub form: EventForm,
    /// The part of the population.
    pub shard: Shard,
    /// The number of threads that generate events.
    pub threads: NonZeroUsize,
}

/// The counts of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// Events.
    pub events: u64,
    /// Searches.
    pub searches: u64,
}

/// The error for a stream that could not be generated.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The options do not form a valid model.
    #[error("create the model")]
    Model(#[from] ParameterErrors),
    /// The output could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Generates a stream. Returns the written counts. If the reader closes the pipe early, the stream ends without an error.
///
/// # Errors
///
/// [`GenerateError`], for example if the disk is full. Existing files then stay unchanged.
pub fn generate(plan: &GeneratePlan, mut events: Output, mut searches: Option<Output>) -> Result<Generated, GenerateError> {
    let model = plan.scenario.model(plan.seed, plan.days)?;
    let model = match plan.form.job_parent(None, &PathNames::default()) {
        Some(parent) => model.with_job_parent(&parent),
        None => model,
    };
    let cells: Vec<_> = plan.shard.partitions().collect();
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

/// The two ends of a worker's channels: one sends the end of the next slice with a buffer to reuse, the other receives the slice.
struct Link {
    ask: SyncSender<(SimTime, Slice)>,
    answered: Receiver<Slice>,
}

/// Why writing stopped.
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
            workers.iter().map(|worker| worker.answered.recv().expect("a worker answers every request")).collect();
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
        worker.ask.send((until, slice)).expect("a worker runs until its channel is closed");
    }
}

/// Adapts the length of slices, so that each has about the target number of events.
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

    /// Adapts to a slice with this many events; the next event is at `next`.
    fn learn(&mut self, events: u64, next: SimTime) {
        let wanted = u128::from(self.micros) * u128::from(EVENTS_PER_SLICE) / u128::from(events.max(1));
        let [shortest, longest] = SLICE_MICROS;
        // Change by a factor of two at most, because the last slice may have been in the night.
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX).clamp(self.micros / 2, self.micros * 2).clamp(shortest, longest);
        self.micros = wanted / 1000 * 1000;
        // Skip a long time without events, such as the time after the last seeker left.
        self.until = self.until.max(next.as_micros() / 1000 * 1000);
    }
}
