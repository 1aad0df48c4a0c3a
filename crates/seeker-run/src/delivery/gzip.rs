//! Compresses bodies with gzip and reuses the same memory: setting up an encoder for each body would cost more than compressing a message.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// A minimal header: deflate, no name, no time, fast compression, unknown system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// Compresses bodies.
pub(crate) struct Gzip {
    deflate: Compress,
    packed: Vec<u8>,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self { deflate: Compress::new(Compression::fast(), false), packed: Vec::new() }
    }

    /// Replaces the body with the compressed body.
    pub(crate) fn pack(&mut self, body: &mut Vec<u8>) {
        let Self { deflate, packed } = self;
        packed.clear();
        packed.extend_from_slice(&HEADER);
        deflate.reset();
        loop {
            // The encoder writes only to capacity that is already reserved.
            packed.reserve(body.len() + 64);
            let taken = usize::try_from(deflate.total_in()).expect("a body fits into memory");
            let status = deflate.compress_vec(&body[taken..], packed, FlushCompress::Finish);
            if status.expect("compression into memory does not fail") == Status::StreamEnd {
                break;
            }
        }
        let mut crc = Crc::new();
        crc.update(body);
        packed.extend_from_slice(&crc.sum().to_le_bytes());
        packed.extend_from_slice(&crc.amount().to_le_bytes());
        std::mem::swap(body, packed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all sequences of bodies, each decompresses to the original, and a second compression gives the same bytes.
        #[test]
        fn packed_bodies_can_be_unpacked(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2_000), 1..5)) {
            let mut gzip = Gzip::new();
            for body in bodies {
                let mut packed = body.clone();
                gzip.pack(&mut packed);
                let mut unpacked = Vec::new();
                GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
                prop_assert_eq!(&unpacked, &body);
                let mut again = body;
                gzip.pack(&mut again);
                prop_assert_eq!(again, packed);
            }
        }
    }
}
