//! The content encoding of a request body: none or gzip. The size of a decompressed body is bounded.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::limits::BODY_BYTES_MAX;

/// The content encoding of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentEncoding {
    /// No encoding.
    Identity,
    /// Compressed with gzip.
    Gzip,
}

/// Why a body cannot be decompressed.
#[derive(Debug)]
pub(crate) enum UnpackError {
    /// The decompressed body is too large.
    TooLarge,
    /// The body is not gzip, or ends early.
    Broken(io::Error),
}

impl ContentEncoding {
    /// Returns the encoding from the values of the `Content-Encoding` fields of a request.
    ///
    /// # Errors
    ///
    /// The name of an unknown encoding.
    pub(crate) fn of<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Result<Self, String> {
        let Some(value) = values.next() else { return Ok(Self::Identity) };
        let name = value.trim_ascii();
        match name {
            // A sequence of encodings is not supported.
            _ if values.next().is_some() => Err("more than one".to_owned()),
            b"" => Ok(Self::Identity),
            name if name.eq_ignore_ascii_case(b"identity") => Ok(Self::Identity),
            // RFC 9110, section 8.4.1.3: the two names mean the same.
            name if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => Ok(Self::Gzip),
            name => Err(String::from_utf8_lossy(name).into_owned()),
        }
    }
}

/// Decompresses a body. Holds at most one byte more than the limit of a body.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, UnpackError> {
    let mut body = Vec::new();
    let mut bounded = MultiGzDecoder::new(packed).take(BODY_BYTES_MAX as u64 + 1);
    bounded.read_to_end(&mut body).map_err(UnpackError::Broken)?;
    if body.len() > BODY_BYTES_MAX { Err(UnpackError::TooLarge) } else { Ok(body) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_limit_is_exact_and_no_bomb_goes_off() {
        assert_eq!(unpack(&packed(&vec![b' '; BODY_BYTES_MAX])).unwrap().len(), BODY_BYTES_MAX);
        for bytes in [BODY_BYTES_MAX + 1, 20 * BODY_BYTES_MAX] {
            assert!(matches!(unpack(&packed(&vec![b' '; bytes])), Err(UnpackError::TooLarge)));
        }
    }

    proptest! {
        /// For all bodies, decompressing a compressed body gives the same body, in one piece or in several. A truncated body and a body
        /// with an extra byte are refused.
        #[test]
        fn packing_then_unpacking_is_the_identity(body in prop::collection::vec(any::<u8>(), 0..500), at in any::<prop::sample::Index>()) {
            let (first, second) = body.split_at(at.index(body.len() + 1));
            prop_assert_eq!(&unpack(&packed(&body)).unwrap(), &body);
            prop_assert_eq!(&unpack(&[packed(first), packed(second)].concat()).unwrap(), &body);
            let whole = packed(&body);
            prop_assert!(matches!(unpack(&whole[..at.index(whole.len())]), Err(UnpackError::Broken(_))));
            prop_assert!(matches!(unpack(&[&whole[..], b"x"].concat()), Err(UnpackError::Broken(_))));
        }

        /// For all bytes, decompression ends.
        #[test]
        fn any_bytes_are_bearable(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let _ = unpack(&bytes);
            let _ = unpack(&[b"\x1f\x8b\x08\0\0\0\0\0\0\xff", &bytes[..]].concat());
        }
    }
}
