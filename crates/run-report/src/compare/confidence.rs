//! The confidence that a comparison needs before it reports a change.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The probability that a comparison of two equal targets reports no figure as worse; above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 99 %: at most one in a hundred comparisons of equal targets reports a regression.
    pub const DEFAULT: Self = Self(0.99);

    /// Returns the confidence as a share of one.
    pub const fn share(self) -> f64 {
        self.0
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * 1e12).round() / 1e10)
    }
}

impl FromStr for Confidence {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a percentage above 0% and below 100%, such as 99% or 99.9%";
        let number = text.strip_suffix('%').ok_or(EXPECTED)?.trim_end();
        // Accepts plain numbers only; `f64` would also accept signs and exponents.
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let percent: f64 = number.parse().ok().filter(|_| is_plain).ok_or(EXPECTED)?;
        let share = percent / 100.0;
        if share > 0.0 && share < 1.0 { Ok(Self(share)) } else { Err(EXPECTED) }
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all percentages strictly between 0 and 100, parsing the printed text returns the same value.
        #[test]
        fn written_text_is_read_back(thousandths in 1_u32..100_000) {
            let text = format!("{}%", f64::from(thousandths) / 1000.0);
            let confidence: Confidence = text.parse().unwrap();
            prop_assert_eq!(confidence.to_string().parse(), Ok(confidence));
            prop_assert!(confidence.share() > 0.0 && confidence.share() < 1.0);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "99", "%", "0%", "0.0%", "100%", "101%", "-1%", "nan%", "inf%", "1e1%", "9 9%", "0.99", "99%%"] {
            assert!(text.parse::<Confidence>().is_err(), "{text}");
        }
        assert_eq!("99.9 %".parse::<Confidence>().map(|confidence| confidence.to_string()), Ok("99.9%".to_owned()));
    }
}
