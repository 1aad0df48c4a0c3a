//! D4. A one-click application has no start and no finish.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::QuickSubmissionExcludesStart,
    label: "D4",
    code: "quick-submission-excludes-start",
    sentence: "A job with an APPLICATION_QUICK_SUBMISSION under a request has no APPLICATION_START and no APPLICATION_FINISH \
              under the same request, before or after.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), APPLICATION_QUICK_SUBMISSION: send only this. Inferred: \
              the rule applies per request and job.",
    why: "One application would be counted twice. Usual cause: the one-click path also runs the code of the application form.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"APPLICATION_QUICK_SUBMISSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"APPLICATION_QUICK_SUBMISSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
