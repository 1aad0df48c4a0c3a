//! Counts and times of the searches of one arbiter.

use hdrhistogram::Histogram;

use crate::time_histogram::time_histogram;

/// Searches, excluding the warm-up.
#[derive(Clone, Debug)]
pub struct SearchFigures {
    /// Searches that began.
    pub made: u64,
    /// Searches that were answered with a page of results.
    pub answered: u64,
    /// Answered searches without results.
    pub empty: u64,
    /// Searches that failed.
    pub failed: u64,
    /// Time from the start of a search to its answer, including the wait for a connection, in microseconds.
    pub times: Histogram<u64>,
}

impl Default for SearchFigures {
    fn default() -> Self {
        Self { made: 0, answered: 0, empty: 0, failed: 0, times: time_histogram() }
    }
}

impl SearchFigures {
    /// Adds the figures of another arbiter.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.answered += other.answered;
        self.empty += other.empty;
        self.failed += other.failed;
        self.times.add(&other.times).expect("a histogram that grows accepts any other histogram");
    }

    /// Returns the number of searches that the end of the run cut off.
    pub fn unanswered(&self) -> u64 {
        self.made - self.answered - self.failed
    }
}
