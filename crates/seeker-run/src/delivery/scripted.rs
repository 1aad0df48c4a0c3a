//! A simulated target for tests: the reply to a request is a function of its arrival time and the earlier requests. It implements the same
//! interface as the real connections, so all other code is the production code. Its log of requests lets a test compute the expected
//! statistics independently.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use load_plan::load::Phase;
use load_plan::{EventOutcome, Moment};
use tokio::sync::Notify;

use crate::clock::sleep;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::receipt::Receipt;
use crate::delivery::transport::{LocalFuture, NotReady, Senders, Transport};

/// The reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A response with this status at this time.
    At(Moment, u16),
    /// No response.
    Never,
}

/// An event as seen by the target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) scheduled: Moment,
    pub(crate) sent: Moment,
    pub(crate) reply: Reply,
    pub(crate) is_measured: bool,
}

/// Decides the reply from the arrival time of a request and its number.
type Script = Box<dyn FnMut(Moment, u64) -> Reply + Send>;

/// A target with scripted replies.
pub(crate) struct ScriptedTarget {
    script: Mutex<(Script, u64)>,
    log: Mutex<Vec<Seen>>,
}

impl ScriptedTarget {
    pub(crate) fn new(script: impl FnMut(Moment, u64) -> Reply + Send + 'static) -> Self {
        Self { script: Mutex::new((Box::new(script), 0)), log: Mutex::default() }
    }

    /// All events that the target saw.
    pub(crate) fn log(&self) -> Vec<Seen> {
        self.log.lock().unwrap().clone()
    }

    fn reply(&self, at: Moment) -> Reply {
        let (script, number) = &mut *self.script.lock().unwrap();
        *number += 1;
        script(at, *number - 1)
    }
}

impl Transport for Arc<ScriptedTarget> {
    fn address(&self) -> String {
        "scripted".to_owned()
    }

    fn reach(&self, _: Duration) -> LocalFuture<'_, Result<(), NotReady>> {
        Box::pin(async { Ok(()) })
    }

    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders> {
        let tasks = (0..connections.get()).map(|_| actix::spawn(sender(Rc::clone(&dispatch), Arc::clone(self))));
        Rc::new(Tasks(tasks.collect()))
    }
}

/// One task per connection.
struct Tasks(Vec<tokio::task::JoinHandle<()>>);

impl Senders for Tasks {
    fn abort(&self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn sender(dispatch: Rc<Dispatch>, target: Arc<ScriptedTarget>) {
    let (clock, timeout) = (dispatch.sending.clock, dispatch.sending.timeout);
    let work = Rc::new(Notify::new());
    let mut flights = Vec::new();
    loop {
        while dispatch.take(&mut flights) {
            let sent = clock.now();
            dispatch.note_attempt(&flights, sent);
            dispatch.note_sent(&flights, sent);
            let reply = target.reply(sent);
            let seen = flights.iter().map(|flight| Seen {
                scheduled: flight.delivery.scheduled,
                sent,
                reply,
                is_measured: flight.delivery.phase == Phase::Measured,
            });
            target.log.lock().unwrap().extend(seen);
            let limit = sent.plus(u64::try_from(timeout.as_micros()).unwrap());
            let receipt = match reply {
                Reply::At(at, status) if at < limit => {
                    until(&dispatch, at).await;
                    let outcome = match status {
                        200..300 => EventOutcome::Acknowledged,
                        500.. => EventOutcome::Failed,
                        _ => EventOutcome::Refused,
                    };
                    let error = (outcome != EventOutcome::Acknowledged).then(|| format!("answered {status}"));
                    Receipt { outcome, at: clock.now(), answered_after: Some(sent), error, again_after: None }
                }
                Reply::At(..) | Reply::Never => {
                    until(&dispatch, limit).await;
                    let error = Some("no answer".to_owned());
                    Receipt { outcome: EventOutcome::Unknown, at: clock.now(), answered_after: None, error, again_after: None }
                }
            };
            dispatch.note_ended(receipt.at);
            dispatch.conclude_all(&mut flights, &receipt, BTreeMap::new(), || None);
            if dispatch.ready() == 0 {
                dispatch.release(receipt.at);
            }
        }
        dispatch.become_idle(&work);
        work.notified().await;
    }
}

async fn until(dispatch: &Dispatch, moment: Moment) {
    let wait: Duration = moment.since(dispatch.sending.clock.now());
    if !wait.is_zero() {
        sleep(wait).await;
    }
}
