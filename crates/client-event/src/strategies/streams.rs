//! Streams: valid streams and arbitrary streams.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest_state_machine::ReferenceStateMachine;

use super::request_lifecycle::{PAUSE_MAX_MS, RequestLifecycle};
use super::valid_message::{EARLIEST_TIMESTAMP, details};
use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::sequence::Search;
use crate::timestamp::EventTimestamp;

/// The events of several requests and the searches that they follow from.
#[derive(Clone, Debug)]
pub struct EventStream {
    /// The events of all requests, sorted by time.
    pub events: Vec<ClientEvent>,
    /// The search of each request, in any order.
    pub searches: Vec<Search>,
}

/// Streams that violate no rule: up to four requests that start within a few hours. A few events are sent again as retries.
pub fn valid_stream() -> impl Strategy<Value = EventStream> {
    let lifecycle = || RequestLifecycle::sequential_strategy(1..12);
    let offset_ms = 0..4 * PAUSE_MAX_MS;
    (vec((lifecycle(), offset_ms), 1..=4), vec(any::<Index>(), 0..3)).prop_map(|(lifecycles, retries)| {
        let start = lifecycles.first().map_or(0, |((first, ..), _)| first.now.as_millis());
        let mut by_request = BTreeMap::new();
        for ((lifecycle, steps, _), offset_ms) in lifecycles {
            let now = EventTimestamp::from_millis(start + offset_ms);
            let mut lifecycle = RequestLifecycle::new(lifecycle.request_id, lifecycle.jobs, now);
            for step in &steps {
                lifecycle.apply_step(step);
            }
            by_request.insert(lifecycle.request_id.clone(), lifecycle);
        }
        let searches = by_request.values().map(|lifecycle| search(&lifecycle.request_id, &lifecycle.jobs)).collect();
        let mut events: Vec<_> = by_request.into_values().flat_map(|lifecycle| lifecycle.events).collect();
        for retry in retries {
            events.push(retry.get(&events).clone());
        }
        in_order(&mut events);
        EventStream { events, searches }
    })
}

fn search(request_id: &RequestId, jobs: &[JobName]) -> Search {
    Search { request_id: request_id.as_str().into(), jobs: jobs.iter().map(|job| job.as_str().into()).collect() }
}

pub(super) fn in_order(events: &mut [ClientEvent]) {
    events.sort_by_key(|event| event.event_timestamp_millis);
}

/// Streams of any events in any order. They use few ids, jobs and times, so they contain retries, conflicts, repeated jobs, times before
/// 1971, and violations of every rule between events.
pub fn any_stream() -> impl Strategy<Value = EventStream> {
    const JOBS: [&str; 4] = ["jobs/1", "jobs/2", "jobs/3", "projects/p/jobs/1"];
    const REQUESTS: [&str; 4] = ["r-1", "r-2", "r-3", "r-4"];
    let job = || select(&JOBS).prop_map(|job| JobName::new(job).expect("not empty"));
    let event_type = prop_oneof![4 => select(&EventType::ALL), 1 => Just(EventType::Impression)];
    // Seconds within a quarter of an hour, and implausible times.
    let time = prop_oneof![8 => (1..900_i64).prop_map(|second| EARLIEST_TIMESTAMP.as_millis() + second * 1000), 1 => 0..10_i64];
    let event = (0..40_u8, event_type, select(&REQUESTS[..3]), vec(job(), 1..4), time, details());
    let event = event.prop_map(|(id, event_type, request_id, jobs, time, details)| ClientEvent {
        event_id: EventId::new(format!("e-{id}")).expect("not empty"),
        event_type,
        request_id: RequestId::new(request_id).expect("not empty"),
        related_job_names: jobs,
        event_timestamp_millis: EventTimestamp::from_millis(time),
        details,
    });
    let search = (select(&REQUESTS), subsequence(&JOBS, 0..=JOBS.len()));
    let search = search.prop_map(|(request_id, jobs)| Search {
        request_id: request_id.into(),
        jobs: jobs.into_iter().map(Into::into).collect(),
    });
    let retries = vec(any::<Index>(), 0..4);
    (vec(event, 0..30), retries, vec(search, 0..5)).prop_map(|(mut events, retries, searches)| {
        for retry in retries {
            if !events.is_empty() {
                events.push(retry.get(&events).clone());
            }
        }
        EventStream { events, searches }
    })
}
