//! The checker: observes events and returns findings.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::event_ids::{EventIds, IdLookup};
use super::finding::{Finding, Part};
use super::fingerprints::Fingerprints;
use super::pending_events::{PendingAction, PendingEvents, lacks_cause};
use super::relations::{CauseKind, exclusions, is_display};
use super::reporter::{EventRef, Reporter};
use super::requests::{Request, RequestStatus, Requests};
use super::searches::Searches;
use super::watermark::Watermark;
use crate::check::{EARLIEST_MILLIS, latest_millis};
use crate::event_fields::EventFields;
use crate::event_type::EventType;
use crate::rules::{RuleId, RuleSettings};
use crate::timestamp::EventTimestamp;

/// How an event relates to the earlier events with its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStatus {
    /// The event id is new.
    New {
        /// A later event or [`SequenceChecker::finish`] may add a finding at the position of this event.
        pending: bool,
    },
    /// The event id was used before, with the same content.
    Retry,
    /// The event id was used before, with other content.
    Conflict,
}

impl EventStatus {
    /// Whether a finding at the position of the event may come later.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::New { pending: true })
    }
}

/// The counts of a checker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Observed events, including retries and conflicts.
    pub events: u64,
    /// Requests with events.
    pub requests: u64,
    /// Events that repeated the id and the content of an earlier event.
    pub retries: u64,
    /// How often a request was closed because it was idle for longer than the window.
    pub closed: u64,
    /// Late events: events of requests that were already closed. Rules about missing causes and about time were not checked for them.
    pub late: u64,
}

/// Checks one stream of events.
#[derive(Debug)]
pub struct SequenceChecker {
    rules: RuleSettings,
    searches: Option<Searches>,
    /// The largest time that is not in the future.
    latest: i64,
    watermark: Watermark,
    event_ids: EventIds,
    requests: Requests,
    totals: Totals,
}

impl SequenceChecker {
    pub(super) fn with_options(
        window_ms: Option<i64>,
        rules: RuleSettings,
        mut searches: Option<Searches>,
        now: Option<EventTimestamp>,
    ) -> Self {
        if let Some(searches) = &mut searches {
            searches.sort_jobs();
        }
        Self {
            rules,
            searches,
            latest: now.map_or(i64::MAX, latest_millis),
            watermark: Watermark::new(window_ms),
            event_ids: EventIds::new(window_ms),
            requests: Requests::new(window_ms),
            totals: Totals::default(),
        }
    }

    /// Sets the time of checking. For a live stream, call this regularly with the current time, for example once per batch of events.
    pub fn set_now(&mut self, now: EventTimestamp) {
        self.latest = latest_millis(now);
    }

    /// Observes the next event and appends findings. The position of the event is the number of events before it.
    pub fn observe(&mut self, event: &impl EventFields, findings: &mut Vec<Finding>) -> EventStatus {
        let position = self.totals.events;
        self.observe_at(event, &Fingerprints::of(event), position, findings)
    }

    /// Observes the next event, with its hashes and a position of your choice. Positions must increase and be less than `u64::MAX`. The
    /// hashes must be those of this event; otherwise the findings are meaningless.
    ///
    /// An event without an id is checked against all rules except D2. An event without a request id is checked against D2 only. An event
    /// without a time ([`EventTimestamp::UNKNOWN`]) is neither earlier nor later than another event.
    pub fn observe_at(
        &mut self,
        event: &impl EventFields,
        fingerprints: &Fingerprints,
        position: u64,
        findings: &mut Vec<Finding>,
    ) -> EventStatus {
        self.totals.events += 1;
        self.observe_next(event, fingerprints, position, true, findings)
    }

    /// Observes the next event of the stream, if another checker checks its request. Several checkers can share the work of one stream:
    /// each request belongs to one of them, selected by [`Fingerprints::request_hash`]. Each checker observes all events in the same order,
    /// the events of its own requests with [`Self::observe_at`] and all others with this function. Together, the checkers find exactly
    /// what a single checker finds, because each of them knows all event ids and the time of the whole stream.
    ///
    /// The event adds no finding of its own and is not part of the totals, but the requests that its time closes are.
    pub fn observe_of_other_part(
        &mut self,
        event: &impl EventFields,
        fingerprints: &Fingerprints,
        position: u64,
        findings: &mut Vec<Finding>,
    ) {
        self.observe_next(event, fingerprints, position, false, findings);
    }

