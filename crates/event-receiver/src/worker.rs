//! What the connections of one worker thread share: the limits, a coarse clock, and the lists of connections and transfers. A few times
//! a second the worker looks for those that have run out of time. A request sets a few numbers for that, and no timer.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use slab::Slab;
use tokio::time::{MissedTickBehavior, interval};

use crate::connection::{Connection, READ_AT_ONCE_BYTES};
use crate::counters::LimitCounters;
use crate::limits::Limits;
use crate::memory::Memory;
use crate::transfers::{LeastRate, Tick, Transfers};

/// The step of the clock. Steps are counted, not measured: a process that was stopped has not kept its clients waiting.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// What part of the connections is closed at once when there are too many: finding the ones to close takes a look at all.
const CLOSED_AT_ONCE: usize = 64;

/// What part of the memory is for large buffers of connections.
const BUFFERS_PART: usize = 4;

/// What the workers of a receiver share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) memory: Arc<Memory>,
    /// The part of the memory for large buffers of connections.
    pub(crate) buffers: Arc<Memory>,
    pub(crate) counters: LimitCounters,
    /// The receiver is to end: idle connections are closed.
    pub(crate) is_stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn new(limits: Limits) -> Self {
        let buffers = limits.memory_bytes / BUFFERS_PART;
        let memory = Arc::new(Memory::new(limits.memory_bytes - buffers));
        Self {
            limits,
            memory,
            buffers: Arc::new(Memory::new(buffers)),
            counters: LimitCounters::default(),
            is_stopping: AtomicBool::new(false),
        }
    }
}

/// A worker thread.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    /// The limit of connections for this worker.
    connections_max: usize,
    now: Cell<Tick>,
    pub(crate) transfers: RefCell<Transfers>,
    connections: RefCell<Slab<Rc<Connection>>>,
    /// The weight of the connections that are not closed yet.
    open: Cell<usize>,
    /// Where a connection reads to that has no large buffer.
    pub(crate) piece: RefCell<Box<[u8]>>,
    /// The date at the last tick.
    date: RefCell<HeaderValue>,
}

impl Worker {
    /// The worker of this thread, one of so many. Its clock runs as long as it does.
    pub(crate) fn start(shared: Arc<Shared>, workers: usize) -> Rc<Self> {
        let worker = Rc::new(Self::new(shared, workers));
        actix_web::rt::spawn(run_clock(Rc::downgrade(&worker)));
        worker
    }

    fn new(shared: Arc<Shared>, workers: usize) -> Self {
        let Limits { bytes_per_s, rate_window, .. } = shared.limits;
        let bytes = u128::from(bytes_per_s.get()) * rate_window.as_millis() / 1000;
        let least_rate = LeastRate { bytes: u64::try_from(bytes).unwrap_or(u64::MAX).max(1), ticks: ticks(rate_window) };
        Self {
            connections_max: shared.limits.connections.get().div_ceil(workers),
            now: Cell::new(0),
            transfers: RefCell::new(Transfers::new(Arc::clone(&shared.memory), least_rate)),
            connections: RefCell::default(),
            open: Cell::new(0),
            piece: RefCell::new(vec![0; READ_AT_ONCE_BYTES].into()),
            date: RefCell::new(http_date()),
            shared,
        }
    }

    /// The date for the header of an answer.
    pub(crate) fn date(&self) -> HeaderValue {
        self.date.borrow().clone()
    }

    pub(crate) fn now(&self) -> Tick {
        self.now.get()
    }

    /// Registers a new connection. Beyond the limit, closes the connections that have been idle longest.
    pub(crate) fn connect(self: &Rc<Self>) -> Rc<Connection> {
        self.make_room(1);
        let mut connections = self.connections.borrow_mut();
        let vacant = connections.vacant_entry();
        let connection = Rc::new(Connection::new(Rc::clone(self), vacant.key()));
        vacant.insert(Rc::clone(&connection));
        self.open.set(self.open.get() + 1);
        connection
    }

    /// A connection counts for more than one.
    pub(crate) fn make_heavier(&self, connection: &Connection, weight: usize) {
        let more = weight.min(self.connections_max) - connection.weight();
        self.make_room(more);
        if !connection.is_closed() {
            connection.set_weight(connection.weight() + more);
            self.open.set(self.open.get() + more);
        }
    }

    /// A connection has ended.
    pub(crate) fn disconnect(&self, connection: &Connection) {
        if !connection.is_closed() {
            self.open.set(self.open.get() - connection.weight());
        }
        self.connections.borrow_mut().remove(connection.key());
    }

    /// A connection is closed, but has not ended yet.
    pub(crate) fn closed(&self, connection: &Connection) {
        self.open.set(self.open.get() - connection.weight());
        if !self.is_stopping() {
            self.shared.counters.closed_connection();
        }
    }

    /// Closes the connections that have been idle longest until this much more weight fits within the limit.
    fn make_room(&self, weight: usize) {
        while self.open.get() > 0 && self.open.get() + weight > self.connections_max {
            self.close_silent();
        }
    }

    fn close_silent(&self) {
        let connections = self.connections.borrow();
        let open = connections.iter().filter(|(_, connection)| !connection.is_closed());
        let mut silent: Vec<_> = open.map(|(key, connection)| (connection.awaits_answer(), connection.moved_at(), key)).collect();
        let count = (self.connections_max / CLOSED_AT_ONCE).max(1);
        if silent.len() > count {
            silent.select_nth_unstable(count - 1);
            silent.truncate(count);
        }
        for (_, _, key) in silent {
            connections[key].close();
        }
    }

    fn is_stopping(&self) -> bool {
        self.shared.is_stopping.load(Ordering::Relaxed)
    }

    /// Moves the clock by one tick.
    fn tick(&self) {
        let now = self.now.get().saturating_add(1);
        self.now.set(now);
        self.date.replace(http_date());
        self.transfers.borrow_mut().sweep(now, self.shared.memory.take_missing());
        let Limits { header_time, rate_window, idle_time, .. } = self.shared.limits;
        let overdue = Overdue {
            now,
            head: ticks(header_time),
            blocked: ticks(rate_window).saturating_mul(2),
            idle: if self.is_stopping() { 1 } else { ticks(idle_time) },
        };
        for (_, connection) in self.connections.borrow().iter() {
            if connection.is_overdue(&overdue) {
                connection.close();
            }
        }
    }
}

/// From when on a connection has run out of time.
pub(crate) struct Overdue {
    pub(crate) now: Tick,
    pub(crate) head: Tick,
    pub(crate) blocked: Tick,
    pub(crate) idle: Tick,
}

async fn run_clock(worker: Weak<Worker>) {
    let mut clock = interval(TICK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let Some(worker) = worker.upgrade() else { return };
        worker.tick();
    }
}

/// That much time, rounded up, and at least one tick.
fn ticks(time: Duration) -> Tick {
    Tick::try_from(time.as_nanos().div_ceil(TICK.as_nanos()).max(1)).unwrap_or(Tick::MAX)
}

fn http_date() -> HeaderValue {
    HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())).expect("a date is plain text")
}
