//! The client side of one HTTP/2 connection (RFC 9113) as a state machine. It does no I/O, reads no clock and starts no task: the caller
//! passes the bytes that it has read to [`Connection::receive`] and writes the bytes of [`Connection::output`].
//!
//! The crate is made for load generators, which send many small requests with the same headers over few connections:
//!
//! - A [`RequestHead`] is encoded once. On each connection, its first request adds the headers to the header table of the server. Each
//!   further request refers to them with about ten bytes.
//! - Requests and their bodies are copied once, into one output buffer that is reused. Responses go to the caller without a copy.
//! - A request on an open connection allocates nothing, unless its body has to wait for the window of the server.
//!
//! Server push and priorities are not supported. The client tells the server so.
//!
//! Invariant: whatever the server sends, memory is bounded, and each request ends at most once.

mod connection;
mod connection_error;
mod flow;
mod frame;
mod head_encoder;
pub mod hpack;
pub mod huffman;
mod output;
mod reason;
mod request_head;
mod response;
mod response_head;
mod settings;
mod streams;

pub use connection::{Connection, Readiness};
pub use connection_error::ConnectionError;
pub use reason::Reason;
pub use request_head::{HeadError, RequestHead};
pub use response::{Ending, RequestError, Response};
pub use response_head::HEADER_LIST_MAX;
pub use streams::StreamKey;

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
