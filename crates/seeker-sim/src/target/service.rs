//! A service as requests reach it. Its endpoint changes when a token is renewed, so it is asked for before each request.

use std::sync::Arc;

use tokio::sync::watch;

use transport::http::Endpoint;
use transport::token::renewal::Credentials;

/// A service that events or searches are sent to.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    endpoint: watch::Receiver<Arc<Endpoint>>,
    /// What requests carry to prove who sends them.
    pub(crate) credentials: Credentials,
}

impl Service {
    /// A service whose endpoint may change.
    pub(crate) fn new(endpoint: watch::Receiver<Arc<Endpoint>>, credentials: Credentials) -> Self {
        Self { endpoint, credentials }
    }

    /// Its endpoint as it is now.
    pub(crate) fn endpoint(&self) -> Arc<Endpoint> {
        Arc::clone(&self.endpoint.borrow())
    }

    /// Puts its endpoint in the place of an older one.
    pub(crate) fn renew(&mut self, endpoint: &mut Arc<Endpoint>) {
        // Without anybody to change it, it stays what it is.
        if self.endpoint.has_changed().unwrap_or(false) {
            *endpoint = Arc::clone(&self.endpoint.borrow_and_update());
        }
    }
}
