//! Guards the output of the built-in scenarios byte for byte. An intended change is a separate commit that says why the output changes.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::program::ended;

/// For each built-in scenario, the SHA-256 of the output of `generate --seekers 300 --days 3 --seed 1`, in the format of `sha256sum`.
const FINGERPRINTS: &str = include_str!("fingerprints.txt");

#[test]
fn built_in_scenarios_generate_the_same_events_as_before() {
    let mut now = String::new();
    for line in FINGERPRINTS.lines() {
        let name = line.split_whitespace().last().unwrap();
        let generated = ended(&["generate", "--scenario", name, "--seekers", "300", "--days", "3", "--seed", "1"]);
        assert_eq!(generated.code, Some(0), "{}", generated.stderr);
        let digest = Sha256::digest(generated.stdout.as_bytes());
        let hex = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        writeln!(now, "{hex}  {name}").unwrap();
    }
    assert_eq!(now.lines().count(), 5, "one line per built-in scenario");
    assert!(now == FINGERPRINTS, "if the change is intended, write this to tests/it/fingerprints.txt:\n{now}");
}
