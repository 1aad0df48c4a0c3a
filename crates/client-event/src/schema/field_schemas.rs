//! The schemas of the fields of a message in the `types` role.

use std::borrow::Cow;
use std::fmt::Write as _;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::schema::bounds::up_to;
use crate::timestamp::EventTimestamp;

/// Gives a type an inline schema, without a definition.
macro_rules! inline_schema {
    ($name:ident, $schema:expr) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

inline_schema!(EventId, json_schema!({"type": "string", "minLength": 1}));
inline_schema!(RequestId, json_schema!({"type": "string", "minLength": 1}));
// With a limit on the elements, several generators wrap each name in a class.
inline_schema!(JobName, json_schema!({"type": "string"}));
inline_schema!(EventTimestamp, json_schema!({"type": "string", "pattern": up_to(i64::MAX.unsigned_abs())}));

impl JsonSchema for EventType {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("EventType")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Self::ALL.iter().map(|event_type| event_type.name()).collect();
        json_schema!({"type": "string", "enum": names, "description": list_of_types(Self::ALL)})
    }
}

/// The description of the enum, with the meaning of each value. Generators keep the description of an enum. They drop descriptions of
/// single values, or fail on them.
pub(super) fn list_of_types(types: impl IntoIterator<Item = EventType>) -> String {
    let mut text = String::from("The type of the event. The values and their meaning:\n");
    for event_type in types {
        write!(text, "\n- `{event_type}`: {}", meaning(event_type)).expect("writing to a string cannot fail");
    }
    text
}

/// The meaning of a type, and the types that must not be sent with it (specification of the message, `EventType`).
pub(super) const fn meaning(event_type: EventType) -> &'static str {
    match event_type {
        EventType::Unspecified => "None of the other types. Never sent.",
        EventType::ApplicationStart => "The job seeker began to apply, or showed the intention to apply.",
        EventType::ApplicationFinish => "The job seeker submitted an application.",
        EventType::ApplicationQuickSubmission => {
            "The job seeker submitted an application with one click, without entering anything. Send only this event, without \
             `APPLICATION_START` and `APPLICATION_FINISH`."
        }
        EventType::ApplicationRedirect => {
            "The job seeker took an action to apply and was sent to another site to complete the application."
        }
        EventType::ApplicationCompanySubmit => {
            "A company, such as a staffing agency, submitted an application for the job seeker."
        }
        EventType::View => {
            "The job seeker saw the full details of a job, with its full description. A snippet in the results is an \
             `IMPRESSION`."
        }
        EventType::Bookmark => "The job seeker saved the job.",
        EventType::Impression => "Jobs were shown as snippets in a list of results, usually one page of results.",
        EventType::Notification => {
            "An alert with one or more jobs from the service was sent to the job seeker, by mail or to a device."
        }
        EventType::Hired => {
            "The job seeker was hired. Send this event only if the application began with a search through the service."
        }
        EventType::SentCv => "A recruiter or agent found a suitable job through the service and applied for a candidate.",
        EventType::InterviewGranted => {
            "The first interview was granted. Send this event only if the application began with a search or a recommendation \
             of the service."
        }
        EventType::ApplicationStartFromStart => {
            "The job seeker began to apply from the results page, without seeing the details. If you send this event, do not \
             send `VIEW`."
        }
        EventType::ApplicationRedirectFromStart => {
            "The job seeker clicked to apply on the results page and was sent to another site. Send only this event, without \
             `APPLICATION_START`, `APPLICATION_FINISH` and `VIEW`."
        }
        EventType::ViewDirect => {
            "The job seeker went with one click straight to the client's own page with more about the posting. For aggregators."
        }
    }
}
