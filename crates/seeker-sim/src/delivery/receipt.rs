//! The outcome of sending an event.

use std::time::Duration;

use load_plan::{EventOutcome, Moment};

/// What came of one event.
#[derive(Clone)]
pub(crate) struct Receipt {
    pub(crate) outcome: EventOutcome,
    /// When that was known.
    pub(crate) at: Moment,
    /// When the request went out, if it was answered.
    pub(crate) answered_after: Option<Moment>,
    /// What went wrong, if anything did.
    pub(crate) error: Option<String>,
    /// If it may be sent again: for how long the target wants to be left alone.
    pub(crate) again_after: Option<Duration>,
}
