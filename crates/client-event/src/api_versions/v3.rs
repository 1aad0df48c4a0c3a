//! The event of version 3 of the API: request and response of `projects.clientEvents.create` (discovery document, rev. 20251014). The request
//! wraps the event as `{"clientEvent": {...}}`, the response is the event itself. `extraInfo` corresponds to `details`, within limits.

use std::collections::BTreeMap;

use crate::api_versions::common_fields::{CommonField, CommonFields, CommonFieldsMut, converted, without_problems};
use crate::api_versions::job_event::{JobEvent, JobEventType as Versioned};
use crate::api_versions::lossy::{Lossy, Lost};
use crate::event_type::EventType;
use crate::json::lexer::{Lexer, SyntaxError};
use crate::json::object_reader::ObjectReader;
use crate::json::object_writer::ObjectWriter;
use crate::json::read_options::ReadOptions;
use crate::message;
use crate::partial::PartialEvent;
use crate::problem::{Problem, Reason, Refusal};
use crate::rfc3339::Timestamp;

/// The largest number of keys in `extraInfo`.
pub const EXTRA_INFO_KEYS_MAX: usize = 20;

/// The number of bytes of UTF-8 that a conversion uses for all keys and values of `extraInfo`. The documented limit is "2 KB": 2000 bytes
/// are within it whether it means 2000 or 2048, bytes or characters.
pub const EXTRA_INFO_BYTES_MAX: usize = 2000;

/// More bytes than this exceed 2 KB, whether it means 2,000 or 2,048.
const EXTRA_INFO_BYTES_TOO_MANY: usize = 2048;

/// The event types of version 3: the types of the message and one more. The names are those of version 4 ([`EventType::v4_name`]). The
/// discovery document has no numbers, so numbers are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobEventType {
    /// A type that the message also has.
    Shared(EventType),
    /// `NOT_INTERESTED`: the job seeker showed no interest in the job. The message does not have this type.
    NotInterested,
}

impl JobEventType {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared(event_type) => event_type.v4_name(),
            Self::NotInterested => "NOT_INTERESTED",
        }
    }

    /// The type with this exact name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "NOT_INTERESTED" { Some(Self::NotInterested) } else { EventType::from_v4_name(name).map(Self::Shared) }
    }
}

impl Versioned for JobEventType {
    const UNSPECIFIED: Self = Self::Shared(EventType::Unspecified);
    const VERSION: &'static str = "version 3";

    fn from_wire_name(name: &str) -> Option<Self> {
        Self::from_name(name)
    }

    fn wire_name(self) -> &'static str {
        self.name()
    }

    fn from_wire_number(number: &str) -> Result<Self, (Reason, String)> {
        let message =
            format!("is the number {number}; expected a name, because the types of version 3 have no published numbers");
        Err((Reason::WrongType, message))
    }

    fn event_type(self) -> Option<EventType> {
        match self {
            Self::Shared(event_type) => Some(event_type),
            Self::NotInterested => None,
        }
    }
}

/// The event of version 3. As in every ProtoJSON message, each field may be missing; [`ClientEvent::to_message`] reports missing fields.
///
/// ```
/// use client_event::api_versions::v3;
///
/// let json = br#"{"eventId":"e-1","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],
///                 "eventTimestampMillis":"1700000000500","details":{"device":"phone"}}"#;
/// let message = client_event::ClientEvent::from_json(json)?;
/// let event = v3::ClientEvent::from_message(&message)?.lossless().expect("one short entry of details");
///
/// let mut body = Vec::new();
/// event.write_request(&mut body);
/// assert_eq!(
///     String::from_utf8(body).unwrap(),
///     r#"{"clientEvent":{"requestId":"r-1","eventId":"e-1","createTime":"2023-11-14T22:13:20.500Z","#.to_owned()
///         + r#""jobEvent":{"type":"VIEW_REDIRECT","jobs":["jobs/1"]},"extraInfo":{"device":"phone"}}}"#
/// );
/// # Ok::<(), client_event::Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientEvent {
    /// The request id; required.
    pub request_id: String,
    /// The event id; required.
    pub event_id: String,
    /// The id of the event that led to this one; optional.
    pub parent_event_id: String,
    /// The time of the event; required.
    pub create_time: Option<Timestamp>,
    /// The event type and the jobs; required.
    pub job_event: Option<JobEvent<JobEventType>>,
    /// Further context: at most [`EXTRA_INFO_KEYS_MAX`] keys and 2 KB. Only [`ClientEvent::check_limits`] checks the limits, not the reader
    /// and not the writer.
    pub extra_info: BTreeMap<String, String>,
}

