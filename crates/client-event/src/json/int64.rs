//! 64-bit integers in ProtoJSON: any JSON number whose value is an integer, such as `1e3` and `1000.0`. Exact over the whole range: no
//! floating-point arithmetic is involved.

use thiserror::Error;

/// The error for a text that is not an int64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Int64Error {
    /// The text is not a JSON number: empty, spaces, `+1`, `01`, `1_000`, `.5`.
    #[error("not a JSON number")]
    NotANumber,
    /// The number has a fraction that is not zero.
    #[error("not an integer")]
    Fraction,
    /// The number is below -2^63 or above 2^63 - 1.
    #[error("outside the range of int64")]
    OutOfRange,
}

/// Reads an int64 in any of ProtoJSON's forms.
///
/// # Errors
///
/// An [`Int64Error`] with the reason.
///
/// ```
/// use client_event::{Int64Error, parse_int64};
///
/// assert_eq!(parse_int64("9007199254740993"), Ok(9_007_199_254_740_993));
/// assert_eq!(parse_int64("1.5e3"), Ok(1500));
/// assert_eq!(parse_int64("0.5"), Err(Int64Error::Fraction));
/// assert_eq!(parse_int64("9223372036854775808"), Err(Int64Error::OutOfRange));
/// assert_eq!(parse_int64("+1"), Err(Int64Error::NotANumber));
/// ```
pub fn parse_int64(text: &str) -> Result<i64, Int64Error> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    // Fast path: up to 18 digits, as in nearly every message.
    if (1..=18).contains(&digits.len()) && (digits[0] != b'0' || digits.len() == 1) {
        let (mut value, mut are_digits) = (0_i64, true);
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            are_digits &= digit < 10;
            value = value.wrapping_mul(10).wrapping_add(digit.into());
        }
        if are_digits {
            return Ok(if negative { -value } else { value });
        }
    }
    let number = Decimal::split(digits).ok_or(Int64Error::NotANumber)?;
    number.to_int64(negative)
}

/// The parts of an unsigned JSON number.
struct Decimal<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn split(text: &'a [u8]) -> Option<Self> {
        let (whole, mut rest) = split_digits(text);
        if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
            return None;
        }
        let mut fraction: &[u8] = &[];
        if let Some((b'.', tail)) = rest.split_first() {
            (fraction, rest) = split_digits(tail);
            if fraction.is_empty() {
                return None;
            }
        }
        let mut exponent = 0;
        if let Some((b'e' | b'E', tail)) = rest.split_first() {
            let (negative, tail) = match tail.split_first() {
                Some((b'-', tail)) => (true, tail),
                Some((b'+', tail)) => (false, tail),
                _ => (false, tail),
            };
            let digits;
            (digits, rest) = split_digits(tail);
            if digits.is_empty() {
                return None;
            }
            // Saturates far beyond the length of any text, so the result is right.
            let magnitude =
                digits.iter().fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
            exponent = if negative { -magnitude } else { magnitude };
        }
        rest.is_empty().then_some(Self { whole, fraction, exponent })
    }

    fn to_int64(&self, negative: bool) -> Result<i64, Int64Error> {
        let digits = || self.whole.iter().chain(self.fraction);
        let Some(first) = digits().position(|digit| *digit != b'0') else {
            return Ok(0);
        };
        let count = self.whole.len() + self.fraction.len();
        let trailing_zeros = digits().rev().take_while(|digit| **digit == b'0').count();
        let significant = count - first - trailing_zeros;
        // value = significant digits x 10^shift
        let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let shift = self.exponent.saturating_sub(length(self.fraction.len())).saturating_add(length(trailing_zeros));
        if shift < 0 {
            return Err(Int64Error::Fraction);
        }
        if length(significant).saturating_add(shift) > 19 {
            return Err(Int64Error::OutOfRange);
        }
        let significant =
            digits().skip(first).take(significant).fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        let magnitude = (0..shift).fold(significant, |value, _| value * 10);
        i64::try_from(if negative { -magnitude } else { magnitude }).map_err(|_| Int64Error::OutOfRange)
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_edge() {
        use Int64Error::{Fraction, NotANumber, OutOfRange};
        for (text, value) in [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("0.0", Ok(0)),
            ("0e999999999999999999999", Ok(0)),
            ("-0.000e-5", Ok(0)),
            ("1e3", Ok(1000)),
            ("1E+3", Ok(1000)),
            ("1000.0", Ok(1000)),
            ("10e-1", Ok(1)),
            ("12300e-2", Ok(123)),
            ("1.50e1", Ok(15)),
            ("0.001e3", Ok(1)),
            ("9007199254740993", Ok(9_007_199_254_740_993)),
            ("9007199254740993.0", Ok(9_007_199_254_740_993)),
            ("9.007199254740993e15", Ok(9_007_199_254_740_993)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("922337203685477580.7e1", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("-9.223372036854775808e18", Ok(i64::MIN)),
            ("9223372036854775808", Err(OutOfRange)),
            ("-9223372036854775809", Err(OutOfRange)),
            ("1e19", Err(OutOfRange)),
            ("1e99999999999999999999", Err(OutOfRange)),
            ("1e-99999999999999999999", Err(Fraction)),
            ("0.5", Err(Fraction)),
            ("1.0000000000000000000000001", Err(Fraction)),
            ("99999999999999999999.5", Err(Fraction)),
            ("", Err(NotANumber)),
            ("-", Err(NotANumber)),
            ("+1", Err(NotANumber)),
            ("01", Err(NotANumber)),
            ("-01", Err(NotANumber)),
            ("00", Err(NotANumber)),
            (" 1", Err(NotANumber)),
            ("1 ", Err(NotANumber)),
            ("1\n", Err(NotANumber)),
            ("1_000", Err(NotANumber)),
            (".5", Err(NotANumber)),
            ("1.", Err(NotANumber)),
            ("1e", Err(NotANumber)),
            ("1e+", Err(NotANumber)),
            ("0x10", Err(NotANumber)),
            ("NaN", Err(NotANumber)),
            ("Infinity", Err(NotANumber)),
            ("٣", Err(NotANumber)),
        ] {
            assert_eq!(parse_int64(text), value, "{text:?}");
        }
    }

    proptest! {
        /// For all numbers and all positions of the point, the notation with a point and an exponent is read as the number.
        #[test]
        fn any_notation_is_read(value: i64, point in 0_usize..25, zeros in 0_usize..4) {
            let digits = value.unsigned_abs().to_string();
            let point = point.min(digits.len() - 1);
            let (whole, fraction) = digits.split_at(digits.len() - point);
            let sign = if value < 0 { "-" } else { "" };
            let text = format!("{sign}{whole}.{fraction}{}e{point}", "0".repeat(zeros + 1));
            prop_assert_eq!(parse_int64(&text), Ok(value), "{}", text);
        }

        /// For all texts, the result is that of serde_json, if serde_json represents the number exactly.
        #[test]
        fn agrees_with_a_json_parser(text in "-?[0-9.eE+-]{1,12}") {
            let read = parse_int64(&text);
            let is_number = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(read != Err(Int64Error::NotANumber), is_number);
            if let Some(value) = serde_json::from_str::<serde_json::Number>(&text).ok().and_then(|number| number.as_i64()) {
                prop_assert_eq!(read, Ok(value));
            }
        }
    }
}
