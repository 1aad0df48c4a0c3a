//! D3. Request ids are made by the search service; judged against the searches that were made.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequestIdFromSearch,
    label: "D3",
    code: "request-id-from-search",
    sentence: "The request id of an event is that of a search that was made. Judged where the searches are given.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), requestId: found in the metadata of the search \
              response; events guide: events without a valid one are discarded.",
    why: "Google discards such events without refusing them, so that the client sees no error. Usual causes: an id of the \
              client's own, a truncated id, a cache that outlives the search.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-2","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: Some(r#"{"requestId":"r-1","jobs":["jobs/1"]}"#),
};
