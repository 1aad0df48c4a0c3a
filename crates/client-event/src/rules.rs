//! The rules for messages and streams of messages: one file per rule, and a table of all rules. [`sequence`](crate::sequence) checks the
//! rules between messages, [`Reader::check`](crate::Reader::check) those of a single message; [`RuleId::of`] is the rule of a
//! [`Reason`](crate::Reason).
//!
//! *D* rules are documented. *W* rules are documented as signs of a wrong configuration. *I* rules are inferred. *F1* is the wire form.
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
mod rule;
mod rule_name;
mod settings;
mod table;

pub use id::RuleId;
pub use rule::{Basis, Rule, Severity};
pub use rule_name::UnknownRule;
pub use settings::RuleSettings;
