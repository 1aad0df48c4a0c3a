//! The outcome of sending an event.

use std::time::Duration;

use load_plan::{EventOutcome, Moment};

/// The outcome of one event.
#[derive(Clone)]
pub(crate) struct Receipt {
    pub(crate) outcome: EventOutcome,
    /// When the outcome was known.
    pub(crate) at: Moment,
    /// When the request was sent, if it got a response.
    pub(crate) answered_after: Option<Moment>,
    /// The error, if any.
    pub(crate) error: Option<String>,
    /// If the event may be retried: how long the target asks to wait.
    pub(crate) again_after: Option<Duration>,
}
