//! The load of a run, which may change while the run goes on. Each change takes effect at one moment that no arbiter has passed, so the
//! shares of all arbiters add up to the plan at every moment.
//!
//! An arbiter declares how far it looks ahead before it looks, and receives the latest load at the same time. A change is published for a
//! later moment than all of these. So an arbiter that looks as far as the change knows the change, however late its thread is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use load_plan::Moment;
use load_plan::load::{ChangeError, ChangeSource, ChangeSpec, ChangeSpecError, Load, LoadChange, LoadKind};
use thiserror::Error;

use crate::clock::RunClock;

/// The time from a request to the moment of its change. Ample for the preparation of the changed load.
const NOTICE_MICROS: u64 = 1_250_000;

/// The minimum of that time when the change is published. Live seekers begin events up to one second ahead of a rate. They must not begin
/// events that a pause will remove from the plan.
const NOTICE_MICROS_MIN: u64 = 1_050_000;

/// The load of a run, shared by everything that follows it.
#[derive(Clone, Debug)]
pub(crate) struct LiveLoad(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: RunClock,
    /// The maximum number of live seekers.
    seekers_max: u64,
    /// Held during a change: one change at a time.
    changing: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    load: Load,
    /// How far each arbiter has looked ahead.
    horizons: Vec<Moment>,
    is_closed: bool,
}

/// Why the load was not changed.
#[derive(Clone, Debug, PartialEq, Error)]
pub(crate) enum ChangeRefused {
    /// The request is not a change of this kind of load.
    #[error(transparent)]
    Spec(#[from] ChangeSpecError),
    /// The load does not allow the change.
    #[error(transparent)]
    Load(#[from] ChangeError),
    /// The change needs more live seekers than the limit.
    #[error("the load would need {wanted} live seekers, but --seekers-max is {seekers_max}; expected fewer seekers")]
    SeekersMax { wanted: f64, seekers_max: u64 },
    /// The load has ended.
    #[error("the run has ended")]
    Ended,
}

impl ChangeRefused {
    /// Whether the request itself is wrong, at any time of any run.
    pub(crate) fn is_of_request(&self) -> bool {
        !matches!(self, Self::Ended | Self::Load(ChangeError::Ended | ChangeError::TooMany))
    }
}

impl LiveLoad {
    pub(crate) fn new(clock: RunClock, load: Load, seekers_max: u64) -> Self {
        let state = Mutex::new(State { load, horizons: Vec::new(), is_closed: false });
        Self(Arc::new(Shared { clock, seekers_max, changing: Mutex::default(), state }))
    }

    /// Returns the load with all requested changes, even if a change has not taken effect yet.
    pub(crate) fn current(&self) -> Load {
        self.state().load.clone()
    }

    /// The time of the run.
    pub(crate) fn now(&self) -> Moment {
        self.0.clock.now()
    }

    /// Ends all changes, and returns the final load.
    pub(crate) fn close(&self) -> Load {
        let mut state = self.state();
        state.is_closed = true;
        state.load.clone()
    }

    /// Creates the handle of another arbiter, which begins with the load `known`.
    pub(crate) fn follower(&self, known: &Load) -> Follower {
        let mut state = self.state();
        state.horizons.push(Moment::default());
        Follower { load: self.clone(), place: state.horizons.len() - 1, changes: known.changes().len() }
    }

    /// Changes the load as requested. Returns the changed load.
    pub(crate) fn change(&self, spec: &ChangeSpec, by: ChangeSource) -> Result<Load, ChangeRefused> {
        self.change_with(|load| Ok(spec.check(load.kind())?), by)
    }

    /// Changes the load by tenths of the original plan, from the original plan on if `is_reset`.
    pub(crate) fn step(&self, is_reset: bool, tenths: i32, by: ChangeSource) -> Result<Load, ChangeRefused> {
        let stepped = |load: &Load| if is_reset { LoadChange::Factor(1.0).stepped(load, tenths) } else { load.stepped(tenths) };
        self.change_with(|load| Ok(stepped(load)), by)
    }

    /// Changes the load. A change equal to the last change has no effect.
    fn change_with(
        &self,
        change: impl FnOnce(&Load) -> Result<LoadChange, ChangeRefused>,
        by: ChangeSource,
    ) -> Result<Load, ChangeRefused> {
        let _changing = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let load = self.current();
        let change = change(&load)?;
        self.check_open()?;
        if change == load.changes().last().map_or(LoadChange::Factor(1.0), |last| last.change) {
            return Ok(load);
        }
        let mut notice_micros = NOTICE_MICROS;
        loop {
            let at = self.moment_of_change(&load, notice_micros);
            let changed = load.changed(at, change, by)?;
            self.check_seekers(&changed)?;
            if self.publish(&changed, at)? {
                return Ok(changed);
            }
            // This thread was late. More notice leaves it more time; in the end, the load has ended.
            notice_micros = notice_micros.saturating_mul(2);
        }
    }

    fn check_open(&self) -> Result<(), ChangeRefused> {
        if self.state().is_closed { Err(ChangeRefused::Ended) } else { Ok(()) }
    }

    /// Returns a moment that no arbiter has reached.
    fn moment_of_change(&self, load: &Load, notice_micros: u64) -> Moment {
        let state = self.state();
        let furthest = state.horizons.iter().copied().max().unwrap_or_default();
        let last = load.changes().last().map_or_else(Moment::default, |last| last.at.plus(1));
        // Arbiters look slightly ahead of the clock, which must not delay the change further.
        let after_furthest = furthest.plus(notice_micros - NOTICE_MICROS / 8);
        self.now().plus(notice_micros).max(after_furthest).max(last)
    }

    /// Replaces the load, unless an arbiter may have passed the moment of the change.
    fn publish(&self, changed: &Load, at: Moment) -> Result<bool, ChangeRefused> {
        let mut state = self.state();
        if state.is_closed {
            return Err(ChangeRefused::Ended);
        }
        let is_soon_enough = state.horizons.iter().chain([&self.now()]).all(|looked| looked.plus(NOTICE_MICROS_MIN) <= at);
        if is_soon_enough {
            state.load = changed.clone();
        }
        Ok(is_soon_enough)
    }

    fn check_seekers(&self, changed: &Load) -> Result<(), ChangeRefused> {
        let (wanted, seekers_max) = (changed.peak(), self.0.seekers_max);
        #[expect(clippy::cast_precision_loss, reason = "a bound of at most 100,000,000")]
        let is_possible = changed.kind() != LoadKind::Seekers || wanted <= seekers_max as f64;
        if is_possible { Ok(()) } else { Err(ChangeRefused::SeekersMax { wanted, seekers_max }) }
    }

    /// No code under this lock can panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle of an arbiter, which follows the load.
#[derive(Debug)]
pub(crate) struct Follower {
    load: LiveLoad,
    place: usize,
    /// The number of changes that the arbiter knows.
    changes: usize,
}

impl Follower {
    /// Declares that the arbiter looks as far as `horizon` from now on. Returns the load if it has changed; the arbiter must adopt it before
    /// it looks.
    pub(crate) fn look_until(&mut self, horizon: Moment) -> Option<Load> {
        let mut state = self.load.state();
        let known = &mut state.horizons[self.place];
        *known = horizon.max(*known);
        let changes = state.load.changes().len();
        (changes > self.changes).then(|| {
            self.changes = changes;
            state.load.clone()
        })
    }
}

#[cfg(test)]
mod tests;
