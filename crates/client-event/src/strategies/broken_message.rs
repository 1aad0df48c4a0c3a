//! Messages that must be refused. Each is a valid message in any encoding with one defect, together with the reason. A reader may report
//! further reasons, but must report this one.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::encoded_message::{Encoding, encoding};
use super::valid_message::{EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, client_event, job_name};
use crate::check::ALLOWED_CLOCK_SKEW_MILLIS;
use crate::event_type::EventType;
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::problem::Reason;
use crate::timestamp::EventTimestamp;

/// A message with one defect.
#[derive(Clone, Debug)]
pub struct BrokenMessage {
    /// The JSON text.
    pub json: Vec<u8>,
    /// The reason for which it must be refused.
    pub reason: Reason,
    /// The path that must be reported; empty for the message as a whole.
    pub path: String,
    /// The time of checking.
    pub now: EventTimestamp,
}

/// Messages with any defect.
pub fn broken_message() -> impl Strategy<Value = BrokenMessage> {
    select(&Reason::OF_MESSAGES).prop_flat_map(broken_message_by)
}

/// Messages that must be refused for this reason, one of [`Reason::OF_MESSAGES`].
pub fn broken_message_by(reason: Reason) -> impl Strategy<Value = BrokenMessage> {
    let event = client_event().prop_filter("a type with several jobs", move |event| {
        reason != Reason::RepeatedJob || event.event_type.carries_several_jobs()
    });
    let choices = (any::<[Index; 3]>(), job_name());
    (event, encoding(), choices).prop_map(move |(event, encoding, (choices, job))| {
        let breaking = Breaking { event, encoding, choices, job };
        let (json, path) = breaking.json(reason);
        BrokenMessage { json, reason, path, now: LATEST_TIMESTAMP }
    })
}

const NO_OBJECTS: &[&str] = &["[]", "\"\"", "1", "null", "true", " false ", "[{}]"];

const UNKNOWN_FIELDS: &[&str] = &["EventId", "eventid", "event-id", "parentEventId", "eventNotes", "Details", "$schema", "", "é"];

const ANY_VALUES: &[&str] = &["null", "\"\"", "0", "-1.5e+3", "true", "[]", "{}", "{\"a\":[{\"b\":null}]}"];

/// Values of the wrong type for a field.
const WRONG_TYPES: &[(&str, &[&str])] = &[
    ("eventId", &["1", "true", "[]", "{}"]),
    ("eventType", &["2", "false", "[\"VIEW\"]", "{}"]),
    ("requestId", &["0", "true", "[\"r\"]", "{}"]),
    ("relatedJobNames", &["\"jobs/1\"", "{}", "1", "true"]),
    ("eventTimestampMillis", &["true", "[]", "{}"]),
    ("details", &["[]", "\"\"", "1", "false"]),
];

const NOT_INT64S: &[&str] = &[
    "\"\"",
    "\" 1700000000000\"",
    "\"1700000000000 \"",
    "\"+1\"",
    "\"01\"",
    "\"1_700_000_000_000\"",
    "\"now\"",
    "\"0x10\"",
    "\"1e\"",
    "\"2023-11-14T22:13:20Z\"",
    "\"NaN\"",
    "\"Infinity\"",
    "0.5",
    "\"1700000000000.5\"",
    "1e-1",
    "1.7000000000001e12",
];

const BEYOND_INT64: &[&str] = &[
    "9223372036854775808",
    "\"9223372036854775808\"",
    "-9223372036854775809",
    "\"-9223372036854775809\"",
    "1e19",
    "\"1e19\"",
    "18446744073709551616",
    "1e400",
    "\"1e99999999999999999999\"",
];

const UNKNOWN_TYPES: &[&str] = &[
    "view",
    "Impression",
    "NOT_INTERESTED",
    "VIEW_REDIRECT",
    "APPLICATION_START_FROM_SEARCH",
    " VIEW",
    "VIEW ",
    "2",
    "EVENT_TYPE_VIEW",
];

