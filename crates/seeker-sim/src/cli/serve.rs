//! The options of `serve`.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use clap::Args;
use event_receiver::{Limits, ReceiverConfig};
use load_plan::load::Rate;

use super::help_page::{Example, HelpPage};
use super::{parse_bind, parse_duration, parse_number};
use crate::cli::byte_size::{parse_byte_rate, parse_byte_size};

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim serve", purpose: "Receive events on 127.0.0.1:8080 until Ctrl-C, then print the counts." },
        Example { command: "seeker-sim serve --bind 0.0.0.0:80", purpose: "Receive events from other machines." },
        Example {
            command: "seeker-sim serve --max-rate 2000/s --delay 10ms --error-ratio 1%",
            purpose: "Receive with a known capacity, delay and error ratio, to test a load generator.",
        },
        Example { command: "seeker-sim serve --bind '[::1]:0'", purpose: "Listen on a free port, and print the port." },
        Example { command: "seeker-sim serve --strict", purpose: "Refuse events that violate an inferred rule too." },
    ],
    notes: "Endpoints: POST /clientEvents, POST /clientEvents:batch, GET /summary, GET /healthz.",
    exit_codes: &[(0, "ended by a signal"), (2, "bad input, or the address cannot be used")],
    docs: "guides/receiver",
};

const FAULTS: &str = "Deliberate delays and errors";

/// The options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short_of_more(), after_long_help = HELP.long())]
pub struct ServeArgs {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, short = 'b', help_heading = "Service", value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = parse_bind)]
    pub bind: SocketAddr,

    /// Refuse events that violate an inferred rule (I3, I4, I6)
    ///
    /// Events that violate a documented rule are always refused. Without this option, events that violate an inferred rule are
    /// accepted, with `warnings` in the answer and in /summary. `seeker-sim check --explain I3` explains a rule.
    #[arg(long, help_heading = "Service")]
    pub strict: bool,

    /// The limits to what clients may do.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// Accept at most this many events per time, such as 2000/s
    ///
    /// The receiver works as one server with a FIFO queue: each event takes 1/rate seconds, and the receiver answers when
    /// all events of a request are done. Above the rate, the queue and the latency grow without limit.
    #[arg(long, help_heading = FAULTS, value_name = "RATE", allow_hyphen_values = true)]
    pub max_rate: Option<Rate>,

    /// Delay every answer to events, such as 10ms
    ///
    /// The delay follows the queue of --max-rate and does not lower the rate.
    #[arg(
        long,
        help_heading = FAULTS,
        value_name = "TIME",
        default_value = "0s",
        hide_default_value = true,
        value_parser = parse_duration,
        allow_hyphen_values = true
    )]
    pub delay: Duration,

    /// Answer this share of requests with 500, at random, such as 1%
    ///
    /// The receiver ignores the events of these requests, so a retry counts as a new event. --seed and the order of the requests
    /// select the requests that fail.
    #[arg(
        long,
        help_heading = FAULTS,
        value_name = "PERCENT",
        value_parser = parse_share,
        allow_hyphen_values = true
    )]
    pub error_ratio: Option<f64>,

    /// Seed of --error-ratio
    ///
    /// The same seed and the same order of requests give the same errors.
    #[arg(
        long,
        help_heading = FAULTS,
        value_name = "N",
        default_value_t = 0,
        value_parser = parse_number::<u64>,
        requires = "error_ratio"
    )]
    pub seed: u64,
}

/// The limits of `serve`.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Memory for all bodies together
    ///
    /// Large answers and slow requests use this memory too. When the memory is used up, the slowest request gets 503. A body of up
    /// to 4 KiB that arrives in one piece uses none of it. Raise the limit for large bodies on many connections.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = parse_memory)]
    pub max_memory: usize,

    /// Maximum number of open connections
    ///
    /// Above the limit, a new connection replaces the connection that has been idle longest. The limit is lower if the process
    /// may open fewer files (ulimit -n).
    #[arg(long, value_name = "N", default_value = "6000", value_parser = parse_number::<NonZeroUsize>)]
    pub max_connections: NonZeroUsize,

    /// Maximum number of streams of an HTTP/2 connection
    #[arg(long, value_name = "N", default_value = "1024", value_parser = parse_number::<NonZeroU32>)]
    pub max_streams: NonZeroU32,

    /// Maximum size of the request header
    ///
    /// The size of a field is its name, its value and 32 bytes. A larger header gets 431, or the receiver closes the connection.
    #[arg(long, value_name = "SIZE", default_value = "64KiB", value_parser = parse_header_size)]
    pub max_header_size: NonZeroU32,

    /// Close a connection if its request header takes longer
    #[arg(long, value_name = "TIME", default_value = "30s", hide_short_help = true, value_parser = parse_duration)]
    pub header_timeout: Duration,

    /// Answer 408 to a body that arrives more slowly
    ///
    /// The rate is measured over 10 s. A connection whose client reads a large answer more slowly is closed.
    #[arg(long, value_name = "RATE", default_value = "100B/s", hide_short_help = true, value_parser = parse_least_rate)]
    pub min_body_rate: NonZeroU32,

    /// Close a connection that is idle for longer
    #[arg(long, value_name = "TIME", default_value = "15m", hide_short_help = true, value_parser = parse_duration)]
    pub idle_timeout: Duration,
}

