//! Every message between the actors. A seeker hands its events to the [`Dispatch`](crate::delivery::dispatch::Dispatch) of its arbiter without
//! a message, as both are on one thread. Messages to seekers travel by [`ActorKey`](actor_slab::ActorKey), or through a mailbox where
//! somebody has asked for a seeker's address.
//!
//! | from | message | to | answer |
//! |---|---|---|---|
//! | the timing wheel | [`Wake`](actor_slab::Wake) | `Seeker` | |
//! | the searcher | [`SearchAnswered`] | `Seeker` | |
//! | `Dispatch` | [`Settled`] | `Seeker` | |
//! | the ledger, `Population` | [`Stop`] | `Seeker` | |
//! | `Outbox` | [`Record`] | `Recorder` | the observations, when they are read |
//! | the run | [`StopRun`] | `Population` | [`ArbiterAccount`] |
//! | `Population` | [`Drain`] | `Outbox` | [`OutboxAccount`] |
//! | the run | [`FinishRecording`] | `Recorder` | [`RunRecord`] |
//! | scrapes, the pusher | [`TakeMetrics`] | `Recorder` | [`Metrics`] |
//! | the pusher | [`TellUser`] | `Recorder` | whether the user was told |

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::Message;
use load_plan::load::LackedRun;
use load_plan::{EventOutcome, Moment};
use measure::observations::Observations;
use seeker_model::SimTime;

use crate::metrics::Metrics;
use crate::search::answer::Answer;

/// A search service has answered, or has failed to.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SearchAnswered {
    /// When the search was made.
    pub(crate) searched: SimTime,
    /// The answer, if the search has found anything.
    pub(crate) answer: Option<Arc<Answer>>,
}

/// The outcome of an event is known. Sent to the seeker that handed the event over, if it still lives. Events that are given up at the end of the
/// run have no such message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) struct Settled {
    pub(crate) outcome: EventOutcome,
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
#[rtype(result = "Box<Observations>")]
pub(crate) struct Record(pub(crate) Box<Observations>);

/// Start no more seekers, begin no more events, settle what was begun.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::ArbiterAccount")]
pub(crate) struct StopRun(pub(crate) Grace);

/// How long what was begun may take to settle. The owner of a clone may cut it short at any time.
#[derive(Clone, Debug)]
pub(crate) struct Grace {
    /// For how long waiting events are still sent.
    sending: Duration,
    /// For how long answers are waited for.
    answering: Duration,
    /// For how long answers are still waited for once it was cut short.
    answering_after_cut: Duration,
    /// When it was cut short.
    cut: Arc<OnceLock<Moment>>,
}

impl Grace {
    /// The most that is waited for answers after a cut.
    const ANSWERING_AFTER_CUT_MAX: Duration = Duration::from_secs(2);

    /// Sends for the time of `drain`, and awaits answers for `timeout` after that.
    pub(crate) fn new(drain: Duration, timeout: Duration) -> Self {
        Self {
            sending: drain,
            answering: drain + timeout,
            answering_after_cut: timeout.min(Self::ANSWERING_AFTER_CUT_MAX),
            cut: Arc::default(),
        }
    }

    /// Nothing more is sent from now on, and answers are awaited for a short time. Only the first call counts.
    pub(crate) fn cut_short(&self, now: Moment) {
        let _ = self.cut.set(now);
    }

    /// Whether waiting events are still sent, where the end began at that moment.
    pub(crate) fn is_sending(&self, began: Moment, now: Moment) -> bool {
        now.since(began) < self.sending && self.cut.get().is_none()
    }

    /// Whether answers are still awaited.
    pub(crate) fn is_answering(&self, began: Moment, now: Moment) -> bool {
        now.since(began) < self.answering && self.cut.get().is_none_or(|cut| now.since(*cut) < self.answering_after_cut)
    }
}

/// Send what is due, wait for answers, then say what is left. Nothing is sent after the answer.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::OutboxAccount")]
pub(crate) struct Drain(pub(crate) Grace);

/// Say what was recorded.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::RunRecord")]
pub(crate) struct FinishRecording {
    /// Up to when events were due.
    pub(crate) due_until: Moment,
    /// The events up to then that no seeker began.
    pub(crate) lacked: Vec<LackedRun>,
    /// How many events a request carries at most.
    pub(crate) batch_max: u64,
}

/// Say what is known now.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Metrics")]
pub(crate) struct TakeMetrics;

/// Write a line for the user beside what is shown, if there is a place for it.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct TellUser(pub(crate) String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all limits and moments: nothing is sent without answers being awaited, a cut ends sending at once and waiting within two
        /// seconds, and never makes either longer.
        #[test]
        fn a_cut_only_shortens(drain in 0_u64..10_000, timeout in 1_u64..10_000, cut in 0_u64..20_000, at in 0_u64..30_000) {
            let millis = |millis: u64| Moment::from_micros(millis * 1000);
            let grace = || Grace::new(Duration::from_millis(drain), Duration::from_millis(timeout));
            let (whole, short) = (grace(), grace());
            short.cut_short(millis(cut));
            short.cut_short(millis(cut + 1));
            let (began, now) = (millis(0), millis(at));
            for grace in [&whole, &short] {
                prop_assert!(grace.is_answering(began, now) || !grace.is_sending(began, now));
            }
            prop_assert_eq!(whole.is_sending(began, now), at < drain);
            prop_assert_eq!(whole.is_answering(began, now), at < drain + timeout);
            prop_assert!(!short.is_sending(began, now));
            let left = timeout.min(2_000);
            prop_assert_eq!(short.is_answering(began, now), at < drain + timeout && at < cut + left);
        }
    }
}
