//! Option values in bytes and bytes per second.

const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

/// Parses a whole number of bytes with its unit.
///
/// # Errors
///
/// Returns what was expected.
pub(crate) fn parse_byte_size(text: &str) -> Result<u64, String> {
    bytes(text).ok_or_else(|| "expected a size with its unit, such as 64KiB or 128MiB".to_owned())
}

/// Parses a whole number of bytes per second.
///
/// # Errors
///
/// Returns what was expected.
pub(crate) fn parse_byte_rate(text: &str) -> Result<u64, String> {
    let rate = text.strip_suffix("/s").and_then(bytes);
    rate.ok_or_else(|| "expected bytes per second, such as 100B/s or 1KiB/s".to_owned())
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), unit)))?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_plain)?.checked_mul(*unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all numbers and units, the size is their product, if the product fits.
        #[test]
        fn a_size_is_the_product_of_its_number_and_unit(number in any::<u64>(), unit in prop::sample::select(UNITS.to_vec()), space in " ?") {
            let product = number.checked_mul(unit.1);
            let text = format!("{number}{space}{}", unit.0);
            prop_assert_eq!(parse_byte_size(&text).ok(), product);
            prop_assert_eq!(parse_byte_rate(&format!("{text}/s")).ok(), product);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "B", "1", "1 K", "1kb", "1.5MiB", "-1B", "+1B", "1B/s", "1 MiB B"] {
            assert!(parse_byte_size(text).is_err(), "{text}");
        }
        for text in ["", "1B", "1/s", "/s", "1B/m", "1B /s/s"] {
            assert!(parse_byte_rate(text).is_err(), "{text}");
        }
    }
}
