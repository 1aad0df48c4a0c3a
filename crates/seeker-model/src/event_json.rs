//! Writes the message of an event as JSON, without making the message first.

use client_event::EventTimestamp;

use crate::device::Device;
use crate::event::{EventJobs, SeekerEvent};
use crate::job_names::NAME_LENGTH;
use crate::model::Model;
use crate::session::Session;

/// An upper bound of the bytes of an event without its job names, with a line break.
const BYTES_WITHOUT_NAMES_MAX: usize = 512;

/// Appends the JSON of [`SeekerEvent::to_message`].
// None of the texts needs escapes, so the pieces are copied as they are. A writer that looks for characters to escape takes three times as
// long.
pub(crate) fn write_json(event: &SeekerEvent, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    let (postings, position) = match &event.jobs {
        EventJobs::One(posting, position) => (std::slice::from_ref(posting), *position),
        EventJobs::Page(postings) => (&postings[..], None),
    };
    out.reserve(BYTES_WITHOUT_NAMES_MAX + postings.len() * NAME_LENGTH);
    out.extend_from_slice(b"{\"eventId\":\"");
    out.extend_from_slice(&event.event.text());
    out.extend_from_slice(b"\",\"eventType\":\"");
    out.extend_from_slice(event.event_type.name().as_bytes());
    out.extend_from_slice(b"\",\"requestId\":\"");
    out.extend_from_slice(&event.request.text());
    out.extend_from_slice(b"\",\"relatedJobNames\":[");
    model.catalogue().write_job_names(postings, out);
    out.extend_from_slice(b"],\"eventTimestampMillis\":\"");
    out.extend_from_slice(digits.format(timestamp.as_millis()).as_bytes());
    out.extend_from_slice(match event.device {
        None => b"\",\"details\":{",
        Some(Device::Desktop) => b"\",\"details\":{\"device\":\"desktop\",",
        Some(Device::Mobile) => b"\",\"details\":{\"device\":\"mobile\",",
    });
    if let Some(position) = position {
        out.extend_from_slice(b"\"position\":\"");
        out.extend_from_slice(digits.format(position).as_bytes());
        out.extend_from_slice(b"\",");
    }
    out.extend_from_slice(b"\"seekerId\":\"");
    let seeker = digits.format(event.seeker).as_bytes();
    out.extend_from_slice(seeker);
    out.extend_from_slice(b"\",\"sessionId\":\"");
    out.extend_from_slice(seeker);
    let (separator, number) = match event.session {
        Session::Visit(visit) => (&b"-"[..], visit),
        Session::Alert(alert) => (&b"-a"[..], alert),
    };
    out.extend_from_slice(separator);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(b"\",\"source\":\"");
    out.extend_from_slice(event.source.name().as_bytes());
    out.extend_from_slice(b"\"}}");
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::playback::Playback;
    use crate::sim_time::SimTime;

    /// The bytes are those of the message, for every event type, every source and any parent of the jobs.
    #[test]
    fn the_bytes_are_those_of_the_message() {
        let (mut types, mut sources) = (HashSet::new(), HashSet::new());
        for model in [Model::with_defaults(), Model::with_defaults().with_job_parent("projects/p")] {
            for number in 0..5_000 {
                for event in Playback::new(&model, 1, number, SimTime::ZERO) {
                    let timestamp = EventTimestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap());
                    let (mut written, mut expected) = (Vec::new(), Vec::new());
                    write_json(&event, &model, timestamp, &mut written);
                    event.to_message(&model, timestamp).write_json(&mut expected);
                    assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(expected).unwrap());
                    types.insert(event.event_type);
                    sources.insert(event.source);
                }
            }
        }
        assert_eq!((types.len(), sources.len()), (15, 5));
    }
}
