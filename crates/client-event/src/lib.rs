#![doc = include_str!("../README.md")]

mod borrowed;
mod event_fields;
mod event_type;
mod field_names;
mod ids;
mod job_name;
mod json;
mod message;
mod message_writer;
mod non_empty_text;
mod partial;
mod recent_map;
mod rfc3339;
mod timestamp;

mod problem;

mod check;
mod wire;

pub mod api_versions;
pub mod rules;
pub mod sequence;

#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use borrowed::BorrowedEvent;
pub use check::ALLOWED_CLOCK_SKEW_MILLIS;
pub use event_fields::EventFields;
pub use event_type::{EventType, UnknownEventType};
pub use field_names::FieldNames;
pub use ids::{EventId, RequestId};
pub use job_name::{JobName, JobNameForm};
pub use json::document::is_json_prefix;
pub use json::int64::{Int64Error, parse_int64};
pub use json::read_options::ReadOptions;
pub use message::ClientEvent;
pub use non_empty_text::EmptyText;
pub use partial::PartialEvent;
pub use problem::{PROBLEMS_MAX, Problem, Reason, Refusal};
pub use recent_map::RecentMap;
pub use timestamp::EventTimestamp;
pub use wire::reader::Reader;
