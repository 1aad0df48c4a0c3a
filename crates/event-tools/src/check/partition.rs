//! The partition of a check by request: which shard reports on an event, and what a shard notes about the whole stream.

use client_event::sequence::{Fingerprints, request_hash};
use client_event::{Problem, Reason};

use crate::generate::Shard;
use crate::parts::{mixed, owns};

/// The events that a shard reports on, and a summary of the whole stream.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    shard: Shard,
    /// The number of events and of texts that could not be read, in all shards.
    pub events: u64,
    /// The events that are later than the time of the check, in all shards.
    pub in_future: u64,
    /// A hash of all events in their order.
    pub content: u64,
}

impl Partition {
    pub(crate) fn new(shard: Shard) -> Self {
        Self { shard, ..Self::default() }
    }

    /// Notes the next event and returns whether the shard reports on it. A text that is no event belongs to a shard by its position.
    pub(crate) fn observe(&mut self, event: Option<&Fingerprints>, at: u64, problems: &[Problem]) -> bool {
        self.events += 1;
        self.in_future += u64::from(problems.iter().any(|problem| problem.reason == Reason::TimestampInFuture));
        self.content = mixed(self.content, event.map_or(at, Fingerprints::event_hash));
        match event {
            Some(event) => owns(self.shard, event.request_hash()),
            None => self.owns_position(at),
        }
    }

    /// Whether the shard reports on the text at this position, which is neither an event nor a search.
    pub(crate) fn owns_position(&self, at: u64) -> bool {
        owns(self.shard, mixed(at, at))
    }

    /// Whether the shard reports on this search.
    pub(crate) fn owns_search(&self, request_id: &str) -> bool {
        owns(self.shard, request_hash(request_id))
    }
}
