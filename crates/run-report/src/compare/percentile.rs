//! Tests whether a percentile of a time rose by more than the tolerance, by comparing the change with its standard error.
//!
//! The standard error is the larger of two. The first assumes independent events. It comes from the order statistics around the percentile,
//! whose rank is binomial: H. A. David and H. N. Nagaraja, "Order Statistics", 3rd edition (2003), 7.1. The second comes from resampling
//! [blocks](super::blocks) of time and runs, if there are blocks. It includes effects that the first misses: a stall, a slow minute, a slow
//! run.
//!
//! An event without an answer counts as slower than every answered event.

use hdrhistogram::Histogram;

use crate::compare::probability::{float, student_quantile, student_tail};

/// Times are rounded to three digits, so no standard error is below half a unit of the last digit.
const RESOLUTION: f64 = 0.0005;

/// The shortest time that differs from zero, in milliseconds.
const SHORTEST_MS: f64 = 0.001;

/// Events sorted by their times.
#[derive(Clone, Debug)]
pub(super) struct RankedTimes {
    /// The distinct times in microseconds, ascending.
    values: Vec<u64>,
    /// For each value, the number of events that took at most that long.
    cumulative: Vec<u64>,
    /// All events, including events without an answer.
    events: u64,
}

impl RankedTimes {
    /// Combines the answered events of a histogram with a number of unanswered events.
    pub(super) fn new(histogram: &Histogram<u64>, unanswered: u64) -> Self {
        let mut ranked = Self { values: Vec::new(), cumulative: Vec::new(), events: 0 };
        for bucket in histogram.iter_recorded() {
            ranked.events += bucket.count_at_value();
            ranked.values.push(bucket.value_iterated_to());
            ranked.cumulative.push(ranked.events);
        }
        ranked.events += unanswered;
        ranked
    }

    /// The number of all events.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// The longest time of an answered event, in milliseconds.
    pub(super) fn longest_ms(&self) -> Option<f64> {
        self.values.last().map(|micros| float(*micros) / 1000.0)
    }

    /// Returns the time within which this share of all events stayed, in milliseconds; `None` if that event has no answer.
    pub(super) fn at(&self, share: f64) -> Option<f64> {
        let rank = rank(self.events, share);
        let place = self.cumulative.partition_point(|cumulative| *cumulative < rank);
        self.values.get(place).map(|micros| float(*micros) / 1000.0)
    }
}

/// Returns the rank of the event at or below which this share of all events lies.
pub(super) fn rank(events: u64, share: f64) -> u64 {
    // Rounding must not turn 9.0000000001 of 10 events into the tenth.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    let rank = (float(events) * share * (1.0 - 1e-12)).ceil().max(1.0) as u64;
    rank.min(events)
}

/// The scale on which times are compared: their ratio, for a tolerance in per cent, or their difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// The logarithm: a difference of logarithms is a ratio.
    Log,
    /// Milliseconds.
    Linear,
}

impl Scale {
    /// Both scales.
    pub(super) const ALL: [Self; 2] = [Self::Log, Self::Linear];

    pub(super) fn of(self, ms: f64) -> f64 {
        let ms = ms.max(SHORTEST_MS);
        match self {
            Self::Log => ms.ln(),
            Self::Linear => ms,
        }
    }

    fn resolution(self, ms: f64) -> f64 {
        match self {
            Self::Log => RESOLUTION,
            Self::Linear => RESOLUTION * ms.max(SHORTEST_MS),
        }
    }
}

/// A value for each scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PerScale<T> {
    pub(super) log: T,
    pub(super) linear: T,
}

impl<T: Copy> PerScale<T> {
    pub(super) fn new(of: impl Fn(Scale) -> T) -> Self {
        Self { log: of(Scale::Log), linear: of(Scale::Linear) }
    }

    pub(super) fn get(&self, scale: Scale) -> T {
        match scale {
            Scale::Log => self.log,
            Scale::Linear => self.linear,
        }
    }
}

