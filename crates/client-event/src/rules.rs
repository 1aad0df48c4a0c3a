//! The rules that a stream of events keeps: one file for each, and the table of all. What each demands is said in its row; how the
//! ones between events are found is in [`sequence`](crate::sequence), how those of a message on its own in
//! [`read_and_check`](crate::read_and_check), whose [`Reason`](crate::Reason)s [`RuleId::of`] maps to rules.
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

/// One rule, as it is explained to a person.
#[derive(Debug)]
pub struct Rule {
    /// Which one.
    pub id: RuleId,
    /// The short name, such as `D4`: letter of the basis and number.
    pub label: &'static str,
    /// The stable kebab-case code.
    pub code: &'static str,
    /// What holds in a stream that keeps the rule.
    pub sentence: &'static str,
    /// How grave a breach is, where nothing else is set.
    pub severity: Severity,
    /// Where the rule comes from.
    pub basis: Basis,
    /// The source in words.
    pub source: &'static str,
    /// Why it matters, when it is judged, and what usually breaks it.
    pub why: &'static str,
    /// A stream that keeps this rule and all others, one message a line.
    pub good: &'static str,
    /// A stream that breaks this rule and no other, one message a line.
    pub bad: &'static str,
    /// The searches that both streams follow from, one a line, where the rule needs them.
    pub searches: Option<&'static str>,
}

/// How grave a breach is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A sign of a mistake.
    Warning,
    /// A mistake.
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

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A document of the message or its service states it.
    Documented,
    /// It follows from what the documents say, in our reading.
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
