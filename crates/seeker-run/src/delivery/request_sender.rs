//! A sender: one task that sends one request after the other while there are events. Over HTTP/1.1 it has its own connection, which it
//! opens for the first event and reopens after a loss. Over HTTP/2 and HTTP/3 it takes a place in the pool for each request. It takes the place before
//! the events, so that the events wait in the queue.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use event_request::BodyForm;
use event_request::grpc::pubsub::PublishResponse;
use event_request::grpc::read_frame;
use load_plan::EventOutcome;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep};
use transport::http::{Answer, Endpoint, TraceParent, Version};
use transport::token::renewal::Credentials;

use crate::delivery::body::write_body;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::link::{Link, Sent, Unanswered, WaitsFor};
use crate::delivery::partial::{self, Refusal};
use crate::delivery::pool::Pool;
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::Flight;
use crate::delivery::trace::Trace;
use crate::target::service::Service;

/// The maximum response buffer that a sender keeps.
const ANSWER_ROOM_MAX: usize = 16 << 10;

/// The senders of an arbiter, started on demand: one is always idle, unless the maximum number has been started.
pub(crate) struct RequestSenders {
    dispatch: Rc<Dispatch>,
    service: Service,
    pool: Option<Rc<Pool>>,
    most: usize,
    tasks: RefCell<Vec<JoinHandle<()>>>,
}

impl RequestSenders {
    /// Starts the first sender. Each sender has its own HTTP/1.1 connection, or all share the pool.
    pub(crate) fn start(dispatch: Rc<Dispatch>, service: Service, pool: Option<Rc<Pool>>, most: usize) -> Rc<Self> {
        let senders = Rc::new(Self { dispatch, service, pool, most, tasks: RefCell::default() });
        senders.start_one();
        senders
    }

    fn start_one(self: &Rc<Self>) {
        let (senders, dispatch, pool) = (Rc::clone(self), Rc::clone(&self.dispatch), self.pool.clone());
        let sender = if self.dispatch.sending.is_traced {
            actix::spawn(run::<TraceParent>(senders, dispatch, pool))
        } else {
            actix::spawn(run::<()>(senders, dispatch, pool))
        };
        self.tasks.borrow_mut().push(sender);
    }

    fn keep_one_idle(self: &Rc<Self>) {
        if !self.dispatch.has_idle() && self.tasks.borrow().len() < self.most {
            self.start_one();
        }
    }

    /// Aborts the senders in any state.
    pub(crate) fn abort(&self) {
        self.tasks.take().iter().for_each(JoinHandle::abort);
    }
}

/// Sends events until the task is aborted.
async fn run<T: Trace>(senders: Rc<RequestSenders>, dispatch: Rc<Dispatch>, pool: Option<Rc<Pool>>) {
    let link = pool.map_or_else(|| Link::Own(None), |pool| Link::Shared(pool, None));
    let service = senders.service.clone();
    let endpoint = service.endpoint();
    let deadline = Box::pin(sleep(dispatch.sending.timeout));
    let mut sender =
        RequestSender { service, endpoint, link, flights: Vec::new(), body: Vec::new(), answer: Vec::new(), deadline };
    let work = Rc::new(Notify::new());
    loop {
        loop {
            if !sender.link.get_ready(&dispatch).await || !dispatch.take(&mut sender.flights) {
                break;
            }
            senders.keep_one_idle();
            let (of_request, of_events) = sender.send::<T>(&dispatch).await;
            let RequestSender { endpoint, flights, answer, .. } = &mut sender;
            dispatch.conclude_all(flights, &of_request, of_events, || endpoint.said(answer));
            sender.forget_answer();
            // The clock has just been read, so events that are due by now are sent without waiting for the timer. If events already wait
            // for a sender, a release would only move the wait; releasing many events together is faster than one after the other.
            if dispatch.ready() == 0 {
                dispatch.release(of_request.at);
            }
        }
        dispatch.become_idle(&work);
        sender.link.wait_for(&work).await;
    }
}

struct RequestSender {
    service: Service,
    /// The endpoint of the last request.
    endpoint: Arc<Endpoint>,
    link: Link,
    /// The events of the request.
    flights: Vec<Flight>,
    /// The body of the request; the buffer is reused.
    body: Vec<u8>,
    /// The body of the response; the buffer is reused. Empty without a body.
    answer: Vec<u8>,
    /// Ends when a request has taken too long, or earlier. All requests share one timer, which is reset when it ends: resetting it for each
    /// request costs more.
    deadline: Pin<Box<Sleep>>,
}

