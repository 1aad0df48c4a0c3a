//! The plan of a run: everything that was asked for, checked, before anything is opened or started.

use std::num::NonZeroUsize;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use crate::http::Header;
use crate::load::Load;

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// Where events are sent; `None` for a receiver in the same process.
    pub target: Option<Url>,
    /// Headers that each request carries beside the usual ones.
    pub headers: Vec<Header>,
    /// How many events, and when.
    pub load: Load,
    /// The most job seekers that may be live at once.
    pub seekers_max: u64,
    /// What the random numbers are drawn from; below 2^53, so that every JSON reader keeps it exact.
    pub seed: u64,
    /// Simulated seconds per second, 0.01 to 10,000.
    pub speed: f64,
    /// How long an answer may take, from the moment of sending.
    pub timeout: Duration,
    /// The most connections to the target at once.
    pub connections: NonZeroUsize,
    /// Whether what is sent is held against the rules of the message.
    pub check_sent: bool,
}

/// A plan that contradicts itself or asks for the impossible.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// A duration that is not above 0 or too long.
    #[error("{option} is {}; expected a time above 0 and of at most 365 days", humantime::format_duration(*.value))]
    Duration {
        /// The option of the command line.
        option: &'static str,
        /// What it held.
        value: Duration,
    },
    /// A number outside its range.
    #[error("{option} is {value}; expected {expected}")]
    Range {
        /// The option of the command line.
        option: &'static str,
        /// What it held.
        value: f64,
        /// Its range.
        expected: &'static str,
    },
    /// A load so small that no event falls into it.
    #[error("no event is due: {rate} events a second for {} is less than one", humantime::format_duration(*.duration))]
    NothingPlanned {
        /// Events a second.
        rate: f64,
        /// For how long.
        duration: Duration,
    },
}

impl RunPlan {
    /// Seeds lie below this.
    pub const SEED_END: u64 = 1 << 53;

    /// Makes sure that every value lies in its range and that there is something to do.
    ///
    /// # Errors
    ///
    /// [`PlanError`] names the option and what was expected.
    pub fn validate(&self) -> Result<(), PlanError> {
        const YEAR: Duration = Duration::from_hours(365 * 24);
        for (option, value) in [("--duration", self.load.duration()), ("--timeout", self.timeout)] {
            if value.is_zero() || value > YEAR {
                return Err(PlanError::Duration { option, value });
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let within = |option, value: u64, most: u64, expected| {
            if (1..=most).contains(&value) { Ok(()) } else { Err(PlanError::Range { option, value: value as f64, expected }) }
        };
        within("--seekers-max", self.seekers_max, 100_000_000, "1 to 100000000")?;
        within("--connections", self.connections.get() as u64, 50_000, "1 to 50000")?;
        if self.seed >= Self::SEED_END {
            within("--seed", self.seed, Self::SEED_END - 1, "0 to 9007199254740991")?;
        }
        if !(0.01..=10_000.0).contains(&self.speed) {
            return Err(PlanError::Range { option: "--speed", value: self.speed, expected: "0.01 to 10000" });
        }
        if self.load.total() == 0 {
            let (rate, duration) = (self.load.rate().as_per_second(), self.load.duration());
            return Err(PlanError::NothingPlanned { rate, duration });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Rate;

    fn plan() -> RunPlan {
        RunPlan {
            target: None,
            headers: Vec::new(),
            load: Load::constant(Rate::per_second(1.0).unwrap(), Duration::from_secs(1)),
            seekers_max: 1,
            seed: 0,
            speed: 1.0,
            timeout: Duration::from_secs(1),
            connections: NonZeroUsize::MIN,
            check_sent: false,
        }
    }

    #[test]
    fn every_bound_is_named() {
        assert_eq!(plan().validate(), Ok(()));
        let load = |rate, millis| Load::constant(Rate::per_second(rate).unwrap(), Duration::from_millis(millis));
        for (plan, message) in [
            (RunPlan { load: load(1.0, 0), ..plan() }, "--duration is 0s; expected a time above 0 and of at most 365 days"),
            (RunPlan { timeout: Duration::ZERO, ..plan() }, "--timeout is 0s; expected a time above 0 and of at most 365 days"),
            (RunPlan { seekers_max: 0, ..plan() }, "--seekers-max is 0; expected 1 to 100000000"),
            (
                RunPlan { connections: NonZeroUsize::new(50_001).unwrap(), ..plan() },
                "--connections is 50001; expected 1 to 50000",
            ),
            (RunPlan { seed: 1 << 53, ..plan() }, "--seed is 9007199254740992; expected 0 to 9007199254740991"),
            (RunPlan { speed: f64::NAN, ..plan() }, "--speed is NaN; expected 0.01 to 10000"),
            (RunPlan { load: load(0.1, 1000), ..plan() }, "no event is due: 0.1 events a second for 1s is less than one"),
        ] {
            assert_eq!(plan.validate().unwrap_err().to_string(), message);
        }
    }
}
