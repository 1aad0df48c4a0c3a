//! Checks texts against the formats of the schema.

use std::fmt::Display;
use std::str::FromStr;

use load_plan::load::{Rate, Stage};
use load_plan::threshold::Threshold;
use load_plan::units::parse_duration;

use crate::start::LocalStart;
use crate::time_zone::parse_time_zone;

/// The formats of the schema that this crate defines.
#[cfg(test)]
pub(super) const FORMATS: [&str; 6] = ["threshold", "rate", "stage", "duration-with-unit", "time-zone", "local-date-time"];

/// Returns the problem of a text in this format; `None` if there is no problem, or if this crate does not define the format.
pub(super) fn problem(format: &str, text: &str) -> Option<String> {
    fn of<T: FromStr<Err: Display>>(text: &str) -> Option<String> {
        text.parse::<T>().err().map(|error| error.to_string())
    }
    match format {
        "threshold" => of::<Threshold>(text),
        "rate" => of::<Rate>(text),
        "stage" => of::<Stage>(text),
        "duration-with-unit" => parse_duration(text).err(),
        "time-zone" => parse_time_zone(text).err().map(|error| error.to_string()),
        "local-date-time" => of::<LocalStart>(text),
        _ => None,
    }
}
