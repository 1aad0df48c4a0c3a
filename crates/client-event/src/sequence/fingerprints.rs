//! The hashes of one event, by which the checker knows ids, requests and jobs again.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use super::observed::Observed;
use crate::wire::writer::write_entries;

/// The hashes of one event. They need nothing of the checker, so they can be made on other threads than the checker's.
///
/// Texts are the same to the checker when their 64-bit hashes are. Of *n* distinct ids, two share a hash with a probability of about
/// *n*² / 2^65: 3 in 10,000 for a hundred million. The seed is fixed, so that a stream gives the same findings on every machine; a sender
/// who tries hard can find texts that share a hash.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    pub(super) event_id: u64,
    pub(super) request_id: u64,
    pub(super) content: u64,
    pub(super) jobs: Vec<u64>,
    /// Memory for the text of details.
    pub(super) details: Vec<u8>,
}

/// Chosen once; any number does.
const SECRETS: RapidSecrets = RapidSecrets::seed(0x436C_6965_6E74_4576);

pub(super) fn hash(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    rapidhash_v3_seeded(bytes, &SECRETS)
}

/// Scatters two numbers over 64 bits; which is first matters.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x9E37_79B9_7F4A_7C15) * u128::from(b ^ 0xD1B5_4A32_D192_ED03);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low ^ a.rotate_left(32)
}

impl Fingerprints {
    /// The hashes of this event.
    pub fn of(event: &impl Observed) -> Self {
        let mut fingerprints = Self::default();
        fingerprints.take(event);
        fingerprints
    }

    /// Becomes the hashes of this event; keeps the memory that it has.
    pub fn take(&mut self, event: &impl Observed) {
        self.event_id = hash(event.event_id());
        self.request_id = hash(event.request_id());
        self.jobs.clear();
        self.jobs.extend(event.jobs().map(hash));
        let mut content = fold(self.request_id, event.event_type().index() as u64);
        content = fold(content, event.timestamp().as_millis().cast_unsigned());
        for job in &self.jobs {
            content = fold(content, *job);
        }
        // However they are spelled, details are the same when the texts are that the writer makes of them.
        let details = if let Some(text) = event.written_details() {
            hash(text)
        } else {
            self.details.clear();
            write_entries(&mut self.details, event.details());
            hash_bytes(&self.details)
        };
        self.content = fold(content, details);
    }
}
