//! The reader of thresholds: parsing a displayed threshold gives the same threshold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use load_plan::threshold::Threshold;

fuzz_target!(|text: &str| {
    if let Ok(threshold) = text.parse::<Threshold>() {
        let shown = threshold.to_string();
        assert_eq!(shown.parse::<Threshold>().unwrap().to_string(), shown);
        threshold.holds(0.0);
        threshold.shown(0.0);
        assert!(!Threshold::in_force(&[threshold]).is_empty());
    }
});
