//! The points of a plan: the place of each event or arrival on the axis of the plan's integral. On that axis ("operational
//! time"), one unit is one planned event, at any rate. [`super::due`] converts points to moments.
//!
//! Points are a pure function of seed and index, so they can be computed in any order, and nothing is stored per event.

mod poisson;

use std::sync::Arc;

use super::pacing::Pacing;
use super::rounded;
use poisson::{Leaf, PoissonPoints};

/// All points of a load: one section, and another from each change of the load on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlannedPoints {
    sections: Vec<Section>,
}

/// Points after a place. Only the points up to the next section count.
#[derive(Clone, Debug, PartialEq)]
struct Section {
    begins: f64,
    /// The index of the first point.
    first: u64,
    points: Arc<SectionPoints>,
}

#[derive(Clone, Debug, PartialEq)]
enum SectionPoints {
    Steady(SteadyPoints),
    Poisson(PoissonPoints),
}

impl PlannedPoints {
    /// Creates the points of stages that end at these places.
    pub(super) fn new(pacing: Pacing, seed: u64, ends: impl Iterator<Item = f64>) -> Self {
        Self { sections: vec![Section::new(pacing, seed, 0.0, 0, ends)] }
    }

    /// Returns the same points up to a place, and new points of stages that end at these places.
    pub(super) fn changed(&self, pacing: Pacing, seed: u64, begins: f64, ends: impl Iterator<Item = f64>) -> Self {
        let first = self.count_by(begins);
        // A section that begins later or at the same place has no points before the change.
        let mut sections: Vec<_> = self.sections.iter().filter(|section| section.begins < begins).cloned().collect();
        if let Some(last) = sections.last_mut() {
            *last = last.up_to(begins);
        }
        sections.push(Section::new(pacing, seed, begins, first, ends));
        Self { sections }
    }

    /// Returns the number of stored cells, which take the memory of points.
    #[cfg(test)]
    pub(super) fn cells(&self) -> usize {
        let cells = self.sections.iter().map(|section| match &*section.points {
            SectionPoints::Steady(_) => 0,
            SectionPoints::Poisson(points) => points.cells(),
        });
        cells.sum()
    }

    /// Returns the number of points at or before `place`.
    pub(super) fn count_by(&self, place: f64) -> u64 {
        let following = self.sections.partition_point(|section| section.begins < place).max(1);
        let count = match &*self.sections[following - 1].points {
            SectionPoints::Steady(points) => points.count_by(place),
            SectionPoints::Poisson(points) => points.count_by(place),
        };
        self.sections.get(following).map_or(count, |next| count.min(next.first))
    }
}

impl Section {
    fn new(pacing: Pacing, seed: u64, begins: f64, first: u64, ends: impl Iterator<Item = f64>) -> Self {
        let points = match pacing {
            Pacing::Steady => SectionPoints::Steady(SteadyPoints::new(seed, begins, first, ends.last().unwrap_or(begins))),
            Pacing::Poisson => SectionPoints::Poisson(PoissonPoints::new(seed, begins, first, ends)),
        };
        Self { begins, first, points: Arc::new(points) }
    }

    /// Returns the same section without memory for points after `place`.
    fn up_to(&self, place: f64) -> Self {
        match &*self.points {
            SectionPoints::Steady(_) => self.clone(),
            SectionPoints::Poisson(points) => {
                Self { points: Arc::new(SectionPoints::Poisson(points.up_to(place))), ..self.clone() }
            }
        }
    }
}

/// A position in the sequence of points, or of every n-th point.
#[derive(Debug)]
pub(super) struct PointCursor {
    index: u64,
    every: u64,
    /// The number of the section of `leaf`.
    section: usize,
    leaf: Leaf,
}

impl PointCursor {
    /// Starts at the point with index `first`.
    pub(super) fn new(first: u64, every: u64) -> Self {
        Self { index: first, every, section: 0, leaf: Leaf::default() }
    }

    /// Returns the place of the point; `None` after the last one.
    pub(super) fn place(&mut self, points: &PlannedPoints) -> Option<f64> {
        // If several sections begin with the same index, all but the last are empty.
        let section = points.sections.partition_point(|section| section.first <= self.index).checked_sub(1)?;
        if section != self.section {
            self.section = section;
            self.leaf = Leaf::default();
        }
        match &*points.sections[section].points {
            SectionPoints::Steady(points) => points.point(self.index),
            SectionPoints::Poisson(points) => points.point(self.index, &mut self.leaf),
        }
    }

    /// Continues with other points, at the same index.
    pub(super) fn restart(&mut self) {
        self.leaf = Leaf::default();
    }

    /// Continues with the next point.
    pub(super) fn advance(&mut self) {
        self.index += self.every;
    }
}

/// One point in each unit of the axis, at a random place within it. If the first or the last unit is cut short, its point lies
/// in the remainder.
#[derive(Clone, Debug, PartialEq)]
struct SteadyPoints {
    seed: u64,
    begins: f64,
    /// The index of the first point: the unit of `begins`, or the next unit if the point of that unit lies before `begins`.
    first: u64,
    ends: f64,
    /// The number of points, with the points before `begins`.
    total: u64,
}

impl SteadyPoints {
    fn new(seed: u64, begins: f64, first: u64, ends: f64) -> Self {
        let total = if ends > begins { rounded(ends).max(first) } else { first };
        Self { seed, begins, first, ends, total }
    }

    fn point(&self, index: u64) -> Option<f64> {
        let unit = precise(index);
        let (from, to) = (unit.max(self.begins), (unit + 1.0).min(self.ends));
        // Above the beginning of the unit even if the sum is rounded: places in (n, n + 1] make counts by n exact.
        (index < self.total).then(|| (from + (to - from) * fraction(self.seed, index)).min(to).max(from.next_up()))
    }

    fn count_by(&self, place: f64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down on purpose; never negative")]
        let whole = (place as u64).max(self.first);
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
