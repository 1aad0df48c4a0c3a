//! The certificate and the private key with which the client identifies itself to a server.
//!
//! Invariant: the key of a [`ClientIdentity`] belongs to its certificate. No error and no debug output shows a part of the key.

use std::{fmt, fs, io, path::PathBuf, sync::Arc};

use rustls::{
    client::ResolvesClientCert,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::{CertifiedKey, SingleCertAndKey},
};
use secrecy::{ExposeSecret, SecretSlice};
use thiserror::Error;

/// The PEM files of a client certificate and its private key. Both can be the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFiles {
    /// The certificate, followed by the certificates of its issuers if the server needs them.
    pub certificate: PathBuf,
    /// The private key of the certificate, not encrypted.
    pub key: PathBuf,
}

/// A client certificate with its private key.
#[derive(Clone)]
pub struct ClientIdentity(Arc<SingleCertAndKey>);

/// Why files do not make a client identity.
#[derive(Debug, Error)]
pub enum IdentityError {
    /// The file of the certificate cannot be read.
    #[error("read the client certificate of `{}`", path.display())]
    ReadCertificate {
        /// The file.
        path: PathBuf,
        /// Why the file cannot be read.
        source: io::Error,
    },
    /// The file of the certificate is not valid PEM.
    #[error("read the client certificate of `{}`; expected PEM", path.display())]
    CertificatePem {
        /// The file.
        path: PathBuf,
        /// The PEM error.
        source: pem::Error,
    },
    /// The file has no certificate.
    #[error("find a client certificate in `{}`; expected PEM with `-----BEGIN CERTIFICATE-----`", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A PEM section marked as a certificate is not a valid certificate.
    #[error("use the client certificate of `{}`", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why the certificate is invalid.
        source: rustls::Error,
    },
    /// The file of the key cannot be read.
    #[error("read the private key of `{}`", path.display())]
    ReadKey {
        /// The file.
        path: PathBuf,
        /// Why the file cannot be read.
        source: io::Error,
    },
    /// The file has no private key.
    #[error("find a private key in `{}`; expected PEM with `-----BEGIN PRIVATE KEY-----`", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The private key needs a password.
    #[error("use the private key of `{0}`: it is encrypted; decrypt it with `openssl pkey -in {0} -out FILE`", path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
    },
    /// The private key is invalid or of an unknown kind.
    #[error("use the private key of `{}`; expected an RSA, ECDSA (P-256 or P-384) or Ed25519 key", path.display())]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// The private key belongs to another certificate.
    #[error("use the private key of `{}`: it does not match the certificate of `{}`", files.key.display(), files.certificate.display())]
    Mismatch {
        /// The files.
        files: IdentityFiles,
    },
}

impl IdentityFiles {
    /// Reads the certificate and the key, and checks that they belong together.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or holds no usable certificate or key, or if the key does not match the certificate.
    pub fn read(&self) -> Result<ClientIdentity, IdentityError> {
        let (chain, key) = (self.chain()?, self.key()?);
        let provider = ring::default_provider();
        let key = provider.key_provider.load_private_key(key).map_err(|_| IdentityError::Key { path: self.key.clone() })?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            // A key that cannot tell its public key may still match.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(ClientIdentity(Arc::new(certified.into())))
            }
            Err(rustls::Error::InconsistentKeys(_)) => Err(IdentityError::Mismatch { files: self.clone() }),
            Err(source) => Err(IdentityError::Certificate { path: self.certificate.clone(), source }),
        }
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        let path = || self.certificate.clone();
        let pem = fs::read(&self.certificate).map_err(|source| IdentityError::ReadCertificate { path: path(), source })?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match chain.map_err(|source| IdentityError::CertificatePem { path: path(), source })? {
            chain if chain.is_empty() => Err(IdentityError::NoCertificate { path: path() }),
            chain => Ok(chain),
        }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, IdentityError> {
        let path = || self.key.clone();
        let pem: SecretSlice<u8> = fs::read(&self.key).map_err(|source| IdentityError::ReadKey { path: path(), source })?.into();
        let pem = pem.expose_secret();
        // The PEM error can quote the file, so it is not shown.
        PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            if is_encrypted(pem) { IdentityError::EncryptedKey { path: path() } } else { IdentityError::NoKey { path: path() } }
        })
    }
}

