//! A seeded Poisson path, conditioned on the exact total of each stage. Under that condition, the N points of a stage are
//! independent and uniform in operational time.
//!
//! To compute any point without storing N points, the stage is halved recursively: of n points, the left half gets a number
//! drawn from Binomial(n, 1/2) with its own seed. A table holds the counts of up to 65,536 cells. Inside a cell, halving
//! continues on demand until few enough points are left to draw and sort them.

use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;

use super::{fraction, mixed, precise};
use crate::load::rounded;

/// The maximum number of points that are drawn one by one.
const LEAF_POINTS_MAX: u64 = 64;

/// The maximum number of cells of a stage, as a power of two.
const CELLS_LOG2_MAX: u32 = 16;

/// The resolution of a cell.
const CELL_WIDTH: u64 = 1 << 32;

/// The points of all stages.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PoissonPoints {
    /// The index of the first point.
    first: u64,
    stages: Vec<StagePoints>,
}

/// The points of one stage.
#[derive(Clone, Debug, PartialEq)]
struct StagePoints {
    seed: u64,
    /// Start and end of the stage.
    begins: f64,
    ends: f64,
    /// The index of the stage's first point.
    first: u64,
    /// The number of the stage's points before each cell, with one more entry than there are cells.
    before_cell: Vec<u64>,
    /// The number of cells. More than in `before_cell` if points at the end of the stage do not count.
    cells: usize,
}

/// A part of a cell and its points.
#[derive(Clone, Copy, Debug)]
struct Node {
    seed: u64,
    /// In units of 1 / [`CELL_WIDTH`] of the cell.
    begins: u64,
    width: u64,
    /// The index of the node's first point in the stage.
    first: u64,
    count: u64,
}

/// The points of the last drawn node, in order.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    /// The index of the first point in the load.
    first: u64,
    places: Vec<f64>,
}

impl PoissonPoints {
    /// Creates the points of stages that end at these places. The first stage begins at `begins`, and its first point has the
    /// index `first`.
    pub(super) fn new(seed: u64, begins: f64, first: u64, ends: impl Iterator<Item = f64>) -> Self {
        let (mut stages, mut from, mut count) = (Vec::new(), begins, 0);
        for (number, to) in (0..).zip(ends) {
            let following = rounded(to - begins);
            stages.push(StagePoints::new(mixed(seed ^ mixed(number)), [from, to], first + count, following - count));
            (from, count) = (to, following);
        }
        Self { first, stages }
    }

    /// Returns the same points without memory for points after `place`.
    pub(super) fn up_to(&self, place: f64) -> Self {
        let begun = self.stages.partition_point(|stage| stage.begins < place);
        let mut stages = self.stages[..begun].to_vec();
        if let Some(last) = stages.last_mut() {
            last.forget_after(place);
        }
        Self { first: self.first, stages }
    }

    #[cfg(test)]
    pub(super) fn cells(&self) -> usize {
        self.stages.iter().map(|stage| stage.before_cell.len()).sum()
    }

    pub(super) fn count_by(&self, place: f64) -> u64 {
        let begun = self.stages.partition_point(|stage| stage.begins < place);
        let stage = begun.checked_sub(1).map(|last| &self.stages[last]);
        stage.map_or(self.first, |stage| stage.first + stage.count_by(place))
    }

    /// Returns the place of a point. Takes it from the leaf, or draws the leaf that holds it.
    pub(super) fn point(&self, index: u64, leaf: &mut Leaf) -> Option<f64> {
        let place_in = |leaf: &Leaf| leaf.places.get(usize::try_from(index.checked_sub(leaf.first)?).ok()?).copied();
        if let Some(place) = place_in(leaf) {
            return Some(place);
        }
        // If several stages begin with the same index, all but the last are empty.
        let following = self.stages.partition_point(|stage| stage.first <= index);
        let stage = &self.stages[following.checked_sub(1)?];
        let in_stage = index - stage.first;
        if in_stage >= stage.count() {
            return None;
        }
        let cell = stage.before_cell.partition_point(|before| *before <= in_stage) - 1;
        let node = stage.descend(cell, |_, first_of_right| in_stage >= first_of_right);
        leaf.first = stage.first + node.first;
        leaf.places.clear();
        leaf.places.extend(stage.places(cell, node));
        leaf.places.sort_unstable_by(f64::total_cmp);
        place_in(leaf)
    }
}

