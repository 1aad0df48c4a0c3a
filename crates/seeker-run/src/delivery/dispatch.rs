//! The shared state of an outbox and its senders: the queue, the observations and the list of idle senders. This state is used on one
//! thread only. No borrow is held across an await.

mod bookkeeping;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actor_slab::ActorKey;
use event_request::BodyForm;
use load_plan::load::Phase;
use load_plan::{EventOutcome, Moment};
use measure::observations::{Observations, Release};
use measure::run_record::OutboxAccount;
use measure::sent_check::SentCheck;
use seeker_model::Model;
use tokio::sync::Notify;

use crate::clock::RunClock;
use crate::delivery::gzip::Gzip;
use crate::delivery::in_flight::RequestsInFlight;
use crate::delivery::queue::{Delivery, Queue};
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::{Flight, Retries, RetryPolicy};

/// The settings of the senders.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent settings")]
pub(crate) struct Sending {
    pub(crate) model: Arc<Model>,
    /// The form of the request body.
    pub(crate) form: BodyForm,
    /// The maximum number of events per request, at least 1.
    pub(crate) batch_max: usize,
    /// How long events wait for a full batch, if at all.
    pub(crate) batch_wait: Option<BatchWait>,
    /// The maximum number of concurrent requests per HTTP/2 or HTTP/3 connection; `None` for HTTP/1.1.
    pub(crate) streams: Option<NonZeroUsize>,
    /// Whether the target acknowledges events.
    pub(crate) awaits_acks: bool,
    /// Whether requests carry the trace of their first event.
    pub(crate) is_traced: bool,
    /// Whether bodies are compressed.
    pub(crate) gzip: bool,
    pub(crate) clock: RunClock,
    /// The response timeout, from the moment of sending.
    pub(crate) timeout: Duration,
    /// How often an event is retried.
    pub(crate) retry: RetryPolicy,
    /// When the warm-up ends.
    pub(crate) measured_from: Moment,
    /// When the load ends.
    pub(crate) end: Moment,
    /// Whether sent events are checked against the rules.
    pub(crate) check_sent: bool,
}

/// How long events wait for a full batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchWait {
    /// The maximum wait.
    pub(crate) micros: u64,
    /// The time from which nothing waits. It is shortly before the load ends, so that every event due during the load is also sent during
    /// it.
    pub(crate) until: Moment,
}

impl BatchWait {
    /// How long before the end of the load the waiting ends.
    const ENDS_BEFORE: Duration = Duration::from_millis(10);

    /// Returns `None` if there is no wait.
    pub(crate) fn new(wait: Duration, load: Duration) -> Option<Self> {
        let micros = Moment::from_duration(wait).micros_since(Moment::default());
        (micros > 0).then(|| Self { micros, until: Moment::from_duration(load.saturating_sub(Self::ENDS_BEFORE)) })
    }
}

/// Receives the outcomes of events for the actors that created them.
pub(crate) trait OutcomeListener {
    /// The outcome of an event of this actor is known. The actor may have ended.
    fn settled(&self, sender: ActorKey, outcome: EventOutcome);
}

/// The queue and the observations of one arbiter.
pub(crate) struct Dispatch {
    pub(crate) sending: Sending,
    queue: RefCell<Queue>,
    retries: RefCell<Retries>,
    observations: Rc<RefCell<Observations>>,
    /// Receives the outcome of each event.
    listener: Box<dyn OutcomeListener>,
    /// Empty observations that replace the ones passed on; `None` while the recorder reads them.
    read_notes: RefCell<Option<Box<Observations>>>,
    sent_check: Option<RefCell<SentCheck>>,
    /// The compressor, if bodies are compressed. All senders share it, because it takes a quarter of a megabyte.
    gzip: Option<RefCell<Gzip>>,
    in_flight: RefCell<RequestsInFlight>,
    /// Idle request senders. The last one to become idle is the first one to wake, so that no more connections are opened than needed.
    idle: RefCell<Vec<Rc<Notify>>>,
    /// When the queue is checked next.
    looks_again: Cell<Moment>,
    /// Notified when an event is offered that is due before the next check.
    is_due_earlier: Notify,
    /// The number of released events.
    released: Cell<u64>,
}

impl Dispatch {
    /// The maximum number of unsent events. At the highest rate of one arbiter, this is more than half a second's worth.
    pub(crate) const CAPACITY: usize = 65_536;

