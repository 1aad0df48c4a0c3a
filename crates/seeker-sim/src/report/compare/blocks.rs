//! How much percentiles vary between blocks of time and between runs: a bootstrap that draws runs, and blocks within each, with
//! replacement.
//!
//! Sources: H. R. Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", Annals of Statistics 17 (1989), for
//! blocks; A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), 3.8, for runs and blocks within.

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::report::compare::percentile::{PerScale, Resampled, Scale, rank};
use crate::report::compare::probability::float;

/// How often runs and blocks are drawn. The standard error is then known to 4 %.
const RESAMPLES: usize = 400;

/// The same reports always give the same figures, and a side gives the same figures before and after.
const SEED: u64 = 1;

/// The events of one block of time: the latencies of those that were answered, and how many were not.
pub(super) type Block<'a> = (&'a Histogram<u64>, u64);

/// The times of some runs, block by block, in a form in which resamples are fast.
pub(super) struct BlockTable {
    /// The times that occurred, in microseconds, ascending.
    values: Vec<u64>,
    /// The blocks of each run.
    runs: Vec<Vec<CountedBlock>>,
}

struct CountedBlock {
    /// For each of the values, how many events took at most that long.
    cumulative: Vec<u32>,
    /// All events, those without an answer too.
    events: u64,
}

impl BlockTable {
    /// The blocks of each run. Runs and blocks without events are left out.
    pub(super) fn new(runs: &[Vec<Block<'_>>]) -> Self {
        let mut values: Vec<u64> =
            runs.iter().flatten().flat_map(|(times, _)| times.iter_recorded().map(|bucket| bucket.value_iterated_to())).collect();
        values.sort_unstable();
        values.dedup();
        let counted = |(times, unanswered): &Block<'_>| {
            let (mut cumulative, mut sum) = (vec![0_u32; values.len()], 0_u32);
            let mut place = 0;
            for bucket in times.iter_recorded() {
                while values[place] < bucket.value_iterated_to() {
                    cumulative[place] = sum;
                    place += 1;
                }
                sum = sum.saturating_add(u32::try_from(bucket.count_at_value()).unwrap_or(u32::MAX));
            }
            cumulative[place..].fill(sum);
            CountedBlock { cumulative, events: times.len() + unanswered }
        };
        let of_run =
            |blocks: &Vec<Block<'_>>| -> Vec<_> { blocks.iter().map(counted).filter(|block| block.events > 0).collect() };
        let runs = runs.iter().map(of_run).filter(|blocks: &Vec<_>| !blocks.is_empty()).collect();
        Self { values, runs }
    }

    /// The variance of the percentiles at these shares. Events without an answer took `unanswered_ms`. None where there is nothing to
    /// draw from: a single block.
    pub(super) fn resampled(&self, shares: &[f64], unanswered_ms: f64) -> Vec<Option<Resampled>> {
        // Of several runs the runs are what is independent; of a single one its blocks.
        let drawn = if self.runs.len() > 1 { self.runs.len() } else { self.runs.first().map_or(0, Vec::len) };
        if drawn < 2 {
            return vec![None; shares.len()];
        }
        let mut random = StdRng::seed_from_u64(SEED);
        let mut moments = vec![PerScale::<Moments>::default(); shares.len()];
        for _ in 0..RESAMPLES {
            let sample = self.draw(&mut random);
            let events = sample.iter().map(|(block, times)| block.events * u64::from(*times)).sum();
            for (share, moments) in shares.iter().zip(&mut moments) {
                let ms = self.at(&sample, rank(events, *share)).map_or(unanswered_ms, |micros| float(micros) / 1000.0);
                moments.log.add(Scale::Log.of(ms));
                moments.linear.add(Scale::Linear.of(ms));
            }
        }
        // A resample of n values varies by (n - 1) / n of what it should.
        #[expect(clippy::cast_precision_loss, reason = "tens of blocks or runs")]
        let drawn = drawn as f64;
        let freedom = drawn - 1.0;
        let resampled = |moments: &PerScale<Moments>| Resampled {
            variance: PerScale::new(|scale| moments.get(scale).variance() * drawn / freedom),
            freedom,
        };
        moments.iter().map(|moments| Some(resampled(moments))).collect()
    }

    /// Blocks, and how often each was drawn.
    fn draw(&self, random: &mut StdRng) -> Vec<(&CountedBlock, u32)> {
        let mut drawn: Vec<Vec<u32>> = self.runs.iter().map(|blocks| vec![0; blocks.len()]).collect();
        for _ in 0..self.runs.len() {
            let run = random.random_range(0..self.runs.len());
            for _ in 0..self.runs[run].len() {
                let block = random.random_range(0..self.runs[run].len());
                drawn[run][block] += 1;
            }
        }
        let blocks = self.runs.iter().flatten().zip(drawn.into_iter().flatten());
        blocks.filter(|(_, times)| *times > 0).collect()
    }

