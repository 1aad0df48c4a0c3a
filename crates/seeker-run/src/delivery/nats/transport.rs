//! The transport to a NATS server.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::timeout;
use transport::http::{Endpoint, LocalLimit};

use super::connection::HandshakeError;
use super::message_sender;
use super::message_senders::{MessageSenders, NoConnection, Server};
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::{LocalFuture, NotReady, Senders, Transport};

/// A NATS server and the subject of messages.
pub(super) struct NatsTransport {
    pub(super) address: String,
    pub(super) server: Server,
}

impl Transport for NatsTransport {
    fn address(&self) -> String {
        self.address.clone()
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), NotReady>> {
        Box::pin(async move {
            match timeout(limit, self.server.open(limit)).await {
                Ok(Ok(opened)) => {
                    opened.connection.end().await;
                    Ok(())
                }
                Ok(Err(NoConnection { error, endpoint, .. })) => Err(self.not_ready(&endpoint, &error)),
                Err(_) => Err(NotReady::Unreachable(format!(
                    "{} cannot be reached: no NATS connection within {}; is the service a NATS server, and is --target right?",
                    self.address,
                    humantime::format_duration(limit)
                ))),
            }
        })
    }

    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders> {
        let run = |senders| -> LocalFuture<'static, ()> { Box::pin(message_sender::run(senders)) };
        Rc::new(NatsSenders(MessageSenders::start(dispatch, self.server.clone(), connections, run)))
    }
}

impl NatsTransport {
    fn not_ready(&self, endpoint: &Endpoint, error: &HandshakeError) -> NotReady {
        let why = format!("{} cannot be reached: failed to {}", self.address, endpoint.error_line(error));
        match error.local_limit() {
            // Before the start, a wrong name is more likely than a broken name service.
            None | Some(LocalLimit::NameService) => NotReady::Unreachable(match error {
                HandshakeError::Open(error) => format!("{why}; {}", error.advice()),
                _ => why,
            }),
            Some(limit) => NotReady::LocalLimit(format!("{why}; {limit}")),
        }
    }
}

struct NatsSenders(Rc<MessageSenders>);

impl Senders for NatsSenders {
    fn check_connections(&self) -> u64 {
        // A task that opens a connection takes no events. Usually it is quick, so nothing is done at once.
        if self.0.opening.get() > 0 && self.0.dispatch.ready() > 0 {
            self.0.hand_over();
        }
        self.0.silent.take()
    }

    fn abort(&self) {
        self.0.abort();
    }
}
