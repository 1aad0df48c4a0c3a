//! The planned amount over time: events, arriving seekers, or live seekers, over consecutive stages.
//!
//! [`LoadSpec`] is the requested load, [`Load`] is a valid load or the [`shard`] of one generator, and [`Share`] is the part of
//! one arbiter. All amounts are
//! functions of the moment in closed form, so errors do not add up, even in a long run. The [`Pacing`] decides when single
//! events are due: [`points`] has their places on the integral of the load, and [`due`] converts these to moments. [`gaps`]
//! finds the events that no live seeker begins, and [`backlog`] stores the overdue starts.

mod backlog;
mod change;
mod change_spec;
mod due;
pub mod gaps;
mod pacing;
mod piece;
mod points;
mod rate;
mod shard;
mod spec;
mod stage;

use std::sync::Arc;
use std::time::Duration;

use crate::Moment;

pub use change::{AppliedChange, CHANGES_MAX, ChangeError, ChangeSource, FACTOR_MAX, LoadChange};
pub use change_spec::{ChangeSpec, ChangeSpecError};
pub use pacing::{Pacing, PacingError};
pub use rate::{Rate, RateError};
pub use spec::{LoadError, LoadSpec};
pub use stage::{Course, LoadKind, Stage, StageError};

pub use backlog::GapRange;
pub use rate::PER_SECOND_MAX;
pub use stage::TIME_MAX;

use piece::Piece;
use points::PlannedPoints;

/// A load: consecutive stages of one kind, and the changes of the run.
///
/// The stages, the pacing and the seed determine the due moments of events and arrivals. With [`Pacing::Steady`], the n-th
/// (from 0) is due when the integral of the stages passes n + U. Each event has its own random number U between 0 and 1.
/// With [`Pacing::Poisson`], the integral of a stage gives the number of its events, each at a random place of that
/// integral.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// The original plan.
    stages: Arc<[Stage]>,
    /// The plan with all changes.
    pieces: Arc<[Piece]>,
    changes: Arc<[AppliedChange]>,
    warm_up: Duration,
    pacing: Pacing,
    seed: u64,
    points: Arc<PlannedPoints>,
    /// The number of the shard, from 0, and the number of shards. Stages and points describe the whole.
    shard: u64,
    shards: u64,
}

/// The phase of a run at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Events are sent, but no figure includes them.
    WarmUp,
    /// All figures include the events.
    Measured,
}

impl Load {
    /// Creates a load. There must be at least one stage, and all stages must have the same kind.
    fn new(stages: Vec<Stage>, warm_up: Duration, pacing: Pacing, seed: u64) -> Self {
        let pieces = Piece::all(stages.iter().copied(), 1.0, Duration::ZERO, Duration::ZERO, 0.0);
        let points = Arc::new(PlannedPoints::new(pacing, seed, pieces.iter().map(Piece::integral)));
        Self {
            stages: stages.into(),
            pieces: pieces.into(),
            changes: Arc::default(),
            warm_up,
            pacing,
            seed,
            points,
            shard: 0,
            shards: 1,
        }
    }

    /// Returns the original plan with the due moments of another seed.
    #[must_use]
    pub fn seeded(&self, seed: u64) -> Self {
        let whole = Self::new(self.whole_stages().collect(), self.warm_up, self.pacing, seed);
        Self { shard: self.shard, shards: self.shards, ..whole }
    }

    /// Returns the pacing of events or arrivals. It has no effect on a number of seekers.
    pub fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// Returns the kind of load.
    pub fn kind(&self) -> LoadKind {
        self.stages[0].kind()
    }

    /// Returns the stages of the original plan.
    pub fn stages(&self) -> impl Iterator<Item = Stage> {
        self.whole_stages().map(|stage| stage.divided_by(self.shards))
    }

    fn whole_stages(&self) -> impl Iterator<Item = Stage> {
        self.stages.iter().copied()
    }

    /// Returns the length of the load, including the warm-up.
    pub fn duration(&self) -> Duration {
        self.pieces[self.pieces.len() - 1].ends()
    }

    /// Returns the length of the warm-up, whose events no figure includes.
    pub fn warm_up(&self) -> Duration {
        self.warm_up
    }

    /// Returns the number of events or arrivals in the load, including the warm-up.
    pub fn total(&self) -> u64 {
        self.part_of(self.points.count_by(f64::INFINITY))
    }

    /// Returns the highest amount, in the unit of the kind.
    pub fn peak(&self) -> f64 {
        self.pieces.iter().map(Piece::peak).fold(0.0, f64::max)
    }

