//! Calculates how far ahead of their time seekers must start, when each begins with a search that takes time, so that a rate holds. A pure
//! calculation: no clock, no I/O.
//!
//! Without this, seekers would start when their first events are missing, and those events would be late by the duration of a search. So
//! seekers start ahead by that duration. By then, live seekers will have sent some events too. The number is estimated from their recent
//! events, and no seeker is started for them.
//!
//! A seeker that finds nothing sends nothing, so another seeker is started in its place. The number of such starts is limited, so that a
//! failing service is not queried more and more often.

use load_plan::Moment;

use crate::clock::LEAD_MICROS;

const SECOND_MICROS: f64 = 1e6;

/// The maximum time by which seekers start ahead. The first events of seekers that wait longer are late.
const AHEAD_MICROS_MAX: u64 = 5_000_000;

/// How much earlier than needed a response should arrive.
const EARLY_MICROS: u64 = LEAD_MICROS / 2;

/// The maximum share of additional starts while the time ahead grows. Without this limit, all of them would start and send at the same
/// time.
const GROWTH: f64 = 0.25;

/// The number of allowed starts for each planned event per second or planned seeker. The allowance is full at the start, and refills
/// within a second.
const STARTS_PER_WANTED: f64 = 4.0;

/// The minimum of that allowance for a low load.
const STARTS_MIN: f64 = 16.0;

/// The look-ahead of one arbiter.
#[derive(Debug, Default)]
pub(crate) struct LookAhead {
    looked: Moment,
    /// The time by which seekers start ahead.
    micros: u64,
    /// Events of live seekers at the last look.
    by_live: u64,
    /// Their rate in events per microsecond.
    pace: f64,
    /// The number of seekers that may start now; `None` before the first look.
    allowance: Option<f64>,
}

impl LookAhead {
    /// Updates the state: the usual duration of searches, the number of events of live seekers so far, and the planned events per second
    /// or planned seekers.
    pub(crate) fn look(&mut self, now: Moment, usual_micros: u64, by_live: u64, wanted: f64) {
        let passed_micros = precise(now.micros_since(self.looked));
        let wanted_micros = usual_micros.min(AHEAD_MICROS_MAX).saturating_sub(EARLY_MICROS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down; never negative")]
        let growth_micros = (passed_micros * GROWTH) as u64;
        self.micros = wanted_micros.min(self.micros + growth_micros);
        if passed_micros > 0.0 {
            let pace = precise(by_live.saturating_sub(self.by_live)) / passed_micros;
            self.pace += (pace - self.pace) * (passed_micros / SECOND_MICROS).min(1.0);
        }
        let most = (wanted * STARTS_PER_WANTED).max(STARTS_MIN);
        let allowed = self.allowance.unwrap_or(most) + most * passed_micros / SECOND_MICROS;
        self.allowance = Some(allowed.min(most));
        (self.looked, self.by_live) = (now, by_live);
    }

    /// The time in microseconds by which seekers start ahead.
    pub(crate) fn micros(&self) -> u64 {
        self.micros
    }

    /// The number of events that live seekers will send in a future period of this length.
    pub(crate) fn expected(&self, micros: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let events = (self.pace * precise(micros)).round() as u64;
        events
    }

    /// The number of seekers that may start now.
    pub(crate) fn allowed(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let starts = self.allowance.unwrap_or_default() as u64;
        starts
    }

    /// Records this many starts.
    pub(crate) fn started(&mut self, starts: u64) {
        if let Some(allowance) = &mut self.allowance {
            *allowance -= precise(starts);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 microseconds or events")]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
