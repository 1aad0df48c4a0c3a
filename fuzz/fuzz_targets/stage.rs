//! The readers of stages, rates and loads: parsing a displayed value gives the same value, and every accepted load can be planned.
#![no_main]

use libfuzzer_sys::fuzz_target;
use load_plan::load::{LoadSpec, Rate, Stage};

fuzz_target!(|text: &str| {
    if let Ok(rate) = text.parse::<Rate>() {
        assert!(rate.as_per_second().is_finite());
        assert_eq!(rate.to_string().parse::<Rate>().unwrap().to_string(), rate.to_string());
    }
    let stages: Vec<Stage> = text.lines().filter_map(|line| line.parse().ok()).take(4).collect();
    for stage in &stages {
        let shown = stage.to_string();
        assert_eq!(shown.parse::<Stage>().unwrap().to_string(), shown);
    }
    if !stages.is_empty()
        && let Ok(load) = (LoadSpec { stages, ..LoadSpec::default() }).check()
    {
        load.total();
        load.duration();
    }
});
