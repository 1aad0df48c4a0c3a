//! Recognises events of other versions of the API. The response then names the path that accepts them. Used only for refused messages.

use std::borrow::Cow;

use client_event::{Reason, Refusal};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields that differ between the versions and the message.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, alias = "clientEvent")]
    client_event: Option<&'a RawValue>,
    #[serde(borrow, alias = "jobEvent")]
    job_event: Option<&'a RawValue>,
    #[serde(borrow, alias = "extraInfo")]
    extra_info: Option<&'a RawValue>,
    #[serde(borrow, alias = "parentEventId")]
    parent_event_id: Option<&'a RawValue>,
    #[serde(borrow, alias = "eventNotes")]
    event_notes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct JobEvent<'a> {
    #[serde(borrow)]
    profile: Option<&'a RawValue>,
    #[serde(borrow, default)]
    jobs: Vec<Cow<'a, str>>,
}

/// Returns a hint for the sender of a refused message that looks like an event of another version.
pub(crate) fn hint(body: &[u8], refusal: &Refusal) -> Option<String> {
    let is_of_other_version = |path: &str| matches!(path, "clientEvent" | "client_event" | "jobEvent" | "job_event");
    let mut unknown = refusal.problems().iter().filter(|problem| problem.reason == Reason::UnknownField);
    if !unknown.any(|problem| is_of_other_version(&problem.path)) {
        return None;
    }
    let outer: Fields<'_> = serde_json::from_slice(body).ok()?;
    let wrapped = outer.client_event.map(|event| serde_json::from_str::<Fields<'_>>(event.get()));
    let is_wrapped = wrapped.is_some();
    let event = wrapped.unwrap_or(Ok(outer)).ok()?;
    let job_event: JobEvent<'_> = serde_json::from_str(event.job_event?.get()).ok()?;
    let job = job_event.jobs.first().map_or("", AsRef::as_ref);
    let has_tenant = job.contains("/tenants/");
    let is_v3 = event.extra_info.is_some() || event.parent_event_id.is_some();
    let is_v4 = event.event_notes.is_some() || job_event.profile.is_some() || has_tenant;
    let (version, path) = match (is_wrapped, is_v3, is_v4) {
        (_, true, _) => ("v3", "v3"),
        (true, false, true) => ("v4beta1", "v4beta1"),
        (true, false, false) => ("v3 or v4beta1", "v3"),
        (false, false, _) => ("v4", "v4"),
    };
    let parent = parent_of(job, path != "v3");
    Some(format!(
        "This looks like a {version} ClientEvent: send it to POST /{path}/{parent}/clientEvents of Cloud Talent Solution. This \
         receiver accepts the message that Cloud Talent Solution publishes to Pub/Sub."
    ))
}

/// Returns the parent resource of this job, as it stands in the path of a call.
fn parent_of(job: &str, with_tenant: bool) -> String {
    /// The maximum length of a project or tenant name.
    const PART_BYTES_MAX: usize = 100;
    let mut parts = job.split('/');
    let mut part_after = |collection: &str, placeholder: &str| {
        let is_there = parts.next() == Some(collection);
        let part = parts.next().filter(|part| is_there && (1..=PART_BYTES_MAX).contains(&part.len()));
        part.unwrap_or(placeholder).to_owned()
    };
    let project = part_after("projects", "PROJECT");
    if with_tenant {
        format!("projects/{project}/tenants/{}", part_after("tenants", "TENANT"))
    } else {
        format!("projects/{project}")
    }
}

#[cfg(test)]
mod tests {
    use client_event::ClientEvent;
    use client_event::api_versions::{v3, v4};
    use client_event::strategies::{broken_message, client_event as any_event};
    use proptest::prelude::*;

    use super::*;

    fn hint_for(body: &[u8]) -> Option<String> {
        hint(body, &ClientEvent::from_json(body).unwrap_err())
    }

    proptest! {
        /// For all messages, their forms in other versions are recognised.
        #[test]
        fn other_versions_are_recognised(event in any_event()) {
            let mut json = Vec::new();
            if let Ok(event) = v4::ClientEvent::from_message(&event) {
                event.value.write_json(&mut json);
                let hint = hint_for(&json).unwrap();
                prop_assert!(hint.starts_with("This looks like a v4 ClientEvent: send it to POST /v4/projects/"), "{}", hint);
            }
            json.clear();
            if let Ok(event) = v3::ClientEvent::from_message(&event) {
                event.value.write_request(&mut json);
                let hint = hint_for(&json).unwrap();
                prop_assert!(hint.starts_with("This looks like a v"), "{}", hint);
                prop_assert!(!hint.contains("a v4 "), "{}", hint);
            }
        }

        /// For all broken messages, there is no hint, because they belong to no other version.
        #[test]
        fn a_broken_message_is_of_no_other_version(broken in broken_message()) {
            if let Err(refusal) = ClientEvent::from_json(&broken.json) {
                prop_assert_eq!(hint(&broken.json, &refusal), None);
            }
        }
    }

    #[test]
    fn versions_and_parents() {
        let v4_event =
            r#"{"eventId":"e","createTime":"2023-11-14T22:13:20Z","jobEvent":{"type":2,"jobs":["projects/p/tenants/t/jobs/1"]}}"#;
        for (body, version, path) in [
            (v4_event.to_owned(), "v4", "/v4/projects/p/tenants/t/clientEvents"),
            (r#"{"job_event":{"jobs":[]}}"#.to_owned(), "v4", "/v4/projects/PROJECT/tenants/TENANT/clientEvents"),
            (r#"{"jobEvent":{"jobs":["projects/p/jobs/1"]}}"#.to_owned(), "v4", "/v4/projects/p/tenants/TENANT/clientEvents"),
            (format!(r#"{{"clientEvent":{v4_event}}}"#), "v4beta1", "/v4beta1/projects/p/tenants/t/clientEvents"),
            (
                r#"{"clientEvent":{"eventNotes":"n","jobEvent":{"jobs":["projects/p/jobs/1"]}}}"#.to_owned(),
                "v4beta1",
                "/v4beta1/projects/p/tenants/TENANT/clientEvents",
            ),
            (
                r#"{"clientEvent":{"jobEvent":{"jobs":["projects/p/jobs/1"]}}}"#.to_owned(),
                "v3 or v4beta1",
                "/v3/projects/p/clientEvents",
            ),
            (
                r#"{"clientEvent":{"extraInfo":{},"jobEvent":{"jobs":["jobs/1"]}}}"#.to_owned(),
                "v3",
                "/v3/projects/PROJECT/clientEvents",
            ),
        ] {
            let hint = hint_for(body.as_bytes()).unwrap();
            assert!(hint.starts_with(&format!("This looks like a {version} ClientEvent: send it to POST {path} of")), "{hint}");
        }
        for body in
            ["{}", r#"{"jobEvent":1}"#, r#"{"clientEvent":{}}"#, r#"{"jobEvent":{}"#, r#"{"clientEvents":{"jobEvent":{}}}"#]
        {
            assert_eq!(hint_for(body.as_bytes()), None, "{body}");
        }
    }
}
