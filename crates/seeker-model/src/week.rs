//! Converts waiting times into clock times. The intensity by weekday and hour stretches a mean waiting time at night and shortens it at busy
//! hours, so the number of visits over a week stays the same.

use crate::local_time::LocalTime;
use crate::parameter_errors::ParameterErrors;
use crate::rhythm::Rhythm;
use crate::sim_time::SimTime;

const HOURS: usize = 168;

const HOUR_S: f64 = 3600.0;

/// Seconds in a week.
const WEEK_S: f64 = 168.0 * HOUR_S;

/// The search activity in each hour of a week, relative to the mean, on the clocks of a place.
///
/// ```
/// use seeker_model::{LocalTime, Rhythm, Week};
///
/// let week = Week::new(&Rhythm::uniform(), LocalTime::default())?;
/// assert_ne!(week, Week::default());
/// # Ok::<(), seeker_model::ParameterErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Week {
    /// The seconds of mean activity from Monday 00:00 to the start of each hour and to the end of the week. A whole week has as many seconds
    /// of mean activity as of clock time.
    active_s: Box<[f64; HOURS + 1]>,
    local: LocalTime,
}

impl Week {
    /// A week with this rhythm on the clocks of a place.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] if weights are negative, not finite, or all zero.
    pub fn new(rhythm: &Rhythm, local: LocalTime) -> Result<Self, ParameterErrors> {
        rhythm.validate()?;
        let total = rhythm.hours.iter().sum::<f64>() * rhythm.weekdays.iter().sum::<f64>();
        let mut active_s = Box::new([0.0; HOURS + 1]);
        for hour in 0..HOURS {
            active_s[hour + 1] = active_s[hour] + WEEK_S * rhythm.hours[hour % 24] * rhythm.weekdays[hour / 24] / total;
        }
        Ok(Self { active_s, local })
    }

    /// The time after this many seconds of mean activity.
    pub(crate) fn after(&self, from: SimTime, active_s: f64) -> SimTime {
        let (mut from, mut left_s) = (from, active_s);
        // One span for each change of the clocks.
        for (offset_s, until) in self.local.spans(from) {
            let clock_s = offset_s + seconds(from);
            let Some(until) = until else { return self.after_on_clock(from, clock_s, left_s) };
            let until_then_s = self.total_by(offset_s + seconds(until)) - self.total_by(clock_s);
            if left_s < until_then_s {
                return self.after_on_clock(from, clock_s, left_s).min(until);
            }
            left_s -= until_then_s;
            from = until;
        }
        from
    }

    fn after_on_clock(&self, from: SimTime, clock_s: f64, active_s: f64) -> SimTime {
        let (weeks, within_s) = ((clock_s / WEEK_S).floor(), clock_s.rem_euclid(WEEK_S));
        let wanted_s = self.active_by(within_s) + active_s;
        let (more_weeks, wanted_s) = ((wanted_s / WEEK_S).floor(), wanted_s.rem_euclid(WEEK_S));
        let reached_s = (weeks + more_weeks) * WEEK_S + self.clock_at(wanted_s);
        from.after_seconds((reached_s - clock_s).max(0.0))
    }

    /// The next time at which the local clocks show this hour of the day.
    pub(crate) fn next_hour_of_day(&self, from: SimTime, hour: f64) -> SimTime {
        let clock_s = self.local.offset_s(from) + seconds(from);
        let found = from.after_seconds((hour * HOUR_S - clock_s).rem_euclid(24.0 * HOUR_S));
        // A change of the clocks in between makes them show the hour earlier or later.
        let changed_s = self.local.offset_s(found) - self.local.offset_s(from);
        if changed_s < 0.0 {
            return found.after_seconds(-changed_s);
        }
        from.after_seconds(((found - from).as_secs_f64() - changed_s).max(0.0))
    }

    /// The seconds of mean activity up to a second of the clock, including whole weeks.
    fn total_by(&self, clock_s: f64) -> f64 {
        (clock_s / WEEK_S).floor() * WEEK_S + self.active_by(clock_s.rem_euclid(WEEK_S))
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
        Self::new(&Rhythm::default(), LocalTime::default()).expect("the published weights are weights")
    }
}

