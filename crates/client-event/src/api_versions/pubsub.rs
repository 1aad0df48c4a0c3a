//! The request that publishes messages to Pub/Sub (`projects.topics.publish`): the JSON of each message in base64, with attributes. A request
//! must not have the fields that the service sets, `messageId` and `publishTime` (Pub/Sub REST reference, `PubsubMessage`), so they are
//! unknown fields.

use std::collections::BTreeMap;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

use crate::api_versions::common_fields::{converted, path_below, without_problems};
use crate::api_versions::lossy::{Lossy, Lost};
use crate::json::lexer::{Lexer, SyntaxError, ValueKind};
use crate::json::object_reader::ObjectReader;
use crate::json::object_writer::ObjectWriter;
use crate::json::read_options::ReadOptions;
use crate::message::ClientEvent;
use crate::problem::{Problem, Reason, Refusal};
use crate::wire::reader::Reader;

/// ProtoJSON accepts bytes with or without padding. Bits after the last byte may be set, because protobuf's JSON conformance suite reads `-_`
/// as one byte.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A publish request.
///
/// ```
/// use client_event::ReadOptions;
/// use client_event::api_versions::{Lost, PublishBody};
///
/// let body = br#"{"messages":[{"data":"eyJldmVudElkIjoiZSIsImV2ZW50VHlwZSI6IlZJRVciLCJyZXF1ZXN0SWQiOiJyIiwicmVsYXRlZEpvYk5hbWVzIjpbImpvYnMvMSJdLCJldmVudFRpbWVzdGFtcE1pbGxpcyI6IjE3MDAwMDAwMDAwMDAifQ",
///                              "orderingKey":"r"}]}"#;
/// let messages = PublishBody::read(body, &ReadOptions::default())?.to_messages(&ReadOptions::default())?;
/// assert_eq!(messages[0].value.event_id.as_str(), "e");
/// assert_eq!(messages[0].lost, [Lost::OrderingKey("r".to_owned())]);
/// let again: PublishBody = messages.iter().map(|message| &message.value).collect();
/// assert_eq!(again.messages.len(), 1);
/// # Ok::<(), client_event::Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishBody {
    /// The messages to publish; required.
    pub messages: Vec<PubsubMessage>,
}

/// One message to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PubsubMessage {
    /// The content: the JSON of a [`ClientEvent`].
    pub data: Vec<u8>,
    /// Attributes that subscribers can filter by; optional.
    pub attributes: BTreeMap<String, String>,
    /// Messages with the same key are delivered in order; optional.
    pub ordering_key: String,
}

#[derive(Clone, Copy)]
enum Field {
    Data,
    Attributes,
    OrderingKey,
}

const FIELDS: &[(&str, Field)] = &[("data", Field::Data), ("attributes", Field::Attributes), ("orderingKey", Field::OrderingKey)];

impl From<&ClientEvent> for PubsubMessage {
    /// Holds the message as [`ClientEvent::write_json`] writes it. Loses nothing.
    fn from(message: &ClientEvent) -> Self {
        let mut data = Vec::new();
        message.write_json(&mut data);
        Self { data, ..Self::default() }
    }
}

impl PubsubMessage {
    /// Reads the message in the data. Loses [`Lost::Attributes`] and [`Lost::OrderingKey`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that [`Reader::read`] finds in the data. The paths begin with `data`; the problems have no spans.
    pub fn to_message(&self, options: &ReadOptions) -> Result<Lossy<ClientEvent>, Refusal> {
        let value = Reader::with_options(*options).read(&self.data).map_err(|refusal| in_data(&refusal))?;
        let mut lost = Vec::new();
        if !self.attributes.is_empty() {
            lost.push(Lost::Attributes(self.attributes.clone()));
        }
        if !self.ordering_key.is_empty() {
            lost.push(Lost::OrderingKey(self.ordering_key.clone()));
        }
        Ok(Lossy { value, lost })
    }

