//! The text form of numbers: exact and as short as possible on axes, with a readable number of digits in sentences.

use std::num::FpCategory;

/// Keeps a number and its unit on one line.
const NARROW_SPACE: char = '\u{a0}';

/// The format of the values on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// Unchanged: `1,000`, `0.25`, `5 M`.
    Plain,
    /// Shares, as percent.
    Percent,
}

impl NumberFormat {
    /// Formats a value of an axis: exact, because axes have ticks at round numbers.
    pub fn exact(self, value: f64) -> String {
        self.written(value, 8)
    }

    /// Formats a value for readers: three significant digits, all digits of whole numbers.
    pub fn readable(self, value: f64) -> String {
        self.written(value, 3)
    }

    fn written(self, value: f64, digits: i32) -> String {
        // Longer numbers have too many zeros to count.
        if value.is_normal() && !(1e-7..1e14).contains(&value.abs()) {
            return format!("{value:.1e}");
        }
        match self {
            Self::Plain if value.abs() >= 1e6 && value.is_finite() => {
                let (unit, name) = if value.abs() >= 1e9 { (1e9, 'G') } else { (1e6, 'M') };
                format!("{}{NARROW_SPACE}{name}", rounded(value / unit, digits))
            }
            Self::Plain => rounded(value, digits),
            Self::Percent => format!("{}{NARROW_SPACE}%", rounded(value * 100.0, digits)),
        }
    }
}

/// Formats a count with all its digits.
pub fn grouped(count: u64) -> String {
    with_commas(&count.to_string())
}

/// Formats a number with this many significant digits, but all digits before the decimal point, with commas between
/// thousands, and without trailing zeros.
fn rounded(value: f64, digits: i32) -> String {
    match value.classify() {
        FpCategory::Nan | FpCategory::Infinite => return "-".to_owned(),
        FpCategory::Zero | FpCategory::Subnormal => return "0".to_owned(),
        FpCategory::Normal => {}
    }
    #[expect(clippy::cast_possible_truncation, reason = "an exponent")]
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(digits - 1 - magnitude).unwrap_or(0).min(12);
    let text = format!("{value:.decimals$}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = with_commas(whole);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn with_commas(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, exact, readable) in [
            (0.0, "0", "0"),
            (1e-3, "0.001", "0.001"),
            (0.25, "0.25", "0.25"),
            (1.0 / 3.0, "0.33333333", "0.333"),
            (217.36, "217.36", "217"),
            (12_345.6, "12,345.6", "12,346"),
            (-1_500.0, "-1,500", "-1,500"),
            (999_999.0, "999,999", "999,999"),
            (2_500_000.0, "2.5\u{a0}M", "2.5\u{a0}M"),
            (3e9, "3\u{a0}G", "3\u{a0}G"),
            (-4.25e20, "-4.2e20", "-4.2e20"),
            (f64::NAN, "-", "-"),
        ] {
            assert_eq!(
                (NumberFormat::Plain.exact(value).as_str(), NumberFormat::Plain.readable(value).as_str()),
                (exact, readable)
            );
        }
        for (share, text) in [(0.5, "50"), (0.999, "99.9"), (0.9999, "99.99"), (0.1 + 0.2, "30"), (0.0001, "0.01")] {
            assert_eq!(NumberFormat::Percent.exact(share), format!("{text}\u{a0}%"));
        }
    }

    proptest! {
        /// For all numbers below a million, the text is the number to three digits.
        #[test]
        fn written_numbers_are_the_number(value in -1e6..1e6) {
            let text = NumberFormat::Plain.readable(value);
            let read: f64 = text.replace(',', "").parse().unwrap_or(f64::NAN);
            prop_assert!((read - value).abs() <= 0.005 * value.abs(), "{value}: {text}");
        }
    }
}
