//! Tests of `check` with arbitrary bytes.

use std::num::NonZeroUsize;

use client_event::EventTimestamp;
use client_event::rules::RuleSettings;
use event_tools::check::{CheckPlan, FormatChoice, Input, OutputFormat, TextStyle, TimeOfChecking, check, write_report};
use proptest::prelude::*;

use super::inputs::gzip;
use super::{Folder, bad, good};

/// The bytes of a Parquet file, text in other encodings, and events with some bytes changed.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let events = (prop::sample::select(&client_event::rules::RuleId::ALL[..]), any::<bool>()).prop_map(|(rule, is_array)| {
        let lines = bad(rule);
        let text = if is_array { format!("[{}]", lines.replace('\n', ",\n")) } else { lines.to_owned() };
        text.into_bytes()
    });
    let byte = prop_oneof![0x80..=0xBF_u8, any::<u8>(), prop::sample::select(&b"{}[]\",:\\\r\n\0"[..])];
    let changed =
        (events, prop::collection::vec((any::<prop::sample::Index>(), byte.clone()), 0..20)).prop_map(|(mut bytes, changes)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        });
    let parquet = prop::collection::vec(any::<u8>(), 0..2_000).prop_map(|bytes| [b"PAR1", &bytes[..], b"PAR1"].concat());
    prop_oneof![changed, parquet, prop::collection::vec(byte, 0..500)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(4), ..ProptestConfig::default() })]

    /// For all bytes, plain or compressed, in any format, with one or two threads: the check ends, and writes its report in every format.
    #[test]
    fn no_bytes_break_the_check(
        bytes in bytes(),
        packing in 0..3_u8,
        format in prop::sample::select(&[FormatChoice::Auto, FormatChoice::Message, FormatChoice::V3, FormatChoice::V4][..]),
        threads in 1..3_usize,
        findings_max in prop::option::of(0..5_usize),
    ) {
        let folder = Folder::new();
        let packed = match packing {
            0 => bytes,
            1 => gzip(&bytes),
            _ => zstd::encode_all(&bytes[..], 1).unwrap(),
        };
        folder.write("events", &packed);
        folder.write("good", good());
        let inputs = vec![Input::File(folder.path("events")), Input::File(folder.path("good"))];
        let plan = CheckPlan {
            searches: inputs[..1].to_vec(),
            inputs,
            format,
            window_ms: Some(1_000),
            settings: RuleSettings::default(),
            findings_max,
            shows_excerpts: true,
            threads: NonZeroUsize::new(threads).unwrap(),
            now: TimeOfChecking::Fixed(EventTimestamp::from_millis(1_800_000_000_000)),
        };
        let report = check(&plan);
        let style = TextStyle { has_colours: false, width: Some(100) };
        for output in OutputFormat::ALL {
            write_report(&report, output, &style, true, &mut Vec::new()).unwrap();
        }
    }
}

/// Lines that begin with a continuation byte, and a file that is not text.
#[test]
fn bytes_that_are_no_text_are_findings() {
    let folder = Folder::new();
    for byte in [0x80_u8, 0x90, 0xA5, 0xBF] {
        let ended = folder.check_stdin("-", &[byte, b'\n']);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{}", ended.stdout);
        assert!(ended.stdout.contains("is not UTF-8 at byte 0"), "{}", ended.stdout);
    }
}
