//! Serde forms of values that files hold as text.

use std::fmt::Display;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Parses a time with its unit.
///
/// # Errors
///
/// The expected form.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "expected a time with its unit, such as 500ms, 30s, 5m or 1h30m".to_owned())
}

fn read<'de, D: Deserializer<'de>, T, E: Display>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse(&text).map_err(D::Error::custom)).transpose()
}

/// An optional value, written and read as its display text.
pub mod optional_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserializer, Serialize, Serializer};

    /// Writes the value as its text, or null.
    ///
    /// # Errors
    ///
    /// Errors of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(ToString::to_string).serialize(serializer)
    }

    /// Parses the value from its text, or from null.
    ///
    /// # Errors
    ///
    /// The error of the value's parser.
    pub fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<Option<T>, D::Error> {
        super::read(deserializer, str::parse)
    }
}

/// A list of values, each written and read as its display text.
pub mod texts {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes each value as its text.
    ///
    /// # Errors
    ///
    /// Errors of the serializer.
    pub fn serialize<S: Serializer>(values: &[impl Display], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    /// Parses each value from its text.
    ///
    /// # Errors
    ///
    /// The error of the value's parser.
    pub fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}

/// An optional time with its unit.
pub mod optional_duration {
    use std::time::Duration;

    use serde::{Deserializer, Serialize, Serializer};

    /// Writes the duration with its units, or null.
    ///
    /// # Errors
    ///
    /// Errors of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|value| humantime::format_duration(value).to_string()).serialize(serializer)
    }

    /// Parses a duration with a unit, or null.
    ///
    /// # Errors
    ///
    /// The expected form.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        super::read(deserializer, super::parse_duration)
    }
}

/// Converts microseconds to milliseconds.
pub fn millis(micros: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "hours of microseconds are far below 2^53")]
    let micros = micros as f64;
    micros / 1000.0
}
