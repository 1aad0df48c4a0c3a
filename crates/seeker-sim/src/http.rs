//! The HTTP/1.1 client of the load generator: where requests go ([`Endpoint`]), what they carry ([`Header`]), and the connections
//! they travel on ([`Connection`]).
//!
//! It does what a load generator needs and nothing more: one small POST at a time on a kept-alive connection, whose answer is read
//! to its end and thrown away but for its status. Pools, time-outs, retries, redirects and cookies live with the callers or not
//! at all. The reason for a client of our own is CPU per request, which the bench `http_client` keeps honest.
//!
//! The invariant kept throughout: a connection calls itself reusable only if the next byte from the peer can be nothing but the
//! first byte of the next answer.

mod connection;
mod decoder;
mod endpoint;
mod exchange;
mod header;
mod retry_after;
mod tls;
mod trust;

pub use connection::{Connection, OpenError};
pub use decoder::Malformed;
pub use endpoint::{Endpoint, EndpointError};
pub use exchange::{Answer, ExchangeError};
pub use header::{Header, HeaderError};
pub use retry_after::RetryAfter;
pub use trust::{Trust, TrustError};