impl StagePoints {
    fn new(seed: u64, [begins, ends]: [f64; 2], first: u64, count: u64) -> Self {
        let cells_log2 = count.div_ceil(LEAF_POINTS_MAX / 2).next_power_of_two().ilog2().min(CELLS_LOG2_MAX);
        let mut counts = vec![count];
        for level in 0..u64::from(cells_log2) {
            let halves = (0..).zip(&counts).flat_map(|(number, count)| {
                let left = half_of(mixed(seed ^ mixed(level << 32 | number)), *count);
                [left, count - left]
            });
            counts = halves.collect();
        }
        let mut before = 0;
        let before_cell = [0].into_iter().chain(counts.iter().map(|count| {
            before += count;
            before
        }));
        let before_cell: Vec<_> = before_cell.collect();
        let cells = before_cell.len() - 1;
        // Seeds of nodes below the cells are independent of those above.
        Self { seed: mixed(seed), begins, ends, first, before_cell, cells }
    }

    fn count(&self) -> u64 {
        self.before_cell[self.before_cell.len() - 1]
    }

    /// Forgets the cells after the cell of `place`.
    fn forget_after(&mut self, place: f64) {
        if place < self.ends {
            let (cell, _) = self.cell_of(place);
            self.before_cell.truncate(cell + 2);
            self.before_cell.shrink_to_fit();
        }
    }

    /// Returns the cell of a place before the end, and the position within the cell.
    fn cell_of(&self, place: f64) -> (usize, u64) {
        let cells = (place - self.begins) / (self.ends - self.begins) * precise(self.cells as u64);
        let cell = last_before(cells).min(self.cells as u64 - 1);
        let position = last_before((cells - precise(cell)) * precise(CELL_WIDTH)).min(CELL_WIDTH - 1);
        (usize::try_from(cell).expect("there are at most 65,536 cells"), position)
    }

    fn count_by(&self, place: f64) -> u64 {
        if place >= self.ends {
            return self.count();
        }
        let (cell, position) = self.cell_of(place);
        let node = self.descend(cell, |middle, _| position >= middle);
        node.first + self.places(cell, node).filter(|point| *point <= place).count() as u64
    }

    /// Halves a cell until few points are left. `goes_right` chooses the half by the place of the middle, and by the index
    /// of the first point of the right half.
    fn descend(&self, cell: usize, goes_right: impl Fn(u64, u64) -> bool) -> Node {
        let (first, following) = (self.before_cell[cell], self.before_cell[cell + 1]);
        let seed = mixed(self.seed ^ mixed(cell as u64));
        let mut node = Node { seed, begins: 0, width: CELL_WIDTH, first, count: following - first };
        while node.count > LEAF_POINTS_MAX && node.width > 1 {
            let (left, width) = (half_of(node.seed, node.count), node.width / 2);
            let (middle, first_of_right) = (node.begins + width, node.first + left);
            node = if goes_right(middle, first_of_right) {
                Node { seed: mixed(node.seed ^ 1), begins: middle, width, first: first_of_right, count: node.count - left }
            } else {
                Node { seed: mixed(node.seed ^ 2), width, count: left, ..node }
            };
        }
        node
    }

    /// Returns the points of a node, unsorted.
    fn places(&self, cell: usize, node: Node) -> impl Iterator<Item = f64> {
        let cells = precise(self.cells as u64);
        (0..node.count).map(move |number| {
            let in_cell = (precise(node.begins) + precise(node.width) * fraction(node.seed, number)) / precise(CELL_WIDTH);
            let place = self.begins + (self.ends - self.begins) * ((precise(cell as u64) + in_cell) / cells);
            place.clamp(self.begins.next_up(), self.ends)
        })
    }
}

/// Returns the number n of the interval (n, n + 1] that contains `place`.
fn last_before(place: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never above 2^33")]
    let above = place.ceil() as u64;
    above.saturating_sub(1)
}

/// Draws how many of `count` points fall in the left half.
fn half_of(seed: u64, count: u64) -> u64 {
    let binomial = Binomial::new(count, 0.5).expect("a half is a probability");
    binomial.sample(&mut Pcg64Mcg::seed_from_u64(seed))
}
