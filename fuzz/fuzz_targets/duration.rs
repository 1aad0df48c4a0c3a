//! The readers of durations, windows and other small options: each returns a value or an error.
#![no_main]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;
use load_plan::units::parse_duration;
use seeker_sim::cli::Cli;

fuzz_target!(|text: &str| {
    if let Ok(duration) = parse_duration(text) {
        assert!(duration.as_secs_f64() >= 0.0);
    }
    // Building the whole command line is slow, so each text is parsed as one option.
    let commands = [
        &["check", "events", "--window"][..],
        &["check", "events", "--severity"],
        &["check", "events", "--explain"],
        &["stats", "events", "--time-zone"],
        &["run", "--duration"],
        &["run", "--timeout"],
        &["run", "--speed"],
        &["run", "--abort-on-threshold", "--threshold"],
        &["run", "--retries"],
        &["serve", "--max-rate"],
        &["serve", "--error-ratio"],
        &["generate", "--shard"],
        &["generate", "--days"],
    ];
    let command = commands[text.len() % commands.len()];
    let arguments = ["seeker-sim"].iter().chain(command).map(OsString::from).chain([OsString::from(text)]);
    let _ = Cli::read(arguments);
});
