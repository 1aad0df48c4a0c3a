//! The numbers behind a summary, counted by several threads at once without locks. A message is counted once, in one place; the
//! totals of a summary are sums of what was counted, so they agree in every summary, also in one taken amid traffic.

use std::sync::atomic::{AtomicU64, Ordering};

use client_event::rules::{Basis, RuleId};
use client_event::{EventType, Problem, Reason, Refusal};

use crate::summary::{EventIdCounts, LimitCounts, ReasonCounts, Summary};

/// One number per kind of outcome. Relaxed order is enough: nobody draws conclusions from one number about another.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    accepted: [AtomicU64; EventType::ALL.len()],
    refused: ByReason,
    warned: ByReason,
    too_large: AtomicU64,
    repeated: AtomicU64,
    conflicting: AtomicU64,
}

impl Counters {
    pub(crate) fn accepted(&self, event_type: EventType) {
        add_one(&self.accepted[event_type.index()]);
    }

    /// Counts one message that is not taken, and each of its reasons once.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.refused.add(refusal.problems());
    }

    /// Counts one message that is taken with warnings, and each of their reasons once.
    pub(crate) fn warned(&self, warnings: &[Problem]) {
        self.warned.add(warnings);
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
        let accepted = by_type.iter().map(|(_, count)| count).sum();
        let refused = self.refused.counts(|_| true);
        let too_large = read(&self.too_large);
        let event_ids = EventIdCounts { repeated: read(&self.repeated), conflicting: read(&self.conflicting) };
        Summary {
            received: accepted + refused.messages + too_large + event_ids.repeated + event_ids.conflicting,
            accepted,
            by_type: by_type.into(),
            refused,
            too_large,
            event_ids,
            warnings: self.warned.counts(|reason| RuleId::of(reason).rule().basis == Basis::Inferred),
            limits: LimitCounts::default(),
        }
    }
}

/// Messages with problems.
#[derive(Debug, Default)]
struct ByReason {
    messages: AtomicU64,
    by_reason: [AtomicU64; Reason::ALL.len()],
}

impl ByReason {
    fn add(&self, problems: &[Problem]) {
        add_one(&self.messages);
        let mut counted = [false; Reason::ALL.len()];
        for problem in problems {
            let index = problem.reason.index();
            if !counted[index] {
                counted[index] = true;
                add_one(&self.by_reason[index]);
            }
        }
    }

    /// The counts, with the reasons that there may be.
    fn counts(&self, may_be: impl Fn(Reason) -> bool) -> ReasonCounts {
        let reasons = Reason::OF_MESSAGES.into_iter().filter(|reason| may_be(*reason));
        let by_reason = reasons.map(|reason| (reason, read(&self.by_reason[reason.index()]))).collect();
        ReasonCounts { messages: read(&self.messages), by_reason }
    }
}

/// How often a limit was met.
#[derive(Debug, Default)]
pub(crate) struct LimitCounters {
    too_slow: AtomicU64,
    no_memory: AtomicU64,
    closed_connections: AtomicU64,
}

impl LimitCounters {
    pub(crate) fn too_slow(&self) {
        add_one(&self.too_slow);
    }

    pub(crate) fn no_memory(&self) {
        add_one(&self.no_memory);
    }

    pub(crate) fn closed_connection(&self) {
        add_one(&self.closed_connections);
    }

    pub(crate) fn counts(&self) -> LimitCounts {
        LimitCounts {
            too_slow: read(&self.too_slow),
            no_memory: read(&self.no_memory),
            closed_connections: read(&self.closed_connections),
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
        counters.warned(&[Problem::new("", Reason::JobNameForm, "")]);
        let summary = counters.summary();
        assert_eq!((summary.received, summary.refused.messages), (1, 1));
        assert_eq!(summary.refused.by_reason[&Reason::UnknownField], 1);
        assert_eq!(summary.refused.by_reason[&Reason::RequiredField], 1);
        assert_eq!(summary.refused.by_reason.values().sum::<u64>(), 2);
        assert_eq!((summary.warnings.messages, summary.warnings.by_reason.values().sum::<u64>()), (1, 1));
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
