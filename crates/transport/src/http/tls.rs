//! The TLS configuration for an https endpoint: ring as the provider, and exactly one HTTP version on offer. [`super::trust`] selects the
//! trusted roots.
//!
//! Invariant: certificates are verified unless the user disables that, and then all other checks stay on.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring},
    pki_types::{CertificateDer, IpAddr, ServerName, UnixTime},
    server::ParsedCertificate,
};
use tokio_rustls::TlsConnector;
use url::Host;

#[cfg(feature = "http3")]
use super::remembering_verifier::{Refusal, RememberingVerifier};
use super::{endpoint_error::EndpointError, identity::ClientIdentity, trust::Roots, version::Version};

/// The settings to start TLS with one server.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) server: ServerName<'static>,
    /// The check of certificates, for QUIC.
    #[cfg(feature = "http3")]
    pub(super) verifier: Option<Arc<dyn ServerCertVerifier>>,
}

impl Tls {
    /// Creates the TLS settings for this host. The certificate of the server is checked against these roots, if any.
    pub(super) fn new(host: &Host<String>, version: Version, roots: Option<Roots>) -> Result<Self, EndpointError> {
        let server = server_name(host)?;
        // The provider is explicit, because the process-wide default is ambiguous once another crate enables a second provider.
        let provider = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for both TLS 1.2 and 1.3");
        #[cfg(feature = "http3")]
        let verifier = (version == Version::Http3).then(|| verifier(roots.as_ref(), &provider));
        let config = match roots {
            Some(Roots { store, named }) if named.is_empty() => config.with_root_certificates(store),
            Some(roots) => config.dangerous().with_custom_certificate_verifier(Arc::new(PinnedOrWebPki::new(roots, provider))),
            None => config.dangerous().with_custom_certificate_verifier(Arc::new(Unchecked(algorithms))),
        };
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![version.alpn_name().to_vec()];
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server,
            #[cfg(feature = "http3")]
            verifier,
        })
    }

    /// Returns the same settings for another server, whose certificate has to cover its host.
    pub(super) fn for_host(&self, host: &Host<String>) -> Result<Self, EndpointError> {
        Ok(Self { server: server_name(host)?, ..self.clone() })
    }

    /// Returns the same settings for another server. Its certificate has to cover its name, or the name of this server if the other host is an
    /// IP address.
    pub(super) fn for_other(&self, host: &Host<String>) -> Result<Self, EndpointError> {
        match host {
            Host::Domain(_) => self.for_host(host),
            Host::Ipv4(_) | Host::Ipv6(_) => Ok(self.clone()),
        }
    }

    /// Returns the same settings. If the server asks for a client certificate, it gets this one.
    pub(super) fn with_identity(self, identity: &ClientIdentity) -> Self {
        let mut config = ClientConfig::clone(self.connector.config());
        config.client_auth_cert_resolver = identity.resolver();
        Self { connector: TlsConnector::from(Arc::new(config)), ..self }
    }

    /// The settings of one QUIC connection. If the certificate of the server is refused, `refusal` tells why.
    #[cfg(feature = "http3")]
    pub(super) fn for_quic(&self, refusal: Refusal) -> ClientConfig {
        let mut config = ClientConfig::clone(self.connector.config());
        if let Some(verifier) = &self.verifier {
            let verifier = RememberingVerifier::new(Arc::clone(verifier), refusal);
            config.dangerous().set_certificate_verifier(Arc::new(verifier));
        }
        config
    }
}

/// The check of certificates against these roots, if any.
#[cfg(feature = "http3")]
fn verifier(roots: Option<&Roots>, provider: &Arc<CryptoProvider>) -> Arc<dyn ServerCertVerifier> {
    match roots {
        Some(Roots { store, named }) => {
            let roots = Roots { store: store.clone(), named: named.clone() };
            Arc::new(PinnedOrWebPki::new(roots, Arc::clone(provider)))
        }
        None => Arc::new(Unchecked(provider.signature_verification_algorithms)),
    }
}

/// The name that the certificate of a host must cover.
fn server_name(host: &Host<String>) -> Result<ServerName<'static>, EndpointError> {
    Ok(match host {
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|source| EndpointError::ServerName { name: name.clone(), source })?
        }
        Host::Ipv4(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(*address))),
        Host::Ipv6(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V6(*address))),
    })
}

/// Whether the only fault of a certificate is that it is a CA certificate, which a server certificate should not be. Its validity period
/// has been checked by then.
pub(super) fn is_of_authority(error: &CertificateError) -> bool {
    let CertificateError::Other(other) = error else { return false };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// Verifies certificates as usual. Also accepts a server that presents exactly the certificate that the user named, even if it is marked
/// as a CA certificate: `openssl req -x509` marks all its certificates in this way, and other clients accept them. Name, time and
/// signature are verified.
#[derive(Debug)]
struct PinnedOrWebPki {
    usual: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl PinnedOrWebPki {
    fn new(Roots { store, named }: Roots, provider: Arc<CryptoProvider>) -> Self {
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
        Self { usual: usual.expect("the roots include the named certificates"), named }
    }
}

impl ServerCertVerifier for PinnedOrWebPki {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(error)) if is_of_authority(&error) && self.named.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Accepts every certificate. Signatures are not checked either: an attacker between client and server could present its own certificate
/// and key, so they would prove nothing. This also allows servers whose keys no other client accepts.
#[derive(Debug)]
struct Unchecked(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
