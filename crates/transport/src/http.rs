//! The HTTP client of the load generator: the target and the request head ([`Endpoint`]), extra headers ([`Header`]), and connections
//! ([`Connection`] for HTTP/1.1, [`SharedConnection`] for HTTP/2 and HTTP/3).
//!
//! [`Socket`] is a byte stream to an endpoint, for clients of other protocols.
//!
//! The client sends small POSTs on a kept-alive connection. It reads each response to its end and keeps only the status, unless the caller
//! asks for the body. Pools, timeouts, retries, redirects and cookies belong to the callers or are not supported. The client has its own
//! HTTP/1.1 implementation to save CPU per request; the bench `http_client` checks that it does. HTTP/2 uses the crate `http2-client`,
//! for the same reason. HTTP/3 uses the crate quinn for QUIC, and needs the feature `http3`.
//!
//! Invariant: a connection reports itself reusable only if the next byte from the peer must be the first byte of the next response.

mod addresses;
mod connect;
mod connect_to;
mod connection;
mod decoder;
mod endpoint;
mod endpoint_error;
mod error_line;
mod exchange;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod grpc_status;
mod header;
mod http2_error;
#[cfg(feature = "http3")]
mod http3;
#[cfg(feature = "http3")]
mod http3_error;
mod identity;
mod liveness;
mod local_limit;
mod multiplexed;
mod name_lookup;
mod open_error;
mod proxy;
#[cfg(feature = "http3")]
mod qpack;
#[cfg(feature = "http3")]
mod remembering_verifier;
mod resolve;
mod retry_after;
mod secrets;
mod shared_connection;
mod socket;
mod tls;
mod tls_handshake;
mod traceparent;
mod trust;
mod version;

pub use connect_to::{ConnectTo, ConnectToError};
pub use connection::Connection;
pub use decoder::Malformed;
pub use endpoint::{Endpoint, without_values};
pub use endpoint_error::EndpointError;
pub use exchange::{Answer, ExchangeError};
pub use header::{Header, HeaderError};
pub use http2_error::Http2Error;
#[cfg(feature = "http3")]
pub use http3::Http3;
#[cfg(feature = "http3")]
pub use http3_error::{ErrorCode, Http3Error, Malformed as Http3Malformed};
pub use identity::{ClientIdentity, IdentityError, IdentityFiles};
pub use local_limit::LocalLimit;
pub use multiplexed::{Driver, Multiplexed};
pub use open_error::{NO_HTTP3_ADVICE, OpenError};
pub use proxy::{Proxy, ProxyError};
pub use resolve::{Resolve, ResolveError};
pub use retry_after::RetryAfter;
pub use shared_connection::SharedConnection;
pub use socket::Socket;
pub use traceparent::TraceParent;
pub use trust::{Trust, TrustError};
pub use version::Version;