    fn observe_next(
        &mut self,
        event: &impl EventFields,
        fingerprints: &Fingerprints,
        position: u64,
        is_own: bool,
        findings: &mut Vec<Finding>,
    ) -> EventStatus {
        let mut reporter = Reporter { settings: &self.rules, findings };
        let event_ref = EventRef::of(event, position);
        let has_id = !event_ref.event_id.is_empty();
        match self.event_ids.lookup(fingerprints, event_ref.event_type) {
            IdLookup::New => {}
            _ if !has_id => {}
            IdLookup::Repeated => {
                self.totals.retries += u64::from(is_own);
                return EventStatus::Retry;
            }
            IdLookup::Conflicting(first, first_type) => {
                if is_own {
                    reporter.report_event(RuleId::UniqueEventId, event_ref, Part::EventId, Some((first, first_type)), None);
                }
                return EventStatus::Conflict;
            }
        }
        let time = event.timestamp().as_millis();
        let totals = &mut self.totals;
        let mut close = |request: Request, reporter: &mut Reporter<'_>| {
            totals.closed += 1;
            report_pending(&request, reporter);
        };
        let is_plausible = (EARLIEST_MILLIS..=self.latest).contains(&time);
        let elapsed = if is_plausible { self.watermark.observe(time) } else { self.watermark.observe_without_time() };
        if let Some(elapsed) = elapsed {
            self.requests.advance(elapsed, |request| close(request, &mut reporter));
            self.event_ids.advance(elapsed);
        }
        if has_id {
            self.event_ids.insert(fingerprints, event_ref.event_type, position);
        }
        if !is_own || event_ref.request_id.is_empty() {
            return EventStatus::New { pending: false };
        }
        if let Some(searches) = &mut self.searches {
            check_search(searches, event, fingerprints, event_ref, &mut reporter);
        }
        let (request, status) = self.requests.find_or_open(fingerprints.request_id, |request| close(request, &mut reporter));
        totals.requests += u64::from(status == RequestStatus::New);
        totals.late += u64::from(request.is_late);
        if status == RequestStatus::New && !is_display(event_ref.event_type) {
            pending_of(request, event_ref).set_first_event(position, event_ref.event_type, event_ref.event_id);
        }
        let pending = if is_display(event_ref.event_type) {
            check_display(request, fingerprints, event_ref, time, &mut reporter)
        } else {
            check_action(request, event, fingerprints, event_ref, time, &mut reporter)
        };
        EventStatus::New { pending }
    }

    /// Ends the stream: closes all open requests and appends the remaining findings.
    pub fn finish(mut self, findings: &mut Vec<Finding>) -> Totals {
        let mut reporter = Reporter { settings: &self.rules, findings };
        for (request, due) in self.requests.into_all() {
            self.totals.closed += u64::from(due);
            report_pending(&request, &mut reporter);
        }
        for (position, request_id) in self.searches.map(Searches::into_unshown).unwrap_or_default() {
            reporter.report_search(RuleId::ConsistentWithSearches, position, &request_id);
        }
        self.totals
    }

    /// The counts so far. A request that is due may not be counted as closed yet.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The bytes on the heap, without the searches and without the overhead of the allocator. Takes time proportional to the number of open
    /// requests.
    pub fn heap_bytes(&self) -> usize {
        self.event_ids.heap_bytes() + self.requests.heap_bytes()
    }
}

/// Checks D3, and the part of D9 that is about events.
fn check_search(
    searches: &mut Searches,
    event: &impl EventFields,
    fingerprints: &Fingerprints,
    event_ref: EventRef<'_>,
    reporter: &mut Reporter<'_>,
) {
    let Some(results) = searches.results(fingerprints.request_id, is_display(event_ref.event_type)) else {
        reporter.report_event(RuleId::RequestIdFromSearch, event_ref, Part::RequestId, None, None);
        return;
    };
    if fingerprints.jobs.iter().all(|job| results.binary_search(job).is_ok()) {
        return;
    }
    for_each_distinct(&fingerprints.jobs, |number| {
        if results.binary_search(&fingerprints.jobs[number]).is_err() {
            reporter.report_event(RuleId::ConsistentWithSearches, event_ref, Part::Job(number), None, event.jobs().nth(number));
        }
    });
}

