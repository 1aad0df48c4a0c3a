//! The clock of a run. It relates three times: virtual time, the machine's monotonic clock and the calendar. All waits of a run use this
//! clock. So tests can execute a whole run in virtual time, exact to the microsecond.

#[cfg(test)]
pub(crate) mod virtual_time;

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix::{Actor, ActorFuture};
use client_event::EventTimestamp;
use jiff::{Timestamp, Unit};
use load_plan::Moment;
use seeker_model::SimTime;

use scenario::Timestamps;

/// How far seekers run ahead of the clock, in microseconds. They are woken once a millisecond, and later on a busy machine. The outbox has
/// to receive an event before the event is due.
pub(crate) const LEAD_MICROS: u64 = 8_000;

/// Returns the current moment, and converts between virtual time, moments and the calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunClock {
    began: Instant,
    /// When the run began, on the wall clock.
    began_at: Timestamp,
    /// The timestamp of messages at the start of the run.
    began_epoch_millis: i64,
    /// Simulated seconds per second.
    speed: f64,
    timestamps: Timestamps,
}

impl RunClock {
    /// Starts the clock now. If messages carry simulated time, that time starts at `simulated`.
    #[cfg(test)]
    pub(crate) fn start(speed: f64, timestamps: Timestamps, simulated: EventTimestamp) -> Self {
        Self::start_in(Duration::ZERO, speed, timestamps, simulated)
    }

    /// Starts the clock after a while. Until then, it shows the beginning of the run.
    pub(crate) fn start_in(ahead: Duration, speed: f64, timestamps: Timestamps, simulated: EventTimestamp) -> Self {
        let (now, now_at) = (Instant::now(), Timestamp::now());
        // Only a clock that is off by millennia has no later time.
        let began_at = now_at.checked_add(ahead).unwrap_or(now_at);
        let began_epoch_millis = match timestamps {
            Timestamps::Wall => began_at.as_millisecond().max(0),
            Timestamps::Simulated => simulated.as_millis(),
        };
        Self { began: now + ahead, began_at, began_epoch_millis, speed, timestamps }
    }

    /// When the run began, on the wall clock, to the millisecond.
    pub(crate) fn began_at(&self) -> Option<Timestamp> {
        self.began_at.round(Unit::Millisecond).ok()
    }

    /// Waits for a moment, in real time.
    pub(crate) fn sleep_until(&self, moment: Moment) -> Sleep {
        sleep(self.instant_of(moment).saturating_duration_since(Instant::now()))
    }

    pub(crate) fn now(&self) -> Moment {
        #[cfg(test)]
        if let Some(now) = virtual_time::now() {
            return now;
        }
        Moment::from_duration(self.began.elapsed())
    }

    /// The moment on the machine's clock.
    pub(crate) fn instant_of(&self, moment: Moment) -> Instant {
        self.began + Duration::from_micros(moment.as_micros())
    }

    /// The moment at which virtual time reaches this point.
    pub(crate) fn moment_of(&self, time: SimTime) -> Moment {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 microseconds, 285 years")]
        let micros = time.as_micros() as f64 / self.speed;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        Moment::from_micros(micros as u64)
    }

    /// The point that virtual time reaches at this moment.
    pub(crate) fn sim_time_of(&self, moment: Moment) -> SimTime {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 microseconds, 285 years")]
        let micros = moment.as_micros() as f64 * self.speed;
        // Rounded up, so that `moment_of` never returns an earlier moment than this one.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        SimTime::from_micros(micros.ceil() as u64)
    }

    /// The timestamp of messages at this moment.
    pub(crate) fn timestamp_of(&self, moment: Moment) -> EventTimestamp {
        let micros = match self.timestamps {
            Timestamps::Wall => moment.as_micros(),
            Timestamps::Simulated => self.sim_time_of(moment).as_micros(),
        };
        let millis = i64::try_from(micros / 1000).unwrap_or(i64::MAX);
        EventTimestamp::from_millis(self.began_epoch_millis.saturating_add(millis))
    }
}

/// Whether the time of this thread is virtual, which happens only in tests.
#[cfg(target_os = "linux")]
pub(crate) fn is_virtual() -> bool {
    #[cfg(test)]
    return virtual_time::now().is_some();
    #[cfg(not(test))]
    false
}

/// A future that waits for a duration.
pub(crate) enum Sleep {
    Real(Pin<Box<tokio::time::Sleep>>),
    #[cfg(test)]
    Virtual(virtual_time::Sleep),
}

/// Waits for this duration.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    #[cfg(test)]
    if let Some(now) = virtual_time::now() {
        return Sleep::Virtual(virtual_time::Sleep::until(now.plus(Moment::from_duration(duration).as_micros())));
    }
    Sleep::Real(Box::pin(tokio::time::sleep(duration)))
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Self::Real(sleep) => sleep.as_mut().poll(context),
            #[cfg(test)]
            Self::Virtual(sleep) => Pin::new(sleep).poll(context),
        }
    }
}

/// Repeats work of an actor at this interval for as long as the actor lives.
pub(crate) fn every<A: Actor, F: FnMut(&mut A, &mut A::Context) + Unpin>(interval: Duration, work: F) -> Every<F> {
    Every { interval, sleep: sleep(interval), work }
}

/// See [`every`].
pub(crate) struct Every<F> {
    interval: Duration,
    sleep: Sleep,
    work: F,
}

impl<A: Actor, F: FnMut(&mut A, &mut A::Context) + Unpin> ActorFuture<A> for Every<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, actor: &mut A, ctx: &mut A::Context, task: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(Pin::new(&mut self.sleep).poll(task));
            (self.work)(actor, ctx);
            self.sleep = sleep(self.interval);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all speeds and moments, converting a moment to virtual time and back gives the same moment, to its own microsecond.
        #[test]
        fn virtual_time_leads_back(percent in prop_oneof![Just(100), 1_u32..1_000_000], micros in 0_u64..1 << 42) {
            let clock = RunClock::start(f64::from(percent) / 100.0, Timestamps::Wall, EventTimestamp::from_millis(0));
            let back = clock.moment_of(clock.sim_time_of(Moment::from_micros(micros))).as_micros();
            prop_assert!(back.abs_diff(micros) <= 1 + u64::from(100 / percent), "{} us became {} us", micros, back);
        }
    }

    #[test]
    fn messages_carry_the_time_that_was_asked_for() {
        let (simulated, moment) = (EventTimestamp::from_millis(1_000), Moment::from_micros(2_000_000));
        assert_eq!(RunClock::start(60.0, Timestamps::Simulated, simulated).timestamp_of(moment).as_millis(), 121_000);
        let wall = RunClock::start(60.0, Timestamps::Wall, simulated);
        assert_eq!(wall.timestamp_of(moment).as_millis() - wall.timestamp_of(Moment::default()).as_millis(), 2_000);
        assert!(wall.timestamp_of(moment).as_millis() > 1_767_571_200_000, "2026");
    }
}
