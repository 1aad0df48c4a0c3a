//! The variance of percentiles between blocks of time and between runs: a bootstrap that draws runs, and blocks of time within each run,
//! with replacement.
//!
//! The bootstrap draws blocks in short sequences, because slow seconds often follow each other: H. R. Künsch, "The Jackknife and the
//! Bootstrap for General Stationary Observations", Annals of Statistics 17 (1989). For runs and blocks within runs: A. C. Davison and D. V.
//! Hinkley, "Bootstrap Methods and their Application" (1997), 3.8.

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::compare::percentile::{PerScale, Resampled, Scale, Spread, rank};
use crate::compare::probability::float;

/// The number of resamples. It determines the standard error to within 4 %.
const RESAMPLES: usize = 300;

/// A fixed seed: the same reports always give the same figures, and the same runs give the same figures before and after.
const SEED: u64 = 1;

/// The events of one block of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    /// The times of answered events, in microseconds.
    pub(super) answered: &'a Histogram<u64>,
    /// The number of events without an answer.
    pub(super) unanswered: u64,
}

/// The blocks of each run of a side.
pub(super) type RunBlocks<'a> = Vec<Vec<Block<'a>>>;

/// Returns the variances of the percentiles of a side at these shares. Events without an answer count as `unanswered_ms`. `None` if there
/// is nothing to resample: a single run with a single block.
pub(super) fn variances(runs: &RunBlocks<'_>, shares: &[f64], unanswered_ms: f64) -> Vec<Option<Resampled>> {
    let table = BlockTable::new(runs);
    let sequences = |blocks: &Vec<CountedBlock>| blocks.len() / sequence_length(blocks.len());
    let (runs, independent) = (table.runs.len(), table.runs.iter().map(sequences).sum::<usize>());
    // Runs with a single block each show only how runs differ from each other.
    let within_runs = table.spreads(Draw::BlocksOfEachRun, independent, runs, shares, unanswered_ms);
    let with_runs = table.spreads(Draw::RunsAndBlocks, runs, 1, shares, unanswered_ms);
    if within_runs.is_none() && with_runs.is_none() {
        return vec![None; shares.len()];
    }
    let at = |spreads: &Option<Vec<Spread>>, place: usize| spreads.as_ref().map(|spreads| spreads[place]).unwrap_or_default();
    let resampled = |place| Some(Resampled { within_runs: at(&within_runs, place), with_runs: at(&with_runs, place) });
    (0..shares.len()).map(resampled).collect()
}

/// The unit that a resample draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draw {
    /// From each run, as many blocks as the run has.
    BlocksOfEachRun,
    /// As many runs as there are, and from each run as many blocks as it has.
    RunsAndBlocks,
}

/// The times of several runs by block, in a layout that makes resampling fast.
struct BlockTable {
    /// The distinct times in microseconds, ascending.
    values: Vec<u64>,
    /// The blocks of each run.
    runs: Vec<Vec<CountedBlock>>,
}

struct CountedBlock {
    /// For each value, the number of events that took at most that long.
    cumulative: Vec<u32>,
    /// All events, including events without an answer.
    events: u64,
}

