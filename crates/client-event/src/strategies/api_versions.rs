//! Events of other API versions, complete and with missing fields. Not all of them can be converted to a message.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::valid_message::{client_event, details};
use crate::api_versions::v3::JobEventType;
use crate::api_versions::{JobEvent, PublishBody, PubsubMessage, Timestamp, v3, v4};
use crate::event_type::EventType;

/// Times from year 1 to 9999, including the first and the last, mostly whole milliseconds.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    let seconds = Timestamp::MIN.seconds()..=Timestamp::MAX.seconds();
    let nanos = prop_oneof![
        2 => Just(0),
        4 => (0_u32..1000).prop_map(|millis| millis * 1_000_000),
        1 => (0_u32..1_000_000).prop_map(|micros| micros * 1000),
        1 => 0_u32..1_000_000_000,
    ];
    let any_time = (seconds, nanos).prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).expect("in range"));
    prop_oneof![8 => any_time, 1 => Just(Timestamp::MIN), 1 => Just(Timestamp::MAX)]
}

/// Strings, rarely empty (that is, missing).
fn text() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[A-Za-z0-9:/=+-]{1,40}", 2 => any::<String>(), 1 => Just(String::new())]
}

fn job_event<T: std::fmt::Debug>(event_type: impl Strategy<Value = T>) -> impl Strategy<Value = Option<JobEvent<T>>> {
    let event = (event_type, vec(text(), 0..4)).prop_map(|(event_type, jobs)| JobEvent { event_type, jobs });
    option::weighted(0.9, event)
}

/// Events of version 3 with any fields missing.
pub fn v3_client_event() -> impl Strategy<Value = v3::ClientEvent> {
    let event_type = prop_oneof![
        9 => select(&EventType::ALL).prop_map(JobEventType::Shared),
        1 => Just(JobEventType::NotInterested),
    ];
    let parent = prop_oneof![2 => Just(String::new()), 1 => text()];
    // Beyond 20 keys too.
    let extra_info = prop_oneof![4 => details(), 1 => btree_map("[a-z]{1,3}", ".{0,200}", 15..30)];
    (text(), text(), parent, option::weighted(0.9, timestamp()), job_event(event_type), extra_info).prop_map(
        |(request_id, event_id, parent_event_id, create_time, job_event, extra_info)| v3::ClientEvent {
            request_id,
            event_id,
            parent_event_id,
            create_time,
            job_event,
            extra_info,
        },
    )
}

/// Events of version 4 with any fields missing.
pub fn v4_client_event() -> impl Strategy<Value = v4::ClientEvent> {
    let notes = prop_oneof![2 => Just(String::new()), 1 => text()];
    let event_type = select(&EventType::ALL);
    (text(), text(), option::weighted(0.9, timestamp()), job_event(event_type), notes).prop_map(
        |(request_id, event_id, create_time, job_event, event_notes)| v4::ClientEvent {
            request_id,
            event_id,
            create_time,
            job_event,
            event_notes,
        },
    )
}

/// Publish requests. The data is mostly a message, otherwise any bytes.
pub fn publish_body() -> impl Strategy<Value = PublishBody> {
    let data = prop_oneof![
        3 => client_event().prop_map(|message| PubsubMessage::from(&message).data),
        1 => vec(any::<u8>(), 0..20),
    ];
    let message = (data, details(), prop_oneof![Just(String::new()), text()])
        .prop_map(|(data, attributes, ordering_key)| PubsubMessage { data, attributes, ordering_key });
    vec(message, 0..4).prop_map(|messages| PublishBody { messages })
}
