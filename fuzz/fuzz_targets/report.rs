//! The reader of reports. Writing and reading a report gives the same report, and every output format can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use run_report::compare::{CompareOptions, compare};
use run_report::form::ReportForm;
use run_report::merge::{MergeOptions, merge};
use run_report::read::{NamedReport, from_bytes};

fuzz_target!(|bytes: &[u8]| {
    let Ok(report) = from_bytes("fuzz.json", bytes) else { return };
    let json = serde_json::to_vec(&report).unwrap();
    assert_eq!(from_bytes("fuzz.json", &json).unwrap(), report);
    for form in ReportForm::ALL {
        form.write(&report, &mut Vec::new()).unwrap();
    }
    let named = |name: &str| NamedReport { name: name.to_owned(), report: report.clone() };
    let _ = merge(&[named("a"), named("b")], MergeOptions::default());
    let _ = compare(&[named("a")], &[named("b")], &CompareOptions::default());
});
