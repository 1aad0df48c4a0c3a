//! Prepares the start of a run: reaches the target, compares the clocks and waits for the time of `--start-at`.

use std::io::{self, Write};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use run_report::{Outcome, TargetClock};
use thiserror::Error;

use crate::clock::sleep;
use crate::delivery::transport::NotReady;
use crate::live::StatusDisplay;
use crate::plan::RunPlan;
use crate::process::signals::Signals;
use crate::run::clock_check::CHECKING;
use crate::run::target::Target;
use crate::target::services::TargetError;

/// The maximum time to connect to the target before the start.
const REACHING_MAX: Duration = Duration::from_secs(10);

/// How long before the start the actors are started, so that the first events are on time.
const AHEAD: Duration = Duration::from_millis(100);

/// How long before the start the clocks are compared: close to it, but over before it.
const CLOCK_AHEAD: Duration = Duration::from_secs(5);

/// The pause between the end of the comparison and the start.
const REST: Duration = Duration::from_secs(1);

/// The maximum time between two looks at the wall clock, which can be set while the run waits.
const LOOK: Duration = Duration::from_millis(250);

/// The time of `--start-at` was over before the run could start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("--start-at {start_at} is over by {:.3} s; nothing was sent. Pass a later time to all generators of the run", .by.as_secs_f64())]
pub struct TooLate {
    start_at: Timestamp,
    by: SignedDuration,
}

/// A run that can start.
pub(super) struct Prepared {
    /// The time until the start.
    pub(super) ahead: Duration,
    pub(super) target_clock: Option<TargetClock>,
}

/// Why a run does not start.
pub(super) enum NotStarted {
    /// The outcome of the run, and the reason.
    Ended(Outcome, String),
    TooLate(TooLate),
    Unusable(TargetError),
}

impl From<TooLate> for NotStarted {
    fn from(error: TooLate) -> Self {
        Self::TooLate(error)
    }
}

/// Makes sure that the start of a run is still ahead.
///
/// # Errors
///
/// [`TooLate`] if it is over.
pub fn check_start(plan: &RunPlan) -> Result<(), TooLate> {
    plan.start_at.map_or(Ok(()), |start_at| left_until(start_at, Timestamp::now()).map(|_| ()))
}

/// Reaches the target, compares the clocks and waits until shortly before the start. A request to end ends it at once.
pub(super) async fn prepare(plan: &RunPlan, target: &Target, signals: &Signals) -> Result<Prepared, NotStarted> {
    tokio::select! {
        biased;
        () = signals.end_requested() => {
            Err(NotStarted::Ended(Outcome::Interrupted, "the run was interrupted before it started".to_owned()))
        }
        prepared = reach_and_wait(plan, target) => prepared,
    }
}

async fn reach_and_wait(plan: &RunPlan, target: &Target) -> Result<Prepared, NotStarted> {
    match target.reach(plan.delivery.timeout.min(REACHING_MAX)).await {
        Ok(()) => {}
        Err(NotReady::Unreachable(reason)) => return Err(NotStarted::Ended(Outcome::TargetUnreachable, reason)),
        Err(NotReady::LocalLimit(reason)) => return Err(NotStarted::Ended(Outcome::NotTrustworthy, reason)),
        Err(NotReady::Unusable(error)) => return Err(NotStarted::Unusable(TargetError::Unusable(error))),
    }
    let Some(start_at) = plan.start_at else {
        // Takes the same time on each generator, so that generators that began together still start together.
        let target_clock = match target.clock_check() {
            Some(check) => check.compare(CHECKING).await,
            None => None,
        };
        return Ok(Prepared { ahead: Duration::ZERO, target_clock });
    };
    if plan.status_display != StatusDisplay::Nothing {
        let left = left_until(start_at, Timestamp::now())?.as_secs_f64();
        // A closed standard error does not stop the run.
        let _ = writeln!(io::stderr(), "seeker-sim: ready; waits {left:.1} s, until {start_at}, to start");
    }
    let left = wait_until(start_at, CLOCK_AHEAD, Timestamp::now).await?;
    let target_clock = match target.clock_check() {
        Some(check) => check.compare(left.saturating_sub(REST).min(CHECKING)).await,
        None => None,
    };
    let ahead = wait_until(start_at, AHEAD, Timestamp::now).await?;
    Ok(Prepared { ahead, target_clock })
}

/// Waits until at most `ahead` is left before a time of the wall clock. Returns the time that is left. Follows the wall clock if it is set.
async fn wait_until(start_at: Timestamp, ahead: Duration, now: impl Fn() -> Timestamp) -> Result<Duration, TooLate> {
    loop {
        let left = left_until(start_at, now())?;
        if left <= ahead {
            return Ok(left);
        }
        sleep(left.saturating_sub(ahead).min(LOOK)).await;
    }
}

fn left_until(start_at: Timestamp, now: Timestamp) -> Result<Duration, TooLate> {
    let left = start_at.duration_since(now);
    Duration::try_from(left).map_err(|_| TooLate { start_at, by: -left })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::runtime::Builder;
    use tokio::time::Instant;

    use super::*;

    /// Waits in virtual time for a start in `seconds`, with a wall clock that is set forward by `step` after one second. Returns the result
    /// and the seconds waited.
    fn waited(seconds: i64, step: i64) -> (Result<Duration, TooLate>, f64) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (began, epoch) = (Instant::now(), Timestamp::UNIX_EPOCH);
            let looks = Cell::new(0_u32);
            let now = || {
                looks.set(looks.get() + 1);
                let elapsed = began.elapsed();
                let step = if elapsed > Duration::from_secs(1) { step } else { 0 };
                epoch + elapsed + SignedDuration::from_secs(step)
            };
            let start_at = epoch + SignedDuration::from_secs(seconds);
            let result = wait_until(start_at, AHEAD, now).await;
            let took = began.elapsed().as_secs_f64();
            assert!(f64::from(looks.get()) <= 8.0 + 4.1 * took, "{} looks in {took} s", looks.get());
            (result, took)
        })
    }

    #[test]
    fn the_wait_follows_the_wall_clock() {
        for (seconds, step, expected) in [(60, 0, 59.9), (60, 30, 29.9), (60, -30, 89.9), (0, 0, 0.0)] {
            let (result, took) = waited(seconds, step);
            let left = result.unwrap();
            assert!(left <= AHEAD && (took - expected).abs() < 0.3, "{seconds} {step}: {took} {left:?}");
            assert!(
                (took + left.as_secs_f64()
                    - (expected + AHEAD.as_secs_f64()).min(f64::from(i32::try_from(seconds - step).unwrap())))
                .abs()
                    < 0.01
            );
        }
    }

    #[test]
    fn a_start_that_is_over_is_too_late() {
        let (late, took) = waited(-3, 0);
        assert_eq!(
            late.unwrap_err().to_string(),
            "--start-at 1969-12-31T23:59:57Z is over by 3.000 s; nothing was sent. Pass a later time to all generators of the run"
        );
        assert!(took < 0.01);
        // The clock is set past the start.
        assert!(waited(60, 100).0.is_err());
    }
}
