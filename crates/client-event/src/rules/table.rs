//! The table of all rules.

use std::fmt;

use super::id::RuleId;
use super::rule::Rule;

/// All rules, in the order of [`RuleId::ALL`].
static TABLE: [Rule; RuleId::ALL.len()] = [
    super::message_form::RULE,
    super::required_fields::RULE,
    super::unique_event_id::RULE,
    super::request_id_from_search::RULE,
    super::quick_submission_excludes_start::RULE,
    super::start_from_start_excludes_view::RULE,
    super::redirect_from_start_excludes_others::RULE,
    super::hired_after_application::RULE,
    super::interview_after_application::RULE,
    super::consistent_with_searches::RULE,
    super::one_impression_per_request::RULE,
    super::request_has_impression::RULE,
    super::job_was_shown::RULE,
    super::finish_after_start::RULE,
    super::time_order::RULE,
    super::jobs_of_an_event::RULE,
    super::view_direct_excludes_view::RULE,
    super::job_name_form::RULE,
];

impl RuleId {
    /// The rule in the table.
    pub fn rule(self) -> &'static Rule {
        &TABLE[self.index()]
    }

    /// The stable kebab-case code.
    pub fn code(self) -> &'static str {
        self.rule().code
    }

    /// The label, such as `D4`.
    pub fn label(self) -> &'static str {
        self.rule().label
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
