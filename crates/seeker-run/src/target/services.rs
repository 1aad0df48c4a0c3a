//! Creates the services of a run: endpoints with the headers, certificates and tokens of their requests.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use event_receiver::ReceiverError;
use event_request::{BodyForm, PathError};
use thiserror::Error;
use tokio::sync::watch;
use transport::http::{ClientIdentity, Endpoint, EndpointError, Header, IdentityError, IdentityFiles, TrustError, Version};
use transport::token::renewal::{Credentials, TokenRenewal};
use transport::token::{Token, TokenError};
use url::Url;

use crate::target::login_token::LoginToken;
use crate::target::proxies::Proxies;
use crate::target::service::Service;
use crate::target::settings::DeliverySettings;

/// Why a target cannot be used.
#[derive(Debug, Error)]
pub enum TargetError {
    /// The target's address or a header is invalid.
    #[error(transparent)]
    Endpoint(EndpointError),
    /// The address of the search service is invalid.
    #[error(transparent)]
    Search(EndpointError),
    /// There are no trusted roots to check the target against.
    #[error(transparent)]
    Trust(TrustError),
    /// The client certificate or its key cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The path of the target and the names for its placeholders do not match.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The target cannot be used.
    #[error(transparent)]
    Unusable(Box<dyn Error + Send + Sync>),
    /// The receiver in this process could not be started.
    #[error("start a receiver in this process")]
    Receiver(#[from] ReceiverError),
}

impl From<EndpointError> for TargetError {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Trust(error) => Self::Trust(error),
            error => Self::Endpoint(error),
        }
    }
}

/// Creates the services of a run, with the headers of their requests.
pub(crate) struct Services<'a> {
    pub(crate) settings: &'a DeliverySettings,
    token: Option<Token>,
    identity: Option<ClientIdentity>,
    credentials: Credentials,
    renewal: Option<TokenRenewal>,
}

impl<'a> Services<'a> {
    pub(crate) fn new(settings: &'a DeliverySettings) -> Result<Self, TargetError> {
        let token = settings.token.as_ref().map(|source| source.read().map(|token| (source, token))).transpose()?;
        let renewal = token
            .clone()
            .filter(|(source, _)| source.is_renewable())
            .map(|(source, token)| TokenRenewal::new(source.clone(), token));
        let has_credentials = token.is_some() || settings.headers.iter().any(|header| header.is("authorization"));
        let credentials = match &renewal {
            Some(renewal) => renewal.credentials(),
            None if has_credentials => Credentials::Fixed,
            None => Credentials::None,
        };
        let identity = settings.identity.as_ref().map(IdentityFiles::read).transpose()?;
        Ok(Self { settings, identity, token: token.map(|(_, token)| token), credentials, renewal })
    }

    /// Creates the service that receives events in bodies of this form.
    pub(crate) fn target(&mut self, url: &Url, form: &BodyForm) -> Result<Service, TargetError> {
        let mut headers = self.settings.headers.clone();
        if self.settings.gzip {
            headers.push("Content-Encoding: gzip".parse().expect("a valid header"));
        }
        if !headers.iter().any(|header| header.is("content-type")) {
            let content_type = format!("Content-Type: {}", form.content_type());
            headers.push(content_type.parse().expect("a valid header"));
        }
        if form.is_grpc() {
            let deadline = format!("grpc-timeout: {}", grpc_timeout(self.settings.timeout));
            headers.push(deadline.parse().expect("a valid header"));
        }
        let version = match self.settings.streams {
            _ if self.settings.http3 => Version::Http3,
            Some(_) => Version::Http2,
            None => Version::Http1,
        };
        Ok(self.service(url, headers, version, &self.settings.proxies)?)
    }

    /// Creates a service that is reached over a byte stream, without HTTP.
    pub(crate) fn bytes(&mut self, url: &Url) -> Result<Service, TargetError> {
        // Proxies forward HTTP only.
        Ok(self.service(url, Vec::new(), Version::Http1, &Proxies::None)?)
    }

    /// The token of logins, if the run has one.
    pub(crate) fn login_token(&self) -> Option<LoginToken> {
        Some(LoginToken::new(self.settings.token.clone()?, self.token.clone()?))
    }

    /// Creates the service that responds to searches. Its requests omit the headers that describe event bodies.
    pub(crate) fn search(&mut self, url: &Url) -> Result<Service, TargetError> {
        self.service(url, self.settings.headers.clone(), Version::Http1, &self.settings.proxies).map_err(|error| match error {
            EndpointError::Trust(error) => TargetError::Trust(error),
            error => TargetError::Search(error),
        })
    }

    fn service(
        &mut self,
        url: &Url,
        headers: Vec<Header>,
        version: Version,
        proxies: &Proxies,
    ) -> Result<Service, EndpointError> {
        let settings = self.settings;
        let with_token: Vec<_> = headers.iter().cloned().chain(self.token.as_ref().map(Token::header)).collect();
        let endpoint = match version {
            Version::Http1 => Endpoint::new(url, &with_token, &settings.trust)?,
            Version::Http2 => Endpoint::new_http2(url, &with_token, &settings.trust)?,
            Version::Http3 => Endpoint::new_http3(url, &with_token, &settings.trust)?,
        };
        let endpoint = match proxies.for_url(url) {
            Ok(Some((proxy, _))) => endpoint.with_proxy(proxy, settings.timeout),
            _ => endpoint.with_addresses(&settings.connect_to, &settings.resolves, settings.timeout),
        };
        let endpoint = match &self.identity {
            Some(identity) => endpoint.with_identity(identity),
            None => endpoint,
        };
        let endpoint = if settings.keeps_alive { endpoint } else { endpoint.without_keep_alive() };
        let endpoint = if settings.shows_answers { endpoint } else { endpoint.without_answers() };
        let endpoint = match &mut self.renewal {
            Some(renewal) => renewal.renews(endpoint, headers),
            None => watch::channel(Arc::new(endpoint)).1,
        };
        Ok(Service::new(endpoint, self.credentials.clone()))
    }

    /// The renewal of the token of all services, if the token is renewable.
    pub(crate) fn renewal(self) -> Option<Arc<TokenRenewal>> {
        self.renewal.map(Arc::new)
    }
}

/// The deadline of a call: at most eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn grpc_timeout(timeout: Duration) -> String {
    const DIGITS_END: u128 = 100_000_000;
    match timeout.as_millis() {
        millis @ ..DIGITS_END => format!("{}m", millis.max(1)),
        _ => format!("{}S", timeout.as_secs()),
    }
}