    pub(crate) fn new(sending: Sending, observations: Rc<RefCell<Observations>>, listener: Box<dyn OutcomeListener>) -> Self {
        let sent_check = sending.check_sent.then(|| RefCell::new(SentCheck::new()));
        let gzip = sending.gzip.then(|| RefCell::new(Gzip::new()));
        Self {
            retries: RefCell::new(Retries::new(sending.retry)),
            in_flight: RefCell::new(RequestsInFlight::new(sending.measured_from, sending.end)),
            sending,
            queue: RefCell::default(),
            observations,
            listener,
            read_notes: RefCell::new(Some(Box::default())),
            sent_check,
            gzip,
            idle: RefCell::default(),
            looks_again: Cell::default(),
            is_due_earlier: Notify::new(),
            released: Cell::new(0),
        }
    }

    /// Accepts an event if there is room. Returns whether there was.
    pub(crate) fn offer(&self, delivery: Delivery) -> bool {
        if self.room() == 0 {
            return false;
        }
        self.look_at(delivery.scheduled);
        self.queue.borrow_mut().offer(delivery);
        true
    }

    /// Moves the next check of the queue to this time, if that is earlier.
    fn look_at(&self, due: Moment) {
        if due < self.looks_again.get() {
            // One notification is enough: the waiting task checks the queue before it waits again.
            self.looks_again.set(Moment::default());
            self.is_due_earlier.notify_one();
        }
    }

    /// Waits until an event is offered that is due before this moment.
    pub(crate) async fn until_due_before(&self, moment: Moment) {
        self.looks_again.set(moment);
        self.is_due_earlier.notified().await;
    }

