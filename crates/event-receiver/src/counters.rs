//! The counts of a summary. Several threads count concurrently without locks. Each message is counted in exactly one place, and the
//! totals are sums of these counts. So every summary adds up, even during traffic.

use client_event::rules::{Basis, RuleId};
use client_event::{EventType, Problem, Reason, Refusal};

use crate::counter::Counter;
use crate::summary::{EventIdCounts, LimitCounts, ReasonCounts, Summary};

/// One count for each outcome.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    accepted: [Counter; EventType::ALL.len()],
    refused: ByReason,
    warned: ByReason,
    too_large: Counter,
    repeated: Counter,
    conflicting: Counter,
}

impl Counters {
    pub(crate) fn count_accepted(&self, event_type: EventType) {
        self.accepted[event_type.index()].increment();
    }

    /// Counts a refused message, and each of its reasons once.
    pub(crate) fn count_refused(&self, refusal: &Refusal) {
        self.refused.add(refusal.problems());
    }

    /// Counts an accepted message with warnings, and each of their reasons once.
    pub(crate) fn count_warned(&self, warnings: &[Problem]) {
        self.warned.add(warnings);
    }

    pub(crate) fn count_too_large(&self) {
        self.too_large.increment();
    }

    pub(crate) fn count_repeated(&self) {
        self.repeated.increment();
    }

    pub(crate) fn count_conflicting(&self) {
        self.conflicting.increment();
    }

    pub(crate) fn summary(&self) -> Summary {
        let by_type = EventType::ALL.map(|event_type| (event_type, self.accepted[event_type.index()].get()));
        let accepted = by_type.iter().map(|(_, count)| count).sum();
        let refused = self.refused.counts(|_| true);
        let too_large = self.too_large.get();
        let event_ids = EventIdCounts { repeated: self.repeated.get(), conflicting: self.conflicting.get() };
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
    messages: Counter,
    by_reason: [Counter; Reason::ALL.len()],
}

impl ByReason {
    fn add(&self, problems: &[Problem]) {
        self.messages.increment();
        let mut counted = [false; Reason::ALL.len()];
        for problem in problems {
            let index = problem.reason.index();
            if !counted[index] {
                counted[index] = true;
                self.by_reason[index].increment();
            }
        }
    }

    /// The counts, for the reasons that can occur.
    fn counts(&self, can_occur: impl Fn(Reason) -> bool) -> ReasonCounts {
        let reasons = Reason::OF_MESSAGES.into_iter().filter(|reason| can_occur(*reason));
        let by_reason = reasons.map(|reason| (reason, self.by_reason[reason.index()].get())).collect();
        ReasonCounts { messages: self.messages.get(), by_reason }
    }
}

#[cfg(test)]
mod tests {
    use client_event::ClientEvent;

    use super::*;

    #[test]
    fn a_reason_counts_once_per_message() {
        let counters = Counters::default();
        let refusal = ClientEvent::from_json(br#"{"a":1,"b":2,"eventType":"VIEW"}"#).unwrap_err();
        counters.count_refused(&refusal);
        counters.count_warned(&[Problem::new("", Reason::JobNameForm, "")]);
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
            counters.count_accepted(event_type);
        }
        counters.count_too_large();
        counters.count_repeated();
        counters.count_conflicting();
        let summary = counters.summary();
        assert_eq!((summary.received, summary.accepted, summary.too_large), (19, 16, 1));
        assert_eq!(summary.event_ids, EventIdCounts { repeated: 1, conflicting: 1 });
        assert!(summary.by_type.values().all(|count| *count == 1));
    }
}
