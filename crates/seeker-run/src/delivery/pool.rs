//! The HTTP/2 or HTTP/3 connections of one arbiter, shared by its senders. A sender takes a place for one request and then leaves it. The place is
//! on a connection with room or on a connection that is still to be opened. The pool is used on one thread only. No borrow is held across
//! an await.
//!
//! Invariant: no connection has more requests than the plan and its server allow, and there are no more connections than the plan allows.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use transport::http::{Endpoint, OpenError, SharedConnection};

/// The total time limit for closing all connections gracefully.
const ENDING_MAX: Duration = Duration::from_millis(200);

/// The time limit for closing one unneeded connection gracefully while others stay open.
const LEAVING_MAX: Duration = Duration::from_secs(1);

/// The connections, and the senders that wait for a place.
#[derive(Debug)]
pub(crate) struct Pool {
    connections_max: usize,
    streams_max: usize,
    open: RefCell<Vec<Rc<Shared>>>,
    opening: Cell<usize>,
    waiting: Cell<usize>,
    /// Notified when there may be a place for a waiting sender.
    has_place: Notify,
    /// Notified at each check, and when a server allows more requests.
    is_checked: Notify,
    drivers: RefCell<Vec<JoinHandle<()>>>,
}

/// A connection that senders share.
#[derive(Debug)]
struct Shared {
    connection: SharedConnection,
    requests: Cell<usize>,
    is_retired: Cell<bool>,
    /// Dropped with the connection. The driver then knows that the connection is no longer needed.
    _wanted: oneshot::Sender<Infallible>,
}

/// A place for a request.
#[derive(Debug)]
pub(crate) enum Place {
    /// On an open connection.
    Open(Stream),
    /// On a connection that is still to be opened.
    Opening(Opening),
}

/// The place of one request on an open connection. Dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Stream {
    pool: Rc<Pool>,
    shared: Rc<Shared>,
    /// Whether the server accepts requests on this connection, as far as is known.
    is_allowed: bool,
}

/// The right to open one more connection. Dropping it returns the right.
#[derive(Debug)]
pub(crate) struct Opening(Rc<Pool>);

impl Pool {
    /// Creates a pool with these maximum numbers of connections and of concurrent requests per connection.
    pub(crate) fn new(connections_max: NonZeroUsize, streams_max: NonZeroUsize) -> Self {
        Self {
            connections_max: connections_max.get(),
            streams_max: streams_max.get(),
            open: RefCell::default(),
            opening: Cell::default(),
            waiting: Cell::default(),
            has_place: Notify::new(),
            is_checked: Notify::new(),
            drivers: RefCell::default(),
        }
    }

    /// The maximum number of concurrent requests.
    pub(crate) fn places_max(&self) -> usize {
        self.connections_max * self.streams_max
    }

    /// Waits for a place.
    pub(crate) async fn place(self: &Rc<Self>) -> Place {
        if let Some(place) = self.free_place() {
            return place;
        }
        let _waiting = CountGuard::new(&self.waiting);
        loop {
            self.has_place.notified().await;
            if let Some(place) = self.free_place() {
                // There may be room for several senders, but only one was notified.
                self.has_place.notify_one();
                return place;
            }
        }
    }

    fn free_place(self: &Rc<Self>) -> Option<Place> {
        let open = self.open.borrow();
        let mut barred = None;
        for shared in open.iter() {
            let requests = shared.requests.get();
            if requests < self.streams_max && shared.connection.has_room(requests) {
                return Some(Place::Open(Stream::new(self, shared, true)));
            }
            // Only the server can refuse the first request.
            if requests == 0 {
                barred = barred.or(Some(shared));
            }
        }
        // A connection that is being opened will also have room for other senders.
        let is_wanted = self.opening.get() == 0 || self.waiting.get() > self.opening.get() * self.streams_max;
        if is_wanted && open.len() + self.opening.get() < self.connections_max {
            self.opening.update(|opening| opening + 1);
            return Some(Place::Opening(Opening(Rc::clone(self))));
        }
        // The request waits for the server's permission here, so that its timeout shows that the server delays the events.
        barred.map(|shared| Place::Open(Stream::new(self, shared, false)))
    }

    /// Checks the connections; call it about ten times a second. Returns how many connections have stopped responding. These connections
    /// get no new requests. Requests in flight on them keep waiting, because the target may only have stalled.
    pub(crate) fn check(&self) -> u64 {
        let mut silent = 0;
        self.open.borrow_mut().retain(|shared| {
            let is_alive = shared.connection.check(shared.requests.get() > 0);
            shared.is_retired.set(!is_alive);
            silent += u64::from(!is_alive);
            is_alive
        });
        self.is_checked.notify_waiters();
        // An HTTP/2 server does not announce when it allows more requests.
        if self.waiting.get() > 0 {
            self.has_place.notify_one();
        }
        silent
    }

