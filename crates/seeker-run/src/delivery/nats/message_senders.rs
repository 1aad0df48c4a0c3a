//! The tasks that send the events of one arbiter: one per connection, started on demand. They share the server.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout;
use transport::http::Endpoint;

use super::cluster::{Cluster, MemberNumber};
use super::connection::{Connection, HandshakeError};
use super::login::LoginSource;
use super::subject::Subject;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::LocalFuture;

/// What the connections need to know.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) cluster: Arc<Cluster>,
    pub(super) uses_tls: bool,
    pub(super) subject: Subject,
    pub(super) login: LoginSource,
    /// The maximum number of messages without acknowledgement on a connection.
    pub(super) outstanding_max: NonZeroUsize,
}

impl Server {
    /// Opens a connection to the first server that accepts one, with the credentials that the file holds now. A server that does not respond
    /// delays the next one by its share of the time until the limit. The last server has no limit.
    pub(super) async fn open(&self, limit: Duration) -> Result<Opened, NoConnection> {
        let end = tokio::time::Instant::now() + limit;
        let login = self.login.current().await;
        let order = self.cluster.in_order(Instant::now());
        let mut failure: Option<NoConnection> = None;
        let mut is_lasting = true;
        for (failed, &server) in order.iter().enumerate() {
            let endpoint = self.cluster.endpoint(server);
            let opening = Connection::open(&endpoint, self.uses_tls, login.as_ref());
            let servers_left = u32::try_from(order.len() - failed).unwrap_or(u32::MAX);
            let opened = if servers_left == 1 {
                Ok(opening.await)
            } else {
                timeout(end.saturating_duration_since(tokio::time::Instant::now()) / servers_left, opening).await
            };
            match opened {
                Ok(Ok(connection)) => {
                    self.cluster.note_connected(server);
                    self.cluster.add_named(&endpoint, &connection.info.connect_urls);
                    return Ok(Opened { connection, endpoint, server, failed });
                }
                Ok(Err(error)) => {
                    is_lasting &= error.is_lasting();
                    if error.local_limit().is_none() {
                        self.cluster.note_failed(server, Instant::now());
                    }
                    if failure.as_ref().is_none_or(|other| weight(&other.error) <= weight(&error)) {
                        failure = Some(NoConnection { error, endpoint, failed: 0, is_lasting: false });
                    }
                }
                Err(_) => {
                    is_lasting = false;
                    self.cluster.note_failed(server, Instant::now());
                }
            }
        }
        let failure = failure.expect("there is a server, and the last one has no limit");
        Err(NoConnection { failed: order.len(), is_lasting, ..failure })
    }
}

/// A connection, and the server that accepted it.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) server: MemberNumber,
    /// The number of servers that did not accept a connection.
    pub(super) failed: usize,
}

/// Why no server accepted a connection.
pub(super) struct NoConnection {
    /// The most informative error, and the endpoint of its server.
    pub(super) error: HandshakeError,
    pub(super) endpoint: Arc<Endpoint>,
    /// The number of servers.
    pub(super) failed: usize,
    /// Whether the next attempt will fail for the same reasons.
    pub(super) is_lasting: bool,
}

/// How informative an error is, if servers fail for different reasons. A limit of this machine applies to all servers.
fn weight(error: &HandshakeError) -> u8 {
    match error.local_limit() {
        Some(_) => 2,
        None => error.is_lasting().into(),
    }
}

/// The task of one connection.
type Run = fn(Rc<MessageSenders>) -> LocalFuture<'static, ()>;

/// The tasks of an arbiter. A new one starts when all connections are full.
pub(super) struct MessageSenders {
    pub(super) dispatch: Rc<Dispatch>,
    pub(super) server: Server,
    most: usize,
    /// Sends events over one connection.
    run: Run,
    /// The number of connections that are being opened.
    pub(super) opening: Cell<usize>,
    /// The number of connections that have stopped responding since the last check.
    pub(super) silent: Cell<u64>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
}

impl MessageSenders {
    /// Starts the first task.
    pub(super) fn start(dispatch: Rc<Dispatch>, server: Server, most: NonZeroUsize, run: Run) -> Rc<Self> {
        let senders = Rc::new(Self {
            dispatch,
            server,
            most: most.get(),
            run,
            opening: Cell::default(),
            silent: Cell::default(),
            tasks: RefCell::default(),
        });
        senders.start_one();
        senders
    }

    fn start_one(self: &Rc<Self>) {
        let sender = actix::spawn((self.run)(Rc::clone(self)));
        self.tasks.borrow_mut().push(sender);
    }

    /// Wakes an idle task if events wait. Without an idle task, starts one if more are allowed. A task that cannot take events calls this.
    pub(super) fn hand_over(self: &Rc<Self>) {
        if self.dispatch.has_idle() {
            self.dispatch.wake_one();
        } else if self.tasks.borrow().len() < self.most {
            self.start_one();
        }
    }

    /// The endpoint of the first server.
    pub(super) fn endpoint(&self) -> Arc<Endpoint> {
        self.server.cluster.endpoint(MemberNumber::default())
    }

    /// Aborts the tasks in any state.
    pub(super) fn abort(&self) {
        self.tasks.take().iter().for_each(JoinHandle::abort);
    }
}
