//! The readers of the other API versions. Writing and reading an event gives the same event; a partial event without gaps equals the event.
#![no_main]

use client_event::EventFields;
use client_event::api_versions::{PublishBody, v3, v4};
use client_event::{EventTimestamp, FieldNames, PartialEvent, ReadOptions};
use libfuzzer_sys::fuzz_target;

const NOW: Option<EventTimestamp> = Some(EventTimestamp::from_millis(1_800_000_000_000));

fn same(partial: &PartialEvent<'_>, message: client_event::ClientEvent) {
    let whole = PartialEvent::from(message);
    assert_eq!(partial, &whole);
    assert_eq!(partial.check_as(FieldNames::Api, NOW), whole.check_as(FieldNames::Api, NOW));
    assert!(!partial.event_id().is_empty() && !partial.request_id().is_empty());
}

fuzz_target!(|json: &[u8]| {
    let options = ReadOptions::default();
    let mut written = Vec::new();
    if let Ok(event) = v4::ClientEvent::read(json, &options) {
        event.write_json(&mut written);
        assert_eq!(v4::ClientEvent::read(&written, &options).as_ref(), Ok(&event));
        let message = event.to_message();
        assert_eq!(v4::ClientEvent::read_as_message(json, &options).ok(), message.clone().ok());
        let partial = event.to_partial();
        if let Ok(message) = message {
            same(&partial, message.value);
        }
    }
    written.clear();
    if let Ok(event) = v3::ClientEvent::read_request(json, &options) {
        event.write_request(&mut written);
        assert_eq!(v3::ClientEvent::read_request(&written, &options).as_ref(), Ok(&event));
        event.check_limits();
        if let Ok(message) = event.to_message() {
            same(&event.to_partial().unwrap(), message.value);
        }
    }
    written.clear();
    if let Ok(event) = v3::ClientEvent::read(json, &options) {
        event.write_json(&mut written);
        assert_eq!(v3::ClientEvent::read(&written, &options).as_ref(), Ok(&event));
        if let Ok(message) = event.to_message() {
            same(&event.to_partial().unwrap(), message.value);
        }
    }
    written.clear();
    if let Ok(body) = PublishBody::read(json, &options) {
        body.write_json(&mut written);
        assert_eq!(PublishBody::read(&written, &options).as_ref(), Ok(&body));
        for message in &body.messages {
            let _ = message.to_message(&options);
        }
    }
});
