//! The hashes of one event. The checker compares ids, requests and jobs by hash.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use crate::event_fields::EventFields;
use crate::json::string_writer::write_entries;

/// The hashes of one event. They do not depend on the checker, so other threads can compute them.
///
/// The checker treats two strings as equal if their 64-bit hashes are equal. Among *n* distinct ids, two share a hash with a probability of
/// about *n*² / 2^65: 3 in 10,000 for a hundred million. The seed is fixed, so a stream has the same findings on every machine. The hash
/// is not cryptographic: a malicious sender can construct strings that share a hash.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    pub(super) event_id: u64,
    pub(super) request_id: u64,
    pub(super) content: u64,
    pub(super) jobs: Vec<u64>,
    /// Reused buffer for the JSON of the details.
    pub(super) details_buffer: Vec<u8>,
}

/// An arbitrary fixed seed.
const SECRETS: RapidSecrets = RapidSecrets::seed(0x436C_6965_6E74_4576);

/// The hash of a string.
pub(super) fn hash(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    rapidhash_v3_seeded(bytes, &SECRETS)
}

/// Mixes two numbers into 64 bits. The order of the numbers matters.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x9E37_79B9_7F4A_7C15) * u128::from(b ^ 0xD1B5_4A32_D192_ED03);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low ^ a.rotate_left(32)
}

/// The hash of a request id, the same on every machine. It selects the checker of a request, if several checkers share a stream; see
/// [`SequenceChecker::observe_of_other_part`](super::SequenceChecker::observe_of_other_part).
pub fn request_hash(request_id: &str) -> u64 {
    hash(request_id)
}

impl Fingerprints {
    /// The [hash of the request id](request_hash).
    pub const fn request_hash(&self) -> u64 {
        self.request_id
    }

    /// A hash of the whole event, the same on every machine.
    pub fn event_hash(&self) -> u64 {
        fold(self.event_id, self.content)
    }

    /// Computes the hashes of an event.
    pub fn of(event: &impl EventFields) -> Self {
        let mut fingerprints = Self::default();
        fingerprints.recompute(event);
        fingerprints
    }

    /// Replaces the hashes by those of another event and reuses the memory.
    pub fn recompute(&mut self, event: &impl EventFields) {
        self.event_id = hash(event.event_id());
        self.request_id = hash(event.request_id());
        self.jobs.clear();
        self.jobs.extend(event.jobs().map(hash));
        let mut content = fold(self.request_id, event.event_type().index() as u64);
        content = fold(content, event.timestamp().as_millis().cast_unsigned());
        for job in &self.jobs {
            content = fold(content, *job);
        }
        // Details are equal if the writer writes the same JSON for them. The encoding of the sender does not matter.
        let details = if let Some(text) = event.details_json() {
            hash(text)
        } else {
            self.details_buffer.clear();
            write_entries(&mut self.details_buffer, event.details());
            hash_bytes(&self.details_buffer)
        };
        self.content = fold(content, details);
    }
}
