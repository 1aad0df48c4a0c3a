//! W1. One impression per results page.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::OneImpressionPerRequest,
    label: "W1",
    code: "one-impression-per-request",
    sentence: "A request has at most one IMPRESSION.",
    severity: Severity::Warning,
    basis: Basis::Documented,
    source: "Events guide and dashboard: several impressions of one search request might mean a wrong configuration.",
    why: "Each page of results is a search of its own with its own request id. Usual causes: one event per job instead of one \
              per page, or a new event each time the page is drawn again.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-2","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/2"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
