//! Every message between the actors. A seeker hands its events to the [`Dispatch`](crate::delivery::dispatch::Dispatch) of its arbiter without
//! a message, as both are on one thread. Messages to seekers travel by [`ActorKey`](crate::actor_slab::ActorKey), or through a mailbox where
//! somebody has asked for a seeker's address.
//!
//! | from | message | to | answer |
//! |---|---|---|---|
//! | the timing wheel | [`Wake`] | `Seeker` | |
//! | the searcher | [`SearchAnswered`] | `Seeker` | |
//! | `Dispatch` | [`Settled`] | `Seeker` | |
//! | the ledger, `Population` | [`Stop`] | `Seeker` | |
//! | `Outbox` | [`Told`] | `Recorder` | the notes, when they are read |
//! | the run | [`StopRun`] | `Population` | [`ArbiterAccount`] |
//! | `Population` | [`Drain`] | `Outbox` | [`Remainder`] |
//! | the run | [`FinishRecording`] | `Recorder` | [`Recorded`] |
//! | scrapes, the pusher | [`TakeMetrics`] | `Recorder` | [`Metrics`] |
//! | the pusher | [`TellUser`] | `Recorder` | whether the user was told |

use std::sync::Arc;
use std::time::Duration;

use actix::{Message, MessageResponse};

use seeker_model::SimTime;

use crate::clock::Moment;
use crate::ledger::LedgerAccount;
use crate::load::LackedRun;
use crate::metrics::Metrics;
use crate::notes::Notes;
use crate::report::LatencyBlocks;
use crate::search::answer::Answer;
use crate::search::figures::SearchFigures;
use crate::sent_check::SentFindings;
use crate::silence::Silence;
use crate::tally::{Fate, Tally};
use crate::threshold::outside_pauses::OutsidePauses;
use crate::threshold::sliding::WorstWindows;
use crate::windows::Row;

/// The time that an actor waited for has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Wake {
    /// The simulated time that was waited for.
    pub scheduled: SimTime,
}

/// A search service has answered, or has failed to.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SearchAnswered {
    /// When the search was made.
    pub(crate) searched: SimTime,
    /// The answer, if the search has found anything.
    pub(crate) answer: Option<Arc<Answer>>,
}

/// The fate of an event is known. Sent to the seeker that handed the event over, if it still lives. Events that are given up at the end of the
/// run have no such message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) struct Settled {
    pub(crate) fate: Fate,
}

/// End now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) enum Stop {
    /// The load wants fewer seekers or events.
    LoadDecreased,
    /// No event is begun any more.
    RunOver,
}

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
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) tally: Box<Tally>,
    pub(crate) windows: Vec<Row>,
    pub(crate) latency_blocks: LatencyBlocks,
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
