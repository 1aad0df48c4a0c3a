//! How values that are more than text stand in a file as text, and what is said of a text that is none of them.

use crate::load::Rate;
use crate::scenario::start::LocalStart;
use crate::time_zone::parse_time_zone;

/// What is wrong with a text of this format of the schema; `None` when nothing is, or the format is not one of ours.
pub(super) fn problem(format: &str, text: &str) -> Option<String> {
    match format {
        "rate" => text.parse::<Rate>().err().map(|error| error.to_string()),
        "duration-with-unit" => duration::parse(text).err(),
        "time-zone" => parse_time_zone(text).err().map(|error| error.to_string()),
        "local-date-time" => text.parse::<LocalStart>().err().map(|error| error.to_string()),
        _ => None,
    }
}

/// The formats of the schema.
pub(super) const FORMATS: [&str; 4] = ["rate", "duration-with-unit", "time-zone", "local-date-time"];

/// Values that are written and read as they are shown.
pub(super) mod plain {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::scenario) fn serialize<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(in crate::scenario) fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(Error::custom)
    }
}

/// Times with their unit.
pub(crate) mod duration {
    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::scenario) fn parse(text: &str) -> Result<Duration, String> {
        humantime::parse_duration(text).map_err(|_| "expected a time with its unit, such as 500ms, 30s, 5m or 1h30m".to_owned())
    }

    pub(in crate::scenario) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(*value))
    }

    pub(in crate::scenario) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        parse(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

/// Time zones by their names.
pub(super) mod zone {
    use jiff::tz::TimeZone;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time_zone::parse_time_zone;

    pub(in crate::scenario) fn serialize<S: Serializer>(value: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.iana_name().unwrap_or("UTC"))
    }

    pub(in crate::scenario) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
        parse_time_zone(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}
