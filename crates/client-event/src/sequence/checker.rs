//! The checker: takes events, gives findings.

use std::collections::HashSet;

use super::event_ids::{EventIds, Sighting};
use super::finding::{Finding, Part};
use super::fingerprints::Fingerprints;
use super::keys::AlreadyHashed;
use super::observed::Observed;
use super::relations::{CauseKind, exclusions, is_showing};
use super::report::{Named, Report};
use super::requests::{Opening, Request, Requests};
use super::searches::Searches;
use super::waiting::{Act, Waiting, waits};
use super::watermark::Watermark;
use crate::check::{EARLIEST_MILLIS, latest_millis};
use crate::event_type::EventType;
use crate::rules::{RuleId, RuleSettings};
use crate::timestamp::EventTimestamp;

/// How a stream is checked.
#[derive(Clone, Debug)]
pub struct SequenceOptions {
    /// How long a request may be idle before it is closed, in milliseconds of event time, 0 or more; `None` keeps every request open to
    /// the end. 90 days by default, since interviews and hirings come weeks after the search. See [the window](super#the-window).
    pub window_ms: Option<i64>,
    /// Which rules are judged, and how grave their breaches are.
    pub settings: RuleSettings,
    /// The searches that were made; without them D3 and D9 are not judged.
    pub searches: Option<Searches>,
    /// The time of checking, so that times in the future are known as such. For a stream that is followed, see
    /// [`SequenceChecker::set_now`].
    pub now: Option<EventTimestamp>,
}

/// 90 days.
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
    settings: RuleSettings,
    searches: Option<Searches>,
    /// The largest time that is not in the future.
    latest: i64,
    watermark: Watermark,
    event_ids: EventIds,
    requests: Requests,
    totals: Totals,
}

impl SequenceChecker {
    /// A checker for a stream that begins.
    pub fn new(options: SequenceOptions) -> Self {
        let SequenceOptions { window_ms, settings, mut searches, now } = options;
        if let Some(searches) = &mut searches {
            searches.seal();
        }
        Self {
            settings,
            searches,
            latest: now.map_or(i64::MAX, latest_millis),
            watermark: Watermark::new(window_ms),
            event_ids: EventIds::new(window_ms),
            requests: Requests::new(window_ms),
            totals: Totals::default(),
        }
    }

    /// Sets the time of checking. Whoever follows a live stream calls this with the time of a clock, now and then: once for a block of
    /// events that were read together is enough.
    pub fn set_now(&mut self, now: EventTimestamp) {
        self.latest = latest_millis(now);
    }

    /// Takes the next event; its position is the number of events before it.
    pub fn observe(&mut self, event: &impl Observed, findings: &mut Vec<Finding>) -> Standing {
        let at = self.totals.events;
        self.observe_at(event, &Fingerprints::of(event), at, findings)
    }

    /// Takes the next event, with its hashes and its position, which is greater than that of the event before it and less than
    /// `u64::MAX`. Hashes of another event lead to findings that say nothing.
    ///
    /// An event without an id takes part in every rule but D2, one without a request id in D2 alone, and one without a time
    /// ([`EventTimestamp::UNKNOWN`]) is earlier or later than no other.
    pub fn observe_at(
        &mut self,
        event: &impl Observed,
        fingerprints: &Fingerprints,
        at: u64,
        findings: &mut Vec<Finding>,
    ) -> Standing {
        self.totals.events += 1;
        let mut report = Report { settings: &self.settings, findings };
        let named = Named::of(event, at);
        let has_id = !named.event_id.is_empty();
        match self.event_ids.sighting(fingerprints, named.event_type) {
            Sighting::New => {}
            _ if !has_id => {}
            Sighting::Repeated => {
                self.totals.retries += 1;
                return Standing::Retry;
            }
            Sighting::Conflicting(first, first_type) => {
                report.event(RuleId::UniqueEventId, named, Part::EventId, Some((first, first_type)), None);
                return Standing::Conflict;
            }
        }
        let time = event.timestamp().as_millis();
        let totals = &mut self.totals;
        let mut close = |request: Request, report: &mut Report<'_>| {
            totals.closed += 1;
            judge(&request, report);
        };
        let is_plausible = (EARLIEST_MILLIS..=self.latest).contains(&time);
        let passed = if is_plausible { self.watermark.take(time) } else { self.watermark.take_timeless() };
        if let Some(passed) = passed {
            self.requests.advance(passed, |request| close(request, &mut report));
            self.event_ids.advance(passed);
        }
        if has_id {
            self.event_ids.insert(fingerprints, named.event_type, at);
        }
        if named.request_id.is_empty() {
            return Standing::New { pending: false };
        }
        if let Some(searches) = &mut self.searches {
            check_search(searches, event, fingerprints, named, &mut report);
        }
        let (request, opening) = self.requests.at(fingerprints.request_id, |request| close(request, &mut report));
        totals.requests += u64::from(opening == Opening::First);
        totals.late += u64::from(request.late);
        if opening == Opening::First && !is_showing(named.event_type) {
            waiting_of(request, named).first(at, named.event_type, named.event_id);
        }
        let pending = if is_showing(named.event_type) {
            check_showing(request, fingerprints, named, time, &mut report)
        } else {
            check_act(request, event, fingerprints, named, time, &mut report)
        };
        Standing::New { pending }
    }

    /// Ends the stream: what is still open is judged.
    pub fn finish(mut self, findings: &mut Vec<Finding>) -> Totals {
        let mut report = Report { settings: &self.settings, findings };
        for (request, due) in self.requests.into_all() {
            self.totals.closed += u64::from(due);
            judge(&request, &mut report);
        }
        for (at, request_id) in self.searches.map(Searches::into_unshown).unwrap_or_default() {
            report.search(RuleId::ConsistentWithSearches, at, &request_id);
        }
        self.totals
    }

    /// What was counted so far. Requests that are due but were not come across yet are not among the closed ones.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The bytes that are held, searches not included: by capacities, without what the allocator adds. Takes time in proportion to the
    /// number of open requests.
    pub fn heap_bytes(&self) -> usize {
        self.event_ids.heap_bytes() + self.requests.heap_bytes()
    }
}

