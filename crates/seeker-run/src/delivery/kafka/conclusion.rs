//! The end of events: their outcome, and its reason.

use std::collections::BTreeMap;
use std::time::Duration;

use load_plan::{EventOutcome, Moment};
use transport::http::Endpoint;

use crate::delivery::dispatch::Dispatch;
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::Flight;

/// The outcome of events, and its reason.
pub(super) struct Conclusion<'a> {
    pub(super) outcome: EventOutcome,
    pub(super) error: Option<String>,
    /// Whether a retry may succeed.
    pub(super) again: bool,
    /// When the request was sent, if the broker answered.
    pub(super) sent: Option<Moment>,
    /// The explanation of the broker.
    pub(super) explanation: Option<&'a [u8]>,
}

impl Conclusion<'static> {
    pub(super) const fn without_answer(outcome: EventOutcome, error: String, again: bool) -> Self {
        Self { outcome, error: Some(error), again, sent: None, explanation: None }
    }
}

impl Conclusion<'_> {
    /// Concludes events, or schedules their retries.
    pub(super) fn conclude(&self, dispatch: &Dispatch, endpoint: &Endpoint, flights: &mut Vec<Flight>, at: Moment) {
        let receipt = Receipt {
            outcome: self.outcome,
            at,
            answered_after: self.sent,
            error: self.error.clone(),
            again_after: self.again.then_some(Duration::ZERO),
        };
        let explanation =
            || self.explanation.and_then(|explanation| endpoint.said(explanation)).filter(|explanation| !explanation.is_empty());
        dispatch.conclude_all(flights, &receipt, BTreeMap::new(), explanation);
    }
}