/// The variance of a percentile over resamples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spread {
    /// The variance; 0 if it is unknown.
    pub(super) variance: PerScale<f64>,
    /// The degrees of freedom: the number of independent values, minus one.
    pub(super) freedom: f64,
}

impl Spread {
    fn times(self, factor: impl Fn(Scale) -> f64) -> Self {
        Self { variance: PerScale::new(|scale| self.variance.get(scale) * factor(scale)), ..self }
    }
}

/// How much a percentile varies beyond the chance of independent events.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Resampled {
    /// The spread between blocks of the same run.
    pub(super) within_runs: Spread,
    /// The spread between blocks and between runs together; unknown for a single run.
    pub(super) with_runs: Spread,
}

impl Resampled {
    fn variance(&self, scale: Scale) -> f64 {
        self.within_runs.variance.get(scale).max(self.with_runs.variance.get(scale))
    }

    fn times(self, factor: impl Fn(Scale) -> f64) -> Self {
        Self { within_runs: self.within_runs.times(&factor), with_runs: self.with_runs.times(&factor) }
    }

    /// Returns the spread with the larger variance.
    fn larger(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let larger = |one: Self, other: Self| if one.variance(Scale::Log) >= other.variance(Scale::Log) { one } else { other };
        one.into_iter().chain(other).reduce(larger)
    }
}

/// A percentile of one side with its standard errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    /// The percentile in milliseconds; the given time if it falls on an event without an answer.
    ms: f64,
    /// The standard error of independent events towards shorter and longer times.
    shorter: PerScale<f64>,
    longer: PerScale<f64>,
    resampled: Option<Resampled>,
    /// Whether most events are faster than the percentile.
    is_of_slow_events: bool,
}

impl Estimate {
    /// Estimates the percentile at a share of the events. Events without an answer count as `unanswered_ms`.
    pub(super) fn new(times: &RankedTimes, share: f64, unanswered_ms: f64, resampled: Option<Resampled>) -> Self {
        let at = |share: f64| times.at(share.clamp(0.0, 1.0)).unwrap_or(unanswered_ms);
        let ms = at(share);
        let deviation = (share * (1.0 - share) / float(times.events.max(1))).sqrt();
        // Far from the percentile, times are often much sparser than near it, and the verdict depends on the far times.
        let error = |scale: Scale, towards: f64| {
            let width =
                |deviations: f64| (scale.of(at(share + towards * deviations * deviation)) - scale.of(ms)).abs() / deviations;
            [1.0, 2.0, 3.0].map(width).into_iter().fold(scale.resolution(ms), f64::max)
        };
        Self {
            ms,
            shorter: PerScale::new(|scale| error(scale, -1.0)),
            longer: PerScale::new(|scale| error(scale, 1.0)),
            resampled,
            is_of_slow_events: share > 0.5,
        }
    }

    /// Returns the same estimate with at least the relative uncertainty of the other side: a run without a stall says nothing about how
    /// often its target stalls, but the other side may.
    pub(super) fn as_uncertain_as(self, other: Option<Resampled>) -> Self {
        let in_proportion = |spread: Spread| {
            let log = spread.variance.log;
            Spread { variance: PerScale { log, linear: log * self.ms * self.ms }, ..spread }
        };
        let other = other.map(|Resampled { within_runs, with_runs }| Resampled {
            within_runs: in_proportion(within_runs),
            with_runs: in_proportion(with_runs),
        });
        Self { resampled: Resampled::larger(self.resampled, other), ..self }
    }

    /// The design effect: the variance of resamples divided by the variance of independent events.
    pub(super) fn design_effect(&self) -> Option<Resampled> {
        Some(self.resampled?.times(|scale| self.chance(scale).recip()))
    }

    /// Applies the design effect of other times to this percentile.
    pub(super) fn inflated(self, effect: Option<Resampled>) -> Self {
        let inflated = effect.map(|effect| effect.times(|scale| self.chance(scale)));
        Self { resampled: Resampled::larger(self.resampled, inflated), ..self }
    }

