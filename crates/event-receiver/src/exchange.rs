//! A request under way: its connection, its transfer and its body, over either version of HTTP.

use std::rc::Rc;

use actix_http::{HttpMessage, Request};

use crate::answer::Answer;
use crate::api_error::ApiError;
use crate::body::{self, Body, BodyError};
use crate::connection::Connection;
use crate::incoming_body::IncomingBody;
use crate::transfer::Transfer;

/// A request under way.
pub(crate) struct Exchange {
    connection: Rc<Connection>,
    /// The transfer of a request over HTTP/2.
    stream: Option<Rc<Transfer>>,
    incoming: IncomingBody,
}

impl Exchange {
    /// Begins a request over HTTP/1.1.
    ///
    /// # Errors
    ///
    /// The response to a request whose header section is too large.
    pub(crate) fn http1(request: &mut Request) -> Result<Self, Answer> {
        let incoming = IncomingBody::http1(request.take_payload());
        let connection: &Rc<Connection> = request.conn_data().expect("a connection over HTTP/1.1 has its data");
        let read_bytes = connection.state().begin_request();
        let exchange = Self { connection: Rc::clone(connection), stream: None, incoming };
        let limit = connection.worker().shared.limits.header_bytes.get() as usize;
        if read_bytes > limit && header_bytes(request) > limit {
            return Err(ApiError::header_too_large(limit).answer());
        }
        Ok(exchange)
    }

    /// Begins a request over HTTP/2.
    pub(crate) const fn http2(connection: Rc<Connection>, transfer: Rc<Transfer>, body: h2::RecvStream) -> Self {
        Self { connection, stream: Some(transfer), incoming: IncomingBody::http2(body) }
    }

    pub(crate) fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.stream.is_some()
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// If the body could not be read.
    pub(crate) async fn read(&mut self) -> Result<Body, BodyError> {
        let transfer = self.stream.as_deref().unwrap_or(&self.connection.transfer);
        body::read(&mut self.incoming, transfer).await
    }

    /// Reads and discards the rest of the body, so that the connection can continue with the next request. Returns the rest that has not
    /// arrived yet, if any.
    ///
    /// # Errors
    ///
    /// If the body ends early, or arrives below the minimum rate.
    pub(crate) async fn discard(&mut self) -> Result<Option<IncomingBody>, BodyError> {
        // Over HTTP/2, the response tells the client to stop sending.
        if !self.is_http2() {
            body::discard(&mut self.incoming, &self.connection.transfer).await?;
        }
        Ok(self.rest())
    }

    /// The rest of the body that has not arrived yet, if any.
    pub(crate) fn rest(&mut self) -> Option<IncomingBody> {
        self.incoming.take_rest()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.stream.is_none() {
            self.connection.transfer.end();
            self.connection.state().end_request(self.incoming.is_finished());
        }
    }
}

/// The size of the header section as HTTP/2 counts it (RFC 9113, section 6.5.2).
fn header_bytes(request: &Request) -> usize {
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    uri + request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum::<usize>()
}
