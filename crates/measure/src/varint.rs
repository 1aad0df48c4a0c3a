//! Whole numbers in as few bytes as possible (LEB128): seven bits per byte, the lowest first. All bytes but the last have the high bit.

use std::io::{self, BufRead, ErrorKind};

/// Appends a number.
#[inline]
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
#[inline]
pub(crate) fn read(bytes: &mut impl BufRead) -> io::Result<u64> {
    // Most numbers are short.
    if let Some(byte @ ..0x80) = bytes.fill_buf()?.first().copied() {
        bytes.consume(1);
        return Ok(byte.into());
    }
    read_long(bytes)
}

fn read_long(bytes: &mut impl BufRead) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte =
            *bytes.fill_buf()?.first().ok_or_else(|| io::Error::new(ErrorKind::UnexpectedEof, "the input ends too early"))?;
        bytes.consume(1);
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            break;
        }
        number |= part << shift;
        if byte < 0x80 {
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
            for number in &numbers {
                write(&mut bytes, *number);
            }
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
