//! The trusted roots for https servers: the system's certificates, additional certificates from a file, or no check at all.
//!
//! Invariant: a check has at least one root, so a rejected server was really checked.

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};
use thiserror::Error;

/// Which certificates are trusted to identify a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The certificates that the system trusts, or the ones in `SSL_CERT_FILE` and `SSL_CERT_DIR` if set.
    #[default]
    System,
    /// The system's certificates and the ones in a PEM file.
    SystemAnd(PathBuf),
    /// No check: any server is accepted with any certificate. An attacker between client and server can read the requests.
    Unchecked,
}

/// Why there are no trusted roots.
#[derive(Debug, Error)]
pub enum TrustError {
    /// The system trusts no certificate, so no https server can be verified.
    #[error("find a trusted root certificate; install the system's root certificates, set SSL_CERT_FILE, or pass --ca FILE")]
    NoRoots {
        /// The first error of the search, if any.
        source: Option<rustls_native_certs::Error>,
    },
    /// The file cannot be read.
    #[error("read the certificates of `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why the file cannot be read.
        source: io::Error,
    },
    /// The file is not valid PEM.
    #[error("read the certificates of `{}`; expected PEM", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// The PEM error.
        source: pem::Error,
    },
    /// The file has no certificate.
    #[error("find a certificate in `{}`; expected PEM with `-----BEGIN CERTIFICATE-----`", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A PEM section marked as a certificate is not a valid certificate.
    #[error("use certificate {number} of `{}`", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The number of the certificate in the file, counted from 1.
        number: usize,
        /// Why the certificate is invalid.
        source: rustls::Error,
    },
}

/// The roots that a server is checked against.
#[derive(Debug)]
pub(super) struct Roots {
    /// The trusted issuer certificates.
    pub(super) store: RootCertStore,
    /// The certificates among them that the user named. A server that presents one of these is the intended server.
    pub(super) named: Vec<CertificateDer<'static>>,
}

#[cfg(test)]
impl From<RootCertStore> for Roots {
    fn from(store: RootCertStore) -> Self {
        Self { store, named: Vec::new() }
    }
}

impl Trust {
    /// Returns the roots to check a server against; `None` if certificate checks are disabled.
    pub(super) fn roots(&self) -> Result<Option<Roots>, TrustError> {
        let mut store = RootCertStore::empty();
        let named = match self {
            Self::Unchecked => return Ok(None),
            Self::System => Vec::new(),
            Self::SystemAnd(path) => add_file(&mut store, path)?,
        };
        let found = rustls_native_certs::load_native_certs();
        // Real system stores hold a few unreadable certificates. The others are still trusted.
        store.add_parsable_certificates(found.certs);
        if store.is_empty() {
            return Err(TrustError::NoRoots { source: found.errors.into_iter().next() });
        }
        Ok(Some(Roots { store, named }))
    }
}

/// Adds the certificates of a file and returns them. All must be valid, because the user chose the file.
fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let owned = || path.to_owned();
    let mut named = Vec::new();
    let file = File::open(path).map_err(|source| TrustError::Read { path: owned(), source })?;
    for (number, certificate) in (1..).zip(CertificateDer::pem_reader_iter(BufReader::new(file))) {
        let certificate = certificate.map_err(|error| match error {
            pem::Error::Io(source) => TrustError::Read { path: owned(), source },
            source => TrustError::Pem { path: owned(), source },
        })?;
        named.push(certificate.clone());
        roots.add(certificate).map_err(|source| TrustError::Certificate { path: owned(), number, source })?;
    }
    if named.is_empty() { Err(TrustError::NoCertificate { path: owned() }) } else { Ok(named) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::generate_simple_self_signed;

    use super::*;

    #[test]
    fn a_file_adds_to_the_trusted_roots_of_the_system() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let pem = |name: &str| generate_simple_self_signed([name.to_owned()]).unwrap().cert.pem();
        fs::write(&path, format!("two of them\n{}{}", pem("one"), pem("two"))).unwrap();
        let mut from_file = RootCertStore::empty();
        assert_eq!(add_file(&mut from_file, &path).unwrap().len(), 2);
        assert_eq!(from_file.len(), 2);
        let system = Trust::System.roots().map_or(0, |roots| roots.unwrap().store.len());
        let with_file = Trust::SystemAnd(path).roots().unwrap().unwrap();
        assert_eq!((with_file.store.len(), with_file.named.len()), (system + 2, 2));
        assert!(Trust::Unchecked.roots().unwrap().is_none());
    }

    #[test]
    fn a_file_without_sound_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let key = generate_simple_self_signed(["one".to_owned()]).unwrap().signing_key.serialize_pem();
        for (text, expected) in [
            ("", "find a certificate in"),
            (&key, "find a certificate in"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "expected PEM"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "use certificate 1 of"),
        ] {
            fs::write(&path, text).unwrap();
            let error = Trust::SystemAnd(path.clone()).roots().unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("ca.pem"), "{text}: {error}");
        }
        let error = Trust::SystemAnd(folder.path().join("none.pem")).roots().unwrap_err();
        assert!(matches!(error, TrustError::Read { .. }), "{error:?}");
    }
}
