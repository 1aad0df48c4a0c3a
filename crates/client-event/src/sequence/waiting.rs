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
    /// How many causes came since those acts were sought that wait no longer.
    causes_since: usize,
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
        Self { request_id: request_id.into(), first: None, acts: Vec::new(), causes: Vec::new(), causes_since: 0 }
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
        self.causes.push((at, event_id.into()));
        self.causes_since += 1;
        // As many causes as acts between two searches, so that a search costs each of them little.
        if self.acts.len() <= FEW || self.causes_since >= self.acts.len() {
            self.let_go(trail);
        }
        self.causes.last().is_some_and(|(last, _)| *last == at)
    }

    /// Lets go of the acts that wait no longer, and of the causes at which no finding can stand.
    fn let_go(&mut self, trail: &Trail) {
        let mut standing = Vec::new();
        self.acts.retain(|act| {
            let trace = trail.trace(act.job);
            let still = waits(act.event_type, act.time, &trace);
            if still {
                let needed = CauseKind::needed_by(act.event_type).and_then(|(kind, _)| trace.cause(kind));
                standing.extend(trace.cause(CauseKind::Showing).into_iter().chain(needed).map(|cause| cause.at));
            }
            still
        });
        standing.sort_unstable();
        self.causes.retain(|(at, _)| standing.binary_search(at).is_ok());
        self.causes_since = 0;
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
        // A cause that came after an act that waits has its id kept.
        let place = self.causes.binary_search_by_key(&cause.at, |(at, _)| *at);
        let event_id = place.map_or("", |place| &self.causes[place].1);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn act(at: u64, time: i64, job: u64) -> Act {
        let texts = || Box::from("text");
        Act { at, time, event_type: EventType::View, event_id: texts(), number: 0, job, job_name: texts() }
    }

    /// Takes a showing as the checker does.
    fn show(waiting: &mut Waiting, trail: &mut Trail, at: u64, time: i64, jobs: &[u64]) -> bool {
        trail.take_showing(EventType::Impression, at, time, jobs) && waiting.cause(at, EventType::Impression, "showing", trail)
    }

    #[test]
    fn what_has_its_cause_is_let_go() {
        let (mut waiting, mut trail) = (Waiting::new("r"), Trail::default());
        waiting.first(0, EventType::View, "first");
        waiting.push(act(0, 10, 1));
        waiting.push(act(1, 10, 2));
        assert!(!show(&mut waiting, &mut trail, 2, 10, &[1]));
        assert_eq!(waiting.acts.iter().map(|act| act.job).collect::<Vec<_>>(), [2]);
        // One that is too late is no cause yet.
        assert!(show(&mut waiting, &mut trail, 3, 11, &[2]));
        assert!(!waiting.is_over());
        assert_eq!(waiting.causes.len(), 1);
        assert!(!show(&mut waiting, &mut trail, 4, 9, &[2]));
        assert!(waiting.is_over() && waiting.causes.is_empty());
    }

    #[test]
    fn many_are_sought_seldom_and_let_go_in_the_end() {
        let (mut waiting, mut trail) = (Waiting::new("r"), Trail::default());
        let count = 1_000_u32;
        for number in 0..count {
            waiting.push(act(number.into(), 10, number.into()));
        }
        let mut searches = 0;
        for number in 0..count {
            let before = waiting.acts.len();
            show(&mut waiting, &mut trail, u64::from(count + number), 10, &[number.into()]);
            searches += usize::from(waiting.acts.len() < before);
        }
        assert!(searches < 2 * FEW, "{searches} searches");
        assert!(waiting.is_over());
    }
}
