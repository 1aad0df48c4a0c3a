//! How a response reaches the caller.

use std::ops::ControlFlow;

use thiserror::Error;

use crate::reason::Reason;

/// The caller's state of one request. The connection stores it and calls its methods in this order: `sent` at any time, `head` once,
/// `field` for each header, `data` for each part of the body, `field` for each trailer, and `ended` once. An error can end the response at
/// any place.
pub trait Response {
    /// The caller's clock reading at a call of [`receive`](crate::Connection::receive) or [`wrote`](crate::Connection::wrote).
    type Moment: Copy;

    /// The last byte of the request was written.
    fn sent(&mut self, at: Self::Moment);

    /// A final response begins, with this status from 200 to 999.
    fn head(&mut self, status: u16, at: Self::Moment);

    /// A header of the response, or a trailer. Its name is in lower case.
    fn field(&mut self, name: &[u8], value: &[u8]);

    /// A part of the body that is not empty. On `Break`, the connection cancels the rest of the response.
    fn data(&mut self, data: &[u8]) -> ControlFlow<()>;

    /// The request has ended.
    fn ended(&mut self, ending: Result<Ending, RequestError>, at: Self::Moment);
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The response is complete.
    Complete,
    /// The caller wanted no more of the body.
    Cut,
}

/// Why a request has no complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The server ends the connection and has not processed the request (GOAWAY). It can be sent again on another connection.
    #[error("the server ends the connection and has not processed the request (GOAWAY, {0})")]
    NotTaken(Reason),
    /// The server has not processed the request. It can be sent again.
    #[error("the server refused the request (RST_STREAM, REFUSED_STREAM)")]
    Refused,
    /// The server reset the request.
    #[error("the server reset the request (RST_STREAM, {0})")]
    Reset(Reason),
    /// The response violates HTTP/2, so the client has reset the request.
    #[error("the response violates HTTP/2: {0}")]
    Malformed(&'static str),
    /// The connection ended.
    #[error("the connection ended")]
    ConnectionLost,
}
