//! Edge cases of `eventType`: the names, and the number of jobs of each type.

use serde_json::{Value, json};

use super::edges::{Edge, NONE, NOT_SEND, TYPES, Verdicts, message, with};
use crate::event_type::EventType;

const FILE: &str = "eventType";

const JOBS: &str = "jobsOfType";

pub(super) fn edges() -> Vec<Edge> {
    let mut edges = Vec::new();
    for event_type in EventType::ALL {
        let name = event_type.name();
        let sendable = event_type != EventType::Unspecified;
        let verdicts: Verdicts = [true, sendable, true];
        // The edge cases of the message have the plain VIEW.
        if event_type != EventType::View {
            edges.push(Edge::new(FILE, name, with("eventType", json!(name)), verdicts));
        }
        let lower_case = name.to_ascii_lowercase();
        edges.push(Edge::new(FILE, &*lower_case, with("eventType", json!(lower_case)), NONE));
        edges.push(Edge::new(JOBS, format!("{name} about no job"), about(name, &[]), TYPES));
        let two = about(name, &["jobs/1", "jobs/2"]);
        let several: Verdicts = [true, event_type.carries_several_jobs(), true];
        edges.push(Edge::new(JOBS, format!("{name} about two jobs"), two, several));
        edges.push(Edge::new(JOBS, format!("{name} about one job"), about(name, &["jobs/3"]), verdicts));
    }
    for (description, value) in [
        ("a name of version 4: APPLICATION_START_FROM_SEARCH", json!("APPLICATION_START_FROM_SEARCH")),
        ("a name of version 4: APPLICATION_REDIRECT_FROM_SEARCH", json!("APPLICATION_REDIRECT_FROM_SEARCH")),
        ("a name of version 4: VIEW_REDIRECT", json!("VIEW_REDIRECT")),
        ("a name of version 4: JOB_EVENT_TYPE_UNSPECIFIED", json!("JOB_EVENT_TYPE_UNSPECIFIED")),
        ("a name of version 3: NOT_INTERESTED", json!("NOT_INTERESTED")),
        ("mixed case", json!("View")),
        ("an empty string", json!("")),
        ("a leading space", json!(" VIEW")),
        ("a trailing space", json!("VIEW ")),
        ("a trailing line feed", json!("VIEW\n")),
        ("a name with its type", json!("EventType.VIEW")),
        ("the number 0", json!(0)),
        ("the number 2", json!(2)),
        ("the number 2 as a string", json!("2")),
        ("true", json!(true)),
        ("a name in an array", json!(["VIEW"])),
        ("an object", json!({"name": "VIEW"})),
    ] {
        edges.push(Edge::new(FILE, description, with("eventType", value), NONE));
    }
    let hundred: Vec<_> = (0..100).map(|job| format!("jobs/{job}")).collect();
    let names: Vec<_> = hundred.iter().map(String::as_str).collect();
    edges.push(Edge::new(JOBS, "IMPRESSION about a hundred jobs", about("IMPRESSION", &names), super::edges::ALL));
    for name in ["IMPRESSION", "NOTIFICATION"] {
        let repeated = about(name, &["jobs/1", "jobs/2", "jobs/1"]);
        edges.push(Edge::new(JOBS, format!("{name} about the same job twice"), repeated, NOT_SEND));
    }
    for (description, jobs) in [
        ("a name without a list", json!("jobs/1")),
        ("an object", json!({})),
        ("a number", json!(1)),
        ("a fraction", json!(0.5)),
        ("a boolean", json!(true)),
        ("null", Value::Null),
    ] {
        let mut message = message();
        message.insert("eventType".to_owned(), json!("IMPRESSION"));
        message.insert("relatedJobNames".to_owned(), jobs);
        edges.push(Edge::new(JOBS, format!("IMPRESSION about {description}"), message.into(), NONE));
    }
    edges
}

fn about(event_type: &str, jobs: &[&str]) -> Value {
    let mut message = message();
    message.insert("eventType".to_owned(), json!(event_type));
    message.insert("relatedJobNames".to_owned(), json!(jobs));
    message.into()
}
