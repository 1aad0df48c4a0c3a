//! The oracle: a checker that is too simple to be wrong. It keeps all events with their strings, splits the events of each request into
//! sessions where the request was idle for longer than the window, and compares all pairs of a session. The streaming checker must have
//! exactly the same findings.

use std::collections::BTreeMap;

use client_event::rules::RuleId;
use client_event::sequence::{Finding, Part, Place, Search, Searches, SequenceChecker, Totals};
use client_event::strategies::EARLIEST_TIMESTAMP;
use client_event::{ALLOWED_CLOCK_SKEW_MILLIS, ClientEvent, EventTimestamp, EventType};

/// The inputs of both checkers besides the events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    pub(crate) window_ms: Option<i64>,
    pub(crate) searches: Option<Vec<Search>>,
    pub(crate) now: Option<EventTimestamp>,
}

/// The result of either checker, with the findings in a fixed order.
pub(crate) type Answer = (Vec<Finding>, Totals);

/// The result of the streaming checker.
pub(crate) fn streamed(events: &[ClientEvent], setting: &Setting) -> Answer {
    let searches = setting.searches.as_ref().map(|made| {
        let mut searches = Searches::default();
        for (search, at) in made.iter().zip(0..) {
            searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at);
        }
        searches
    });
    let options = SequenceChecker::builder().window_ms(setting.window_ms).searches(searches).now(setting.now);
    let mut checker = options.build();
    let mut findings = Vec::new();
    // Events that may get a finding later.
    let mut pending = Vec::new();
    for (event, at) in events.iter().zip(0..) {
        let before = findings.len();
        let standing = checker.observe(event, &mut findings);
        for finding in &findings[before..] {
            let place = finding.place.position();
            assert!(place == at || pending.contains(&place), "the event was not reported as pending: {finding:?}");
        }
        if standing.is_pending() {
            pending.push(at);
        }
    }
    let before = findings.len();
    let totals = checker.finish(&mut findings);
    for finding in &findings[before..] {
        let announced = matches!(finding.place, Place::Event(place) if pending.contains(&place));
        assert!(announced || matches!(finding.place, Place::Search(_)), "the event was not reported as pending: {finding:?}");
    }
    findings.sort_by_key(key);
    (findings, totals)
}

fn key(finding: &Finding) -> impl Ord + use<> {
    (finding.rule, finding.place, finding.part, finding.related, finding.job.clone())
}

/// The result of the oracle.
pub(crate) fn all_pairs(events: &[ClientEvent], setting: &Setting) -> Answer {
    let mut oracle = Oracle { setting, findings: Vec::new(), totals: Totals::default() };
    oracle.totals.events = events.len() as u64;
    let fresh = oracle.without_repeated(events);
    oracle.judge_searches(&fresh);
    for session in oracle.sessions(&fresh) {
        oracle.judge(&session);
    }
    oracle.findings.sort_by_key(key);
    (oracle.findings, oracle.totals)
}

#[derive(Clone, Copy)]
struct Placed<'e> {
    at: u64,
    event: &'e ClientEvent,
    /// The largest plausible time so far. Before any plausible time, the first plausible time of the stream.
    watermark: i64,
}

/// Events of one request without a gap longer than the window.
#[derive(Clone, Default)]
struct Session<'e> {
    events: Vec<Placed<'e>>,
    late: bool,
}

struct Oracle<'s> {
    setting: &'s Setting,
    findings: Vec<Finding>,
    totals: Totals,
}

