//! The message itself. Its serde form is that of the wire; reading from bytes is better done with
//! [`ClientEvent::from_json`], which names every problem and reads every number exactly. How it is read, written and checked is
//! said where that is done, in methods of the message too.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::timestamp::EventTimestamp;

// The comments of the struct and its fields are the descriptions in the JSON Schema, so they speak to its readers too.
/// One thing that a job seeker, or someone acting for or towards a job seeker, did with jobs that a search returned. A job site
/// sends it to the service that answered the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientEvent {
    /// A unique name of this event, made by the client that sends it. It ties events to each other. Sending the same event again
    /// with the same name is a retry.
    #[serde(alias = "event_id")]
    pub event_id: EventId,
    /// What happened.
    #[serde(alias = "event_type")]
    pub event_type: EventType,
    /// The name that the search service gave to the answer that this event follows from, found in the metadata of its response.
    /// Events without a valid one are discarded.
    #[serde(alias = "request_id")]
    pub request_id: RequestId,
    /// The resource names of the jobs that the event is about: all jobs shown for an impression, the job viewed for a view.
    #[serde(alias = "related_job_names", deserialize_with = "at_least_one")]
    pub related_job_names: Vec<JobName>,
    /// When the event happened, in milliseconds since 1970-01-01T00:00:00Z, written as a string of decimal digits.
    #[serde(alias = "event_timestamp_millis")]
    pub event_timestamp_millis: EventTimestamp,
    /// Further context of the event, such as the device or the source of the visit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct_keys")]
    pub details: BTreeMap<String, String>,
}

/// What the reader demands too: a list without a job is a required field left empty.
fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JobName>, D::Error> {
    let jobs = Vec::<JobName>::deserialize(deserializer)?;
    if jobs.is_empty() {
        return Err(de::Error::invalid_length(0, &"one job or more"));
    }
    Ok(jobs)
}

/// A map of texts, null for an empty one; where serde would keep the last of two equal keys, ProtoJSON refuses.
fn distinct_keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct DetailsVisitor;
    impl<'de> de::Visitor<'de> for DetailsVisitor {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of strings")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut details = BTreeMap::new();
            while let Some((key, value)) = entries.next_entry::<String, String>()? {
                if details.contains_key(&key) {
                    return Err(de::Error::custom(format_args!("duplicate key {key:?}")));
                }
                details.insert(key, value);
            }
            Ok(details)
        }
    }
    deserializer.deserialize_any(DetailsVisitor)
}
