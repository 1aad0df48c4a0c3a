//! A Kafka cluster as the run knows it: the servers to start from, the topic, and the settings of connections and requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::time::timeout;
use transport::http::{ConnectTo, Endpoint, EndpointError, Resolve};

use super::connection::Connection;
use super::error_code::ErrorCode;
use super::handshake::{self, HandshakeError};
use super::login::Login;
use super::messages::{Metadata, RequestKind};
use super::server::Server;
use crate::target::kafka_settings::{Acks, Codec, Sasl};
use crate::target::login_token::LoginToken;
use crate::target::service::Service;

/// The first version of the request that knows Zstandard.
const PRODUCE_WITH_ZSTD: i16 = 7;

/// The maximum time to wait for the metadata of one broker during a run.
const METADATA_MAX: Duration = Duration::from_secs(2);

/// A cluster and the topic of events. All arbiters share it.
pub(super) struct Cluster {
    /// The TLS settings and the secrets of all endpoints.
    pub(super) service: Service,
    pub(super) connect_to: Vec<ConnectTo>,
    pub(super) resolves: Vec<Resolve>,
    /// The servers that `--target` names.
    pub(super) servers: Vec<Server>,
    pub(super) topic: String,
    /// The login, if there is one.
    pub(super) login: Option<(Sasl, LoginToken)>,
    pub(super) acks: Acks,
    pub(super) codec: Option<Codec>,
    /// The time limit for an answer.
    pub(super) timeout: Duration,
    /// The maximum number of events in a request.
    pub(super) events_max: usize,
    /// The maximum number of requests without an answer on a connection.
    pub(super) requests_max: usize,
    /// The answer of the cluster before the start.
    pub(super) first_metadata: Mutex<Metadata>,
}

/// Why a topic cannot be used.
#[derive(Debug, Error)]
pub(super) enum TopicError {
    #[error("the topic `{0}` does not exist; create it first")]
    Missing(String),
    #[error("the topic `{0}` is not open to this user (TOPIC_AUTHORIZATION_FAILED); permit Describe and Write")]
    Forbidden(String),
    #[error("the cluster answered {code} for the topic `{topic}`")]
    Other { topic: String, code: ErrorCode },
    #[error("partition {0} of the topic has no leader")]
    NoLeader(usize),
}

impl TopicError {
    /// Whether the next attempt may succeed.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::NoLeader(_) => true,
            Self::Other { code, .. } => code.is_worth_a_retry(),
            Self::Missing(_) | Self::Forbidden(_) => false,
        }
    }
}

impl Cluster {
    /// The endpoint of a server.
    pub(super) fn endpoint(&self, server: &Server) -> Result<Endpoint, EndpointError> {
        let endpoint = self.service.endpoint().for_server(&server.url_host(), server.port)?;
        Ok(endpoint.with_addresses(&self.connect_to, &self.resolves, self.timeout))
    }

    /// Opens a connection, with the password that the file holds now.
    pub(super) async fn open(&self, endpoint: &Endpoint) -> Result<Connection, HandshakeError> {
        let Some((sasl, token)) = &self.login else { return handshake::open(endpoint, None).await };
        let password = token.current().await;
        handshake::open(endpoint, Some(Login { sasl, password: &password })).await
    }

    /// Opens a connection for events.
    pub(super) async fn open_producer(&self, endpoint: &Endpoint) -> Result<(Connection, i16), HandshakeError> {
        let connection = self.open(endpoint).await?;
        let version = connection.version(RequestKind::Produce).map_err(HandshakeError::Version)?;
        if self.codec == Some(Codec::Zstd) && version < PRODUCE_WITH_ZSTD {
            let text = format!(
                "the broker has version {version} of Produce, which has no compression with zstd; use another --compression"
            );
            return Err(HandshakeError::Version(text));
        }
        Ok((connection, version))
    }

    /// Asks a server for the brokers and the leaders.
    pub(super) async fn metadata(&self, endpoint: &Endpoint) -> Result<Metadata, HandshakeError> {
        let mut connection = self.open(endpoint).await?;
        let metadata = handshake::ask_metadata(&mut connection, &self.topic).await?;
        connection.end().await;
        Ok(metadata)
    }

    /// Asks one server after the other, first the known brokers, until one answers about the topic.
    pub(super) async fn refreshed(&self, brokers: &BTreeMap<i32, Server>) -> Option<Metadata> {
        for server in brokers.values().chain(&self.servers) {
            let Ok(endpoint) = self.endpoint(server) else { continue };
            if let Ok(Ok(metadata)) = timeout(self.timeout.min(METADATA_MAX), self.metadata(&endpoint)).await
                && metadata.code == 0
                && !metadata.leaders.is_empty()
            {
                return Some(metadata);
            }
        }
        None
    }

    /// Makes sure that events can be stored in all partitions.
    pub(super) fn check_topic(&self, metadata: &Metadata) -> Result<(), TopicError> {
        let topic = || self.topic.clone();
        match ErrorCode(metadata.code) {
            ErrorCode(0) if metadata.leaders.is_empty() => Err(TopicError::Missing(topic())),
            ErrorCode(0) => match metadata.leaders.iter().position(Option::is_none) {
                Some(partition) => Err(TopicError::NoLeader(partition)),
                None => Ok(()),
            },
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => Err(TopicError::Missing(topic())),
            ErrorCode::TOPIC_AUTHORIZATION_FAILED => Err(TopicError::Forbidden(topic())),
            code => Err(TopicError::Other { topic: topic(), code }),
        }
    }

    pub(super) fn set_first_metadata(&self, metadata: Metadata) {
        *self.first_metadata.lock().unwrap_or_else(PoisonError::into_inner) = metadata;
    }

    pub(super) fn first_metadata(&self) -> Metadata {
        self.first_metadata.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
