//! How many events are to be sent by when.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::clock::Moment;

/// Events a second, above 0, at most 10,000,000.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// A text that is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RateError {
    /// Not in the form of a rate.
    #[error("expected events per time such as 500/s, 30/min or 1/10s")]
    Form,
    /// Not a possible rate.
    #[error("expected a rate above 0 and of at most 10000000/s")]
    Range,
}

const PER_SECOND_MAX: f64 = 1e7;

impl Rate {
    /// That many events a second.
    ///
    /// # Errors
    ///
    /// [`RateError::Range`] when it is not above 0 and at most 10,000,000.
    pub fn per_second(events: f64) -> Result<Self, RateError> {
        if events > 0.0 && events <= PER_SECOND_MAX { Ok(Self(events)) } else { Err(RateError::Range) }
    }

    /// Events a second.
    pub fn as_per_second(self) -> f64 {
        self.0
    }
}

/// Reads `500/s`, `30/min`, `1/10s`, `2/1h30m`; a bare number is a rate per second.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (count, time) = text.split_once('/').unwrap_or((text, "s"));
        let count = count.trim();
        let plain = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let events: f64 = count.parse().ok().filter(|_| plain).ok_or(RateError::Form)?;
        let time = time.trim();
        let whole = if time.starts_with(|char: char| char.is_ascii_digit()) { time.to_owned() } else { format!("1{time}") };
        let time = humantime::parse_duration(&whole).map_err(|_| RateError::Form)?;
        Self::per_second(events / time.as_secs_f64())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

/// A constant rate for some time: the n-th event is due in the middle of the n-th interval, so their number is the product of the
/// two, rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    rate: Rate,
    duration: Duration,
}

impl Load {
    /// This rate for that time.
    pub fn constant(rate: Rate, duration: Duration) -> Self {
        Self { rate, duration }
    }

    /// Events a second.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// How long events are due.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How many events are due in all.
    pub fn total(&self) -> u64 {
        self.planned_by(Moment::from_duration(self.duration))
    }

    /// How many events are due up to that moment.
    pub(crate) fn planned_by(&self, moment: Moment) -> u64 {
        let seconds = moment.since(Moment::default()).min(self.duration).as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and never negative")]
        let events = (self.rate.0 * seconds + 0.5) as u64;
        events
    }
}

/// The part of a load that one arbiter bears: every n-th event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) load: Load,
    /// Which part, from 0.
    pub(crate) part: u64,
    /// How many parts there are.
    pub(crate) of: u64,
}

impl Share {
    pub(crate) fn planned_by(&self, moment: Moment) -> u64 {
        (self.load.planned_by(moment) + self.of - 1 - self.part) / self.of
    }

    pub(crate) fn total(&self) -> u64 {
        self.planned_by(self.end())
    }

    /// When the last event is due at the latest.
    pub(crate) fn end(&self) -> Moment {
        Moment::from_duration(self.load.duration)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates() {
        for (text, per_second) in [
            ("500/s", Ok(500.0)),
            ("500", Ok(500.0)),
            ("0.5/s", Ok(0.5)),
            ("30/min", Ok(0.5)),
            ("30/m", Ok(0.5)),
            ("7200/h", Ok(2.0)),
            ("1/10s", Ok(0.1)),
            ("5/500ms", Ok(10.0)),
            (" 20 / s ", Ok(20.0)),
            ("", Err(RateError::Form)),
            ("fast", Err(RateError::Form)),
            ("500/", Err(RateError::Form)),
            ("500/x", Err(RateError::Form)),
            ("500 per second", Err(RateError::Form)),
            ("-5/s", Err(RateError::Form)),
            ("1e3/s", Err(RateError::Form)),
            ("inf/s", Err(RateError::Form)),
            ("0/s", Err(RateError::Range)),
            ("5/0s", Err(RateError::Range)),
            ("10000001/s", Err(RateError::Range)),
        ] {
            assert_eq!(text.parse::<Rate>().map(Rate::as_per_second), per_second, "{text:?}");
        }
    }

    proptest! {
        /// For all loads, the plan grows from nothing to its total, one event after the other, and the shares add up to the whole.
        #[test]
        fn shares_add_up(per_second in 0.01_f64..100_000.0, millis in 1_u64..100_000, of in 1_u64..9, at in 0_u64..200_000_000) {
            let load = Load::constant(Rate(per_second), Duration::from_millis(millis));
            let shares = || (0..of).map(|part| Share { load, part, of });
            let moment = Moment::from_micros(at);
            prop_assert!(load.planned_by(moment) <= load.total());
            prop_assert!(load.planned_by(moment) <= load.planned_by(moment.plus(1000)));
            prop_assert_eq!(load.planned_by(Moment::default()), 0);
            prop_assert_eq!(shares().map(|share| share.planned_by(moment)).sum::<u64>(), load.planned_by(moment));
            prop_assert_eq!(shares().map(|share| share.total()).sum::<u64>(), load.total());
            let expected = per_second * Duration::from_millis(millis).as_secs_f64();
            let total = f64::from(u32::try_from(load.total()).unwrap());
            prop_assert!((total - expected).abs() <= 0.5 + 1e-6);
        }
    }
}