    /// Wakes the requests and the senders that wait for the server's permission.
    fn note_room(&self) {
        self.is_checked.notify_waiters();
        self.has_place.notify_one();
    }

    /// Removes a connection that is no longer usable. Requests on it may still get responses.
    fn retire(&self, retired: &Rc<Shared>) {
        retired.is_retired.set(true);
        self.open.borrow_mut().retain(|shared| !Rc::ptr_eq(shared, retired));
        self.has_place.notify_one();
    }

    /// Closes all connections gracefully, within the time limit.
    pub(crate) async fn close(&self) {
        self.open.borrow_mut().clear();
        let drivers = self.drivers.take();
        let ended = async {
            for driver in drivers {
                // An aborted driver has ended too.
                let _ = driver.await;
            }
        };
        // A target that does not react to the close is not waited for.
        let _ = timeout(ENDING_MAX, ended).await;
    }
}

impl Stream {
    fn new(pool: &Rc<Pool>, shared: &Rc<Shared>, is_allowed: bool) -> Self {
        shared.requests.update(|requests| requests + 1);
        Self { pool: Rc::clone(pool), shared: Rc::clone(shared), is_allowed }
    }

    /// Whether the server accepts requests on this connection, as far as is known.
    pub(crate) const fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Waits until the server allows requests on this connection, or until the connection is no longer usable. Returns immediately if
    /// requests are allowed.
    pub(crate) async fn until_allowed(&mut self) {
        while !self.is_allowed {
            self.pool.is_checked.notified().await;
            self.is_allowed = self.shared.is_retired.get() || self.shared.connection.has_room(0);
        }
    }

    pub(crate) fn connection(&self) -> &SharedConnection {
        &self.shared.connection
    }

    /// Leaves the place and retires its connection, which is no longer usable.
    pub(crate) fn retire(self) {
        self.pool.retire(&self.shared);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.requests.update(|requests| requests - 1);
        self.pool.has_place.notify_one();
    }
}

impl Opening {
    /// Opens the connection and returns a place on it.
    pub(crate) async fn open(self, endpoint: &Endpoint) -> Result<Stream, OpenError> {
        let pool = Rc::clone(&self.0);
        let waiting: Weak<Pool> = Rc::downgrade(&pool);
        let on_room = move || {
            if let Some(pool) = waiting.upgrade() {
                pool.note_room();
            }
        };
        let (connection, driver) = SharedConnection::open(endpoint, on_room).await?;
        let (wanted, unwanted) = oneshot::channel();
        let shared = Rc::new(Shared { connection, requests: Cell::default(), is_retired: Cell::default(), _wanted: wanted });
        let is_allowed = shared.connection.has_room(0);
        let stream = Stream::new(&pool, &shared, is_allowed);
        pool.open.borrow_mut().push(Rc::clone(&shared));
        // The connection ends when its last reference is dropped, so the driver holds only a weak reference.
        let (weak_pool, weak): (Weak<Pool>, Weak<Shared>) = (Rc::downgrade(&pool), Rc::downgrade(&shared));
        let driver = actix::spawn(async move {
            tokio::select! {
                biased;
                () = driver => {}
                // A connection whose server has stopped reading cannot close gracefully.
                () = outlived(unwanted) => {}
            }
            if let (Some(pool), Some(shared)) = (weak_pool.upgrade(), weak.upgrade()) {
                pool.retire(&shared);
            }
        });
        let mut drivers = pool.drivers.borrow_mut();
        drivers.retain(|driver| !driver.is_finished());
        drivers.push(driver);
        drop(drivers);
        drop(self);
        Ok(stream)
    }
}

/// Resolves some time after a connection was dropped.
async fn outlived(unwanted: oneshot::Receiver<Infallible>) {
    // The sender sends nothing and is only dropped.
    let _ = unwanted.await;
    sleep(LEAVING_MAX).await;
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.opening.update(|opening| opening - 1);
        self.0.has_place.notify_one();
    }
}

/// Counts a waiting sender: adds one to the count when it is created, and subtracts one when it is dropped.
struct CountGuard<'a>(&'a Cell<usize>);

impl<'a> CountGuard<'a> {
    fn new(count: &'a Cell<usize>) -> Self {
        count.update(|count| count + 1);
        Self(count)
    }
}

impl Drop for CountGuard<'_> {
    fn drop(&mut self) {
        self.0.update(|count| count - 1);
    }
}
