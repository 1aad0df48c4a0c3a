//! The event of version 4 of the API: request and response of `projects.tenants.clientEvents.create` (discovery document, rev. 20251014). It has
//! no field for `details`.

use crate::api_versions::job_event::JobEvent;
use crate::api_versions::lossy::{Lossy, Lost};
use crate::rfc3339::Timestamp;
use std::collections::BTreeMap;

use crate::api_versions::common_fields::{CommonField, CommonFields, CommonFieldsMut, converted, without_problems};
use crate::event_type::EventType;
use crate::json::object_reader::ObjectReader;
use crate::json::object_writer::ObjectWriter;
use crate::json::read_options::ReadOptions;
use crate::message;
use crate::partial::PartialEvent;
use crate::problem::{Problem, Refusal};

/// The event of version 4, without a wrapper. As in every ProtoJSON message, each field may be missing; [`ClientEvent::to_message`] reports
/// missing fields.
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
    /// The request id; "strongly recommended", so it may be empty.
    pub request_id: String,
    /// The event id; required.
    pub event_id: String,
    /// The time of the event; required.
    pub create_time: Option<Timestamp>,
    /// The event type and the jobs; required.
    pub job_event: Option<JobEvent<EventType>>,
    /// Notes about the event; optional.
    pub event_notes: String,
}

#[derive(Clone, Copy)]
enum Field {
    Common(CommonField),
    EventNotes,
}

const FIELDS: &[(&str, Field)] = &[
    ("requestId", Field::Common(CommonField::RequestId)),
    ("eventId", Field::Common(CommonField::EventId)),
    ("createTime", Field::Common(CommonField::CreateTime)),
    ("jobEvent", Field::Common(CommonField::JobEvent)),
    ("eventNotes", Field::EventNotes),
];

impl ClientEvent {
    /// Converts a message. Loses all [`Lost::Details`]. Job names and the type do not change, not even [`EventType::Unspecified`]: the
    /// conversion does not check the content; see [`ClientEvent::check`](crate::ClientEvent::check).
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for `eventTimestampMillis` outside -62135596800000 to 253402300799999 ms, the years 1 to 9999, because `createTime`
    /// cannot represent it.
    pub fn from_message(message: &message::ClientEvent) -> Result<Lossy<Self>, Refusal> {
        let mut value = Self::default();
        value.common_fields_mut().set(message, message.event_type)?;
        let lost = if message.details.is_empty() { Vec::new() } else { vec![Lost::Details(message.details.clone())] };
        Ok(Lossy { value, lost })
    }

    /// Converts to a message. A missing type becomes [`EventType::Unspecified`], which
    /// [`ClientEvent::check`](crate::ClientEvent::check) reports. Loses [`Lost::NanosBelowMillisecond`] and [`Lost::EventNotes`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every missing field that the message requires: `requestId` (only recommended in version 4), `eventId`,
    /// `createTime`, `jobEvent`, `jobEvent.jobs` and empty elements of it.
    pub fn to_message(&self) -> Result<Lossy<message::ClientEvent>, Refusal> {
        let mut message = self.common_fields().to_message(BTreeMap::new())?;
        if !self.event_notes.is_empty() {
            message.lost.push(Lost::EventNotes(self.event_notes.clone()));
        }
        Ok(message)
    }

    /// The message as far as this event has its fields.
    pub fn to_partial(&self) -> PartialEvent<'static> {
        self.common_fields().to_partial(BTreeMap::new()).expect("the message has every type of version 4")
    }

    fn common_fields_mut(&mut self) -> CommonFieldsMut<'_, EventType> {
        CommonFieldsMut {
            request_id: &mut self.request_id,
            event_id: &mut self.event_id,
            create_time: &mut self.create_time,
            job_event: &mut self.job_event,
        }
    }

    fn common_fields(&self) -> CommonFields<'_, EventType> {
        CommonFields {
            request_id: &self.request_id,
            event_id: &self.event_id,
            create_time: self.create_time,
            job_event: self.job_event.as_ref(),
        }
    }

    /// Reads an event from ProtoJSON. The type is a name or a number in any form of ProtoJSON; an unknown number is refused.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form. Fields may be missing.
    pub fn read(json: &[u8], options: &ReadOptions) -> Result<Self, Refusal> {
        without_problems(Self::read_form(json, *options)?)
    }

    /// Reads an event and converts it as [`ClientEvent::to_message`] does, so that problems of the wire form and missing fields are
    /// reported together.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that [`ClientEvent::read`] or the conversion finds.
    pub fn read_as_message(json: &[u8], options: &ReadOptions) -> Result<Lossy<message::ClientEvent>, Refusal> {
        converted(Self::read_form(json, *options)?, "", Self::to_message)
    }

    /// Appends the event as ProtoJSON without white space: fields in the order of their numbers, without default values, the type as a name.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        self.common_fields().write_ids(&mut object);
        self.common_fields().write_event(&mut object);
        object.write_string("eventNotes", &self.event_notes);
        object.end();
    }

    fn read_form(json: &[u8], options: ReadOptions) -> Result<(Self, Vec<Problem>), Refusal> {
        ObjectReader::read(json, options, |reader, lexer| {
            let mut event = Self::default();
            reader.read_object(lexer, FIELDS, |reader, field, kind, lexer| match field {
                Field::Common(field) => event.common_fields_mut().read(field, reader, kind, lexer),
                Field::EventNotes => reader.read_string_into(kind, lexer, &mut event.event_notes),
            })?;
            Ok(event)
        })
    }
}
