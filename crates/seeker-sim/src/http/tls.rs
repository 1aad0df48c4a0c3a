//! How TLS is spoken to an https endpoint: with ring, and with one version of HTTP alone on offer. To whom the server has to prove itself is
//! decided in [`super::trust`]; where the connection goes is none of its business.
//!
//! The invariant: a certificate is verified unless the user asked for the opposite, and then nothing else is left out.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, ring},
    pki_types::{CertificateDer, IpAddr, ServerName, UnixTime},
};
use tokio_rustls::TlsConnector;
use url::Host;

use super::{EndpointError, Version};

/// What it takes to start TLS with one server.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) server: ServerName<'static>,
}

impl Tls {
    /// TLS with this host, which has to prove itself to one of these roots, if there are any.
    pub(super) fn new(host: &Host<String>, version: Version, roots: Option<RootCertStore>) -> Result<Self, EndpointError> {
        let server = match host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|source| EndpointError::ServerName { name: name.clone(), source })?
            }
            Host::Ipv4(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(*address))),
            Host::Ipv6(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V6(*address))),
        };
        // The provider is named, for the process-wide default is ambiguous as soon as another crate enables another one.
        let provider = ring::default_provider();
        let algorithms = provider.signature_verification_algorithms;
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for both TLS 1.2 and 1.3");
        let config = match roots {
            Some(roots) => config.with_root_certificates(roots),
            None => config.dangerous().with_custom_certificate_verifier(Arc::new(Unchecked(algorithms))),
        };
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![version.alpn_name().to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), server })
    }
}

/// Takes every certificate for what it says. Signatures are not looked at either: whoever sits in between could bring a certificate and
/// its key, so they would prove nothing, and servers with keys that nobody else accepts are reached too.
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
