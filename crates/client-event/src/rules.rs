//! The rules for messages and streams of messages: one file per rule, and a table of all rules. [`sequence`](crate::sequence) checks the
//! rules between messages, [`Reader::check`](crate::Reader::check) those of a single message; [`RuleId::of`] is the rule of a
//! [`Reason`](crate::Reason).
//!
//! *D* rules are documented, *W* rules are documented as signs of a wrong configuration, *I* rules are inferred, *F1* is the wire form.
//!
//! ```
//! use client_event::rules::{RuleId, RuleSettings, Severity};
//!
//! let id: RuleId = "d4".parse()?;
//! assert_eq!(id.code(), "quick-submission-excludes-start");
//! assert_eq!(id.rule().severity, Severity::Error);
//!
//! let mut settings = RuleSettings::default();
//! settings.set(id, Some(Severity::Warning));
//! settings.set(RuleId::TimeOrder, None);
//! assert_eq!(settings.severity(id), Some(Severity::Warning));
//! # Ok::<(), client_event::rules::UnknownRule>(())
//! ```

mod consistent_with_searches;
mod finish_after_start;
mod hired_after_application;
mod interview_after_application;
mod job_name_form;
mod job_was_shown;
mod jobs_of_an_event;
mod message_form;
mod one_impression_per_request;
mod quick_submission_excludes_start;
mod redirect_from_start_excludes_others;
mod request_has_impression;
mod request_id_from_search;
mod required_fields;
mod start_from_start_excludes_view;
mod time_order;
mod unique_event_id;
mod view_direct_excludes_view;

mod id;
mod settings;

pub use id::{RuleId, UnknownRule};
pub use settings::RuleSettings;

/// A rule and its explanation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// The label, such as `D4`: the letter of the basis and a number.
    pub label: &'static str,
    /// The stable kebab-case code.
    pub code: &'static str,
    /// The rule in one sentence.
    pub sentence: &'static str,
    /// The default severity of a violation.
    pub severity: Severity,
    /// Whether the rule is documented or inferred.
    pub basis: Basis,
    /// The source of the rule.
    pub source: &'static str,
    /// Why the rule matters, when it is checked, and usual causes of violations.
    pub why: &'static str,
    /// A stream that violates no rule, one message per line.
    pub good: &'static str,
    /// A stream that violates this rule and no other, one message per line.
    pub bad: &'static str,
    /// The searches that both streams follow from, one per line, if the rule needs searches.
    pub searches: Option<&'static str>,
}

/// The severity of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A sign of an error.
    Warning,
    /// An error.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The basis of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A document of the message or its service states it.
    Documented,
    /// It follows from the documents, in our interpretation.
    Inferred,
}

impl Basis {
    /// `documented` or `inferred`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}

/// All rules, in the order of [`RuleId::ALL`].
pub(super) static TABLE: [Rule; RuleId::ALL.len()] = [
    message_form::RULE,
    required_fields::RULE,
    unique_event_id::RULE,
    request_id_from_search::RULE,
    quick_submission_excludes_start::RULE,
    start_from_start_excludes_view::RULE,
    redirect_from_start_excludes_others::RULE,
    hired_after_application::RULE,
    interview_after_application::RULE,
    consistent_with_searches::RULE,
    one_impression_per_request::RULE,
    request_has_impression::RULE,
    job_was_shown::RULE,
    finish_after_start::RULE,
    time_order::RULE,
    jobs_of_an_event::RULE,
    view_direct_excludes_view::RULE,
    job_name_form::RULE,
];
