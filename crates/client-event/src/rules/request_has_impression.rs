//! W2. What was acted on was shown before, somehow.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequestHasImpression,
    label: "W2",
    code: "request-has-impression",
    sentence: "A request that has events has an IMPRESSION, or a NOTIFICATION.",
    severity: Severity::Warning,
    basis: Basis::Documented,
    source: "Events guide and dashboard: requests without an impression might mean a wrong configuration. That a NOTIFICATION \
              stands in for alerts is inferred.",
    why: "Without it the service cannot tell what the seeker chose from. One finding a request, at its first event, when \
              the request is closed; job-was-shown is then not reported for it.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"BOOKMARK","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
