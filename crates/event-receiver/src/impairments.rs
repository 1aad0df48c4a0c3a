//! Delays and errors that a receiver adds on purpose.

use std::time::Duration;

/// Delays and errors that a receiver adds on purpose. The default is none.
///
/// ```
/// use std::time::Duration;
///
/// use event_receiver::ReceiverConfig;
///
/// let config = ReceiverConfig::new("127.0.0.1:0".parse()?).with_max_rate(500.0).with_delay(Duration::from_millis(20));
/// assert_eq!(config.impairments.max_rate, Some(500.0));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Impairments {
    /// The maximum rate in events a second. Further events wait in a FIFO queue without a bound.
    pub max_rate: Option<f64>,
    /// The time that is added to every response. It does not lower the rate.
    pub delay: Duration,
    /// The share of requests that are answered with 500, from 0 to 1.
    pub error_ratio: f64,
    /// The seed that selects these requests.
    pub seed: u64,
}

impl Impairments {
    /// Whether there are no impairments.
    pub(crate) fn is_none(&self) -> bool {
        self.max_rate.is_none() && self.delay.is_zero() && self.error_ratio <= 0.0
    }
}
