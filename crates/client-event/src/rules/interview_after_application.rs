//! D8. Nobody is interviewed without having applied.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::InterviewAfterApplication,
    label: "D8",
    code: "interview-after-application",
    sentence: "A job that has an INTERVIEW_GRANTED under a request has a submitted application there.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), INTERVIEW_GRANTED: only if the application began with a \
              search or recommendation of the service. The key is inferred.",
    why: "An interview that did not come from the service's search teaches it something false. Judged when the request is \
              closed, so that an application that arrives later counts; what submits one is listed under \
              hired-after-application.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"INTERVIEW_GRANTED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"INTERVIEW_GRANTED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
