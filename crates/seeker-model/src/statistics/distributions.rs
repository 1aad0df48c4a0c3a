//! The distributions behind the rows: what a chart shows where a row has a number or two. The same cases are counted, and where there
//! are too few for a row there are too few for a distribution: it says how many there were, and no more.

use super::ranked::Ranked;
use super::rows::CASES_MIN;
use super::{DAY_MILLIS, POSTING_LIFE_MILLIS, RANKS, Statistics};
use crate::week::Week;

/// Shares of the cases for which a value is told.
const QUANTILES: [f64; 8] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/// Ten values a decade, about equally far apart on a logarithmic scale: the preferred numbers R10 (ISO 3).
const PREFERRED: [f64; 10] = [1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0];

/// Days to hire are counted by the week.
const BIN_DAYS: f64 = 7.0;

/// Of two years; the last holds whatever took longer.
const WEEKS_MAX: usize = 104;

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Distributions {
    /// Events per seeker in the first 14 days, impressions not counted; the shares are of seekers with *at least* so many.
    pub events_per_seeker: Cumulative,
    /// Seconds from a VIEW to what the seeker did with the posting; the shares are of cases *within* so many.
    pub seconds_to_action: Cumulative,
    /// Events of seekers by local weekday from Monday, impressions not counted.
    pub weekdays: Shares,
    /// Starts of sessions by local hour from midnight.
    pub hours: Shares,
    /// Clicks by rank on the page of results.
    pub ranks: ByRank,
    /// Days from an application to HIRED.
    pub days_to_hire: Binned,
    /// Days from a posting's first showing to an application for it, of postings watched for 30 days; the shares are of applications
    /// *within* so many.
    pub posting_age: Cumulative,
}

/// How cases spread over values.
#[derive(Clone, Debug, PartialEq)]
pub struct Cumulative {
    /// How many cases there were.
    pub cases: u64,
    /// The value below which a share of the cases lies, as `[share, value]`; empty with too few cases.
    pub quantiles: Vec<[f64; 2]>,
    /// The share of the cases that reach a value, or stay within it, as `[value, share]`; empty with too few cases.
    pub points: Vec<[f64; 2]>,
}

/// How cases spread over the hours of a day or the days of a week, beside published shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// How many cases there were.
    pub cases: u64,
    /// How many of them at each place; empty with too few cases.
    pub counts: Vec<u64>,
    /// The published share of each place; empty with too few cases.
    pub published: Vec<f64>,
}

/// What was shown and clicked at each rank.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRank {
    /// How many pages of results reached rank 10.
    pub cases: u64,
    /// From rank 1: how often something was shown there, and how often it was clicked. Ends with the last rank that was shown; empty
    /// with too few cases.
    pub shown_clicked: Vec<[u64; 2]>,
}

/// How cases spread over days, by the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Binned {
    /// How many cases there were.
    pub cases: u64,
    /// Their mean in days; none with too few cases.
    pub mean: Option<f64>,
    /// How many in each week, the first from day 0 until before day 7; the 104th, if there is one, holds whatever took longer. Empty
    /// with too few cases.
    pub weeks: Vec<u64>,
}

impl Statistics {
    /// The distributions.
    pub fn distributions(&self) -> Distributions {
        let events = self.sorted_events();
        let mut ages: Vec<_> = self.application_ages_millis().into_iter().map(days).collect();
        ages.sort_by(f64::total_cmp);
        Distributions {
            events_per_seeker: Cumulative::of(&events[..], &whole(preferred(1.0, events.last().copied())), |below| 1.0 - below),
            seconds_to_action: Cumulative::of(&self.dwells, &preferred(1.0, Some(100_000.0)), |within| within),
            weekdays: Shares::of(&self.weekdays, &Week::WEEKDAY_WEIGHTS),
            hours: Shares::of(&self.session_hours, &Week::HOUR_WEIGHTS),
            ranks: self.by_rank(),
            days_to_hire: Binned::of(&self.sorted_hiring_days()),
            posting_age: Cumulative::of(&ages[..], &(1..=30).map(f64::from).collect::<Vec<_>>(), |within| within),
        }
    }

    /// Events of the first 14 days, of each seeker who caused any.
    pub(super) fn sorted_events(&self) -> Vec<f64> {
        let events = self.seekers.values().map(|seeker| f64::from(seeker.events)).filter(|events| *events > 0.0);
        sorted(events)
    }

    pub(super) fn sorted_hiring_days(&self) -> Vec<f64> {
        sorted(self.hiring_millis.iter().copied().map(days))
    }

    /// How old postings were when they were applied for, of those that were watched for their whole life.
    pub(super) fn application_ages_millis(&self) -> Vec<i64> {
        // A posting that is shown on the first day may have been there before; one is watched for its whole life when results are
        // shown for as long after it first was.
        let from = self.span_millis.map_or(0, |[first, _]| first).saturating_add(DAY_MILLIS);
        let until = self.last_shown_millis.saturating_sub(POSTING_LIFE_MILLIS);
        let watched = self.postings.values().filter(|posting| (from..=until).contains(&posting.first_shown_millis));
        watched.flat_map(|posting| posting.application_millis.iter().copied()).collect()
    }

    fn by_rank(&self) -> ByRank {
        let cases = self.shown_at_rank[9];
        let ranks = self.shown_at_rank.iter().rposition(|shown| *shown > 0).map_or(0, |last| last + 1);
        let ranks = if has_enough(cases) { ranks } else { 0 };
        let of_rank = |rank: usize| [self.shown_at_rank[rank], self.clicked_at_rank[rank]];
        ByRank { cases, shown_clicked: (0..ranks.min(RANKS)).map(of_rank).collect() }
    }
}

