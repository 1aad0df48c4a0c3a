//! D8. An interview follows an application.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::InterviewAfterApplication,
    label: "D8",
    code: "interview-after-application",
    sentence: "A job with an INTERVIEW_GRANTED under a request has a submitted application under the same request.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), INTERVIEW_GRANTED: only if the application began with a \
              search or recommendation of the service. Inferred: the rule applies per request and job.",
    why: "An interview that did not begin with a search through the service gives the service wrong data. Checked when the \
              request is closed, so an application that arrives later counts. The rule hired-after-application lists the \
              types that submit an application.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"INTERVIEW_GRANTED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"INTERVIEW_GRANTED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