const NO_JOB_NAMES: &[&str] = &[
    "1",
    "job/1",
    "jobs/",
    "/jobs/1",
    "jobs/1/",
    "Jobs/1",
    "projects/p",
    "projects//jobs/1",
    "projects/p/tenants/t",
    "projects/p/tenants//jobs/1",
    "projects/p/companies/c/jobs/1",
    "tenants/t/jobs/1",
    " ",
];

struct Breaking {
    event: ClientEvent,
    encoding: Encoding,
    choices: [Index; 3],
    job: JobName,
}

impl Breaking {
    fn json(mut self, reason: Reason) -> (Vec<u8>, String) {
        match reason {
            Reason::NotJson => (self.not_json(), String::new()),
            Reason::NotUtf8 => {
                let mut text = self.text();
                let at = self.choices[0].index(text.len() + 1);
                text.insert(at, 0xFF);
                (text, String::new())
            }
            Reason::NotAnObject => (self.pick(0, NO_OBJECTS).as_bytes().to_vec(), String::new()),
            Reason::UnknownField => {
                let name = self.pick(0, UNKNOWN_FIELDS);
                let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let path = if plain { name.to_owned() } else { format!("[{name:?}]") };
                (self.with_member(name, self.pick(1, ANY_VALUES)), path)
            }
            Reason::DuplicateField => self.duplicate(),
            Reason::WrongType => self.wrong_type(),
            Reason::NotAnInt64 => self.timestamp_as(NOT_INT64S),
            Reason::Int64OutOfRange => self.timestamp_as(BEYOND_INT64),
            Reason::UnknownEventType => {
                let name = self.encoding.string(self.pick(0, UNKNOWN_TYPES));
                (self.replaced("eventType", &name), "eventType".to_owned())
            }
            Reason::RequiredField => self.required(),
            Reason::UnspecifiedEventType => {
                self.event.event_type = EventType::Unspecified;
                (self.text(), "eventType".to_owned())
            }
            Reason::TimestampTooEarly => self.at(i64::MIN, EARLIEST_TIMESTAMP.as_millis() - 1),
            Reason::TimestampInFuture => self.at(LATEST_TIMESTAMP.as_millis() + ALLOWED_CLOCK_SKEW_MILLIS + 1, i64::MAX),
            Reason::SeveralJobs => {
                if self.event.event_type.carries_several_jobs() {
                    self.event.event_type = EventType::View;
                }
                self.event.related_job_names.push(self.job.clone());
                (self.text(), "relatedJobNames".to_owned())
            }
            Reason::RepeatedJob => {
                let job = self.choices[0].get(&self.event.related_job_names).clone();
                self.event.related_job_names.push(job);
                let path = format!("relatedJobNames[{}]", self.event.related_job_names.len() - 1);
                (self.text(), path)
            }
            Reason::JobNameForm => {
                let at = self.choices[0].index(self.event.related_job_names.len());
                let name = JobName::new(self.pick(1, NO_JOB_NAMES)).expect("no name is empty");
                self.event.related_job_names[at] = name;
                (self.text(), format!("relatedJobNames[{at}]"))
            }
            Reason::FieldTooLarge => unreachable!("no field of a message has a limit"),
        }
    }