    /// When to call [`Dispatch::release`] next: when the next unreleased event is due, or when an event has waited long enough for a full
    /// batch and a sender is idle.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        let (first, again) = (self.queue.borrow().next_due(), self.retries.borrow().next_due());
        let partial = self.partial_due().filter(|_| self.has_idle());
        first.into_iter().chain(again).chain(partial).min()
    }

    /// When a partial batch is sent, if events wait for a full batch at all.
    fn partial_due(&self) -> Option<Moment> {
        let BatchWait { micros, until } = self.sending.batch_wait?;
        let (ready, again) = (self.queue.borrow().ready_since(), self.retries.borrow().ready_since());
        let since = ready.into_iter().chain(again).min()?;
        Some(since.plus(micros).min(until))
    }

    /// The number of events that wait for a sender, including the ones that will have to wait behind an event in flight.
    pub(crate) fn ready(&self) -> usize {
        self.queue.borrow().ready() + self.retries.borrow().ready()
    }

    /// The number of events that can still be accepted.
    pub(crate) fn room(&self) -> u64 {
        Self::CAPACITY.saturating_sub(self.held()) as u64
    }

    /// The number of events that wait to be sent or retried.
    fn held(&self) -> usize {
        self.queue.borrow().unsent() + self.retries.borrow().len()
    }

    /// Releases the events that are due and wakes as many senders as are needed for their requests.
    pub(crate) fn release(&self, now: Moment) {
        let (mut queue, mut retries) = (self.queue.borrow_mut(), self.retries.borrow_mut());
        retries.release(now);
        let is_due = queue.next_due().is_some_and(|due| due <= now);
        // The sender that settles an event takes the next event of the same seeker, so no sender needs to wake for it.
        if !is_due && retries.ready() == 0 && self.sending.batch_wait.is_none() {
            return;
        }
        let mut observations = self.observations.borrow_mut();
        let mut released = self.released.get();
        queue.release(now, |phase, late_micros| {
            released += 1;
            if phase == Phase::Measured {
                observations.releases.push(Release { at: now, late_micros });
            }
        });
        self.released.set(released);
        drop((queue, retries, observations));
        let (full, rest) = (self.ready() / self.sending.batch_max, self.ready() % self.sending.batch_max);
        let is_rest_due = rest > 0 && self.partial_due().is_none_or(|due| due <= now);
        let mut idle = self.idle.borrow_mut();
        for _ in 0..full + usize::from(is_rest_due) {
            let Some(sender) = idle.pop() else { break };
            sender.notify_one();
        }
    }

    /// The number of events released so far.
    pub(crate) fn released(&self) -> u64 {
        self.released.get()
    }

    /// Takes the events of the next request for a sender. Returns whether there are any. Retries go first, because they are older.
    pub(crate) fn take(&self, flights: &mut Vec<Flight>) -> bool {
        if self.ready() == 0 {
            return false;
        }
        if let Some(due) = self.partial_due()
            && due > self.sending.clock.now()
            && !self.queue.borrow().fills(self.sending.batch_max.saturating_sub(self.retries.borrow().ready()))
        {
            self.look_at(due);
            return false;
        }
        let (mut queue, mut retries) = (self.queue.borrow_mut(), self.retries.borrow_mut());
        let retry = |(flight, cause): (Flight, Option<String>)| {
            // Counted now, because an event may be given up before its retry.
            if let Some(error) = cause.filter(|_| flight.delivery.phase == Phase::Measured) {
                self.observations.borrow_mut().retries.cause(error);
            }
            flight
        };
        let next = || retries.take().map(retry).or_else(|| queue.take().map(Flight::first));
        flights.extend(std::iter::from_fn(next).take(self.sending.batch_max));
        drop((queue, retries));
        // A ready event may have to wait behind an event in flight.
        !flights.is_empty()
    }

    /// Adds a sender to the idle senders. It is notified when there is work.
    pub(crate) fn become_idle(&self, sender: &Rc<Notify>) {
        self.idle.borrow_mut().push(Rc::clone(sender));
    }

    /// Wakes another sender, if events wait and a sender is idle. A sender that was woken and cannot take an event calls this.
    pub(crate) fn wake_one(&self) {
        if self.ready() > 0
            && let Some(sender) = self.idle.borrow_mut().pop()
        {
            sender.notify_one();
        }
    }

    /// Whether a sender is idle.
    pub(crate) fn has_idle(&self) -> bool {
        !self.idle.borrow().is_empty()
    }

    /// Checks an event that is about to be sent against the rules, if enabled.
    pub(crate) fn check(&self, message: &[u8]) {
        if let Some(check) = &self.sent_check {
            check.borrow_mut().observe(message, self.sending.clock.timestamp_of(self.sending.clock.now()));
        }
    }

    /// Compresses a body, if enabled.
    pub(crate) fn pack(&self, body: &mut Vec<u8>) {
        if let Some(gzip) = &self.gzip {
            gzip.borrow_mut().pack(body);
        }
    }

    /// Concludes the events of a request. Each event has the outcome of the request, unless it has a separate receipt. `said` provides
    /// the response text, and is called only if the text serves as an example.
    pub(crate) fn conclude_all(
        &self,
        flights: &mut Vec<Flight>,
        of_request: &Receipt,
        mut of_events: BTreeMap<usize, Receipt>,
        said: impl Fn() -> Option<String>,
    ) {
        for (position, flight) in flights.drain(..).enumerate() {
            let receipt = of_events.remove(&position).unwrap_or_else(|| of_request.clone());
            self.conclude(flight, receipt, &said);
        }
    }

    /// Schedules a retry of an event, or records its outcome.
    fn conclude(&self, flight: Flight, receipt: Receipt, said: impl Fn() -> Option<String>) {
        let due = self.retries.borrow_mut().due_after(&flight, &receipt);
        let is_measured = flight.delivery.phase == Phase::Measured;
        if let Some(due) = due {
            self.look_at(due);
            self.retries.borrow_mut().take_on(due, flight, receipt);
            return;
        }
        if flight.retry > 0 && is_measured && receipt.outcome == EventOutcome::Acknowledged {
            self.observations.borrow_mut().retries.succeeded_after_retry += 1;
        }
        self.settle(&flight.delivery, receipt, said);
    }

    /// Records the outcome of an event and notifies its seeker.
    fn settle(&self, delivery: &Delivery, receipt: Receipt, said: impl Fn() -> Option<String>) {
        let outcome = receipt.outcome;
        self.note_settled(delivery, receipt, said);
        if let Some(sender) = delivery.sender {
            self.listener.settled(sender, outcome);
        }
    }

    /// Whether no event is waiting or in flight.
    pub(crate) fn is_settled(&self) -> bool {
        let queue = self.queue.borrow();
        queue.unsent() == 0 && queue.in_flight() == 0
    }

    /// Gives up the unsent events.
    pub(crate) fn give_up(&self) {
        let unsent = self.queue.borrow_mut().give_up();
        self.note_given_up(&unsent, EventOutcome::NotSent);
        let not_again = self.retries.borrow_mut().give_up();
        for (flight, receipt) in not_again {
            self.settle(&flight.delivery, receipt, || None);
        }
    }

    /// Gives up the events in flight after the senders have stopped, and returns the final account.
    pub(crate) fn finish(&self) -> OutboxAccount {
        let unanswered = self.queue.borrow_mut().give_up_flights();
        // Without acknowledgements, unknown means that the target has read the event.
        let outcome = if self.sending.awaits_acks { EventOutcome::Unknown } else { EventOutcome::Failed };
        self.note_given_up(&unanswered, outcome);
        OutboxAccount { findings: self.sent_check.as_ref().map(|check| check.replace(SentCheck::new()).finish()) }
    }
}