impl RequestSender {
    /// Sends the events. Returns the receipt of the request, and the receipts of events for which the target reports a different outcome.
    async fn send<T: Trace>(&mut self, dispatch: &Dispatch) -> (Receipt, BTreeMap<usize, Receipt>) {
        let sending = &dispatch.sending;
        self.service.renew(&mut self.endpoint);
        write_body(dispatch, &self.flights, &mut self.body);
        let attempted = sending.clock.now();
        dispatch.note_attempt(&self.flights, attempted);
        let sent = Sent::new(dispatch, &self.endpoint, &self.flights);
        let limit = (sending.clock.instant_of(attempted) + sending.timeout).into();
        let exchanged = tokio::select! {
            biased;
            answered = self.link.exchange(T::of(&self.flights), &self.body, Some(&mut self.answer), attempted, &sent) => Ok(answered),
            () = reaches(self.deadline.as_mut(), limit) => Err(()),
        };
        let waits_for = sent.waits_for();
        if exchanged.is_err() && waits_for == WaitsFor::Connection {
            dispatch.note_failed_connection();
        }
        let (at, sent) = (sending.clock.now(), sent.at());
        if sent.is_some() {
            dispatch.note_ended(at);
        }
        let early_status = self.link.early_status();
        self.link.tidy();
        let again_after = again_after(exchanged.as_ref(), dispatch.sending.form.is_grpc());
        let unanswered = |outcome, error| Receipt { outcome, at, answered_after: None, error: Some(error), again_after };
        let receipt = match exchanged {
            Ok(Ok(answer)) => {
                dispatch.note_first_byte(&self.flights, answer.time_to_first_byte(sending.clock.instant_of(at)));
                let (outcome, error) = match &dispatch.sending.form {
                    BodyForm::Grpc(_) => grpc_meaning(&answer, &self.service.credentials),
                    BodyForm::GrpcPublish(_) => self.publish_meaning(&answer),
                    _ => meaning(answer.status, self.flights.len(), &self.service.credentials),
                };
                let receipt = Receipt { outcome, at, answered_after: sent, error, again_after };
                return self.judge_events(dispatch, receipt, answer);
            }
            Ok(Err(unanswered_by)) => {
                let limit = unanswered_by.local_limit();
                if limit.is_some() {
                    dispatch.note_local_error(&self.flights);
                }
                let outcome = match limit {
                    None => EventOutcome::Failed,
                    Some(_) if sent.is_none() => EventOutcome::NotSent,
                    // The target may have the request, but did not cause the missing response.
                    Some(_) => EventOutcome::Unknown,
                };
                let advice = limit.map(|limit| format!("; {limit}")).unwrap_or_default();
                unanswered(outcome, format!("failed to {}{advice}", unanswered_by.line(&self.endpoint)))
            }
            Err(()) => {
                let limit = humantime::format_duration(sending.timeout);
                if let Some(status) = early_status {
                    let error = format!("answered {status}, but did not read the whole request within {limit}");
                    unanswered(EventOutcome::Unknown, error)
                } else {
                    let (outcome, missing) = self.missing(waits_for, sent.is_some());
                    unanswered(outcome, format!("{missing} within {limit}"))
                }
            }
        };
        (receipt, BTreeMap::new())
    }

    /// The outcome of a request that reached its timeout while it waited for this, and what was missing.
    fn missing(&self, waits_for: WaitsFor, is_sent: bool) -> (EventOutcome, String) {
        let is_http3 = self.endpoint.version() == Version::Http3;
        let missing = match waits_for {
            WaitsFor::Nothing if is_sent => return (EventOutcome::Unknown, "no answer".to_owned()),
            WaitsFor::Nothing | WaitsFor::Connection => self.endpoint.missing_connection(),
            WaitsFor::Permission if is_http3 => "no request allowed by the target (MAX_STREAMS)".to_owned(),
            WaitsFor::Permission => "no request allowed by the target (SETTINGS_MAX_CONCURRENT_STREAMS is 0)".to_owned(),
            WaitsFor::Resend if is_http3 => "no request accepted by the target (H3_REQUEST_REJECTED or GOAWAY)".to_owned(),
            WaitsFor::Resend => "no request accepted by the target (REFUSED_STREAM or GOAWAY)".to_owned(),
        };
        (EventOutcome::Failed, missing)
    }

    /// The outcome of a call to Pub/Sub, which returns one id for each message that it accepted.
    fn publish_meaning(&self, answer: &Answer) -> (EventOutcome, Option<String>) {
        let (outcome, error) = grpc_meaning(answer, &self.service.credentials);
        let ids = read_frame::<PublishResponse>(&self.answer).map_or(0, |response| response.message_ids.len());
        if outcome == EventOutcome::Acknowledged && ids != self.flights.len() {
            return (
                EventOutcome::Unknown,
                Some("answered OK, but the number of message ids differs from the number of events".to_owned()),
            );
        }
        (outcome, error)
    }

    /// Drops the buffer of a long response, which is rare.
    fn forget_answer(&mut self) {
        self.answer.clear();
        self.answer.shrink_to(ANSWER_ROOM_MAX);
    }

