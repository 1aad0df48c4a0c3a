//! The time of an event. Any 64-bit number of milliseconds can be read and written; the checks of the message decide whether it is
//! plausible.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::json::int64::parse_int64;

/// Milliseconds since 1970-01-01T00:00:00Z, in the whole range of `i64`. On the wire, a string of decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventTimestamp(i64);

impl EventTimestamp {
    /// An unknown time: the smallest value, which no event has.
    pub const UNKNOWN: Self = Self(i64::MIN);

    /// The time this many milliseconds after (negative: before) 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for EventTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for EventTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(itoa::Buffer::new().format(self.0))
    }
}

/// Reads a number or a string in every form that ProtoJSON allows for an int64. serde passes a number with a fraction or an exponent as a
/// floating-point number, so such a number beyond 2^53 is refused instead of rounded.
/// [`ClientEvent::from_json`](crate::ClientEvent::from_json) reads the digits and is exact.
impl<'de> Deserialize<'de> for EventTimestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Int64Visitor;
        impl de::Visitor<'_> for Int64Visitor {
            type Value = EventTimestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an int64 as a string or a number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<EventTimestamp, E> {
                Ok(EventTimestamp(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<EventTimestamp, E> {
                i64::try_from(number).map(EventTimestamp).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<EventTimestamp, E> {
                const EXACT: f64 = 9_007_199_254_740_992.0;
                if number.fract() == 0.0 && number.abs() <= EXACT {
                    #[expect(clippy::cast_possible_truncation, reason = "an integer from -2^53 to 2^53")]
                    return Ok(EventTimestamp(number as i64));
                }
                Err(E::invalid_value(de::Unexpected::Float(number), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<EventTimestamp, E> {
                parse_int64(text).map(EventTimestamp).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Int64Visitor)
    }
}
