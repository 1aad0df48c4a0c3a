//! Valid messages: they can be written and read, and pass every check of a single message.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::timestamp::EventTimestamp;

/// The earliest plausible time: 1971-01-01T00:00:00Z.
pub const EARLIEST_TIMESTAMP: EventTimestamp = EventTimestamp::from_millis(31_536_000_000);

/// The latest time of the strategies: 2024-01-01T00:00:00Z, in the past of every service under test.
pub const LATEST_TIMESTAMP: EventTimestamp = EventTimestamp::from_millis(1_704_067_200_000);

/// Strings that are not empty: mostly realistic ids, some with any Unicode character.
fn non_empty_string() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        2 => "[A-Za-z0-9:/=+_ -]{1,80}",
        2 => any::<String>().prop_filter("not empty", |text| !text.is_empty()),
    ]
}

/// Event ids.
pub fn event_id() -> impl Strategy<Value = EventId> {
    non_empty_string().prop_map(|text| EventId::new(text).expect("not empty"))
}

/// Request ids, including the documented form.
pub fn request_id() -> impl Strategy<Value = RequestId> {
    prop_oneof!["[0-9a-f-]{36}:[A-Za-z0-9+/]{34}==", non_empty_string()].prop_map(|text| RequestId::new(text).expect("not empty"))
}

/// Job names in all forms.
pub fn job_name() -> impl Strategy<Value = JobName> {
    let id = || prop_oneof!["[0-9]{1,20}", "[A-Za-z0-9_-]{1,30}", "[^/]{1,8}"];
    prop_oneof![
        id().prop_map(|job| format!("jobs/{job}")),
        (id(), id()).prop_map(|(project, job)| format!("projects/{project}/jobs/{job}")),
        (id(), id(), id()).prop_map(|(project, tenant, job)| format!("projects/{project}/tenants/{tenant}/jobs/{job}")),
    ]
    .prop_map(|name| JobName::new(name).expect("not empty"))
}

/// Times from [`EARLIEST_TIMESTAMP`] to [`LATEST_TIMESTAMP`].
pub fn event_timestamp() -> impl Strategy<Value = EventTimestamp> {
    let (earliest, latest) = (EARLIEST_TIMESTAMP.as_millis(), LATEST_TIMESTAMP.as_millis());
    prop_oneof![8 => earliest..=latest, 1 => Just(earliest), 1 => Just(latest)].prop_map(EventTimestamp::from_millis)
}

/// Details, often empty.
pub fn details() -> impl Strategy<Value = BTreeMap<String, String>> {
    let key = prop_oneof!["[a-z][A-Za-z]{0,12}", any::<String>()];
    prop_oneof![Just(BTreeMap::new()), btree_map(key, any::<String>(), 0..5)]
}

/// The 15 types that may be sent.
pub fn sendable_event_type() -> impl Strategy<Value = EventType> {
    proptest::sample::select(&EventType::ALL[1..])
}

/// Messages that can be written, read and pass every check.
pub fn client_event() -> impl Strategy<Value = ClientEvent> {
    sendable_event_type()
        .prop_flat_map(|event_type| {
            let most = if event_type.carries_several_jobs() { 20 } else { 1 };
            (Just(event_type), event_id(), request_id(), vec(job_name(), 1..=most), event_timestamp(), details())
        })
        .prop_map(|(event_type, event_id, request_id, mut jobs, event_timestamp_millis, details)| {
            jobs.sort();
            jobs.dedup();
            ClientEvent { event_id, event_type, request_id, related_job_names: jobs, event_timestamp_millis, details }
        })
}
