//! Tests of the messages against bytes that another implementation wrote: the protocol classes of kafka-python 3.0.12.

use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Two brokers, and two partitions, the first of which has no leader; in the versions 4, 5, 7 and 8.
const METADATA: [(i16, &str); 4] = [
    (
        4,
        "0000000500000002000000010009612e6578616d706c6500002384ffff0000000700033a3a3100004a9400017200016300000001000000010000000665\
         76656e74730000000002000000000001000000070000000200000007000000010000000100000007000500000000ffffffff0000000100000001000000\
         00",
    ),
    (
        5,
        "0000000500000002000000010009612e6578616d706c6500002384ffff0000000700033a3a3100004a9400017200016300000001000000010000000665\
         76656e7473000000000200000000000100000007000000020000000700000001000000010000000700000000000500000000ffffffff00000001000000\
         01000000000000000100000001",
    ),
    (
        7,
        "0000000500000002000000010009612e6578616d706c6500002384ffff0000000700033a3a3100004a9400017200016300000001000000010000000665\
         76656e747300000000020000000000010000000700000003000000020000000700000001000000010000000700000000000500000000ffffffff000000\
         040000000100000001000000000000000100000001",
    ),
    (
        8,
        "0000000500000002000000010009612e6578616d706c6500002384ffff0000000700033a3a3100004a9400017200016300000001000000010000000665\
         76656e747300000000020000000000010000000700000003000000020000000700000001000000010000000700000000000500000000ffffffff000000\
         0400000001000000010000000000000001000000018000000080000000",
    ),
];

/// Partition 2 is stored, partition 0 is not; in the versions 3, 5 and 8, the last with an explanation.
const PRODUCED: [(i16, &str); 3] = [
    (
        3,
        "0000000100066576656e7473000000020000000200000000000000000064ffffffffffffffff000000000057ffffffffffffffffffffffffffffffff00\
         000009",
    ),
    (
        5,
        "0000000100066576656e7473000000020000000200000000000000000064ffffffffffffffff0000000000000000000000000057ffffffffffffffffff\
         ffffffffffffffffffffffffffffff00000009",
    ),
    (
        8,
        "0000000100066576656e7473000000020000000200000000000000000064ffffffffffffffff000000000000000000000000ffff000000000057ffffff\
         ffffffffffffffffffffffffffffffffffffffffff000000010000000300037768790003616c6c00000009",
    ),
];

#[test]
fn metadata_is_read_in_each_version() {
    for (version, hex) in METADATA {
        let metadata = Metadata::read(&bytes(hex), version, "events").unwrap();
        let server = |host: &str, port| Server { host: host.to_owned(), port };
        assert_eq!(metadata.brokers, BTreeMap::from([(1, server("a.example", 9092)), (7, server("::1", 19092))]), "{version}");
        assert_eq!((metadata.code, metadata.leaders), (0, vec![None, Some(7)]), "{version}");
        assert_eq!(Metadata::read(&bytes(hex), version, "other"), Err(Malformed));
    }
}

/// A partition, its code and the explanation.
type Answered = (usize, i16, Option<Vec<u8>>);

fn produced(answer: &[u8], version: i16) -> Result<Vec<Answered>, Malformed> {
    let mut all = Vec::new();
    read_produced(answer, version, |stored| all.push((stored.partition, stored.code, stored.explanation.map(<[u8]>::to_vec))))?;
    Ok(all)
}

#[test]
fn produced_partitions_are_read_in_each_version() {
    for (version, hex) in PRODUCED {
        let explanation = (version == 8).then(|| b"all".to_vec());
        assert_eq!(produced(&bytes(hex), version), Ok(vec![(2, 0, None), (0, 87, explanation)]), "{version}");
    }
}

#[test]
fn requests_are_those_of_the_other_implementation() {
    for (version, hex) in [(4, "0000000100066576656e747300"), (8, "0000000100066576656e7473000000")] {
        let mut out = Vec::new();
        write_metadata_request(&mut out, version, "events");
        assert_eq!(out, bytes(hex), "{version}");
    }
    let mut out = Vec::new();
    write_produce_request(&mut out, (-1, 5_000), "events", 2, |out| {
        write_partition(out, 2, |out| out.extend_from_slice(b"abc"));
        write_partition(out, 0, |out| out.extend_from_slice(b"de"));
    });
    assert_eq!(out, bytes("ffffffff000013880000000100066576656e747300000002000000020000000361626300000000000000026465"));
    let mut out = vec![7];
    write_request(&mut out, RequestKind::Metadata, 8, 3, |out| out.push(9));
    assert_eq!(out, b"\x07\0\0\0\x15\0\x03\0\x08\0\0\0\x03\0\x0aseeker-sim\x09");
}

#[test]
fn the_highest_common_version_is_chosen() {
    let versions = |lowest: i16, highest: i16| {
        let mut answer = vec![0, 0, 0, 0, 0, 1, 0, 0];
        answer.extend(lowest.to_be_bytes().into_iter().chain(highest.to_be_bytes()));
        ApiVersions::read(&answer).unwrap().1
    };
    for (lowest, highest, expected) in
        [(0, 11, Some(8)), (0, 7, Some(7)), (3, 3, Some(3)), (0, 2, None), (9, 12, None), (8, 9, Some(8))]
    {
        assert_eq!(versions(lowest, highest).common(RequestKind::Produce).ok(), expected, "{lowest} to {highest}");
    }
    let text = versions(0, 2).common(RequestKind::Produce).unwrap_err();
    assert_eq!(text, "the broker has the versions 0 to 2 of Produce; expected one of the versions 3 to 8");
    let text = versions(0, 2).common(RequestKind::SaslHandshake).unwrap_err();
    assert_eq!(text, "the broker has no SaslHandshake; expected one of the versions 1 to 1");
}

proptest! {
    /// For all bytes and versions, answers are read without a panic. An answer that lacks its end, or has more, is malformed.
    #[test]
    fn any_answer_is_read(bytes_of in prop::collection::vec(any::<u8>(), 0..120), version in 3_i16..=8, cut in 1_usize..200) {
        let _ = (Metadata::read(&bytes_of, version, "events"), produced(&bytes_of, version), ApiVersions::read(&bytes_of));
        let _ = (read_sasl_handshake(&bytes_of), SaslAnswer::read(&bytes_of, version - 3));
        for (version, hex) in METADATA {
            let mut all = bytes(hex);
            prop_assert!(Metadata::read(&all[..all.len().saturating_sub(cut)], version, "events").is_err());
            all.push(0);
            prop_assert!(Metadata::read(&all, version, "events").is_err());
        }
        for (version, hex) in PRODUCED {
            let mut all = bytes(hex);
            prop_assert!(produced(&all[..all.len().saturating_sub(cut)], version).is_err());
            all.push(0);
            prop_assert!(produced(&all, version).is_err());
        }
    }

    /// For all changes of a byte, an answer is read without a panic, and no more partitions are read than it has.
    #[test]
    fn a_damaged_answer_is_read(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for (version, hex) in METADATA {
            let mut all = bytes(hex);
            *at.get_mut(&mut all) = byte;
            if let Ok(metadata) = Metadata::read(&all, version, "events") {
                prop_assert!(metadata.leaders.len() <= 2);
            }
        }
        for (version, hex) in PRODUCED {
            let mut all = bytes(hex);
            *at.get_mut(&mut all) = byte;
            if let Ok(partitions) = produced(&all, version) {
                prop_assert!(partitions.len() <= 4);
            }
        }
    }
}
