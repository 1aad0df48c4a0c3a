//! Remembers why the certificate of a server was refused. QUIC reports only a TLS alert, which is the same for many reasons.

use std::sync::{Arc, OnceLock};

use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Why a certificate was refused, if it was.
pub(super) type Refusal = Arc<OnceLock<Error>>;

/// Checks certificates as another verifier, and stores the first error.
#[derive(Debug)]
pub(super) struct RememberingVerifier {
    verifier: Arc<dyn ServerCertVerifier>,
    refusal: Refusal,
}

impl RememberingVerifier {
    pub(super) fn new(verifier: Arc<dyn ServerCertVerifier>, refusal: Refusal) -> Self {
        Self { verifier, refusal }
    }

    fn remember<T>(&self, checked: Result<T, Error>) -> Result<T, Error> {
        checked.inspect_err(|error| {
            // The first error ends the handshake.
            let _ = self.refusal.set(error.clone());
        })
    }
}

impl ServerCertVerifier for RememberingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.remember(self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.remember(self.verifier.verify_tls12_signature(message, cert, signed))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.remember(self.verifier.verify_tls13_signature(message, cert, signed))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
