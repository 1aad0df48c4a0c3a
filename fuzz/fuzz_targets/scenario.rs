//! The reader of scenarios. Reading a displayed scenario gives the same scenario; every rejected file has an error message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scenario::{read, shown};

fuzz_target!(|text: &str| match read(text, "scenario.toml") {
    Ok(scenario) => {
        let again = shown(&scenario);
        match read(&again, "shown.toml") {
            Ok(same) => assert_eq!(shown(&same), again),
            Err(problems) => panic!("{problems}"),
        }
    }
    Err(problems) => assert!(!problems.to_string().is_empty()),
});
