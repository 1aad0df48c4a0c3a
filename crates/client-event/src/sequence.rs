//! The rules between events: a [`SequenceChecker`] observes the events of a stream in the order of arrival and returns [`Finding`]s.
//! [`rules`](crate::rules) describes each rule.
//!
//! The stream need not be sorted by time. Rules are checked per request, or per request and job; job names are compared as strings. A
//! job that an event names twice counts once. An event that *shows* jobs is an IMPRESSION or a NOTIFICATION. A *start* is
//! `APPLICATION_START` or `APPLICATION_START_FROM_START`. A *submission* is `APPLICATION_FINISH`, `APPLICATION_QUICK_SUBMISSION`,
//! `APPLICATION_REDIRECT`, `APPLICATION_REDIRECT_FROM_START`, `APPLICATION_COMPANY_SUBMIT` or `SENT_CV`.
//!
//! | rule | finding | at | related | checked |
//! |---|---|---|---|---|
//! | D2 | the id was used for other content | each such event | the first use | immediately |
//! | D3 | no search has the request id | each such event | | immediately, given [`Searches`] |
//! | D4, D5, D6, I5 | two types that exclude each other, for one job | the event that arrived later, once per rule and job | the first event that it conflicts with | immediately |
//! | D9 | the search did not return the job | each such event and job | | immediately, given [`Searches`] |
//! | D9 | no event shows the search, which returned jobs | the search | | at the end, given [`Searches`] |
//! | W1 | a second or later IMPRESSION | each of them | the first one | immediately |
//! | W2 | no jobs were shown | the first event of the request to arrive | | when the request is closed |
//! | D7, D8, I2 | no application was submitted, or started, for the job | each such event and job | | when the request is closed |
//! | I1 | jobs were shown, but not this job | each such event and job | the first event that shows jobs | when the request is closed |
//! | I3 | the event is earlier than every event that shows its job, every start (`APPLICATION_FINISH`) or every submission (`INTERVIEW_GRANTED`, HIRED) | the later to arrive of event and cause | the other of the two events; the cause is the event with the smallest time | when the request is closed |
//!
//! A request is closed by [`SequenceChecker::finish`] or by the window. A cause that arrives later with an earlier time therefore counts.
//! Equal times are in order. A retry (same event id, same content) and a conflict (D2) take part in no other rule.
//!
//! # The window
//!
//! A window of event time bounds the memory ([`SequenceCheckerBuilder::window_ms`]). The watermark is the largest event time so far. It
//! ignores times before 1971, times in the future (if the time of checking is known), and times more than two windows and a week ahead
//! of or behind the watermark. When 1,000 more events had such distant times than had near ones, the watermark jumps to them, also
//! backwards. So a wrong time has no effect, and the checker follows a stream that jumps in time.
//!
//! A request is closed when the watermark is more than the window past its value at the last event of the request. A later event of a
//! closed request is [late](Totals::late): it opens the request again, but the rules about missing causes and time (D7, D8, W2, I1, I2,
//! I3) are not checked for it, because the cause may be among the forgotten events. The other rules are checked among the events since
//! then. So late events cause no false findings, but violations across the gap are missed.
//!
//! Limits:
//!
//! - In a stream that is not sorted by time, a cause can arrive after the window. The checker has then already reported it as missing.
//! - The checker remembers the last 900,000 closed requests. An older request counts as new.
//! - An event id is remembered for at least one window and at most two. A retry after that counts as a new event.
//! - After 1,000 consecutive events without a plausible time, each further such event counts as a millionth of the window.
//!
//! For a live stream, update the current time regularly ([`SequenceChecker::set_now`]).
//!
//! # Several checkers for one stream
//!
//! Several checkers can share the requests of a stream, for example on several machines. See [`SequenceChecker::observe_of_other_part`].
//! Each of them remembers 900,000 closed requests of its own, so together they recognize more late events than a single checker.
//!
//! Without pending findings, a request with a page of 15 jobs and four views takes about 300 bytes, and an event id 26 to 37.
//!
//! ```
//! use client_event::ClientEvent;
//! use client_event::rules::RuleId;
//! use client_event::sequence::{Place, SequenceChecker};
//!
//! let stream = RuleId::HiredAfterApplication.rule().bad;
//! let mut checker = SequenceChecker::new();
//! let mut findings = Vec::new();
//! for line in stream.lines() {
//!     checker.observe(&ClientEvent::from_json(line.as_bytes())?, &mut findings);
//! }
//! let totals = checker.finish(&mut findings);
//! assert_eq!(totals.events, 3);
//! assert_eq!(findings[0].rule, RuleId::HiredAfterApplication);
//! assert_eq!(findings[0].place, Place::Event(2));
//! # Ok::<(), client_event::Refusal>(())
//! ```

mod finding;
mod reporter;

mod fingerprints;

mod event_ids;
mod searches;

mod relations;

mod event_log;
mod job_state;
mod pending_events;
mod request_history;

mod requests;
mod watermark;

mod checker;
mod checker_builder;

pub use checker::{EventStatus, SequenceChecker, Totals};
pub use checker_builder::SequenceCheckerBuilder;
pub use finding::{Finding, Part, Place};
pub use fingerprints::{Fingerprints, request_hash};
pub use searches::{Search, Searches};
