//! D1. The five fields that no event does without.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequiredFields,
    label: "D1",
    code: "required-fields",
    sentence: "Every event has an event id, an event type other than EVENT_TYPE_UNSPECIFIED, a request id, one job or more and \
              a time.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), field table: required. That EVENT_TYPE_UNSPECIFIED is \
              never sent is inferred from its meaning, none of the others.",
    why: "Without any of the five the service cannot tell what happened, when, to which job, or which search it learns \
              from.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    searches: None,
};