impl From<LimitArgs> for Limits {
    fn from(args: LimitArgs) -> Self {
        Self {
            memory_bytes: args.max_memory,
            connections: args.max_connections,
            streams_per_connection: args.max_streams,
            header_bytes: args.max_header_size,
            header_time: args.header_timeout,
            bytes_per_s: args.min_body_rate,
            idle_time: args.idle_timeout,
            ..Self::default()
        }
    }
}

fn parse_memory(text: &str) -> Result<usize, String> {
    let bytes = parse_byte_size(text)?;
    usize::try_from(bytes)
        .ok()
        .filter(|bytes| *bytes >= Limits::MEMORY_BYTES_MIN)
        .ok_or_else(|| "expected at least 4MiB".to_owned())
}

fn parse_header_size(text: &str) -> Result<NonZeroU32, String> {
    let bytes = parse_byte_size(text)?;
    u32::try_from(bytes).ok().and_then(NonZeroU32::new).ok_or_else(|| "expected 1B to 4095MiB".to_owned())
}

fn parse_least_rate(text: &str) -> Result<NonZeroU32, String> {
    let bytes = parse_byte_rate(text)?;
    u32::try_from(bytes).ok().and_then(NonZeroU32::new).ok_or_else(|| "expected 1B/s to 4095MiB/s".to_owned())
}

impl ServeArgs {
    /// Converts the options to the configuration of the receiver.
    pub fn config(&self) -> ReceiverConfig {
        let config = ReceiverConfig::new(self.bind).with_http2().with_limits(self.limits.into()).with_delay(self.delay);
        let config = if self.strict { config.with_strict() } else { config };
        let config = config.with_error_ratio(self.error_ratio.unwrap_or_default(), self.seed);
        match self.max_rate {
            Some(max_rate) => config.with_max_rate(max_rate.as_per_second()),
            None => config,
        }
    }
}

/// Parses a percentage from 0 to 100 as a share of one.
fn parse_share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').map(str::trim_end).filter(|number| {
        // Accepts plain numbers only; `f64` would also accept signs and exponents.
        number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    let percent = number.and_then(|number| number.parse::<f64>().ok()).filter(|percent| *percent <= 100.0);
    percent.map(|percent| percent / 100.0).ok_or_else(|| "expected a percentage from 0% to 100%, such as 1% or 0.5%".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Command {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn limits(arguments: &[&str]) -> Result<Limits, String> {
        let command = Command::try_parse_from([&["serve"], arguments].concat()).map_err(|error| error.to_string())?;
        Ok(command.serve.config().limits)
    }

    #[test]
    fn the_default_limits_are_those_of_the_library() {
        assert_eq!(limits(&[]), Ok(Limits::default()));
    }

    #[test]
    fn limits_are_read() {
        let all = "--max-memory 4MiB --max-connections 3 --max-streams 4 --max-header-size 5KiB --header-timeout 6s --min-body-rate 7B/s \
                   --idle-timeout 8m";
        let all: Vec<_> = all.split_whitespace().collect();
        let expected = Limits {
            memory_bytes: Limits::MEMORY_BYTES_MIN,
            connections: NonZeroUsize::new(3).unwrap(),
            streams_per_connection: NonZeroU32::new(4).unwrap(),
            header_bytes: NonZeroU32::new(5 * 1024).unwrap(),
            header_time: Duration::from_secs(6),
            bytes_per_s: NonZeroU32::new(7).unwrap(),
            idle_time: Duration::from_mins(8),
            ..Limits::default()
        };
        assert_eq!(limits(&all), Ok(expected));
        for (option, value, expected) in [
            ("--max-memory", "1MiB", "expected at least 4MiB"),
            ("--max-memory", "128", "expected a size with its unit, such as 64KiB or 128MiB"),
            ("--max-header-size", "0B", "expected 1B to 4095MiB"),
            ("--min-body-rate", "100B", "expected bytes per second, such as 100B/s or 1KiB/s"),
            ("--max-connections", "0", "expected a whole number, at least 1"),
        ] {
            let told = limits(&[option, value]).unwrap_err();
            assert!(told.contains(expected), "{option} {value}: {told}");
        }
    }

    #[test]
    fn shares() {
        for (text, share) in [("1%", 0.01), ("0%", 0.0), ("100 %", 1.0), ("0.5%", 0.005)] {
            assert!(parse_share(text).is_ok_and(|found| (found - share).abs() < 1e-12), "{text}");
        }
        for text in ["", "%", "1", "0.01", "101%", "-1%", "inf%", "nan%", "1e1%", "1%%", "one%"] {
            assert!(parse_share(text).is_err(), "{text}");
        }
    }
}
