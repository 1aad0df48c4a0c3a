//! The searches of a run in the report.

use std::fmt;

use measure::search_figures::SearchFigures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Percentiles;

/// Searches: made = answered + failed + unanswered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Searches {
    /// Made by seekers, recruiters and alerts.
    pub made: u64,
    /// Answered with a page of results.
    pub answered: u64,
    /// Those of them that found no job.
    pub empty: u64,
    /// Not answered with one: what went wrong is among the errors.
    pub failed: u64,
    /// Cut off by the end of the run.
    pub unanswered: u64,
    /// From the moment when an answer was wanted to the answer, waiting for a connection included.
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
        write!(f, "{made} made, {empty} of them found nothing, {failed} failed")?;
        if let (Some(p50), Some(p99)) = (time_ms.p50, time_ms.p99) {
            write!(f, "; p50 {p50:.1} ms, p99 {p99:.1} ms")?;
        }
        Ok(())
    }
}
