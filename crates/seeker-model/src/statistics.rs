//! What a stream of events says about those who caused it: the funnel, how much seekers differ, when they come, where they click, how
//! long they read. Takes events of any origin, one at a time, in the order of time; memory grows with the number of seekers,
//! postings and applications and with the alerts of a month, not with the number of events.

mod distributions;
mod dwells;
mod notifications;
mod ranked;
mod repeated;
mod rows;

use std::collections::HashMap;

use client_event::EventType;

pub use distributions::{Binned, ByRank, Cumulative, Distributions, Shares};
pub use rows::{Figure, Row, RowVerdict};

use crate::event::Source;
use dwells::Dwells;
use notifications::Notifications;
use repeated::Repeated;

const DAY_MILLIS: i64 = 24 * 3600 * 1000;

const FORTNIGHT_MILLIS: i64 = 14 * DAY_MILLIS;

/// A seeker who does nothing for so long and then something begins another session: 30 minutes, the convention (Halfaker et al. 2015).
const SESSION_TIMEOUT_MILLIS: i64 = 30 * 60 * 1000;

/// Ranks whose click rate is looked at.
const RANKS: usize = 20;

/// How long a posting is watched before it counts as watched for its whole life.
const POSTING_LIFE_MILLIS: i64 = 30 * DAY_MILLIS;

/// One event, as far as statistics need it. Texts are given by their hashes.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The hash of the event's id and content, by which a repeated event is known.
    pub event: u64,
    /// Who: the hash of the detail `seekerId`; events without one count for no seeker.
    pub seeker: Option<u64>,
    /// From where.
    pub source: Source,
    /// What.
    pub event_type: EventType,
    /// The hash of the request id.
    pub request: u64,
    /// The hashes of the job names.
    pub jobs: &'a [u64],
    /// The rank on the page, from 1.
    pub position: Option<u16>,
    /// When, in milliseconds since 1970.
    pub at_millis: i64,
    /// What is added to that to make it the time that the clock on the wall shows, in milliseconds.
    pub local_offset_millis: i64,
}

/// Collects statistics.
#[derive(Debug, Default)]
pub struct Statistics {
    counts: [u64; 16],
    /// When the earliest and the latest event happened.
    span_millis: Option<[i64; 2]>,
    repeated: Repeated,
    /// Events that had come before.
    repeated_events: u64,
    /// When results were shown last; after it, nobody searches any more.
    last_shown_millis: i64,
    seekers: HashMap<u64, SeekerSoFar>,
    sessions: u64,
    session_hours: [u64; 24],
    weekdays: [u64; 7],
    shown_at_rank: [u64; RANKS],
    clicked_at_rank: [u64; RANKS],
    /// Times from a view to what was done with the posting.
    dwells: Dwells,
    /// When an application was submitted, by request and job.
    applications: HashMap<(u64, u64), i64>,
    hiring_millis: Vec<i64>,
    notifications: Notifications,
    postings: HashMap<u64, PostingSoFar>,
}

#[derive(Debug, Default)]
struct SeekerSoFar {
    /// Events of the first 14 days, without impressions.
    events: u32,
    last_millis: Option<i64>,
    /// The last view: request, job and time.
    viewed: Option<(u64, u64, i64)>,
}

#[derive(Debug)]
struct PostingSoFar {
    first_shown_millis: i64,
    /// How many milliseconds after that it was applied for, one an application.
    application_millis: Vec<i64>,
}

