//! A lane: one task with one connection, which sends one event after the other for as long as there are any. The connection is
//! opened when the first event wants it, and opened anew when it was lost.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::clock::Moment;
use crate::delivery::dispatch::{Dispatch, Receipt};
use crate::delivery::gzip::Gzip;
use crate::delivery::retries::Flight;
use crate::http::{Answer, Connection, ExchangeError, OpenError};
use crate::one_line::one_line;
use crate::tally::Fate;

/// Sends events until it is aborted.
pub(crate) async fn run(dispatch: Rc<Dispatch>) {
    let mut lane = Lane { connection: None, body: Vec::new(), gzip: dispatch.sending.gzip.then(Gzip::new) };
    let work = Rc::new(Notify::new());
    loop {
        while let Some(flight) = dispatch.take() {
            let receipt = lane.send(&flight, &dispatch).await;
            let now = receipt.at;
            dispatch.conclude(flight, receipt);
            // The clock has just been read, so what has come due meanwhile goes out without waiting for the timer.
            dispatch.release(now);
        }
        dispatch.become_idle(&work);
        lane.wait_for(&work).await;
    }
}

struct Lane {
    connection: Option<Connection>,
    /// The body of the request, kept for its room.
    body: Vec<u8>,
    /// What packs it, if it is to be packed.
    gzip: Option<Gzip>,
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

    async fn send(&mut self, flight: &Flight, dispatch: &Dispatch) -> Receipt {
        let (sending, delivery) = (&dispatch.sending, &flight.delivery);
        self.body.clear();
        let timestamp = sending.clock.timestamp_of(delivery.intended);
        delivery.event.write_json(&sending.model, timestamp, &mut self.body);
        // The same bytes as before keep or break the same rules.
        if flight.retry == 0 {
            dispatch.check(&self.body);
        }
        sending.form.convert(&mut self.body, 0);
        if let Some(gzip) = &mut self.gzip {
            gzip.pack(&mut self.body);
        }
        let attempted = sending.clock.now();
        dispatch.note_attempt(flight, attempted);
        let sent = Cell::new(None);
        let exchanged = timeout(sending.timeout, self.exchange(flight, dispatch, attempted, &sent)).await;
        let at = sending.clock.now();
        if self.connection.as_ref().is_some_and(|connection| !connection.is_reusable()) {
            self.connection = None;
        }
        let again_after = again_after(exchanged.as_ref().map_err(drop));
        let answered = |fate, error| Receipt { fate, at, answered_after: sent.get(), error, again_after };
        let unanswered = |fate, error| Receipt { fate, at, answered_after: None, error: Some(error), again_after };
        match exchanged {
            Ok(Ok(Answer { status, .. })) => match status {
                200..300 => answered(Fate::Acknowledged, None),
                500.. => answered(Fate::Failed, Some(format!("answered {status}"))),
                300..400 => answered(Fate::Refused, Some(format!("answered {status}: redirections are not followed"))),
                _ => answered(Fate::Refused, Some(format!("answered {status}"))),
            },
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
        }
    }

    /// Sends the body and reads the answer, over a new connection if there is none that can be used.
    async fn exchange(
        &mut self,
        flight: &Flight,
        dispatch: &Dispatch,
        attempted: Moment,
        sent: &Cell<Option<Moment>>,
    ) -> Result<Answer, Unanswered> {
        let endpoint = &dispatch.sending.endpoint;
        if let Some(connection) = &mut self.connection {
            sent.set(Some(attempted));
            dispatch.note_sent(flight, attempted);
            match connection.post(endpoint, &self.body).await {
                // Nothing went out: the target had closed the connection while it was idle.
                Err(ExchangeError::NotReusable) => {
                    sent.set(None);
                    dispatch.take_back_sent(flight);
                }
                answered => return answered.map_err(Unanswered::Exchange),
            }
        }
        self.connection = None;
        let connection = Connection::open(endpoint).await.map_err(Unanswered::Open)?;
        let connection = self.connection.insert(connection);
        let now = dispatch.sending.clock.now();
        sent.set(Some(now));
        dispatch.note_sent(flight, now);
        connection.post(endpoint, &self.body).await.map_err(Unanswered::Exchange)
    }
}

/// Whether an event may be sent again after that, and for how long the target wants to be left alone before: after 429 and 5xx, a
/// connection that was lost or did not come about, and a time-out. A target that refuses, proves to be another one or speaks no
/// HTTP will do so again.
fn again_after(exchanged: Result<&Result<Answer, Unanswered>, ()>) -> Option<Duration> {
    match exchanged {
        Ok(Ok(Answer { status: 429 | 500.., retry_after })) => {
            Some(retry_after.map(|after| after.wait(SystemTime::now())).unwrap_or_default())
        }
        Ok(Ok(_) | Err(Unanswered::Exchange(ExchangeError::Malformed(_)))) => None,
        Ok(Err(Unanswered::Open(error))) => (!error.is_about_identity()).then_some(Duration::ZERO),
        Ok(Err(Unanswered::Exchange(_))) | Err(()) => Some(Duration::ZERO),
    }
}
