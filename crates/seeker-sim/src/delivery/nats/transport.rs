//! The transport to a NATS server, and the senders of an arbiter: one task per connection.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use transport::http::{Endpoint, LocalLimit};
use transport::token::{Token, TokenSource};

use super::connection::{Connection, HandshakeError, Login};
use super::lane;
use super::subject::Subject;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::{LocalFuture, Senders, Transport, Unready};
use crate::target::service::Service;

/// A NATS server and the subject of messages.
pub(super) struct NatsTransport {
    pub(super) address: String,
    pub(super) server: Server,
}

/// What the connections need to know.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) service: Service,
    pub(super) uses_tls: bool,
    pub(super) subject: Subject,
    /// The user to log in, if the token is the password.
    pub(super) user: Option<String>,
    /// The token at the start of the run.
    pub(super) token: Option<(TokenSource, Token)>,
    /// The maximum number of messages without acknowledgement on a connection.
    pub(super) outstanding_max: NonZeroUsize,
}

impl Server {
    /// Opens a connection, with the token that the file holds now.
    pub(super) async fn open(&self, endpoint: &Endpoint) -> Result<Connection, HandshakeError> {
        let token = self.current_token().await;
        let login = token.as_ref().map(|token| Login::new(self.user.as_deref(), token));
        Connection::open(endpoint, self.uses_tls, login).await
    }

    async fn current_token(&self) -> Option<Token> {
        let (source, token) = self.token.as_ref()?;
        if !source.is_renewable() {
            return Some(token.clone());
        }
        let source = source.clone();
        // The file may be on a network file system, so reading it can block.
        let read = spawn_blocking(move || source.read()).await;
        Some(read.ok().and_then(Result::ok).unwrap_or_else(|| token.clone()))
    }
}

impl Transport for NatsTransport {
    fn address(&self) -> String {
        self.address.clone()
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), Unready>> {
        Box::pin(async move {
            let endpoint = self.server.service.endpoint();
            match timeout(limit, self.server.open(&endpoint)).await {
                Ok(Ok(connection)) => {
                    connection.end().await;
                    Ok(())
                }
                Ok(Err(error)) => Err(self.unready(&endpoint, &error)),
                Err(_) => Err(Unready::Unreachable(format!(
                    "{} cannot be reached: no NATS connection within {}; is the service a NATS server, and is --target right?",
                    self.address,
                    humantime::format_duration(limit)
                ))),
            }
        })
    }

    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders> {
        let lanes = Rc::new(Lanes {
            dispatch,
            server: self.server.clone(),
            most: connections.get(),
            opening: Cell::default(),
            silent: Cell::default(),
            tasks: RefCell::default(),
        });
        lanes.start_one();
        Rc::new(NatsSenders(lanes))
    }
}

impl NatsTransport {
    fn unready(&self, endpoint: &Endpoint, error: &HandshakeError) -> Unready {
        let why = format!("{} cannot be reached: failed to {}", self.address, endpoint.error_line(error));
        match error.local_limit() {
            // Before the start, a wrong name is more likely than a broken name service.
            None | Some(LocalLimit::NameService) => Unready::Unreachable(match error {
                HandshakeError::Open(error) => format!("{why}; {}", error.advice()),
                _ => why,
            }),
            Some(limit) => Unready::LocalLimit(format!("{why}; {limit}")),
        }
    }
}

struct NatsSenders(Rc<Lanes>);

impl Senders for NatsSenders {
    fn check_connections(&self) -> u64 {
        // A task that opens a connection takes no events. Usually it is quick, so nothing is done at once.
        if self.0.opening.get() > 0 && self.0.dispatch.ready() > 0 {
            self.0.hand_over();
        }
        self.0.silent.take()
    }

    fn abort(&self) {
        self.0.tasks.take().iter().for_each(JoinHandle::abort);
    }
}

/// The tasks of an arbiter, started on demand: a new one starts when all connections are full.
pub(super) struct Lanes {
    pub(super) dispatch: Rc<Dispatch>,
    pub(super) server: Server,
    most: usize,
    /// The number of connections that are being opened.
    pub(super) opening: Cell<usize>,
    /// The number of connections that have stopped responding since the last check.
    pub(super) silent: Cell<u64>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
}

impl Lanes {
    fn start_one(self: &Rc<Self>) {
        let lane = actix::spawn(lane::run(Rc::clone(self)));
        self.tasks.borrow_mut().push(lane);
    }

    /// Wakes an idle task if events wait. Without an idle task, starts one if more are allowed. A task that cannot take events calls this.
    pub(super) fn hand_over(self: &Rc<Self>) {
        if self.dispatch.has_idle() {
            self.dispatch.wake_one();
        } else if self.tasks.borrow().len() < self.most {
            self.start_one();
        }
    }

    /// The endpoint as it is now.
    pub(super) fn endpoint(&self) -> Arc<Endpoint> {
        self.server.service.endpoint()
    }
}