fn seconds(time: SimTime) -> f64 {
    time.since_start().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Places with changes of the clocks.
    fn local() -> impl Strategy<Value = LocalTime> {
        let changes = proptest::collection::vec((0_u64..1 << 41, -7200_i32..7200), 0..4);
        (0_u32..604_800, changes).prop_map(|(start_s, changes)| {
            let changes = changes.into_iter().map(|(micros, offset_s)| (SimTime::from_micros(micros), offset_s));
            LocalTime::new(start_s, changes)
        })
    }

    proptest! {
        /// For all places, starts and waits, time goes forward, and waiting in two parts is waiting in one.
        #[test]
        fn waiting_adds_up(local in local(), start_micros in 0_u64..1 << 41, first in 0.0..1e6, second in 0.0..1e6) {
            let week = Week::new(&Rhythm::default(), local).unwrap();
            let start = SimTime::from_micros(start_micros);
            let middle = week.after(start, first);
            prop_assert!(middle >= start);
            let (in_two, in_one) = (week.after(middle, second), week.after(start, first + second));
            // In the quietest hours a rounded microsecond of the clock is a small part of a second of activity.
            prop_assert!(in_two.as_micros().abs_diff(in_one.as_micros()) <= 200, "{:?} {:?}", in_two, in_one);
        }

        /// For all starts, the mean activity of a week takes a week, and a uniform week has equal hours.
        #[test]
        fn a_week_is_a_week(start_micros in 0_u64..1 << 50, wait in 0.0..1e6) {
            let start = SimTime::from_micros(start_micros);
            let week_later = Week::default().after(start, WEEK_S);
            prop_assert!((week_later - start).as_secs_f64() - WEEK_S < 1e-3);
            let even = Week::new(&Rhythm::uniform(), LocalTime::default()).unwrap().after(start, wait);
            prop_assert!(((even - start).as_secs_f64() - wait).abs() < 1e-3);
        }

        /// For all places, the next time of an hour comes within a day and a change of the clocks, and the clocks then show that hour.
        #[test]
        fn clocks_show_the_hour(start_s in 0_u32..604_800, change in (0_u64..1 << 38, -7200_i32..7200), from in 0_u64..1 << 38, hour in 3.0..21.0) {
            let local = LocalTime::new(start_s, [(SimTime::from_micros(change.0), change.1)]);
            let week = Week::new(&Rhythm::default(), local.clone()).unwrap();
            let from = SimTime::from_micros(from);
            let found = week.next_hour_of_day(from, hour);
            prop_assert!(found >= from && (found - from).as_secs_f64() <= 93_600.0);
            // Except near a change of the clocks, which can skip or repeat the hour.
            let shown_h = (local.offset_s(found) + seconds(found)).rem_euclid(86_400.0) / HOUR_S;
            let near_change = found.as_micros().abs_diff(change.0) <= 7_200_000_000;
            prop_assert!(near_change || (shown_h - hour).abs() < 1e-6, "{} {}", shown_h, hour);
        }
    }

    /// In the night to 2026-03-29 the clocks of Berlin go forward from 2 to 3. A wait through that night ends at the same time on the clock,
    /// and is an hour shorter.
    #[test]
    fn a_night_of_summer_time_is_shorter() {
        let saturday_evening_s = (5 * 24 + 18) * 3600;
        let winter = LocalTime::new(saturday_evening_s, []);
        let change = SimTime::ZERO.after_seconds(8.0 * HOUR_S);
        let spring = LocalTime::new(saturday_evening_s, [(change, 3600)]);
        let [winter, spring] = [winter, spring].map(|local| Week::new(&Rhythm::default(), local).unwrap());
        assert_eq!(winter.after(SimTime::ZERO, 100.0), spring.after(SimTime::ZERO, 100.0));
        let noon = spring.next_hour_of_day(SimTime::ZERO, 12.0);
        assert_eq!(noon.since_start().as_secs(), 17 * 3600);
        // The activity of the hour from 2 to 3 is missing, so the same mean wait ends earlier.
        let wait_s = 12.0 * HOUR_S * 0.4;
        assert!(spring.after(SimTime::ZERO, wait_s) < winter.after(SimTime::ZERO, wait_s));
    }

    #[test]
    fn weights_that_make_no_week_are_refused() {
        let refused = |rhythm: Rhythm| Week::new(&rhythm, LocalTime::default()).unwrap_err().to_string();
        let sound = Rhythm::default();
        assert_eq!(
            refused(Rhythm { weekdays: [0.0; 7], ..sound.clone() }),
            "weekdays is all 0 or less; expected at least one above 0"
        );
        let mut hours = sound.hours;
        (hours[0], hours[5]) = (-1.0, f64::NAN);
        assert_eq!(
            refused(Rhythm { hours, ..sound }),
            "hours.0 is -1; expected 0 to 1000000; hours.5 is NaN; expected 0 to 1000000"
        );
    }
}
