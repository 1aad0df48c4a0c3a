//! I3. Times are possible and in order.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::TimeOrder,
    label: "I3",
    code: "time-order",
    sentence: "No event is earlier than the event that it follows from, earlier than 1971, or more than 5 minutes in the future.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of the types and of eventTimestampMillis: when the event happened, in milliseconds \
              since 1970.",
    why: "An action follows from the event that shows its job, APPLICATION_FINISH from a start, INTERVIEW_GRANTED and HIRED \
              from a submitted application, each under the same request. Equal times are allowed, and events may arrive in \
              any order. A time is in the future if it is more than 5 minutes after the time of the check; the 5 minutes \
              allow for different clocks. Usual causes: the time of sending instead of the time of the event, several \
              machines with different clocks, seconds instead of milliseconds.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1699999995000"}"#,
    searches: None,
};
