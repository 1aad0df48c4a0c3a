//! The login to the scripted cluster: PLAIN and the server of SCRAM (RFC 5802).

use std::num::NonZeroU32;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::{digest, hmac, pbkdf2};

use super::SaslUser;
use super::protocol::{Reader, sasl_answer, sasl_handshake};

/// The state of the login of a connection.
pub(super) struct Login {
    of: SaslUser,
    /// The first message of the client without its header, and the answer.
    first: Option<(String, String)>,
    pub(super) is_done: bool,
}

/// The code for a wrong user or password.
const FAILED: i16 = 58;

impl Login {
    pub(super) fn new(of: SaslUser) -> Self {
        Self { of, first: None, is_done: false }
    }

    /// The answer to a request of the login; `None` closes the connection.
    pub(super) fn answer(&mut self, key: i16, version: i16, mut request: Reader<'_>) -> Option<Vec<u8>> {
        if key == 17 {
            let code = if request.text() == self.of.mechanism { 0 } else { 33 };
            return Some(sasl_handshake(code, self.of.mechanism));
        }
        let data = String::from_utf8(request.bytes().to_vec()).unwrap();
        let done = (0, self.of.lifetime_millis);
        // The broker repeats what it got, as a careless one may.
        let refused = |data: &str| Some(sasl_answer((FAILED, 0), version, Some(&format!("no such user: {data}")), b""));
        if self.of.mechanism == "PLAIN" {
            self.is_done = data == format!("\0{}\0{}", self.of.user, self.of.password);
            return if self.is_done { Some(sasl_answer(done, version, None, b"")) } else { refused(&data) };
        }
        let Some((client_first, server_first)) = self.first.take() else {
            let client_first = data.strip_prefix("n,,").unwrap().to_owned();
            let nonce = client_first.strip_prefix(&format!("n={},r=", self.of.user))?;
            let salt = BASE64_STANDARD.encode("salt");
            let server_first = format!("r={nonce}server,s={salt},i={}", self.of.iterations);
            self.first = Some((client_first, server_first.clone()));
            return Some(sasl_answer((0, 0), version, None, server_first.as_bytes()));
        };
        let (without_proof, proof) = data.split_once(",p=").unwrap();
        let signed = format!("{client_first},{server_first},{without_proof}");
        let (expected, signature) = self.keys(&signed);
        if BASE64_STANDARD.decode(proof).unwrap() != expected {
            return refused(&data);
        }
        self.is_done = true;
        let signature = if self.of.is_impostor { b"impostor".to_vec() } else { signature };
        let last = format!("v={}", BASE64_STANDARD.encode(signature));
        Some(sasl_answer(done, version, None, last.as_bytes()))
    }

    /// The proof that the client must send, and the signature of the server.
    fn keys(&self, signed: &str) -> (Vec<u8>, Vec<u8>) {
        let (hash, mac, derivation) = match self.of.mechanism {
            "SCRAM-SHA-256" => (&digest::SHA256, hmac::HMAC_SHA256, pbkdf2::PBKDF2_HMAC_SHA256),
            "SCRAM-SHA-512" => (&digest::SHA512, hmac::HMAC_SHA512, pbkdf2::PBKDF2_HMAC_SHA512),
            other => panic!("{other}"),
        };
        let mut salted = vec![0; hash.output_len()];
        pbkdf2::derive(
            derivation,
            NonZeroU32::new(self.of.iterations).unwrap(),
            b"salt",
            self.of.password.as_bytes(),
            &mut salted,
        );
        let keyed = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(mac, key), text).as_ref().to_vec();
        let client_key = keyed(&salted, b"Client Key");
        let signature = keyed(digest::digest(hash, &client_key).as_ref(), signed.as_bytes());
        let proof = client_key.iter().zip(signature).map(|(key, mask)| key ^ mask).collect();
        (proof, keyed(&keyed(&salted, b"Server Key"), signed.as_bytes()))
    }
}
