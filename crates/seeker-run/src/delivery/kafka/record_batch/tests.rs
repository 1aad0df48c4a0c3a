//! Tests of record batches: against bytes of another implementation, and with a reader written for the tests.

use std::io::Read;

use flate2::read::GzDecoder;
use proptest::prelude::*;

use super::*;
use crate::target::kafka_settings::Codec;

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads a batch. Checks each length, the checksum and the offsets. Returns the keys, the values and the headers.
fn read(batch: &[u8]) -> Vec<(Vec<u8>, Vec<u8>, Headers)> {
    let number = |at: usize| i32::from_be_bytes(batch[at..at + 4].try_into().unwrap());
    assert_eq!((usize::try_from(number(8)), batch[16]), (Ok(batch.len() - 12), 2));
    let checksum = batch[21..].iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 })
    });
    assert_eq!(number(17).cast_unsigned(), !checksum);
    let count = number(57);
    assert_eq!(number(23), count - 1);
    let packed = &batch[61..];
    let records = match batch[22] {
        0 => packed.to_vec(),
        1 => {
            let mut records = Vec::new();
            GzDecoder::new(packed).read_to_end(&mut records).unwrap();
            records
        }
        3 => read_lz4(packed),
        4 => zstd::decode_all(packed).unwrap(),
        other => panic!("attributes {other}"),
    };
    let mut rest = &records[..];
    let all = (0..count).map(|offset| {
        let record = sized(&mut rest);
        let mut record = &record[..];
        assert_eq!((record[0], record[1]), (0, 0));
        record = &record[2..];
        assert_eq!(varint(&mut record), i64::from(offset));
        let (key, value) = (sized(&mut record), sized(&mut record));
        let headers = (0..varint(&mut record)).map(|_| (sized(&mut record), sized(&mut record))).collect();
        assert!(record.is_empty());
        (key, value, headers)
    });
    let all = all.collect();
    assert!(rest.is_empty());
    all
}

fn varint(rest: &mut &[u8]) -> i64 {
    let length = rest.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let (bytes, after) = rest.split_at(length);
    *rest = after;
    let unsigned = bytes.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    (unsigned >> 1).cast_signed() ^ -(unsigned & 1).cast_signed()
}

fn sized(rest: &mut &[u8]) -> Vec<u8> {
    let length = varint(rest);
    let (bytes, after) = rest.split_at(length.try_into().unwrap());
    *rest = after;
    bytes.to_vec()
}

fn read_lz4(mut rest: &[u8]) -> Vec<u8> {
    let mut records = Vec::new();
    assert_eq!(rest[..4], 0x184d_2204_u32.to_le_bytes());
    rest = &rest[7..];
    loop {
        let length = u32::from_le_bytes(rest[..4].try_into().unwrap());
        rest = &rest[4..];
        if length == 0 {
            assert!(rest.is_empty());
            return records;
        }
        let (block, after) = rest.split_at(usize::try_from(length & 0x7fff_ffff).unwrap());
        rest = after;
        if length >> 31 == 1 {
            records.extend_from_slice(block);
        } else {
            let mut unpacked = vec![0; 64 << 10];
            let length = lz4_flex::block::decompress_into(block, &mut unpacked).unwrap();
            records.extend_from_slice(&unpacked[..length]);
        }
    }
}

fn batch(records: &[(Vec<u8>, Vec<u8>)], codec: Option<Codec>) -> Vec<u8> {
    let (mut batch, mut out) = (RecordBatch::default(), vec![1, 2]);
    for (number, (key, value)) in records.iter().enumerate() {
        let id = format!("id-{number}");
        let length = batch.push(&Record { key, value, headers: [(b"eventId", id.as_bytes()), (b"eventType", b"VIEW")] });
        assert!(length > key.len() + value.len() && length < key.len() + value.len() + 60);
    }
    batch.write(&mut out, 1_700_000_000_123, &mut Compressor::new(codec));
    assert_eq!(out[..2], [1, 2]);
    out.split_off(2)
}

proptest! {
    /// For all records and compressions, reading a batch returns its records.
    #[test]
    fn a_batch_can_be_read(
        records in prop::collection::vec(("[0-9]{1,20}", prop::collection::vec(any::<u8>(), 0..300)), 1..40),
        repeated in 0_usize..200_000,
        codec in prop::option::of(prop_oneof![Just(Codec::Gzip), Just(Codec::Lz4), Just(Codec::Zstd)]),
    ) {
        let mut records: Vec<_> = records.into_iter().map(|(key, value)| (key.into_bytes(), value)).collect();
        records.push((b"1".to_vec(), vec![b'x'; repeated]));
        let all = read(&batch(&records, codec));
        prop_assert_eq!(all.len(), records.len());
        for (number, ((key, value, headers), expected)) in all.iter().zip(&records).enumerate() {
            prop_assert_eq!((key, value), (&expected.0, &expected.1));
            let id = (b"eventId".to_vec(), format!("id-{number}").into_bytes());
            prop_assert_eq!(headers, &vec![id, (b"eventType".to_vec(), b"VIEW".to_vec())]);
        }
    }
}

/// The same records, written by kafka-python 3.0.12. It states 0 as the epoch of the leader, which the checksum does not cover.
#[test]
fn a_batch_is_that_of_another_implementation() {
    let ours = batch(&[(b"2069".to_vec(), b"{\"a\":1}".to_vec()), (b"7".to_vec(), vec![b'x'; 200])], None);
    let begin = "00000000000000000000014d00000000024ed6662b0000000000010000018bcfe5687b0000018bcfe5687bffffffffffffffffffffffffffff00000002\
                 5a00000008323036390e7b2261223a317d040e6576656e7449640869642d30126576656e74547970650856494557d803000002023790\
                 03";
    let end = "040e6576656e7449640869642d31126576656e74547970650856494557";
    let expected = [begin, &"78".repeat(200), end].concat().replacen("0000014d00000000", "0000014dffffffff", 1);
    let expected: Vec<_> =
        (0..expected.len()).step_by(2).map(|at| u8::from_str_radix(&expected[at..at + 2], 16).unwrap()).collect();
    assert_eq!(ours, expected);
}

/// Compression makes the repetitive texts of events smaller.
#[test]
fn compression_is_worth_it() {
    let records = vec![(b"1".to_vec(), b"{\"eventType\":\"VIEW\",\"eventId\":\"a\"}".repeat(10)); 50];
    let plain = batch(&records, None).len();
    for codec in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
        let packed = batch(&records, Some(codec)).len();
        assert!(packed < plain / 4, "{codec:?}: {packed} of {plain}");
    }
}
