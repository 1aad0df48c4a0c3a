//! The rules between events: a [`SequenceChecker`] is given the events of a stream one after the other, in the order in which they
//! arrived, and answers with [`Finding`]s. What each rule demands is in [`rules`](crate::rules).
//!
//! The stream need not be in the order of time. Rules are judged per request, or per request and job; job names are compared as text.
//! A job that an event names twice counts once. *Shown* means IMPRESSION or NOTIFICATION; a *start* is `APPLICATION_START` or
//! `APPLICATION_START_FROM_START`; a *submission* is `APPLICATION_FINISH`, `APPLICATION_QUICK_SUBMISSION`, `APPLICATION_REDIRECT`,
//! `APPLICATION_REDIRECT_FROM_START`, `APPLICATION_COMPANY_SUBMIT` or `SENT_CV`.
//!
//! | rule | finding | at | related | judged |
//! |---|---|---|---|---|
//! | D2 | the id was used for other content | each such event | the first use | at once |
//! | D3 | no search has the request id | each such event | | at once, given [`Searches`] |
//! | D4, D5, D6, I5 | two types that exclude each other, for one job | the later to arrive, once a rule and job | the first to arrive that it conflicts with | at once |
//! | D9 | the search did not return the job | each such event and job | | at once, given [`Searches`] |
//! | D9 | nothing shows the search, which returned jobs | the search | | at the end, given [`Searches`] |
//! | W1 | a second IMPRESSION, a third | each of them | the first | at once |
//! | W2 | nothing was shown | the first event of the request to arrive | | when the request is closed |
//! | D7, D8, I2 | nothing was submitted, or begun, for the job | each such event and job | | when the request is closed |
//! | I1 | something was shown, but not the job | each such event and job | the first showing | when the request is closed |
//! | I3 | the event is earlier than every showing of its job, every start (`APPLICATION_FINISH`) or every submission (`INTERVIEW_GRANTED`, HIRED) | the later to arrive of event and cause | the other of the two; the cause is the one with the smallest time | when the request is closed |
//!
//! When the request is closed means: by [`SequenceChecker::finish`] or by the window, so that a cause that arrives later, with
//! an earlier time, counts. Equal times are in order. A retry (the same event id, the same content) and a conflict (D2) take
//! part in no other rule.
//!
//! # The window
//!
//! Memory is bounded by a window of event time ([`SequenceOptions::window_ms`]). The watermark is the largest time that was
//! seen, leaving out times before 1971, times in the future if the time of checking is known, and times that lie more than two
//! windows and a week ahead of or behind the watermark. Such times move the watermark, also back, once 1,000 more events have had
//! them than have not: so a mistaken time does no harm, and a stream that jumps is followed. A request is closed once the
//! watermark is more than the window past what it was at the request's last event. What comes for a closed request is counted as
//! [late](Totals::late): it opens the request anew, but rules of absence and time (D7, D8, W2, I1, I2, I3) are no longer judged
//! there, since what they ask for may have been before; the others are judged among what came since. So nothing false is found,
//! but breaches across the gap are missed.
//!
//! What can go wrong where something is late: of a stream out of the order of time, a cause may come after the window, when its
//! absence was found already; that a request was closed is remembered for the last 900,000 of them, before which it is taken for
//! a new one; an event id is remembered for one window at least and two at most, after which a retry is taken for a new event. Where
//! 1,000 events in a row have no plausible time, each further one counts as a millionth of the window.
//!
//! To follow a live stream, tell the checker the time now and then ([`SequenceChecker::set_now`]).
//!
//! Without findings that wait, a request takes about 300 bytes with a page of 15 jobs and four views, an event id 28 to 42.
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
mod number_table;

mod event_ids;
mod searches;

mod relations;
mod trace;
mod trail;
mod waiting;

mod closed;
mod requests;
mod watermark;

mod checker;

pub use checker::{SequenceChecker, SequenceOptions, Standing, Totals};
pub use finding::{Finding, Part, Place};
pub use fingerprints::Fingerprints;
pub use observed::Observed;
pub use searches::{Search, Searches};
