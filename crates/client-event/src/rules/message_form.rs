//! F1. The wire form of a message.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::MessageForm,
    label: "F1",
    code: "message-form",
    sentence: "The text is one message in ProtoJSON: a JSON object in UTF-8 with the fields of the message, each at most once \
              and of the right type.",
    severity: Severity::Error,
    basis: Basis::Documented,
    source: "Specification of the message (\"Package client-event\"), field table; ProtoJSON guide (field names, enums by \
              name, int64).",
    why: "A reader refuses the whole message, so the event is lost. Usual causes: a truncated line, a field of another API \
              version, an event type that does not exist.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}
{"eventId":"e-2","eventType":"CLICK","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000005000"}"#,
    searches: None,
};