    fn read(reader: &mut ObjectReader, lexer: &mut Lexer<'_>) -> Result<Self, SyntaxError> {
        let mut message = Self::default();
        reader.read_object(lexer, FIELDS, |reader, field, kind, lexer| match field {
            Field::Data => {
                message.data = read_bytes(reader, kind, lexer)?;
                Ok(())
            }
            Field::Attributes => reader.read_string_map_into(kind, lexer, &mut message.attributes),
            Field::OrderingKey => reader.read_string_into(kind, lexer, &mut message.ordering_key),
        })?;
        Ok(message)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        object.write_string("data", &STANDARD.encode(&self.data));
        object.write_string_map("attributes", &self.attributes);
        object.write_string("orderingKey", &self.ordering_key);
        object.end();
    }
}

impl<'a> FromIterator<&'a ClientEvent> for PublishBody {
    fn from_iter<I: IntoIterator<Item = &'a ClientEvent>>(messages: I) -> Self {
        Self { messages: messages.into_iter().map(PubsubMessage::from).collect() }
    }
}

impl PublishBody {
    /// Reads the messages in the body.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of every message, with paths such as `messages[1].data.relatedJobNames[0]`, or if the body has no
    /// message.
    pub fn to_messages(&self, options: &ReadOptions) -> Result<Vec<Lossy<ClientEvent>>, Refusal> {
        let mut messages = Vec::with_capacity(self.messages.len());
        let mut problems = Vec::new();
        if self.messages.is_empty() {
            problems.push(Problem::new(
                "messages",
                Reason::RequiredField,
                "has no message; expected at least one message to publish",
            ));
        }
        for (position, message) in self.messages.iter().enumerate() {
            match message.to_message(options) {
                Ok(message) => messages.push(message),
                Err(refusal) => problems.extend(below(&format!("messages[{position}]"), &refusal)),
            }
        }
        match Refusal::of(problems) {
            Some(refusal) => Err(refusal),
            None => Ok(messages),
        }
    }

    /// Reads a body from ProtoJSON. The data is base64 in the standard or the URL-safe alphabet, with or without padding.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form of the body. The data of the messages is not read.
    pub fn read(json: &[u8], options: &ReadOptions) -> Result<Self, Refusal> {
        without_problems(Self::read_form(json, *options)?)
    }

    /// Reads a body and its messages, as [`PublishBody::to_messages`] does, so that the problems of the body and of the messages are
    /// reported together.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that [`PublishBody::read`] or the conversion finds.
    pub fn read_as_messages(json: &[u8], options: &ReadOptions) -> Result<Vec<Lossy<ClientEvent>>, Refusal> {
        converted(Self::read_form(json, *options)?, "", |body| body.to_messages(options))
    }

    /// Appends the body as ProtoJSON without white space and without default values. The data is base64 in the standard alphabet with padding.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        object.write_list("messages", &self.messages, |out, message| message.write(out));
        object.end();
    }

    fn read_form(json: &[u8], options: ReadOptions) -> Result<(Self, Vec<Problem>), Refusal> {
        ObjectReader::read(json, options, |reader, lexer| {
            let mut messages = Vec::new();
            reader.read_object(lexer, &[("messages", ())], |reader, (), kind, lexer| {
                reader.read_array(kind, lexer, |reader, _, lexer| {
                    // A message with problems keeps its place, so that the indices of the others are right.
                    messages.push(PubsubMessage::read(reader, lexer)?);
                    Ok(())
                })
            })?;
            Ok(Self { messages })
        })
    }
}

fn read_bytes(reader: &mut ObjectReader, kind: ValueKind, lexer: &mut Lexer<'_>) -> Result<Vec<u8>, SyntaxError> {
    let Some(text) = reader.read_string(kind, lexer)? else {
        return Ok(Vec::new());
    };
    let engine = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    Ok(engine.decode(&*text).unwrap_or_else(|error| {
        reader.add_problem(Reason::WrongType, format!("is not base64: {}", error.to_string().to_lowercase()));
        Vec::new()
    }))
}

/// The problems of a value, with paths that begin with the path of the value.
fn below(above: &str, refusal: &Refusal) -> Vec<Problem> {
    let moved = |problem: &Problem| Problem { path: path_below(above, &problem.path), ..problem.clone() };
    refusal.problems().iter().map(moved).collect()
}

/// The problems of the message in the data. Spans refer to the decoded data, not to the body, so they are removed.
fn in_data(refusal: &Refusal) -> Refusal {
    let problems = below("data", refusal).into_iter().map(|problem| problem.with_span(None));
    Refusal::of(problems.collect()).expect("a refusal has a problem")
}
