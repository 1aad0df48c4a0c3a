//! The searches of a run in the report.

use std::fmt;

use measure::search_figures::SearchFigures;
use serde::{Deserialize, Serialize};

use crate::Percentiles;

/// The searches of a run: made = answered + failed + unanswered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Searches {
    /// Searches of seekers, recruiters and alerts.
    pub made: u64,
    /// Searches with a page of results as the answer.
    pub answered: u64,
    /// Answered searches without results.
    pub empty: u64,
    /// Searches without a page of results. The errors of the report name the causes.
    pub failed: u64,
    /// Searches that had no answer when the run ended.
    pub unanswered: u64,
    /// The time from the start of a search to its answer, including the wait for a connection.
    pub time_ms: Percentiles,
}

impl Searches {
    /// Converts the figures for the report.
    pub fn of(figures: &SearchFigures) -> Self {
        Self {
            made: figures.made,
            answered: figures.answered,
            empty: figures.empty,
            failed: figures.failed,
            unanswered: figures.unanswered(),
            time_ms: Percentiles::of(&figures.times),
        }
    }
}

impl Searches {
    /// Adds the counts of both. The times stay those of `self`.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            made: self.made + other.made,
            answered: self.answered + other.answered,
            empty: self.empty + other.empty,
            failed: self.failed + other.failed,
            unanswered: self.unanswered + other.unanswered,
            time_ms: self.time_ms,
        }
    }
}

impl fmt::Display for Searches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, empty, failed, time_ms, .. } = self;
        write!(f, "{made} made, {empty} without results, {failed} failed")?;
        if let (Some(p50), Some(p99)) = (time_ms.p50, time_ms.p99) {
            write!(f, "; p50 {p50:.1} ms, p99 {p99:.1} ms")?;
        }
        Ok(())
    }
}
