//! D7. A hire follows an application.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::HiredAfterApplication,
    label: "D7",
    code: "hired-after-application",
    sentence: "A job with a HIRED under a request has a submitted application under the same request.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), HIRED: only if hired through an application that began \
              with a search through the service. Inferred: the rule applies per request and job.",
    why: "A hire that did not begin with a search through the service gives the service wrong data. Checked when the request \
              is closed, so an application that arrives later counts. These types submit an application: APPLICATION_FINISH, \
              APPLICATION_QUICK_SUBMISSION, APPLICATION_REDIRECT, APPLICATION_REDIRECT_FROM_START, \
              APPLICATION_COMPANY_SUBMIT, SENT_CV.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_QUICK_SUBMISSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"HIRED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"HIRED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
