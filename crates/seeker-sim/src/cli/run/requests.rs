//! The options of `run` for requests and batches.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use event_request::{BatchForm, Batching, EventForm};
use seeker_run::{Acks, Codec};
use transport::http::Header;

use crate::cli::choice::Choice;
use crate::cli::concealed::Concealed;
use crate::cli::{parse_duration, parse_number};

/// Requests and batches. The plan reports combinations that do not work.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Requests")]
pub struct RequestArgs {
    /// Message format: message, v3, v4, v4beta1 or pubsub
    ///
    /// The default path follows the format: /clientEvents, /v3/projects/{project}/clientEvents,
    /// /v4/projects/{project}/tenants/{tenant}/clientEvents (v4beta1: /v4beta1/...), or
    /// /v1/projects/{project}/topics/{topic}:publish.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["message", "v3", "v4", "v4beta1", "pubsub"], EventForm::from_str)
    )]
    pub(super) format: EventForm,

    /// Add this header to every request; repeatable
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = Concealed::always(parse_header))]
    pub(super) headers: Vec<Header>,

    /// Send up to N events in one request
    ///
    /// When a connection is free, a request takes the events that are due, at most one of each seeker. The default path is
    /// /clientEvents:batch; --format pubsub publishes several messages. The answer applies to all events of the request, unless
    /// its body lists failed events, as in {"failedRequests": {"3": {"code": 3}}}.
    #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    batch: Option<NonZeroUsize>,

    /// Body of a batch: ndjson (one event per line) or array [default: ndjson]
    #[arg(
        long,
        value_name = "FORMAT",
        requires = "batch",
        hide_short_help = true,
        hide_possible_values = true,
        value_parser = Choice::of(&["ndjson", "array"], BatchForm::from_str)
    )]
    batch_form: Option<BatchForm>,

    /// Maximum time that an event waits for its batch to fill [default: 0s]
    ///
    /// The wait counts as latency. Without this option, batches grow only while all connections are busy.
    #[arg(long, value_name = "TIME", requires = "batch", hide_short_help = true, value_parser = parse_duration)]
    batch_wait: Option<Duration>,

    /// Send the seeker of an event as the ordering key of its Pub/Sub message
    ///
    /// Pub/Sub then delivers the messages of a seeker in order, to subscriptions that ask for it. Applies to --format pubsub and
    /// to pubsub:// targets.
    #[arg(long, hide_short_help = true)]
    pub(super) ordering_key: bool,

    /// Compress request bodies with gzip
    #[arg(long)]
    pub(super) gzip: bool,

    /// Compress the record batches of Kafka: gzip, lz4 or zstd
    #[arg(
        long,
        value_name = "CODEC",
        hide_short_help = true,
        conflicts_with = "gzip",
        hide_possible_values = true,
        value_parser = Choice::of(&["gzip", "lz4", "zstd"], Codec::from_str)
    )]
    pub(super) compression: Option<Codec>,

    /// Replicas of Kafka that store an event before its answer: all or 1 [default: all]
    #[arg(
        long,
        value_name = "REPLICAS",
        hide_short_help = true,
        hide_possible_values = true,
        value_parser = Choice::of(&["all", "1"], Acks::from_str)
    )]
    pub(super) acks: Option<Acks>,

    /// Send a traceparent header with a trace for each request
    ///
    /// The trace id is the eventId without hyphens, in a batch that of its first event, so that you find the trace of an event.
    /// The parent id is the last 16 digits of it. The trace is marked as sampled.
    #[arg(long = "traceparent", hide_short_help = true)]
    pub(super) is_traced: bool,
}

impl RequestArgs {
    pub(super) fn batching(&self) -> Option<Batching> {
        let (form, wait) = (self.batch_form, self.batch_wait.unwrap_or_default());
        self.batch.map(|events_max| Batching { events_max, form, wait })
    }
}

/// Parses a header. A URL would be a valid header, but is more likely the target of a reader who knows `locust -H`.
fn parse_header(text: &str) -> Result<Header, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Err("expected NAME: VALUE; give a URL without -H to make it the target".to_owned());
    }
    Header::from_str(text).map_err(|error| error.to_string())
}
