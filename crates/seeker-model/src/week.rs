//! The rhythm of a week: when people search. An intensity by weekday and hour turns time spent waiting "on average" into time on
//! the clock, so that visits fall where people are awake and their number over a week stays what it is.

use crate::time::SimTime;

const HOURS: usize = 168;

const HOUR_S: f64 = 3600.0;

/// Seconds in a week.
const WEEK_S: f64 = 168.0 * HOUR_S;

/// How much is searched in each hour of a week, against the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Week {
    /// The mean seconds of activity from Monday 00:00 to the start of each hour, and of the week's end: a week has as many as seconds.
    active_s: Box<[f64; HOURS + 1]>,
    /// Where in its week the simulation starts, in seconds from Monday 00:00 local time.
    start_s: f64,
}

/// Weights that make no week: negative, not finite, or all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} are negative, not finite or all 0; expected weights of which one at least is above 0")]
pub struct WeekError(&'static str);

impl Week {
    /// Share of visits that begin in each hour of the day, from midnight: session starts of a US job site of 2014-2015 (4,030
    /// sessions); Indeed (2017) describes the same shape in words: a peak from 11 to 12, lower while commuting, up after dinner.
    pub const HOUR_WEIGHTS: [f64; 24] = [
        0.0184, 0.0144, 0.0084, 0.0062, 0.006, 0.0077, 0.0154, 0.0236, 0.0476, 0.0581, 0.0767, 0.0839, 0.0747, 0.0754, 0.0685,
        0.066, 0.0583, 0.0603, 0.0469, 0.0444, 0.0516, 0.0367, 0.029, 0.0218,
    ];

    /// Share of events on each day from Monday to Sunday: OLX Jobs 2020, two weeks.
    pub const WEEKDAY_WEIGHTS: [f64; 7] = [0.1675, 0.1809, 0.1709, 0.1575, 0.1339, 0.0929, 0.0964];

    /// A week with these weights of hours and days, Monday first. `start_s` says where in its week the simulation starts.
    ///
    /// # Errors
    ///
    /// [`WeekError`] when weights are negative, not finite, or all zero.
    pub fn new(hours: &[f64; 24], weekdays: &[f64; 7], start_s: f64) -> Result<Self, WeekError> {
        for (name, weights) in [("the weights of hours", &hours[..]), ("the weights of weekdays", &weekdays[..])] {
            let total: f64 = weights.iter().sum();
            if weights.iter().any(|weight| *weight < 0.0) || !total.is_finite() || total <= 0.0 {
                return Err(WeekError(name));
            }
        }
        let total = hours.iter().sum::<f64>() * weekdays.iter().sum::<f64>();
        let mut active_s = Box::new([0.0; HOURS + 1]);
        for hour in 0..HOURS {
            active_s[hour + 1] = active_s[hour] + WEEK_S * hours[hour % 24] * weekdays[hour / 24] / total;
        }
        Ok(Self { active_s, start_s: start_s.rem_euclid(WEEK_S) })
    }

    /// Every hour as busy as any other.
    pub fn uniform() -> Self {
        Self::new(&[1.0; 24], &[1.0; 7], 0.0).expect("ones are weights")
    }

    /// The time at which that many mean seconds of activity have passed.
    pub(crate) fn after(&self, from: SimTime, active_s: f64) -> SimTime {
        #[expect(clippy::cast_precision_loss, reason = "micros of centuries are below 2^53")]
        let clock_s = self.start_s + from.as_micros() as f64 / 1e6;
        let (weeks, within_s) = ((clock_s / WEEK_S).floor(), clock_s.rem_euclid(WEEK_S));
        let wanted_s = self.active_by(within_s) + active_s;
        let (more_weeks, wanted_s) = ((wanted_s / WEEK_S).floor(), wanted_s.rem_euclid(WEEK_S));
        let reached_s = (weeks + more_weeks) * WEEK_S + self.clock_at(wanted_s);
        from.after_seconds((reached_s - clock_s).max(0.0))
    }

    /// The clock's second of the week at a local hour of the day that comes next.
    pub(crate) fn next_hour_of_day(&self, from: SimTime, hour: f64) -> SimTime {
        #[expect(clippy::cast_precision_loss, reason = "micros of centuries are below 2^53")]
        let clock_s = self.start_s + from.as_micros() as f64 / 1e6;
        from.after_seconds((hour * HOUR_S - clock_s).rem_euclid(24.0 * HOUR_S))
    }

    #[expect(clippy::cast_precision_loss, reason = "an hour of the week")]
    fn active_by(&self, clock_s: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an hour of the week")]
        let hour = ((clock_s / HOUR_S) as usize).min(HOURS - 1);
        let share = clock_s / HOUR_S - hour as f64;
        self.active_s[hour] + share * (self.active_s[hour + 1] - self.active_s[hour])
    }

    #[expect(clippy::cast_precision_loss, reason = "an hour of the week")]
    fn clock_at(&self, active_s: f64) -> f64 {
        let hour = self.active_s[1..].partition_point(|end| *end <= active_s).min(HOURS - 1);
        let of_hour = self.active_s[hour + 1] - self.active_s[hour];
        let share = if of_hour > 0.0 { (active_s - self.active_s[hour]) / of_hour } else { 0.0 };
        (hour as f64 + share) * HOUR_S
    }
}

impl Default for Week {
    fn default() -> Self {
        Self::new(&Self::HOUR_WEIGHTS, &Self::WEEKDAY_WEIGHTS, 0.0).expect("the published weights are weights")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all starts and waits, time goes forward, and waiting in two parts is waiting in one.
        #[test]
        fn waiting_adds_up(start_micros in 0_u64..1 << 50, first in 0.0..1e6, second in 0.0..1e6) {
            let week = Week::default();
            let start = SimTime::from_micros(start_micros);
            let middle = week.after(start, first);
            prop_assert!(middle >= start);
            let (in_two, in_one) = (week.after(middle, second), week.after(start, first + second));
            prop_assert!(in_two.as_micros().abs_diff(in_one.as_micros()) <= 200, "{:?} {:?}", in_two, in_one);
        }

        /// For all starts, a week's mean activity is over after a week, and every hour is like another in a uniform week.
        #[test]
        fn a_week_is_a_week(start_micros in 0_u64..1 << 50, wait in 0.0..1e6) {
            let start = SimTime::from_micros(start_micros);
            let week_later = Week::default().after(start, WEEK_S);
            prop_assert!((week_later - start).as_secs_f64() - WEEK_S < 1e-3);
            let even = Week::uniform().after(start, wait);
            prop_assert!(((even - start).as_secs_f64() - wait).abs() < 1e-3);
        }
    }

    #[test]
    fn weights_that_make_no_week_are_refused() {
        let hours = [1.0; 24];
        assert!(Week::new(&hours, &[0.0; 7], 0.0).unwrap_err().to_string().starts_with("the weights of weekdays"));
        assert!(Week::new(&[-1.0; 24], &[1.0; 7], 0.0).unwrap_err().to_string().starts_with("the weights of hours"));
        assert!(Week::new(&[f64::NAN; 24], &[1.0; 7], 0.0).is_err());
    }
}
