//! All messages between the actors. A seeker passes its events to the [`Dispatch`](crate::delivery::dispatch::Dispatch) of its arbiter
//! without a message, because both are on one thread. Messages to seekers use the [`ActorKey`](actor_slab::ActorKey), or a mailbox if the
//! address of the seeker was requested.
//!
//! | from | message | to | reply |
//! |---|---|---|---|
//! | the timing wheel | [`Wake`](actor_slab::Wake) | `Seeker` | |
//! | the searcher | [`SearchAnswered`] | `Seeker` | |
//! | `Dispatch` | [`Settled`] | `Seeker` | |
//! | the ledger, `Population` | [`Stop`] | `Seeker` | |
//! | `Outbox` | [`Record`] | `Recorder` | the observations, after they are read |
//! | the run | [`StopRun`] | `Population` | [`ArbiterAccount`] |
//! | `Population` | [`Drain`] | `Outbox` | [`OutboxAccount`] |
//! | the run | [`FinishRecording`] | `Recorder` | [`RunRecord`] |
//! | scrapes, the pusher | [`TakeMetrics`] | `Recorder` | [`Metrics`] |
//! | the pusher | [`ShowMessage`] | `Recorder` | whether the line was shown |

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::Message;
use load_plan::load::GapRange;
use load_plan::{EventOutcome, Moment};
use measure::observations::Observations;
use seeker_model::SimTime;

use crate::metrics::Metrics;
use crate::search::answer::Answer;

/// A search has ended, with or without a result.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SearchAnswered {
    /// When the search was sent.
    pub(crate) searched: SimTime,
    /// The response, if the search found any jobs.
    pub(crate) answer: Option<Arc<Answer>>,
}

/// The outcome of an event is known. Sent to the seeker of the event if it is still live. Events that are given up at the end of the run
/// cause no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) struct Settled {
    pub(crate) outcome: EventOutcome,
}

/// Ends a seeker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) enum Stop {
    /// The load requires fewer seekers or events.
    LoadDecreased,
    /// No more events begin.
    RunOver,
}

/// The observations of an arbiter since the previous message.
#[derive(Debug, Message)]
#[rtype(result = "Box<Observations>")]
pub(crate) struct Record(pub(crate) Box<Observations>);

/// Starts no more seekers, begins no more events, and settles the begun events.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::ArbiterAccount")]
pub(crate) struct StopRun(pub(crate) Grace);

/// The time limit for settling begun events. The owner of a clone can shorten it at any time.
#[derive(Clone, Debug)]
pub(crate) struct Grace {
    /// How long waiting events are still sent.
    sending: Duration,
    /// How long the outbox waits for responses.
    answering: Duration,
    /// How long the outbox waits for responses after a cut.
    answering_after_cut: Duration,
    /// When the time limit was cut.
    cut: Arc<OnceLock<Moment>>,
}

impl Grace {
    /// The maximum time to wait for responses after a cut.
    const ANSWERING_AFTER_CUT_MAX: Duration = Duration::from_secs(2);

    /// Sends events for the time of `drain`, and waits for responses for `timeout` after that.
    pub(crate) fn new(drain: Duration, timeout: Duration) -> Self {
        Self {
            sending: drain,
            answering: drain + timeout,
            answering_after_cut: timeout.min(Self::ANSWERING_AFTER_CUT_MAX),
            cut: Arc::default(),
        }
    }

    /// Stops sending now, and waits only briefly for responses. Further calls have no effect.
    pub(crate) fn cut_short(&self, now: Moment) {
        let _ = self.cut.set(now);
    }

    /// Whether waiting events are still sent, if draining began at `began`.
    pub(crate) fn is_sending(&self, began: Moment, now: Moment) -> bool {
        now.since(began) < self.sending && self.cut.get().is_none()
    }

    /// Whether the outbox still waits for responses.
    pub(crate) fn is_answering(&self, began: Moment, now: Moment) -> bool {
        now.since(began) < self.answering && self.cut.get().is_none_or(|cut| now.since(*cut) < self.answering_after_cut)
    }
}

/// Sends the due events, waits for responses, and returns the account of the outbox. After the reply, nothing is sent.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::OutboxAccount")]
pub(crate) struct Drain(pub(crate) Grace);

/// Ends the recording and returns the result. The recorder then stops and accepts no more messages.
#[derive(Clone, Debug, Message)]
#[rtype(result = "measure::run_record::RunRecord")]
pub(crate) struct FinishRecording {
    /// The time up to which events were due.
    pub(crate) due_until: Moment,
    /// The events up to that time that no seeker began.
    pub(crate) gaps: Vec<GapRange>,
    /// The maximum number of events per request.
    pub(crate) batch_max: u64,
}

/// Returns the current metrics.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Metrics")]
pub(crate) struct TakeMetrics;

/// Writes a line for the user beside the display, if there is room for it.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct ShowMessage(pub(crate) String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all limits and moments: while events are sent, responses are awaited too. A cut ends sending at once and waiting within two
        /// seconds, and never extends either.
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
