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
// Any limit on an element makes several generators wrap each name in a class.
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

/// The description of the enum: generators keep that of an `enum`, and drop or choke on those of its values.
pub(super) fn list_of_types(types: impl IntoIterator<Item = EventType>) -> String {
    let mut text = String::from("What happened. Each value and its meaning:\n");
    for event_type in types {
        write!(text, "\n- `{event_type}`: {}", meaning(event_type)).expect("a string takes all that is written");
    }
    text
}

/// What a type means and what must not be sent beside it (specification of the message, `EventType`).
pub(super) const fn meaning(event_type: EventType) -> &'static str {
    match event_type {
        EventType::Unspecified => "None of the others. It is never sent.",
        EventType::ApplicationStart => "The job seeker began to apply, or showed the intention to apply.",
        EventType::ApplicationFinish => "The job seeker submitted an application.",
        EventType::ApplicationQuickSubmission => {
            "The job seeker submitted an application with one click, entering nothing. Send only this event, and neither \
             `APPLICATION_START` nor `APPLICATION_FINISH`."
        }
        EventType::ApplicationRedirect => {
            "The job seeker acted to apply and was sent to another site to complete the application."
        }
        EventType::ApplicationCompanySubmit => {
            "A company, such as a staffing agency, submitted an application for the job seeker."
        }
        EventType::View => {
            "The job seeker saw the full details of a job, with its full description. A snippet in the results is an \
             `IMPRESSION`."
        }
        EventType::Bookmark => "The job seeker saved the job.",
        EventType::Impression => "Jobs were rendered, clipped, in a list of results; usually one page of results.",
        EventType::Notification => {
            "The job seeker was sent an alert, by mail or to a device, with one or more jobs that the service produced."
        }
        EventType::Hired => "The job seeker was hired. Send it only if the application began with a search through the service.",
        EventType::SentCv => "A recruiter or agent applied for a candidate after finding a fitting job through the service.",
        EventType::InterviewGranted => {
            "The first interview was granted. Send it only if the application began with a search or a recommendation of \
             the service."
        }
        EventType::ApplicationStartFromStart => {
            "The job seeker began to apply from the page of results, without seeing the details. If this event is sent, \
             `VIEW` must not be sent."
        }
        EventType::ApplicationRedirectFromStart => {
            "One click on the page of results to apply sent the job seeker to another site. Send only this event, and none \
             of `APPLICATION_START`, `APPLICATION_FINISH` and `VIEW`."
        }
        EventType::ViewDirect => {
            "One click led the job seeker straight to the client's own page with more about the posting; for aggregators."
        }
    }
}