/// Checks an event that shows jobs; returns whether a finding at it may follow.
fn check_display(
    request: &mut Request,
    fingerprints: &Fingerprints,
    event_ref: EventRef<'_>,
    time: i64,
    reporter: &mut Reporter<'_>,
) -> bool {
    if event_ref.event_type == EventType::Impression
        && let Some(first) = request.history.first_impression()
    {
        reporter.report_event(
            RuleId::OneImpressionPerRequest,
            event_ref,
            Part::EventType,
            Some((first, EventType::Impression)),
            None,
        );
    }
    let changed = request.history.record_display(event_ref.event_type, event_ref.position, time, &fingerprints.jobs);
    changed && add_pending_cause(request, event_ref)
}

/// Checks an event that does not show jobs; returns whether a finding at it may follow.
fn check_action(
    request: &mut Request,
    event: &impl EventFields,
    fingerprints: &Fingerprints,
    event_ref: EventRef<'_>,
    time: i64,
    reporter: &mut Reporter<'_>,
) -> bool {
    let event_type = event_ref.event_type;
    // An action without a time is later than every cause; as a cause it is earlier than every event.
    let action_time = if event.timestamp() == EventTimestamp::UNKNOWN { i64::MAX } else { time };
    let (mut changed, mut without_cause) = (false, Vec::new());
    for_each_distinct(&fingerprints.jobs, |number| {
        let job = fingerprints.jobs[number];
        let (state, log_position) = request.history.find(job);
        for (rule, others) in exclusions(event_type) {
            if let Some(other) = state.first_of(others) {
                reporter.report_event(*rule, event_ref, Part::Job(number), Some(other), event.jobs().nth(number));
            }
        }
        if !request.is_late && lacks_cause(event_type, action_time, &state) {
            without_cause.push((number, job));
        }
        if state.would_change(event_type, time) {
            request.history.record_action(event_type, event_ref.position, time, job, log_position);
            changed = true;
        }
    });
    let mut pending = changed && add_pending_cause(request, event_ref);
    for (number, job) in without_cause {
        let job_name = event.jobs().nth(number).unwrap_or_default().into();
        let action = PendingAction {
            position: event_ref.position,
            time: action_time,
            event_type,
            event_id: event_ref.event_id.into(),
            job_index: number,
            job,
            job_name,
        };
        pending_of(request, event_ref).push(action);
        pending = true;
    }
    // As long as nothing is shown, the finding about the missing display will be at the first event.
    pending || request.pending_events.as_ref().is_some_and(|pending_events| pending_events.is_first_event(event_ref.position))
}

/// Adds a cause to the pending events of its request; returns whether a finding at the cause may follow.
fn add_pending_cause(request: &mut Request, event_ref: EventRef<'_>) -> bool {
    let Some(pending_events) = &mut request.pending_events else { return false };
    let EventRef { position, event_type, event_id, .. } = event_ref;
    let is_added =
        CauseKind::of(event_type).is_some() && pending_events.add_cause(position, event_type, event_id, &request.history);
    if pending_events.is_empty() {
        request.pending_events = None;
    }
    is_added
}

fn pending_of<'r>(request: &'r mut Request, event_ref: EventRef<'_>) -> &'r mut PendingEvents {
    request.pending_events.get_or_insert_with(|| Box::new(PendingEvents::new(event_ref.request_id)))
}

/// Reports the missing causes and the time order of a request that is closed.
fn report_pending(request: &Request, reporter: &mut Reporter<'_>) {
    if let Some(pending_events) = &request.pending_events {
        pending_events.report(&request.history, reporter);
    }
}

/// Calls back with the index of each distinct job, in order.
fn for_each_distinct(jobs: &[u64], mut on_distinct: impl FnMut(usize)) {
    if jobs.len() <= 1 {
        return (0..jobs.len()).for_each(on_distinct);
    }
    let mut seen = HashTable::with_capacity(jobs.len());
    for (number, job) in jobs.iter().enumerate() {
        if let Entry::Vacant(entry) = seen.entry(*job, |other| other == job, |job| *job) {
            entry.insert(*job);
            on_distinct(number);
        }
    }
}
