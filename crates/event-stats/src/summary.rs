//! The counts and samples of a stream or of a part of it, in a form that can be stored and added up.

use std::collections::BTreeMap;

use client_event::EventType;
use serde::{Deserialize, Serialize};

use crate::dwell_times::DwellTimes;
use crate::sample::{Sample, quantile_position, sorted};
use crate::time::days;

/// The number of ranks of a results page with a click rate.
pub(crate) const RANKS: usize = 20;

/// The counts and samples of a stream, or of a part of it.
///
/// Several [`Statistics`](crate::Statistics) can share one stream, see [`Statistics::of_part`](crate::Statistics::of_part). The
/// [sum](Self::add) of their summaries is the summary of the whole. A summary serializes with stable keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub(crate) counts: [u64; 16],
    /// The times of the earliest and the latest event of the whole stream.
    pub(crate) span_millis: Option<[i64; 2]>,
    pub(crate) repeated_events: u64,
    pub(crate) sessions: u64,
    pub(crate) session_hours: [u64; 24],
    pub(crate) weekdays: [u64; 7],
    pub(crate) shown_at_rank: [u64; RANKS],
    pub(crate) clicked_at_rank: [u64; RANKS],
    pub(crate) alerts_sent: u64,
    pub(crate) alerts_viewed: u64,
    /// Events of the first 14 days, of each seeker with at least one.
    pub(crate) events_per_seeker: EventsPerSeeker,
    /// Times from a view to the next action on the same posting.
    pub(crate) dwell_times: DwellTimes,
    /// Times from an application to the hire, in ascending order.
    pub(crate) hiring_millis: Vec<i64>,
    /// The ages of postings at their applications, for the postings that were observed for their whole life, in ascending order.
    pub(crate) application_ages_millis: Vec<i64>,
}

/// The number of seekers by their number of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct EventsPerSeeker(BTreeMap<u32, u64>);

impl FromIterator<u32> for EventsPerSeeker {
    fn from_iter<I: IntoIterator<Item = u32>>(events: I) -> Self {
        let mut seekers = BTreeMap::new();
        for events in events {
            *seekers.entry(events).or_insert(0) += 1;
        }
        Self(seekers)
    }
}

impl EventsPerSeeker {
    /// The number of events of the most active seeker.
    pub(crate) fn most(&self) -> Option<u32> {
        self.0.last_key_value().map(|(events, _)| *events)
    }
}

impl Sample for EventsPerSeeker {
    fn cases(&self) -> u64 {
        self.0.values().sum()
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut left = quantile_position(self.cases(), share);
        let mut last = 0;
        for (events, seekers) in &self.0 {
            last = *events;
            let Some(more) = left.checked_sub(*seekers) else { break };
            left = more;
        }
        f64::from(last)
    }

    fn count_while(&self, matches: impl Fn(f64) -> bool) -> u64 {
        self.0.iter().take_while(|(events, _)| matches(f64::from(**events))).map(|(_, seekers)| seekers).sum()
    }
}

/// The largest count of a part. Sums over all parts and types do not overflow.
const COUNT_MAX: u64 = 1 << 48;

impl Summary {
    /// Adds the summary of another part of the same stream.
    pub fn add(&mut self, other: Self) {
        let counts = self.counts.iter_mut().zip(other.counts);
        let counts = counts.chain(self.session_hours.iter_mut().zip(other.session_hours));
        let counts = counts.chain(self.weekdays.iter_mut().zip(other.weekdays));
        let counts = counts.chain(self.shown_at_rank.iter_mut().zip(other.shown_at_rank));
        let counts = counts.chain(self.clicked_at_rank.iter_mut().zip(other.clicked_at_rank));
        let counts = counts.chain([
            (&mut self.repeated_events, other.repeated_events),
            (&mut self.sessions, other.sessions),
            (&mut self.alerts_sent, other.alerts_sent),
            (&mut self.alerts_viewed, other.alerts_viewed),
        ]);
        for (count, more) in counts {
            *count = count.saturating_add(more);
        }
        self.span_millis = match (self.span_millis, other.span_millis) {
            (Some([first, last]), Some([other_first, other_last])) => Some([first.min(other_first), last.max(other_last)]),
            (one, other) => one.or(other),
        };
        for (events, seekers) in other.events_per_seeker.0 {
            *self.events_per_seeker.0.entry(events).or_default() += seekers;
        }
        self.dwell_times.add_all(&other.dwell_times);
        self.hiring_millis.extend(other.hiring_millis);
        self.hiring_millis.sort_unstable();
        self.application_ages_millis.extend(other.application_ages_millis);
        self.application_ages_millis.sort_unstable();
    }

    /// Whether every count is so small that sums of up to 64 summaries do not overflow. False only for a summary that was not counted.
    pub fn is_plausible(&self) -> bool {
        let single = [self.repeated_events, self.sessions, self.alerts_sent, self.alerts_viewed];
        let counts = self.counts.iter().chain(&self.session_hours).chain(&self.weekdays).chain(&self.shown_at_rank);
        let counts = counts.chain(&self.clicked_at_rank).chain(&single).copied();
        let seekers = self.events_per_seeker.0.values().try_fold(0_u64, |sum, seekers| sum.checked_add(*seekers));
        counts
            .chain([seekers.unwrap_or(u64::MAX), self.dwell_times.checked_cases().unwrap_or(u64::MAX)])
            .all(|count| count <= COUNT_MAX)
    }

    /// The number of events of a type.
    pub fn count(&self, event_type: EventType) -> u64 {
        self.counts[event_type.index()]
    }

    /// The number of events, without repeated ones.
    pub fn events(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The number of repeated events: those with the id and the content of an earlier event. No other figure counts them.
    pub fn repeated_events(&self) -> u64 {
        self.repeated_events
    }

    /// The times of the earliest and the latest event, in milliseconds since 1970. `None` without events.
    pub fn span_millis(&self) -> Option<[i64; 2]> {
        self.span_millis
    }

    /// The number of seekers with an event other than an impression in the first 14 days.
    pub fn seekers(&self) -> u64 {
        self.events_per_seeker.cases()
    }

    /// The number of sessions. A pause of more than 30 minutes between two events of a seeker starts another session.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// Days from an application to the hire, in ascending order.
    pub(crate) fn days_to_hire(&self) -> Vec<f64> {
        sorted(self.hiring_millis.iter().copied().map(days))
    }
}
