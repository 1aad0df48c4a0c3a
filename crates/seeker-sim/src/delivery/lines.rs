//! Sends events as lines of a file. One task per arbiter writes the events that are due. Events that become due during a write go into the
//! next piece. An event counts as acknowledged once the operating system has accepted it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::time::Duration;

use load_plan::EventOutcome;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::delivery::body::write_body;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::line_sink::{LineSink, Pieces};
use crate::delivery::receipt::Receipt;
use crate::delivery::transport::{LocalFuture, Senders, Transport, Unready};

/// The maximum number of events in one piece.
const EVENTS_MAX: usize = 1_000;

impl Transport for LineSink {
    fn address(&self) -> String {
        LineSink::address(self).to_string()
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), Unready>> {
        Box::pin(async move {
            match timeout(limit, self.opened()).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(Unready::Unusable(Box::new(error))),
                // Regular files open at once, so this is a pipe.
                Err(_) => Err(Unready::Unreachable(format!(
                    "{} has no reader: not opened within {}; start the program that reads from the pipe first",
                    LineSink::address(self),
                    humantime::format_duration(limit)
                ))),
            }
        })
    }

    /// The batch size does not apply to lines.
    fn batch_max(&self, _: usize) -> usize {
        EVENTS_MAX
    }

    fn start(&self, dispatch: Rc<Dispatch>, _: NonZeroUsize) -> Rc<dyn Senders> {
        Rc::new(Writer(actix::spawn(write_events(dispatch, self.pieces()))))
    }
}

/// The task that writes the events of one arbiter.
struct Writer(JoinHandle<()>);

impl Senders for Writer {
    fn abort(&self) {
        self.0.abort();
    }
}

/// Writes events until it is aborted.
async fn write_events(dispatch: Rc<Dispatch>, sink: Pieces) {
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