impl Oracle<'_> {
    fn is_plausible(&self, event: &ClientEvent) -> bool {
        let time = event.event_timestamp_millis;
        let future = |now: EventTimestamp| time.as_millis() > now.as_millis() + ALLOWED_CLOCK_SKEW_MILLIS;
        time >= EARLIEST_TIMESTAMP && !self.setting.now.is_some_and(future)
    }

    fn is_within_reach(&self, ahead: i64) -> bool {
        self.setting.window_ms.is_none_or(|window_ms| ahead <= 2 * window_ms + 7 * 24 * 3_600_000)
    }

    /// The events that are neither retries nor conflicts. An id is known in the generation of its first use and in the next.
    fn without_repeated<'e>(&mut self, events: &'e [ClientEvent]) -> Vec<Placed<'e>> {
        let mut fresh: Vec<Placed<'_>> = Vec::new();
        // 0 before any time is known: every plausible time is later.
        let mut watermark = 0;
        for (event, at) in events.iter().zip(0..) {
            let generation = |watermark: i64| self.setting.window_ms.map_or(0, |window_ms| watermark / window_ms.max(1));
            let known = |first: &&Placed<'_>| {
                first.event.event_id == event.event_id && generation(watermark) - generation(first.watermark) <= 1
            };
            match fresh.iter().rev().find(known).copied() {
                None => {
                    if self.is_plausible(event) {
                        if watermark == 0 {
                            for earlier in &mut fresh {
                                earlier.watermark = event.event_timestamp_millis.as_millis();
                            }
                        }
                        let time = event.event_timestamp_millis.as_millis();
                        // The watermark would follow a time farther ahead only after a thousand events, more than the stream has.
                        if self.is_within_reach(time - watermark) || watermark == 0 {
                            watermark = watermark.max(time);
                        }
                    }
                    fresh.push(Placed { at, event, watermark });
                }
                Some(first) if first.event == event => self.totals.retries += 1,
                Some(first) => {
                    self.push(RuleId::UniqueEventId, Placed { at, event, watermark }, Part::EventId, Some(first), None);
                }
            }
        }
        fresh
    }

    fn sessions<'e>(&mut self, events: &[Placed<'e>]) -> Vec<Session<'e>> {
        let idle = |from: i64, to: i64| self.setting.window_ms.is_some_and(|window_ms| to - from > window_ms);
        let mut by_request: BTreeMap<_, Vec<Session<'_>>> = BTreeMap::new();
        for placed in events {
            let sessions = by_request.entry(&placed.event.request_id).or_default();
            let due = sessions
                .last()
                .and_then(|session| session.events.last())
                .is_some_and(|last| idle(last.watermark, placed.watermark));
            if due || sessions.is_empty() {
                sessions.push(Session { late: !sessions.is_empty(), events: Vec::new() });
            }
            sessions.last_mut().unwrap().events.push(*placed);
        }
        self.totals.requests = by_request.len() as u64;
        let last = events.last().map_or(0, |last| last.watermark);
        let sessions: Vec<_> = by_request.into_values().flatten().collect();
        let mut closed = 0;
        for (number, session) in sessions.iter().enumerate() {
            let superseded = sessions.get(number + 1).is_some_and(|next| next.late);
            closed += u64::from(superseded || idle(session.events.last().unwrap().watermark, last));
            self.totals.late += if session.late { session.events.len() as u64 } else { 0 };
        }
        self.totals.closed = closed;
        sessions
    }

    fn judge_searches(&mut self, events: &[Placed<'_>]) {
        let Some(searches) = &self.setting.searches else { return };
        for placed in events {
            let of_request = |search: &&Search| *search.request_id == *placed.event.request_id.as_str();
            let made: Vec<_> = searches.iter().filter(of_request).collect();
            if made.is_empty() {
                self.push(RuleId::RequestIdFromSearch, *placed, Part::RequestId, None, None);
                continue;
            }
            for (number, job) in distinct(placed.event) {
                if !made.iter().any(|search| search.jobs.iter().any(|result| **result == *job)) {
                    self.push(RuleId::ConsistentWithSearches, *placed, Part::Job(number), None, Some(job));
                }
            }
        }
        for (number, search) in searches.iter().enumerate() {
            let same = |other: &&Search| other.request_id == search.request_id;
            let repeated = searches[..number].iter().any(|other| same(&other));
            let empty = searches.iter().filter(same).all(|search| search.jobs.is_empty());
            let is_shown = |placed: &Placed<'_>| {
                is_showing(placed.event.event_type) && placed.event.request_id.as_str() == &*search.request_id
            };
            if !repeated && !empty && !events.iter().any(is_shown) {
                self.findings.push(Finding {
                    rule: RuleId::ConsistentWithSearches,
                    severity: RuleId::ConsistentWithSearches.rule().severity,
                    place: Place::Search(number as u64),
                    part: Part::RequestId,
                    related: None,
                    event_id: Box::default(),
                    event_type: None,
                    related_type: None,
                    request_id: search.request_id.clone(),
                    job: None,
                });
            }
        }
    }

    fn judge(&mut self, session: &Session<'_>) {
        let events = &session.events;
        let first_showing = events.iter().find(|placed| is_showing(placed.event.event_type)).copied();
        let mut impressions = events.iter().filter(|placed| placed.event.event_type == Impression);
        if let Some(first) = impressions.next() {
            for placed in impressions {
                self.push(RuleId::OneImpressionPerRequest, *placed, Part::EventType, Some(*first), None);
            }
        }
        if first_showing.is_none() && !session.late {
            self.push(RuleId::RequestHasImpression, events[0], Part::RequestId, None, None);
        }
        for (position, placed) in events.iter().enumerate() {
            for (number, job) in distinct(placed.event) {
                for (rule, excluding, excluded) in EXCLUSIONS {
                    let other = events[..position].iter().find(|other| {
                        let (one, other_type) = (placed.event.event_type, other.event.event_type);
                        let exclude = one == *excluding && excluded.contains(&other_type)
                            || other_type == *excluding && excluded.contains(&one);
                        exclude && names(other.event, job)
                    });
                    if let Some(other) = other {
                        self.push(*rule, *placed, Part::Job(number), Some(*other), Some(job));
                    }
                }
                if !session.late {
                    self.judge_causes(events, first_showing, *placed, number, job);
                }
            }
        }
    }

    fn judge_causes(
        &mut self,
        events: &[Placed<'_>],
        first_showing: Option<Placed<'_>>,
        placed: Placed<'_>,
        number: usize,
        job: &str,
    ) {
        for (rule, types, causes) in CAUSES {
            if !types.contains(&placed.event.event_type) {
                continue;
            }
            let causes = events.iter().filter(|other| causes.contains(&other.event.event_type) && names(other.event, job));
            // The first event of those with equal times.
            let cause = causes.min_by_key(|cause| cause.event.event_timestamp_millis);
            match cause {
                Some(cause) if cause.event.event_timestamp_millis > placed.event.event_timestamp_millis => {
                    let (earlier, later) = if cause.at < placed.at { (*cause, placed) } else { (placed, *cause) };
                    self.push(RuleId::TimeOrder, later, Part::Timestamp, Some(earlier), Some(job));
                }
                Some(_) => {}
                None if *rule == RuleId::JobWasShown => {
                    if first_showing.is_some() {
                        self.push(*rule, placed, Part::Job(number), first_showing, Some(job));
                    }
                }
                None => self.push(*rule, placed, Part::Job(number), None, Some(job)),
            }
        }
    }

    fn push(&mut self, rule: RuleId, placed: Placed<'_>, part: Part, related: Option<Placed<'_>>, job: Option<&str>) {
        self.findings.push(Finding {
            rule,
            severity: rule.rule().severity,
            place: Place::Event(placed.at),
            part,
            related: related.map(|related| related.at),
            event_id: placed.event.event_id.as_str().into(),
            event_type: Some(placed.event.event_type),
            related_type: related.map(|related| related.event.event_type),
            request_id: placed.event.request_id.as_str().into(),
            job: job.map(Box::from),
        });
    }
}

