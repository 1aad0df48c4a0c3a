//! Request bodies.

use event_request::EventMetadata;

use crate::delivery::dispatch::Dispatch;
use crate::delivery::retries::Flight;

/// Writes events as a request body.
pub(crate) fn write_body(dispatch: &Dispatch, flights: &[Flight], body: &mut Vec<u8>) {
    body.clear();
    append_events(dispatch, flights, body);
    dispatch.pack(body);
}

/// Writes one event, without compression.
pub(crate) fn write_event(dispatch: &Dispatch, flight: &Flight, event: &mut Vec<u8>) {
    event.clear();
    append_events(dispatch, std::slice::from_ref(flight), event);
}

fn append_events(dispatch: &Dispatch, flights: &[Flight], body: &mut Vec<u8>) {
    let sending = &dispatch.sending;
    let append = |Flight { delivery, retry }: &Flight, body: &mut Vec<u8>| {
        let begin = body.len();
        let timestamp = sending.clock.timestamp_of(delivery.scheduled);
        delivery.write_json(&sending.model, timestamp, body);
        // A retry sends the same bytes, which satisfy or violate the same rules.
        if *retry == 0 {
            dispatch.check(&body[begin..]);
        }
    };
    let metadata =
        |Flight { delivery, .. }: &Flight| EventMetadata { seeker: delivery.event.seeker, event_type: delivery.event.event_type };
    sending.form.write(body, flights, append, metadata);
}
