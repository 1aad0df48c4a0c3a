//! Hexadecimal, decimal and Base64 digits, eight at a time in a word. Ids and job numbers are most of the text of an event. A table look-up
//! or a division for each digit would take most of the time of writing it.

/// The hexadecimal digits of a number, lower case.
pub(crate) const fn hexadecimal(number: u32) -> [u8; 8] {
    // Spreads the four bits of each digit to a byte, by halves.
    let mut digits = number as u64;
    digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF;
    digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF;
    digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    // 1 in each byte that is a letter: 10 to 15 reach the fifth bit when 6 is added.
    let letters = (digits + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    let to_letter = (b'a' - 10 - b'0') as u64;
    (digits + 0x3030_3030_3030_3030 + letters * to_letter).to_be_bytes()
}

/// The eight decimal digits of a number below 100,000,000, with leading zeros.
pub(crate) const fn decimal(number: u32) -> [u8; 8] {
    // Groups of four, then pairs, then digits, the first of each in the lower part. A quotient is a product with the rounded up reciprocal,
    // which is exact for numbers this small (Warren, "Hacker's Delight", 10-9).
    let number = number as u64;
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    let digits = tens | (pairs - tens * 10) << 8;
    (digits + 0x3030_3030_3030_3030).to_le_bytes()
}

/// The digits of Base64 (RFC 4648, section 4) for the lower six bits of each byte.
pub(crate) fn base64<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    for byte in &mut bytes {
        let value = *byte & 0x3F;
        // The offset differs between the five ranges. Without branches, a compiler can vectorize this.
        let mut digit = value + b'A';
        digit += if value > 25 { b'a' - b'A' - 26 } else { 0 };
        digit -= if value > 51 { b'a' + 26 - b'0' } else { 0 };
        digit -= if value > 61 { b'0' + 10 - b'+' } else { 0 };
        digit += if value > 62 { b'/' - b'+' - 1 } else { 0 };
        *byte = digit;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all numbers, the digits are those that the standard library writes.
        #[test]
        fn digits_are_those_of_the_standard_library(number: u32) {
            prop_assert_eq!(hexadecimal(number).to_vec(), format!("{number:08x}").into_bytes());
            let number = number % 100_000_000;
            prop_assert_eq!(decimal(number).to_vec(), format!("{number:08}").into_bytes());
        }
    }

    #[test]
    fn digits_at_the_ends_of_their_ranges() {
        assert_eq!((hexadecimal(0), hexadecimal(u32::MAX)), (*b"00000000", *b"ffffffff"));
        // Every group of four digits, on both sides.
        for number in 0..10_000 {
            assert_eq!(decimal(number).to_vec(), format!("{number:08}").into_bytes());
            assert_eq!(decimal(number * 10_000).to_vec(), format!("{:08}", number * 10_000).into_bytes());
        }
        // The 64 values in turn are 48 bytes.
        let bytes: Vec<u8> = (0..64_u32)
            .step_by(4)
            .flat_map(|value| (value << 18 | (value + 1) << 12 | (value + 2) << 6 | (value + 3)).to_be_bytes()[1..].to_vec())
            .collect();
        let values: [u8; 64] = std::array::from_fn(|value| u8::try_from(value).unwrap() | 0xC0);
        assert_eq!(base64(values).to_vec(), STANDARD.encode(bytes).into_bytes());
    }
}
