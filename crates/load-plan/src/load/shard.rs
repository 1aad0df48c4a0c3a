//! The shards of a load: each has every n-th event, arrival or seeker of the whole. All shards together have the plan of the
//! whole at every moment.

use super::stage::LoadKind;
use super::{Load, as_float, part_of};
use crate::Moment;

/// The number of points per piece of the load at which a shard's number of seekers is read for its mean.
const SAMPLES_PER_PIECE: u32 = 1_000;

impl Load {
    /// Returns one of `of` shards, counted from 0. The load must be a whole.
    #[must_use]
    pub fn shard(&self, shard: u64, of: u64) -> Self {
        debug_assert!(shard < of && self.shards == 1, "a shard of a whole");
        Self { shard, shards: of, ..self.clone() }
    }

    /// Whether this shard has nothing to measure, although the whole load has.
    pub fn is_empty_shard(&self) -> bool {
        self.shards > 1
            && match self.kind() {
                LoadKind::Rate | LoadKind::Arrivals => self.measures_nothing(),
                LoadKind::Seekers => self.mean_wanted(self.measured_from(), self.end()) <= 0.0,
            }
    }

    /// Returns this shard's part of a count of the whole.
    pub(super) fn part_of(&self, whole: u64) -> u64 {
        part_of(whole, self.shard, self.shards)
    }

    /// Returns the mean number of seekers that the load requires between two moments; 0 if there is no time between them. The mean of a
    /// shard, which has whole seekers, is exact for a constant load and precise to a thousandth of a stage for others.
    pub fn mean_wanted(&self, from: Moment, to: Moment) -> f64 {
        let seconds = to.since(from).as_secs_f64();
        if seconds <= 0.0 {
            return 0.0;
        }
        if self.shards == 1 {
            return (self.integral_by(to) - self.integral_by(from)) / seconds;
        }
        let within = self.pieces.iter().map(|piece| {
            let begins = Moment::from_duration(piece.begins()).max(from);
            let ends = Moment::from_duration(piece.ends()).min(to);
            let micros = ends.micros_since(begins);
            let at = |sample| begins.plus(sample_place(micros, sample));
            let sum: f64 = (0..SAMPLES_PER_PIECE).map(|sample| as_float(self.wanted_at(at(sample)))).sum();
            sum / f64::from(SAMPLES_PER_PIECE) * as_float(micros)
        });
        within.sum::<f64>() / as_float(to.micros_since(from))
    }
}

/// Returns the middle of one of the samples of a time of this length.
fn sample_place(micros: u64, sample: u32) -> u64 {
    let place = u128::from(micros) * u128::from(2 * sample + 1) / u128::from(2 * SAMPLES_PER_PIECE);
    u64::try_from(place).unwrap_or(micros)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::load::tests::loads;
    use crate::load::{LoadSpec, Share, Stage};

    /// Wholes and shards of loads of all kinds and pacings.
    pub(crate) fn shards() -> impl Strategy<Value = Load> {
        (loads(), 1_u64..9, any::<prop::sample::Index>())
            .prop_map(|(load, of, shard)| load.shard(shard.index(usize::try_from(of).unwrap()) as u64, of))
    }

    proptest! {
        /// Law 3. For all loads, numbers of shards and numbers of arbiters, which differ between shards, the plans of all arbiters
        /// of all shards add up to the plan of the whole at every moment. So do the plans of the shards.
        #[test]
        fn shards_add_up(load in loads(), arbiters in prop::collection::vec(1_u64..9, 1..65), at in 0_u64..110_000_000) {
            let of = arbiters.len() as u64;
            let moment = Moment::from_micros(at);
            let shards: Vec<_> = (0..of).map(|shard| load.shard(shard, of)).collect();
            let shares = || shards.iter().zip(&arbiters).flat_map(|(load, of)| {
                (0..*of).map(move |part| Share { load: load.clone(), part, of: *of })
            });
            prop_assert_eq!(shares().map(|share| share.planned_by(moment)).sum::<u64>(), load.planned_by(moment));
            prop_assert_eq!(shares().map(|share| share.wanted_at(moment)).sum::<u64>(), load.wanted_at(moment));
            prop_assert_eq!(shares().map(|share| share.total()).sum::<u64>(), load.total());
            prop_assert_eq!(shards.iter().map(|shard| shard.planned_by(moment)).sum::<u64>(), load.planned_by(moment));
            prop_assert_eq!(shards.iter().map(|shard| shard.wanted_at(moment)).sum::<u64>(), load.wanted_at(moment));
            let level: f64 = shards.iter().map(|shard| shard.level_at(moment)).sum();
            prop_assert!((level - load.level_at(moment)).abs() <= 1e-9 * load.peak());
            let numbers: BTreeSet<_> = shares().map(|share| share.number()).collect();
            prop_assert_eq!(numbers.len() as u64, arbiters.iter().sum::<u64>(), "each share has its own random numbers");
        }

        /// For all loads of seekers, the means of the shards add up to the mean of the whole, to the half seeker that is rounded.
        #[test]
        fn means_add_up(load in loads(), of in 1_u64..9) {
            prop_assume!(load.kind() == LoadKind::Seekers);
            let (from, to) = (Moment::default(), load.end());
            let sum: f64 = (0..of).map(|shard| load.shard(shard, of).mean_wanted(from, to)).sum();
            prop_assert!((sum - load.mean_wanted(from, to)).abs() <= 0.5 + load.peak() / 1e2, "{} {}", sum, load.mean_wanted(from, to));
        }
    }

    #[test]
    fn shards_of_few_seekers_are_whole_seekers() {
        let load =
            LoadSpec { seekers: Some(10), duration: Some(Duration::from_secs(10)), ..LoadSpec::default() }.check().unwrap();
        let means = (0..4).map(|shard| load.shard(shard, 4).mean_wanted(Moment::default(), load.end()));
        assert_eq!(means.collect::<Vec<_>>(), [3.0, 3.0, 2.0, 2.0]);
        assert!(!load.shard(9, 12).is_empty_shard() && load.shard(10, 12).is_empty_shard());
    }

    #[test]
    fn stages_of_a_shard_are_its_own() {
        let load = LoadSpec { stages: vec!["10s:0->2000/s".parse().unwrap(), "5s:30/s".parse().unwrap()], ..LoadSpec::default() };
        let stages: Vec<Stage> = load.check().unwrap().shard(3, 4).stages().collect();
        assert_eq!(stages.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10s:0->500/s", "5s:7.5/s"]);
    }
}
