//! How TLS is spoken to an https endpoint: with ring, with the certificates the system trusts, and with HTTP/1.1 alone on offer.
//! Where the connection goes is none of its business.
//!
//! The invariant: certificates are always verified. There is no way to turn that off.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{IpAddr, ServerName},
};
use tokio_rustls::TlsConnector;
use url::Host;

use super::EndpointError;

/// What it takes to start TLS with one server.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) server: ServerName<'static>,
}

impl Tls {
    /// TLS with this host, which has to prove itself to one of these roots.
    pub(super) fn new(host: &Host<String>, roots: RootCertStore) -> Result<Self, EndpointError> {
        let server = match host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|source| EndpointError::ServerName { name: name.clone(), source })?
            }
            Host::Ipv4(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(*address))),
            Host::Ipv6(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V6(*address))),
        };
        // The provider is named, for the process-wide default is ambiguous as soon as another crate enables another one.
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for both TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), server })
    }
}

/// The certificates that the system trusts, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set.
pub(super) fn system_roots() -> Result<RootCertStore, EndpointError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Stores of real systems hold a few certificates that cannot be read. They are no reason to trust none of the others.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(EndpointError::NoRoots { source: found.errors.into_iter().next() });
    }
    Ok(roots)
}