/// D3, and of D9 what concerns an event.
fn check_search(
    searches: &mut Searches,
    event: &impl Observed,
    fingerprints: &Fingerprints,
    named: Named<'_>,
    report: &mut Report<'_>,
) {
    let Some(results) = searches.results(fingerprints.request_id, is_showing(named.event_type)) else {
        report.event(RuleId::RequestIdFromSearch, named, Part::RequestId, None, None);
        return;
    };
    if fingerprints.jobs.iter().all(|job| results.binary_search(job).is_ok()) {
        return;
    }
    for_each_distinct(&fingerprints.jobs, |number| {
        if results.binary_search(&fingerprints.jobs[number]).is_err() {
            report.event(RuleId::ConsistentWithSearches, named, Part::Job(number), None, event.jobs().nth(number));
        }
    });
}

/// Takes an event that shows jobs; the answer is whether a finding at it may follow.
fn check_showing(
    request: &mut Request,
    fingerprints: &Fingerprints,
    named: Named<'_>,
    time: i64,
    report: &mut Report<'_>,
) -> bool {
    if named.event_type == EventType::Impression
        && let Some(first) = request.trail.first_impression()
    {
        report.event(RuleId::OneImpressionPerRequest, named, Part::EventType, Some((first, EventType::Impression)), None);
    }
    let learned = request.trail.take_showing(named.event_type, named.at, time, &fingerprints.jobs);
    learned && is_awaited(request, named)
}

/// Takes an event that acts on what was shown; the answer is whether a finding at it may follow.
fn check_act(
    request: &mut Request,
    event: &impl Observed,
    fingerprints: &Fingerprints,
    named: Named<'_>,
    time: i64,
    report: &mut Report<'_>,
) -> bool {
    let event_type = named.event_type;
    // Without a time it is after every cause, and as a cause it is before everything.
    let acts_at = if event.timestamp() == EventTimestamp::UNKNOWN { i64::MAX } else { time };
    let (mut learned, mut waiting) = (false, Vec::new());
    for_each_distinct(&fingerprints.jobs, |number| {
        let job = fingerprints.jobs[number];
        let (trace, spot) = request.trail.find(job);
        for (rule, others) in exclusions(event_type) {
            if let Some(other) = trace.first_of(others) {
                report.event(*rule, named, Part::Job(number), Some(other), event.jobs().nth(number));
            }
        }
        if !request.late && waits(event_type, acts_at, &trace) {
            waiting.push((number, job));
        }
        if trace.learns(event_type, time) {
            request.trail.take_act(event_type, named.at, time, job, spot);
            learned = true;
        }
    });
    let mut pending = learned && is_awaited(request, named);
    for (number, job) in waiting {
        let job_name = event.jobs().nth(number).unwrap_or_default().into();
        let act = Act { at: named.at, time: acts_at, event_type, event_id: named.event_id.into(), number, job, job_name };
        waiting_of(request, named).push(act);
        pending = true;
    }
    // The first event of a request stands for all as long as nothing is shown.
    pending || request.waiting.as_ref().is_some_and(|waiting| waiting.is_first(named.at))
}

/// Tells the events that wait of an event that may be their cause; the answer is whether a finding at it may follow.
fn is_awaited(request: &mut Request, named: Named<'_>) -> bool {
    let Some(waiting) = &mut request.waiting else { return false };
    let awaited =
        CauseKind::of(named.event_type).is_some() && waiting.cause(named.at, named.event_type, named.event_id, &request.trail);
    if waiting.is_over() {
        request.waiting = None;
    }
    awaited
}

fn waiting_of<'r>(request: &'r mut Request, named: Named<'_>) -> &'r mut Waiting {
    request.waiting.get_or_insert_with(|| Box::new(Waiting::new(named.request_id)))
}

/// The absences and times of a request after which nothing comes.
fn judge(request: &Request, report: &mut Report<'_>) {
    if let Some(waiting) = &request.waiting {
        waiting.judge(&request.trail, report);
    }
}

/// Calls back with the number of each job, in their order, of repeated ones the first.
fn for_each_distinct(jobs: &[u64], mut distinct: impl FnMut(usize)) {
    if jobs.len() <= 1 {
        return (0..jobs.len()).for_each(distinct);
    }
    let mut seen = HashSet::with_capacity_and_hasher(jobs.len(), AlreadyHashed);
    for (number, job) in jobs.iter().enumerate() {
        if seen.insert(*job) {
            distinct(number);
        }
    }
}
