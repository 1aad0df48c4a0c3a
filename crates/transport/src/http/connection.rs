//! Opens a connection to an endpoint, over plain TCP or TLS. [`super::exchange`] sends the requests.
//!
//! Invariant: a `Connection` is connected. For https, its server has proved its identity, unless certificate checks are disabled.

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use measure::open_times::OpenTimes;

use super::{
    connect::{Connected, connect},
    endpoint::Endpoint,
    exchange::{Answer, Exchange, ExchangeError, HEAD_END},
    open_error::OpenError,
    tls_handshake::start_tls,
    traceparent::TraceParent,
};

/// A kept-alive connection to an endpoint. It carries one request at a time.
#[derive(Debug)]
pub struct Connection {
    transport: Transport,
    open_times: OpenTimes,
}

#[derive(Debug)]
enum Transport {
    Plain(Exchange<TcpStream>),
    /// Boxed, because the TLS state is ten times as large as the plain TCP state.
    Tls(Box<Exchange<TlsStream<TcpStream>>>),
}

impl Connection {
    /// Opens a connection to one of the addresses of the endpoint.
    ///
    /// # Errors
    ///
    /// If the host has no address, if none of its addresses accepts the connection, or if the TLS handshake fails.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let Connected { stream, address, took } = connect(endpoint).await?;
        let keeps_alive = endpoint.keeps_alive();
        let (transport, tls) = match endpoint.tls() {
            None => (Transport::Plain(Exchange::new(stream, keeps_alive)), None),
            Some(tls) => {
                let (stream, took) = start_tls(tls, stream, address).await?;
                (Transport::Tls(Box::new(Exchange::new(stream, keeps_alive))), Some(took))
            }
        };
        Ok(Self { transport, open_times: OpenTimes { connect: took, tls } })
    }

    /// The time that the connection took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// Sends one POST and reads its whole response, with any status. If the future is dropped early, the connection is not reusable.
    ///
    /// # Errors
    ///
    /// If the connection is not reusable, if it is lost before the response is complete, or if the response is malformed. The connection is
    /// not reusable after any of these errors.
    pub async fn post(&mut self, endpoint: &Endpoint, body: &[u8]) -> Result<Answer, ExchangeError> {
        self.post_keeping(endpoint, body, None).await
    }

    /// Like [`Connection::post`], but stores up to 1 MiB of the response body in the given buffer.
    ///
    /// # Errors
    ///
    /// As [`Connection::post`].
    pub async fn post_keeping(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        match &mut self.transport {
            Transport::Plain(exchange) => exchange.post(endpoint.head(), HEAD_END, body, kept).await,
            Transport::Tls(exchange) => exchange.post(endpoint.head(), HEAD_END, body, kept).await,
        }
    }

    /// Like [`Connection::post_keeping`], with the header of a trace.
    ///
    /// # Errors
    ///
    /// As [`Connection::post`].
    pub async fn post_traced(
        &mut self,
        endpoint: &Endpoint,
        trace: &TraceParent,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        match &mut self.transport {
            Transport::Plain(exchange) => exchange.post(endpoint.head(), trace.head_end(), body, kept).await,
            Transport::Tls(exchange) => exchange.post(endpoint.head(), trace.head_end(), body, kept).await,
        }
    }

    /// Resolves when an idle connection is no longer usable: the peer has closed it or sent unsolicited bytes. The future can be dropped
    /// and the function called again at any time.
    pub async fn until_closed(&mut self) {
        match &mut self.transport {
            Transport::Plain(exchange) => exchange.until_closed().await,
            Transport::Tls(exchange) => exchange.until_closed().await,
        }
    }

    /// Whether another request can be sent, according to the last known state. Does not check the connection.
    pub fn is_reusable(&self) -> bool {
        match &self.transport {
            Transport::Plain(exchange) => exchange.is_reusable(),
            Transport::Tls(exchange) => exchange.is_reusable(),
        }
    }

    /// The status of an early response: it came before the whole request was sent, and the request future was dropped while the rest was
    /// being sent.
    pub fn early_status(&self) -> Option<u16> {
        match &self.transport {
            Transport::Plain(exchange) => exchange.early_status(),
            Transport::Tls(exchange) => exchange.early_status(),
        }
    }
}

/// Ends an orderly TLS connection with `close_notify`, which proves that the end is not forged. If the socket does not accept the alert
/// immediately, it is dropped: nothing waits for a connection that is no longer needed.
impl Drop for Connection {
    fn drop(&mut self) {
        if let Transport::Tls(exchange) = &mut self.transport
            && let Some(stream) = exchange.stream_in_order()
        {
            let (tcp, tls) = stream.get_mut();
            tls.send_close_notify();
            // If the peer is gone, it does not need the alert.
            let _ = tls.write_tls(&mut TryWrite(tcp));
        }
    }
}

/// Writes only the bytes that the socket accepts immediately.
struct TryWrite<'a>(&'a TcpStream);

impl io::Write for TryWrite<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