    /// Returns the amount at `moment`, in the unit of the kind; 0 after the end.
    pub fn level_at(&self, moment: Moment) -> f64 {
        self.level_of_whole_at(moment) / as_float(self.shards)
    }

    fn level_of_whole_at(&self, moment: Moment) -> f64 {
        let at = moment.since(Moment::default());
        if at > self.duration() {
            return 0.0;
        }
        self.piece_at(at).level_at(at)
    }

    /// Returns the number of seekers that the load requires at `moment`.
    pub fn wanted_at(&self, moment: Moment) -> u64 {
        self.part_of(rounded(self.level_of_whole_at(moment)))
    }

    /// Returns the number of events or arrivals that are due up to `moment`.
    pub fn planned_by(&self, moment: Moment) -> u64 {
        if moment >= self.end() { self.total() } else { self.part_of(self.points.count_by(self.integral_by(moment))) }
    }

    /// Returns the first moment, not before `after`, at which the integral reaches `place`.
    fn moment_of(&self, place: f64, after: Moment) -> Moment {
        let at = |micros: u64| Moment::default().plus(micros);
        let is_reached = |micros: u64| self.integral_by(at(micros)) >= place;
        let (first, last) = (after.micros_since(Moment::default()), self.end().micros_since(Moment::default()));
        // Exact for a constant rate. Otherwise the search continues in steps that double.
        let ahead_s = (place - self.integral_by(after)).max(0.0) / self.level_of_whole_at(after);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates; never negative, and not a number is 0"
        )]
        let guess = first.saturating_add((ahead_s * 1e6).ceil() as u64).clamp(first, last);
        let (mut step, mut reached, mut before) = (1, guess, guess);
        if is_reached(guess) {
            loop {
                if before == first {
                    return at(first);
                }
                before = before.saturating_sub(step).max(first);
                if !is_reached(before) {
                    break;
                }
                (reached, step) = (before, step * 2);
            }
        } else {
            loop {
                reached = reached.saturating_add(step).min(last);
                if reached == last || is_reached(reached) {
                    break;
                }
                (before, step) = (reached, step * 2);
            }
        }
        while reached - before > 1 {
            let middle = u64::midpoint(before, reached);
            if is_reached(middle) { reached = middle } else { before = middle }
        }
        at(reached)
    }

    /// Returns the integral of the amount of the whole load up to `moment`. For a number of seekers, the unit is seeker-seconds.
    fn integral_by(&self, moment: Moment) -> f64 {
        let at = moment.since(Moment::default()).min(self.duration());
        self.piece_at(at).integral_by(at)
    }

    /// Returns the latest moment at which an event can be due.
    pub fn end(&self) -> Moment {
        Moment::from_duration(self.duration())
    }

    /// Returns the moment at which measurement begins.
    pub fn measured_from(&self) -> Moment {
        Moment::from_duration(self.warm_up)
    }

    /// Whether the measured time has no load, with any seed.
    fn wants_nothing(&self) -> bool {
        match self.kind() {
            LoadKind::Rate | LoadKind::Arrivals => self.total() == rounded(self.integral_by(self.measured_from())),
            LoadKind::Seekers => rounded(self.peak()) == 0,
        }
    }

    /// Whether the measured time has no load with this seed.
    fn measures_nothing(&self) -> bool {
        self.kind() != LoadKind::Seekers && self.total() == self.planned_by(self.measured_from())
    }

    /// Returns the piece at a time, which must not be after the end.
    fn piece_at(&self, at: Duration) -> &Piece {
        let following = self.pieces.partition_point(|piece| piece.begins() <= at);
        &self.pieces[following.saturating_sub(1)]
    }
}

fn rounded(amount: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and never negative")]
    let count = (amount + 0.5) as u64;
    count
}

fn as_float(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let count = count as f64;
    count
}

/// Returns the size of one of `of` parts, counted from 0, that take the members of a whole in turn.
fn part_of(whole: u64, part: u64, of: u64) -> u64 {
    (whole + of - 1 - part) / of
}

/// The part of a load that one arbiter handles: every n-th event, arrival or seeker.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The load of the generator.
    pub load: Load,
    /// Number of the part, from 0.
    pub part: u64,
    /// Number of parts.
    pub of: u64,
}

impl Share {
    /// Returns this share's part of a whole.
    pub fn part_of(&self, whole: u64) -> u64 {
        part_of(whole, self.part, self.of)
    }

    /// Returns the number of this share, from 0, among the shares of all shards of the load. It is different for each share of a
    /// run, however many shares each shard has.
    pub fn number(&self) -> u64 {
        self.load.shard + self.load.shards * self.part
    }

    /// Returns the distance from each event of this share to its next, counted in events of the whole load.
    fn stride(&self) -> u64 {
        self.load.shards * self.of
    }

