//! The field `jobEvent` of versions 3 and 4: the event type and the jobs. The versions differ in the event types only.

use std::borrow::Cow;

use crate::event_type::EventType;
use crate::json::int64::{Int64Error, parse_int64};
use crate::json::lexer::{Lexer, SyntaxError, ValueKind};
use crate::json::object_reader::ObjectReader;
use crate::json::object_writer::{ObjectWriter, write_string};
use crate::problem::Reason;

/// The event type and the jobs (`JobEvent` of versions 3 and 4 of the API; discovery documents, rev. 20251014). As in every ProtoJSON
/// message, both fields may be missing: the type is then unspecified and the list empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent<T> {
    /// The event type: [`EventType`] in version 4, [`v3::JobEventType`](super::v3::JobEventType) in version 3. On the wire `type`.
    pub event_type: T,
    /// The resource names of the jobs.
    pub jobs: Vec<String>,
}

/// The event types of one version of the API.
pub(crate) trait JobEventType: Copy + PartialEq {
    /// The type of an event without a type.
    const UNSPECIFIED: Self;
    /// The version, for messages.
    const VERSION: &'static str;

    fn from_wire_name(name: &str) -> Option<Self>;
    fn wire_name(self) -> &'static str;

    /// The type with a number, or the problem of the number.
    fn from_wire_number(number: &str) -> Result<Self, (Reason, String)>;

    /// The same type of the message, if there is one.
    fn event_type(self) -> Option<EventType>;
}

/// Version 4.
impl JobEventType for EventType {
    const UNSPECIFIED: Self = Self::Unspecified;
    const VERSION: &'static str = "version 4";

    fn from_wire_name(name: &str) -> Option<Self> {
        Self::from_v4_name(name)
    }

    fn wire_name(self) -> &'static str {
        self.v4_name()
    }

    fn from_wire_number(number: &str) -> Result<Self, (Reason, String)> {
        let unknown = || (Reason::UnknownEventType, format!("is {number}; the types of version 4 have the numbers 0 to 15"));
        match parse_int64(number) {
            Ok(value) => Self::from_v4_number(value).ok_or_else(unknown),
            Err(Int64Error::OutOfRange) => Err(unknown()),
            Err(error) => Err((Reason::NotAnInt64, format!("{number:?} is {error}; expected the name or number of a type"))),
        }
    }

    fn event_type(self) -> Option<EventType> {
        Some(self)
    }
}

#[derive(Clone, Copy)]
enum Field {
    Type,
    Jobs,
}

const FIELDS: &[(&str, Field)] = &[("type", Field::Type), ("jobs", Field::Jobs)];

pub(crate) fn read_job_event<T: JobEventType>(
    reader: &mut ObjectReader,
    lexer: &mut Lexer<'_>,
) -> Result<JobEvent<T>, SyntaxError> {
    let mut event = JobEvent { event_type: T::UNSPECIFIED, jobs: Vec::new() };
    reader.read_object(lexer, FIELDS, |reader, field, kind, lexer| match field {
        Field::Type => {
            event.event_type = read_type(reader, kind, lexer)?;
            Ok(())
        }
        Field::Jobs => reader.read_array(kind, lexer, |reader, kind, lexer| {
            // A job with a problem keeps its place, so that the indices of the others are right.
            event.jobs.push(reader.read_string(kind, lexer)?.map_or_else(String::new, Cow::into_owned));
            Ok(())
        }),
    })?;
    Ok(event)
}

fn read_type<T: JobEventType>(reader: &mut ObjectReader, kind: ValueKind, lexer: &mut Lexer<'_>) -> Result<T, SyntaxError> {
    if kind == ValueKind::Number {
        return Ok(T::from_wire_number(lexer.number()?).unwrap_or_else(|(reason, message)| {
            reader.add_problem(reason, message);
            T::UNSPECIFIED
        }));
    }
    if kind != ValueKind::String {
        reader.read_wrong_type(kind, "the name of an event type", lexer)?;
        return Ok(T::UNSPECIFIED);
    }
    let name = lexer.string()?;
    Ok(T::from_wire_name(&name).unwrap_or_else(|| {
        let meant = EventType::find_similar(&name);
        let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean {}?)", meant.v4_name()));
        reader.add_problem(Reason::UnknownEventType, format!("{name:?} is not an event type of {}{meant}", T::VERSION));
        T::UNSPECIFIED
    }))
}

pub(crate) fn write_job_event<T: JobEventType>(out: &mut Vec<u8>, event: &JobEvent<T>) {
    let mut object = ObjectWriter::begin(out);
    if event.event_type != T::UNSPECIFIED {
        object.write_string("type", event.event_type.wire_name());
    }
    object.write_list("jobs", &event.jobs, |out, job| write_string(out, job));
    object.end();
}
