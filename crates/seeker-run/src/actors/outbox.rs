//! The actor that sends for one arbiter. Its dispatch keeps events until they are due, sends them over the arbiter's own connections in
//! each seeker's order, and passes on the outcomes. The dispatch is bounded: once it holds the maximum number of events, it rejects events
//! of seekers.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, Context, Handler, ResponseActFuture, WrapFuture};
use measure::run_record::OutboxAccount;
use tokio::task::JoinHandle;

use crate::actors::recorder::Recorder;
use crate::clock::sleep;
use crate::delivery::alarm::Alarm;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::{Senders, Transport};
use crate::messages::{Drain, Grace, Record};

/// The minimum time between two checks of the timer for due events, at low rates. Events wait half of it on average.
const RELEASE_MICROS_MIN: u64 = 200;

/// The same if at least [`MANY_EVENTS`] were released since the last check. A longer interval makes each check do more. At such rates,
/// responses arrive all the time and trigger checks too.
const RELEASE_MICROS_MIN_IF_MANY: u64 = 260;

/// The number of events between two checks that counts as a high rate.
const MANY_EVENTS: u64 = 4;

/// How often observations are passed on. The recorder may share the outbox's core, so it must do little work at a time.
const REPORT_MICROS: u64 = 10_000;

/// How often requests in flight are counted and connections are checked.
const COUNT_MICROS: u64 = 100_000;

/// How often a draining outbox is checked.
const DRAIN_TICK: Duration = Duration::from_millis(2);

/// Sends events.
pub(crate) struct Outbox {
    transport: Arc<dyn Transport>,
    dispatch: Rc<Dispatch>,
    /// The maximum number of connections.
    connections: NonZeroUsize,
    recorder: Addr<Recorder>,
    running: Option<Running>,
}

/// The running tasks of an outbox.
struct Running {
    senders: Rc<dyn Senders>,
    /// Releases events, passes observations on, and checks connections.
    tick: JoinHandle<()>,
}

impl Outbox {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        dispatch: Rc<Dispatch>,
        connections: NonZeroUsize,
        recorder: Addr<Recorder>,
    ) -> Self {
        Self { transport, dispatch, connections, recorder, running: None }
    }
}

impl Actor for Outbox {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        let senders = self.transport.start(Rc::clone(&self.dispatch), self.connections);
        let tick = actix::spawn(tick(Rc::clone(&self.dispatch), self.recorder.clone(), Rc::clone(&senders)));
        self.running = Some(Running { senders, tick });
    }
}

impl Running {
    fn stop(&self) {
        self.senders.abort();
        self.tick.abort();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Handler<Drain> for Outbox {
    type Result = ResponseActFuture<Self, OutboxAccount>;

    fn handle(&mut self, Drain(grace): Drain, _: &mut Self::Context) -> Self::Result {
        let (dispatch, recorder) = (Rc::clone(&self.dispatch), self.recorder.clone());
        let running = self.running.take();
        let drained = async move {
            fail_point::hit("drain");
            fail_point::stall("drain");
            settle(&dispatch, &grace).await;
            let senders = running.map(|running| {
                running.stop();
                Rc::clone(&running.senders)
            });
            let remainder = dispatch.finish();
            if let Some(senders) = senders {
                senders.close().await;
            }
            // The recorder outlives the outboxes, unless it has panicked. The run handles a missing recorder.
            let _ = recorder.send(Record(dispatch.take_last_notes())).await;
            remainder
        };
        Box::pin(drained.into_actor(self).map(|remainder, _, ctx| {
            ctx.stop();
            remainder
        }))
    }
}

/// Releases events that are due, passes the observations on and checks the connections.
async fn tick(dispatch: Rc<Dispatch>, recorder: Addr<Recorder>, senders: Rc<dyn Senders>) {
    let clock = dispatch.sending.clock;
    let alarm = Alarm::new();
    let mut released = 0;
    let (mut report_at, mut count_at) = (clock.now().plus(REPORT_MICROS), clock.now().plus(COUNT_MICROS));
    loop {
        fail_point::hit("outbox");
        let now = clock.now();
        dispatch.release(now);
        let released_before = std::mem::replace(&mut released, dispatch.released());
        let wait = if released - released_before < MANY_EVENTS { RELEASE_MICROS_MIN } else { RELEASE_MICROS_MIN_IF_MANY };
        if now >= count_at {
            count_at = now.plus(COUNT_MICROS);
            dispatch.note_in_flight(now);
            dispatch.note_silent_connections(senders.check_connections());
        }
        if now >= report_at {
            report_at = now.plus(REPORT_MICROS);
            pass_on(&dispatch, &recorder);
        }
        let next = dispatch.next_due().map_or(report_at, |due| due.min(report_at)).max(now.plus(wait));
        tokio::select! {
            biased;
            () = dispatch.until_due_before(next) => {}
            () = alarm.after(next.since(now)) => {}
        }
    }
}

/// Passes the observations on if the previous ones have been read.
fn pass_on(dispatch: &Rc<Dispatch>, recorder: &Addr<Recorder>) {
    if let Some(observations) = dispatch.take_notes() {
        let (dispatch, reading) = (Rc::clone(dispatch), recorder.send(Record(observations)));
        actix::spawn(async move {
            if let Ok(read) = reading.await {
                dispatch.give_back(read);
            }
        });
    }
}

/// Waits until all events are settled or the grace period is over.
async fn settle(dispatch: &Dispatch, grace: &Grace) {
    let clock = dispatch.sending.clock;
    let began = clock.now();
    while !dispatch.is_settled() && grace.is_sending(began, clock.now()) {
        sleep(DRAIN_TICK).await;
    }
    dispatch.give_up();
    while !dispatch.is_settled() && grace.is_answering(began, clock.now()) {
        sleep(DRAIN_TICK).await;
    }
}
