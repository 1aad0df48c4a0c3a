//! Streams that violate one rule.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::request_lifecycle::PAUSE_MAX_MS;
use super::streams::{EventStream, in_order, valid_stream};
use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::rules::RuleId;
use crate::sequence::Search;
use crate::timestamp::EventTimestamp;

/// A stream that violates one rule.
#[derive(Clone, Debug)]
pub struct BrokenStream {
    /// The stream. A checker finds D3 and D9 only with the searches of the stream. With searches, a violation of W2 also violates D9, because a
    /// request without an impression is a search that was never shown. All other rules are violated alone, with and without searches.
    pub stream: EventStream,
    /// The only rule that the stream violates, at least once.
    pub rule: RuleId,
}

/// The rules that a stream of valid messages can violate.
pub const SEQUENCE_RULES: [RuleId; 14] = [
    RuleId::UniqueEventId,
    RuleId::RequestIdFromSearch,
    RuleId::QuickSubmissionExcludesStart,
    RuleId::StartFromStartExcludesView,
    RuleId::RedirectFromStartExcludesOthers,
    RuleId::HiredAfterApplication,
    RuleId::InterviewAfterApplication,
    RuleId::ConsistentWithSearches,
    RuleId::OneImpressionPerRequest,
    RuleId::RequestHasImpression,
    RuleId::JobWasShown,
    RuleId::FinishAfterStart,
    RuleId::TimeOrder,
    RuleId::ViewDirectExcludesView,
];

/// Streams that violate any of [`SEQUENCE_RULES`].
pub fn broken_stream() -> impl Strategy<Value = BrokenStream> {
    select(&SEQUENCE_RULES).prop_flat_map(broken_stream_by)
}

/// Streams that violate this rule and no other. A rule that is not one of [`SEQUENCE_RULES`] is about a single message, see
/// [`broken_message_by`](super::broken_message_by); the stream is then valid.
pub fn broken_stream_by(rule: RuleId) -> impl Strategy<Value = BrokenStream> {
    (valid_stream(), any::<[Index; 3]>(), 0..PAUSE_MAX_MS).prop_map(move |(stream, choices, pause_ms)| {
        let request_id = choices[0].get(&stream.events).request_id.clone();
        let mut mutation = Mutation { stream, request_id, choices, pause_ms, added: 0 };
        mutation.breaks(rule);
        // A violation of the time order must not depend on the order of arrival.
        if rule != RuleId::TimeOrder {
            in_order(&mut mutation.stream.events);
        }
        BrokenStream { stream: mutation.stream, rule }
    })
}

/// A change that breaks a rule. The added events are about a job that no other event names, so the change breaks no other rule.
struct Mutation {
    stream: EventStream,
    /// The chosen request.
    request_id: RequestId,
    choices: [Index; 3],
    pause_ms: i64,
    /// The number of added events.
    added: usize,
}

impl Mutation {
    fn breaks(&mut self, rule: RuleId) {
        use EventType::{
            ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirectFromStart, ApplicationStart,
            ApplicationStartFromStart, Hired, Impression, InterviewGranted, View, ViewDirect,
        };
        match rule {
            RuleId::UniqueEventId => {
                let mut event = self.choices[0].get(&self.stream.events).clone();
                event.event_timestamp_millis =
                    EventTimestamp::from_millis(event.event_timestamp_millis.as_millis() + 1 + self.pause_ms);
                self.stream.events.push(event);
            }
            RuleId::RequestIdFromSearch => {
                let mut event = self.copy(Impression);
                event.request_id = RequestId::new(format!("{} of no search", event.request_id)).expect("not empty");
                self.stream.events.push(event);
            }
            RuleId::ConsistentWithSearches => self.breaks_searches(),
            RuleId::QuickSubmissionExcludesStart => {
                self.acts(&[
                    &[ApplicationStart, ApplicationQuickSubmission],
                    &[ApplicationStart, ApplicationFinish, ApplicationQuickSubmission],
                ]);
            }
            RuleId::StartFromStartExcludesView => self.acts(&[&[ApplicationStartFromStart, View]]),
            RuleId::RedirectFromStartExcludesOthers => {
                self.acts(&[
                    &[ApplicationRedirectFromStart, View],
                    &[ApplicationRedirectFromStart, ApplicationStart],
                    &[ApplicationRedirectFromStart, ApplicationStartFromStart, ApplicationFinish],
                ]);
            }
            RuleId::ViewDirectExcludesView => self.acts(&[&[View, ViewDirect]]),
            RuleId::HiredAfterApplication => self.acts(&[&[Hired], &[View, ApplicationStart, Hired]]),
            RuleId::InterviewAfterApplication => self.acts(&[&[InterviewGranted], &[InterviewGranted, InterviewGranted]]),
            RuleId::FinishAfterStart => self.acts(&[&[ApplicationFinish], &[ApplicationFinish, Hired]]),
            RuleId::OneImpressionPerRequest => {
                let impression = self.copy(Impression);
                let same = |event: &&ClientEvent| event.request_id == impression.request_id && event.event_type == Impression;
                if !self.stream.events.iter().any(|event| same(&event)) {
                    let first = self.copy(Impression);
                    self.stream.events.push(first);
                }
                self.stream.events.push(impression);
            }
            RuleId::RequestHasImpression => self.hides_a_request(),
            RuleId::JobWasShown => {
                let (job, mut event) = (self.new_job(false), self.copy(View));
                event.related_job_names = vec![job];
                self.stream.events.push(event);
            }
            RuleId::TimeOrder => self.breaks_time(),
            RuleId::MessageForm | RuleId::RequiredFields | RuleId::JobsOfAnEvent | RuleId::JobNameForm => {}
        }
    }