    /// The time of the event with this rank; none where it has no answer.
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

/// Mean and variance of values that come one after the other: B. P. Welford, Technometrics 4 (1962).
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
    use crate::report::TimeHistogram;
    use crate::report::histograms::tests::{histogram, times};

    fn table(runs: &[Vec<(TimeHistogram, u64)>]) -> BlockTable {
        fn of_run(blocks: &[(TimeHistogram, u64)]) -> Vec<Block<'_>> {
            blocks.iter().map(|(times, unanswered)| (times.as_ref(), *unanswered)).collect()
        }
        BlockTable::new(&runs.iter().map(|blocks| of_run(blocks)).collect::<Vec<_>>())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

        /// For all blocks and ranks, a sample that holds some blocks so many times has the times of just that sample.
        #[test]
        fn samples_have_the_times_of_their_blocks(
            blocks in prop::collection::vec((times(), 0_u64..3, 0_u32..4), 1..5), rank in any::<prop::sample::Index>(),
        ) {
            let counted = |(micros, unanswered, _): &(Vec<u64>, u64, u32)| (histogram(micros), *unanswered);
            let table = table(&[blocks.iter().map(counted).collect()]);
            let kept = blocks.iter().filter(|(micros, unanswered, _)| micros.len() as u64 + unanswered > 0);
            let sample: Vec<_> = table.runs.iter().flatten().zip(kept.map(|(.., drawn)| *drawn)).collect();
            let mut all: Vec<_> =
                blocks.iter().flat_map(|(micros, _, drawn)| micros.repeat(*drawn as usize)).collect();
            let unanswered: u64 = blocks.iter().map(|(_, unanswered, drawn)| unanswered * u64::from(*drawn)).sum();
            all.sort_unstable();
            let events = all.len() as u64 + unanswered;
            prop_assume!(events > 0);
            let rank = rank.index(usize::try_from(events).unwrap()) as u64;
            let expected = usize::try_from(rank).ok().and_then(|place| all.get(place)).copied();
            let found = table.at(&sample, rank + 1);
            let buckets = histogram(&[]);
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!(found.zip(expected).is_none_or(|(found, expected)| buckets.as_ref().equivalent(found, expected)));
        }
    }

    /// Blocks that are all alike add no variance; blocks of which each has its own level vary as their levels do.
    #[test]
    fn variance_is_that_between_blocks() {
        let blocks = |levels: &[u64]| vec![levels.iter().map(|level| (histogram(&vec![*level; 100]), 0)).collect::<Vec<_>>()];
        let median = |levels: &[u64]| table(&blocks(levels)).resampled(&[0.5], 1e9)[0];
        let alike = median(&[10_000; 20]).unwrap();
        assert_eq!((alike.variance.linear.to_bits(), alike.freedom.to_bits()), (0.0_f64.to_bits(), 19.0_f64.to_bits()));
        // A block is a single value here, so the median of 21 of them: pi / 2 times the variance of a mean, in the limit.
        let levels: Vec<_> = (0..21).map(|block| 10_000 + block * 100).collect();
        let varied = median(&levels).unwrap().variance.linear;
        let of_mean = (2.1_f64 * 2.1 / 12.0) / 21.0;
        assert!((1.0..4.5).contains(&(varied / of_mean)), "{varied}, of the mean {of_mean}");
        assert_eq!(median(&[10_000]), None, "there is nothing to draw from");
        assert_eq!(median(&[]), None);
    }

    /// Several runs are what is drawn from: runs that differ make a variance that their blocks do not have.
    #[test]
    fn runs_that_differ_are_noticed() {
        let run = |level: u64| -> Vec<_> { (0..10).map(|_| (histogram(&vec![level; 100]), 0)).collect() };
        let resampled = |runs: &[u64]| table(&runs.iter().map(|level| run(*level)).collect::<Vec<_>>()).resampled(&[0.5], 1e9)[0];
        let (alike, differing) = (resampled(&[10_000; 4]).unwrap(), resampled(&[9_000, 10_000, 11_000, 12_000]).unwrap());
        assert!(alike.variance.linear < 1e-12 && differing.variance.linear > 0.3, "{alike:?} {differing:?}");
        assert_eq!(differing.freedom.to_bits(), 3.0_f64.to_bits());
    }
}
