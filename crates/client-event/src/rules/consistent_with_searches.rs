//! D9. Events agree with the searches. Needs the recorded searches.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ConsistentWithSearches,
    label: "D9",
    code: "consistent-with-searches",
    sentence: "A search returned every job that an event names. A search that returned jobs has an IMPRESSION or a \
              NOTIFICATION. Checked only if the searches are given.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"): the number of events must be consistent with the other \
              calls of the client, such as searches.",
    why: "Jobs that the search did not return are a sign of mixed-up request ids. A search without an IMPRESSION or a \
              NOTIFICATION is a sign of lost events; this finding is reported at the search. A search without results needs \
              no event.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}"#,
    searches: Some(r#"{"requestId":"r-1","jobs":["jobs/1"]}"#),
};