#[derive(Clone, Copy)]
enum Field {
    Common(CommonField),
    ParentEventId,
    ExtraInfo,
}

const FIELDS: &[(&str, Field)] = &[
    ("requestId", Field::Common(CommonField::RequestId)),
    ("eventId", Field::Common(CommonField::EventId)),
    ("parentEventId", Field::ParentEventId),
    ("createTime", Field::Common(CommonField::CreateTime)),
    ("jobEvent", Field::Common(CommonField::JobEvent)),
    ("extraInfo", Field::ExtraInfo),
];

/// The only field of a request.
const WRAPPER: &str = "clientEvent";

impl ClientEvent {
    /// Converts a message. Takes the entries of `details`, sorted by key, as long as they fit into [`EXTRA_INFO_KEYS_MAX`] and
    /// [`EXTRA_INFO_BYTES_MAX`]; the others are [`Lost::Details`]. Job names and the type do not change, not even
    /// [`EventType::Unspecified`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for `eventTimestampMillis` outside -62135596800000 to 253402300799999 ms, the years 1 to 9999, because `createTime`
    /// cannot represent it.
    pub fn from_message(message: &message::ClientEvent) -> Result<Lossy<Self>, Refusal> {
        let (extra_info, left_over) = within_limits(&message.details);
        let mut value = Self { extra_info, ..Self::default() };
        value.common_fields_mut().set(message, JobEventType::Shared(message.event_type))?;
        let lost = if left_over.is_empty() { Vec::new() } else { vec![Lost::Details(left_over)] };
        Ok(Lossy { value, lost })
    }

    /// Converts to a message. A missing type becomes [`EventType::Unspecified`], which
    /// [`ClientEvent::check`](crate::ClientEvent::check) reports. Loses [`Lost::NanosBelowMillisecond`] and [`Lost::ParentEventId`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every missing field that the message requires: `requestId`, `eventId`, `createTime`, `jobEvent`,
    /// `jobEvent.jobs` and empty elements of it; and with `jobEvent.type` if it is `NOT_INTERESTED`, which the message does not have.
    pub fn to_message(&self) -> Result<Lossy<message::ClientEvent>, Refusal> {
        let mut message = self.common_fields().to_message(self.extra_info.clone())?;
        if !self.parent_event_id.is_empty() {
            message.lost.push(Lost::ParentEventId(self.parent_event_id.clone()));
        }
        Ok(message)
    }

