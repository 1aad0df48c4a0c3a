//! Ids as numbers while they are carried about, and as text when they are written. The same number always gives the same text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Builder;

use crate::stream::mix;

/// The id of an event: 122 random bits, written as a version 4 UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey(u128);

/// The id of an answer of the search: 122 random bits, written in the documented form of 73 characters, a version 4 UUID, a colon
/// and 25 bytes in Base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(u128);

/// The length of a UUID's text in bytes.
const UUID_LENGTH: usize = 36;

/// The length of a request id's text in bytes.
const REQUEST_ID_LENGTH: usize = 73;

impl EventKey {
    /// The id with these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The text, written into the buffer.
    pub fn write(self, buffer: &mut [u8; UUID_LENGTH]) -> &str {
        Builder::from_random_bytes(self.0.to_be_bytes()).into_uuid().hyphenated().encode_lower(buffer)
    }
}

impl EventKey {
    /// Bits that tell this event from others.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(crate) const fn low_bits(self) -> u64 {
        self.0 as u64
    }

    /// A number that sorts as the text does.
    pub const fn sort_key(self) -> u128 {
        // The version and the variant of a random UUID are the same in all (RFC 9562, section 5.4).
        self.0 & !(0xF << 76 | 0b11 << 62)
    }
}

impl RequestKey {
    /// Bits that tell this request from others.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub const fn low_bits(self) -> u64 {
        self.0 as u64
    }

    /// The id with these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The text, written into the buffer.
    pub fn write(self, buffer: &mut [u8; REQUEST_ID_LENGTH]) -> &str {
        let (uuid, rest) = buffer.split_at_mut(UUID_LENGTH);
        Builder::from_random_bytes(self.0.to_be_bytes()).into_uuid().hyphenated().encode_lower(uuid);
        rest[0] = b':';
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let mut token = [0; 25];
        for (number, bytes) in (0..).zip(token.chunks_mut(8)) {
            let word = mix(high ^ mix(low.wrapping_add(number))).to_le_bytes();
            bytes.copy_from_slice(&word[..bytes.len()]);
        }
        STANDARD.encode_slice(token, &mut rest[1..]).expect("25 bytes are 36 characters");
        std::str::from_utf8(buffer).expect("hexadecimal digits, a colon and Base64")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_documented_forms() {
        assert_eq!(EventKey::from_bits(0).write(&mut [0; 36]), "00000000-0000-4000-8000-000000000000");
        let mut buffer = [0; 73];
        let text = RequestKey::from_bits(u128::MAX).write(&mut buffer);
        let (uuid, token) = text.split_once(':').unwrap();
        assert_eq!(uuid, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert!(token.len() == 36 && token.ends_with("=="), "{token}");
    }
}
