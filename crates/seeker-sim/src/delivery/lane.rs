//! A lane: one task that sends one request after the other for as long as there are events. Its connection is opened when the first event
//! wants it, and opened anew when it was lost.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::clock::Moment;
use crate::delivery::dispatch::{Dispatch, Receipt};
use crate::delivery::partial;
use crate::delivery::retries::Flight;
use crate::http::{Answer, Connection, ExchangeError, OpenError};
use crate::one_line::one_line;
use crate::tally::Fate;

/// Sends events until it is aborted.
pub(crate) async fn run(dispatch: Rc<Dispatch>) {
    let mut lane = Lane { connection: None, flights: Vec::new(), body: Vec::new(), answer: Vec::new() };
    let work = Rc::new(Notify::new());
    loop {
        while dispatch.take(&mut lane.flights) {
            let (of_request, of_events) = lane.send(&dispatch).await;
            dispatch.conclude_all(&mut lane.flights, &of_request, of_events);
            // The clock has just been read, so what has come due meanwhile goes out without waiting for the timer.
            dispatch.release(of_request.at);
        }
        dispatch.become_idle(&work);
        lane.wait_for(&work).await;
    }
}

struct Lane {
    connection: Option<Connection>,
    /// The events of the request.
    flights: Vec<Flight>,
    /// The body of the request, kept for its room.
    body: Vec<u8>,
    /// The body of the answer, if it may say more than its status.
    answer: Vec<u8>,
}

/// Why there was no answer.
enum Unanswered {
    Open(OpenError),
    Exchange(ExchangeError),
}

impl Lane {
    /// Waits for work, and lets go of a connection that the target closes meanwhile.
    async fn wait_for(&mut self, work: &Notify) {
        if let Some(connection) = &mut self.connection {
            tokio::select! {
                biased;
                () = work.notified() => return,
                () = connection.until_closed() => self.connection = None,
            }
        }
        work.notified().await;
    }

    /// Sends the events that were taken; what came of the request, and of those events of it of which the target says something else.
    async fn send(&mut self, dispatch: &Dispatch) -> (Receipt, BTreeMap<usize, Receipt>) {
        let sending = &dispatch.sending;
        self.write_body(dispatch);
        let attempted = sending.clock.now();
        dispatch.note_attempt(&self.flights, attempted);
        let sent = Cell::new(None);
        let exchanged = timeout(sending.timeout, self.exchange(dispatch, attempted, &sent)).await;
        let at = sending.clock.now();
        if self.connection.as_ref().is_some_and(|connection| !connection.is_reusable()) {
            self.connection = None;
        }
        let again_after = again_after(exchanged.as_ref().map_err(drop));
        let unanswered = |fate, error| Receipt { fate, at, answered_after: None, error: Some(error), again_after };
        let receipt = match exchanged {
            Ok(Ok(answer)) => {
                let (fate, error) = meaning(answer.status, self.flights.len());
                let receipt = Receipt { fate, at, answered_after: sent.get(), error, again_after };
                let of_events = self.told_of_events(&receipt, answer);
                return (receipt, of_events);
            }
            Ok(Err(Unanswered::Open(error))) => unanswered(Fate::Failed, format!("failed to {}", one_line(&error))),
            Ok(Err(Unanswered::Exchange(error))) => unanswered(Fate::Failed, format!("failed to {}", one_line(&error))),
            Err(_) => {
                let limit = humantime::format_duration(sending.timeout);
                if sent.get().is_some() {
                    unanswered(Fate::Unknown, format!("no answer within {limit}"))
                } else {
                    unanswered(Fate::Failed, format!("no connection within {limit}"))
                }
            }
        };
        (receipt, BTreeMap::new())
    }

