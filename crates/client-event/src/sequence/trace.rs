//! What is known of one job under one request: enough to judge any event that comes for it.

use super::relations::CauseKind;
use crate::event_type::EventType;

/// An event as the cause of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) time: i64,
    pub(super) at: u64,
    pub(super) event_type: EventType,
}

/// How many types take part in exclusions.
const EXCLUSIVE: usize = 7;

/// No event has this position.
const NONE: u64 = u64::MAX;

/// What is known of one job under one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trace {
    /// The position of the first event of each type that takes part in exclusions.
    firsts: [u64; EXCLUSIVE],
    /// The cause of each kind with the smallest time; of several, the first to arrive.
    causes: [Option<Cause>; CauseKind::COUNT],
}

impl Default for Trace {
    fn default() -> Self {
        Self { firsts: [NONE; EXCLUSIVE], causes: [None; CauseKind::COUNT] }
    }
}

/// The place of a type among those that take part in exclusions.
const fn exclusive(event_type: EventType) -> Option<usize> {
    Some(match event_type {
        EventType::ApplicationStart => 0,
        EventType::ApplicationFinish => 1,
        EventType::ApplicationQuickSubmission => 2,
        EventType::View => 3,
        EventType::ApplicationStartFromStart => 4,
        EventType::ApplicationRedirectFromStart => 5,
        EventType::ViewDirect => 6,
        _ => return None,
    })
}

impl Trace {
    /// The cause of that kind with the smallest time.
    pub(super) fn cause(&self, kind: CauseKind) -> Option<Cause> {
        self.causes[kind as usize]
    }

    /// Whether there is a cause of that kind at that time or before.
    pub(super) fn has_cause(&self, kind: CauseKind, time: i64) -> bool {
        self.cause(kind).is_some_and(|cause| cause.time <= time)
    }

    /// The first event to arrive of those types.
    pub(super) fn first_of(&self, event_types: &[EventType]) -> Option<(u64, EventType)> {
        let first = |event_type: &EventType| exclusive(*event_type).map(|place| (self.firsts[place], *event_type));
        event_types.iter().filter_map(first).min_by_key(|(at, _)| *at).filter(|(at, _)| *at != NONE)
    }

    /// Whether an event would change anything.
    pub(super) fn learns(&self, event_type: EventType, time: i64) -> bool {
        exclusive(event_type).is_some_and(|place| self.firsts[place] == NONE)
            || CauseKind::of(event_type).is_some_and(|kind| self.cause(kind).is_none_or(|cause| time < cause.time))
    }

    /// Takes an event that arrived after all that were taken. The time matters where the type is a cause.
    pub(super) fn take(&mut self, event_type: EventType, at: u64, time: i64) {
        if let Some(place) = exclusive(event_type)
            && self.firsts[place] == NONE
        {
            self.firsts[place] = at;
        }
        if let Some(kind) = CauseKind::of(event_type)
            && self.cause(kind).is_none_or(|cause| time < cause.time)
        {
            self.causes[kind as usize] = Some(Cause { time, at, event_type });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::sequence::relations::exclusions;

    #[test]
    fn each_type_that_takes_part_in_an_exclusion_has_a_place_of_its_own() {
        let mut places = HashSet::new();
        for event_type in EventType::ALL {
            assert_eq!(exclusive(event_type).is_some(), !exclusions(event_type).is_empty(), "{event_type}");
            assert!(exclusive(event_type).is_none_or(|place| place < EXCLUSIVE && places.insert(place)), "{event_type}");
        }
    }

    proptest! {
        /// For all events of a job, what the trace says of causes and first events is what a search of all of them says, and an event
        /// changes the trace exactly when it was said to.
        #[test]
        fn agrees_with_a_list(events in vec((select(&EventType::ALL), 0_i64..4), 0..30)) {
            let mut trace = Trace::default();
            for ((event_type, time), at) in events.iter().zip(0..) {
                let before = trace.clone();
                trace.take(*event_type, at, *time);
                prop_assert_eq!(before.learns(*event_type, *time), trace != before);
            }
            for kind in [CauseKind::Showing, CauseKind::Start, CauseKind::Submission] {
                let causes = events.iter().zip(0..).filter(|((event_type, _), _)| CauseKind::of(*event_type) == Some(kind));
                let first = causes.min_by_key(|((_, time), _)| *time);
                let first = first.map(|((event_type, time), at)| Cause { time: *time, at, event_type: *event_type });
                prop_assert_eq!(trace.cause(kind), first);
            }
            for event_type in EventType::ALL {
                for (_, others) in exclusions(event_type) {
                    let first = events.iter().zip(0..).find(|((event_type, _), _)| others.contains(event_type));
                    prop_assert_eq!(trace.first_of(others), first.map(|((event_type, _), at)| (at, *event_type)));
                }
            }
        }
    }
}
