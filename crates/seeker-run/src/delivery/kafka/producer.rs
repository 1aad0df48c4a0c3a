//! The tasks of one arbiter. One takes the events that are due and gives each to the queue of its broker. One asks for the leaders again when
//! they may have changed. Each queue has a sender per connection, started on demand.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use load_plan::EventOutcome;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::broker_queue::{BrokerQueue, Held};
use super::cluster::Cluster;
use super::compression::Compressor;
use super::messages::Metadata;
use super::partitioner::partition_of;
use super::server::Server;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::Flight;
use crate::delivery::transport::LocalFuture;

/// The minimum time between two questions for the leaders: after an answer, and without one.
const REFRESH_INTERVALS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// The task of one connection.
type Run = fn(Rc<Producer>, Rc<BrokerQueue>) -> LocalFuture<'static, ()>;

/// The state of one arbiter.
pub(super) struct Producer {
    pub(super) dispatch: Rc<Dispatch>,
    pub(super) cluster: Arc<Cluster>,
    connections: usize,
    /// Sends events over one connection.
    run: Run,
    leaders: RefCell<Vec<Option<i32>>>,
    queues: RefCell<BTreeMap<i32, Rc<BrokerQueue>>>,
    wants_leaders: Notify,
    /// The number of connections that have stopped responding since the last check.
    pub(super) silent: Cell<u64>,
    pub(super) compressor: RefCell<Compressor>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
    /// A buffer.
    flights: RefCell<Vec<Flight>>,
}

