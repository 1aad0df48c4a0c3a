//! The options of `serve`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use event_receiver::ReceiverConfig;

use super::{parse_bind, parse_duration, parse_number};
use crate::load::Rate;

const EXAMPLES: &str = "\
Examples:
  seeker-sim serve
      Receives events on 127.0.0.1:8080 until Ctrl-C, then prints its counts.
  seeker-sim serve --bind 0.0.0.0:80
      The same for other machines.
  seeker-sim serve --bind '[::1]:0'
      On a free port, which it prints.
  seeker-sim serve --max-rate 2000/s --delay 10ms --error-ratio 1%
      A service with known limits, to test a load test against.

Exit codes: 0 ended by a signal, 2 bad input or the address cannot be used.";

/// The options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// The address to listen on; port 0 for a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = parse_bind)]
    pub bind: SocketAddr,

    /// Take at most this many events a second.
    ///
    /// The receiver behaves as one server with a FIFO queue: each event takes 1/rate seconds, and the answer is sent when the server has
    /// finished the request. Below the limit latency is low. Above it the queue, and with it latency, grows without a bound.
    #[arg(long, help_heading = "Slow or faulty on purpose", value_name = "RATE", allow_hyphen_values = true)]
    pub max_rate: Option<Rate>,

    /// Wait this long before every answer.
    ///
    /// The time is added after the queue of --max-rate and does not lower the rate. It applies to answers to events.
    #[arg(
        long,
        help_heading = "Slow or faulty on purpose",
        value_name = "TIME",
        default_value = "0s",
        hide_default_value = true,
        value_parser = parse_duration,
        allow_hyphen_values = true
    )]
    pub delay: Duration,

    /// Answer this share of requests with 500, at random.
    ///
    /// The receiver ignores their events, so a retry of a failed request is new to it. --seed and the order in which requests arrive
    /// determine which ones fail.
    #[arg(
        long,
        help_heading = "Slow or faulty on purpose",
        value_name = "PERCENT",
        value_parser = parse_share,
        allow_hyphen_values = true
    )]
    pub error_ratio: Option<f64>,

    /// The seed of --error-ratio: the same seed and order give the same errors.
    #[arg(
        long,
        help_heading = "Slow or faulty on purpose",
        value_name = "N",
        default_value_t = 0,
        value_parser = parse_number::<u64>,
        requires = "error_ratio"
    )]
    pub seed: u64,
}

impl ServeArgs {
    /// The receiver with these options.
    pub fn config(&self) -> ReceiverConfig {
        let config = ReceiverConfig::new(self.bind).with_http2().with_delay(self.delay);
        let config = config.with_error_ratio(self.error_ratio.unwrap_or_default(), self.seed);
        match self.max_rate {
            Some(max_rate) => config.with_max_rate(max_rate.as_per_second()),
            None => config,
        }
    }
}

/// Reads a percentage from 0 to 100 as a part of one.
fn parse_share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').map(str::trim_end).filter(|number| {
        // Of what `f64` reads, plain numbers alone.
        number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    let percent = number.and_then(|number| number.parse::<f64>().ok()).filter(|percent| *percent <= 100.0);
    percent.map(|percent| percent / 100.0).ok_or_else(|| "expected a percentage from 0% to 100%, such as 1% or 0.5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
