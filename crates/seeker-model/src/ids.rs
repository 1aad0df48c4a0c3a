//! The ids of events and search results, as numbers. The text of an id is a function of its number.

use crate::random_stream::mix;
use crate::text_digits::{base64, hexadecimal};

/// The id of an event: 122 random bits. The text is a version 4 UUID.
///
/// ```
/// use seeker_model::EventKey;
///
/// assert_eq!(EventKey::from_bits(1).text(), *b"00000000-0000-4000-8000-000000000001");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey(Halves);

/// The id of a search result: 122 random bits. The text has the documented form of 73 characters: a version 4 UUID, a colon and 25 bytes
/// in Base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(Halves);

/// 128 bits in two halves. The alignment of a `u128` makes structures larger. A `u128` is also copied as a whole right after its halves were
/// written, and the processor has to wait for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Halves {
    high: u64,
    low: u64,
}

impl Halves {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    const fn of(bits: u128) -> Self {
        Self { high: (bits >> 64) as u64, low: bits as u64 }
    }

    const fn bits(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

/// The length of a UUID's text in bytes.
pub(crate) const UUID_LENGTH: usize = 36;

/// The length of a request id's text in bytes.
pub(crate) const REQUEST_ID_LENGTH: usize = 73;

impl EventKey {
    /// The id with these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(Halves::of(bits))
    }

    /// The text, in ASCII.
    pub fn text(self) -> [u8; UUID_LENGTH] {
        uuid(self.0.bits())
    }

    /// The lower 64 bits. They identify an event among others with high probability.
    pub(crate) const fn low_bits(self) -> u64 {
        self.0.low
    }

    /// A number with the same order as the text.
    pub const fn sort_key(self) -> u128 {
        self.0.bits() & !VERSION_AND_VARIANT
    }
}

impl RequestKey {
    /// The lower 64 bits. They identify a search result among others with high probability.
    pub const fn low_bits(self) -> u64 {
        self.0.low
    }

    /// The id with these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(Halves::of(bits))
    }

    /// The text, in ASCII.
    pub fn text(self) -> [u8; REQUEST_ID_LENGTH] {
        let Halves { high, low } = self.0;
        // A little longer than needed, so that all bytes are encoded together.
        let mut token = [0; 48];
        for (number, bytes) in (0..5).zip(token.as_chunks_mut().0) {
            *bytes = mix(high ^ mix(low.wrapping_add(number))).to_le_bytes();
        }
        // 25 bytes are 33 digits of six bits, one digit of two bits, and padding.
        token[33] &= 0b11_0000;
        let token = base64(token);
        let mut text = [b'='; REQUEST_ID_LENGTH];
        text[..UUID_LENGTH].copy_from_slice(&uuid(self.0.bits()));
        text[UUID_LENGTH] = b':';
        text[UUID_LENGTH + 1..][..34].copy_from_slice(&token[..34]);
        text
    }
}

/// The text of a random UUID with these bits, except for its version and variant (RFC 9562, section 5.4). Nearly every event has two such
/// texts; `cargo bench -p benches --bench ids` compares this function with the crate `uuid`.
fn uuid(bits: u128) -> [u8; UUID_LENGTH] {
    let bits = bits & !VERSION_AND_VARIANT | 4 << 76 | 0b10 << 62;
    #[expect(clippy::cast_possible_truncation, reason = "the four quarters")]
    let [a, b, c, d] = [96, 64, 32, 0].map(|below| hexadecimal((bits >> below) as u32));
    let mut text = [b'-'; UUID_LENGTH];
    text[..8].copy_from_slice(&a);
    text[9..13].copy_from_slice(&b[..4]);
    text[14..18].copy_from_slice(&b[4..]);
    text[19..23].copy_from_slice(&c[..4]);
    text[24..28].copy_from_slice(&c[4..]);
    text[28..].copy_from_slice(&d);
    text
}

/// The version and the variant: the bits that all random UUIDs share.
const VERSION_AND_VARIANT: u128 = 0xF << 76 | 0b11 << 62;

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use uuid::{Builder, Uuid};

    use super::*;

    proptest! {
        /// For all bits, the texts agree with other implementations of UUIDs and Base64, and sort keys have the order of the texts.
        #[test]
        fn texts_have_their_documented_forms(bits: u128, other: u128) {
            let uuid = Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
            let text = EventKey::from_bits(bits).text();
            prop_assert_eq!(Uuid::try_parse_ascii(&text).unwrap(), uuid);
            prop_assert_eq!(str::from_utf8(&text).unwrap(), uuid.to_string());
            let text = RequestKey::from_bits(bits).text();
            let (uuid_of_request, token) = str::from_utf8(&text).unwrap().split_once(':').unwrap();
            prop_assert_eq!(uuid_of_request, uuid.to_string());
            prop_assert_eq!(STANDARD.decode(token).unwrap().len(), 25);
            let (one, other) = (EventKey::from_bits(bits), EventKey::from_bits(other));
            prop_assert_eq!(one.sort_key().cmp(&other.sort_key()), one.text().cmp(&other.text()));
        }
    }

    #[test]
    fn the_least_and_the_greatest() {
        assert_eq!(EventKey::from_bits(0).text(), *b"00000000-0000-4000-8000-000000000000");
        assert!(RequestKey::from_bits(u128::MAX).text().starts_with(b"ffffffff-ffff-4fff-bfff-ffffffffffff:"));
    }
}
