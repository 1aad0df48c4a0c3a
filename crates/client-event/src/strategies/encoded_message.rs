//! The JSON texts that encode the same message: camelCase or `snake_case` names, fields in any order, white space, escapes, the time as a string
//! or a number, with a point or an exponent, null for a field that is not set.

use proptest::prelude::*;

use super::valid_message::client_event;
use crate::message::ClientEvent;

/// A message and one of the JSON texts that encode it.
#[derive(Clone, Debug)]
pub struct EncodedMessage {
    /// The message.
    pub event: ClientEvent,
    /// The JSON text.
    pub json: Vec<u8>,
}

/// Messages in any encoding that ProtoJSON accepts.
pub fn encoded_message() -> impl Strategy<Value = EncodedMessage> {
    (client_event(), encoding()).prop_map(|(event, encoding)| {
        let json = encoding.text(&encoding.members(&event)).into_bytes();
        EncodedMessage { event, json }
    })
}

/// The choices that determine the JSON text of a message.
#[derive(Clone, Debug)]
pub(super) struct Encoding {
    /// For each field, whether the key is the original name instead of the camelCase name.
    snake_case: [bool; 5],
    /// Whether every character is escaped.
    escaped: bool,
    white_space: String,
    /// How far the members are rotated from their order in the specification.
    rotation: usize,
    int64: Int64Form,
    /// Whether the time is a string instead of a number.
    quoted: bool,
    null_details: bool,
}

#[derive(Clone, Copy, Debug)]
enum Int64Form {
    Digits,
    /// `123.000`
    ZeroFraction,
    /// `1.23e2`
    Exponent,
}

pub(super) fn encoding() -> impl Strategy<Value = Encoding> {
    let int64 = prop_oneof![
        3 => Just(Int64Form::Digits),
        1 => Just(Int64Form::ZeroFraction),
        1 => Just(Int64Form::Exponent),
    ];
    (any::<[bool; 5]>(), prop::bool::weighted(0.2), "[ \t\r\n]{0,2}", 0_usize..6, int64, any::<[bool; 2]>()).prop_map(
        |(snake_case, escaped, white_space, rotation, int64, [quoted, null_details])| Encoding {
            snake_case,
            escaped,
            white_space,
            rotation,
            int64,
            quoted,
            null_details,
        },
    )
}

impl Encoding {
    /// The keys and values of the object as JSON.
    pub(super) fn members(&self, event: &ClientEvent) -> Vec<(String, String)> {
        const NAMES: [(&str, &str); 5] = [
            ("eventId", "event_id"),
            ("eventType", "event_type"),
            ("requestId", "request_id"),
            ("relatedJobNames", "related_job_names"),
            ("eventTimestampMillis", "event_timestamp_millis"),
        ];
        let jobs: Vec<_> = event.related_job_names.iter().map(|job| self.string(job.as_str())).collect();
        let values = [
            self.string(event.event_id.as_str()),
            self.string(event.event_type.name()),
            self.string(event.request_id.as_str()),
            self.enclosed('[', ']', &jobs),
            self.int64(event.event_timestamp_millis.as_millis()),
        ];
        let mut members: Vec<_> = NAMES
            .into_iter()
            .zip(self.snake_case)
            .zip(values)
            .map(|(((camel_case, snake_case), original), value)| {
                (self.string(if original { snake_case } else { camel_case }), value)
            })
            .collect();
        if event.details.is_empty() {
            if self.null_details {
                members.push((self.string("details"), "null".to_owned()));
            }
        } else {
            let entries: Vec<_> = event.details.iter().map(|(key, value)| (self.string(key), self.string(value))).collect();
            members.push((self.string("details"), self.text(&entries)));
        }
        let count = members.len();
        members.rotate_left(self.rotation % count);
        members
    }

    /// An object with these members.
    pub(super) fn text(&self, members: &[(String, String)]) -> String {
        let space = &self.white_space;
        let members: Vec<_> = members.iter().map(|(key, value)| format!("{key}{space}:{space}{value}")).collect();
        self.enclosed('{', '}', &members)
    }

    /// A JSON string.
    pub(super) fn string(&self, text: &str) -> String {
        if self.escaped {
            let units: Vec<_> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            return format!("\"{}\"", units.concat());
        }
        serde_json::Value::from(text).to_string()
    }

    fn enclosed(&self, open: char, close: char, parts: &[String]) -> String {
        let space = &self.white_space;
        format!("{space}{open}{space}{}{space}{close}{space}", parts.join(&format!("{space},{space}")))
    }

    fn int64(&self, value: i64) -> String {
        let digits = value.to_string();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
        let number = match self.int64 {
            Int64Form::Digits => format!("{sign}{digits}"),
            Int64Form::ZeroFraction => format!("{sign}{digits}.000"),
            Int64Form::Exponent => format!("{sign}{}.{}0e{}", &digits[..1], &digits[1..], digits.len() - 1),
        };
        if self.quoted { format!("\"{number}\"") } else { number }
    }
}