    /// Applies the parts of a batch response that report on single events. Returns the receipt of the request, and the receipts of the
    /// events that differ. If the response is not understood, all events are unknown; as after a timeout, a retry is safe, because it has
    /// the same event id.
    fn judge_events(&self, dispatch: &Dispatch, of_request: Receipt, answer: Answer) -> (Receipt, BTreeMap<usize, Receipt>) {
        if of_request.outcome != EventOutcome::Acknowledged || !dispatch.sending.form.is_answered_by_event() {
            return (of_request, BTreeMap::new());
        }
        let refused = match partial::refused_events(&self.answer, answer.is_whole, self.flights.len()) {
            Ok(refused) => refused,
            Err(error) => {
                let error = Some(format!("answered {}, but {error}: the outcome of each event is unknown", answer.status));
                let again_after = Some(wanted_after(answer));
                let unknown =
                    Receipt { outcome: EventOutcome::Unknown, at: of_request.at, answered_after: None, error, again_after };
                return (unknown, BTreeMap::new());
            }
        };
        let receipts = refused.into_iter().map(|(position, refusal)| {
            let again_after = refusal.is_worth_a_retry().then(|| wanted_after(answer));
            (
                position,
                Receipt { outcome: refusal.outcome(), error: Some(refusal.to_string()), again_after, ..of_request.clone() },
            )
        });
        let receipts = receipts.collect();
        (of_request, receipts)
    }
}

/// Resolves at the limit, using a timer that was set for the limit or an earlier time.
async fn reaches(mut timer: Pin<&mut Sleep>, limit: Instant) {
    loop {
        timer.as_mut().await;
        if timer.deadline() >= limit {
            return;
        }
        timer.as_mut().reset(limit);
    }
}

/// The outcome of a request's events for this status, and its error text.
fn meaning(status: u16, events: usize, credentials: &Credentials) -> (EventOutcome, Option<String>) {
    match status {
        200..300 => (EventOutcome::Acknowledged, None),
        500.. => (EventOutcome::Failed, Some(format!("answered {status}"))),
        300..=399 => (EventOutcome::Refused, Some(format!("answered {status}: redirections are not followed"))),
        413 if events > 1 => {
            (EventOutcome::Refused, Some("answered 413: the body is larger than the target accepts; lower --batch".to_owned()))
        }
        401 => (EventOutcome::Refused, Some(format!("answered 401: {}", credentials.refused()))),
        _ => (EventOutcome::Refused, Some(format!("answered {status}"))),
    }
}

/// The outcome of a gRPC call. Without a status the outcome is unknown: the server ended the call without an answer.
fn grpc_meaning(answer: &Answer, credentials: &Credentials) -> (EventOutcome, Option<String>) {
    match (answer.status, answer.grpc_status) {
        (200, Some(0)) => (EventOutcome::Acknowledged, None),
        (200, Some(16)) => (EventOutcome::Refused, Some(format!("answered UNAUTHENTICATED: {}", credentials.refused()))),
        (200, Some(code)) => {
            let refusal = Refusal::of(code);
            (refusal.outcome(), Some(format!("answered {}", refusal.name())))
        }
        (200, None) => (EventOutcome::Unknown, Some("answered without a gRPC status; is the target a gRPC server?".to_owned())),
        (status, _) => meaning(status, 1, credentials),
    }
}

/// Whether events may be retried after this exchange, and how long the target asks to wait: after 429 and 5xx, a connection that was lost
/// or failed to open, and a timeout. No retry if the target refuses, has the wrong identity or does not speak HTTP, because it will do so
/// again.
fn again_after(exchanged: Result<&Result<Answer, Unanswered>, &()>, is_grpc: bool) -> Option<Duration> {
    match exchanged {
        Ok(Ok(answer @ Answer { status: 200, .. })) if is_grpc => {
            let is_worth_a_retry = answer.grpc_status.is_none_or(|code| Refusal::of(code).is_worth_a_retry());
            is_worth_a_retry.then(|| wanted_after(*answer))
        }
        Ok(Ok(answer @ Answer { status: 429 | 500.., .. })) => Some(wanted_after(*answer)),
        Ok(Ok(_)) => None,
        Ok(Err(Unanswered::Exchange(error))) if error.is_malformed() => None,
        Ok(Err(Unanswered::Open(error))) => (!error.is_about_identity()).then_some(Duration::ZERO),
        Ok(Err(Unanswered::Exchange(_))) | Err(()) => Some(Duration::ZERO),
    }
}

/// How long the target asks to wait.
fn wanted_after(answer: Answer) -> Duration {
    answer.retry_after.map(|after| after.wait(SystemTime::now())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request that follows others has its full timeout, whatever earlier time the timer was set for.
    #[tokio::test]
    async fn a_time_limit_is_reached_and_not_missed() {
        const STEP: Duration = Duration::from_millis(20);
        let mut timer = Box::pin(sleep(STEP));
        for steps in [3, 1, 0, 2] {
            let limit = Instant::now() + steps * STEP;
            reaches(timer.as_mut(), limit).await;
            assert!(Instant::now() >= limit);
        }
    }
}
