//! The login to a broker with SASL (Apache Kafka, "SASL Authentication Sequence").

use std::time::Duration;

use thiserror::Error;
use tokio::task::spawn_blocking;
use transport::http::Endpoint;
use transport::token::Token;
use uuid::Uuid;

use super::connection::{Connection, LostError, shown};
use super::error_code::ErrorCode;
use super::messages::{self, RequestKind, SaslAnswer};
use super::scram::{Scram, ScramError};
use super::wire::{Malformed, put_length, put_text};
use crate::target::kafka_settings::{Mechanism, Sasl};

/// The user and the password.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    pub(super) sasl: &'a Sasl,
    pub(super) password: &'a Token,
}

/// Why a login failed.
#[derive(Debug, Error)]
pub(super) enum LoginError {
    #[error("the connection was lost")]
    Lost(#[source] LostError),
    /// The broker closed the connection in place of an answer.
    #[error("the broker closed the connection; check --sasl-user and the password")]
    Closed,
    #[error("{0}")]
    Version(String),
    /// The broker has other mechanisms.
    #[error("the broker has no mechanism {mechanism}{offered}")]
    Mechanism { mechanism: Mechanism, offered: String },
    /// The broker rejected the login.
    #[error("the broker answered {code}{explanation}; check --sasl-user and the password")]
    Rejected { code: ErrorCode, explanation: String },
    #[error(transparent)]
    Scram(#[from] ScramError),
}

impl From<LostError> for LoginError {
    fn from(error: LostError) -> Self {
        if error.is_end() { Self::Closed } else { Self::Lost(error) }
    }
}

impl From<Malformed> for LoginError {
    fn from(error: Malformed) -> Self {
        Self::Lost(error.into())
    }
}

/// Logs in. Returns how long the login is valid, if it has a limit.
pub(super) async fn log_in(
    connection: &mut Connection,
    endpoint: &Endpoint,
    Login { sasl, password }: Login<'_>,
) -> Result<Option<Duration>, LoginError> {
    let mechanism = sasl.mechanism;
    let version = connection.version(RequestKind::SaslHandshake).map_err(LoginError::Version)?;
    let answer =
        connection.exchange(RequestKind::SaslHandshake, version, |out| put_text(out, mechanism.name().as_bytes())).await?;
    let (code, offered) = messages::read_sasl_handshake(&answer)?;
    if code != 0 {
        let offered =
            shown(endpoint, &offered.join(&b", "[..])).map_or_else(String::new, |offered| format!("; it has {offered}"));
        return Err(LoginError::Mechanism { mechanism, offered });
    }
    let mut steps = Steps { connection, endpoint };
    let Some(scram) = Scram::new(mechanism, &sasl.user, Uuid::new_v4().simple().to_string()) else {
        let (_, lifetime) = steps.exchange(format!("\0{}\0{}", sasl.user, password.expose()).as_bytes()).await?;
        return Ok(lifetime);
    };
    let (server_first, _) = steps.exchange(scram.first().as_bytes()).await?;
    let password = password.clone();
    // Proving a password is made expensive on purpose.
    let proof = spawn_blocking(move || scram.prove(&server_first, password.expose())).await;
    // The computation is cancelled only at the end of the program.
    let (client_last, proven) = proof.map_err(|_| LoginError::Closed)??;
    let (server_last, lifetime) = steps.exchange(client_last.as_bytes()).await?;
    proven.check(&server_last)?;
    Ok(lifetime)
}

/// The steps of a mechanism.
struct Steps<'a> {
    connection: &'a mut Connection,
    endpoint: &'a Endpoint,
}

impl Steps<'_> {
    /// Sends data of the mechanism. Returns the data of the answer, and how long the login is valid, if it has a limit.
    async fn exchange(&mut self, data: &[u8]) -> Result<(Vec<u8>, Option<Duration>), LoginError> {
        let version = self.connection.version(RequestKind::SaslAuthenticate).map_err(LoginError::Version)?;
        let write = |out: &mut Vec<u8>| {
            put_length(out, data.len());
            out.extend_from_slice(data);
        };
        let answer = self.connection.exchange(RequestKind::SaslAuthenticate, version, write).await?;
        let answer = SaslAnswer::read(&answer, version)?;
        if answer.code != 0 {
            let explanation = answer
                .explanation
                .and_then(|explanation| shown(self.endpoint, explanation))
                .map_or_else(String::new, |explanation| format!(" ({explanation})"));
            return Err(LoginError::Rejected { code: ErrorCode(answer.code), explanation });
        }
        let lifetime = u64::try_from(answer.lifetime_millis).ok().filter(|millis| *millis > 0).map(Duration::from_millis);
        Ok((answer.data.to_vec(), lifetime))
    }
}
