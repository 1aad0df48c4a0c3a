//! The HTTP client of the load generator: where requests go ([`Endpoint`]), what they carry ([`Header`]), and the connections
//! they travel on ([`Connection`] for HTTP/1.1, [`Multiplexed`] for HTTP/2).
//!
//! It does what a load generator needs and nothing more: small POSTs on a kept-alive connection, whose answer is read
//! to its end and thrown away but for its status, unless its body is asked for. Pools, time-outs, retries, redirects and cookies live
//! with the callers or not at all. The reason for an HTTP/1.1 client of our own is CPU per request, which the bench `http_client` keeps
//! honest; HTTP/2 is left to the crate h2.
//!
//! The invariant kept throughout: a connection calls itself reusable only if the next byte from the peer can be nothing but the
//! first byte of the next answer.

mod addresses;
mod connect;
mod connection;
mod decoder;
mod endpoint;
mod endpoint_error;
mod error_line;
mod exchange;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod header;
mod liveness;
mod local_limit;
mod multiplexed;
mod name_lookup;
mod open_error;
mod resolve;
mod retry_after;
mod secrets;
mod tls;
mod tls_handshake;
mod trust;
mod version;

pub use connection::Connection;
pub use decoder::Malformed;
pub use endpoint::{Endpoint, without_values};
pub use endpoint_error::EndpointError;
pub use exchange::{Answer, ExchangeError};
pub use header::{Header, HeaderError};
pub use local_limit::LocalLimit;
pub use multiplexed::{Driver, Multiplexed};
pub use open_error::OpenError;
pub use resolve::{Resolve, ResolveError};
pub use retry_after::RetryAfter;
pub use trust::{Trust, TrustError};
pub use version::Version;
