//! Sends requests with or without a trace context. The choice is a type parameter of a sender, so that requests without a trace cost nothing
//! more.

use transport::http::{Answer, Connection, Endpoint, ExchangeError, SharedConnection, TraceParent};

use crate::delivery::retries::Flight;

/// The trace context of a request, or none.
pub(super) trait Trace: Copy + 'static {
    /// Returns the context of a request with these events. There is at least one event.
    fn of(flights: &[Flight]) -> Self;

    /// Sends a request over an HTTP/1.1 connection.
    async fn post(
        self,
        connection: &mut Connection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError>;

    /// Sends a request over a connection of HTTP/2 or HTTP/3.
    async fn post_shared(
        self,
        connection: &SharedConnection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError>;
}

/// No trace context.
impl Trace for () {
    fn of(_: &[Flight]) -> Self {}

    async fn post(
        self,
        connection: &mut Connection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        connection.post_keeping(endpoint, body, kept).await
    }

    async fn post_shared(
        self,
        connection: &SharedConnection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        connection.post(endpoint, body, kept).await
    }
}

/// The trace of the first event.
impl Trace for TraceParent {
    fn of(flights: &[Flight]) -> Self {
        Self::of_uuid(&flights[0].delivery.event.event.text())
    }

    async fn post(
        self,
        connection: &mut Connection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        connection.post_traced(endpoint, &self, body, kept).await
    }

    async fn post_shared(
        self,
        connection: &SharedConnection,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        connection.post_traced(endpoint, &self, body, kept).await
    }
}
