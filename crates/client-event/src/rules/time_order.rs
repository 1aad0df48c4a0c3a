//! I3. Times that can be, in an order that can be.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::TimeOrder,
    label: "I3",
    code: "time-order",
    sentence: "No event is earlier than what it follows from, before 1971 or more than 5 minutes in the future.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the meaning of the types and of eventTimestampMillis: when the event happened, in milliseconds \
              since 1970.",
    why: "An act follows the showing of its job, APPLICATION_FINISH a start, INTERVIEW_GRANTED and HIRED a submitted \
              application, each under the same request; equal times are fine, and so is any order of arrival. A time counts \
              as in the future if it is more than 5 minutes after the time of checking, so that clocks may differ. Usual causes: \
              the time of sending instead of the time of the event, clocks of several machines, seconds for milliseconds.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1699999995000"}"#,
    searches: None,
};
