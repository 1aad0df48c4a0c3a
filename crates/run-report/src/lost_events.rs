//! Events that have no account because an actor panicked.

use std::time::Duration;

use load_plan::Moment;
use load_plan::load::{Load, LoadKind};

use crate::{Events, Report};

/// Returns the number of events that a load plans until a moment, without warm-up; `None` if it plans seekers instead of events.
pub fn planned_measured(load: &Load, until: Duration) -> Option<u64> {
    let planned = load.planned_by(Moment::from_duration(until)).saturating_sub(load.planned_by(load.measured_from()));
    (load.kind() == LoadKind::Rate).then_some(planned)
}

/// Counts each event without an account as unknown, because it may have been sent. If an arbiter's account is lost, pass the planned events
/// of the whole load.
pub fn count_as_unknown(report: &mut Report, planned: Option<u64>) {
    add_missing(&mut report.events, planned.unwrap_or_default());
    if let Some(warm_up) = &mut report.warm_up {
        add_missing(&mut warm_up.events, 0);
    }
}

fn add_missing(events: &mut Events, planned: u64) {
    let known = events.sent() + events.not_sent;
    events.planned = events.planned.max(planned).max(known);
    events.unknown += events.planned - known;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all counts, the events add up afterwards, no known outcome changes, and no event is counted twice.
        #[test]
        fn lost_events_are_unknown(counts in prop::array::uniform6(0_u64..1000), planned in 0_u64..10_000) {
            let [begun, acknowledged, refused, failed, unknown, not_sent] = counts;
            let before = Events { planned: begun, acknowledged, refused, failed, unknown, not_sent };
            let mut events = before;
            add_missing(&mut events, planned);
            prop_assert!(events.add_up());
            prop_assert!(events.planned >= planned.max(begun) && events.unknown >= unknown);
            prop_assert_eq!(Events { planned: begun, unknown, ..events }, before);
            let again = events;
            add_missing(&mut events, planned);
            prop_assert_eq!(events, again);
        }
    }
}
