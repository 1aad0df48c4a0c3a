//! The lifecycle of one request as a model for state-machine tests: jobs are shown, viewed and applied for, and someone is hired. A
//! lifecycle violates no rule.

use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;

use super::valid_message::{EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, job_name, request_id};
use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::timestamp::EventTimestamp;

/// A request and its events so far. As a [`ReferenceStateMachine`] it is its own state, and a transition is a [`LifecycleStep`].
///
/// | before | step | allowed |
/// |---|---|---|
/// | nothing shown | IMPRESSION or NOTIFICATION of all jobs | always, and nothing else |
/// | shown | NOTIFICATION again, BOOKMARK, `APPLICATION_REDIRECT`, `APPLICATION_COMPANY_SUBMIT`, `SENT_CV` | always |
/// | shown | VIEW | without `VIEW_DIRECT`, `APPLICATION_START_FROM_START`, `APPLICATION_REDIRECT_FROM_START` of the job |
/// | shown | `VIEW_DIRECT`, `APPLICATION_START_FROM_START` | without VIEW |
/// | shown | `APPLICATION_START` | without `APPLICATION_QUICK_SUBMISSION`, `APPLICATION_REDIRECT_FROM_START` |
/// | shown | `APPLICATION_QUICK_SUBMISSION` | without `APPLICATION_START`, `APPLICATION_FINISH` |
/// | shown | `APPLICATION_REDIRECT_FROM_START` | without `APPLICATION_START`, `APPLICATION_FINISH`, VIEW |
/// | begun | `APPLICATION_FINISH` | without `APPLICATION_QUICK_SUBMISSION`, `APPLICATION_REDIRECT_FROM_START` |
/// | submitted | `INTERVIEW_GRANTED`, HIRED | always |
#[derive(Clone, Debug)]
pub struct RequestLifecycle {
    /// The request id.
    pub request_id: RequestId,
    /// The jobs that the search returned, one or more, all different.
    pub jobs: Vec<JobName>,
    /// The events in the order of time. Event ids are unique within the request.
    pub events: Vec<ClientEvent>,
    /// The earliest time of the next event.
    pub(super) now: EventTimestamp,
}

/// The next event of a request.
#[derive(Clone, Debug)]
pub struct LifecycleStep {
    /// The event type.
    pub event_type: EventType,
    /// The index of the job; ignored if the event shows all jobs.
    pub job: usize,
    /// The time since the previous event, in milliseconds.
    pub pause_ms: i64,
}

impl RequestLifecycle {
    /// A request without events, from this time on.
    pub fn new(request_id: RequestId, jobs: Vec<JobName>, now: EventTimestamp) -> Self {
        Self { request_id, jobs, events: Vec::new(), now }
    }

    /// Whether a step violates no rule.
    pub fn allows(&self, step: &LifecycleStep) -> bool {
        step.job < self.jobs.len() && self.allows_type(step.event_type, step.job)
    }

    fn allows_type(&self, event_type: EventType, job: usize) -> bool {
        use EventType::{
            ApplicationCompanySubmit, ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirect,
            ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart, Bookmark, Hired, Impression,
            InterviewGranted, Notification, SentCv, Unspecified, View, ViewDirect,
        };
        if self.events.is_empty() {
            return matches!(event_type, Impression | Notification);
        }
        let has = |event_types: &[EventType]| {
            let job = &self.jobs[job];
            self.events.iter().any(|event| event_types.contains(&event.event_type) && event.related_job_names.contains(job))
        };
        match event_type {
            Unspecified | Impression => false,
            Notification | Bookmark | ApplicationRedirect | ApplicationCompanySubmit | SentCv => true,
            View => !has(&[ViewDirect, ApplicationStartFromStart, ApplicationRedirectFromStart]),
            ViewDirect | ApplicationStartFromStart => !has(&[View]),
            ApplicationStart => !has(&[ApplicationQuickSubmission, ApplicationRedirectFromStart]),
            ApplicationQuickSubmission => !has(&[ApplicationStart, ApplicationFinish]),
            ApplicationRedirectFromStart => !has(&[ApplicationStart, ApplicationFinish, View]),
            ApplicationFinish => {
                has(&[ApplicationStart, ApplicationStartFromStart])
                    && !has(&[ApplicationQuickSubmission, ApplicationRedirectFromStart])
            }
            InterviewGranted | Hired => has(&[
                ApplicationFinish,
                ApplicationQuickSubmission,
                ApplicationRedirect,
                ApplicationRedirectFromStart,
                ApplicationCompanySubmit,
                SentCv,
            ]),
        }
    }

    /// Adds the event of a step. The step must be allowed.
    #[expect(clippy::default_trait_access, reason = "the type of the details does not matter")]
    pub fn apply_step(&mut self, step: &LifecycleStep) {
        self.now = EventTimestamp::from_millis(self.now.as_millis() + step.pause_ms);
        let shows = step.event_type.carries_several_jobs();
        let event = ClientEvent {
            event_id: EventId::new(format!("{}#{}", self.request_id, self.events.len())).expect("not empty"),
            event_type: step.event_type,
            request_id: self.request_id.clone(),
            related_job_names: if shows { self.jobs.clone() } else { vec![self.jobs[step.job].clone()] },
            event_timestamp_millis: self.now,
            details: Default::default(),
        };
        self.events.push(event);
    }
}

impl ReferenceStateMachine for RequestLifecycle {
    type State = Self;
    type Transition = LifecycleStep;

    /// Requests with up to five jobs.
    fn init_state() -> BoxedStrategy<Self> {
        // Leaves room for the events that a violation adds before or after the lifecycle, so all times stay plausible.
        let margin_ms = 1_000 * PAUSE_MAX_MS;
        let start = EARLIEST_TIMESTAMP.as_millis() + margin_ms..LATEST_TIMESTAMP.as_millis() - margin_ms;
        let start = start.prop_map(EventTimestamp::from_millis);
        let jobs = proptest::collection::btree_set(job_name(), 1..=5).prop_map(|jobs| jobs.into_iter().collect());
        (request_id(), jobs, start).prop_map(|(request_id, jobs, now)| Self::new(request_id, jobs, now)).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<LifecycleStep> {
        let all = (0..state.jobs.len()).flat_map(|job| EventType::ALL.map(|event_type| (event_type, job)));
        let steps: Vec<_> = all.filter(|(event_type, job)| state.allows_type(*event_type, *job)).collect();
        // Equal times are common where clocks are coarse.
        let pause_ms = prop_oneof![1 => Just(0), 4 => 1..=PAUSE_MAX_MS];
        (select(steps), pause_ms).prop_map(|((event_type, job), pause_ms)| LifecycleStep { event_type, job, pause_ms }).boxed()
    }

    fn apply(mut state: Self, step: &LifecycleStep) -> Self {
        state.apply_step(step);
        state
    }

    fn preconditions(state: &Self, step: &LifecycleStep) -> bool {
        state.allows(step)
    }
}

/// The longest pause between two events of a request: an hour.
pub(super) const PAUSE_MAX_MS: i64 = 60 * 60 * 1000;
