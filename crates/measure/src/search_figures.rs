//! What came of the searches of one arbiter: counts and times.

use hdrhistogram::Histogram;

use crate::time_histogram::time_histogram;

/// Searches, those of the warm-up excluded.
#[derive(Clone, Debug)]
pub struct SearchFigures {
    /// Those that were begun.
    pub made: u64,
    /// Those that were answered with a page of results.
    pub answered: u64,
    /// Those of them that found nothing.
    pub empty: u64,
    /// Those that were not.
    pub failed: u64,
    /// How long answers took from the moment when they were wanted, waiting for a connection included; in microseconds.
    pub times: Histogram<u64>,
}

impl Default for SearchFigures {
    fn default() -> Self {
        Self { made: 0, answered: 0, empty: 0, failed: 0, times: time_histogram() }
    }
}

impl SearchFigures {
    /// Adds those of another arbiter.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.answered += other.answered;
        self.empty += other.empty;
        self.failed += other.failed;
        self.times.add(&other.times).expect("a histogram that grows holds everything");
    }

    /// Those that the end of the run cut off.
    pub fn unanswered(&self) -> u64 {
        self.made - self.answered - self.failed
    }
}