impl Producer {
    pub(super) fn start(dispatch: Rc<Dispatch>, cluster: Arc<Cluster>, connections: usize, run: Run) -> Rc<Self> {
        let producer = Rc::new(Self {
            compressor: RefCell::new(Compressor::new(cluster.codec)),
            dispatch,
            connections,
            run,
            leaders: RefCell::default(),
            queues: RefCell::default(),
            wants_leaders: Notify::new(),
            silent: Cell::default(),
            tasks: RefCell::default(),
            flights: RefCell::default(),
            cluster,
        });
        producer.apply(producer.cluster.first_metadata());
        let tasks: [LocalFuture<'static, ()>; 2] =
            [Box::pin(Rc::clone(&producer).take_events()), Box::pin(Rc::clone(&producer).follow_leaders())];
        producer.tasks.borrow_mut().extend(tasks.map(actix::spawn));
        producer
    }

    async fn take_events(self: Rc<Self>) {
        let work = Rc::new(Notify::new());
        loop {
            self.pull();
            self.dispatch.become_idle(&work);
            work.notified().await;
        }
    }

    async fn follow_leaders(self: Rc<Self>) {
        loop {
            self.wants_leaders.notified().await;
            let servers: BTreeMap<i32, Server> =
                self.queues.borrow().iter().map(|(id, queue)| (*id, queue.server.borrow().clone())).collect();
            let metadata = self.cluster.refreshed(&servers).await;
            let interval = REFRESH_INTERVALS[usize::from(metadata.is_none())];
            if let Some(metadata) = metadata {
                self.apply(metadata);
            }
            sleep(interval).await;
        }
    }

    /// Asks for the leaders again, soon.
    pub(super) fn refresh(&self) {
        self.wants_leaders.notify_one();
    }

    /// Uses these brokers and leaders. Events that wait for a broker that no longer leads their partition go to the new leader.
    fn apply(self: &Rc<Self>, metadata: Metadata) {
        let led: BTreeSet<i32> = metadata.leaders.iter().copied().flatten().collect();
        for (id, server) in metadata.brokers.into_iter().filter(|(id, _)| led.contains(id)) {
            let mut queues = self.queues.borrow_mut();
            let queue = queues.entry(id).or_insert_with(|| Rc::new(BrokerQueue::new(server.clone())));
            *queue.server.borrow_mut() = server;
        }
        if *self.leaders.borrow() == metadata.leaders {
            return;
        }
        *self.leaders.borrow_mut() = metadata.leaders;
        let all: Vec<_> = self.queues.borrow().values().cloned().collect();
        for held in all.iter().map(|queue| queue.take_all()).collect::<Vec<_>>().into_iter().flatten() {
            self.route(held.flight);
        }
        self.wake_lanes();
    }

    /// Takes the events that are due, unless a broker is far behind. Returns whether there were any. Whoever concludes events calls this,
    /// because the next event of the same seeker may be due.
    pub(super) fn pull(self: &Rc<Self>) -> bool {
        let mut flights = self.flights.take();
        let mut has_taken = false;
        while !self.is_full() && self.dispatch.take(&mut flights) {
            has_taken = true;
            self.dispatch.note_attempt(&flights, self.dispatch.sending.clock.now());
            flights.drain(..).for_each(|flight| self.route(flight));
        }
        self.flights.replace(flights);
        if has_taken {
            self.wake_lanes();
        }
        has_taken
    }

    fn is_full(&self) -> bool {
        self.queues.borrow().values().any(|queue| queue.is_full())
    }

    /// Gives an event to the queue of its broker.
    fn route(&self, flight: Flight) {
        let mut digits = itoa::Buffer::new();
        let key = digits.format(flight.delivery.event.seeker).as_bytes();
        let leaders = self.leaders.borrow();
        let partition = if leaders.is_empty() { 0 } else { partition_of(key, leaders.len()) };
        let leader = leaders.get(partition).copied().flatten();
        drop(leaders);
        if let Some(queue) = leader.and_then(|leader| self.queues.borrow().get(&leader).cloned()) {
            return queue.push(Held { flight, partition });
        }
        self.refresh();
        let receipt = Receipt {
            outcome: EventOutcome::Failed,
            at: self.dispatch.sending.clock.now(),
            answered_after: None,
            error: Some("the partition of the event has no leader".to_owned()),
            again_after: Some(Duration::ZERO),
        };
        self.dispatch.conclude_all(&mut vec![flight], &receipt, BTreeMap::new(), || None);
    }

    /// Wakes a sender of each queue with events. The first events of a queue start its first sender.
    fn wake_lanes(self: &Rc<Self>) {
        let queues: Vec<_> = self.queues.borrow().values().filter(|queue| !queue.is_empty()).cloned().collect();
        for queue in queues {
            if !queue.wake_one() && queue.senders.get() == 0 {
                self.start_sender(queue);
            }
        }
    }

    /// Wakes an idle sender if events wait. Without an idle sender, starts one if more are allowed. A sender that cannot take events calls
    /// this.
    pub(super) fn hand_over(self: &Rc<Self>, queue: &Rc<BrokerQueue>) {
        let per_broker = self.connections / self.queues.borrow().len().max(1);
        if !queue.is_empty() && !queue.wake_one() && queue.senders.get() < per_broker.max(1) {
            self.start_sender(Rc::clone(queue));
        }
    }

    fn start_sender(self: &Rc<Self>, queue: Rc<BrokerQueue>) {
        queue.senders.update(|senders| senders + 1);
        let sender = actix::spawn((self.run)(Rc::clone(self), queue));
        let mut tasks = self.tasks.borrow_mut();
        tasks.retain(|task| !task.is_finished());
        tasks.push(sender);
    }

    /// Starts more senders where events wait for connections that are being opened.
    pub(super) fn check(self: &Rc<Self>) -> u64 {
        let queues: Vec<_> = self.queues.borrow().values().filter(|queue| queue.opening.get() > 0).cloned().collect();
        for queue in &queues {
            self.hand_over(queue);
        }
        self.silent.take()
    }

    /// Aborts the tasks in any state. The events that wait for a connection are not sent.
    pub(super) fn abort(&self) {
        self.tasks.take().iter().for_each(JoinHandle::abort);
        let at = self.dispatch.sending.clock.now();
        for queue in self.queues.take().into_values() {
            let mut flights: Vec<_> = queue.take_all().into_iter().map(|held| held.flight).collect();
            let receipt = Receipt { outcome: EventOutcome::NotSent, at, answered_after: None, error: None, again_after: None };
            self.dispatch.conclude_all(&mut flights, &receipt, BTreeMap::new(), || None);
        }
    }
}
