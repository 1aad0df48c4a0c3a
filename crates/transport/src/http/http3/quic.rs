//! Opens a QUIC connection to an endpoint. Each connection has a UDP socket and thus a local port of its own, as TCP connections do, so load
//! balancers and servers with several threads spread the connections.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use quinn::{
    ClientConfig, Connection, ConnectionError, EndpointConfig, TokioRuntime, TransportConfig, VarInt,
    crypto::rustls::QuicClientConfig,
};
use rustls::{AlertDescription, Error as TlsError};

use crate::http::{
    connect::{Connected, Race},
    endpoint::Endpoint,
    http3_error::{ErrorCode, Http3Error},
    open_error::OpenError,
    remembering_verifier::Refusal,
    tls::Tls,
};

/// The time without a packet after which the client sends a PING. The answer shows that the connection is alive.
const PING_AFTER: Duration = Duration::from_secs(1);

/// The time without a packet after which a connection ends. The server can lower it.
const IDLE_MAX: VarInt = VarInt::from_u32(30_000);

/// The result of an attempt: the address has answered, with a connection or an error.
type Answered = Result<Connection, OpenError>;

/// Opens a connection to the first address of the endpoint that answers.
///
/// # Errors
///
/// If the host has no address, if no address answers, or if the handshake fails.
pub(super) async fn connect(endpoint: &Endpoint) -> Result<Connected<Connection>, OpenError> {
    let tls = endpoint.tls().expect("an endpoint of HTTP/3 uses https");
    let addresses = endpoint.addresses();
    let order = addresses.in_order().await?;
    let connected = Race::new(addresses).run(&order, |address| open(tls, address)).await;
    let Connected { stream, address, took } = connected.map_err(|error| match error {
        OpenError::Connect { address, source } if source.kind() == io::ErrorKind::TimedOut => OpenError::UdpSilence { address },
        error => error,
    })?;
    Ok(Connected { stream: stream?, address, took })
}

async fn open(tls: &Tls, address: SocketAddr) -> io::Result<Answered> {
    // QUIC cannot tell a missing route from a lost packet, but connecting a UDP socket can. It sends nothing.
    any_socket(address)?.connect(address)?;
    let socket = quinn::Endpoint::new(EndpointConfig::default(), None, any_socket(address)?, Arc::new(TokioRuntime))?;
    let refusal = Refusal::default();
    let crypto = QuicClientConfig::try_from(tls.for_quic(Arc::clone(&refusal))).map_err(io::Error::other)?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport_config()));
    let connecting = socket.connect_with(config, address, &tls.server.to_str()).map_err(io::Error::other)?;
    match connecting.await {
        Ok(connection) => Ok(Ok(connection)),
        Err(ConnectionError::TimedOut) => Err(io::ErrorKind::TimedOut.into()),
        Err(error) => Ok(Err(failed_handshake(address, error, &refusal))),
    }
}

/// A UDP socket with a free local port, for this kind of address.
fn any_socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let bound = match address {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)),
    };
    // Without a number, a port can only be in use if all are. TCP has another error for that.
    bound.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => io::ErrorKind::AddrNotAvailable.into(),
        _ => error,
    })
}

fn transport_config() -> TransportConfig {
    let mut config = TransportConfig::default();
    config
        .keep_alive_interval(Some(PING_AFTER))
        .max_idle_timeout(Some(IDLE_MAX.into()))
        // A server opens streams in one direction only: for control messages.
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None);
    config
}

/// The error of a failed handshake, as specific as possible.
pub(super) fn failed_handshake(address: SocketAddr, error: ConnectionError, refusal: &Refusal) -> OpenError {
    let tls = |error: TlsError| OpenError::of_handshake(address, io::Error::new(io::ErrorKind::InvalidData, error));
    if let Some(error) = refusal.get() {
        return tls(error.clone());
    }
    let code = match &error {
        ConnectionError::TransportError(error) => Some(error.code),
        ConnectionError::ConnectionClosed(close) => Some(close.error_code),
        _ => None,
    };
    let alert = code.and_then(|code| ErrorCode::Quic(code.into()).alert());
    match (alert, error) {
        (Some(AlertDescription::NoApplicationProtocol), _) | (_, ConnectionError::VersionMismatch) => {
            OpenError::NoHttp3 { address }
        }
        (Some(alert), ConnectionError::ConnectionClosed(_)) => tls(TlsError::AlertReceived(alert)),
        (Some(_), ConnectionError::TransportError(error)) => OpenError::Tls { address, source: io::Error::other(error.reason) },
        (_, error) => OpenError::Http3 { address, source: Http3Error::from(error) },
    }
}
