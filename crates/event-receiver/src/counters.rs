//! The numbers behind a summary, counted by several threads at once without locks. A message is counted once, in one place; the
//! totals of a summary are sums of what was counted, so they agree in every summary, also in one taken amid traffic.

use std::sync::atomic::{AtomicU64, Ordering};

use client_event::{EventType, Reason, Refusal};

use crate::summary::{EventIdCounts, Refused, Summary};

/// One number per kind of outcome. Relaxed order is enough: nobody draws conclusions from one number about another.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    accepted: [AtomicU64; EventType::ALL.len()],
    refused: AtomicU64,
    by_reason: [AtomicU64; Reason::ALL.len()],
    too_large: AtomicU64,
    repeated: AtomicU64,
    conflicting: AtomicU64,
}

impl Counters {
    pub(crate) fn accepted(&self, event_type: EventType) {
        add_one(&self.accepted[event_type.index()]);
    }

    /// Counts one message, and each of its reasons once.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        add_one(&self.refused);
        let mut counted = [false; Reason::ALL.len()];
        for problem in refusal.problems() {
            let index = problem.reason.index();
            if !counted[index] {
                counted[index] = true;
                add_one(&self.by_reason[index]);
            }
        }
    }

    pub(crate) fn too_large(&self) {
        add_one(&self.too_large);
    }

    pub(crate) fn repeated(&self) {
        add_one(&self.repeated);
    }

    pub(crate) fn conflicting(&self) {
        add_one(&self.conflicting);
    }

    pub(crate) fn summary(&self) -> Summary {
        let by_type = EventType::ALL.map(|event_type| (event_type, read(&self.accepted[event_type.index()])));
        let by_reason = Reason::ALL.map(|reason| (reason, read(&self.by_reason[reason.index()])));
        let accepted = by_type.iter().map(|(_, count)| count).sum();
        let refused = read(&self.refused);
        let too_large = read(&self.too_large);
        let event_ids = EventIdCounts { repeated: read(&self.repeated), conflicting: read(&self.conflicting) };
        Summary {
            received: accepted + refused + too_large + event_ids.repeated + event_ids.conflicting,
            accepted,
            by_type: by_type.into(),
            refused: Refused { messages: refused, by_reason: by_reason.into() },
            too_large,
            event_ids,
        }
    }
}

fn add_one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use client_event::ClientEvent;

    use super::*;

    #[test]
    fn a_reason_counts_once_per_message() {
        let counters = Counters::default();
        let refusal = ClientEvent::from_json(br#"{"a":1,"b":2,"eventType":"VIEW"}"#).unwrap_err();
        counters.refused(&refusal);
        let summary = counters.summary();
        assert_eq!((summary.received, summary.refused.messages), (1, 1));
        assert_eq!(summary.refused.by_reason[&Reason::UnknownField], 1);
        assert_eq!(summary.refused.by_reason[&Reason::RequiredField], 1);
        assert_eq!(summary.refused.by_reason.values().sum::<u64>(), 2);
    }

    #[test]
    fn every_outcome_is_received_once() {
        let counters = Counters::default();
        for event_type in EventType::ALL {
            counters.accepted(event_type);
        }
        counters.too_large();
        counters.repeated();
        counters.conflicting();
        let summary = counters.summary();
        assert_eq!((summary.received, summary.accepted, summary.too_large), (19, 16, 1));
        assert_eq!(summary.event_ids, EventIdCounts { repeated: 1, conflicting: 1 });
        assert!(summary.by_type.values().all(|count| *count == 1));
    }
}
