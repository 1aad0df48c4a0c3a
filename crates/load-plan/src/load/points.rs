//! The points of a plan: the place of each event or arrival on the axis of the plan's integral. On that axis ("operational
//! time"), one unit is one planned event, at any rate. [`super::due`] converts points to moments.
//!
//! Points are a pure function of seed and index, so they can be computed in any order, and nothing is stored per event.

mod poisson;

use super::pacing::Pacing;
use super::rounded;
use poisson::{Leaf, PoissonPoints};

/// All points of a load.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PlannedPoints {
    Steady(SteadyPoints),
    Poisson(PoissonPoints),
}

impl PlannedPoints {
    /// Creates the points of stages with these integrals.
    pub(super) fn new(pacing: Pacing, seed: u64, integrals: impl Iterator<Item = f64>) -> Self {
        match pacing {
            Pacing::Steady => {
                let length = integrals.sum();
                Self::Steady(SteadyPoints { seed, length, total: rounded(length) })
            }
            Pacing::Poisson => Self::Poisson(PoissonPoints::new(seed, integrals)),
        }
    }

    /// Returns the number of points at or before `place`.
    pub(super) fn count_by(&self, place: f64) -> u64 {
        match self {
            Self::Steady(points) => points.count_by(place),
            Self::Poisson(points) => points.count_by(place),
        }
    }
}

/// Iterates over the points in order, or over every n-th point.
#[derive(Debug)]
pub(super) struct PointCursor {
    index: u64,
    every: u64,
    leaf: Leaf,
}

impl PointCursor {
    /// Starts at the point with index `first`.
    pub(super) fn new(first: u64, every: u64) -> Self {
        Self { index: first, every, leaf: Leaf::default() }
    }

    /// Returns the place of the next point; `None` after the last one.
    pub(super) fn next(&mut self, points: &PlannedPoints) -> Option<f64> {
        let place = match points {
            PlannedPoints::Steady(points) => points.point(self.index),
            PlannedPoints::Poisson(points) => points.point(self.index, &mut self.leaf),
        }?;
        self.index += self.every;
        Some(place)
    }
}

/// One point in each unit, at a random place within it. If the last unit is cut short, its point lies in the remainder.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SteadyPoints {
    seed: u64,
    length: f64,
    total: u64,
}

impl SteadyPoints {
    fn point(&self, index: u64) -> Option<f64> {
        let unit = precise(index);
        let width = (self.length - unit).min(1.0);
        // Above the beginning of the unit even if the sum is rounded: places in (n, n + 1] make counts by n exact.
        (index < self.total).then(|| (unit + width * fraction(self.seed, index)).max(unit.next_up()))
    }

    fn count_by(&self, place: f64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down on purpose; never negative")]
        let whole = place as u64;
        let is_past = self.point(whole).is_some_and(|point| point <= place);
        (whole + u64::from(is_past)).min(self.total)
    }
}

/// Returns random number `number` of the sequence of `seed`: above 0 and at most 1.
pub(super) fn fraction(seed: u64, number: u64) -> f64 {
    /// 2^-53.
    const UNIT: f64 = f64::EPSILON / 2.0;
    precise((mixed(seed ^ mixed(number)) >> 11) + 1) * UNIT
}

/// Mixes the bits of a number, so that each bit of the result depends on each bit of the number: the output function of
/// `SplitMix64` (Steele, Lea and Flood 2014).
pub(super) fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number >> 31
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
pub(super) mod tests;
