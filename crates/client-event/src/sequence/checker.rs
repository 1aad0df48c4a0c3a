//! The checker: takes events, gives findings.

use std::collections::{BTreeMap, HashMap};

use super::finding::{Finding, Part, Place};
use super::fingerprints::Fingerprints;
use super::observed::Observed;
use super::searches::Searches;
use crate::check::{ALLOWED_CLOCK_SKEW_MILLIS, EARLIEST_MILLIS};
use crate::event_type::EventType;
use crate::rules::{RuleId, RuleSettings};
use crate::timestamp::EventTimestamp;

/// How a stream is checked.
#[derive(Clone, Debug)]
pub struct SequenceOptions {
    /// How long a request may be idle before it is closed, in milliseconds of event time; `None` keeps every request open to the end.
    pub window_ms: Option<i64>,
    /// Which rules are judged, and how grave their breaches are.
    pub settings: RuleSettings,
    /// The searches that were made; without them D3 and D9 are not judged.
    pub searches: Option<Searches>,
    /// The time of checking, so that times in the future are known as such.
    pub now: Option<EventTimestamp>,
}

/// 90 days: interviews and hirings come weeks after the search.
const DEFAULT_WINDOW_MS: i64 = 90 * 24 * 60 * 60 * 1000;

impl Default for SequenceOptions {
    fn default() -> Self {
        Self { window_ms: Some(DEFAULT_WINDOW_MS), settings: RuleSettings::default(), searches: None, now: None }
    }
}

/// What an event is to the events before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its id is new.
    New {
        /// A finding at the event's position may come later, by [`SequenceChecker::finish`] or while other events are observed.
        pending: bool,
    },
    /// Its id was used before, with the same content.
    Retry,
    /// Its id was used before, with other content.
    Conflict,
}

impl Standing {
    /// Whether a finding at the event's position may come later.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::New { pending: true })
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events observed, retries and conflicts included.
    pub events: u64,
    /// Requests that had events.
    pub requests: u64,
    /// Events that repeated an earlier one, id and content.
    pub retries: u64,
    /// How many times a request was closed because it was idle for longer than the window.
    pub closed: u64,
    /// Events of requests that had been closed before they came; rules of absence and of time were not judged for them.
    pub late: u64,
}

/// Checks one stream.
#[derive(Debug)]
pub struct SequenceChecker {
    options: SequenceOptions,
    totals: Totals,
    events: Vec<Stored>,
    ids: HashMap<u64, (u64, u64, EventType)>,
}

#[derive(Debug)]
struct Stored {
    at: u64,
    event_id: Box<str>,
    event_type: EventType,
    request_id: Box<str>,
    jobs: Vec<Box<str>>,
    time: i64,
}

impl SequenceChecker {
    /// A checker for a stream that begins.
    pub fn new(options: SequenceOptions) -> Self {
        Self { options, totals: Totals::default(), events: Vec::new(), ids: HashMap::new() }
    }

    /// Takes the next event; its position is the number of events before it.
    pub fn observe(&mut self, event: &impl Observed, findings: &mut Vec<Finding>) -> Standing {
        let at = self.totals.events;
        self.observe_at(event, &Fingerprints::of(event), at, findings)
    }

    /// Takes the next event, with its hashes and its position, which must be greater than that of the event before it.
    pub fn observe_at(
        &mut self,
        event: &impl Observed,
        fingerprints: &Fingerprints,
        at: u64,
        findings: &mut Vec<Finding>,
    ) -> Standing {
        self.totals.events += 1;
        if let Some((content, first, first_type)) = self.ids.get(&fingerprints.event_id) {
            if *content == fingerprints.content {
                self.totals.retries += 1;
                return Standing::Retry;
            }
            if let Some(severity) = self.options.settings.severity(RuleId::UniqueEventId) {
                findings.push(Finding {
                    rule: RuleId::UniqueEventId,
                    severity,
                    place: Place::Event(at),
                    part: Part::EventId,
                    related: Some(*first),
                    event_id: event.event_id().into(),
                    event_type: Some(event.event_type()),
                    related_type: Some(*first_type),
                    request_id: event.request_id().into(),
                    job: None,
                });
            }
            return Standing::Conflict;
        }
        self.ids.insert(fingerprints.event_id, (fingerprints.content, at, event.event_type()));
        self.events.push(Stored {
            at,
            event_id: event.event_id().into(),
            event_type: event.event_type(),
            request_id: event.request_id().into(),
            jobs: event.jobs().map(Box::from).collect(),
            time: event.timestamp().as_millis(),
        });
        Standing::New { pending: true }
    }

