//! I6. The forms of a job name.

use super::id::RuleId;
use super::rule::{Basis, Rule, Severity};

pub(super) const RULE: Rule = Rule {
    id: RuleId::JobNameForm,
    label: "I6",
    code: "job-name-form",
    sentence: "A job name has the form jobs/J, projects/P/jobs/J or projects/P/tenants/T/jobs/J.",
    severity: Severity::Warning,
    basis: Basis::Inferred,
    source: "Inferred from the names in Google's samples and in versions 3 and 4 of the API.",
    why: "The service does not find a job under any other name. Usual cause: the client sends its own job number instead of \
              the job name.",
    good: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["projects/p/tenants/t/jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    bad: r#"{"eventId":"e-1","eventType":"IMPRESSION","requestId":"r-1","relatedJobNames":["4000000000"],"eventTimestampMillis":"1700000000000"}"#,
    searches: None,
};
