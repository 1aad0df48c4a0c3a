//! The latencies of a run, divided into consecutive blocks of time. The spread between blocks shows how reliable a
//! percentile of the run is. Neighbouring seconds are similar, so single events are not independent, and a formula that
//! assumes independence is too optimistic.
//!
//! Memory is bounded: a run of any length has at most [`BLOCKS_MAX`] blocks.

use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};

use crate::time_histogram::TimeHistogram;
use crate::time_histogram::growing_histogram;

/// The maximum number of blocks in a run.
const BLOCKS_MAX: usize = 64;

/// The reason why no value is out of range.
const GROWS: &str = "a histogram that grows accepts any value";

/// The latencies of a run in blocks of equal length, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencyBlocks {
    /// The length of each block, in seconds of scheduled time. The last block may be shorter.
    pub seconds_per_block: u64,
    /// The blocks.
    pub blocks: Vec<LatencyBlock>,
}

/// The events that were scheduled for one block of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencyBlock {
    /// The time from the scheduled time to the answer, over answered events, in microseconds.
    pub answered: TimeHistogram,
    /// The number of events without an answer.
    pub unanswered: u64,
}

impl LatencyBlocks {
    /// Adds the blocks of another run over the same time. The result has the block length of the coarser run.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let seconds = self.seconds_per_block.max(other.seconds_per_block);
        let mut blocks = self.in_blocks_of(seconds);
        let others = other.in_blocks_of(seconds);
        for (place, block) in others.into_iter().enumerate() {
            match blocks.get_mut(place) {
                Some(sum) => sum.add(&block),
                None => blocks.push(block),
            }
        }
        Self { seconds_per_block: seconds, blocks }
    }

    /// Returns the same latencies in longer blocks. Lengths are powers of two, so each length divides every longer length.
    fn in_blocks_of(&self, seconds: u64) -> Vec<LatencyBlock> {
        let together = usize::try_from(seconds / self.seconds_per_block.max(1)).unwrap_or(usize::MAX).max(1);
        let sum = |blocks: &[LatencyBlock]| {
            let mut sum = blocks[0].clone();
            blocks[1..].iter().for_each(|block| sum.add(block));
            sum
        };
        self.blocks.chunks(together).map(sum).collect()
    }
}

impl LatencyBlock {
    fn add(&mut self, other: &Self) {
        self.answered.add(&other.answered);
        self.unanswered += other.unanswered;
    }
}

/// Builds [`LatencyBlocks`] second by second.
///
/// Starts with blocks of one second. When one block more than [`BLOCKS_MAX`] would begin, neighbours are merged and blocks become twice
/// as long.
#[derive(Clone, Debug)]
pub struct LatencyBlockRecorder {
    seconds_per_block: u64,
    /// Seconds in the last block.
    seconds_in_last: u64,
    blocks: Vec<OpenBlock>,
}

/// A block that can still grow. It has half the size of a [`LatencyBlock`].
#[derive(Clone, Debug)]
struct OpenBlock {
    answered: Histogram<u32>,
    unanswered: u64,
}

impl Default for LatencyBlockRecorder {
    fn default() -> Self {
        Self { seconds_per_block: 1, seconds_in_last: 0, blocks: Vec::new() }
    }
}

impl LatencyBlockRecorder {
    /// Adds one second of the schedule: the latencies of its answered events, and the number of events without an answer.
    pub fn push_second<C: Counter>(&mut self, answered: &Histogram<C>, unanswered: u64) {
        if self.blocks.is_empty() || self.seconds_in_last == self.seconds_per_block {
            if self.blocks.len() == BLOCKS_MAX {
                self.merge_neighbours();
            }
            self.blocks.push(OpenBlock { answered: growing_histogram(), unanswered: 0 });
            self.seconds_in_last = 0;
        }
        let last = self.blocks.last_mut().expect("a block was just pushed if there was none");
        add(&mut last.answered, answered);
        last.unanswered += unanswered;
        self.seconds_in_last += 1;
    }

    /// Returns the blocks so far.
    pub fn finish(self) -> LatencyBlocks {
        let closed = |block: OpenBlock| {
            let mut answered = growing_histogram::<u64>();
            for bucket in block.answered.iter_recorded() {
                answered.record_n(bucket.value_iterated_to(), bucket.count_at_value().into()).expect(GROWS);
            }
            LatencyBlock { answered: TimeHistogram::from(answered), unanswered: block.unanswered }
        };
        LatencyBlocks { seconds_per_block: self.seconds_per_block, blocks: self.blocks.into_iter().map(closed).collect() }
    }

