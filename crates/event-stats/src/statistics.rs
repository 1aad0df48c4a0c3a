//! The counts and the samples of a stream, collected event by event.

use std::collections::HashMap;

use client_event::EventType;

use crate::dwell_times::DwellTimes;
use crate::notifications::Notifications;
use crate::observation::Observation;
use crate::recent_events::RecentEvents;
use crate::sample::sorted;
use crate::source::Source;
use crate::time::{DAY_MILLIS, HOUR_MILLIS, days};

const FORTNIGHT_MILLIS: i64 = 14 * DAY_MILLIS;

/// A longer pause of a seeker starts another session: 30 minutes by convention (Halfaker et al. 2015).
const SESSION_TIMEOUT_MILLIS: i64 = 30 * 60 * 1000;

/// The number of ranks of a results page with a click rate.
pub(crate) const RANKS: usize = 20;

/// How long a posting is observed before the observation covers its whole life.
const POSTING_LIFE_MILLIS: i64 = 30 * DAY_MILLIS;

/// The counts and the samples of a stream of events.
///
/// Pass the events in time order, to [`Statistics::observe`] or [`Statistics::observe_hashed`].
#[derive(Debug, Default)]
pub struct Statistics {
    counts: [u64; 16],
    /// The times of the earliest and the latest event.
    span_millis: Option<[i64; 2]>,
    recent_events: RecentEvents,
    repeated_events: u64,
    /// The time of the last impression of a search. Postings are not observed after it.
    last_shown_millis: i64,
    seekers: HashMap<u64, SeekerActivity>,
    sessions: u64,
    pub(crate) session_hours: [u64; 24],
    pub(crate) weekdays: [u64; 7],
    pub(crate) shown_at_rank: [u64; RANKS],
    pub(crate) clicked_at_rank: [u64; RANKS],
    /// Times from a view to the next action on the same posting.
    pub(crate) dwell_times: DwellTimes,
    /// The times of submitted applications, by request and job.
    applications: HashMap<(u64, u64), i64>,
    hiring_millis: Vec<i64>,
    pub(crate) notifications: Notifications,
    postings: HashMap<u64, PostingActivity>,
    /// The hashes of one event's jobs, kept to reuse the memory.
    pub(crate) job_hashes: Vec<u64>,
}

#[derive(Debug, Default)]
struct SeekerActivity {
    /// Events of the first 14 days, without impressions.
    events: u32,
    last_millis: Option<i64>,
    /// The last view: request, job and time.
    viewed: Option<(u64, u64, i64)>,
}

#[derive(Debug)]
struct PostingActivity {
    first_shown_millis: i64,
    /// The age of the posting at each application, in milliseconds.
    application_millis: Vec<i64>,
}

impl Statistics {
    /// Counts the next event of the stream. A repeated event counts as repeated and changes no other figure.
    pub fn observe_hashed(&mut self, event: &Observation<'_>) {
        if self.recent_events.insert_is_repeated(event.event) {
            self.repeated_events += 1;
            return;
        }
        self.counts[event.event_type.index()] += 1;
        let [first, last] = self.span_millis.unwrap_or([event.at_millis; 2]);
        let first_millis = first.min(event.at_millis);
        self.span_millis = Some([first_millis, last.max(event.at_millis)]);
        if let Some(seeker) = event.seeker
            && event.is_of_seeker()
        {
            self.observe_seeker(seeker, event, first_millis);
        }
        match event.event_type {
            EventType::Impression if event.source == Source::Search => {
                self.last_shown_millis = self.last_shown_millis.max(event.at_millis);
                for (shown, job) in self.shown_at_rank.iter_mut().zip(event.jobs) {
                    *shown += 1;
                    let first_shown = PostingActivity { first_shown_millis: event.at_millis, application_millis: Vec::new() };
                    self.postings.entry(*job).or_insert(first_shown);
                }
            }
            EventType::Notification => {
                self.notifications.observe_alert(event.request, event.jobs, event.at_millis);
            }
            EventType::Hired => {
                if let Some(applied) = event.jobs.first().and_then(|job| self.applications.get(&(event.request, *job))) {
                    self.hiring_millis.push(event.at_millis.saturating_sub(*applied));
                }
            }
            _ => self.observe_action(event),
        }
    }

    fn observe_seeker(&mut self, seeker: u64, event: &Observation<'_>, first_millis: i64) {
        let local_millis = event.at_millis.saturating_add(event.local_offset_millis);
        let activity = self.seekers.entry(seeker).or_default();
        if activity.last_millis.is_none_or(|last| event.at_millis.saturating_sub(last) > SESSION_TIMEOUT_MILLIS) {
            self.sessions += 1;
            self.session_hours[position(local_millis.div_euclid(HOUR_MILLIS), 24)] += 1;
        }
        activity.last_millis = activity.last_millis.max(Some(event.at_millis));
        if event.event_type == EventType::Impression {
            return;
        }
        // 1970-01-01 was a Thursday.
        self.weekdays[position(local_millis.div_euclid(DAY_MILLIS) + 3, 7)] += 1;
        activity.events += u32::from(event.at_millis.saturating_sub(first_millis) < FORTNIGHT_MILLIS);
        let Some(&job) = event.jobs.first() else {
            return;
        };
        if let Some((request, viewed, at_millis)) = activity.viewed.take()
            && (request, viewed) == (event.request, job)
        {
            self.dwell_times.add(event.at_millis.saturating_sub(at_millis));
        }
        if event.event_type == EventType::View {
            activity.viewed = Some((event.request, job, event.at_millis));
        }
    }