impl BlockTable {
    /// Builds the table. Omits runs and blocks without events.
    fn new(runs: &RunBlocks<'_>) -> Self {
        let blocks = runs.iter().flatten();
        let mut values: Vec<u64> =
            blocks.flat_map(|block| block.answered.iter_recorded().map(|bucket| bucket.value_iterated_to())).collect();
        values.sort_unstable();
        values.dedup();
        let counted = |block: &Block<'_>| {
            let (mut cumulative, mut sum) = (vec![0_u32; values.len()], 0_u32);
            let mut place = 0;
            for bucket in block.answered.iter_recorded() {
                while values[place] < bucket.value_iterated_to() {
                    cumulative[place] = sum;
                    place += 1;
                }
                sum = sum.saturating_add(u32::try_from(bucket.count_at_value()).unwrap_or(u32::MAX));
            }
            cumulative[place..].fill(sum);
            CountedBlock { cumulative, events: block.answered.len() + block.unanswered }
        };
        let of_run = |blocks: &Vec<Block<'_>>| blocks.iter().map(counted).filter(|block| block.events > 0).collect();
        let runs = runs.iter().map(of_run).filter(|blocks: &Vec<_>| !blocks.is_empty()).collect();
        Self { values, runs }
    }

    /// Returns the spread of the percentiles at these shares, for `independent` independent values in `groups` groups that each have their
    /// own mean. `None` if there are too few values.
    fn spreads(&self, draw: Draw, independent: usize, groups: usize, shares: &[f64], unanswered_ms: f64) -> Option<Vec<Spread>> {
        let freedom = independent.checked_sub(groups).filter(|freedom| *freedom > 0)?;
        let [independent, freedom] = [independent, freedom].map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        let spread = |moments: PerScale<Moments>| Spread {
            // Resamples of n values in g groups have (n - g) / n of the true variance.
            variance: PerScale::new(|scale| moments.get(scale).variance() * independent / freedom),
            freedom,
        };
        Some(self.moments(draw, shares, unanswered_ms).into_iter().map(spread).collect())
    }

    /// Mean and variance of the percentiles at these shares, over all resamples.
    fn moments(&self, draw: Draw, shares: &[f64], unanswered_ms: f64) -> Vec<PerScale<Moments>> {
        let mut random = StdRng::seed_from_u64(SEED);
        let mut moments = vec![PerScale::<Moments>::default(); shares.len()];
        for _ in 0..RESAMPLES {
            let sample = self.drawn(draw, &mut random);
            let events = sample.iter().map(|(block, times)| block.events * u64::from(*times)).sum();
            for (share, moments) in shares.iter().zip(&mut moments) {
                let ms = self.at(&sample, rank(events, *share)).map_or(unanswered_ms, |micros| float(micros) / 1000.0);
                moments.log.add(Scale::Log.of(ms));
                moments.linear.add(Scale::Linear.of(ms));
            }
        }
        moments
    }

    /// Returns the drawn blocks and how often each was drawn.
    fn drawn(&self, draw: Draw, random: &mut StdRng) -> Vec<(&CountedBlock, u32)> {
        let mut times: Vec<Vec<u32>> = self.runs.iter().map(|blocks| vec![0; blocks.len()]).collect();
        for run in 0..self.runs.len() {
            let run = if draw == Draw::RunsAndBlocks { random.random_range(0..self.runs.len()) } else { run };
            draw_sequences(&mut times[run], random);
        }
        let blocks = self.runs.iter().flatten().zip(times.into_iter().flatten());
        blocks.filter(|(_, times)| *times > 0).collect()
    }

    /// Returns the time of the event with this rank; `None` if the event has no answer.
    fn at(&self, sample: &[(&CountedBlock, u32)], rank: u64) -> Option<u64> {
        let within = |place: usize| -> u64 {
            sample.iter().map(|(block, times)| u64::from(block.cumulative[place]) * u64::from(*times)).sum()
        };
        let (mut low, mut high) = (0, self.values.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if within(middle) < rank { low = middle + 1 } else { high = middle }
        }
        self.values.get(low).copied()
    }
}

/// The cube root of the number of blocks, as in the moving-block bootstrap.
fn sequence_length(blocks: usize) -> usize {
    (1..=blocks).take_while(|length| length * length * length <= blocks).last().unwrap_or(1)
}

/// Draws as many blocks as a run has, in sequences. Each sequence starts at a random block and wraps around after the last block.
fn draw_sequences(times: &mut [u32], random: &mut StdRng) {
    let (blocks, mut left) = (times.len(), times.len());
    while left > 0 {
        let start = random.random_range(0..blocks);
        let length = sequence_length(blocks).min(left);
        for step in 0..length {
            times[(start + step) % blocks] += 1;
        }
        left -= length;
    }
}