use EventType::{
    ApplicationCompanySubmit, ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirect, ApplicationRedirectFromStart,
    ApplicationStart, ApplicationStartFromStart, Bookmark, Hired, Impression, InterviewGranted, Notification, SentCv,
    Unspecified, View, ViewDirect,
};

/// For each rule, a type and the types that it excludes.
const EXCLUSIONS: &[(RuleId, EventType, &[EventType])] = &[
    (RuleId::QuickSubmissionExcludesStart, ApplicationQuickSubmission, &[ApplicationStart, ApplicationFinish]),
    (RuleId::StartFromStartExcludesView, ApplicationStartFromStart, &[View]),
    (RuleId::RedirectFromStartExcludesOthers, ApplicationRedirectFromStart, &[ApplicationStart, ApplicationFinish, View]),
    (RuleId::ViewDirectExcludesView, ViewDirect, &[View]),
];

const SUBMISSIONS: &[EventType] = &[
    ApplicationFinish,
    ApplicationQuickSubmission,
    ApplicationRedirect,
    ApplicationRedirectFromStart,
    ApplicationCompanySubmit,
    SentCv,
];

/// For each rule, the types that need a cause and the types that are the cause.
const CAUSES: &[(RuleId, &[EventType], &[EventType])] = &[
    (
        RuleId::JobWasShown,
        &[
            Unspecified,
            ApplicationStart,
            ApplicationFinish,
            ApplicationQuickSubmission,
            ApplicationRedirect,
            ApplicationCompanySubmit,
            View,
            Bookmark,
            Hired,
            SentCv,
            InterviewGranted,
            ApplicationStartFromStart,
            ApplicationRedirectFromStart,
            ViewDirect,
        ],
        &[Impression, Notification],
    ),
    (RuleId::FinishAfterStart, &[ApplicationFinish], &[ApplicationStart, ApplicationStartFromStart]),
    (RuleId::HiredAfterApplication, &[Hired], SUBMISSIONS),
    (RuleId::InterviewAfterApplication, &[InterviewGranted], SUBMISSIONS),
];

fn is_showing(event_type: EventType) -> bool {
    [Impression, Notification].contains(&event_type)
}

fn names(event: &ClientEvent, job: &str) -> bool {
    event.related_job_names.iter().any(|name| name.as_str() == job)
}

/// The jobs with their indices, without repeated jobs.
fn distinct(event: &ClientEvent) -> impl Iterator<Item = (usize, &str)> {
    let jobs = &event.related_job_names;
    let first = move |(number, job): &(usize, &client_event::JobName)| !jobs[..*number].contains(job);
    jobs.iter().enumerate().filter(first).map(|(number, job)| (number, job.as_str()))
}
