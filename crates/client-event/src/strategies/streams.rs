//! Whole streams: such that keep all rules, and arbitrary ones.

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
    /// In the order of time, requests mixed.
    pub events: Vec<ClientEvent>,
    /// The search of each request, in any order.
    pub searches: Vec<Search>,
}

/// Streams that keep all rules: the lives of up to four requests, begun within a few hours. A few events come twice, as retries.
pub fn valid_stream() -> impl Strategy<Value = EventStream> {
    let life = || RequestLifecycle::sequential_strategy(1..12);
    let offset_ms = 0..4 * PAUSE_MAX_MS;
    (vec((life(), offset_ms), 1..=4), vec(any::<Index>(), 0..3)).prop_map(|(lives, retries)| {
        let start = lives.first().map_or(0, |((first, ..), _)| first.now.as_millis());
        let mut by_request = BTreeMap::new();
        for ((life, steps, _), offset_ms) in lives {
            let now = EventTimestamp::from_millis(start + offset_ms);
            let mut life = RequestLifecycle::new(life.request_id, life.jobs, now);
            for step in &steps {
                life.take(step);
            }
            by_request.insert(life.request_id.clone(), life);
        }
        let searches = by_request.values().map(|life| search(&life.request_id, &life.jobs)).collect();
        let mut events: Vec<_> = by_request.into_values().flat_map(|life| life.events).collect();
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

/// Streams of any events in any order, of few ids, few jobs and few times, so that they meet: retries, conflicts, jobs named twice, times
/// before 1971, and every breach of a rule between events.
pub fn any_stream() -> impl Strategy<Value = EventStream> {
    const JOBS: [&str; 4] = ["jobs/1", "jobs/2", "jobs/3", "projects/p/jobs/1"];
    const REQUESTS: [&str; 4] = ["r-1", "r-2", "r-3", "r-4"];
    let job = || select(&JOBS).prop_map(|job| JobName::new(job).expect("filled"));
    let event_type = prop_oneof![4 => select(&EventType::ALL), 1 => Just(EventType::Impression)];
    // Seconds of a quarter of an hour, and what is no time of an event.
    let time = prop_oneof![8 => (1..900_i64).prop_map(|second| EARLIEST_TIMESTAMP.as_millis() + second * 1000), 1 => 0..10_i64];
    let event = (0..40_u8, event_type, select(&REQUESTS[..3]), vec(job(), 1..4), time, details());
    let event = event.prop_map(|(id, event_type, request_id, jobs, time, details)| ClientEvent {
        event_id: EventId::new(format!("e-{id}")).expect("filled"),
        event_type,
        request_id: RequestId::new(request_id).expect("filled"),
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