    /// Writes the events as the body of a request.
    fn write_body(&mut self, dispatch: &Dispatch) {
        let sending = &dispatch.sending;
        self.body.clear();
        sending.form.write(&mut self.body, &self.flights, |Flight { delivery, retry }, body| {
            let begin = body.len();
            let timestamp = sending.clock.timestamp_of(delivery.intended);
            delivery.event.write_json(&sending.model, timestamp, body);
            // The same bytes as before keep or break the same rules.
            if *retry == 0 {
                dispatch.check(&body[begin..]);
            }
        });
        dispatch.pack(&mut self.body);
    }

    /// What the answer says of single events, where the request was taken.
    fn told_of_events(&self, of_request: &Receipt, answer: Answer) -> BTreeMap<usize, Receipt> {
        if of_request.fate != Fate::Acknowledged || self.answer.is_empty() {
            return BTreeMap::new();
        }
        let not_taken = partial::not_taken(&self.answer, self.flights.len()).into_iter();
        let receipts = not_taken.map(|(position, refusal)| {
            let again_after = refusal.is_worth_a_retry().then(|| wanted_after(answer));
            (position, Receipt { fate: refusal.fate(), error: Some(refusal.to_string()), again_after, ..of_request.clone() })
        });
        receipts.collect()
    }

    /// Sends the body and reads the answer, over a new connection if there is none that can be used.
    async fn exchange(
        &mut self,
        dispatch: &Dispatch,
        attempted: Moment,
        sent: &Cell<Option<Moment>>,
    ) -> Result<Answer, Unanswered> {
        let endpoint = &dispatch.sending.endpoint;
        let keep = dispatch.sending.form.is_answered_by_event();
        if let Some(connection) = &mut self.connection {
            sent.set(Some(attempted));
            dispatch.note_sent(&self.flights, attempted);
            match connection.post_keeping(endpoint, &self.body, keep.then_some(&mut self.answer)).await {
                // Nothing went out: the target had closed the connection while it was idle.
                Err(ExchangeError::NotReusable) => {
                    sent.set(None);
                    dispatch.take_back_sent(&self.flights);
                }
                answered => return answered.map_err(Unanswered::Exchange),
            }
        }
        self.connection = None;
        let connection = Connection::open(endpoint).await.map_err(Unanswered::Open)?;
        let connection = self.connection.insert(connection);
        let now = dispatch.sending.clock.now();
        sent.set(Some(now));
        dispatch.note_sent(&self.flights, now);
        connection.post_keeping(endpoint, &self.body, keep.then_some(&mut self.answer)).await.map_err(Unanswered::Exchange)
    }
}

/// What a status means for the events of a request, and what is to be said of it.
fn meaning(status: u16, events: usize) -> (Fate, Option<String>) {
    match status {
        200..300 => (Fate::Acknowledged, None),
        500.. => (Fate::Failed, Some(format!("answered {status}"))),
        300..400 => (Fate::Refused, Some(format!("answered {status}: redirections are not followed"))),
        413 if events > 1 => {
            (Fate::Refused, Some("answered 413: the body is larger than the target takes; lower --batch".to_owned()))
        }
        _ => (Fate::Refused, Some(format!("answered {status}"))),
    }
}

/// Whether an event may be sent again after that, and for how long the target wants to be left alone before: after 429 and 5xx, a
/// connection that was lost or did not come about, and a time-out. A target that refuses, proves to be another one or speaks no
/// HTTP will do so again.
fn again_after(exchanged: Result<&Result<Answer, Unanswered>, ()>) -> Option<Duration> {
    match exchanged {
        Ok(Ok(answer @ Answer { status: 429 | 500.., .. })) => Some(wanted_after(*answer)),
        Ok(Ok(_) | Err(Unanswered::Exchange(ExchangeError::Malformed(_)))) => None,
        Ok(Err(Unanswered::Open(error))) => (!error.is_about_identity()).then_some(Duration::ZERO),
        Ok(Err(Unanswered::Exchange(_))) | Err(()) => Some(Duration::ZERO),
    }
}

/// For how long the target wants to be left alone.
fn wanted_after(answer: Answer) -> Duration {
    answer.retry_after.map(|after| after.wait(SystemTime::now())).unwrap_or_default()
}
