//! A rate in text form: a count per time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A rate per second, above 0, at most 10,000,000.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// The reason why a text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RateError {
    /// The text does not have the form of a rate.
    #[error("expected a rate such as 500/s, 30/min or 1/10s")]
    Form,
    /// The rate is out of range.
    #[error("expected a rate above 0 and at most 10000000/s")]
    Range,
}

/// The maximum rate per second.
pub const PER_SECOND_MAX: f64 = 1e7;

impl Rate {
    /// Creates a rate of `count` per second.
    ///
    /// # Errors
    ///
    /// [`RateError::Range`] when it is not above 0 and at most 10,000,000.
    pub fn per_second(count: f64) -> Result<Self, RateError> {
        if count > 0.0 && count <= PER_SECOND_MAX { Ok(Self(count)) } else { Err(RateError::Range) }
    }

    /// Returns the rate per second.
    pub fn as_per_second(self) -> f64 {
        self.0
    }
}

/// Parses `500/s`, `30/min`, `1/10s`, `2/1h30m`. A bare number is a rate per second.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        Self::per_second(per_second(text)?)
    }
}

/// Parses a rate that may be 0 or out of range, as a number per second.
pub(super) fn per_second(text: &str) -> Result<f64, RateError> {
    let (count, time) = text.split_once('/').unwrap_or((text, "s"));
    let count = plain_number(count).ok_or(RateError::Form)?;
    let time = time_of_rate(time).ok_or(RateError::Form)?;
    Ok(count / time.as_secs_f64())
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = RateUnit::of(&[self.0]);
        write!(f, "{}/{}", unit.number(self.0), unit.name)
    }
}

/// A time unit for writing rates.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateUnit {
    pub(super) name: &'static str,
    seconds: f64,
}

impl RateUnit {
    const ALL: [Self; 3] =
        [Self { name: "s", seconds: 1.0 }, Self { name: "min", seconds: 60.0 }, Self { name: "h", seconds: 3600.0 }];

    /// Returns the first unit in which these rates are short and read back the same. If no unit is short enough, returns the
    /// unit with the shortest text. The rates are per second.
    pub(super) fn of(per_second: &[f64]) -> Self {
        const BRIEF: usize = 8;
        let longest = |unit: &Self| per_second.iter().map(|rate| unit.number(*rate).to_string().len()).max().unwrap_or_default();
        let is_exact =
            |unit: &Self| per_second.iter().all(|rate| (unit.number(*rate) / unit.seconds).to_bits() == rate.to_bits());
        let exact = || Self::ALL.into_iter().filter(is_exact);
        exact().find(|unit| longest(unit) <= BRIEF).or_else(|| exact().min_by_key(longest)).unwrap_or(Self::ALL[0])
    }

    /// Converts a rate per second to this unit.
    pub(super) fn number(self, per_second: f64) -> f64 {
        per_second * self.seconds
    }
}

/// Parses a number in digits, with or without a decimal point. Accepts no sign and no exponent.
pub(super) fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}

/// Parses the part after the slash of a rate: `s`, `min`, `10s`.
pub(super) fn time_of_rate(text: &str) -> Option<Duration> {
    let text = text.trim();
    let whole = if text.starts_with(|char: char| char.is_ascii_digit()) { text.to_owned() } else { format!("1{text}") };
    humantime::parse_duration(&whole).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates() {
        for (text, per_second) in [
            ("500/s", Ok(500.0)),
            ("500", Ok(500.0)),
            ("0.5/s", Ok(0.5)),
            ("30/min", Ok(0.5)),
            ("30/m", Ok(0.5)),
            ("7200/h", Ok(2.0)),
            ("1/10s", Ok(0.1)),
            ("5/500ms", Ok(10.0)),
            (" 20 / s ", Ok(20.0)),
            ("", Err(RateError::Form)),
            ("fast", Err(RateError::Form)),
            ("500/", Err(RateError::Form)),
            ("500/x", Err(RateError::Form)),
            ("500 per second", Err(RateError::Form)),
            ("-5/s", Err(RateError::Form)),
            ("1e3/s", Err(RateError::Form)),
            ("inf/s", Err(RateError::Form)),
            ("0/s", Err(RateError::Range)),
            ("5/0s", Err(RateError::Range)),
            ("10000001/s", Err(RateError::Range)),
        ] {
            assert_eq!(text.parse::<Rate>().map(Rate::as_per_second), per_second, "{text:?}");
        }
    }

    #[test]
    fn rates_are_written_briefly() {
        for (text, told) in [("1/10s", "0.1/s"), ("5/h", "5/h"), ("10/min", "10/min"), ("5/1.5s", "200/min"), ("90/min", "1.5/s")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), told);
        }
    }

    proptest! {
        /// For all rates, writing and reading returns the same rate.
        #[test]
        fn written_text_is_read_back(per_second in 1e-9_f64..=PER_SECOND_MAX) {
            let rate = Rate::per_second(per_second).unwrap();
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
