//! D3. Request ids come from the search service. Needs the recorded searches.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::RequestIdFromSearch,
    label: "D3",
    code: "request-id-from-search",
    sentence: "The request id of an event belongs to a search that was made. Checked only if the searches are given.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), requestId: found in the metadata of the search \
              response. Events guide: events without a valid request id are discarded.",
    why: "Google discards such events without an error, so the client does not notice. Usual causes: an id made by the \
              client, a truncated id, a cache that outlives the search.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"IMPRESSION","requestId":"r-2","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: Some(r#"{"requestId":"r-1","jobs":["jobs/1"]}"#),
};