/// Whether a PEM file says that its key is encrypted, in the form of PKCS #8 or in the older form of OpenSSL.
fn is_encrypted(pem: &[u8]) -> bool {
    pem.split(|byte| *byte == b'\n').any(|line| {
        line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || line.starts_with(b"Proc-Type:") && line.windows(9).any(|part| part == b"ENCRYPTED")
    })
}

impl ClientIdentity {
    /// Returns the identity for TLS handshakes.
    pub(super) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::<SingleCertAndKey>::clone(&self.0)
    }
}

/// Omits the key.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn read(certificate: &Path, key: &Path) -> Result<ClientIdentity, String> {
        let files = IdentityFiles { certificate: certificate.to_owned(), key: key.to_owned() };
        files.read().map_err(|error| error.to_string())
    }

    #[test]
    fn a_certificate_and_its_key_are_read_from_two_files_or_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["client".to_owned()]).unwrap();
        let key = signing_key.serialize_pem();
        fs::write(path("cert.pem"), format!("{0}{0}", cert.pem())).unwrap();
        fs::write(path("key.pem"), &key).unwrap();
        fs::write(path("both.pem"), format!("{key}{}", cert.pem())).unwrap();
        let identity = read(&path("cert.pem"), &path("key.pem")).unwrap();
        assert_eq!(format!("{identity:?}"), "ClientIdentity { .. }");
        read(&path("both.pem"), &path("both.pem")).unwrap();
    }

    #[test]
    fn files_without_an_identity_are_refused_and_not_quoted() {
        const SECRET: &str = "MIGHAgEAMBMG";
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let pair = || generate_simple_self_signed(["client".to_owned()]).unwrap();
        let (own, other) = (pair(), pair());
        let section = |label: &str, text: &str| format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
        for (certificate, key, expected) in [
            ("", &*key, "find a client certificate in `"),
            (&key, &key, "find a client certificate in `"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", &key, "cert.pem`; expected PEM"),
            (&section("CERTIFICATE", "AAAA"), &key, "use the client certificate of `"),
            (&certificate, "", "find a private key in `"),
            (&certificate, &certificate, "find a private key in `"),
            (&certificate, &format!("-----BEGIN PRIVATE KEY{SECRET}\n"), "find a private key in `"),
            (&certificate, &section("PRIVATE KEY", SECRET), "expected an RSA, ECDSA (P-256 or P-384) or Ed25519 key"),
            (&certificate, &section("ENCRYPTED PRIVATE KEY", SECRET), "it is encrypted; decrypt it with `openssl pkey -in "),
            (
                &certificate,
                &section("EC PRIVATE KEY", &format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n{SECRET}")),
                "it is encrypted",
            ),
            (&certificate, &other.signing_key.serialize_pem(), "it does not match the certificate of `"),
        ] {
            fs::write(path("cert.pem"), certificate).unwrap();
            fs::write(path("key.pem"), key).unwrap();
            let error = read(&path("cert.pem"), &path("key.pem")).unwrap_err();
            assert!(error.contains(expected) && !error.contains(SECRET), "{expected}: {error}");
        }
        fs::write(path("cert.pem"), &certificate).unwrap();
        let error = read(&path("none.pem"), &path("key.pem")).unwrap_err();
        assert!(error.starts_with("read the client certificate of `"), "{error}");
        let error = read(&path("cert.pem"), &path("none.pem")).unwrap_err();
        assert!(error.starts_with("read the private key of `"), "{error}");
    }
}
