//! Clicks by rank on the results page.

use serde::Serialize;

use crate::sample::{is_large_enough, ratio};
use crate::summary::RANKS;

/// Clicks by rank on the results page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClickRanks {
    /// The number of results pages that reach rank 10.
    pub cases: u64,
    /// The ranks from the first to the last one that was shown, at most 20; empty with too few cases.
    pub ranks: Vec<RankClicks>,
}

/// The clicks at one rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankClicks {
    /// The rank, from 1.
    pub rank: usize,
    /// The number of times that a posting was shown at the rank.
    pub shown: u64,
    /// The number of times that a posting at the rank was clicked.
    pub clicked: u64,
    /// The share of shown postings that were clicked; `None` if no posting was shown at the rank.
    pub click_rate: Option<f64>,
}

impl ClickRanks {
    pub(crate) fn new(shown: &[u64; RANKS], clicked: &[u64; RANKS]) -> Self {
        let cases = shown[9];
        let last = shown.iter().rposition(|shown| *shown > 0).map_or(0, |last| last + 1);
        let count = if is_large_enough(cases) { last } else { 0 };
        let ranks = shown.iter().zip(clicked).enumerate().take(count).map(|(position, (&shown, &clicked))| RankClicks {
            rank: position + 1,
            shown,
            clicked,
            click_rate: (shown > 0).then(|| ratio(clicked, shown)),
        });
        Self { cases, ranks: ranks.collect() }
    }
}
