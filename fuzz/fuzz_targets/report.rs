//! The reader of reports: what is written of one is read back, and every form of it can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seeker_sim::fuzzing::read_report;
use seeker_sim::{CompareOptions, NamedReport, ReportForm, compare, merge};

fuzz_target!(|bytes: &[u8]| {
    let Ok(report) = read_report(bytes) else { return };
    let json = serde_json::to_vec(&report).unwrap();
    assert_eq!(read_report(&json).unwrap(), report);
    for form in ReportForm::ALL {
        form.write(&report, &mut Vec::new()).unwrap();
    }
    let named = |name: &str| NamedReport { name: name.to_owned(), report: report.clone() };
    let _ = merge(&[named("a"), named("b")], None);
    let _ = compare(&[named("a")], &[named("b")], &CompareOptions::default());
});
