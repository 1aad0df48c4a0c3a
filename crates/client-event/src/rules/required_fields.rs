//! D1. The five required fields.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequiredFields,
    label: "D1",
    code: "required-fields",
    sentence: "Every event has an event id, an event type other than EVENT_TYPE_UNSPECIFIED, a request id, at least one job \
              and a time.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), field table: required. Inferred: EVENT_TYPE_UNSPECIFIED \
              is never sent, because it means none of the other types.",
    why: "If one of the five fields is missing, the service does not know what happened, when, to which job, or after which \
              search.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    searches: None,
};
