//! D6. A redirect from the results page has no other application event and no view.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RedirectFromStartExcludesOthers,
    label: "D6",
    code: "redirect-from-start-excludes-others",
    sentence: "A job with an APPLICATION_REDIRECT_FROM_START under a request has no APPLICATION_START, APPLICATION_FINISH or \
              VIEW under the same request, before or after.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), APPLICATION_REDIRECT_FROM_START: send only this. \
              Inferred: the rule applies per request and job.",
    why: "One click in the results led to another site. On this site, the job seeker saw no \
              details, and started and finished no application.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
