//! Whole numbers in as few bytes as possible (LEB128): seven bits per byte, the lowest first. All bytes but the last have the high bit.

use std::io::{self, ErrorKind, Read};

/// Appends a number.
pub(crate) fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Reads a number.
///
/// # Errors
///
/// The input ends within the number, or the number has more than 64 bits.
pub(crate) fn read(bytes: &mut impl Read) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let mut byte = [0];
        bytes.read_exact(&mut byte)?;
        let part = u64::from(byte[0] & 0x7f);
        if part << shift >> shift != part {
            break;
        }
        number |= part << shift;
        if byte[0] < 0x80 {
            return Ok(number);
        }
    }
    Err(io::Error::new(ErrorKind::InvalidData, "a number has more than 64 bits"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all numbers, reading returns what was written and takes no byte of the next number.
        #[test]
        fn written_numbers_are_read_back(numbers in prop::collection::vec(any::<u64>().prop_flat_map(|number| (0_u32..64).prop_map(move |by| number >> by)), 0..20)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|number| write(&mut bytes, *number));
            let mut rest = bytes.as_slice();
            for number in numbers {
                prop_assert_eq!(read(&mut rest).unwrap(), number);
            }
            prop_assert!(rest.is_empty());
        }

        /// For all bytes, reading ends with a number or an error.
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut rest = bytes.as_slice();
            while read(&mut rest).is_ok() {}
        }
    }

    #[test]
    fn more_than_64_bits_are_refused() {
        let error = read(&mut [0xff; 20].as_slice()).unwrap_err();
        assert_eq!(error.to_string(), "a number has more than 64 bits");
    }
}
