//! A connection to an endpoint: how it is opened, over plain TCP or TLS. What happens on it is the matter of [`super::exchange`].
//!
//! The invariant: a connection that exists has been connected and, for https, has a server that proved to be the endpoint's, unless
//! that was not asked for.

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use measure::open_times::OpenTimes;

use super::{
    connect::{Connected, connect},
    endpoint::Endpoint,
    exchange::{Answer, Exchange, ExchangeError},
    open_error::OpenError,
    tls_handshake::start_tls,
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
    /// Boxed, for the state of TLS is ten times as large as that of plain TCP.
    Tls(Box<Exchange<TlsStream<TcpStream>>>),
}

impl Connection {
    /// Opens a connection to one of the addresses of the endpoint.
    ///
    /// # Errors
    ///
    /// If the host has no address, if none of its addresses takes the connection, or if TLS cannot be agreed on.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let Connected { stream, address, took } = connect(endpoint).await?;
        let (transport, tls) = match endpoint.tls() {
            None => (Transport::Plain(Exchange::new(stream)), None),
            Some(tls) => {
                let (stream, took) = start_tls(tls, stream, address).await?;
                (Transport::Tls(Box::new(Exchange::new(stream))), Some(took))
            }
        };
        Ok(Self { transport, open_times: OpenTimes { connect: took, tls } })
    }

    /// How long it took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// Sends one POST and reads its whole answer, which may have any status. A future dropped before that leaves the connection
    /// not reusable.
    ///
    /// # Errors
    ///
    /// If the connection is not reusable, is lost before the answer is complete, or if the answer is not understood. The
    /// connection is not reusable after any of them.
    pub async fn post(&mut self, endpoint: &Endpoint, body: &[u8]) -> Result<Answer, ExchangeError> {
        self.post_keeping(endpoint, body, None).await
    }

    /// Like [`Connection::post`], with room in which the body of the answer is kept, up to 1 MiB of it.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn post_keeping(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        match &mut self.transport {
            Transport::Plain(exchange) => exchange.post(endpoint.head(), body, kept).await,
            Transport::Tls(exchange) => exchange.post(endpoint.head(), body, kept).await,
        }
    }

    /// Resolves when an idle connection is no longer usable: the peer closed it, or sent something nobody asked for. It may be
    /// dropped and called again at any time.
    pub async fn until_closed(&mut self) {
        match &mut self.transport {
            Transport::Plain(exchange) => exchange.until_closed().await,
            Transport::Tls(exchange) => exchange.until_closed().await,
        }
    }

    /// Whether another request can be sent, as far as is known without a look at the connection.
    pub fn is_reusable(&self) -> bool {
        match &self.transport {
            Transport::Plain(exchange) => exchange.is_reusable(),
            Transport::Tls(exchange) => exchange.is_reusable(),
        }
    }

    /// The status of an answer that came before the whole request was sent, if the future of the request was dropped while the rest of
    /// the request was sent.
    pub fn early_status(&self) -> Option<u16> {
        match &self.transport {
            Transport::Plain(exchange) => exchange.early_status(),
            Transport::Tls(exchange) => exchange.early_status(),
        }
    }
}

/// A TLS connection that ends in order says so (`close_notify`), for otherwise its end could be anybody's doing. It is said at once or
/// not at all: nobody waits for a connection that is not wanted any more.
impl Drop for Connection {
    fn drop(&mut self) {
        if let Transport::Tls(exchange) = &mut self.transport
            && let Some(stream) = exchange.stream_in_order()
        {
            let (tcp, tls) = stream.get_mut();
            tls.send_close_notify();
            // Were the peer gone, it would not miss the word.
            let _ = tls.write_tls(&mut TryWrite(tcp));
        }
    }
}

/// Writes what the socket takes at once.
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