impl Statistics {
    /// Takes the next event. One that had come before is counted as repeated, and in no other figure.
    pub fn observe(&mut self, event: &Observation<'_>) {
        if self.repeated.is_repeated(event.event) {
            self.repeated_events += 1;
            return;
        }
        self.counts[event.event_type.index()] += 1;
        let [first, last] = self.span_millis.unwrap_or([event.at_millis; 2]);
        let first_millis = first.min(event.at_millis);
        self.span_millis = Some([first_millis, last.max(event.at_millis)]);
        if let Some(seeker) = event.seeker
            && is_of_seeker(event)
        {
            self.observe_seeker(seeker, event, first_millis);
        }
        match event.event_type {
            EventType::Impression if event.source == Source::Search => {
                self.last_shown_millis = self.last_shown_millis.max(event.at_millis);
                for (shown, job) in self.shown_at_rank.iter_mut().zip(event.jobs) {
                    *shown += 1;
                    let first = PostingSoFar { first_shown_millis: event.at_millis, application_millis: Vec::new() };
                    self.postings.entry(*job).or_insert(first);
                }
            }
            EventType::Notification => {
                self.notifications.send(event.request, event.jobs, event.at_millis);
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
        let so_far = self.seekers.entry(seeker).or_default();
        if so_far.last_millis.is_none_or(|last| event.at_millis.saturating_sub(last) > SESSION_TIMEOUT_MILLIS) {
            self.sessions += 1;
            self.session_hours[position(local_millis.div_euclid(3_600_000), 24)] += 1;
        }
        so_far.last_millis = so_far.last_millis.max(Some(event.at_millis));
        if event.event_type == EventType::Impression {
            return;
        }
        // 1970-01-01 was a Thursday.
        self.weekdays[position(local_millis.div_euclid(DAY_MILLIS) + 3, 7)] += 1;
        so_far.events += u32::from(event.at_millis.saturating_sub(first_millis) < FORTNIGHT_MILLIS);
        let Some(&job) = event.jobs.first() else {
            return;
        };
        if let Some((request, viewed, at_millis)) = so_far.viewed.take()
            && (request, viewed) == (event.request, job)
        {
            self.dwells.add(event.at_millis.saturating_sub(at_millis));
        }
        if event.event_type == EventType::View {
            so_far.viewed = Some((event.request, job, event.at_millis));
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
            self.notifications.view(event.request, job);
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

    /// How many events of a type there were.
    pub fn count(&self, event_type: EventType) -> u64 {
        self.counts[event_type.index()]
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many events had come before, with the same id and content; they are in no other figure.
    pub fn repeated(&self) -> u64 {
        self.repeated_events
    }

    /// When the earliest and the latest event happened, in milliseconds since 1970; none without events.
    pub fn span_millis(&self) -> Option<[i64; 2]> {
        self.span_millis
    }

    /// How many seekers did something other than looking at results in the first 14 days.
    pub fn seekers(&self) -> u64 {
        self.seekers.values().filter(|seeker| seeker.events > 0).count() as u64
    }

    /// How many sessions there were: a seeker's events without a pause of more than 30 minutes.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }
}

/// Whether a job seeker caused the event: neither the site nor a recruiter, an agency or an employer.
fn is_of_seeker(event: &Observation<'_>) -> bool {
    let by_others = matches!(
        event.event_type,
        EventType::Notification
            | EventType::SentCv
            | EventType::ApplicationCompanySubmit
            | EventType::InterviewGranted
            | EventType::Hired
    );
    !by_others && matches!(event.source, Source::Search | Source::Alert)
}

/// Whether an application lies with the employer after it.
fn is_submission(event_type: EventType) -> bool {
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
        /// For all events in any order, the span is that from the earliest to the latest; and if each comes again, nothing but their
        /// number is different.
        #[test]
        fn repeated_events_change_no_figure(
            events in prop::collection::vec((select(&EventType::ALL), any::<i64>(), 1..3_usize), 0..50),
        ) {
            let (mut once, mut again) = (Statistics::default(), Statistics::default());
            for (number, (event_type, at_millis, times)) in (0..).zip(&events) {
                once.observe(&event(number, *event_type, *at_millis));
                for _ in 0..*times {
                    again.observe(&event(number, *event_type, *at_millis));
                }
            }
            let times = || events.iter().map(|(_, at_millis, _)| *at_millis);
            prop_assert_eq!(again.span_millis(), times().min().zip(times().max()).map(|(first, last)| [first, last]));
            prop_assert_eq!(again.events(), events.len() as u64);
            prop_assert_eq!(again.repeated(), events.iter().map(|(_, _, times)| *times as u64 - 1).sum::<u64>());
            prop_assert_eq!(again.sessions(), once.sessions());
            prop_assert_eq!(again.rows(), once.rows());
            prop_assert_eq!(again.distributions(), once.distributions());
        }
    }

    /// Clicks, applications and hires that are too few to divide by or to draw a line through give no figure.
    #[test]
    fn rows_without_cases_have_no_figures() {
        let jobs: Vec<u64> = (0..20).collect();
        let mut statistics = Statistics::default();
        for number in 0..200_i64 {
            let id = number.unsigned_abs();
            let page = Observation { jobs: &jobs, ..event(2 * id, EventType::Impression, number) };
            statistics.observe(&page);
            statistics.observe(&event(2 * id + 1, EventType::InterviewGranted, number));
        }
        for row in statistics.rows() {
            assert!(row.figures.iter().all(|figure| figure.value.is_finite()), "{row:?}");
            assert!(!["V7", "V8"].contains(&row.id) || row.verdict() == RowVerdict::TooFewCases, "{row:?}");
        }
    }
}
