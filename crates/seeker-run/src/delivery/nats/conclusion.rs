//! The outcome of a message.

use std::time::Duration;

use load_plan::{EventOutcome, Moment};

/// The outcome of an event, and its reason.
pub(super) struct Conclusion<'a> {
    pub(super) outcome: EventOutcome,
    pub(super) error: Option<String>,
    pub(super) again_after: Option<Duration>,
    /// When the message was sent, if the server answered.
    pub(super) answered_after: Option<Moment>,
    pub(super) explanation: Option<&'a [u8]>,
}

impl Conclusion<'static> {
    /// The conclusion of an event without an answer.
    pub(super) fn failed(outcome: EventOutcome, error: String, is_worth_a_retry: bool) -> Self {
        let again_after = is_worth_a_retry.then_some(Duration::ZERO);
        Self { outcome, error: Some(error), again_after, answered_after: None, explanation: None }
    }
}
