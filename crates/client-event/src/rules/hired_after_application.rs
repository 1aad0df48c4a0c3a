//! D7. Nobody is hired without having applied.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::HiredAfterApplication,
    label: "D7",
    code: "hired-after-application",
    sentence: "A job that has a HIRED under a request has a submitted application there.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), HIRED: only if hired through an application that began \
              with a search through the service. The key is inferred.",
    why: "A hiring that did not come from the service's search teaches it something false. Judged when the request is \
              closed, so that an application that arrives later counts. Submitted by: APPLICATION_FINISH, \
              APPLICATION_QUICK_SUBMISSION, APPLICATION_REDIRECT, APPLICATION_REDIRECT_FROM_START, APPLICATION_COMPANY_SUBMIT, \
              SENT_CV.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_QUICK_SUBMISSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"HIRED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"HIRED","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
