//! Bodies packed with gzip, one after the other with the same memory: to set up a new encoder for each would cost more than to pack a
//! message.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// A header that says nothing but what it is: deflate, no name, no time, packed fast, by an unknown system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// Packs bodies.
pub(crate) struct Gzip {
    deflate: Compress,
    packed: Vec<u8>,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self { deflate: Compress::new(Compression::fast(), false), packed: Vec::new() }
    }

    /// Puts the packed body in the place of the body.
    pub(crate) fn pack(&mut self, body: &mut Vec<u8>) {
        let Self { deflate, packed } = self;
        packed.clear();
        packed.extend_from_slice(&HEADER);
        deflate.reset();
        loop {
            // Only what is free already is written to.
            packed.reserve(body.len() + 64);
            let taken = usize::try_from(deflate.total_in()).expect("a body lies in memory");
            let status = deflate.compress_vec(&body[taken..], packed, FlushCompress::Finish);
            if status.expect("every body can be packed") == Status::StreamEnd {
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
        /// For all bodies one after the other, each is what it was when it is unpacked, and packed in the same way a second time.
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
