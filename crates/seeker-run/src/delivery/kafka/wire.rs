//! The primitive types of Kafka's protocol, as all versions before the flexible ones write them: big-endian numbers, and texts and arrays
//! with their length in front. Records use variable-length numbers.
//!
//! Invariant: reading never goes past the bytes and never allocates.

use thiserror::Error;

/// The bytes are no answer of a Kafka broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the broker sent bytes that are not Kafka")]
pub(super) struct Malformed;

/// Reads values from the beginning of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct WireReader<'a>(&'a [u8]);

impl<'a> WireReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Malformed> {
        self.array().map(|[byte]| byte != 0)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Malformed> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_be_bytes)
    }

    /// A text; `None` is null.
    pub(super) fn nullable_text(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        match self.i16()? {
            -1 => Ok(None),
            length => self.take(usize::try_from(length).map_err(|_| Malformed)?).map(Some),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a [u8], Malformed> {
        self.nullable_text()?.ok_or(Malformed)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.i32()?).map_err(|_| Malformed)?;
        self.take(length)
    }

    /// The number of elements of an array, each of which has at least this many bytes.
    pub(super) fn count(&mut self, size_min: usize) -> Result<usize, Malformed> {
        match self.i32()? {
            -1 => Ok(0),
            count => usize::try_from(count).ok().filter(|count| *count <= self.0.len() / size_min).ok_or(Malformed),
        }
    }

    /// Skips an array of numbers of four bytes.
    pub(super) fn skip_i32s(&mut self) -> Result<(), Malformed> {
        let count = self.count(4)?;
        self.take(4 * count).map(drop)
    }

    /// Makes sure that nothing follows.
    pub(super) const fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Appends a text. Its length is below 32,768 bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let length = i16::try_from(text.len()).expect("texts of requests are short");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text);
}

/// Appends the length of bytes or of an array.
pub(super) fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = i32::try_from(length).expect("requests are shorter than 2 GiB");
    out.extend_from_slice(&length.to_be_bytes());
}

/// Writes a length over four bytes that were left free.
pub(super) fn set_length(out: &mut [u8], at: usize, length: usize) {
    let length = i32::try_from(length).expect("requests are shorter than 2 GiB");
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// Maps small positive and negative numbers to small numbers.
const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The number of bytes that [`put_varint`] appends.
pub(super) const fn varint_length(value: i64) -> usize {
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Appends a number of variable length, as in Protocol Buffers.
pub(super) fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits fit");
        rest >>= 7;
        if rest == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a number of variable length from the end of its bytes, independently of how it is written.
    fn varint(bytes: &[u8]) -> i64 {
        let unsigned = bytes.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
        let half = (unsigned / 2).cast_signed();
        if unsigned % 2 == 0 { half } else { -half - 1 }
    }

    proptest! {
        /// For all numbers, the bytes mean the number, only the last one has no continuation bit, and the length is as stated.
        #[test]
        fn a_varint_means_its_number(value in any::<i64>(), shift in 0..63) {
            for value in [value, value >> shift] {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                prop_assert_eq!((varint(&out), varint_length(value)), (value, out.len()));
                prop_assert!(out.iter().rev().skip(1).all(|byte| byte & 0x80 != 0) && out[out.len() - 1] & 0x80 == 0);
            }
        }

        /// For all bytes, reading ends without a panic, and a count never promises more than there is.
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = WireReader::new(&bytes);
            if let Ok(count) = reader.count(3) {
                prop_assert!(3 * count <= bytes.len());
            }
            let mut reader = WireReader::new(&bytes);
            let _ = (reader.nullable_text(), reader.bytes(), reader.skip_i32s(), reader.i64(), reader.bool());
        }
    }

    #[test]
    fn lengths_are_checked() {
        for bytes in [&[0xff, 0xff, 0xff, 0xfe][..], &[0x7f, 0xff, 0xff, 0xff], &[0, 0, 0, 2, 0], &[0, 0]] {
            assert_eq!(WireReader::new(bytes).bytes(), Err(Malformed), "{bytes:?}");
            assert_eq!(WireReader::new(bytes).count(1).is_err(), bytes.len() < 6, "{bytes:?}");
        }
        assert_eq!(WireReader::new(&[0xff, 0xff]).nullable_text(), Ok(None));
        assert_eq!(WireReader::new(&[0xff, 0xff]).text(), Err(Malformed));
        assert_eq!(WireReader::new(&[0, 2, b'a', b'b', b'c']).text(), Ok(&b"ab"[..]));
    }
}