    fn merge_neighbours(&mut self) {
        let mut blocks = std::mem::take(&mut self.blocks).into_iter();
        while let Some(mut block) = blocks.next() {
            if let Some(next) = blocks.next() {
                add(&mut block.answered, &next.answered);
                block.unanswered += next.unanswered;
            }
            self.blocks.push(block);
        }
        self.seconds_per_block *= 2;
    }
}

/// Adds the counts of another histogram. The sum is exact up to 2^32 events in a bucket, because both have the same buckets.
fn add<C: Counter>(sum: &mut Histogram<u32>, other: &Histogram<C>) {
    for bucket in other.iter_recorded() {
        let count = u32::try_from(bucket.count_at_value().as_u64()).unwrap_or(u32::MAX);
        sum.record_n(bucket.value_iterated_to(), count).expect(GROWS);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(micros: &[u64]) -> Histogram<u64> {
        let mut histogram = growing_histogram();
        for micros in micros {
            histogram.record(*micros).unwrap();
        }
        histogram
    }

    fn recorded(seconds: &[(Vec<u64>, u64)]) -> LatencyBlocks {
        let mut recorder = LatencyBlockRecorder::default();
        for (micros, unanswered) in seconds {
            recorder.push_second(&second(micros), *unanswered);
        }
        recorder.finish()
    }

    /// Some seconds of a run, with a few events each.
    fn seconds() -> impl Strategy<Value = Vec<(Vec<u64>, u64)>> {
        prop::collection::vec((prop::collection::vec(0_u64..20_000_000, 0..4), 0_u64..3), 0..300)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

        /// For all runs, there are at most 64 blocks, and all blocks except the last cover the same number of seconds. Each
        /// block holds exactly the events of its seconds. The same holds after writing and reading.
        #[test]
        fn blocks_hold_the_events_of_their_seconds(seconds in seconds()) {
            let blocks = recorded(&seconds);
            prop_assert!(blocks.blocks.len() <= BLOCKS_MAX);
            let length = usize::try_from(blocks.seconds_per_block).unwrap();
            prop_assert_eq!(length, seconds.len().div_ceil(BLOCKS_MAX).next_power_of_two());
            prop_assert_eq!(blocks.blocks.len(), seconds.len().div_ceil(length));
            for (block, of_block) in blocks.blocks.iter().zip(seconds.chunks(length)) {
                let micros: Vec<_> = of_block.iter().flat_map(|(micros, _)| micros.iter().copied()).collect();
                prop_assert_eq!(&block.answered, &TimeHistogram::from(second(&micros)));
                prop_assert_eq!(block.unanswered, of_block.iter().map(|(_, unanswered)| unanswered).sum::<u64>());
            }
            let text = serde_json::to_string(&blocks).unwrap();
            prop_assert_eq!(serde_json::from_str::<LatencyBlocks>(&text).unwrap(), blocks);
        }

        /// For any two runs, the sum of their blocks holds all events of both.
        #[test]
        fn sums_hold_the_events_of_both(one in seconds(), other in seconds()) {
            let sum = recorded(&one).plus(&recorded(&other));
            let answered = |seconds: &[(Vec<u64>, u64)]| seconds.iter().map(|(micros, _)| micros.len() as u64).sum::<u64>();
            let unanswered = |seconds: &[(Vec<u64>, u64)]| seconds.iter().map(|(_, unanswered)| unanswered).sum::<u64>();
            prop_assert_eq!(sum.blocks.iter().map(|block| block.answered.as_ref().len()).sum::<u64>(), answered(&one) + answered(&other));
            prop_assert_eq!(sum.blocks.iter().map(|block| block.unanswered).sum::<u64>(), unanswered(&one) + unanswered(&other));
            prop_assert_eq!(sum.blocks.len(), one.len().max(other.len()).div_ceil(usize::try_from(sum.seconds_per_block).unwrap()));
        }
    }

    /// The recorder counts in 32 bits and grows only with the longest latency. For a run of any length, answers of up to a
    /// second need less than 4 MB.
    #[test]
    fn memory_is_bounded() {
        const SLOT_BYTES: usize = 4;
        let one_second = second(&[500, 5_000, 1_000_000]);
        let mut recorder = LatencyBlockRecorder::default();
        for _ in 0..20_000 {
            recorder.push_second(&one_second, 1);
            assert!(recorder.blocks.len() <= BLOCKS_MAX);
        }
        let bytes: usize = recorder.blocks.iter().map(|block| block.answered.distinct_values() * SLOT_BYTES).sum();
        assert!(bytes < 4_000_000, "{bytes}");
        let blocks = recorder.finish();
        assert_eq!(blocks.blocks.iter().map(|block| block.unanswered).sum::<u64>(), 20_000);
        assert_eq!(blocks.seconds_per_block, 512);
    }
}
