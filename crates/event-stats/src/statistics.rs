//! The counts and the samples of a stream, collected event by event.

use std::collections::HashMap;

use client_event::EventType;

use crate::distributions::Distributions;
use crate::dwell_times::DwellTimes;
use crate::notifications::Notifications;
use crate::observation::Observation;
use crate::recent_events::RecentEvents;
use crate::row::Row;
use crate::share::ShareOfStream;
use crate::source::Source;
use crate::summary::{RANKS, Summary};
use crate::time::{DAY_MILLIS, HOUR_MILLIS};

const FORTNIGHT_MILLIS: i64 = 14 * DAY_MILLIS;

/// A longer pause of a seeker starts another session: 30 minutes by convention (Halfaker et al. 2015).
const SESSION_TIMEOUT_MILLIS: i64 = 30 * 60 * 1000;

/// How long a posting is observed before the observation covers its whole life.
const POSTING_LIFE_MILLIS: i64 = 30 * DAY_MILLIS;

/// The counts and the samples of a stream of events.
///
/// Pass the events in time order, to [`Statistics::observe`] or [`Statistics::observe_hashed`].
#[derive(Debug, Default)]
pub struct Statistics {
    share: ShareOfStream,
    counts: [u64; 16],
    /// The times of the earliest and the latest event.
    span_millis: Option<[i64; 2]>,
    recent_events: RecentEvents,
    repeated_events: u64,
    /// The time of the last impression of a search. Postings are not observed after it.
    last_shown_millis: i64,
    seekers: HashMap<u64, SeekerActivity>,
    sessions: u64,
    session_hours: [u64; 24],
    weekdays: [u64; 7],
    shown_at_rank: [u64; RANKS],
    clicked_at_rank: [u64; RANKS],
    /// Times from a view to the next action on the same posting.
    dwell_times: DwellTimes,
    /// The times of submitted applications, by request and job.
    applications: HashMap<(u64, u64), i64>,
    hiring_millis: Vec<i64>,
    notifications: Notifications,
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
    /// Statistics of a part of a stream: the `part`-th of `of` parts, from 1. Pass all events of the stream to each part, in the same order.
    /// Each seeker, request and posting is counted in one part, so the [sum](Summary::add) of the parts' summaries is exactly the summary of
    /// the whole. A part needs that share of the memory for seekers, requests and postings. Each part recognizes all repeated events.
    pub fn of_part(part: u64, of: u64) -> Self {
        Self { share: ShareOfStream::new(part, of), ..Self::default() }
    }

