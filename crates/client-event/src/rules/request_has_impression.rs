//! W2. A request with events has an impression or a notification.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequestHasImpression,
    label: "W2",
    code: "request-has-impression",
    sentence: "A request with events has an IMPRESSION or a NOTIFICATION.",
    severity: Severity::Warning,
    basis: Basis::Documented,
    source: "Events guide and dashboard: requests without an impression might mean a wrong configuration. Inferred: a \
              NOTIFICATION is enough, because an alert shows jobs too.",
    why: "Without an IMPRESSION or a NOTIFICATION, the service does not know which jobs the job seeker could choose from. \
              Each request has one finding, at its first event, reported when the request is closed. The rule job-was-shown \
              is then not checked for the request.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"BOOKMARK","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
