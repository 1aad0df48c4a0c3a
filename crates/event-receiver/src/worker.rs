//! The shared state of the connections of one worker thread: a coarse clock, and the lists of connections and transfers. At each tick the
//! worker closes overdue connections and aborts slow transfers. So a request only updates a few numbers and sets no timer.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use slab::Slab;
use tokio::time::{MissedTickBehavior, interval};

use crate::connection_state::{ConnectionState, Deadlines};
use crate::limits::Limits;
use crate::open_connections::OpenConnections;
use crate::shared::Shared;
use crate::tick::{TICK, Tick, ticks};
use crate::transfers::{MinRate, Transfers};

/// The maximum size of a read without a large buffer. After such a read, the 8 KiB buffer of actix-http has enough free space and does
/// not grow.
pub(crate) const SMALL_READ_BYTES: usize = 8 * 1024 - SPARE_BYTES;

/// With less free space than this, actix-http enlarges its buffer.
pub(crate) const SPARE_BYTES: usize = 1024;

/// When there are too many connections, `1 / CLOSED_PART` of them are closed together. This saves time, because a search for idle
/// connections scans all connections.
const CLOSED_PART: usize = 64;

/// A worker thread.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    /// The maximum weight of the open connections of this worker.
    connections_max: usize,
    now: Cell<Tick>,
    pub(crate) transfers: RefCell<Transfers>,
    connections: RefCell<Slab<Rc<ConnectionState>>>,
    open: Rc<OpenConnections>,
    /// The buffer for reads of connections without a large buffer.
    pub(crate) read_piece: RefCell<Box<[u8]>>,
    /// The date at the last tick.
    date: RefCell<HeaderValue>,
}

impl Worker {
    /// The worker of this thread, one of `workers`. Its clock runs as long as the worker exists.
    pub(crate) fn start(shared: Arc<Shared>, workers: usize) -> Rc<Self> {
        let worker = Rc::new(Self::new(shared, workers));
        actix_rt::spawn(run_clock(Rc::downgrade(&worker)));
        worker
    }

    fn new(shared: Arc<Shared>, workers: usize) -> Self {
        let Limits { bytes_per_s, rate_window, .. } = shared.limits;
        let bytes = u128::from(bytes_per_s.get()) * rate_window.as_millis() / 1000;
        let min_rate = MinRate { bytes: u64::try_from(bytes).unwrap_or(u64::MAX).max(1), ticks: ticks(rate_window) };
        Self {
            connections_max: shared.limits.connections.get().div_ceil(workers),
            now: Cell::new(0),
            transfers: RefCell::new(Transfers::new(Arc::clone(&shared.memory), min_rate)),
            connections: RefCell::default(),
            open: Rc::new(OpenConnections::new(Arc::clone(&shared))),
            read_piece: RefCell::new(vec![0; SMALL_READ_BYTES].into()),
            date: RefCell::new(http_date()),
            shared,
        }
    }

    /// The date for the header of a response.
    pub(crate) fn date(&self) -> HeaderValue {
        self.date.borrow().clone()
    }

    pub(crate) fn now(&self) -> Tick {
        self.now.get()
    }

    /// Registers a new connection. Beyond the limit, closes the connections that have been idle longest.
    pub(crate) fn connect(&self) -> Rc<ConnectionState> {
        self.make_room(1);
        let mut connections = self.connections.borrow_mut();
        let vacant = connections.vacant_entry();
        let connection = Rc::new(ConnectionState::new(Rc::clone(&self.open), vacant.key(), self.now()));
        vacant.insert(Rc::clone(&connection));
        self.open.add(1);
        connection
    }

    /// Increases the weight of an open connection.
    pub(crate) fn add_weight(&self, connection: &ConnectionState, weight: usize) {
        let more = weight.min(self.connections_max) - connection.weight();
        self.make_room(more);
        if !connection.is_closed() {
            connection.set_weight(connection.weight() + more);
            self.open.add(more);
        }
    }

    /// Removes a connection that has ended.
    pub(crate) fn disconnect(&self, connection: &ConnectionState) {
        if !connection.is_closed() {
            self.open.remove_ended(connection.weight());
        }
        self.connections.borrow_mut().remove(connection.key());
    }

    /// Closes the connections that have been idle longest until this much more weight fits within the limit.
    fn make_room(&self, weight: usize) {
        while self.open.weight() > 0 && self.open.weight() + weight > self.connections_max {
            self.close_idle();
        }
    }

    fn close_idle(&self) {
        let connections = self.connections.borrow();
        let open = connections.iter().filter(|(_, connection)| !connection.is_closed());
        let mut idle: Vec<_> =
            open.map(|(key, connection)| (connection.awaits_delayed_answer(), connection.last_byte_at(), key)).collect();
        let count = (self.connections_max / CLOSED_PART).max(1);
        if idle.len() > count {
            idle.select_nth_unstable(count - 1);
            idle.truncate(count);
        }
        for (_, _, key) in idle {
            connections[key].close();
        }
    }

    /// Advances the clock by one tick.
    fn tick(&self) {
        let now = self.now.get().saturating_add(1);
        self.now.set(now);
        self.date.replace(http_date());
        self.transfers.borrow_mut().sweep(now, self.shared.memory.take_missing());
        let Limits { header_time, rate_window, idle_time, .. } = self.shared.limits;
        let deadlines = Deadlines {
            now,
            head: ticks(header_time),
            blocked: ticks(rate_window).saturating_mul(2),
            idle: if self.shared.is_stopping() { 1 } else { ticks(idle_time) },
        };
        for (_, connection) in self.connections.borrow().iter() {
            if connection.is_overdue(&deadlines) {
                connection.close();
            }
        }
    }
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

fn http_date() -> HeaderValue {
    HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())).expect("a date is plain text")
}
