//! Integers with a prefix of 1 to 8 bits (RFC 7541, section 5.1).

/// Appends an integer. `first` has the bits before the prefix.
pub(super) fn write(out: &mut Vec<u8>, first: u8, prefix: u32, value: usize) {
    let max = (1_usize << prefix) - 1;
    if value < max {
        out.push(first | low_byte(value));
        return;
    }
    out.push(first | low_byte(max));
    let mut rest = value - max;
    while rest >= 0x80 {
        out.push(low_byte(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low_byte(rest));
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest byte is meant")]
const fn low_byte(value: usize) -> u8 {
    value as u8
}

/// Reads an integer from the beginning of the bytes. `None` if it is cut or needs more than 28 bits after its prefix.
pub(super) fn read(bytes: &mut &[u8], prefix: u32) -> Option<usize> {
    let (&first, mut rest) = bytes.split_first()?;
    let max = (1_usize << prefix) - 1;
    let mut value = usize::from(first) & max;
    if value == max {
        let mut shift = 0;
        loop {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 21 {
                return None;
            }
        }
    }
    *bytes = rest;
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all integers below 2^28 and all prefixes, reading what was written gives the same integer and leaves the bytes after it.
        #[test]
        fn integers_are_read_back(value in prop_oneof![0_usize..300, 0_usize..1 << 28], prefix in 1_u32..=8, after in any::<u8>()) {
            let mut bytes = Vec::new();
            write(&mut bytes, 0, prefix, value);
            bytes.push(after);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(read(&mut rest, prefix), Some(value));
            prop_assert_eq!(rest, &[after]);
        }
    }

    /// The examples of RFC 7541, appendix C.1.
    #[test]
    fn examples_of_the_rfc() {
        for (value, prefix, expected) in [(10, 5, vec![0x0a]), (1337, 5, vec![0x1f, 0x9a, 0x0a]), (42, 8, vec![0x2a])] {
            let mut bytes = Vec::new();
            write(&mut bytes, 0, prefix, value);
            assert_eq!(bytes, expected);
        }
    }

    #[test]
    fn endless_integers_are_refused() {
        assert_eq!(read(&mut [0xff; 100].as_slice(), 7), None);
        assert_eq!(read(&mut [0x7f, 0x80].as_slice(), 7), None);
    }
}
