//! The tasks that send the events of one arbiter: one per connection, started on demand. They share the server.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use tokio::task::JoinHandle;
use transport::http::Endpoint;

use super::connection::{Connection, HandshakeError, Login};
use super::subject::Subject;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::LocalFuture;
use crate::target::login_token::LoginToken;
use crate::target::service::Service;

/// What the connections need to know.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) service: Service,
    pub(super) uses_tls: bool,
    pub(super) subject: Subject,
    /// The user to log in, if the token is the password.
    pub(super) user: Option<String>,
    pub(super) token: Option<LoginToken>,
    /// The maximum number of messages without acknowledgement on a connection.
    pub(super) outstanding_max: NonZeroUsize,
}

impl Server {
    /// Opens a connection, with the token that the file holds now.
    pub(super) async fn open(&self, endpoint: &Endpoint) -> Result<Connection, HandshakeError> {
        let token = match &self.token {
            Some(token) => Some(token.current().await),
            None => None,
        };
        let login = token.as_ref().map(|token| Login::new(self.user.as_deref(), token));
        Connection::open(endpoint, self.uses_tls, login).await
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

    /// The endpoint as it is now.
    pub(super) fn endpoint(&self) -> Arc<Endpoint> {
        self.server.service.endpoint()
    }

    /// Aborts the tasks in any state.
    pub(super) fn abort(&self) {
        self.tasks.take().iter().for_each(JoinHandle::abort);
    }
}
