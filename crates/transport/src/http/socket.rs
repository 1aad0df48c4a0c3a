//! A byte stream to an endpoint, for protocols other than HTTP. It is opened as the connections of HTTP are: the addresses of the endpoint,
//! their order, its TLS settings and the errors are the same.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use measure::open_times::OpenTimes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    connect::{Connected, connect},
    endpoint::Endpoint,
    open_error::OpenError,
    tls::Tls,
    tls_handshake::start_tls,
};

/// A connection that carries bytes.
#[derive(Debug)]
pub struct Socket {
    stream: Stream,
    address: SocketAddr,
    open_times: OpenTimes,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    /// Boxed, because the TLS state is ten times as large as the plain TCP state.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Socket {
    /// Opens a connection to one of the addresses of the endpoint, without TLS.
    ///
    /// # Errors
    ///
    /// If the host has no address, or if none of its addresses accepts the connection.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let Connected { stream, address, took } = connect(endpoint).await?;
        Ok(Self { stream: Stream::Plain(stream), address, open_times: OpenTimes { connect: took, tls: None } })
    }

    /// Starts TLS on the connection, if the URL of the endpoint is https and TLS has not started. No protocol is negotiated (ALPN).
    ///
    /// # Errors
    ///
    /// If the handshake fails.
    pub async fn start_tls(self, endpoint: &Endpoint) -> Result<Self, OpenError> {
        match (self.stream, endpoint.tls()) {
            (Stream::Plain(stream), Some(tls)) => {
                let (stream, took) = start_tls(&without_alpn(tls), stream, self.address).await?;
                let open_times = OpenTimes { tls: Some(took), ..self.open_times };
                Ok(Self { stream: Stream::Tls(Box::new(stream)), address: self.address, open_times })
            }
            (stream, _) => Ok(Self { stream, ..self }),
        }
    }

    /// The time that the connection took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }
}

/// The same settings without a protocol to negotiate.
fn without_alpn(tls: &Tls) -> Tls {
    let mut config = (**tls.connector.config()).clone();
    config.alpn_protocols.clear();
    Tls { connector: TlsConnector::from(Arc::new(config)), ..tls.clone() }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, room),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, room),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
