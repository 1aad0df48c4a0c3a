//! The message. It implements serde's traits in its wire form. To read bytes, prefer [`ClientEvent::from_json`], which reports every
//! problem and reads every number exactly. Other modules add the methods that read, write and check the message.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::timestamp::EventTimestamp;

// The doc comments of the struct and its fields are the descriptions in the JSON Schema.
/// An action of a job seeker, a job site, a recruiter or an employer on jobs that a search returned. A job site sends the event to the
/// service that answered the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientEvent {
    /// The unique id of the event. The client that sends the event makes the id. To retry, send the same event with the same id.
    #[serde(alias = "event_id")]
    pub event_id: EventId,
    /// The type of the event.
    #[serde(alias = "event_type")]
    pub event_type: EventType,
    /// The id of the search request that the event follows from. The search service makes the id and returns it in the metadata of
    /// its response. The service discards events without a valid request id.
    #[serde(alias = "request_id")]
    pub request_id: RequestId,
    /// The resource names of the jobs of the event: for an impression all jobs that were shown, for a view the job that was viewed.
    #[serde(alias = "related_job_names", deserialize_with = "at_least_one")]
    pub related_job_names: Vec<JobName>,
    /// The time of the event, in milliseconds since 1970-01-01T00:00:00Z, as a string of decimal digits.
    #[serde(alias = "event_timestamp_millis")]
    pub event_timestamp_millis: EventTimestamp,
    /// More context of the event, such as the device or the source of the visit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "distinct_keys")]
    pub details: BTreeMap<String, String>,
}

/// Refuses an empty list, as the reader does: the field is required.
fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JobName>, D::Error> {
    let jobs = Vec::<JobName>::deserialize(deserializer)?;
    if jobs.is_empty() {
        return Err(de::Error::invalid_length(0, &"at least one job"));
    }
    Ok(jobs)
}

/// Reads a map of strings, or null as an empty map. Refuses repeated keys, as ProtoJSON does; serde would keep the last one.
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
