//! A connection to a NATS server: the handshake, and the bytes in both directions.
//!
//! Invariant: a [`Connection`] has a subscription to its inbox, and the server has confirmed it.

use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};
use std::time::Duration;

use measure::error_example::beginning;
use measure::open_times::OpenTimes;
use serde::Deserialize;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use transport::http::{Endpoint, LocalLimit, OpenError, Socket};
use uuid::Uuid;

use super::login::{Login, connect_options};
use super::protocol::{self, Malformed, Operation};
use crate::delivery::socket_buffers::{Progress, Received, Unsent};

/// The time limit for the end of a connection.
const ENDING_MAX: Duration = Duration::from_millis(100);

/// Why a connection could not be opened.
#[derive(Debug, Error)]
pub(super) enum HandshakeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The connection was lost during the handshake.
    #[error("complete the NATS handshake")]
    Lost(#[source] LostError),
    /// The first bytes are not those of a NATS server.
    #[error("find a NATS server: the first bytes are of another protocol")]
    OtherProtocol,
    /// The server closed the connection before it sent anything.
    #[error("find a NATS server: it closed the connection without a greeting (INFO)")]
    NoGreeting,
    /// The greeting cannot be used.
    #[error("read the greeting (INFO) of the server")]
    Greeting(#[source] serde_json::Error),
    #[error("start TLS: the server offers none; use nats://")]
    NoTls,
    #[error("start without TLS: the server requires TLS; use natss://")]
    NeedsTls,
    #[error("use the server: it has no message headers, which NATS has since version 2.2")]
    NoHeaders,
    /// The server needs credentials, and the run has none.
    #[error("log in: the server requires credentials; pass --token-file, --nats-creds or --nats-nkey")]
    NoCredentials,
    /// The run has an `NKey`, and the server requires other credentials.
    #[error("log in: the server accepts no NKeys; pass --token-file")]
    NoNkeys,
    /// The server rejected the connection with this text.
    #[error("log in: the server answered {0}")]
    Rejected(String),
}

impl HandshakeError {
    /// Whether the next attempt will fail for the same reason.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Open(error) => error.is_about_identity(),
            Self::Lost(_) | Self::NoGreeting => false,
            Self::OtherProtocol
            | Self::Greeting(_)
            | Self::NoTls
            | Self::NeedsTls
            | Self::NoHeaders
            | Self::NoCredentials
            | Self::NoNkeys
            | Self::Rejected(_) => true,
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

/// Why an open connection has ended.
#[derive(Debug, Error)]
pub(super) enum LostError {
    #[error("the connection closed")]
    Closed,
    /// The connection closed after this text of the server.
    #[error("the server answered {0} and closed the connection")]
    ClosedAfter(String),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl LostError {
    pub(super) fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Io(error) => LocalLimit::of(error),
            Self::Closed | Self::ClosedAfter(_) | Self::Malformed(_) => None,
        }
    }
}

/// The properties of a server that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the keys of the protocol")]
pub(super) struct ServerInfo {
    headers: bool,
    pub(super) max_payload: usize,
    auth_required: bool,
    tls_required: bool,
    tls_available: bool,
    /// The servers of the cluster, each as a host and a port.
    pub(super) connect_urls: Vec<String>,
    /// The text to sign, if the server accepts `NKeys`.
    nonce: String,
    /// The server is about to stop ("lame duck mode").
    pub(super) ldm: bool,
}

/// An open connection.
pub(super) struct Connection {
    socket: Socket,
    input: Input,
    output: Unsent,
    /// The subject of acknowledgements, without place and sequence number.
    inbox: String,
    pub(super) info: ServerInfo,
}

/// Received bytes, read as operations.
pub(super) struct Input(Received);

impl Connection {
    /// Opens a connection and waits until the server has accepted the credentials and the subscription.
    pub(super) async fn open(endpoint: &Endpoint, uses_tls: bool, login: Option<&Login>) -> Result<Self, HandshakeError> {
        let mut socket = Socket::connect(endpoint).await?;
        let mut input = Input(Received::new());
        let info = read_greeting(endpoint, &mut socket, &mut input).await?;
        if !info.headers {
            return Err(HandshakeError::NoHeaders);
        }
        if uses_tls {
            if !info.tls_required && !info.tls_available {
                return Err(HandshakeError::NoTls);
            }
            // Nothing follows the greeting of a server before TLS has started; anything else could come from an attacker.
            input.0.clear();
            socket = socket.start_tls(endpoint).await?;
        } else if info.tls_required {
            return Err(HandshakeError::NeedsTls);
        }
        if info.auth_required {
            match login {
                None => return Err(HandshakeError::NoCredentials),
                Some(login) if login.needs_nonce() && info.nonce.is_empty() => return Err(HandshakeError::NoNkeys),
                Some(_) => {}
            }
        }
        let inbox = format!("_INBOX.{}", Uuid::new_v4().simple());
        let connect = connect_options(uses_tls, login, &info.nonce);
        let mut output = Unsent::default();
        output.bytes.extend_from_slice(format!("CONNECT {connect}\r\nSUB {inbox}.> 1\r\nPING\r\n").as_bytes());
        let mut connection = Self { socket, input, output, inbox, info };
        connection.until_accepted(endpoint).await?;
        Ok(connection)
    }

    /// Waits for the answer to the first `PING`.
    async fn until_accepted(&mut self, endpoint: &Endpoint) -> Result<(), HandshakeError> {
        let lost = |error: LostError| HandshakeError::Lost(error);
        loop {
            while let Some(operation) = self.input.next().map_err(|error| lost(error.into()))? {
                match operation {
                    Operation::Pong => return Ok(()),
                    Operation::Error(text) => return Err(HandshakeError::Rejected(shown(endpoint, text))),
                    Operation::Ping => self.output.bytes.extend_from_slice(PONG),
                    Operation::Info(_) | Operation::Ok | Operation::Message(_) => {}
                }
            }
            self.progress().await.map_err(lost)?;
        }
    }

    pub(super) fn open_times(&self) -> OpenTimes {
        self.socket.open_times()
    }

    /// Whether bytes wait because the server does not read.
    pub(super) fn is_blocked(&self) -> bool {
        self.output.is_blocked()
    }

    /// The inbox, and the bytes to send. [`Connection::progress`] sends them.
    pub(super) fn inbox_and_output(&mut self) -> (&str, &mut Vec<u8>) {
        (&self.inbox, &mut self.output.bytes)
    }

    /// The received bytes and the bytes to send.
    pub(super) fn input_and_output(&mut self) -> (&mut Input, &mut Vec<u8>) {
        (&mut self.input, &mut self.output.bytes)
    }

    /// Sends what waits, and reads. Resolves when bytes have arrived, or when bytes that had to wait have been written. Nothing is lost if
    /// the future is dropped.
    pub(super) async fn progress(&mut self) -> Result<Progress, LostError> {
        poll_fn(|context| {
            if let Poll::Ready(written) = self.output.poll_write(&mut self.socket, context)
                && written?
            {
                return Poll::Ready(Ok(Progress::Written));
            }
            let count = ready!(self.input.0.poll_read(&mut self.socket, context))?;
            Poll::Ready(if count == 0 { Err(LostError::Closed) } else { Ok(Progress::Read) })
        })
        .await
    }

    /// Ends the connection in order, if that is quick.
    pub(super) async fn end(mut self) {
        // A server that is gone or does not read needs no end.
        let _ = timeout(ENDING_MAX, self.socket.shutdown()).await;
    }
}

/// A request that the server answers with `PONG` once it has read everything before it.
pub(super) const PING: &[u8] = b"PING\r\n";

/// The answer to the server's `PING`.
pub(super) const PONG: &[u8] = b"PONG\r\n";

async fn read_greeting(endpoint: &Endpoint, socket: &mut Socket, input: &mut Input) -> Result<ServerInfo, HandshakeError> {
    loop {
        match input.next() {
            Ok(Some(Operation::Info(json))) => return serde_json::from_slice(json).map_err(HandshakeError::Greeting),
            Ok(Some(Operation::Error(text))) => return Err(HandshakeError::Rejected(shown(endpoint, text))),
            Ok(None) => {}
            Ok(Some(_)) | Err(Malformed) => return Err(HandshakeError::OtherProtocol),
        }
        match poll_fn(|context| input.0.poll_read(socket, context)).await {
            Ok(0) => return Err(HandshakeError::NoGreeting),
            Ok(_) => {}
            Err(error) => return Err(HandshakeError::Lost(error.into())),
        }
    }
}

/// The text of an error of the server, if answers may be shown. The server puts it in single quotes.
pub(super) fn shown(endpoint: &Endpoint, text: &[u8]) -> String {
    endpoint.said(text).map_or_else(|| "an error".to_owned(), |explanation| beginning(&explanation))
}

impl Input {
    /// Takes the next operation that has arrived completely.
    pub(super) fn next(&mut self) -> Result<Option<Operation<'_>>, Malformed> {
        let (bytes, read) = self.0.unread();
        let Some((operation, length)) = protocol::read(bytes)? else { return Ok(None) };
        *read += length;
        Ok(Some(operation))
    }
}
