//! The `NKey` of a NATS user: an Ed25519 key whose private part is a text, the seed. The seed is a secret: this module never shows it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use thiserror::Error;

/// The prefix of seeds, in the upper five bits of the first byte: the letter S.
const SEED: u8 = 18 << 3;

/// The prefix of users: the letter U.
const USER: u8 = 20 << 3;

/// The alphabet of base32 (RFC 4648, section 6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The length of an Ed25519 seed.
const KEY_LENGTH: usize = 32;

/// Two bytes of prefix, the key and its checksum.
const SEED_LENGTH: usize = 2 + KEY_LENGTH + 2;

/// The key of a user.
pub(crate) struct UserKey {
    pair: Ed25519KeyPair,
    /// The public key as text. It begins with U.
    public: String,
}

/// Why a text is not the seed of a user. The errors omit the text, because it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum SeedError {
    #[error("the seed is not in base32, or does not have 58 characters")]
    Form,
    #[error("the text is not a seed; expected a text that begins with SU")]
    NoSeed,
    #[error("the seed does not belong to a user; expected a seed that begins with SU")]
    NoUser,
    #[error("the checksum of the seed is wrong; copy the whole seed")]
    Checksum,
}

impl UserKey {
    /// Reads the seed of a user, as `nk -gen user` and `nsc` write it.
    pub(crate) fn from_seed(text: &str) -> Result<Self, SeedError> {
        let bytes = decode(text).ok_or(SeedError::Form)?;
        let bytes: [u8; SEED_LENGTH] = bytes.try_into().map_err(|_| SeedError::Form)?;
        let (content, checksum) = bytes.split_last_chunk::<2>().expect("the length is constant");
        if bytes[0] & 0b1111_1000 != SEED {
            return Err(SeedError::NoSeed);
        }
        if crc16(content) != u16::from_le_bytes(*checksum) {
            return Err(SeedError::Checksum);
        }
        // The prefix of the kind is spread over two bytes.
        if (bytes[0] & 0b111) << 5 | (bytes[1] & 0b1111_1000) >> 3 != USER {
            return Err(SeedError::NoUser);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&content[2..]).expect("any 32 bytes are a seed");
        let mut public = [&[USER], pair.public_key().as_ref()].concat();
        public.extend(crc16(&public).to_le_bytes());
        Ok(Self { public: encode(&public), pair })
    }

    /// The public key, which identifies the user.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// The signature of a text, in base64.
    pub(crate) fn sign(&self, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.pair.sign(text.as_bytes()))
    }
}

/// Omits the seed.
impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Decodes base32 without padding. `None` if the text has another character, or a length that no bytes have.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for character in text.bytes() {
        let digit = ALPHABET.iter().position(|&known| known == character)?;
        held = held << 5 | u32::try_from(digit).expect("below 32");
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).expect("earlier bits are masked"));
            held &= (1 << bits) - 1;
        }
    }
    (bits < 5 && held == 0).then_some(bytes)
}

/// Encodes bytes in base32 without padding.
fn encode(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    let mut push = |digit: u32| text.push(ALPHABET[digit as usize & 31].into());
    for &byte in bytes {
        held = held << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    text
}

/// The checksum CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The seed of the bytes 0 to 31.
    const SEED_OF_USER: &str = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
    const SEED_OF_ACCOUNT: &str = "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI";

    /// The Python package nkeys has the same key and signature.
    #[test]
    fn a_seed_has_its_public_key_and_signs() {
        let key = UserKey::from_seed(SEED_OF_USER).unwrap();
        assert_eq!(key.public(), "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK");
        let signature = "-HTq4d6DDHVNb8MsTRAZtSIa0vXA_yuZblwTA7JT5wYzmKBxJ2wpYfjHh7hcptZlidbVw_6ZLyubjm_yDk-OCQ";
        assert_eq!(key.sign("nonce"), signature);
        assert!(!format!("{key:?}").contains(SEED_OF_USER));
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        let public = UserKey::from_seed(SEED_OF_USER).unwrap().public;
        let altered = SEED_OF_USER.replace("CAMC", "CAMD");
        for (text, expected) in [
            ("", SeedError::Form),
            ("SU", SeedError::Form),
            (&SEED_OF_USER.to_lowercase(), SeedError::Form),
            (&SEED_OF_USER[..57], SeedError::Form),
            (&public, SeedError::Form),
            (&format!("X{}", &SEED_OF_USER[1..]), SeedError::NoSeed),
            (&altered, SeedError::Checksum),
            (SEED_OF_ACCOUNT, SeedError::NoUser),
        ] {
            assert_eq!(UserKey::from_seed(text).unwrap_err(), expected, "{text}");
        }
    }

    proptest! {
        /// For all bytes, decoding returns what was encoded.
        #[test]
        fn bytes_survive_base32(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        /// For all texts, a text that is decoded is the one that its bytes are encoded to.
        #[test]
        fn each_value_has_one_text(text in "[A-Z2-7]{0,60}|\\PC{0,10}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        /// For all changes of one character of a seed, the seed is refused.
        #[test]
        fn a_wrong_character_is_noticed(position in 0..SEED_OF_USER.len(), digit in 0..32_usize) {
            let mut text = SEED_OF_USER.as_bytes().to_vec();
            prop_assume!(text[position] != ALPHABET[digit]);
            text[position] = ALPHABET[digit];
            prop_assert!(UserKey::from_seed(str::from_utf8(&text).unwrap()).is_err());
        }
    }
}
