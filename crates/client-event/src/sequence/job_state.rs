//! The state of one job of one request: everything that the rules need to check a later event of the job.

use super::relations::CauseKind;
use crate::event_type::EventType;

/// An event that other events can follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) time: i64,
    pub(super) position: u64,
    pub(super) event_type: EventType,
}

/// The number of event types that exclude each other.
const EXCLUSIVE_TYPES: usize = 7;

/// No event has this position.
const NO_POSITION: u64 = u64::MAX;

/// The state of one job of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JobState {
    /// The position of the first event of each type that excludes another type.
    first_positions: [u64; EXCLUSIVE_TYPES],
    /// For each kind of cause, the event with the smallest time; of several, the first to arrive.
    causes: [Option<Cause>; CauseKind::COUNT],
}

impl Default for JobState {
    fn default() -> Self {
        Self { first_positions: [NO_POSITION; EXCLUSIVE_TYPES], causes: [None; CauseKind::COUNT] }
    }
}

/// The index of a type in [`JobState::first_positions`].
const fn exclusive_index(event_type: EventType) -> Option<usize> {
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

impl JobState {
    /// The cause of this kind with the smallest time.
    pub(super) fn cause(&self, kind: CauseKind) -> Option<Cause> {
        self.causes[kind as usize]
    }

    /// Whether a cause of this kind exists at this time or earlier.
    pub(super) fn has_cause(&self, kind: CauseKind, time: i64) -> bool {
        self.cause(kind).is_some_and(|cause| cause.time <= time)
    }

    /// The first event to arrive of these types.
    pub(super) fn first_of(&self, event_types: &[EventType]) -> Option<(u64, EventType)> {
        let first = |event_type: &EventType| exclusive_index(*event_type).map(|index| (self.first_positions[index], *event_type));
        event_types
            .iter()
            .filter_map(first)
            .min_by_key(|(position, _)| *position)
            .filter(|(position, _)| *position != NO_POSITION)
    }

    /// Whether recording an event would change the state.
    pub(super) fn would_change(&self, event_type: EventType, time: i64) -> bool {
        exclusive_index(event_type).is_some_and(|index| self.first_positions[index] == NO_POSITION)
            || CauseKind::of(event_type).is_some_and(|kind| self.cause(kind).is_none_or(|cause| time < cause.time))
    }

    /// Records the next event. Its time is used only if the type is a cause.
    pub(super) fn record(&mut self, event_type: EventType, position: u64, time: i64) {
        if let Some(index) = exclusive_index(event_type)
            && self.first_positions[index] == NO_POSITION
        {
            self.first_positions[index] = position;
        }
        if let Some(kind) = CauseKind::of(event_type)
            && self.cause(kind).is_none_or(|cause| time < cause.time)
        {
            self.causes[kind as usize] = Some(Cause { time, position, event_type });
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
    fn each_exclusive_type_has_its_own_index() {
        let mut indices = HashSet::new();
        for event_type in EventType::ALL {
            assert_eq!(exclusive_index(event_type).is_some(), !exclusions(event_type).is_empty(), "{event_type}");
            assert!(
                exclusive_index(event_type).is_none_or(|index| index < EXCLUSIVE_TYPES && indices.insert(index)),
                "{event_type}"
            );
        }
    }

    proptest! {
        /// For all events of a job, the state agrees with a search of all events on causes and first events, and an event changes the
        /// state exactly if `would_change` says so.
        #[test]
        fn agrees_with_a_list(events in vec((select(&EventType::ALL), 0_i64..4), 0..30)) {
            let mut state = JobState::default();
            for ((event_type, time), position) in events.iter().zip(0..) {
                let before = state.clone();
                state.record(*event_type, position, *time);
                prop_assert_eq!(before.would_change(*event_type, *time), state != before);
            }
            for kind in [CauseKind::Display, CauseKind::Start, CauseKind::Submission] {
                let causes = events.iter().zip(0..).filter(|((event_type, _), _)| CauseKind::of(*event_type) == Some(kind));
                let first = causes.min_by_key(|((_, time), _)| *time);
                let first = first.map(|((event_type, time), position)| Cause { time: *time, position, event_type: *event_type });
                prop_assert_eq!(state.cause(kind), first);
            }
            for event_type in EventType::ALL {
                for (_, others) in exclusions(event_type) {
                    let first = events.iter().zip(0..).find(|((event_type, _), _)| others.contains(event_type));
                    prop_assert_eq!(state.first_of(others), first.map(|((event_type, _), position)| (position, *event_type)));
                }
            }
        }
    }
}