/// Mean and variance of a stream of values: B. P. Welford, Technometrics 4 (1962).
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let from_mean = value - self.mean;
        self.mean += from_mean / self.count;
        self.squares += from_mean * (value - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use measure::strategies::{histogram, times};
    use measure::time_histogram::TimeHistogram;

    type Blocks = Vec<(TimeHistogram, u64)>;

    fn blocks(blocks: &Blocks) -> Vec<Block<'_>> {
        blocks.iter().map(|(times, unanswered)| Block { answered: times.as_ref(), unanswered: *unanswered }).collect()
    }

    /// Returns the variance of the median in milliseconds. Each run is given as one level per block, in microseconds.
    fn median(runs: &[Vec<u64>]) -> Option<Resampled> {
        let of_run = |levels: &Vec<u64>| -> Blocks { levels.iter().map(|level| (histogram(&[*level; 100]), 0)).collect() };
        let runs: Vec<_> = runs.iter().map(of_run).collect();
        variances(&runs.iter().map(blocks).collect(), &[0.5], 1e9)[0]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

        /// For all blocks and ranks, a resample that contains each block a given number of times has the times of exactly that sample.
        #[test]
        fn samples_have_the_times_of_their_blocks(
            drawn in prop::collection::vec((times(), 0_u64..3, 0_u32..4), 1..5), rank in any::<prop::sample::Index>(),
        ) {
            let counted: Blocks = drawn.iter().map(|(micros, unanswered, _)| (histogram(micros), *unanswered)).collect();
            let run = blocks(&counted);
            let table = BlockTable::new(&vec![run]);
            let kept = drawn.iter().filter(|(micros, unanswered, _)| micros.len() as u64 + unanswered > 0);
            let sample: Vec<_> = table.runs.iter().flatten().zip(kept.map(|(.., times)| *times)).collect();
            let mut all: Vec<_> = drawn.iter().flat_map(|(micros, _, times)| micros.repeat(*times as usize)).collect();
            let unanswered: u64 = drawn.iter().map(|(_, unanswered, times)| unanswered * u64::from(*times)).sum();
            all.sort_unstable();
            let events = all.len() as u64 + unanswered;
            prop_assume!(events > 0);
            let place = rank.index(usize::try_from(events).unwrap());
            let (expected, found) = (all.get(place).copied(), table.at(&sample, place as u64 + 1));
            prop_assert_eq!(found.is_some(), expected.is_some());
            let buckets = histogram(&[]);
            prop_assert!(found.zip(expected).is_none_or(|(found, expected)| buckets.as_ref().equivalent(found, expected)));
        }

        /// For all numbers of blocks, a resample draws as many blocks as there are.
        #[test]
        fn as_many_blocks_are_drawn(blocks in 1_usize..70, seed in any::<u64>()) {
            let mut times = vec![0; blocks];
            draw_sequences(&mut times, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(times.into_iter().map(|times| times as usize).sum::<usize>(), blocks);
        }
    }

    /// Identical blocks add no variance. Blocks with a level each vary as their levels do.
    #[test]
    fn variance_is_that_between_blocks() {
        let alike = median(&[vec![10_000; 20]]).unwrap();
        assert!(alike.within_runs.variance.linear < 1e-9, "{alike:?}");
        // Levels in no order, from 10 to 12 ms. A block is a single value here, so this is the median of 21 values.
        let levels: Vec<u64> = (0..21).map(|block| 10_000 + block * 8 % 21 * 100).collect();
        let varied = median(&[levels]).unwrap().within_runs.variance.linear;
        let of_mean = 2.1_f64 * 2.1 / 12.0 / 21.0;
        assert!((1.0..4.5).contains(&(varied / of_mean)), "{varied}, of the mean {of_mean}");
        assert_eq!(median(&[vec![10_000]]), None, "there is nothing to draw from");
    }

    /// Similar neighbours count as fewer independent values, so the variance is larger than in random order.
    #[test]
    fn slow_spells_are_noticed() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "levels of about ten milliseconds")]
        let level = |block: u32| (10_000.0 + 1_000.0 * (f64::from(block) / 32.0 * std::f64::consts::TAU).sin()) as u64;
        let spells: Vec<u64> = (0..64).map(level).collect();
        let shuffled: Vec<u64> = (0..64_usize).map(|place| spells[place * 27 % 64]).collect();
        let variance = |levels: &[u64]| median(&[levels.to_vec()]).unwrap().within_runs.variance.linear;
        assert!(variance(&spells) > 1.5 * variance(&shuffled), "{} {}", variance(&spells), variance(&shuffled));
    }

    /// With several runs the bootstrap draws runs, so runs that differ add a variance that their blocks do not have.
    #[test]
    fn runs_that_differ_are_noticed() {
        let run = |level: u64| vec![level; 10];
        let alike = median(&[10_000; 4].map(run)).unwrap();
        let differing = median(&[9_000, 10_000, 11_000, 12_000].map(run)).unwrap();
        assert!(alike.with_runs.variance.linear < 1e-9 && differing.with_runs.variance.linear > 0.3, "{alike:?} {differing:?}");
        assert!(differing.within_runs.variance.linear < 1e-9, "{differing:?}");
        assert_eq!(differing.with_runs.freedom.to_bits(), 3.0_f64.to_bits());
    }
}