    /// The variance of independent events, averaged over both directions.
    fn chance(&self, scale: Scale) -> f64 {
        self.shorter.get(scale) * self.longer.get(scale)
    }

    /// The variance in one direction: the variance of independent events, plus the spread between blocks and between runs.
    fn variance(&self, scale: Scale, is_towards_longer: bool, tolerance_percent: f64) -> Variance {
        let error = if is_towards_longer { self.longer } else { self.shorter }.get(scale);
        let of_chance = Variance { value: error * error, uncertainty: 0.0 };
        let Resampled { within_runs, with_runs } = self.resampled.unwrap_or_default();
        let is_single_run = with_runs.freedom <= 0.0;
        if !(is_single_run && self.is_of_slow_events) {
            return of_chance.at_least(within_runs, scale, 1.0).at_least(with_runs, scale, 1.0);
        }
        // The cause of a few slow events, such as another program on the machine, often lasts longer than a run. A single run cannot show
        // this. Its variance between runs is therefore taken to be as large as between blocks, plus the tolerance. Medians vary less.
        let run_to_run = match scale {
            Scale::Log => (tolerance_percent / 100.0).ln_1p(),
            Scale::Linear => self.ms * tolerance_percent / 100.0,
        };
        let between_runs = Variance { value: run_to_run * run_to_run, uncertainty: 0.0 };
        of_chance.at_least(within_runs, scale, within_runs.freedom + 1.0).plus(between_runs)
    }
}

/// A variance and its own uncertainty: the sum of the squared estimated parts, each divided by its degrees of freedom.
#[derive(Clone, Copy, Debug)]
struct Variance {
    value: f64,
    uncertainty: f64,
}

impl Variance {
    /// Adds the excess of a larger spread, multiplied by `times`.
    fn at_least(self, spread: Spread, scale: Scale, times: f64) -> Self {
        let beyond = (spread.variance.get(scale) - self.value) * times;
        if beyond <= 0.0 {
            return self;
        }
        Self { value: self.value + beyond, uncertainty: self.uncertainty + beyond * beyond / spread.freedom }
    }

    fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, uncertainty: self.uncertainty + other.uncertainty }
    }

    /// The degrees of freedom: F. E. Satterthwaite, "An Approximate Distribution of Estimates of Variance Components", Biometrics Bulletin
    /// 2 (1946). The variance of independent events is known, so it has infinitely many.
    fn freedom(self) -> f64 {
        (self.value * self.value / self.uncertainty).max(1.0)
    }
}

/// The p-value of the hypothesis that a percentile rose by no more than the tolerance. A percentile is worse only if it exceeds both the
/// tolerance in per cent and the tolerance in milliseconds, so the weaker evidence of the two counts: R. L. Berger, "Multiparameter
/// Hypothesis Testing and Acceptance Sampling", Technometrics 24 (1982).
pub(super) fn p_worse(before: &Estimate, after: &Estimate, tolerance_percent: f64, tolerance_ms: f64) -> f64 {
    let p = |scale: Scale| {
        let margin = match scale {
            Scale::Log => (tolerance_percent / 100.0).ln_1p(),
            Scale::Linear => tolerance_ms,
        };
        let variance = before.variance(scale, true, tolerance_percent).plus(after.variance(scale, false, tolerance_percent));
        student_tail((scale.of(after.ms) - scale.of(before.ms) - margin) / variance.value.sqrt(), variance.freedom())
    };
    Scale::ALL.map(p).into_iter().fold(0.0, f64::max)
}

