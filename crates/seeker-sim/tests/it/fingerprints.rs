//! What the ready scenarios generate stays what it is, to the byte, unless a change of it is meant: that is a commit of its own that
//! says why.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::program::ended;

/// Of each ready scenario, the SHA-256 of what `generate --seekers 300 --days 3 --seed 1` writes, as `sha256sum` shows it.
const FINGERPRINTS: &str = include_str!("fingerprints.txt");

#[test]
fn ready_scenarios_generate_what_they_did() {
    let mut now = String::new();
    for line in FINGERPRINTS.lines() {
        let name = line.split_whitespace().last().unwrap();
        let generated = ended(&["generate", "--scenario", name, "--seekers", "300", "--days", "3", "--seed", "1"]);
        assert_eq!(generated.code, Some(0), "{}", generated.stderr);
        let digest = Sha256::digest(generated.stdout.as_bytes());
        let hex = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        writeln!(now, "{hex}  {name}").unwrap();
    }
    assert_eq!(now.lines().count(), 5, "one for each ready scenario");
    assert!(now == FINGERPRINTS, "if the change is meant, this is what tests/it/fingerprints.txt has to hold:\n{now}");
}
