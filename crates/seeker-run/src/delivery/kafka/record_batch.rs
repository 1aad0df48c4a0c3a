//! Record batches (magic 2): the records of one partition in a request. A batch is built record by record and then written with its header,
//! its compression and its checksum (Apache Kafka, "Record Batch").

use super::compression::Compressor;
use super::wire::{put_length, put_varint, varint_length};

/// The bytes before the first record.
const HEADER_LENGTH: usize = 61;

/// The offset of the first byte that the checksum covers.
const BEFORE_CHECKED: usize = 21;

/// A record. All records have the same number of headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    /// Names and values.
    pub(super) headers: [(&'a [u8], &'a [u8]); 2],
}

/// A batch without its header. The memory is reused.
#[derive(Debug, Default)]
pub(super) struct RecordBatch {
    records: Vec<u8>,
    count: i32,
}

impl RecordBatch {
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.count = 0;
    }

    /// Adds a record. Returns its length.
    pub(super) fn push(&mut self, record: &Record<'_>) -> usize {
        let begin = self.records.len();
        let offset = i64::from(self.count);
        let sized = |bytes: &[u8]| varint_length(length(bytes)) + bytes.len();
        let headers: usize = record.headers.iter().map(|(name, value)| sized(name) + sized(value)).sum();
        // The attributes and the difference of the timestamps are zeros of one byte each.
        let count = length_of(record.headers.len());
        let all = 2 + varint_length(offset) + sized(record.key) + sized(record.value) + varint_length(count) + headers;
        let out = &mut self.records;
        out.reserve(all + 5);
        put_varint(out, length_of(all));
        out.extend_from_slice(&[0, 0]);
        put_varint(out, offset);
        let put_sized = |out: &mut Vec<u8>, bytes: &[u8]| {
            put_varint(out, length(bytes));
            out.extend_from_slice(bytes);
        };
        put_sized(out, record.key);
        put_sized(out, record.value);
        put_varint(out, count);
        for (name, value) in record.headers {
            put_sized(out, name);
            put_sized(out, value);
        }
        self.count += 1;
        self.records.len() - begin
    }

    /// Appends the batch. All records get this time, in milliseconds since 1970. Without an idempotent producer, offsets, the producer and its
    /// sequence are left to the broker.
    pub(super) fn write(&self, out: &mut Vec<u8>, millis: i64, compressor: &mut Compressor) {
        let attributes = compressor.attributes();
        let records = compressor.compress(&self.records);
        let begin = out.len();
        out.extend_from_slice(&0_i64.to_be_bytes());
        // The length counts what follows it.
        put_length(out, HEADER_LENGTH - 12 + records.len());
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        out.push(2);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&attributes.to_be_bytes());
        out.extend_from_slice(&(self.count - 1).to_be_bytes());
        out.extend_from_slice(&millis.to_be_bytes());
        out.extend_from_slice(&millis.to_be_bytes());
        out.extend_from_slice(&(-1_i64).to_be_bytes());
        out.extend_from_slice(&(-1_i16).to_be_bytes());
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(records);
        let checksum = crc32c::crc32c(&out[begin + BEFORE_CHECKED..]);
        out[begin + BEFORE_CHECKED - 4..begin + BEFORE_CHECKED].copy_from_slice(&checksum.to_be_bytes());
    }
}

fn length(bytes: &[u8]) -> i64 {
    length_of(bytes.len())
}

fn length_of(length: usize) -> i64 {
    i64::try_from(length).expect("records are short")
}

#[cfg(test)]
mod tests;
