//! I2. An application that is finished was started.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::FinishAfterStart,
    label: "I2",
    code: "finish-after-start",
    sentence: "A job with an APPLICATION_FINISH under a request has an APPLICATION_START or an APPLICATION_START_FROM_START \
              under the same request.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of the types: an application without a start is an APPLICATION_QUICK_SUBMISSION.",
    why: "The types for start and finish show how many job seekers begin an application and do not finish it. Checked when \
              the request is closed, so a start that arrives later counts.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"APPLICATION_FINISH","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_FINISH","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