    /// Counts the next event of the stream. A repeated event counts as repeated and changes no other figure.
    pub fn observe_hashed(&mut self, event: &Observation<'_>) {
        let is_own = self.share.has_event(event);
        if self.recent_events.insert_is_repeated(event.event) {
            self.repeated_events += u64::from(is_own);
            return;
        }
        self.counts[event.event_type.index()] += u64::from(is_own);
        let [first, last] = self.span_millis.unwrap_or([event.at_millis; 2]);
        let [first_millis, last_millis] = [first.min(event.at_millis), last.max(event.at_millis)];
        self.span_millis = Some([first_millis, last_millis]);
        if let Some(seeker) = event.seeker
            && event.is_of_seeker()
            && self.share.has(seeker)
        {
            self.observe_seeker(seeker, event, first_millis);
        }
        match event.event_type {
            EventType::Impression if event.source == Source::Search => {
                self.last_shown_millis = self.last_shown_millis.max(event.at_millis);
                for (shown, job) in self.shown_at_rank.iter_mut().zip(event.jobs) {
                    *shown += u64::from(is_own);
                    if self.share.has(*job) {
                        let first_shown = PostingActivity { first_shown_millis: event.at_millis, application_millis: Vec::new() };
                        self.postings.entry(*job).or_insert(first_shown);
                    }
                }
            }
            EventType::Notification if is_own => {
                self.notifications.observe_alert(event.request, event.jobs, event.at_millis, last_millis);
            }
            EventType::Hired => {
                if let Some(applied) = event.jobs.first().and_then(|job| self.applications.get(&(event.request, *job))) {
                    self.hiring_millis.push(event.at_millis.saturating_sub(*applied));
                }
            }
            _ => self.observe_action(event, is_own, last_millis),
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

    fn observe_action(&mut self, event: &Observation<'_>, is_own: bool, last_millis: i64) {
        let Some(&job) = event.jobs.first() else {
            return;
        };
        if is_own {
            self.observe_action_of_request(event, job, last_millis);
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

    fn observe_action_of_request(&mut self, event: &Observation<'_>, job: u64, last_millis: i64) {
        if matches!(event.event_type, EventType::View | EventType::ViewDirect)
            && event.source == Source::Search
            && let Some(clicked) = event.position.and_then(|rank| self.clicked_at_rank.get_mut(usize::from(rank) - 1))
        {
            *clicked += 1;
        }
        if event.event_type == EventType::View {
            self.notifications.observe_view(event.request, job, last_millis);
        }
        if is_submission(event.event_type) {
            self.applications.insert((event.request, job), event.at_millis);
        }
    }

    /// The counts and samples so far.
    pub fn summary(&self) -> Summary {
        let mut hiring_millis = self.hiring_millis.clone();
        hiring_millis.sort_unstable();
        let mut application_ages_millis = self.application_ages_millis();
        application_ages_millis.sort_unstable();
        Summary {
            counts: self.counts,
            span_millis: self.span_millis,
            repeated_events: self.repeated_events,
            sessions: self.sessions,
            session_hours: self.session_hours,
            weekdays: self.weekdays,
            shown_at_rank: self.shown_at_rank,
            clicked_at_rank: self.clicked_at_rank,
            alerts_sent: self.notifications.sent(),
            alerts_viewed: self.notifications.viewed(),
            events_per_seeker: self.seekers.values().map(|seeker| seeker.events).filter(|events| *events > 0).collect(),
            dwell_times: self.dwell_times.clone(),
            hiring_millis,
            application_ages_millis,
        }
    }

    /// All statistics with a published value, see [`Summary::rows`].
    pub fn rows(&self) -> Vec<Row> {
        self.summary().rows()
    }

    /// The distributions behind the rows, see [`Summary::distributions`].
    pub fn distributions(&self) -> Distributions {
        self.summary().distributions()
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

    /// The ages of postings at their applications, for the postings that were observed for their whole life.
    fn application_ages_millis(&self) -> Vec<i64> {
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

    /// Events of few seekers, requests and jobs, within five weeks, some repeated and some out of order.
    fn observations() -> impl Strategy<Value = Vec<Observation<'static>>> {
        const JOBS: [&[u64]; 5] = [&[], &[1], &[2, 1], &[3], &[4, 3, 2]];
        const SOURCES: [Source; 3] = [Source::Search, Source::Alert, Source::Employer];
        let ids = (0..60_u64, prop::option::of(0..6_u64), 0..8_u64, 0..5_usize, prop::option::of(1..25_u16));
        let event = (ids, select(&EventType::ALL), select(&SOURCES), 0..35 * 24_i64);
        let event = event.prop_map(|((event, seeker, request, jobs, position), event_type, source, hour)| {
            let at_millis = hour * HOUR_MILLIS;
            let jobs = JOBS[jobs];
            Observation { event, seeker, source, event_type, request, jobs, position, at_millis, local_offset_millis: 3_600_000 }
        });
        (prop::collection::vec(event, 0..80), any::<bool>()).prop_map(|(mut events, sorted)| {
            if sorted {
                events.sort_by_key(|event| event.at_millis);
            }
            events
        })
    }

    proptest! {
        /// For all streams, sorted or not, and all numbers of parts, the summaries of the parts add up to the summary of the whole, also
        /// after they were stored.
        #[test]
        fn parts_add_up_to_the_whole(events in observations(), of in 1..=64_u64) {
            let mut whole = Statistics::default();
            let mut parts: Vec<_> = (1..=of).map(|part| Statistics::of_part(part, of)).collect();
            for event in &events {
                whole.observe_hashed(event);
                for part in &mut parts {
                    part.observe_hashed(event);
                }
            }
            let mut sum = Summary::default();
            for part in &parts {
                let stored = serde_json::to_string(&part.summary()).unwrap();
                sum.add(serde_json::from_str(&stored).unwrap());
            }
            prop_assert!(sum.is_plausible());
            prop_assert_eq!(&sum, &whole.summary());
            prop_assert_eq!(sum.rows(), whole.rows());
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
