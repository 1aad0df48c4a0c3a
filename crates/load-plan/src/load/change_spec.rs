//! A change of the load as requested during the run, and its only validation.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use super::rate::per_second;
use super::{LoadChange, LoadKind};

/// A requested change, before validation. Exactly one field must be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSpec {
    /// Multiplies the rest of the original plan: 0 pauses the load, 1 returns to the plan.
    pub factor: Option<f64>,
    /// Holds this rate of events until the planned end, such as "800/s" or 800. Only for a load of events.
    #[serde(deserialize_with = "optional_rate")]
    pub rate: Option<f64>,
    /// Holds this rate of new seekers until the planned end, such as "20/s". Only for a load of arrivals.
    #[serde(deserialize_with = "optional_rate")]
    pub arrivals: Option<f64>,
    /// Holds this number of live seekers until the planned end. Only for a load of seekers.
    pub seekers: Option<u64>,
}

/// The reason why a request is not a change of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChangeSpecError {
    /// No field is set.
    #[error("expected one of factor and {}, such as {{\"factor\": 1.2}}", .0.name())]
    Nothing(LoadKind),
    /// More than one field is set.
    #[error("{one} and {other} both change the load; send one of them")]
    NamedTwice {
        /// The first field.
        one: &'static str,
        /// The other field.
        other: &'static str,
    },
    /// The field belongs to another kind of load.
    #[error("{field} does not apply, because the load of this run is {}; send factor or {}", .kind.name(), .kind.name())]
    Kind {
        /// The field.
        field: &'static str,
        /// The kind of the load.
        kind: LoadKind,
    },
}

impl ChangeSpec {
    /// Validates the change for a kind of load. The load checks the range.
    ///
    /// # Errors
    ///
    /// [`ChangeSpecError`] names the field and the expected field.
    pub fn check(&self, kind: LoadKind) -> Result<LoadChange, ChangeSpecError> {
        #[expect(clippy::cast_precision_loss, reason = "a number outside the range stays outside")]
        let seekers = self.seekers.map(|seekers| seekers as f64);
        let fields = [
            ("factor", None, self.factor),
            ("rate", Some(LoadKind::Rate), self.rate),
            ("arrivals", Some(LoadKind::Arrivals), self.arrivals),
            ("seekers", Some(LoadKind::Seekers), seekers),
        ];
        let mut set = fields.into_iter().filter_map(|(field, of, value)| Some((field, of, value?)));
        let (field, of, value) = set.next().ok_or(ChangeSpecError::Nothing(kind))?;
        if let Some((other, ..)) = set.next() {
            return Err(ChangeSpecError::NamedTwice { one: field, other });
        }
        match of {
            None => Ok(LoadChange::Factor(value)),
            Some(of) if of == kind => Ok(LoadChange::Hold(value)),
            Some(_) => Err(ChangeSpecError::Kind { field, kind }),
        }
    }
}

/// Parses a rate that may be 0, as text or as a number per second.
fn optional_rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    struct PerSecond;

    impl Visitor<'_> for PerSecond {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a rate such as \"500/s\", \"30/min\" or \"1/10s\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
            per_second(text).map_err(E::custom)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
            #[expect(clippy::cast_precision_loss, reason = "a number outside the range stays outside")]
            let number = number as f64;
            Ok(number)
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
            Ok(number)
        }
    }

    deserializer.deserialize_any(PerSecond).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_of_the_kind_is_expected() {
        use LoadKind::{Arrivals, Rate, Seekers};
        for (text, kind, expected) in [
            (r#"{"factor": 1.2}"#, Seekers, Ok(LoadChange::Factor(1.2))),
            (r#"{"factor": 0}"#, Arrivals, Ok(LoadChange::Factor(0.0))),
            (r#"{"rate": "800/s"}"#, Rate, Ok(LoadChange::Hold(800.0))),
            (r#"{"rate": "30/min"}"#, Rate, Ok(LoadChange::Hold(0.5))),
            (r#"{"rate": 12.5}"#, Rate, Ok(LoadChange::Hold(12.5))),
            (r#"{"rate": "0/s"}"#, Rate, Ok(LoadChange::Hold(0.0))),
            (r#"{"arrivals": "20/s"}"#, Arrivals, Ok(LoadChange::Hold(20.0))),
            (r#"{"seekers": 500, "factor": null}"#, Seekers, Ok(LoadChange::Hold(500.0))),
            ("{}", Rate, Err("expected one of factor and rate, such as {\"factor\": 1.2}")),
            (r#"{"factor": 1, "rate": "5/s"}"#, Rate, Err("factor and rate both change the load; send one of them")),
            (
                r#"{"rate": "5/s"}"#,
                Seekers,
                Err("rate does not apply, because the load of this run is seekers; send factor or seekers"),
            ),
            (r#"{"seekers": 5}"#, Rate, Err("seekers does not apply, because the load of this run is rate; send factor or rate")),
            (r#"{"rate": "fast"}"#, Rate, Err("expected a rate such as 500/s, 30/min or 1/10s")),
            (r#"{"rate": true}"#, Rate, Err("invalid type: boolean `true`, expected a rate such as \"500/s\"")),
            (r#"{"rate": "5/0s"}"#, Rate, Ok(LoadChange::Hold(f64::INFINITY))),
            (r#"{"seekers": 1.5}"#, Seekers, Err("invalid type: floating point `1.5`, expected u64")),
            (r#"{"speed": 2}"#, Rate, Err("unknown field `speed`, expected one of `factor`, `rate`, `arrivals`, `seekers`")),
        ] {
            let spec: Result<ChangeSpec, _> = serde_json::from_str(text);
            let change =
                spec.map_err(|error| error.to_string()).and_then(|spec| spec.check(kind).map_err(|error| error.to_string()));
            match (change, expected) {
                (Ok(change), Ok(expected)) => assert_eq!(change, expected, "{text}"),
                (Err(error), Err(expected)) => assert!(error.starts_with(expected), "{text}: {error}"),
                (change, expected) => panic!("{text}: {change:?}, expected {expected:?}"),
            }
        }
    }
}