    fn observe_action(&mut self, event: &Observation<'_>) {
        let Some(&job) = event.jobs.first() else {
            return;
        };
        if matches!(event.event_type, EventType::View | EventType::ViewDirect)
            && event.source == Source::Search
            && let Some(clicked) = event.position.and_then(|rank| self.clicked_at_rank.get_mut(usize::from(rank) - 1))
        {
            *clicked += 1;
        }
        if event.event_type == EventType::View {
            self.notifications.observe_view(event.request, job);
        }
        if is_submission(event.event_type) {
            self.applications.insert((event.request, job), event.at_millis);
        }
        if matches!(
            event.event_type,
            EventType::ApplicationFinish
                | EventType::ApplicationQuickSubmission
                | EventType::ApplicationRedirect
                | EventType::ApplicationRedirectFromStart
        ) && let Some(posting) = self.postings.get_mut(&job)
        {
            posting.application_millis.push(event.at_millis.saturating_sub(posting.first_shown_millis));
        }
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
        self.seekers.values().filter(|seeker| seeker.events > 0).count() as u64
    }

    /// The number of sessions. A pause of more than 30 minutes between two events of a seeker starts another session.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// Events of the first 14 days, of each seeker with at least one, in ascending order.
    pub(crate) fn events_per_seeker(&self) -> Vec<f64> {
        sorted(self.seekers.values().map(|seeker| f64::from(seeker.events)).filter(|events| *events > 0.0))
    }

    /// Days from an application to the hire, in ascending order.
    pub(crate) fn days_to_hire(&self) -> Vec<f64> {
        sorted(self.hiring_millis.iter().copied().map(days))
    }

    /// The ages of postings at their applications, for the postings that were observed for their whole life.
    pub(crate) fn application_ages_millis(&self) -> Vec<i64> {
        // A posting that is shown on the first day may be older than the stream. A posting is observed for its whole life if results are
        // still shown a whole life after its first impression.
        let from = self.span_millis.map_or(0, |[first, _]| first).saturating_add(DAY_MILLIS);
        let until = self.last_shown_millis.saturating_sub(POSTING_LIFE_MILLIS);
        let observed = self.postings.values().filter(|posting| (from..=until).contains(&posting.first_shown_millis));
        observed.flat_map(|posting| posting.application_millis.iter().copied()).collect()
    }
}

/// Whether an event of this type submits an application to the employer.
pub(crate) fn is_submission(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::ApplicationFinish
            | EventType::ApplicationQuickSubmission
            | EventType::ApplicationCompanySubmit
            | EventType::SentCv
    )
}

fn position(number: i64, of: i64) -> usize {
    usize::try_from(number.rem_euclid(of)).expect("a remainder is not negative")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::row::RowVerdict;

    fn event(number: u64, event_type: EventType, at_millis: i64) -> Observation<'static> {
        Observation {
            event: number,
            seeker: Some(number % 3),
            source: Source::Search,
            event_type,
            request: number / 10,
            jobs: &[1],
            position: None,
            at_millis,
            local_offset_millis: 0,
        }
    }

    proptest! {
        /// For all events in any order, the span reaches from the earliest to the latest. Repeated events change the number of repeated
        /// events and nothing else.
        #[test]
        fn repeated_events_change_no_figure(
            events in prop::collection::vec((select(&EventType::ALL), any::<i64>(), 1..3_usize), 0..50),
        ) {
            let (mut once, mut again) = (Statistics::default(), Statistics::default());
            for (number, (event_type, at_millis, times)) in (0..).zip(&events) {
                once.observe_hashed(&event(number, *event_type, *at_millis));
                for _ in 0..*times {
                    again.observe_hashed(&event(number, *event_type, *at_millis));
                }
            }
            let times = || events.iter().map(|(_, at_millis, _)| *at_millis);
            prop_assert_eq!(again.span_millis(), times().min().zip(times().max()).map(|(first, last)| [first, last]));
            prop_assert_eq!(again.events(), events.len() as u64);
            prop_assert_eq!(again.repeated_events(), events.iter().map(|(_, _, times)| *times as u64 - 1).sum::<u64>());
            prop_assert_eq!(again.sessions(), once.sessions());
            prop_assert_eq!(again.rows(), once.rows());
            prop_assert_eq!(again.distributions(), once.distributions());
        }
    }

    /// Too few clicks, applications or hires give no figure.
    #[test]
    fn rows_without_cases_have_no_figures() {
        let jobs: Vec<u64> = (0..20).collect();
        let mut statistics = Statistics::default();
        for number in 0..200_i64 {
            let id = number.unsigned_abs();
            let page = Observation { jobs: &jobs, ..event(2 * id, EventType::Impression, number) };
            statistics.observe_hashed(&page);
            statistics.observe_hashed(&event(2 * id + 1, EventType::InterviewGranted, number));
        }
        for row in statistics.rows() {
            assert!(row.figures.iter().all(|figure| figure.value.is_finite()), "{row:?}");
            assert!(!["V7", "V8"].contains(&row.id) || row.verdict() == RowVerdict::TooFewCases, "{row:?}");
        }
    }
}
