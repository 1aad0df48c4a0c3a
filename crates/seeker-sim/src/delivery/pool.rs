//! The HTTP/2 connections of one arbiter, which its lanes share. A lane takes a place for one request, on a connection that has room or on
//! one that is still to be opened, and leaves it again. All on one thread; no borrow is held while anything waits.
//!
//! The invariant: no connection ever has more requests on it than the plan and its server allow, and there are no more connections than
//! the plan allows.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::http::{Endpoint, Multiplexed, OpenError};

/// How long the connections together may take to end in order.
const ENDING_MAX: Duration = Duration::from_millis(200);

/// The connections, and those who wait for a place.
#[derive(Debug)]
pub(crate) struct Pool {
    connections_max: usize,
    streams_max: usize,
    open: RefCell<Vec<Rc<Shared>>>,
    opening: Cell<usize>,
    waiting: Cell<usize>,
    /// Told when there may be a place for one who waits.
    has_place: Notify,
    drivers: RefCell<Vec<JoinHandle<()>>>,
}

/// A connection that lanes share.
#[derive(Debug)]
struct Shared {
    connection: Multiplexed,
    requests: Cell<usize>,
}

/// A place for a request.
#[derive(Debug)]
pub(crate) enum Place {
    /// On an open connection.
    Open(Stream),
    /// On a connection that is still to be opened.
    Opening(Opening),
}

/// The place of one request on an open connection. To drop it is to leave it.
#[derive(Debug)]
pub(crate) struct Stream {
    pool: Rc<Pool>,
    shared: Rc<Shared>,
}

/// The right to open one more connection. To drop it is to give that up.
#[derive(Debug)]
pub(crate) struct Opening(Rc<Pool>);

impl Pool {
    /// So many connections at most, with so many requests at once at most.
    pub(crate) fn new(connections_max: NonZeroUsize, streams_max: NonZeroUsize) -> Self {
        Self {
            connections_max: connections_max.get(),
            streams_max: streams_max.get(),
            open: RefCell::default(),
            opening: Cell::default(),
            waiting: Cell::default(),
            has_place: Notify::new(),
            drivers: RefCell::default(),
        }
    }

    /// How many requests there can be at once.
    pub(crate) fn places_max(&self) -> usize {
        self.connections_max * self.streams_max
    }

    /// Waits for a place.
    pub(crate) async fn place(self: &Rc<Self>) -> Place {
        if let Some(place) = self.free_place() {
            return place;
        }
        let _waiting = Counted::new(&self.waiting);
        loop {
            self.has_place.notified().await;
            if let Some(place) = self.free_place() {
                // There may be room for more than one, and only one was told.
                self.has_place.notify_one();
                return place;
            }
        }
    }

    fn free_place(self: &Rc<Self>) -> Option<Place> {
        let open = self.open.borrow();
        if let Some(shared) = open.iter().find(|shared| shared.has_room(self.streams_max)) {
            shared.requests.update(|requests| requests + 1);
            return Some(Place::Open(Stream { pool: Rc::clone(self), shared: Rc::clone(shared) }));
        }
        // A connection that is being opened will have room for others too.
        let is_wanted = self.opening.get() == 0 || self.waiting.get() > self.opening.get() * self.streams_max;
        (is_wanted && open.len() + self.opening.get() < self.connections_max).then(|| {
            self.opening.update(|opening| opening + 1);
            Place::Opening(Opening(Rc::clone(self)))
        })
    }

    /// Takes a connection out that is not usable any more; requests on it may still be answered.
    fn retire(&self, retired: &Rc<Shared>) {
        self.open.borrow_mut().retain(|shared| !Rc::ptr_eq(shared, retired));
        self.has_place.notify_one();
    }

    /// Ends all connections in order, as far as that does not take long.
    pub(crate) async fn close(&self) {
        self.open.borrow_mut().clear();
        let drivers = self.drivers.take();
        let ended = async {
            for driver in drivers {
                // One that was ended by force is ended too.
                let _ = driver.await;
            }
        };
        // Nobody waits for a target that does not want to hear of the end.
        let _ = timeout(ENDING_MAX, ended).await;
    }
}

impl Shared {
    fn has_room(&self, streams_max: usize) -> bool {
        let requests = self.requests.get();
        // A server that allows none at all for the moment is asked all the same, for it does not say when the moment is over.
        requests < streams_max && requests < self.connection.streams_max().max(1)
    }
}

impl Stream {
    pub(crate) fn connection(&self) -> &Multiplexed {
        &self.shared.connection
    }

    /// Leaves the place of a connection that is not usable any more, which nobody is to take again.
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
    /// Opens the connection; a place on it.
    pub(crate) async fn open(self, endpoint: &Endpoint) -> Result<Stream, OpenError> {
        let (connection, driver) = Multiplexed::open(endpoint).await?;
        let pool = Rc::clone(&self.0);
        let shared = Rc::new(Shared { connection, requests: Cell::new(1) });
        pool.open.borrow_mut().push(Rc::clone(&shared));
        // The connection ends when nobody holds on to it, so this may not.
        let (weak_pool, weak): (Weak<Pool>, Weak<Shared>) = (Rc::downgrade(&pool), Rc::downgrade(&shared));
        let driver = actix::spawn(async move {
            driver.await;
            if let (Some(pool), Some(shared)) = (weak_pool.upgrade(), weak.upgrade()) {
                pool.retire(&shared);
            }
        });
        let mut drivers = pool.drivers.borrow_mut();
        drivers.retain(|driver| !driver.is_finished());
        drivers.push(driver);
        drop(drivers);
        drop(self);
        Ok(Stream { pool, shared })
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.opening.update(|opening| opening - 1);
        self.0.has_place.notify_one();
    }
}

/// Counts one for as long as it lives.
struct Counted<'a>(&'a Cell<usize>);

impl<'a> Counted<'a> {
    fn new(count: &'a Cell<usize>) -> Self {
        count.update(|count| count + 1);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.update(|count| count - 1);
    }
}
