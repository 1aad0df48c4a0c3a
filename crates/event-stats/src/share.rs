//! The share of one of several readers of the same stream.

use crate::observation::Observation;

/// The share of a reader: the seekers, requests and postings whose figures it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShareOfStream {
    part: u64,
    of: u64,
}

/// The whole stream.
impl Default for ShareOfStream {
    fn default() -> Self {
        Self { part: 1, of: 1 }
    }
}

impl ShareOfStream {
    pub(crate) fn new(part: u64, of: u64) -> Self {
        let of = of.max(1);
        Self { part: part.clamp(1, of), of }
    }

    /// Whether the share contains the seeker, the request or the posting with this hash.
    pub(crate) fn has(self, hash: u64) -> bool {
        // The caller's hashes can be plain numbers.
        (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % self.of == self.part - 1
    }

    /// Whether the share counts the event itself.
    pub(crate) fn has_event(self, event: &Observation<'_>) -> bool {
        self.has(event.request)
    }
}
