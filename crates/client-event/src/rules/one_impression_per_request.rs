//! W1. One page of results, one impression.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::OneImpressionPerRequest,
    label: "W1",
    code: "one-impression-per-request",
    sentence: "A request has one IMPRESSION.",
    severity: Severity::Warning,
    basis: Basis::Documented,
    source: "Events guide and dashboard: several impressions of one search request might mean a wrong configuration.",
    why: "Each page of results is a search of its own with a request id of its own. Usual causes: an event for each job \
              instead of one for the page, or one more each time the page is drawn.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-2","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/2"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