impl Cumulative {
    /// `share` makes the share that is told from the share of cases below a value; where that is "within", the value itself counts
    /// as below.
    fn of(ranked: &(impl Ranked + ?Sized), values: &[f64], share: impl Fn(f64) -> f64) -> Self {
        let cases = ranked.cases();
        if !has_enough(cases) {
            return Self { cases, quantiles: Vec::new(), points: Vec::new() };
        }
        // For shares "at least", share(1) is 0.
        let is_within = share(1.0) > 0.0;
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
        let share_below = |value: f64| {
            let below = ranked.count(|case| case < value || is_within && case <= value);
            below as f64 / cases as f64
        };
        Self {
            cases,
            quantiles: QUANTILES.iter().map(|share| [*share, ranked.quantile(*share)]).collect(),
            points: values.iter().map(|value| [*value, share(share_below(*value))]).collect(),
        }
    }
}

impl Shares {
    fn of(counts: &[u64], weights: &[f64]) -> Self {
        let cases = counts.iter().sum();
        if !has_enough(cases) {
            return Self { cases, counts: Vec::new(), published: Vec::new() };
        }
        let weight: f64 = weights.iter().sum();
        Self { cases, counts: counts.to_vec(), published: weights.iter().map(|of_place| of_place / weight).collect() }
    }
}

impl Binned {
    fn of(sorted: &[f64]) -> Self {
        let cases = sorted.len() as u64;
        if !has_enough(cases) {
            return Self { cases, mean: None, weeks: Vec::new() };
        }
        let mut weeks = Vec::new();
        let mut counted = 0;
        while counted < sorted.len() {
            #[expect(clippy::cast_precision_loss, reason = "few weeks")]
            let until_day = (weeks.len() + 1) as f64 * BIN_DAYS;
            let is_last = weeks.len() + 1 == WEEKS_MAX;
            let until = if is_last { sorted.len() } else { sorted.partition_point(|days| *days < until_day) };
            weeks.push((until - counted) as u64);
            counted = until;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
        let mean = sorted.iter().sum::<f64>() / cases as f64;
        Self { cases, mean: Some(mean), weeks }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn has_enough(cases: u64) -> bool {
    cases as f64 >= CASES_MIN
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of millennia are below 2^53")]
fn days(millis: i64) -> f64 {
    millis as f64 / DAY_MILLIS as f64
}

/// Preferred numbers from a power of ten up to the highest value, which is the last.
fn preferred(from: f64, highest: Option<f64>) -> Vec<f64> {
    let Some(highest) = highest else {
        return Vec::new();
    };
    let decades = (0..).map(|exponent| from * 10_f64.powi(exponent));
    let numbers = decades.flat_map(|decade| PREFERRED.map(|number| number * decade));
    let mut numbers: Vec<_> = numbers.take_while(|number| *number < highest).collect();
    numbers.push(highest);
    numbers
}

/// The same in whole numbers, each once.
fn whole(numbers: Vec<f64>) -> Vec<f64> {
    let mut numbers: Vec<_> = numbers.into_iter().map(f64::round).collect();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "few cases")]
    fn share(cases: &[u32], is_counted: impl Fn(u32) -> bool) -> f64 {
        cases.iter().filter(|case| is_counted(**case)).count() as f64 / cases.len() as f64
    }

    proptest! {
        /// For all cases, shares lie between 0 and 1, go one way, and say what counting says.
        #[test]
        fn shares_are_counted(mut cases in prop::collection::vec(1_u32..5_000, 100..400), value in 1_u32..5_000) {
            cases.sort_unstable();
            let sorted: Vec<_> = cases.iter().copied().map(f64::from).collect();
            let values: Vec<_> = whole(preferred(1.0, sorted.last().copied()));
            prop_assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
            let at_least = Cumulative::of(&sorted[..], &values, |below| 1.0 - below);
            prop_assert!(at_least.points.is_sorted_by(|a, b| a[1] >= b[1]));
            prop_assert!(at_least.points[0].iter().all(|number| (number - 1.0).abs() < 1e-9), "one event is the least");
            prop_assert!(at_least.points.last().unwrap()[1] > 0.0);
            let within = Cumulative::of(&sorted[..], &[f64::from(value)], |within| within);
            prop_assert!((within.points[0][1] - share(&cases, |case| case <= value)).abs() < 1e-9);
            let reached = Cumulative::of(&sorted[..], &[f64::from(value)], |below| 1.0 - below);
            prop_assert!((reached.points[0][1] - share(&cases, |case| case >= value)).abs() < 1e-9);
            prop_assert!(within.quantiles.is_sorted_by(|a, b| a[1] <= b[1]));
            let weeks = Binned::of(&sorted);
            prop_assert_eq!(weeks.weeks.iter().sum::<u64>(), weeks.cases);
            prop_assert!(weeks.weeks.last() > Some(&0));
        }

        /// For all too small numbers of cases, there is their number and nothing else.
        #[test]
        fn few_cases_are_only_counted(cases in prop::collection::vec(1.0..50.0, 0..100)) {
            let count = cases.len() as u64;
            let nothing = Cumulative { cases: count, quantiles: Vec::new(), points: Vec::new() };
            prop_assert_eq!(Cumulative::of(&cases[..], &[1.0], |within| within), nothing);
            prop_assert_eq!(Binned::of(&cases), Binned { cases: count, mean: None, weeks: Vec::new() });
        }
    }
}
