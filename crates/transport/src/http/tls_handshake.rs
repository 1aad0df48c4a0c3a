//! The TLS handshake.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{open_error::OpenError, tls::Tls};

/// Starts TLS on a connection to this address. Returns how long the handshake took too.
pub(super) async fn start_tls(
    tls: &Tls,
    stream: TcpStream,
    address: SocketAddr,
) -> Result<(TlsStream<TcpStream>, Duration), OpenError> {
    let began = Instant::now();
    let handshake = tls.connector.connect(tls.server.clone(), stream);
    let stream = handshake.await.map_err(|source| OpenError::of_handshake(address, source))?;
    Ok((stream, began.elapsed()))
}
