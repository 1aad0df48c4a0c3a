//! The JSON of a batch response. These readers accept only objects and reject duplicate keys: derived readers also accept an array in place
//! of an object, and maps keep the last of two equal keys.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Unexpected, Visitor};

use super::code::Refusal;

/// The relevant keys of the response.
#[derive(Debug, Default)]
pub(super) struct BatchAnswer {
    /// Statuses by position.
    pub(super) failed_requests: Option<BTreeMap<usize, Refusal>>,
    /// The number of `messageIds`.
    pub(super) message_ids: Option<usize>,
}

impl<'de> Deserialize<'de> for BatchAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = BatchAnswer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BatchAnswer, A::Error> {
        // ProtoJSON allows both spellings of a name, and null for a field that is not set.
        let (mut failed_requests, mut message_ids) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "failedRequests" | "failed_requests" => {
                    once(&mut failed_requests, map.next_value::<Option<Statuses>>()?, "failedRequests")?;
                }
                "messageIds" | "message_ids" => {
                    once(&mut message_ids, map.next_value::<Option<Vec<IgnoredAny>>>()?, "messageIds")?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(BatchAnswer {
            failed_requests: failed_requests.flatten().map(|Statuses(statuses)| statuses),
            message_ids: message_ids.flatten().map(|ids| ids.len()),
        })
    }
}

/// `google.rpc.Status` by position.
struct Statuses(BTreeMap<usize, Refusal>);

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StatusesVisitor)
    }
}

struct StatusesVisitor;

impl<'de> Visitor<'de> for StatusesVisitor {
    type Value = Statuses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of statuses by position")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Statuses, A::Error> {
        let mut statuses = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let position = position(&key).ok_or_else(|| A::Error::invalid_value(Unexpected::Str(&key), &"a position from 0"))?;
            let Status(refusal) = map.next_value()?;
            match statuses.entry(position) {
                Entry::Vacant(entry) => drop(entry.insert(refusal)),
                Entry::Occupied(_) => return Err(A::Error::custom("duplicate position")),
            }
        }
        Ok(Statuses(statuses))
    }
}

/// A position as a decimal number without sign and leading zeros.
fn position(key: &str) -> Option<usize> {
    let position: usize = key.parse().ok()?;
    (position.to_string() == key).then_some(position)
}

/// `google.rpc.Status`, of which only the code matters. A status without a code is an error: it says that an event failed, but not how.
struct Status(Refusal);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StatusVisitor)
    }
}

struct StatusVisitor;

impl<'de> Visitor<'de> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a code")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Status, A::Error> {
        let mut code = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "code" => once(&mut code, map.next_value()?, "code")?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        code.map(Status).ok_or_else(|| A::Error::missing_field("code"))
    }
}

/// Sets a field that may occur only once.
fn once<T, E: Error>(field: &mut Option<T>, value: T, name: &'static str) -> Result<(), E> {
    if field.replace(value).is_some() { Err(E::duplicate_field(name)) } else { Ok(()) }
}
