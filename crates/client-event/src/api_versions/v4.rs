//! The event of version 4 of the API: body and answer of `projects.tenants.clientEvents.create` (discovery document, rev.
//! 20251014). It has no place for `details`.

use crate::api_versions::job_event::{JobEvent, read_job_event, write_job_event};
use crate::api_versions::lossy::{Lossy, Lost};
use crate::api_versions::rfc3339::Timestamp;
use crate::api_versions::shared::{SharedFields, converted, create_time, job_names, read_create_time, without_problems};
use crate::event_type::EventType;
use crate::message;
use crate::partial::PartialEvent;
use crate::problem::{Problem, Refusal};
use crate::wire::object_reader::ObjectReader;
use crate::wire::object_writer::{ObjectWriter, write_string};
use crate::wire::read_options::ReadOptions;

/// The event of version 4, on the wire bare. As in every ProtoJSON message, each field may be unset; what the message needs is
/// asked for by [`ClientEvent::to_message`].
///
/// ```
/// use client_event::api_versions::{Lost, v4};
/// use client_event::{EventType, ReadOptions};
///
/// let json = br#"{"requestId":"r-1","eventId":"e-1","createTime":"2023-11-14T22:13:20.000001Z",
///                 "jobEvent":{"type":3,"jobs":["projects/p/tenants/t/jobs/1"]}}"#;
/// let event = v4::ClientEvent::read(json, &ReadOptions::default())?;
/// let message = event.to_message()?;
/// assert_eq!(message.value.event_type, EventType::ViewDirect);
/// assert_eq!(message.lost, [Lost::NanosBelowMillisecond(1000)]);
///
/// let mut json = Vec::new();
/// v4::ClientEvent::from_message(&message.value)?.value.write_json(&mut json);
/// assert!(json.starts_with(br#"{"requestId":"r-1","eventId":"e-1","createTime":"2023-11-14T22:13:20Z","jobEvent":{"type":"VIEW_REDIRECT","#));
/// # Ok::<(), client_event::Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientEvent {
    /// The name that the search service gave to its answer; "strongly recommended", so it may be empty.
    pub request_id: String,
    /// The unique name of the event; required.
    pub event_id: String,
    /// When it happened; required.
    pub create_time: Option<Timestamp>,
    /// What happened, and to which jobs.
    pub job_event: Option<JobEvent<EventType>>,
    /// Notes about the event; optional.
    pub event_notes: String,
}

#[derive(Clone, Copy)]
enum Field {
    RequestId,
    EventId,
    CreateTime,
    JobEvent,
    EventNotes,
}

const FIELDS: &[(&str, Field)] = &[
    ("requestId", Field::RequestId),
    ("eventId", Field::EventId),
    ("createTime", Field::CreateTime),
    ("jobEvent", Field::JobEvent),
    ("eventNotes", Field::EventNotes),
];

impl ClientEvent {
    /// The event that says what a message says. Loses all [`Lost::Details`]. Job names stay as they are, whatever their form, and
    /// so does the type, [`EventType::Unspecified`] too: whether a message is fit to be sent is left to
    /// [`ClientEvent::check`](crate::ClientEvent::check).
    ///
    /// # Errors
    ///
    /// A [`Refusal`] naming `eventTimestampMillis` when the time lies outside -62135596800000 to 253402300799999 ms, the years 1 to
    /// 9999, beyond which `createTime` does not reach.
    pub fn from_message(message: &message::ClientEvent) -> Result<Lossy<Self>, Refusal> {
        let value = Self {
            request_id: message.request_id.as_str().to_owned(),
            event_id: message.event_id.as_str().to_owned(),
            create_time: Some(create_time(message)?),
            job_event: Some(JobEvent { event_type: message.event_type, jobs: job_names(message) }),
            event_notes: String::new(),
        };
        let lost = if message.details.is_empty() { Vec::new() } else { vec![Lost::Details(message.details.clone())] };
        Ok(Lossy { value, lost })
    }

    /// The message that says what this event says. A missing type becomes [`EventType::Unspecified`], which
    /// [`ClientEvent::check`](crate::ClientEvent::check) refuses. Loses [`Lost::NanosBelowMillisecond`] and [`Lost::EventNotes`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every field that the message needs and this event does not have: `requestId` (only recommended in
    /// version 4), `eventId`, `createTime`, `jobEvent`, `jobEvent.jobs` and empty elements of it.
    pub fn to_message(&self) -> Result<Lossy<message::ClientEvent>, Refusal> {
        let mut message = self.shared_fields().to_message(std::collections::BTreeMap::new())?;
        if !self.event_notes.is_empty() {
            message.lost.push(Lost::EventNotes(self.event_notes.clone()));
        }
        Ok(message)
    }

    /// The message as far as this event has its fields.
    pub fn to_partial(&self) -> PartialEvent<'static> {
        self.shared_fields().to_partial(std::collections::BTreeMap::new()).expect("the message has every type of version 4")
    }

    fn shared_fields(&self) -> SharedFields<'_, EventType> {
        SharedFields {
            request_id: &self.request_id,
            event_id: &self.event_id,
            create_time: self.create_time,
            job_event: self.job_event.as_ref(),
        }
    }

    /// Reads an event from ProtoJSON. The type is read by name or by number, in any form that ProtoJSON has for a number; a number
    /// that no type has is refused, not kept.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form. Fields may be missing.
    pub fn read(json: &[u8], options: &ReadOptions) -> Result<Self, Refusal> {
        without_problems(Self::read_form(json, *options)?)
    }

    /// Reads an event and converts it as [`ClientEvent::to_message`] does, so that problems of form and missing fields are named
    /// at once.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that [`ClientEvent::read`] or the conversion finds.
    pub fn read_as_message(json: &[u8], options: &ReadOptions) -> Result<Lossy<message::ClientEvent>, Refusal> {
        converted(Self::read_form(json, *options)?, "", Self::to_message)
    }

    /// Appends the event as ProtoJSON without white space: fields in the order of their numbers, defaults left out, the type as
    /// its name.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        object.write_string("requestId", &self.request_id);
        object.write_string("eventId", &self.event_id);
        if let Some(time) = self.create_time {
            write_string(object.member("createTime"), &time.to_string());
        }
        if let Some(event) = &self.job_event {
            write_job_event(object.member("jobEvent"), event);
        }
        object.write_string("eventNotes", &self.event_notes);
        object.end();
    }

    fn read_form(json: &[u8], options: ReadOptions) -> Result<(Self, Vec<Problem>), Refusal> {
        ObjectReader::read(json, options, |reader, lexer| {
            let mut event = Self::default();
            reader.read_object(lexer, FIELDS, |reader, field, kind, lexer| match field {
                Field::RequestId => reader.read_string_into(kind, lexer, &mut event.request_id),
                Field::EventId => reader.read_string_into(kind, lexer, &mut event.event_id),
                Field::CreateTime => {
                    event.create_time = read_create_time(reader, kind, lexer)?;
                    Ok(())
                }
                Field::JobEvent => {
                    event.job_event = Some(read_job_event(reader, lexer)?);
                    Ok(())
                }
                Field::EventNotes => reader.read_string_into(kind, lexer, &mut event.event_notes),
            })?;
            Ok(event)
        })
    }
}
