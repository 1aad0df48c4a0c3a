//! The command `check`: for all files, the check ends and its report can be written in every format.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;

use client_event::EventTimestamp;
use client_event::rules::RuleSettings;
use event_tools::check::{CheckPlan, FormatChoice, Input, OutputFormat, TextStyle, TimeOfChecking, check, write_report};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

thread_local! {
    static FOLDER: RefCell<TempDir> = {
        // In memory if possible, because a durable file system takes milliseconds per file.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        RefCell::new(folder.expect("the system has a temporary folder"))
    };
}

const FORMATS: [FormatChoice; 4] = [FormatChoice::Auto, FormatChoice::Message, FormatChoice::V3, FormatChoice::V4];

fn packed(how: u8, bytes: &[u8]) -> Vec<u8> {
    match how % 3 {
        0 => bytes.to_vec(),
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        _ => zstd::encode_all(bytes, 1).unwrap(),
    }
}

fuzz_target!(|data: &[u8]| {
    // The last byte selects the options, so that a corpus of plain files is valid input too.
    let Some((choice, bytes)) = data.split_last() else { return };
    let path = FOLDER.with_borrow(|folder| folder.path().join("events"));
    fs::write(&path, packed(choice & 3, bytes)).unwrap();
    let inputs = vec![Input::File(path)];
    let plan = CheckPlan {
        searches: if choice & 64 == 0 { Vec::new() } else { inputs.clone() },
        inputs,
        format: FORMATS[usize::from(choice >> 2 & 3)],
        window_ms: if choice & 16 == 0 { Some(7_776_000_000) } else { Some(1_000) },
        settings: RuleSettings::default(),
        findings_max: if choice & 32 == 0 { None } else { Some(3) },
        shows_excerpts: true,
        threads: if choice & 128 == 0 { NonZeroUsize::MIN } else { NonZeroUsize::new(2).unwrap() },
        now: TimeOfChecking::Fixed(EventTimestamp::from_millis(1_800_000_000_000)),
    };
    let report = check(&plan);
    let statistics = &report.statistics;
    let findings = statistics.findings.errors + statistics.findings.warnings;
    assert_eq!(report.findings.len() as u64 + report.omitted, findings);
    let style = TextStyle { has_colours: false, width: Some(100) };
    let output = OutputFormat::ALL[bytes.len() % OutputFormat::ALL.len()];
    write_report(&report, output, &style, true, &mut Vec::new()).unwrap();
});
