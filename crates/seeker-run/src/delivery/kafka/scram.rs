//! The client of SCRAM (RFC 5802, RFC 7677), without I/O: two messages to the server, and the check that the server knows the password too.

use std::num::NonZeroU32;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::{digest, hmac, pbkdf2};
use thiserror::Error;

use crate::target::kafka_settings::Mechanism;

/// The iterations that a server may ask for: at least those of RFC 7677, and at most a tenth of a second of work.
const ITERATIONS: [u32; 2] = [4_096, 100_000];

/// The header of the client without channel binding, as Base64.
const NO_CHANNEL_BINDING: &str = "c=biws";

/// Why a login fails. The server's text may quote the password, so the errors have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum ScramError {
    #[error("the broker sent no valid SCRAM message")]
    Malformed,
    #[error("the broker asks for {0} iterations of SCRAM; expected 4096 to 100000")]
    Iterations(u32),
    #[error("the broker does not know the password that it checks (SCRAM)")]
    WrongServer,
    #[error("the broker rejected the user or the password (SCRAM)")]
    Rejected,
}

/// The hash functions of a mechanism.
#[derive(Clone, Copy)]
struct Hashes {
    digest: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    pbkdf2: pbkdf2::Algorithm,
}

/// A login that has begun.
pub(super) struct Scram {
    hashes: Hashes,
    nonce: String,
    first_bare: String,
}

/// A login whose proof is sent.
pub(super) struct Proven {
    server_key: hmac::Key,
    /// All messages but the last one, which the server signs.
    signed: String,
}

impl Scram {
    /// Begins a login with a random nonce. `None` if the mechanism is not SCRAM.
    pub(super) fn new(mechanism: Mechanism, user: &str, nonce: String) -> Option<Self> {
        let hashes = match mechanism {
            Mechanism::Plain => return None,
            Mechanism::ScramSha256 => {
                Hashes { digest: &digest::SHA256, hmac: hmac::HMAC_SHA256, pbkdf2: pbkdf2::PBKDF2_HMAC_SHA256 }
            }
            Mechanism::ScramSha512 => {
                Hashes { digest: &digest::SHA512, hmac: hmac::HMAC_SHA512, pbkdf2: pbkdf2::PBKDF2_HMAC_SHA512 }
            }
        };
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Some(Self { hashes, first_bare: format!("n={user},r={nonce}"), nonce })
    }

    /// The first message.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first_bare)
    }

    /// The second message, which proves the password. Takes up to a tenth of a second.
    pub(super) fn prove(self, server_first: &[u8], password: &str) -> Result<(String, Proven), ScramError> {
        let server_first = str::from_utf8(server_first).map_err(|_| ScramError::Malformed)?;
        let (nonce, salt, iterations) = read_first(server_first).ok_or(ScramError::Malformed)?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(ScramError::Malformed);
        }
        let in_range = (ITERATIONS[0]..=ITERATIONS[1]).contains(&iterations);
        let iterations = NonZeroU32::new(iterations).filter(|_| in_range).ok_or(ScramError::Iterations(iterations))?;

        let Hashes { digest, hmac, pbkdf2 } = self.hashes;
        let mut salted = vec![0; digest.output_len()];
        pbkdf2::derive(pbkdf2, iterations, &salt, password.as_bytes(), &mut salted);
        let keyed = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac, key), text);
        let without_proof = format!("{NO_CHANNEL_BINDING},r={nonce}");
        let all = format!("{},{server_first},{without_proof}", self.first_bare);
        let client_key = keyed(&salted, b"Client Key");
        let stored_key = digest::digest(digest, client_key.as_ref());
        let signature = keyed(stored_key.as_ref(), all.as_bytes());
        let proof: Vec<u8> = client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, mask)| key ^ mask).collect();
        let server_key = hmac::Key::new(hmac, keyed(&salted, b"Server Key").as_ref());
        Ok((format!("{without_proof},p={}", BASE64_STANDARD.encode(proof)), Proven { server_key, signed: all }))
    }
}

