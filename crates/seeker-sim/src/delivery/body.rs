//! Request bodies.

use crate::delivery::dispatch::Dispatch;
use crate::delivery::retries::Flight;

/// Writes events as a request body.
pub(crate) fn write_body(dispatch: &Dispatch, flights: &[Flight], body: &mut Vec<u8>) {
    let sending = &dispatch.sending;
    body.clear();
    sending.form.write(body, flights, |Flight { delivery, retry }, body| {
        let begin = body.len();
        let timestamp = sending.clock.timestamp_of(delivery.scheduled);
        delivery.write_json(&sending.model, timestamp, body);
        // A retry sends the same bytes, which satisfy or violate the same rules.
        if *retry == 0 {
            dispatch.check(&body[begin..]);
        }
    });
    dispatch.pack(body);
}
