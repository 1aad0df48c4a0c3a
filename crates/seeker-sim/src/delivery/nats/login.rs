//! The login of a connection, and what else the client tells the server first.

use std::sync::Arc;

use serde::Serialize;
use tokio::task::spawn_blocking;
use transport::token::{Token, TokenSource};

use crate::target::nats_credentials::{NatsCredentials, NatsCredentialsFile};
use crate::version;

/// The source of the login, and the login at the start of the run.
#[derive(Clone)]
pub(super) enum LoginSource {
    None,
    Token {
        /// The user, if the token is the password.
        user: Option<String>,
        source: TokenSource,
        token: Token,
    },
    Keys {
        file: NatsCredentialsFile,
        credentials: Arc<NatsCredentials>,
    },
}

/// The login of a connection.
pub(super) enum Login {
    Token(Token),
    Password { user: String, password: Token },
    Keys(Arc<NatsCredentials>),
}

/// What the client tells the server.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the keys of the protocol")]
struct Connect<'a> {
    verbose: bool,
    pedantic: bool,
    tls_required: bool,
    headers: bool,
    no_responders: bool,
    name: &'static str,
    lang: &'static str,
    version: &'static str,
    protocol: u8,
    #[serde(flatten)]
    proof: Option<Proof<'a>>,
}

/// The proof of the user's identity.
#[derive(Serialize)]
#[serde(untagged)]
enum Proof<'a> {
    Token { auth_token: &'a str },
    Password { user: &'a str, pass: &'a str },
    Jwt { jwt: &'a str, sig: String },
    Nkey { nkey: &'a str, sig: String },
}

impl LoginSource {
    /// Returns the login, with what the file holds now. Without a usable file, the last known login.
    pub(super) async fn current(&self) -> Option<Login> {
        match self {
            Self::None => None,
            Self::Token { user, source, token } => {
                let read = || {
                    let source = source.clone();
                    move || source.read().ok()
                };
                let token = renewed(source.is_renewable(), read).await.unwrap_or_else(|| token.clone());
                Some(match user {
                    Some(user) => Login::Password { user: user.clone(), password: token },
                    None => Login::Token(token),
                })
            }
            Self::Keys { file, credentials } => {
                let read = || {
                    let file = file.clone();
                    move || file.read().ok().map(Arc::new)
                };
                Some(Login::Keys(renewed(file.is_renewable(), read).await.unwrap_or_else(|| Arc::clone(credentials))))
            }
        }
    }
}

/// Reads a file again, if it can change.
async fn renewed<T: Send + 'static, R: FnOnce() -> Option<T> + Send + 'static>(
    is_renewable: bool,
    read: impl FnOnce() -> R,
) -> Option<T> {
    if !is_renewable {
        return None;
    }
    // The file may be on a network file system, so reading it can block.
    spawn_blocking(read()).await.ok().flatten()
}

impl Login {
    /// Whether the server has to send a text to sign.
    pub(super) fn needs_nonce(&self) -> bool {
        matches!(self, Self::Keys(_))
    }

    fn proof(&self, nonce: &str) -> Proof<'_> {
        match self {
            Self::Token(token) => Proof::Token { auth_token: token.expose() },
            Self::Password { user, password } => Proof::Password { user, pass: password.expose() },
            Self::Keys(credentials) => {
                let sig = credentials.key.sign(nonce);
                match &credentials.jwt {
                    Some(jwt) => Proof::Jwt { jwt, sig },
                    None => Proof::Nkey { nkey: credentials.key.public(), sig },
                }
            }
        }
    }
}

/// The options of `CONNECT`, as JSON.
pub(super) fn connect_options(uses_tls: bool, login: Option<&Login>, nonce: &str) -> String {
    let connect = Connect {
        verbose: false,
        pedantic: false,
        tls_required: uses_tls,
        headers: true,
        no_responders: true,
        name: "seeker-sim",
        lang: "rust",
        version: version::VERSION,
        protocol: 1,
        proof: login.map(|login| login.proof(nonce)),
    };
    serde_json::to_string(&connect).expect("texts and flags make JSON")
}