impl Proven {
    /// Checks the last message of the server.
    pub(super) fn check(&self, server_last: &[u8]) -> Result<(), ScramError> {
        if server_last.starts_with(b"e=") {
            return Err(ScramError::Rejected);
        }
        let signature = server_last.strip_prefix(b"v=").and_then(|text| text.split(|byte| *byte == b',').next());
        let signature = signature.and_then(|text| BASE64_STANDARD.decode(text).ok()).ok_or(ScramError::Malformed)?;
        hmac::verify(&self.server_key, self.signed.as_bytes(), &signature).map_err(|_| ScramError::WrongServer)
    }
}

/// Reads `r=NONCE,s=SALT,i=ITERATIONS` and any extensions behind it.
fn read_first(text: &str) -> Option<(&str, Vec<u8>, u32)> {
    let mut parts = text.split(',');
    let nonce = parts.next()?.strip_prefix("r=")?;
    let salt = BASE64_STANDARD.decode(parts.next()?.strip_prefix("s=")?).ok()?;
    let iterations = parts.next()?.strip_prefix("i=")?.parse().ok()?;
    Some((nonce, salt, iterations))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 7677, section 3.
    const FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn begun(mechanism: Mechanism) -> Scram {
        Scram::new(mechanism, "user", "rOprNGfwEbeRWgbNEkqO".to_owned()).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_is_reproduced() {
        let scram = begun(Mechanism::ScramSha256);
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let (last, proven) = scram.prove(FIRST.as_bytes(), "pencil").unwrap();
        let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(last, format!("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p={proof}"));
        proven.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
        proven.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=y").unwrap();
        for (last, error) in [
            ("v=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ScramError::WrongServer),
            ("v=", ScramError::WrongServer),
            ("v=6rri!", ScramError::Malformed),
            ("e=invalid-proof", ScramError::Rejected),
            ("", ScramError::Malformed),
        ] {
            assert_eq!(proven.check(last.as_bytes()), Err(error), "{last}");
        }
    }

    /// Computed with `hashlib` and `hmac` of Python 3.11 from the same nonces, salt and password.
    #[test]
    fn sha_512_is_computed_as_by_python() {
        let (last, proven) = begun(Mechanism::ScramSha512).prove(FIRST.as_bytes(), "pencil").unwrap();
        assert!(last.ends_with(",p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ=="));
        proven.check(b"v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==").unwrap();
    }

    #[test]
    fn a_user_name_is_escaped() {
        let scram = Scram::new(Mechanism::ScramSha512, "a=b,c", "x".to_owned()).unwrap();
        assert_eq!(scram.first(), "n,,n=a=3Db=2Cc,r=x");
        assert!(Scram::new(Mechanism::Plain, "a", String::new()).is_none());
    }

    #[test]
    fn messages_of_a_wrong_server_are_refused() {
        for (first, error) in [
            (FIRST.replace("r=r", "r=x"), ScramError::Malformed),
            ("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".to_owned(), ScramError::Malformed),
            (FIRST.replace("s=", "t="), ScramError::Malformed),
            (FIRST.replace("4096", "1"), ScramError::Iterations(1)),
            (FIRST.replace("4096", "0"), ScramError::Iterations(0)),
            (FIRST.replace("4096", "4294967295"), ScramError::Iterations(u32::MAX)),
            (FIRST.replace("4096", "4294967296"), ScramError::Malformed),
        ] {
            assert_eq!(begun(Mechanism::ScramSha256).prove(first.as_bytes(), "pencil").err(), Some(error), "{first}");
        }
    }

    proptest! {
        /// For all bytes, a message of the server is read without a panic.
        #[test]
        fn any_message_is_read(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[rsi=,a-z0-9+/]{0,40}") {
            for message in [&bytes[..], text.as_bytes()] {
                let _ = begun(Mechanism::ScramSha256).prove(message, "pencil");
            }
        }
    }
}
