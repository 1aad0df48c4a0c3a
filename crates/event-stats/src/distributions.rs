//! The distributions behind the rows, for charts.

use serde::Serialize;

use crate::click_ranks::ClickRanks;
use crate::cumulative::{CasesAtLeast, CasesWithin, preferred_numbers, whole_preferred_numbers};
use crate::hiring_times::HiringTimes;
use crate::sample::sorted;
use crate::summary::Summary;
use crate::time::days;
use crate::week_shares::{HourShares, WeekdayShares};

/// The longest time in the distribution of the times to an action, in seconds.
const ACTION_SECONDS_MAX: f64 = 100_000.0;

/// The distributions behind the rows. They count the same cases as the rows. A distribution with too few cases has the number of cases
/// and empty lists.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Distributions {
    /// Events per seeker in the first 14 days, impressions not counted.
    pub events_per_seeker: CasesAtLeast,
    /// Seconds from a VIEW to the seeker's next action on the posting.
    pub seconds_to_action: CasesWithin,
    /// Events of seekers by local weekday, impressions not counted.
    pub weekdays: WeekdayShares,
    /// Session starts by local hour.
    pub session_hours: HourShares,
    /// Clicks by rank on the results page.
    pub ranks: ClickRanks,
    /// Days from an application to HIRED.
    pub days_to_hire: HiringTimes,
    /// Days from a posting's first impression to an application, for postings that were observed for 30 days.
    pub posting_age_days: CasesWithin,
}

impl Summary {
    /// The distributions behind the rows.
    ///
    /// ```
    /// let distributions = event_stats::Statistics::default().distributions();
    /// assert_eq!(distributions.session_hours.cases, 0);
    /// assert!(distributions.session_hours.hours.is_empty(), "too few cases");
    /// ```
    pub fn distributions(&self) -> Distributions {
        let events = &self.events_per_seeker;
        let event_numbers = events.most().map_or_else(Vec::new, |most| whole_preferred_numbers(f64::from(most)));
        let ages = sorted(self.application_ages_millis.iter().copied().map(days));
        Distributions {
            events_per_seeker: CasesAtLeast::new(events, &event_numbers),
            seconds_to_action: CasesWithin::new(&self.dwell_times, &preferred_numbers(ACTION_SECONDS_MAX)),
            weekdays: WeekdayShares::new(&self.weekdays),
            session_hours: HourShares::new(&self.session_hours),
            ranks: ClickRanks::new(&self.shown_at_rank, &self.clicked_at_rank),
            days_to_hire: HiringTimes::new(&self.days_to_hire()),
            posting_age_days: CasesWithin::new(&ages[..], &(1..=30).map(f64::from).collect::<Vec<_>>()),
        }
    }
}
