//! A connection that several requests share, over HTTP/2 or HTTP/3.

use measure::open_times::OpenTimes;

#[cfg(feature = "http3")]
use super::http3::Http3;
use super::{
    endpoint::Endpoint,
    exchange::{Answer, ExchangeError},
    multiplexed::{Driver, Multiplexed},
    open_error::OpenError,
    traceparent::TraceParent,
};

/// A connection with several concurrent requests. It lives as long as its driver.
#[derive(Debug)]
pub enum SharedConnection {
    /// Over HTTP/2.
    Http2(Multiplexed),
    /// Over HTTP/3.
    #[cfg(feature = "http3")]
    Http3(Http3),
}

impl SharedConnection {
    /// Opens a connection to one of the addresses of the endpoint, over the version of the endpoint. Over HTTP/3, the driver calls
    /// `on_room` when the server allows more requests after it allowed none.
    ///
    /// # Errors
    ///
    /// If the connection fails, or if the server does not speak this version.
    pub async fn open(endpoint: &Endpoint, on_room: impl Fn() + 'static) -> Result<(Self, Driver), OpenError> {
        #[cfg(feature = "http3")]
        if endpoint.version() == super::version::Version::Http3 {
            // Boxed, because it is rare and large.
            let (connection, driver) = Box::pin(Http3::open(endpoint, on_room)).await?;
            return Ok((Self::Http3(connection), driver));
        }
        drop(on_room);
        let (connection, driver) = Multiplexed::open(endpoint).await?;
        Ok((Self::Http2(connection), driver))
    }

    /// The time that the connection took to open.
    pub fn open_times(&self) -> OpenTimes {
        match self {
            Self::Http2(connection) => connection.open_times(),
            #[cfg(feature = "http3")]
            Self::Http3(connection) => connection.open_times(),
        }
    }

    /// Whether the server accepts a request in addition to this many requests, as far as is known.
    pub fn has_room(&self, requests: usize) -> bool {
        match self {
            Self::Http2(connection) => requests < connection.streams_max(),
            #[cfg(feature = "http3")]
            Self::Http3(connection) => connection.has_room(requests),
        }
    }

    /// Checks whether the connection still responds. Call it about ten times a second, with or without outstanding responses: it then finds
    /// a dead connection in two seconds.
    pub fn check(&self, owes_answers: bool) -> bool {
        match self {
            Self::Http2(connection) => connection.check(owes_answers),
            #[cfg(feature = "http3")]
            Self::Http3(connection) => connection.check(),
        }
    }

    /// Sends one POST and reads its whole response, with any status. Stores up to 1 MiB of the response body in `kept`, if given. If the
    /// future is dropped early, only this request is cancelled.
    ///
    /// # Errors
    ///
    /// If the connection is no longer usable, which is detected immediately; if the request is reset; or if the connection is lost before
    /// the response is complete.
    pub async fn post(&self, endpoint: &Endpoint, body: &[u8], kept: Option<&mut Vec<u8>>) -> Result<Answer, ExchangeError> {
        match self {
            Self::Http2(connection) => connection.post(endpoint, body, kept).await,
            #[cfg(feature = "http3")]
            Self::Http3(connection) => Box::pin(connection.post(endpoint, None, body, kept)).await,
        }
    }

    /// Like [`SharedConnection::post`], with the header of a trace.
    ///
    /// # Errors
    ///
    /// As [`SharedConnection::post`].
    pub async fn post_traced(
        &self,
        endpoint: &Endpoint,
        trace: &TraceParent,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        match self {
            Self::Http2(connection) => connection.post_traced(endpoint, trace, body, kept).await,
            #[cfg(feature = "http3")]
            Self::Http3(connection) => Box::pin(connection.post(endpoint, Some(trace), body, kept)).await,
        }
    }
}
