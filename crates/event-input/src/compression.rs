//! Distinguishes gzip and zstd from plain text by the first bytes, and decompresses. Files with several members or frames
//! are read to their end. A file that is cut off is an error.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// RFC 1952, section 2.3.1.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// RFC 8878, section 3.1.1.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Buffer size for compressed text.
const BUFFER_BYTES: usize = 128 * 1024;

/// Returns the text, decompressed if necessary, and whether the input was plain text.
pub(crate) fn decompressed(mut raw: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let mut start = [0; 4];
    let mut length = 0;
    // A pipe may return fewer bytes than requested.
    while length < start.len() {
        match raw.read(&mut start[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let whole = Cursor::new(start).take(length as u64).chain(raw);
    Ok(if start[..length].starts_with(&GZIP_MAGIC) {
        (Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, whole))), false)
    } else if start[..length] == ZSTD_MAGIC {
        (Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER_BYTES, whole))?), false)
    } else {
        (Box::new(whole), true)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(raw: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        decompressed(Cursor::new(raw))?.0.read_to_end(&mut text)?;
        Ok(text)
    }

    proptest! {
        /// For all texts in any number of parts, compressed separately or together, decompression returns the text.
        #[test]
        fn compressed_text_is_read(parts in prop::collection::vec(".{0,200}", 1..4)) {
            let text = parts.concat().into_bytes();
            let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part.as_bytes())).collect();
            prop_assert_eq!(&read(members).unwrap(), &text);
            let frames: Vec<u8> = parts.iter().flat_map(|part| zstd::encode_all(part.as_bytes(), 1).unwrap()).collect();
            prop_assert_eq!(&read(frames).unwrap(), &text);
            prop_assert_eq!(&read(text.clone()).unwrap(), &text);
        }

        /// For all places at which a compressed text is cut off, reading returns an error.
        #[test]
        fn truncated_text_is_an_error(text in ".{1,200}", cut: prop::sample::Index) {
            for compressed in [gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
                // With less than the first bytes, the input does not look compressed.
                let kept = 4 + cut.index(compressed.len() - 4);
                prop_assert!(read(compressed[..kept].to_vec()).is_err(), "{} of {}", kept, compressed.len());
            }
        }
    }
}
