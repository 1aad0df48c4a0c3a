//! Integers of variable length, as QUIC writes them (RFC 9000, section 16): the first two bits are the logarithm of the length.

/// The exclusive upper bound of these integers.
const END: u64 = 1 << 62;

/// Appends an integer in its shortest form. It is below 2^62.
pub(super) fn write(value: u64, out: &mut Vec<u8>) {
    debug_assert!(value < END);
    let (length, mark) = match value {
        0..0x40 => (1, 0),
        0x40..0x4000 => (2, 0x40),
        0x4000..0x4000_0000 => (4, 0x80),
        _ => (8, 0xc0),
    };
    let bytes = value.to_be_bytes();
    let start = out.len();
    out.extend_from_slice(&bytes[bytes.len() - length..]);
    out[start] |= mark;
}

/// Reads the integer at the start of the bytes, and its length. `None` if more bytes are needed.
pub(super) fn read(bytes: &[u8]) -> Option<(u64, usize)> {
    let length = 1 << (bytes.first()? >> 6);
    let (first, rest) = bytes.get(..length)?.split_first()?;
    let start = u64::from(first & 0x3f);
    Some((rest.iter().fold(start, |value, byte| value << 8 | u64::from(*byte)), length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of RFC 9000, appendix A.1.
    #[test]
    fn integers_are_read_as_specified() {
        for (bytes, value) in [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            assert_eq!(read(bytes), Some((value, bytes.len())));
            assert_eq!(read(&bytes[..bytes.len() - 1]), None);
        }
    }

    proptest! {
        /// For all integers, the written form is read back, whatever follows.
        #[test]
        fn written_integers_are_read_back(shift in 0u32..62, bits in 0..END, rest in any::<[u8; 3]>()) {
            let value = bits >> shift;
            let mut bytes = Vec::new();
            write(value, &mut bytes);
            let length = bytes.len();
            bytes.extend_from_slice(&rest);
            prop_assert_eq!(read(&bytes), Some((value, length)));
        }
    }
}