    /// Ends the stream: what is still open is judged.
    pub fn finish(mut self, findings: &mut Vec<Finding>) -> Totals {
        let events = std::mem::take(&mut self.events);
        self.judge_searches(&events, findings);
        let mut watermark = None;
        let mut open: BTreeMap<&str, Session<'_>> = BTreeMap::new();
        for event in &events {
            let now = self.options.now.map_or(i64::MAX, |now| now.as_millis().saturating_add(ALLOWED_CLOCK_SKEW_MILLIS));
            if (EARLIEST_MILLIS..=now).contains(&event.time) {
                if watermark.is_none() {
                    for session in open.values_mut() {
                        session.last = Some(event.time);
                    }
                }
                watermark = watermark.max(Some(event.time));
            }
            let session = open.entry(&event.request_id).or_default();
            if session.is_closed(watermark, self.options.window_ms) {
                self.totals.closed += 1;
                let closed = std::mem::take(session);
                self.judge(&closed, findings);
                session.late = true;
            }
            if !session.late && session.events.is_empty() {
                self.totals.requests += 1;
            }
            self.totals.late += u64::from(session.late);
            session.last = watermark;
            session.events.push(event);
        }
        for session in open.into_values() {
            self.totals.closed += u64::from(session.is_closed(watermark, self.options.window_ms));
            self.judge(&session, findings);
        }
        self.totals
    }

    fn judge_searches(&self, events: &[Stored], findings: &mut Vec<Finding>) {
        let Some(searches) = &self.options.searches else { return };
        for event in events {
            match searches.by_request.get(&event.request_id) {
                None => self.push(findings, RuleId::RequestIdFromSearch, event, Part::RequestId, None, None),
                Some((_, jobs)) => {
                    for (number, job) in distinct(&event.jobs) {
                        if !jobs.contains(job) {
                            self.push(findings, RuleId::ConsistentWithSearches, event, Part::Job(number), None, Some(job));
                        }
                    }
                }
            }
        }
        for (request_id, (at, jobs)) in &searches.by_request {
            let shown = events.iter().any(|event| is_showing(event.event_type) && event.request_id == *request_id);
            if let Some(severity) = self.options.settings.severity(RuleId::ConsistentWithSearches)
                && !shown
                && !jobs.is_empty()
            {
                findings.push(Finding {
                    rule: RuleId::ConsistentWithSearches,
                    severity,
                    place: Place::Search(*at),
                    part: Part::RequestId,
                    related: None,
                    event_id: Box::default(),
                    event_type: None,
                    related_type: None,
                    request_id: request_id.clone(),
                    job: None,
                });
            }
        }
    }

    fn judge(&self, session: &Session<'_>, findings: &mut Vec<Finding>) {
        use EventType::{ApplicationFinish, Hired, Impression, InterviewGranted};
        let events = &session.events;
        let first_showing = events.iter().find(|event| is_showing(event.event_type));
        let mut impressions = events.iter().filter(|event| event.event_type == Impression);
        if let Some(first) = impressions.next() {
            for event in impressions {
                self.push(findings, RuleId::OneImpressionPerRequest, event, Part::EventType, Some(first), None);
            }
        }
        if first_showing.is_none() && !session.late {
            self.push(findings, RuleId::RequestHasImpression, events[0], Part::RequestId, None, None);
        }
        for (position, event) in events.iter().enumerate() {
            for (number, job) in distinct(&event.jobs) {
                let part = Part::Job(number);
                for rule in PAIR_RULES {
                    let excluded =
                        |other: &&&Stored| excludes(rule, other.event_type, event.event_type) && other.jobs.contains(job);
                    if let Some(other) = events[..position].iter().find(excluded) {
                        self.push(findings, rule, event, part, Some(other), Some(job));
                    }
                }
                if session.late {
                    continue;
                }
                let of_job = |is_cause: fn(EventType) -> bool| {
                    let causes = events.iter().filter(|other| is_cause(other.event_type) && other.jobs.contains(job));
                    causes.min_by_key(|cause| cause.time).copied()
                };
                if !is_showing(event.event_type) {
                    match (of_job(is_showing), first_showing) {
                        (Some(cause), _) => self.judge_time(findings, event, cause, job),
                        (None, None) => {}
                        (None, first) => self.push(findings, RuleId::JobWasShown, event, part, first.copied(), Some(job)),
                    }
                }
                let needed = match event.event_type {
                    ApplicationFinish => Some((RuleId::FinishAfterStart, of_job(is_start))),
                    Hired => Some((RuleId::HiredAfterApplication, of_job(is_submission))),
                    InterviewGranted => Some((RuleId::InterviewAfterApplication, of_job(is_submission))),
                    _ => None,
                };
                match needed {
                    Some((_, Some(cause))) => self.judge_time(findings, event, cause, job),
                    Some((rule, None)) => self.push(findings, rule, event, part, None, Some(job)),
                    None => {}
                }
            }
        }
    }

