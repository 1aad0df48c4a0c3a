//! D9. Events and searches tell the same story; judged against the searches that were made.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ConsistentWithSearches,
    label: "D9",
    code: "consistent-with-searches",
    sentence: "The jobs of an event are among those that its search returned, and each search that returned jobs has an \
              IMPRESSION or a NOTIFICATION. Judged where the searches are given.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"): the number of events must be consistent with the other \
              calls of the client, such as searches.",
    why: "Jobs that the search did not return point to mixed-up request ids; searches that were never shown to events that \
              are lost. The second finding stands at the search itself. A search without results needs no event.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}"#,
    searches: Some(r#"{"requestId":"r-1","jobs":["jobs/1"]}"#),
};
