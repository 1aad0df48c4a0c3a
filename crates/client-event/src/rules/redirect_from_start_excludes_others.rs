//! D6. An application that left for another site from the page of results is alone.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RedirectFromStartExcludesOthers,
    label: "D6",
    code: "redirect-from-start-excludes-others",
    sentence: "A job that has an APPLICATION_REDIRECT_FROM_START under a request has no APPLICATION_START, APPLICATION_FINISH \
              or VIEW there, before or after.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), APPLICATION_REDIRECT_FROM_START: send only this. The \
              key, request and job, is inferred.",
    why: "One click led from the results to another site, so there was nothing to see, start or finish here.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"APPLICATION_REDIRECT_FROM_START","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
