//! Every message between the actors. Facts go forward; what travels back is the answer to an order to stop. A seeker hands its events to
//! the [`Dispatch`](crate::delivery::dispatch::Dispatch) of its arbiter without a message, as both are on one thread.
//!
//! | from | message | to | answer |
//! |---|---|---|---|
//! | `Outbox` | [`Told`] | `Recorder` | the notes, when they are read |
//! | the run | [`StopRun`] | `Population` | [`ArbiterAccount`] |
//! | `Population` | [`Drain`] | `Outbox` | [`Remainder`] |
//! | the run | [`FinishRecording`] | `Recorder` | [`Recorded`] |
//! | scrapes, the pusher | [`TakeMetrics`] | `Recorder` | [`Metrics`] |
//! | the pusher | [`TellUser`] | `Recorder` | whether the user was told |

use std::time::Duration;

use actix::{Message, MessageResponse};

use crate::clock::Moment;
use crate::ledger::LedgerAccount;
use crate::load::LackedRun;
use crate::metrics::Metrics;
use crate::notes::Notes;
use crate::search::figures::SearchFigures;
use crate::sent_check::SentFindings;
use crate::silence::Silence;
use crate::tally::Tally;
use crate::threshold::outside_pauses::OutsidePauses;
use crate::threshold::sliding::WorstWindows;
use crate::windows::Row;

/// What happened at an arbiter since the last such message.
#[derive(Debug, Message)]
#[rtype(result = "Box<Notes>")]
pub(crate) struct Told(pub(crate) Box<Notes>);

/// Start no more seekers, begin no more events, settle what was begun.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "ArbiterAccount")]
pub(crate) struct StopRun(pub(crate) Grace);

/// How long what was begun may take to settle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grace {
    /// For how long waiting events are still sent.
    pub(crate) sending: Duration,
    /// For how long answers are waited for.
    pub(crate) answering: Duration,
}

/// The account of an arbiter that has stopped.
#[derive(Debug, MessageResponse)]
pub(crate) struct ArbiterAccount {
    pub(crate) ledger: LedgerAccount,
    pub(crate) remainder: Remainder,
    /// What came of searches, where a service answered them.
    pub(crate) searches: Option<SearchFigures>,
    /// What its thread used of the processor, if that is known.
    pub(crate) cpu: Option<Duration>,
}

/// Send what is due, wait for answers, then say what is left. Nothing is sent after the answer.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Remainder")]
pub(crate) struct Drain(pub(crate) Grace);

/// What an outbox has to say at its end. What became of events is in its last notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, MessageResponse)]
pub(crate) struct Remainder {
    /// What breaks a rule in what was sent, where that was checked.
    pub(crate) findings: Option<SentFindings>,
}

/// Say what was recorded.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Recorded")]
pub(crate) struct FinishRecording {
    /// Up to when events were due.
    pub(crate) due_until: Moment,
    /// The events up to then that no seeker began.
    pub(crate) lacked: Vec<LackedRun>,
    /// How many events a request carries at most.
    pub(crate) batch_max: u64,
}

/// What was recorded.
pub(crate) struct Recorded {
    pub(crate) tally: Box<Tally>,
    pub(crate) windows: Vec<Row>,
    /// Of thresholds that are over a window.
    pub(crate) worst_windows: WorstWindows,
    /// Of the others, what they were outside of pauses of the generator.
    pub(crate) outside_pauses: OutsidePauses,
    /// Whether the target stopped answering.
    pub(crate) silence: Option<Silence>,
}

/// Say what is known now.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Metrics")]
pub(crate) struct TakeMetrics;

/// Write a line for the user beside what is shown, if there is a place for it.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct TellUser(pub(crate) String);
