//! The `send` role: the messages that a producer may send, exactly as the writer writes them, with every check of a single message that JSON
//! Schema can express. The test vectors list the limits of JSON Schema.

use serde_json::{Value, json};

use crate::event_type::EventType;
use crate::schema::field_schemas::list_of_types;

/// The forms of a job name: `jobs/J`, `projects/P/jobs/J`, `projects/P/tenants/T/jobs/J`.
const JOB_NAME: &str = "^(projects/[^/]+/(tenants/[^/]+/)?)?jobs/[^/]+$";

/// The schema, derived from the `types` role.
pub(super) fn schema(types: &Value) -> Value {
    let mut schema = types.clone();
    schema["description"] = json!(format!(
        "{} This schema is for producers. Check an event with it before you send the event. It refuses everything that the \
         specification of the message or a strict receiver refuses.",
        types["description"].as_str().unwrap_or_default()
    ));
    schema["additionalProperties"] = json!(false);
    let sendable = || EventType::ALL.into_iter().filter(|event_type| *event_type != EventType::Unspecified);
    let names: Vec<_> = sendable().map(EventType::name).collect();
    schema["$defs"]["EventType"]["enum"] = json!(names);
    schema["$defs"]["EventType"]["description"] = json!(list_of_types(sendable()));
    let jobs = &mut schema["properties"]["relatedJobNames"];
    jobs["minItems"] = json!(1);
    jobs["uniqueItems"] = json!(true);
    jobs["items"] = json!({"type": "string", "pattern": JOB_NAME});
    let several: Vec<_> = sendable().filter(|event_type| event_type.carries_several_jobs()).map(EventType::name).collect();
    schema["if"] = json!({"properties": {"eventType": {"enum": several}}});
    schema["else"] = json!({"properties": {"relatedJobNames": {"type": "array", "maxItems": 1}}});
    schema
}
