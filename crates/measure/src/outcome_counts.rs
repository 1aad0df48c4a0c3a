//! Counts of events by outcome.

use load_plan::EventOutcome;

/// Events of one type, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered with another status below 500.
    pub refused: u64,
    /// Answered with 5xx, or the connection failed.
    pub failed: u64,
    /// Sent, but the answer did not arrive in time or was not understood.
    pub unknown: u64,
    /// Never sent.
    pub not_sent: u64,
}

impl OutcomeCounts {
    /// Returns the number of events with this outcome.
    pub const fn of(self, outcome: EventOutcome) -> u64 {
        match outcome {
            EventOutcome::Acknowledged => self.acknowledged,
            EventOutcome::Refused => self.refused,
            EventOutcome::Failed => self.failed,
            EventOutcome::Unknown => self.unknown,
            EventOutcome::NotSent => self.not_sent,
        }
    }

    /// Returns the number of events with any outcome except "not sent".
    pub const fn sent(self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown
    }

    /// Returns the number of all events.
    pub const fn planned(self) -> u64 {
        self.sent() + self.not_sent
    }

    /// Returns the number of events with any outcome except "acknowledged".
    pub const fn not_acknowledged(self) -> u64 {
        self.refused + self.failed + self.unknown + self.not_sent
    }

    /// Returns the counter of an outcome.
    pub fn of_mut(&mut self, outcome: EventOutcome) -> &mut u64 {
        match outcome {
            EventOutcome::Acknowledged => &mut self.acknowledged,
            EventOutcome::Refused => &mut self.refused,
            EventOutcome::Failed => &mut self.failed,
            EventOutcome::Unknown => &mut self.unknown,
            EventOutcome::NotSent => &mut self.not_sent,
        }
    }

    /// Adds other counts.
    pub fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.not_sent += other.not_sent;
    }

    /// Subtracts counts that were added before.
    pub fn subtract(&mut self, other: Self) {
        self.acknowledged -= other.acknowledged;
        self.refused -= other.refused;
        self.failed -= other.failed;
        self.unknown -= other.unknown;
        self.not_sent -= other.not_sent;
    }
}
