//! The events of a request whose cause has not arrived yet, with the strings that a finding needs. Most requests have none: jobs are
//! usually shown, and applications started, before the events that follow from them.

use super::finding::Part;
use super::job_state::{Cause, JobState};
use super::relations::CauseKind;
use super::reporter::{EventRef, Reporter};
use super::request_history::RequestHistory;
use crate::event_type::EventType;
use crate::rules::RuleId;

/// The events of one request that lack a cause.
#[derive(Debug)]
pub(super) struct PendingEvents {
    request_id: Box<str>,
    /// The first event of the request, as long as nothing was shown.
    first_event: Option<(u64, EventType, Box<str>)>,
    actions: Vec<PendingAction>,
    /// Positions and ids of causes that arrived while actions were pending, in order. A finding about the time order can be at the
    /// position of a cause.
    causes: Vec<(u64, Box<str>)>,
    /// Causes added since the last [`Self::remove_satisfied`].
    causes_since_removal: usize,
}

/// An event that lacks a cause for one of its jobs.
#[derive(Debug)]
pub(super) struct PendingAction {
    pub(super) position: u64,
    pub(super) time: i64,
    pub(super) event_type: EventType,
    pub(super) event_id: Box<str>,
    /// The index of the job in the event.
    pub(super) job_index: usize,
    pub(super) job: u64,
    pub(super) job_name: Box<str>,
}

/// Up to this number of pending actions, every cause triggers [`PendingEvents::remove_satisfied`].
const FEW_ACTIONS: usize = 16;

/// Whether an event of this type and time lacks a cause for a job.
pub(super) fn lacks_cause(event_type: EventType, time: i64, state: &JobState) -> bool {
    !state.has_cause(CauseKind::Display, time)
        || CauseKind::needed_by(event_type).is_some_and(|(kind, _)| !state.has_cause(kind, time))
}

impl PendingEvents {
    pub(super) fn new(request_id: &str) -> Self {
        Self {
            request_id: request_id.into(),
            first_event: None,
            actions: Vec::new(),
            causes: Vec::new(),
            causes_since_removal: 0,
        }
    }

    /// Sets the first event of a request, if it does not show jobs.
    pub(super) fn set_first_event(&mut self, position: u64, event_type: EventType, event_id: &str) {
        self.first_event = Some((position, event_type, event_id.into()));
    }

    /// Adds an action that lacks a cause.
    pub(super) fn push(&mut self, action: PendingAction) {
        self.actions.push(action);
    }

    /// Adds a cause that changed the history; returns whether a finding at its position may follow.
    pub(super) fn add_cause(&mut self, position: u64, event_type: EventType, event_id: &str, history: &RequestHistory) -> bool {
        if CauseKind::of(event_type) == Some(CauseKind::Display) {
            self.first_event = None;
        }
        self.causes.push((position, event_id.into()));
        self.causes_since_removal += 1;
        // Amortised: between two removals arrive as many causes as there are actions.
        if self.actions.len() <= FEW_ACTIONS || self.causes_since_removal >= self.actions.len() {
            self.remove_satisfied(history);
        }
        self.causes.last().is_some_and(|(last, _)| *last == position)
    }

    /// Removes the actions that have all their causes, and the causes at which no finding can be.
    fn remove_satisfied(&mut self, history: &RequestHistory) {
        let mut finding_positions = Vec::new();
        self.actions.retain(|action| {
            let state = history.state(action.job);
            let is_pending = lacks_cause(action.event_type, action.time, &state);
            if is_pending {
                let needed = CauseKind::needed_by(action.event_type).and_then(|(kind, _)| state.cause(kind));
                finding_positions.extend(state.cause(CauseKind::Display).into_iter().chain(needed).map(|cause| cause.position));
            }
            is_pending
        });
        finding_positions.sort_unstable();
        self.causes.retain(|(position, _)| finding_positions.binary_search(position).is_ok());
        self.causes_since_removal = 0;
    }

    /// Whether the event at this position is the first of the request and nothing was shown since.
    pub(super) fn is_first_event(&self, position: u64) -> bool {
        self.first_event.as_ref().is_some_and(|(first, ..)| *first == position)
    }

    /// Whether no event is pending.
    pub(super) fn is_empty(&self) -> bool {
        self.first_event.is_none() && self.actions.is_empty()
    }

