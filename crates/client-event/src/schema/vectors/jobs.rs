//! Edge cases of `relatedJobNames`: the list, and the forms of a name.

use serde_json::{Value, json};

use super::edges::{ALL, Edge, NONE, NOT_SEND, TYPES, with};

const FILE: &str = "relatedJobNames";

pub(super) fn edges() -> Vec<Edge> {
    let mut edges = Vec::new();
    for name in [
        "jobs/1",
        "jobs/4000000000",
        "projects/p/jobs/1",
        "projects/p/tenants/t/jobs/2",
        "projects/jobs/jobs/jobs",
        "projects/projects/tenants/tenants/jobs/projects",
        "jobs/a b",
        "jobs/\u{e9}\u{1f4bc}",
        "jobs/a\nb",
        "projects/ /jobs/-",
    ] {
        edges.push(Edge::new(FILE, format!("the name {name:?}"), with(FILE, json!([name])), ALL));
    }
    for name in [
        "1",
        "job/1",
        "jobs",
        "jobs/",
        "jobs//",
        "/jobs/1",
        "jobs/1/",
        "jobs/1/2",
        "Jobs/1",
        "xjobs/1",
        " jobs/1",
        " ",
        "projects/p",
        "projects/p/jobs",
        "projects/p/jobs/",
        "projects//jobs/1",
        "xprojects/p/jobs/1",
        "projects/p/q/jobs/1",
        "projects/p/tenants/t",
        "projects/p/tenants/t/jobs/",
        "projects/p/tenants//jobs/1",
        "projects/p/tenants/t/u/jobs/1",
        "projects/p/tenants/t/jobs/1/2",
        "projects/p/companies/c/jobs/1",
        "tenants/t/jobs/1",
        "https://jobs.example/jobs/1",
    ] {
        edges.push(Edge::new(FILE, format!("{name:?}, which has no known form"), with(FILE, json!([name])), NOT_SEND));
    }
    edges.push(Edge::new(FILE, "an empty name", with(FILE, json!([""])), TYPES));
    for (description, value) in [
        ("a name without a list", json!("jobs/1")),
        ("an object", json!({"0": "jobs/1"})),
        ("a number", json!(1)),
        ("true", json!(true)),
        ("an empty string", json!("")),
        ("a list of null", json!([Value::Null])),
        ("a list of a name and null", json!(["jobs/1", null])),
        ("a list of a number", json!([1])),
        ("a list of a boolean", json!([false])),
        ("a list of a list", json!([["jobs/1"]])),
        ("a list of an object", json!([{"name": "jobs/1"}])),
    ] {
        edges.push(Edge::new(FILE, description, with(FILE, value), NONE));
    }
    edges
}
