//! The smallest change that matters: a smaller change for the worse is not a regression, even if it is certain.
//!
//! The defaults follow benchmark comparison tools, which tolerate 5 to 20 per cent.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

/// The smallest change that matters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tolerance {
    /// For times and rates, in per cent of the smaller value.
    pub percent: f64,
    /// For times, an additional limit in milliseconds. If answers take 0.5 ms, a change of 10 % is irrelevant.
    pub time_ms: f64,
    /// For ratios, as a difference of ratios from 0 to 1: 0.001 is 0.1 percentage points. It is not relative to the ratio before, which is
    /// mostly 0.
    pub ratio: f64,
}

impl Tolerance {
    /// Creates the tolerance from the values of the command line.
    pub fn new(of_before: Percent, time: Duration, ratio: Percent) -> Self {
        Self { percent: of_before.0, time_ms: time.as_secs_f64() * 1000.0, ratio: ratio.0 / 100.0 }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::new(Percent::OF_BEFORE, TIME, Percent::OF_RATIO)
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { percent, time_ms, ratio } = self;
        write!(f, "{percent} % (times: also {time_ms} ms; ratios: {} percentage points)", (ratio * 1e8).round() / 1e6)
    }
}

/// The default of the additional limit for times.
pub const TIME: Duration = Duration::from_millis(1);

/// A percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(f64);

impl Percent {
    /// The default by which times and rates may get worse.
    pub const OF_BEFORE: Self = Self(10.0);

    /// The default number of percentage points by which ratios may get worse.
    pub const OF_RATIO: Self = Self(0.1);
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl FromStr for Percent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a percentage, such as 10% or 0.5%";
        let number = text.strip_suffix('%').ok_or(EXPECTED)?.trim_end();
        // Accepts plain numbers only; `f64` would also accept signs and exponents.
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        number.parse().ok().filter(|number: &f64| is_plain && number.is_finite()).map(Self).ok_or(EXPECTED)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all percentages, parsing the printed text returns the same value.
        #[test]
        fn written_text_is_read_back(hundredths in 0_u32..1_000_000) {
            let percent = Percent(f64::from(hundredths) / 100.0);
            prop_assert_eq!(percent.to_string().parse(), Ok(percent));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "10", "%", "-1%", "ten%", "inf%", "1e3%", "10%%", "0.1.2%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert_eq!("2.5 %".parse(), Ok(Percent(2.5)));
        assert_eq!(Tolerance::default().to_string(), "10 % (times: also 1 ms; ratios: 0.1 percentage points)");
    }
}