    /// Reports what is still pending when the request is closed.
    pub(super) fn report(&self, history: &RequestHistory, reporter: &mut Reporter<'_>) {
        if let Some((position, event_type, event_id)) = &self.first_event {
            let first = EventRef { position: *position, event_type: *event_type, event_id, request_id: &self.request_id };
            reporter.report_event(RuleId::RequestHasImpression, first, Part::RequestId, None, None);
        }
        let first_display = history.first_display();
        for action in &self.actions {
            let state = history.state(action.job);
            match state.cause(CauseKind::Display) {
                Some(cause) => self.report_time_order(action, cause, reporter),
                // A request without a display has one finding for all of its events.
                None if first_display.is_none() => {}
                None => self.report_missing_cause(RuleId::JobWasShown, action, first_display, reporter),
            }
            if let Some((kind, rule)) = CauseKind::needed_by(action.event_type) {
                match state.cause(kind) {
                    Some(cause) => self.report_time_order(action, cause, reporter),
                    None => self.report_missing_cause(rule, action, None, reporter),
                }
            }
        }
    }

    fn report_missing_cause(
        &self,
        rule: RuleId,
        action: &PendingAction,
        related: Option<(u64, EventType)>,
        reporter: &mut Reporter<'_>,
    ) {
        reporter.report_event(rule, self.event_ref(action), Part::Job(action.job_index), related, Some(&action.job_name));
    }

    fn report_time_order(&self, action: &PendingAction, cause: Cause, reporter: &mut Reporter<'_>) {
        if cause.time <= action.time {
            return;
        }
        let job = Some(&*action.job_name);
        if cause.position < action.position {
            reporter.report_event(
                RuleId::TimeOrder,
                self.event_ref(action),
                Part::Timestamp,
                Some((cause.position, cause.event_type)),
                job,
            );
            return;
        }
        // The id of a cause that arrived while the action was pending is kept.
        let index = self.causes.binary_search_by_key(&cause.position, |(position, _)| *position);
        let event_id = index.map_or("", |index| &self.causes[index].1);
        let cause = EventRef { position: cause.position, event_type: cause.event_type, event_id, request_id: &self.request_id };
        reporter.report_event(RuleId::TimeOrder, cause, Part::Timestamp, Some((action.position, action.event_type)), job);
    }

    fn event_ref<'a>(&'a self, action: &'a PendingAction) -> EventRef<'a> {
        EventRef {
            position: action.position,
            event_type: action.event_type,
            event_id: &action.event_id,
            request_id: &self.request_id,
        }
    }

    /// The bytes in use, `self` included.
    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.actions.iter().map(|action| action.event_id.len() + action.job_name.len()).sum();
        let ids: usize = self.causes.iter().map(|(_, event_id)| event_id.len()).sum();
        let first = self.first_event.as_ref().map_or(0, |(_, _, event_id)| event_id.len());
        size_of::<Self>()
            + self.actions.capacity() * size_of::<PendingAction>()
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

    fn action(position: u64, time: i64, job: u64) -> PendingAction {
        let texts = || Box::from("text");
        PendingAction { position, time, event_type: EventType::View, event_id: texts(), job_index: 0, job, job_name: texts() }
    }

    /// Records a display as the checker does.
    fn show(pending_events: &mut PendingEvents, history: &mut RequestHistory, position: u64, time: i64, jobs: &[u64]) -> bool {
        history.record_display(EventType::Impression, position, time, jobs)
            && pending_events.add_cause(position, EventType::Impression, "display", history)
    }

    #[test]
    fn an_action_with_its_cause_is_removed() {
        let (mut pending_events, mut history) = (PendingEvents::new("r"), RequestHistory::default());
        pending_events.set_first_event(0, EventType::View, "first");
        pending_events.push(action(0, 10, 1));
        pending_events.push(action(1, 10, 2));
        assert!(!show(&mut pending_events, &mut history, 2, 10, &[1]));
        assert_eq!(pending_events.actions.iter().map(|action| action.job).collect::<Vec<_>>(), [2]);
        // A display that is later than the action is no cause of it.
        assert!(show(&mut pending_events, &mut history, 3, 11, &[2]));
        assert!(!pending_events.is_empty());
        assert_eq!(pending_events.causes.len(), 1);
        assert!(!show(&mut pending_events, &mut history, 4, 9, &[2]));
        assert!(pending_events.is_empty() && pending_events.causes.is_empty());
    }

    #[test]
    fn many_actions_are_searched_rarely_and_all_removed() {
        let (mut pending_events, mut history) = (PendingEvents::new("r"), RequestHistory::default());
        let count = 1_000_u32;
        for number in 0..count {
            pending_events.push(action(number.into(), 10, number.into()));
        }
        let mut searches = 0;
        for number in 0..count {
            let before = pending_events.actions.len();
            show(&mut pending_events, &mut history, u64::from(count + number), 10, &[number.into()]);
            searches += usize::from(pending_events.actions.len() < before);
        }
        assert!(searches < 2 * FEW_ACTIONS, "{searches} searches");
        assert!(pending_events.is_empty());
    }
}