/// Returns the confidence interval of the rise of the percentile, in milliseconds.
pub(super) fn interval(before: &Estimate, after: &Estimate, tolerance_percent: f64, confidence: f64) -> (f64, f64) {
    let half = |variance: Variance| student_quantile((1.0 - confidence) / 2.0, variance.freedom()) * variance.value.sqrt();
    let variance =
        |estimate: &Estimate, is_towards_longer| estimate.variance(Scale::Linear, is_towards_longer, tolerance_percent);
    let low = variance(before, true).plus(variance(after, false));
    let high = variance(before, false).plus(variance(after, true));
    let difference = after.ms - before.ms;
    (difference - half(low), difference + half(high))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use measure::strategies::{histogram, times};

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(4), ..ProptestConfig::default() })]

        /// For all times and shares, a percentile equals the percentile of the histogram. With unanswered events, it equals the percentile
        /// of a histogram in which these events are the longest.
        #[test]
        fn percentiles_are_those_of_the_histogram(micros in times(), unanswered in 0_u64..5, share in 0.0_f64..=1.0) {
            const LONGEST: u64 = 30_000_000_000;
            let ranked = RankedTimes::new(histogram(&micros).as_ref(), unanswered);
            let with_longest: Vec<_> = micros.iter().copied().chain((0..unanswered).map(|_| LONGEST)).collect();
            let all = histogram(&with_longest);
            prop_assert_eq!(ranked.events(), with_longest.len() as u64);
            prop_assume!(ranked.events() > 0);
            let expected = all.as_ref().value_at_quantile(share);
            let is_unanswered = all.as_ref().equivalent(expected, LONGEST);
            prop_assert_eq!(ranked.at(share), (!is_unanswered).then(|| float(expected) / 1000.0));
        }

        /// For all times, equal times are not worse, doubled times are worse if there are enough events, and p-values fall as the change
        /// grows.
        #[test]
        fn longer_is_worse(events in 100_u64..2_000, first in 10_000_u64..1_000_000, times_longer in 1.0_f64..3.0) {
            let of = |factor: f64| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times of a test")]
                let micros: Vec<_> = (0..events).map(|event| (float(first + event % 100 * first / 1000) * factor) as u64).collect();
                Estimate::new(&RankedTimes::new(histogram(&micros).as_ref(), 0), 0.5, 1e9, None)
            };
            let p = |factor| p_worse(&of(1.0), &of(factor), 10.0, 1.0);
            prop_assert!(p(1.0) > 0.99);
            prop_assert!(p(2.0) < 1e-6, "{}", p(2.0));
            prop_assert!(p(times_longer + 0.1) <= p(times_longer) + 1e-9);
            let (low, high) = interval(&of(1.0), &of(times_longer), 10.0, 0.99);
            let difference = of(times_longer).ms - of(1.0).ms;
            prop_assert!(low < difference && difference < high);
        }
    }

    /// A single run does not prove that a tail is a third slower. It proves a median that is a third slower, and a tail that is twice as
    /// slow.
    #[test]
    fn single_runs_prove_less_of_the_tail() {
        let p = |share, percent| {
            let of = |percent| {
                let micros: Vec<_> = (0..10_000_u64).map(|event| (20_000 + event) * percent / 100).collect();
                Estimate::new(&RankedTimes::new(histogram(&micros).as_ref(), 0), share, 1e9, None)
            };
            p_worse(&of(100), &of(percent), 10.0, 1.0)
        };
        for (share, percent, is_proven) in [(0.5, 133, true), (0.99, 133, false), (0.99, 200, true), (0.5, 105, false)] {
            let p = p(share, percent);
            assert_eq!(p < 0.001, is_proven, "{share} {percent}: {p}");
        }
    }

    /// For evenly spread times, the standard error of the median matches the textbook: half the range divided by the square root of the
    /// number.
    #[test]
    fn standard_errors_are_those_of_the_textbook() {
        let micros: Vec<_> = (0..10_000_u64).map(|event| 1_000_000 + event * 100).collect();
        let estimate = Estimate::new(&RankedTimes::new(histogram(&micros).as_ref(), 0), 0.5, 1e9, None);
        let expected = 1_000.0 * 0.5 / 100.0;
        for error in [estimate.shorter.linear, estimate.longer.linear] {
            assert!((error / expected - 1.0).abs() < 0.1, "{error}, expected {expected}");
        }
    }
}
