//! The handshake with a Kafka broker: the connection, the versions of the protocol, the login, and the question for the leaders of a topic.

use thiserror::Error;
use tokio::time::Instant;
use transport::http::{Endpoint, EndpointError, LocalLimit, OpenError};

use super::connection::{Connection, LostError};
use super::error_code::ErrorCode;
use super::login::{self, Login, LoginError};
use super::messages::{self, ApiVersions, Metadata, RequestKind};
use super::wire::Malformed;

/// The part of the lifetime of a login after which a new connection replaces the connection.
const LIFETIME_USED: f64 = 0.85;

/// Why a connection could not be opened.
#[derive(Debug, Error)]
pub(super) enum HandshakeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The connection was lost during the handshake.
    #[error("complete the Kafka handshake")]
    Lost(#[source] LostError),
    /// The first bytes are not those of a Kafka broker.
    #[error("find a Kafka broker: the first bytes are of another protocol")]
    OtherProtocol,
    /// The first bytes are an alert of TLS.
    #[error("find a Kafka broker: the server speaks TLS; use kafkas://")]
    NeedsTls,
    /// The broker closed the connection after the first request.
    #[error("find a Kafka broker: it closed the connection after the first request; does it require TLS (kafkas://)?")]
    ClosedAtOnce,
    /// The broker does not understand the versions that this program writes.
    #[error("agree on a version of the protocol: {0}")]
    Version(String),
    /// The address that a broker advertises cannot be used.
    #[error("use the address {server}, which the cluster names")]
    Advertised {
        server: String,
        #[source]
        source: Box<EndpointError>,
    },
    #[error("log in")]
    Login(#[source] LoginError),
    /// The broker closed the connection because the run does not log in.
    #[error("ask for the topic: the broker closed the connection; does it require a login (--sasl)?")]
    NeedsLogin,
}

impl HandshakeError {
    /// Whether the next attempt will fail for the same reason.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Open(error) => error.is_about_identity(),
            Self::Lost(_) | Self::ClosedAtOnce | Self::NeedsLogin => false,
            Self::OtherProtocol | Self::NeedsTls | Self::Version(_) | Self::Advertised { .. } | Self::Login(_) => true,
        }
    }

    /// The limit of this machine that caused the error, if any.
    pub(super) fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Open(error) => error.local_limit(),
            Self::Lost(error) => error.local_limit(),
            _ => None,
        }
    }
}

/// Opens a connection, agrees on versions and logs in.
pub(super) async fn open(endpoint: &Endpoint, login: Option<Login<'_>>) -> Result<Connection, HandshakeError> {
    let mut connection = Connection::open(endpoint).await?;
    let answer = match connection.exchange(RequestKind::ApiVersions, 0, |_| {}).await {
        Ok(answer) => answer,
        Err(LostError::Malformed(_)) if connection.has_tls_alert() => return Err(HandshakeError::NeedsTls),
        Err(LostError::Malformed(_) | LostError::OtherRequest) => return Err(HandshakeError::OtherProtocol),
        Err(error) if error.is_end() => return Err(HandshakeError::ClosedAtOnce),
        Err(error) => return Err(HandshakeError::Lost(error)),
    };
    let (code, versions) = ApiVersions::read(&answer).map_err(|Malformed| HandshakeError::OtherProtocol)?;
    if code != 0 {
        return Err(HandshakeError::Version(format!("the broker answered {} to ApiVersions", ErrorCode(code))));
    }
    connection.versions = versions;
    if let Some(login) = login {
        let lifetime = login::log_in(&mut connection, endpoint, login).await.map_err(HandshakeError::Login)?;
        connection.expires = lifetime.map(|lifetime| Instant::now() + lifetime.mul_f64(LIFETIME_USED));
    }
    Ok(connection)
}

/// Asks for the brokers and the leaders of a topic.
pub(super) async fn ask_metadata(connection: &mut Connection, topic: &str) -> Result<Metadata, HandshakeError> {
    let version = connection.version(RequestKind::Metadata).map_err(HandshakeError::Version)?;
    let answer =
        connection.exchange(RequestKind::Metadata, version, |out| messages::write_metadata_request(out, version, topic)).await;
    let answer = answer.map_err(|error| match error {
        error if error.is_end() => HandshakeError::NeedsLogin,
        error => HandshakeError::Lost(error),
    })?;
    Metadata::read(&answer, version, topic).map_err(|error| HandshakeError::Lost(error.into()))
}
