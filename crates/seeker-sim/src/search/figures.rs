//! What came of the searches of one arbiter: counts and times.

use hdrhistogram::Histogram;

use crate::tally::time_histogram;

/// Searches, those of the warm-up excluded.
#[derive(Clone, Debug)]
pub(crate) struct SearchFigures {
    /// Those that were begun.
    pub(crate) made: u64,
    /// Those that were answered with a page of results.
    pub(crate) answered: u64,
    /// Those of them that found nothing.
    pub(crate) empty: u64,
    /// Those that were not.
    pub(crate) failed: u64,
    /// How long answers took from the moment when they were wanted, waiting for a connection included; in microseconds.
    pub(crate) times: Histogram<u64>,
}

impl Default for SearchFigures {
    fn default() -> Self {
        Self { made: 0, answered: 0, empty: 0, failed: 0, times: time_histogram() }
    }
}

impl SearchFigures {
    /// Adds those of another arbiter.
    pub(crate) fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.answered += other.answered;
        self.empty += other.empty;
        self.failed += other.failed;
        self.times.add(&other.times).expect("a histogram that grows holds everything");
    }

    /// Those that the end of the run cut off.
    pub(crate) fn unanswered(&self) -> u64 {
        self.made - self.answered - self.failed
    }
}
