//! I4. The number of jobs in an event.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::JobsOfAnEvent,
    label: "I4",
    code: "jobs-of-an-event",
    sentence: "Only IMPRESSION and NOTIFICATION name several jobs, and no event names a job twice.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the wording of the specification: all jobs shown for an IMPRESSION, one or more jobs for a \
              NOTIFICATION, the job for all other types.",
    why: "A service may use only the first job, or count one action several times.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
