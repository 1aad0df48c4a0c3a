//! The request of `google.cloud.talent.v4.EventService/CreateClientEvent`. Version 4beta1 has the same fields with the same numbers.
//! Numbers: the public `event.proto` and `event_service.proto` of both versions.

use client_event::BorrowedEvent;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use super::write_head;

/// The request of a call.
#[derive(Clone, PartialEq, Message)]
pub struct CreateClientEventRequest {
    /// The resource that the event belongs to: `projects/P/tenants/T`, in version 4beta1 also `projects/P`.
    #[prost(string, tag = "1")]
    pub parent: String,
    /// The event.
    #[prost(message, optional, tag = "2")]
    pub client_event: Option<ClientEvent>,
}

/// An event.
#[derive(Clone, PartialEq, Message)]
pub struct ClientEvent {
    /// The id of the request that the event belongs to.
    #[prost(string, tag = "1")]
    pub request_id: String,
    /// The id of the event.
    #[prost(string, tag = "2")]
    pub event_id: String,
    /// The time of the event.
    #[prost(message, optional, tag = "4")]
    pub create_time: Option<Timestamp>,
    /// The type and the jobs.
    #[prost(message, optional, tag = "5")]
    pub job_event: Option<JobEvent>,
    /// Notes about the event.
    #[prost(string, tag = "9")]
    pub event_notes: String,
}

/// The type and the jobs of an event.
#[derive(Clone, PartialEq, Message)]
pub struct JobEvent {
    /// The number of the type, 0 to 15.
    #[prost(int32, tag = "1")]
    pub r#type: i32,
    /// The resource names of the jobs.
    #[prost(string, repeated, tag = "2")]
    pub jobs: Vec<String>,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds of the second.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// Appends the call for an event as gRPC sends it. Its parent is the parent of the first job, because jobs belong to the parent of the call.
/// The bytes are those of a [`CreateClientEventRequest`]. They are written without the message, whose strings would be allocated for each call.
pub fn write_call(event: &BorrowedEvent<'_>, out: &mut Vec<u8>) {
    let parent = event.job_names().next().and_then(|job| job.rsplit_once("/jobs/")).map_or("", |(parent, _)| parent);
    let millis = event.timestamp().as_millis();
    let nanos = i32::try_from(millis.rem_euclid(1_000)).expect("below 1,000") * 1_000_000;
    let create_time = Timestamp { seconds: millis.div_euclid(1_000), nanos };
    let time_length = create_time.encoded_len();
    let number = u64::from(event.event_type().v4_number());
    let jobs_length: usize = event.job_names().map(|job| 1 + delimited_len(job.len())).sum();
    let job_event_length = if number == 0 { 0 } else { 1 + encoded_len_varint(number) } + jobs_length;
    let event_length = [event.request_id(), event.event_id()].map(text_len).iter().sum::<usize>()
        + 1
        + delimited_len(time_length)
        + 1
        + delimited_len(job_event_length);
    let length = text_len(parent) + 1 + delimited_len(event_length);

    write_head(length, out);
    write_text(1, parent, out);
    write_length(2, event_length, out);
    write_text(1, event.request_id(), out);
    write_text(2, event.event_id(), out);
    write_length(4, time_length, out);
    create_time.encode_raw(out);
    write_length(5, job_event_length, out);
    if number != 0 {
        encode_key(1, WireType::Varint, out);
        encode_varint(number, out);
    }
    for job in event.job_names() {
        write_length(2, job.len(), out);
        out.extend_from_slice(job.as_bytes());
    }
}

/// The length of bytes with their length in front.
const fn delimited_len(length: usize) -> usize {
    encoded_len_varint(length as u64) + length
}

/// The length of a string field, whose tag has one byte. An empty string is omitted.
const fn text_len(text: &str) -> usize {
    if text.is_empty() { 0 } else { 1 + delimited_len(text.len()) }
}

fn write_length(tag: u32, length: usize, out: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, out);
    encode_varint(length as u64, out);
}

fn write_text(tag: u32, text: &str, out: &mut Vec<u8>) {
    if !text.is_empty() {
        write_length(tag, text.len(), out);
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use client_event::Reader;
    use client_event::api_versions::v4;
    use client_event::strategies::client_event;
    use proptest::prelude::*;

    use super::super::{read_frame, write_frame};
    use super::*;

    impl From<v4::ClientEvent> for CreateClientEventRequest {
        fn from(event: v4::ClientEvent) -> Self {
            let first = event.job_event.as_ref().and_then(|job_event| job_event.jobs.first());
            let parent = first.and_then(|job| job.rsplit_once("/jobs/")).map_or("", |(parent, _)| parent).to_owned();
            let create_time =
                event.create_time.map(|time| Timestamp { seconds: time.seconds(), nanos: time.nanos().try_into().unwrap() });
            let job_event = event
                .job_event
                .map(|job_event| JobEvent { r#type: job_event.event_type.v4_number().into(), jobs: job_event.jobs });
            let (request_id, event_id, event_notes) = (event.request_id, event.event_id, event.event_notes);
            let client_event = ClientEvent { request_id, event_id, create_time, job_event, event_notes };
            Self { parent, client_event: Some(client_event) }
        }
    }

    proptest! {
        /// For all messages, the written call has the bytes of the call from the event of version 4.
        #[test]
        fn calls_are_those_of_version_4(message in client_event()) {
            let Ok(event) = v4::ClientEvent::from_message(&message) else { return Ok(()) };
            let (mut expected, mut written) = (Vec::new(), Vec::new());
            write_frame(&CreateClientEventRequest::from(event.value), &mut expected);
            let mut json = Vec::new();
            message.write_json(&mut json);
            write_call(&Reader::new().read_borrowed(&json).unwrap(), &mut written);
            prop_assert_eq!(written, expected);
        }

        /// For all messages, the call that is read back has the content of the event of version 4.
        #[test]
        fn calls_are_read_back(message in client_event()) {
            let Ok(event) = v4::ClientEvent::from_message(&message) else { return Ok(()) };
            let mut body = Vec::new();
            write_frame(&CreateClientEventRequest::from(event.value.clone()), &mut body);
            let call: CreateClientEventRequest = read_frame(&body).unwrap();
            prop_assert!(read_frame::<CreateClientEventRequest>(&body[..body.len() - 1]).is_none());
            let read = call.client_event.unwrap();
            prop_assert_eq!((&read.event_id, &read.request_id), (&event.value.event_id, &event.value.request_id));
            let (time, job_event) = (event.value.create_time.unwrap(), event.value.job_event.unwrap());
            let create_time = read.create_time.unwrap();
            prop_assert_eq!((create_time.seconds, i64::from(create_time.nanos)), (time.seconds(), time.nanos().into()));
            let read = read.job_event.unwrap();
            prop_assert_eq!(read.r#type, i32::from(job_event.event_type.v4_number()));
            prop_assert_eq!(&read.jobs, &job_event.jobs);
            if let Some(job) = job_event.jobs.first().filter(|job| job.starts_with("projects/")) {
                prop_assert!(call.parent.is_empty() || job.rsplit_once("/jobs/").is_some_and(|(parent, _)| parent == call.parent));
            }
        }
    }
}
