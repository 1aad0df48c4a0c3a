//! Time zones in files, by name.

use jiff::tz::TimeZone;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

use crate::time_zone::parse_time_zone;

pub(super) fn serialize<S: Serializer>(value: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.iana_name().unwrap_or("UTC"))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    parse_time_zone(&String::deserialize(deserializer)?).map_err(Error::custom)
}
