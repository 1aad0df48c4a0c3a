//! D5. An application that starts on the results page has no view.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::StartFromStartExcludesView,
    label: "D5",
    code: "start-from-start-excludes-view",
    sentence: "A job with an APPLICATION_START_FROM_START under a request has no VIEW under the same request, before or after.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), APPLICATION_START_FROM_START: if sent, VIEW must not be \
              sent. Inferred: the rule applies per request and job.",
    why: "APPLICATION_START_FROM_START means that the job seeker began to apply without seeing the details. A VIEW means that \
              the job seeker saw the details.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_START_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"APPLICATION_FINISH","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"APPLICATION_START_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