    fn judge_time(&self, findings: &mut Vec<Finding>, event: &Stored, cause: &Stored, job: &str) {
        if cause.time > event.time {
            let (earlier, later) = if cause.at < event.at { (cause, event) } else { (event, cause) };
            self.push(findings, RuleId::TimeOrder, later, Part::Timestamp, Some(earlier), Some(job));
        }
    }

    fn push(
        &self,
        findings: &mut Vec<Finding>,
        rule: RuleId,
        event: &Stored,
        part: Part,
        related: Option<&Stored>,
        job: Option<&str>,
    ) {
        if let Some(severity) = self.options.settings.severity(rule) {
            findings.push(Finding {
                rule,
                severity,
                place: Place::Event(event.at),
                part,
                related: related.map(|related| related.at),
                event_id: event.event_id.clone(),
                event_type: Some(event.event_type),
                related_type: related.map(|related| related.event_type),
                request_id: event.request_id.clone(),
                job: job.map(Box::from),
            });
        }
    }
}

#[derive(Default)]
struct Session<'a> {
    events: Vec<&'a Stored>,
    last: Option<i64>,
    late: bool,
}

impl Session<'_> {
    fn is_closed(&self, watermark: Option<i64>, window_ms: Option<i64>) -> bool {
        let idle = |(watermark, last): (i64, i64)| window_ms.is_some_and(|window_ms| watermark.saturating_sub(last) > window_ms);
        watermark.zip(self.last).is_some_and(idle)
    }
}

const PAIR_RULES: [RuleId; 4] = [
    RuleId::QuickSubmissionExcludesStart,
    RuleId::StartFromStartExcludesView,
    RuleId::RedirectFromStartExcludesOthers,
    RuleId::ViewDirectExcludesView,
];

fn excludes(rule: RuleId, one: EventType, other: EventType) -> bool {
    use EventType::{
        ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart,
        View, ViewDirect,
    };
    let (excluding, excluded): (_, &[_]) = match rule {
        RuleId::QuickSubmissionExcludesStart => (ApplicationQuickSubmission, &[ApplicationStart, ApplicationFinish]),
        RuleId::StartFromStartExcludesView => (ApplicationStartFromStart, &[View]),
        RuleId::RedirectFromStartExcludesOthers => (ApplicationRedirectFromStart, &[ApplicationStart, ApplicationFinish, View]),
        _ => (ViewDirect, &[View]),
    };
    one == excluding && excluded.contains(&other) || other == excluding && excluded.contains(&one)
}

fn is_showing(event_type: EventType) -> bool {
    matches!(event_type, EventType::Impression | EventType::Notification)
}

fn is_start(event_type: EventType) -> bool {
    matches!(event_type, EventType::ApplicationStart | EventType::ApplicationStartFromStart)
}

fn is_submission(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::ApplicationFinish
            | EventType::ApplicationQuickSubmission
            | EventType::ApplicationRedirect
            | EventType::ApplicationRedirectFromStart
            | EventType::ApplicationCompanySubmit
            | EventType::SentCv
    )
}

/// The jobs with their numbers, repeated ones once.
fn distinct(jobs: &[Box<str>]) -> impl Iterator<Item = (usize, &Box<str>)> {
    jobs.iter().enumerate().filter(|(number, job)| !jobs[..*number].contains(job))
}