    /// Returns the number of events or arrivals of this share that are due by the moment.
    pub fn planned_by(&self, moment: Moment) -> u64 {
        self.part_of(self.load.planned_by(moment))
    }

    /// Returns the number of job seekers that this share keeps live at the moment.
    pub fn wanted_at(&self, moment: Moment) -> u64 {
        self.part_of(self.load.wanted_at(moment))
    }

    /// Returns the number of all events or arrivals of this share, including the warm-up.
    pub fn total(&self) -> u64 {
        self.planned_by(self.load.end())
    }

    /// Returns the phase of an event scheduled for `scheduled`.
    pub fn phase_of(&self, scheduled: Moment) -> Phase {
        if scheduled < self.load.measured_from() { Phase::WarmUp } else { Phase::Measured }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::stage::tests::{kinds, stages};
    use super::*;

    /// Loads of all kinds and pacings, of up to 10,000/s for up to 100 s.
    pub(crate) fn loads() -> impl Strategy<Value = Load> {
        let stages = kinds().prop_flat_map(|kind| prop::collection::vec(stages(kind, 1e4), 1..6));
        let pacing = prop::sample::select(vec![Pacing::Steady, Pacing::Poisson]);
        (stages, 0_u64..5_000, pacing, any::<u64>())
            .prop_map(|(stages, warm_up, pacing, seed)| Load::new(stages, Duration::from_millis(warm_up), pacing, seed))
    }

    proptest! {
        /// For all loads, the plan grows from zero to its total, one event after the other. The amount at any moment is at
        /// most the peak, and the shares add up to the whole.
        #[test]
        fn plans_grow_and_shares_add_up(load in loads(), of in 1_u64..9, at in 0_u64..110_000_000) {
            let shares = || (0..of).map(|part| Share { load: load.clone(), part, of });
            let moment = Moment::from_micros(at);
            prop_assert!(load.planned_by(moment) <= load.total());
            prop_assert!(load.planned_by(moment) <= load.planned_by(moment.plus(1000)));
            prop_assert_eq!(load.planned_by(Moment::default()), 0);
            prop_assert!((0.0..=load.peak() * (1.0 + 1e-9)).contains(&load.level_at(moment)));
            prop_assert_eq!(shares().map(|share| share.planned_by(moment)).sum::<u64>(), load.planned_by(moment));
            prop_assert_eq!(shares().map(|share| share.total()).sum::<u64>(), load.total());
            prop_assert_eq!(shares().map(|share| share.wanted_at(moment)).sum::<u64>(), load.wanted_at(moment));
        }

        /// For all loads, the plan is the sum of its single stages.
        #[test]
        fn stages_follow_one_another(load in loads()) {
            let alone: f64 = load.stages().map(|stage| stage.integral_by(stage.duration().as_secs_f64())).sum();
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let total = load.total() as f64;
            prop_assert!((total - alone).abs() <= 0.5 + 1e-6, "{} {}", total, alone);
            prop_assert_eq!(load.wanted_at(load.end().plus(1)), 0);
        }

        /// For all constant rates, from 1 in a hundred seconds to 50,000 a second, the total is the product of rate and
        /// time. Each event lies in its own interval.
        #[test]
        fn constant_rates_are_exact(per_second in 0.01_f64..50_000.0, seconds in 1_u32..3600) {
            let rate = Rate::per_second(per_second).unwrap();
            let load = Load::new(
                vec![Stage::new(Duration::from_secs(seconds.into()), LoadKind::Rate, Course::Hold(rate.as_per_second())).unwrap()],
                Duration::ZERO,
                Pacing::Steady,
                1,
            );
            let product = per_second * f64::from(seconds);
            prop_assert!((f64::from(u32::try_from(load.total()).unwrap()) - product).abs() <= 0.5 + 1e-6);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "microseconds of less than an hour")]
            let interval_micros = (1e6 / per_second) as u64;
            prop_assert!(load.planned_by(Moment::from_micros(interval_micros)) <= 1);
            prop_assert!(load.total() == 0 || load.planned_by(Moment::from_micros(interval_micros + 1)) >= 1);
        }
    }

    #[test]
    fn the_warm_up_ends_at_its_moment() {
        let load = LoadSpec { warm_up: Some(Duration::from_secs(2)), ..LoadSpec::default() }.check().unwrap();
        let share = Share { load, part: 0, of: 1 };
        assert_eq!(share.phase_of(Moment::from_micros(1_999_999)), Phase::WarmUp);
        assert_eq!(share.phase_of(Moment::from_micros(2_000_000)), Phase::Measured);
    }
}
