//! The batching options of `run`.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use event_request::{BatchForm, Batching};

use super::choice::Choice;
use super::{parse_duration, parse_number};

/// How many events go in one request. What does not fit together is told by the plan.
#[derive(Clone, Debug, Args)]
pub struct BatchArgs {
    /// Send up to that many events in one request. A request takes what is due when a connection is free, and waits for no more unless
    /// --batch-wait says so; of each seeker it has one event at most. The default path is /clientEvents:batch; with --format pubsub
    /// it is a call to publish with several messages. The answer holds for all events of the request, unless it says more of single
    /// ones: {"failedRequests": {"3": {"code": 3}}}, a position and a google.rpc.Status.
    #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    pub batch: Option<NonZeroUsize>,

    /// How the messages of a batch stand in a body: ndjson, one a line; or array, as a JSON array. Without this option it is ndjson.
    #[arg(long, value_name = "FORM", requires = "batch", hide_possible_values = true, value_parser = Choice::of(&["ndjson", "array"], BatchForm::from_str))]
    pub batch_form: Option<BatchForm>,

    /// How long an event waits for others to fill its batch, at most; counts as latency. Without this option nothing waits, and
    /// batches grow only where all connections are busy.
    #[arg(long, value_name = "TIME", requires = "batch", value_parser = parse_duration)]
    pub batch_wait: Option<Duration>,
}

impl BatchArgs {
    pub(super) fn batching(self) -> Option<Batching> {
        let Self { batch, batch_form, batch_wait } = self;
        batch.map(|events_max| Batching { events_max, form: batch_form, wait: batch_wait.unwrap_or_default() })
    }
}
