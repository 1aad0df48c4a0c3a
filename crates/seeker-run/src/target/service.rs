//! A service that receives requests. Its endpoint changes when a token is renewed, so each request reads the current endpoint.

use std::sync::Arc;

use tokio::sync::watch;

use transport::http::Endpoint;
use transport::token::renewal::Credentials;

/// A service that events or searches are sent to.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    endpoint: watch::Receiver<Arc<Endpoint>>,
    /// The credentials of the requests.
    pub(crate) credentials: Credentials,
}

impl Service {
    /// A service whose endpoint may change.
    pub(crate) fn new(endpoint: watch::Receiver<Arc<Endpoint>>, credentials: Credentials) -> Self {
        Self { endpoint, credentials }
    }

    /// The current endpoint.
    pub(crate) fn endpoint(&self) -> Arc<Endpoint> {
        Arc::clone(&self.endpoint.borrow())
    }

    /// Replaces an older endpoint with the current one, if it has changed.
    pub(crate) fn renew(&mut self, endpoint: &mut Arc<Endpoint>) {
        // Without a renewal, the channel is closed and the endpoint never changes.
        if self.endpoint.has_changed().unwrap_or(false) {
            *endpoint = Arc::clone(&self.endpoint.borrow_and_update());
        }
    }
}
