//! Compresses record batches and reuses the same memory.

use zstd::bulk;

use crate::delivery::gzip::Gzip;
use crate::target::kafka_settings::Codec;

/// The level of Zstandard, which is its default and that of Java's producer.
const ZSTD_LEVEL: i32 = 3;

/// The maximum length of a block of LZ4, as Java's producer chooses it.
const LZ4_BLOCK: usize = 64 << 10;

/// The beginning of an LZ4 frame: the magic number, version 1 with independent blocks and without checksums, blocks of 64 KiB, and the
/// checksum of these two bytes (LZ4 Frame Format, version 1.6).
const LZ4_BEGIN: [u8; 7] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];

/// The length of a block that is not compressed has this bit.
const LZ4_UNCOMPRESSED: u32 = 1 << 31;

/// Compresses the records of batches, or leaves them as they are.
pub(super) struct Compressor {
    method: Option<Method>,
    packed: Vec<u8>,
}

enum Method {
    Gzip(Box<Gzip>),
    Lz4,
    Zstd(bulk::Compressor<'static>),
}

impl Compressor {
    pub(super) fn new(codec: Option<Codec>) -> Self {
        let method = codec.map(|codec| match codec {
            Codec::Gzip => Method::Gzip(Box::new(Gzip::new())),
            Codec::Lz4 => Method::Lz4,
            Codec::Zstd => Method::Zstd(bulk::Compressor::new(ZSTD_LEVEL).expect("the default level exists")),
        });
        Self { method, packed: Vec::new() }
    }

    /// The attributes of the batches.
    pub(super) const fn attributes(&self) -> i16 {
        match self.method {
            None => 0,
            Some(Method::Gzip(_)) => 1,
            // 2 is Snappy.
            Some(Method::Lz4) => 3,
            Some(Method::Zstd(_)) => 4,
        }
    }

    pub(super) fn compress<'a>(&'a mut self, records: &'a [u8]) -> &'a [u8] {
        let packed = &mut self.packed;
        packed.clear();
        match &mut self.method {
            None => return records,
            Some(Method::Gzip(gzip)) => {
                packed.extend_from_slice(records);
                gzip.pack(packed);
            }
            Some(Method::Lz4) => write_lz4(records, packed),
            Some(Method::Zstd(zstd)) => {
                packed.resize(zstd::zstd_safe::compress_bound(records.len()), 0);
                let length = zstd.compress_to_buffer(records, packed.as_mut_slice()).expect("the room is sufficient");
                packed.truncate(length);
            }
        }
        packed
    }
}

/// Appends a frame of LZ4.
fn write_lz4(records: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&LZ4_BEGIN);
    for block in records.chunks(LZ4_BLOCK) {
        let at = out.len();
        out.resize(at + 4 + lz4_flex::block::get_maximum_output_size(block.len()), 0);
        let length = lz4_flex::block::compress_into(block, &mut out[at + 4..]).expect("the room is sufficient");
        let length = if length < block.len() {
            out.truncate(at + 4 + length);
            u32::try_from(length).expect("a block is short")
        } else {
            out.truncate(at + 4);
            out.extend_from_slice(block);
            u32::try_from(block.len()).expect("a block is short") | LZ4_UNCOMPRESSED
        };
        out[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&[0; 4]);
}
