//! I1. The job of an event was shown.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::JobWasShown,
    label: "I1",
    code: "job-was-shown",
    sentence: "An IMPRESSION or a NOTIFICATION of the same request shows every job of an event.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of relatedJobNames: all jobs shown for an impression, the job viewed for a view.",
    why: "Usual causes: an IMPRESSION that names only some of the jobs on its page, or the request id of another page. \
              Checked when the request is closed, so an IMPRESSION that arrives later counts.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/2"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/2"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
