//! I5. A direct view is not a view of the details.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ViewDirectExcludesView,
    label: "I5",
    code: "view-direct-excludes-view",
    sentence: "A job with a VIEW_DIRECT under a request has no VIEW under the same request, before or after.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of the types: VIEW_DIRECT is one click straight to the client's page, without the \
              details that a VIEW shows.",
    why: "One view would be counted twice. Usual cause: an aggregator sends both events for one click.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}
{"eventId":"e-3","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000010000"}"#,
    searches: None,
};