    /// A new event of the request about all of its jobs, later than all other events.
    fn copy(&mut self, event_type: EventType) -> ClientEvent {
        let request_id = self.request_id.clone();
        let shown = self
            .stream
            .events
            .iter()
            .find(|event| event.request_id == request_id)
            .expect("the request was chosen from the events");
        let latest = self.stream.events.iter().map(|event| event.event_timestamp_millis).max().expect("the stream has events");
        self.added += 1;
        ClientEvent {
            event_id: EventId::new(format!("{request_id}#added {}", self.added)).expect("not empty"),
            event_type,
            event_timestamp_millis: EventTimestamp::from_millis(latest.as_millis() + self.pause_ms),
            ..shown.clone()
        }
    }

    /// A new job that the search of the request returns. With `shown`, all events of the request that show jobs show it.
    fn new_job(&mut self, shown: bool) -> JobName {
        let request_id = self.request_id.clone();
        let taken = |job: &JobName| self.stream.events.iter().any(|event| event.related_job_names.contains(job));
        let mut names = (0..).map(|number| JobName::new(format!("jobs/new-{number}")).expect("not empty"));
        let job = names.find(|job| !taken(job)).expect("the names are endless");
        for event in &mut self.stream.events {
            if shown && event.request_id == request_id && event.event_type.carries_several_jobs() {
                event.related_job_names.push(job.clone());
            }
        }
        for search in &mut self.stream.searches {
            if *search.request_id == *request_id.as_str() {
                search.jobs.push(job.as_str().into());
            }
        }
        job
    }

    /// Adds one of these sequences of events for a shown job.
    fn acts(&mut self, sequences: &[&[EventType]]) {
        let job = self.new_job(true);
        let sequence = self.choices[1].get(sequences);
        for event_type in *sequence {
            let mut event = self.copy(*event_type);
            event.related_job_names = vec![job.clone()];
            self.stream.events.push(event);
        }
    }

    /// A search whose jobs no event shows, or an event with jobs that its search did not return.
    fn breaks_searches(&mut self) {
        let request_id = self.request_id.clone();
        if self.choices[1].index(2) == 0 {
            let request_id = format!("{request_id} never shown").into_boxed_str();
            self.stream.searches.push(Search { request_id, jobs: vec!["jobs/1".into()] });
            return;
        }
        let choice = self.choices[2];
        for search in &mut self.stream.searches {
            if *search.request_id == *request_id.as_str() {
                search.jobs.remove(choice.index(search.jobs.len()));
            }
        }
    }

    /// Removes the events that show the jobs of a request. Keeps at least one event.
    fn hides_a_request(&mut self) {
        let mut event = self.copy(EventType::Bookmark);
        event.related_job_names.truncate(1);
        self.stream.events.push(event);
        let request_id = &self.request_id;
        self.stream.events.retain(|event| event.request_id != *request_id || !event.event_type.carries_several_jobs());
    }

    /// An event that is earlier than its cause. It arrives before or after the cause.
    fn breaks_time(&mut self) {
        let job = self.new_job(true);
        let request_id = self.request_id.clone();
        let of_request = |event: &&ClientEvent| event.request_id == request_id && event.event_type.carries_several_jobs();
        let shown = self.stream.events.iter().filter(of_request).map(|event| event.event_timestamp_millis).min();
        let shown = shown.expect("every request of a valid stream shows its jobs").as_millis();
        let mut event = self.copy(EventType::View);
        event.related_job_names = vec![job];
        event.event_timestamp_millis = EventTimestamp::from_millis(shown - 1 - self.pause_ms);
        let place = self.choices[1].index(self.stream.events.len() + 1);
        self.stream.events.insert(place, event);
    }
}
