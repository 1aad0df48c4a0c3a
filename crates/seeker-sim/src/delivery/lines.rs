//! Sends events as lines of a file. One task of an arbiter writes what is due; while it writes, more becomes due, and goes with the next piece.
//! What the operating system takes counts as acknowledged.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use load_plan::EventOutcome;
use tokio::sync::Notify;

use crate::delivery::body::write_body;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::line_sink::LineSink;
use crate::delivery::receipt::Receipt;

/// The most events in one piece.
pub(crate) const EVENTS_MAX: usize = 1_000;

/// Writes events until it is aborted.
pub(crate) async fn run(dispatch: Rc<Dispatch>, sink: Arc<LineSink>) {
    let clock = dispatch.sending.clock;
    let (mut flights, mut lines) = (Vec::new(), Vec::new());
    let work = Rc::new(Notify::new());
    loop {
        while dispatch.take(&mut flights) {
            write_body(&dispatch, &flights, &mut lines);
            let sent = clock.now();
            dispatch.note_attempt(&flights, sent);
            dispatch.note_sent(&flights, sent);
            let written = sink.write(&mut lines).await;
            let at = clock.now();
            dispatch.note_ended(at);
            let receipt = match written {
                Ok(()) => Receipt {
                    outcome: EventOutcome::Acknowledged,
                    at,
                    answered_after: Some(sent),
                    error: None,
                    again_after: None,
                },
                Err(error) => {
                    let error = Some(format!("failed to write: {error}"));
                    Receipt { outcome: EventOutcome::Failed, at, answered_after: None, error, again_after: None }
                }
            };
            dispatch.conclude_all(&mut flights, &receipt, BTreeMap::new(), || None);
            dispatch.release(at);
        }
        dispatch.become_idle(&work);
        work.notified().await;
    }
}
