//! Days from an application to the hire, by week.

use serde::Serialize;

use crate::sample::is_large_enough;

const WEEK_DAYS: f64 = 7.0;

/// Two years of weeks; the last one holds all longer times.
const WEEKS_MAX: usize = 104;

/// Days from an application to the hire, by week.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HiringTimes {
    /// The number of hires with an application in the stream.
    pub cases: u64,
    /// Their mean in days; `None` with too few cases.
    pub mean: Option<f64>,
    /// The hires of each week after the application. The 104th week holds all later hires too. Empty with too few cases.
    pub weeks: Vec<WeekHires>,
}

/// The hires of one week after the application.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeekHires {
    /// The first day of the week, in days after the application.
    pub from_day: usize,
    /// The number of hires.
    pub hires: u64,
}

impl HiringTimes {
    /// Times in days, in ascending order.
    pub(crate) fn new(sorted_days: &[f64]) -> Self {
        let cases = sorted_days.len() as u64;
        if !is_large_enough(cases) {
            return Self { cases, mean: None, weeks: Vec::new() };
        }
        let mut weeks = Vec::new();
        let mut counted = 0;
        while counted < sorted_days.len() {
            #[expect(clippy::cast_precision_loss, reason = "few weeks")]
            let until_day = (weeks.len() + 1) as f64 * WEEK_DAYS;
            let is_last = weeks.len() + 1 == WEEKS_MAX;
            let until = if is_last { sorted_days.len() } else { sorted_days.partition_point(|days| *days < until_day) };
            weeks.push(WeekHires { from_day: weeks.len() * 7, hires: (until - counted) as u64 });
            counted = until;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
        let mean = sorted_days.iter().sum::<f64>() / cases as f64;
        Self { cases, mean: Some(mean), weeks }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all times, the weeks hold every hire, and the last week holds one.
        #[test]
        fn weeks_hold_all_hires(mut days in prop::collection::vec(0.0..5_000.0, 100..400)) {
            days.sort_by(f64::total_cmp);
            let times = HiringTimes::new(&days);
            prop_assert_eq!(times.weeks.iter().map(|week| week.hires).sum::<u64>(), times.cases);
            prop_assert!(times.weeks.last().unwrap().hires > 0 && times.weeks.len() <= WEEKS_MAX);
        }

        /// For all samples that are too small, the distribution holds their size and nothing else.
        #[test]
        fn few_cases_are_only_counted(days in prop::collection::vec(1.0..50.0, 0..100)) {
            prop_assert_eq!(HiringTimes::new(&days), HiringTimes { cases: days.len() as u64, mean: None, weeks: Vec::new() });
        }
    }
}