    /// The message as far as this event has its fields; `None` for the type `NOT_INTERESTED`, which the message does not have.
    pub fn to_partial(&self) -> Option<PartialEvent<'static>> {
        self.common_fields().to_partial(self.extra_info.clone())
    }

    /// Checks the limits of version 3: at most 20 keys and 2 KB (2,048 bytes of UTF-8 in all keys and values) in `extraInfo`.
    pub fn check_limits(&self) -> Vec<Problem> {
        let keys = self.extra_info.len();
        let bytes: usize = self.extra_info.iter().map(|(key, value)| key.len() + value.len()).sum();
        let limits = [
            (keys > EXTRA_INFO_KEYS_MAX, format!("has {keys} keys; version 3 takes at most {EXTRA_INFO_KEYS_MAX}")),
            (bytes > EXTRA_INFO_BYTES_TOO_MANY, format!("has {bytes} bytes of keys and values; version 3 takes at most 2 KB")),
        ];
        let broken = limits.into_iter().filter(|(is_broken, _)| *is_broken);
        broken.map(|(_, message)| Problem::new("extraInfo", Reason::FieldTooLarge, message)).collect()
    }

    fn common_fields_mut(&mut self) -> CommonFieldsMut<'_, JobEventType> {
        CommonFieldsMut {
            request_id: &mut self.request_id,
            event_id: &mut self.event_id,
            create_time: &mut self.create_time,
            job_event: &mut self.job_event,
        }
    }

    fn common_fields(&self) -> CommonFields<'_, JobEventType> {
        CommonFields {
            request_id: &self.request_id,
            event_id: &self.event_id,
            create_time: self.create_time,
            job_event: self.job_event.as_ref(),
        }
    }

    /// Reads an event from ProtoJSON without the wrapper, as in a response.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form. Fields may be missing.
    pub fn read(json: &[u8], options: &ReadOptions) -> Result<Self, Refusal> {
        without_problems(ObjectReader::read(json, *options, Self::read_fields)?)
    }

    /// Reads a request: `{"clientEvent": {...}}`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form, or if the request has no event. Fields of the event may be missing.
    pub fn read_request(json: &[u8], options: &ReadOptions) -> Result<Self, Refusal> {
        without_problems(Self::read_wrapped(json, *options)?)
    }

    /// Reads a request and converts it as [`ClientEvent::to_message`] does, so that problems of the wire form and missing fields are
    /// reported together, with paths such as `clientEvent.jobEvent.jobs[1]`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that [`ClientEvent::read_request`] or the conversion finds.
    pub fn read_request_as_message(json: &[u8], options: &ReadOptions) -> Result<Lossy<message::ClientEvent>, Refusal> {
        converted(Self::read_wrapped(json, *options)?, WRAPPER, Self::to_message)
    }

    /// Appends the event as ProtoJSON without white space and without the wrapper. Default values are left out; the type is a name.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        self.common_fields().write_ids(&mut object);
        object.write_string("parentEventId", &self.parent_event_id);
        self.common_fields().write_event(&mut object);
        object.write_string_map("extraInfo", &self.extra_info);
        object.end();
    }

    /// Appends a request: the event as [`ClientEvent::write_json`] writes it, as `{"clientEvent": {...}}`.
    pub fn write_request(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        self.write_json(object.member(WRAPPER));
        object.end();
    }

    fn read_wrapped(json: &[u8], options: ReadOptions) -> Result<(Self, Vec<Problem>), Refusal> {
        let (event, mut problems) = ObjectReader::read(json, options, |reader, lexer| {
            let mut event = None;
            reader.read_object(lexer, &[(WRAPPER, ())], |reader, (), _, lexer| {
                event = Some(Self::read_fields(reader, lexer)?);
                Ok(())
            })?;
            Ok(event)
        })?;
        let found = event.is_some() || problems.iter().any(|problem| problem.reason == Reason::NotAnObject);
        if !found {
            problems.push(Problem::new(WRAPPER, Reason::RequiredField, "is missing"));
        }
        Ok((event.unwrap_or_default(), problems))
    }

    fn read_fields(reader: &mut ObjectReader, lexer: &mut Lexer<'_>) -> Result<Self, SyntaxError> {
        let mut event = Self::default();
        reader.read_object(lexer, FIELDS, |reader, field, kind, lexer| match field {
            Field::Common(field) => event.common_fields_mut().read(field, reader, kind, lexer),
            Field::ParentEventId => reader.read_string_into(kind, lexer, &mut event.parent_event_id),
            Field::ExtraInfo => reader.read_string_map_into(kind, lexer, &mut event.extra_info),
        })?;
        Ok(event)
    }
}

/// The entries that fit into `extraInfo`, and the others.
fn within_limits(details: &BTreeMap<String, String>) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut taken, mut left_over) = (BTreeMap::new(), BTreeMap::new());
    let mut bytes = 0_usize;
    for (key, value) in details {
        let more = key.len() + value.len();
        let fits = taken.len() < EXTRA_INFO_KEYS_MAX && bytes + more <= EXTRA_INFO_BYTES_MAX;
        bytes += if fits { more } else { 0 };
        let entries = if fits { &mut taken } else { &mut left_over };
        entries.insert(key.clone(), value.clone());
    }
    (taken, left_over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_info_has_limits() {
        let event = |keys: usize, bytes: usize| ClientEvent {
            extra_info: (0..keys).map(|key| (format!("{key:02}"), "x".repeat(bytes))).collect(),
            ..ClientEvent::default()
        };
        for (keys, bytes, expected) in [
            (20, 100, &[][..]),
            (21, 1, &["extraInfo: has 21 keys; version 3 takes at most 20"][..]),
            (1, 2046, &[]),
            (1, 2047, &["extraInfo: has 2049 bytes of keys and values; version 3 takes at most 2 KB"]),
            (
                21,
                100,
                &[
                    "extraInfo: has 21 keys; version 3 takes at most 20",
                    "extraInfo: has 2142 bytes of keys and values; version 3 takes at most 2 KB",
                ],
            ),
        ] {
            let problems = event(keys, bytes).check_limits();
            assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
    }
}
