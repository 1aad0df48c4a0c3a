//! Why reports cannot be merged.

use std::io;

use measure::thresholds::sliding::SeriesCounts;
use thiserror::Error;

/// Why reports cannot be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// There are no reports.
    #[error("no reports given; name the reports of generators that ran at the same time")]
    Nothing,
    /// A report has no histograms, so an exact merge is impossible.
    #[error(
        "{name} has no key `histograms`, which a merge needs: an older version wrote it; create the report again with seeker-sim {}",
        env!("CARGO_PKG_VERSION")
    )]
    NoHistograms {
        /// The name of the report.
        name: String,
    },
    /// A report covers several runs, one after the other.
    #[error(
        "{name} is the report of a capacity search, whose rates differ between generators; merge reports of runs with a fixed load"
    )]
    Search {
        /// The name of the report.
        name: String,
    },
    /// A report was merged from the parts of a run. It no longer has what the verdict on the whole needs.
    #[error("{name} is a merged report of the parts of a run; merge the reports of all parts in one command")]
    MergedParts {
        /// The name of the report.
        name: String,
    },
    /// The counts of seconds are damaged.
    #[error("{name}: the seconds of {counts} in `second_series` cannot be read; copy the file again")]
    Series {
        /// The name of the report.
        name: String,
        /// The damaged series.
        counts: SeriesCounts,
        /// What is wrong.
        source: io::Error,
    },
    /// Some reports are parts of a run, others are not.
    #[error(
        "{part} is a part of a run (--shard), but {whole} is not; merge either the parts of one run, or reports without --shard"
    )]
    PartAndWhole {
        /// The report of a part.
        part: String,
        /// The report of a whole run.
        whole: String,
    },
    /// The reports do not describe the same run.
    #[error(transparent)]
    Differing(#[from] Box<Difference>),
    /// A run would be counted twice.
    #[error("{one} and {other} contain the same run{}; name each run once", .within.as_deref().unwrap_or_default())]
    SameRun {
        /// The first report.
        one: String,
        /// The other report.
        other: String,
        /// The run, if a report was merged from several.
        within: Option<String>,
    },
}

/// A difference between two reports.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{one} and {other} differ in their {what}: {of_one} and {of_other}; {advice}")]
pub struct Difference {
    /// The property that differs.
    pub what: &'static str,
    /// The first report.
    pub one: String,
    /// The other report.
    pub other: String,
    /// The value in the first report.
    pub of_one: String,
    /// The value in the other report.
    pub of_other: String,
    /// What the user should do.
    pub advice: &'static str,
}
