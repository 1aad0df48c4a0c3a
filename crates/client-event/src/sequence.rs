//! The rules between events: a [`SequenceChecker`] is given the events of a stream one after the other, in the order in which they
//! arrived, and answers with [`Finding`]s. What each rule demands is in [`rules`](crate::rules).
//!
//! The stream need not be in the order of time. Rules are judged per request, or per request and job; job names are compared as text.
//!
//! - What must not be together (D2, D4, D5, D6, W1, I5, and with [`Searches`] D3 and D9) is found as soon as the later of the two arrives.
//! - What must have been before (D7, D8, W2, I1, I2, I3) is judged when the request is closed, so that a cause that arrives later,
//!   with an earlier time, counts.
//! - A retry (the same event id, the same content) and a conflict (the same event id, other content) take part in no other rule.
//!
//! Memory is bounded by a window of event time, see [`SequenceOptions::window_ms`].
//!
//! ```
//! use client_event::rules::RuleId;
//! use client_event::sequence::{Place, SequenceChecker, SequenceOptions};
//! use client_event::ClientEvent;
//!
//! let stream = RuleId::HiredAfterApplication.rule().bad;
//! let mut checker = SequenceChecker::new(SequenceOptions::default());
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

mod observed;

mod finding;
mod report;

mod fingerprints;
mod keys;

mod event_ids;
mod searches;

mod relations;
mod trace;
mod trail;
mod waiting;

mod closed;
mod requests;

mod checker;

pub use checker::{SequenceChecker, SequenceOptions, Standing, Totals};
pub use finding::{Finding, Part, Place};
pub use fingerprints::Fingerprints;
pub use observed::Observed;
pub use searches::{Search, Searches};
