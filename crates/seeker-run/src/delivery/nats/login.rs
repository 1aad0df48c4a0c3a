//! The login of a connection, and what else the client tells the server first.

use std::sync::Arc;

use serde::Serialize;
use tokio::task::spawn_blocking;
use transport::token::Token;

use crate::target::login_token::LoginToken;
use crate::target::nats_credentials::{NatsCredentials, NatsCredentialsFile};

/// The source of the login, and the login at the start of the run.
#[derive(Clone)]
pub(super) enum LoginSource {
    None,
    Token {
        /// The user, if the token is the password.
        user: Option<String>,
        token: LoginToken,
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
            Self::Token { user, token } => {
                let token = token.current().await;
                Some(match user {
                    Some(user) => Login::Password { user: user.clone(), password: token },
                    None => Login::Token(token),
                })
            }
            Self::Keys { file, credentials } => {
                let file = file.clone();
                // The file may be on a network file system, so reading it can block.
                let read =
                    if file.is_renewable() { spawn_blocking(move || file.read()).await.ok().and_then(Result::ok) } else { None };
                Some(Login::Keys(read.map_or_else(|| Arc::clone(credentials), Arc::new)))
            }
        }
    }
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
        version: env!("CARGO_PKG_VERSION"),
        protocol: 1,
        proof: login.map(|login| login.proof(nonce)),
    };
    serde_json::to_string(&connect).expect("texts and flags make JSON")
}
