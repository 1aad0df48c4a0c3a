//! The events of a request that wait for a cause, with their texts. Most requests have none: their jobs were shown, and applications
//! begun, before anything came of it.

use super::finding::Part;
use super::relations::CauseKind;
use super::report::{Named, Report};
use super::trace::{Cause, Trace};
use super::trail::Trail;
use crate::event_type::EventType;
use crate::rules::RuleId;

/// What waits under one request.
#[derive(Debug)]
pub(super) struct Waiting {
    request_id: Box<str>,
    /// The first event of the request, while nothing was shown.
    first: Option<(u64, EventType, Box<str>)>,
    acts: Vec<Act>,
    /// Ids of causes that came while something waited, in the order of their positions: a finding may stand at one of them.
    causes: Vec<(u64, Box<str>)>,
    /// The number of acts at which those are sought that wait no longer.
    prune_at: usize,
}

/// An event that waits, in respect of one of its jobs.
#[derive(Debug)]
pub(super) struct Act {
    pub(super) at: u64,
    pub(super) time: i64,
    pub(super) event_type: EventType,
    pub(super) event_id: Box<str>,
    /// The number of the job in the event.
    pub(super) number: usize,
    pub(super) job: u64,
    pub(super) job_name: Box<str>,
}

/// Up to so many acts, those that wait no longer are sought at each cause.
const FEW: usize = 16;

/// Whether an event of this type and time waits for a cause in respect of a job.
pub(super) fn waits(event_type: EventType, time: i64, trace: &Trace) -> bool {
    !trace.has_cause(CauseKind::Showing, time)
        || CauseKind::needed_by(event_type).is_some_and(|(kind, _)| !trace.has_cause(kind, time))
}

impl Waiting {
    pub(super) fn new(request_id: &str) -> Self {
        Self { request_id: request_id.into(), first: None, acts: Vec::new(), causes: Vec::new(), prune_at: FEW }
    }

    /// Takes the first event of a request, which shows nothing.
    pub(super) fn first(&mut self, at: u64, event_type: EventType, event_id: &str) {
        self.first = Some((at, event_type, event_id.into()));
    }

    pub(super) fn push(&mut self, act: Act) {
        self.acts.push(act);
    }

    /// Takes a cause that the trail has learned of; the answer is whether a finding at its position may follow.
    pub(super) fn cause(&mut self, at: u64, event_type: EventType, event_id: &str, trail: &Trail) -> bool {
        if CauseKind::of(event_type) == Some(CauseKind::Showing) {
            self.first = None;
        }
        if self.acts.len() <= FEW || self.acts.len() >= self.prune_at {
            self.acts.retain(|act| waits(act.event_type, act.time, &trail.trace(act.job)));
            // Twice as many until the next search, so that all searches together cost no more than a few for each act.
            self.prune_at = FEW.max(2 * self.acts.len());
        }
        if self.acts.is_empty() {
            self.causes.clear();
            return false;
        }
        self.causes.push((at, event_id.into()));
        true
    }

    /// Whether the event at this position is the first of the request, and nothing was shown.
    pub(super) fn is_first(&self, at: u64) -> bool {
        self.first.as_ref().is_some_and(|(first, ..)| *first == at)
    }

    /// Whether nothing waits.
    pub(super) fn is_over(&self) -> bool {
        self.first.is_none() && self.acts.is_empty()
    }

    /// Judges what still waits; nothing comes after.
    pub(super) fn judge(&self, trail: &Trail, report: &mut Report<'_>) {
        if let Some((at, event_type, event_id)) = &self.first {
            let first = Named { at: *at, event_type: *event_type, event_id, request_id: &self.request_id };
            report.event(RuleId::RequestHasImpression, first, Part::RequestId, None, None);
        }
        let first_showing = trail.first_showing();
        for act in &self.acts {
            let trace = trail.trace(act.job);
            match trace.cause(CauseKind::Showing) {
                Some(cause) => self.judge_time(act, cause, report),
                // A request that shows nothing has one finding for all of its events.
                None if first_showing.is_none() => {}
                None => self.absent(RuleId::JobWasShown, act, first_showing, report),
            }
            if let Some((kind, rule)) = CauseKind::needed_by(act.event_type) {
                match trace.cause(kind) {
                    Some(cause) => self.judge_time(act, cause, report),
                    None => self.absent(rule, act, None, report),
                }
            }
        }
    }

    fn absent(&self, rule: RuleId, act: &Act, related: Option<(u64, EventType)>, report: &mut Report<'_>) {
        report.event(rule, self.named(act), Part::Job(act.number), related, Some(&act.job_name));
    }

    fn judge_time(&self, act: &Act, cause: Cause, report: &mut Report<'_>) {
        if cause.time <= act.time {
            return;
        }
        let job = Some(&*act.job_name);
        if cause.at < act.at {
            report.event(RuleId::TimeOrder, self.named(act), Part::Timestamp, Some((cause.at, cause.event_type)), job);
            return;
        }
        let place = self.causes.binary_search_by_key(&cause.at, |(at, _)| *at);
        let event_id = &self.causes[place.expect("a cause that came after an act that waits has its id kept")].1;
        let cause = Named { at: cause.at, event_type: cause.event_type, event_id, request_id: &self.request_id };
        report.event(RuleId::TimeOrder, cause, Part::Timestamp, Some((act.at, act.event_type)), job);
    }

    fn named<'a>(&'a self, act: &'a Act) -> Named<'a> {
        Named { at: act.at, event_type: act.event_type, event_id: &act.event_id, request_id: &self.request_id }
    }

    /// The bytes that are held, itself included.
    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.acts.iter().map(|act| act.event_id.len() + act.job_name.len()).sum();
        let ids: usize = self.causes.iter().map(|(_, event_id)| event_id.len()).sum();
        let first = self.first.as_ref().map_or(0, |(_, _, event_id)| event_id.len());
        size_of::<Self>()
            + self.acts.capacity() * size_of::<Act>()
            + self.causes.capacity() * size_of::<(u64, Box<str>)>()
            + self.request_id.len()
            + texts
            + ids
            + first
    }
}
