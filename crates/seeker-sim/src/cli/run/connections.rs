//! The options of `run` for connections, timeouts and retries.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;
use seeker_run::DEFAULT_STREAMS;

use crate::cli::{parse_duration, parse_number};

/// Connections, timeouts and retries.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connections")]
pub struct ConnectionArgs {
    /// Maximum number of open connections
    ///
    /// The generator opens a connection when it needs one. Each connection uses a file descriptor.
    #[arg(long, short = 'c', value_name = "N", default_value = "64", value_parser = parse_number::<NonZeroUsize>)]
    pub(super) connections: NonZeroUsize,

    /// Use HTTP/2, which the target must support
    ///
    /// Over https, HTTP/2 is negotiated in TLS (ALPN). Over http, the generator assumes it (prior knowledge). The run fails
    /// before it starts if the target does not support HTTP/2.
    #[arg(long)]
    pub(super) http2: bool,

    /// Use HTTP/3, which the target must support
    ///
    /// Applies to https targets. Needs a build with the Cargo feature http3, which the default build does not have. The run fails
    /// before it starts if nothing answers on the UDP port of the target.
    #[arg(long, conflicts_with = "http2", hide_short_help = true)]
    pub(super) http3: bool,

    /// Maximum number of concurrent requests per connection [default: 100]
    ///
    /// Applies to HTTP/2, HTTP/3, gRPC, NATS and Kafka, whose default is 5. The target can lower the limit. If all connections are full,
    /// the generator opens another connection.
    #[arg(
        long,
        value_name = "N",
        hide_short_help = true,
        value_parser = parse_number::<NonZeroUsize>
    )]
    streams: Option<NonZeroUsize>,

    /// Open a new HTTP/1.1 connection for each request
    ///
    /// Every request carries `Connection: close`, and the generator closes the connection after the answer even if the target
    /// keeps it open. Also applies to --search.
    #[arg(long, conflicts_with_all = ["http2", "http3"], hide_short_help = true)]
    no_keep_alive: bool,

    /// Time limit for an answer, and for opening a connection
    ///
    /// An event without an answer in time counts as unknown. If no connection opens in time, the waiting events count as failed.
    /// The DNS look-up and the TLS handshake are part of that time.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    pub(super) timeout: Duration,

    /// Retries after 429, 5xx, a lost connection or a timeout
    ///
    /// A retry has the same eventId. The backoff doubles from 100 ms to 10 s, with full jitter. A Retry-After header replaces the
    /// backoff, up to one minute. Retries are counted separately and are not part of the load.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = parse_number::<u32>)]
    pub(super) retries: u32,

    /// Time to send queued events after the end of the load
    ///
    /// Then the run waits up to --timeout for answers.
    #[arg(long, value_name = "TIME", default_value = "1s", hide_short_help = true, value_parser = parse_duration)]
    pub(super) drain: Duration,
}

impl ConnectionArgs {
    /// Whether a connection carries further requests after the first one.
    pub(super) fn keeps_alive(&self) -> bool {
        !self.no_keep_alive
    }

    /// Returns the number of concurrent requests on a connection. Without `--streams`, the target decides.
    pub(super) fn streams(&self, of_target: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
        self.streams.or(of_target).or_else(|| (self.http2 || self.http3).then_some(DEFAULT_STREAMS))
    }
}