    /// One of these values, selected by the choice with this number.
    fn pick<'a>(&self, choice: usize, from: &[&'a str]) -> &'a str {
        from[self.choices[choice].index(from.len())]
    }

    fn text(&self) -> Vec<u8> {
        self.encoding.text(&self.encoding.members(&self.event)).into_bytes()
    }

    /// A truncated text, or a text with more after its end.
    fn not_json(&self) -> Vec<u8> {
        let text = String::from_utf8(self.text()).expect("JSON is UTF-8");
        let text = text.trim();
        let cuts: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        match self.choices[0].index(4) {
            0 => format!("{text},").into_bytes(),
            1 => format!("{text}{text}").into_bytes(),
            _ => text.as_bytes()[..*self.choices[1].get(&cuts)].to_vec(),
        }
    }

    fn with_member(&self, name: &str, value: &str) -> Vec<u8> {
        let mut members = self.encoding.members(&self.event);
        let at = self.choices[2].index(members.len() + 1);
        members.insert(at, (self.encoding.string(name), value.to_owned()));
        self.encoding.text(&members).into_bytes()
    }

    /// The text with another value for a field, or without the field.
    fn with_value(&self, name: &str, value: Option<&str>) -> Vec<u8> {
        let key_of = |(key, _): &(String, String)| -> String {
            serde_json::from_str(key).expect("the encoding of a key is a JSON string")
        };
        let mut members = self.encoding.members(&self.event);
        members.retain(|member| key_of(member).replace('_', "").to_lowercase() != name.to_lowercase());
        if let Some(value) = value {
            let at = self.choices[2].index(members.len() + 1);
            members.insert(at, (self.encoding.string(name), value.to_owned()));
        }
        self.encoding.text(&members).into_bytes()
    }

    fn replaced(&self, name: &str, value: &str) -> Vec<u8> {
        self.with_value(name, Some(value))
    }

    fn duplicate(&self) -> (Vec<u8>, String) {
        const AGAIN: &[(&str, &str)] = &[
            ("eventId", "eventId"),
            ("event_type", "eventType"),
            ("requestId", "requestId"),
            ("related_job_names", "relatedJobNames"),
            ("event_timestamp_millis", "eventTimestampMillis"),
        ];
        if self.choices[0].index(6) == 0 {
            let (a, b) = (self.encoding.string("a"), self.encoding.string("b"));
            return (self.replaced("details", &format!("{{{a}:\"1\",{b}:\"2\",{a}:\"1\"}}")), "details[\"a\"]".to_owned());
        }
        let (name, path) = *self.choices[1].get(AGAIN);
        (self.with_member(name, self.pick(2, &["null", "\"again\"", "[]"])), path.to_owned())
    }

    fn wrong_type(&self) -> (Vec<u8>, String) {
        match self.choices[0].index(8) {
            0 => (self.replaced("details", "{\"a\":null}"), "details[\"a\"]".to_owned()),
            1 => (self.replaced("relatedJobNames", "[\"jobs/1\",null]"), "relatedJobNames[1]".to_owned()),
            _ => {
                let (name, values) = *self.choices[1].get(WRONG_TYPES);
                (self.replaced(name, self.pick(2, values)), name.to_owned())
            }
        }
    }

    fn timestamp_as(&self, values: &[&str]) -> (Vec<u8>, String) {
        let name = "eventTimestampMillis";
        (self.replaced(name, self.pick(0, values)), name.to_owned())
    }

    fn required(&self) -> (Vec<u8>, String) {
        const EMPTY: &[(&str, &str)] = &[
            ("eventId", "\"\""),
            ("eventType", "\"\""),
            ("requestId", "\"\""),
            ("relatedJobNames", "[]"),
            ("eventTimestampMillis", "null"),
        ];
        let (name, empty) = *self.choices[0].get(EMPTY);
        let value = *self.choices[1].get(&[None, Some("null"), Some(empty)]);
        if name == "relatedJobNames" && self.choices[2].index(4) == 0 {
            return (self.replaced(name, "[\"\"]"), "relatedJobNames[0]".to_owned());
        }
        (self.with_value(name, value), name.to_owned())
    }

    /// The event at a time between these two times, inclusive.
    fn at(mut self, earliest: i64, latest: i64) -> (Vec<u8>, String) {
        let millis = match self.choices[0].index(4) {
            0 => earliest,
            1 => latest,
            _ => {
                let steps = i128::from(latest) - i128::from(earliest);
                let share = i128::try_from(self.choices[1].index(1_000_000)).expect("at most a million");
                i64::try_from(i128::from(earliest) + steps * share / 1_000_000).expect("the time is between two times")
            }
        };
        self.event.event_timestamp_millis = EventTimestamp::from_millis(millis);
        (self.text(), "eventTimestampMillis".to_owned())
    }
}
