//! How far ahead of their time seekers have to be started when each begins with a search that takes time, so that a rate holds. A pure
//! calculation: no clock, no I/O.
//!
//! Without this, seekers would be started when their first events are missing, and those would come as much later as a search takes. So
//! they are started that much ahead. By then the seekers that are there already will have sent something too; how much is told by what
//! they sent lately, and no seeker is started for that.
//!
//! And since a seeker who finds nothing sends nothing, another is started in the seeker's place, but not without limit: a service that
//! fails is not to be asked ever more often.

use load_plan::Moment;

use crate::clock::LEAD_MICROS;

const SECOND_MICROS: f64 = 1e6;

/// The most that seekers are started ahead. Who waits longer comes later than planned.
const AHEAD_MICROS_MAX: u64 = 5_000_000;

/// So much sooner than needed an answer is to be there.
const EARLY_MICROS: u64 = LEAD_MICROS / 2;

/// How much more is started than is due, at most, while the time ahead grows: else all of it would be started, and come, at once.
const GROWTH: f64 = 0.25;

/// Of how many events or seekers that are wanted one more may fail to come.
const STARTS_PER_WANTED: f64 = 4.0;

/// So many starts are allowed at once, however little is wanted.
const STARTS_MIN: f64 = 16.0;

/// Looks ahead for one arbiter.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    looked: Moment,
    /// By how much seekers are started ahead.
    micros: u64,
    /// Events of seekers who are there already, at the last look.
    by_live: u64,
    /// How many come in a microsecond.
    pace: f64,
    /// How many seekers may be started now, if that was ever looked at.
    allowance: Option<f64>,
}

impl Ahead {
    /// Looks at how long searches take, at how many events came so far from seekers who were there already, and at how many events a second or
    /// seekers are wanted.
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

    /// By how much seekers are started ahead, in microseconds.
    pub(crate) fn micros(&self) -> u64 {
        self.micros
    }

    /// How many events will come from seekers who are there already in a time of the future.
    pub(crate) fn expected(&self, micros: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let events = (self.pace * precise(micros)).round() as u64;
        events
    }

    /// How many seekers may be started now.
    pub(crate) fn allowed(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let starts = self.allowance.unwrap_or_default() as u64;
        starts
    }

    /// Records that so many of them are started.
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
