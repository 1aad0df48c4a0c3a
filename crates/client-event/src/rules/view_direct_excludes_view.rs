//! I5. A click that led straight to the client's own page was no view.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ViewDirectExcludesView,
    label: "I5",
    code: "view-direct-excludes-view",
    sentence: "A job that has a VIEW_DIRECT under a request has no VIEW there, before or after.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of the types: VIEW_DIRECT is the one click that leads past the details that a VIEW is \
              about.",
    why: "One look would be counted twice. Usual cause: an aggregator sends both for one click.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
