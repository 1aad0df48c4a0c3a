//! One step of a party: its input and its output.

use crate::event::SeekerEvent;
use crate::search::{Query, ResultsPage};
use crate::sim_time::SimTime;

/// The input of a step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// The party starts. The first input, given once.
    Started,
    /// The time that the party slept until has come.
    Woke,
    /// The answer to a search.
    SearchAnswered(ResultsPage),
    /// The driver could not accept the last event.
    DeliveryRefused,
}

/// The next action of a party. It determines the next input that the driver gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The party searches and waits for the answer.
    Search(Query),
    /// The party sleeps until this time.
    SleepUntil(SimTime),
    /// The party is done and takes no further input.
    Leave,
}

/// The output of a step. `P` is the type of a new party: [`Party`](crate::Party) in the output of [`Party::handle`](crate::Party::handle).
#[derive(Debug)]
#[non_exhaustive]
pub struct Step<P> {
    /// The event that happens now, if any.
    pub event: Option<SeekerEvent>,
    /// Another party that starts now, if any. The driver gives it [`Input::Started`].
    pub new_party: Option<P>,
    /// The next action.
    pub next: Next,
}

impl<P> Step<P> {
    pub(crate) fn to(next: Next) -> Self {
        Self { event: None, new_party: None, next }
    }

    pub(crate) fn leave() -> Self {
        Self::to(Next::Leave)
    }

    pub(crate) fn with(event: Option<SeekerEvent>, next: Next) -> Self {
        Self { event, new_party: None, next }
    }

    /// The step after an input that the order of calls does not allow. Such an input is a bug of the driver.
    pub(crate) fn after_misuse(party: &str, input: &Input) -> Self {
        debug_assert!(false, "{party} was given {input:?}");
        Self::leave()
    }
}
