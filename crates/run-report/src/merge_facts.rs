//! Facts about a merge that the sums do not show.

use serde::{Deserialize, Serialize};

/// How the reports of a merged report fit together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MergeFacts {
    /// The number of reports that make the whole: `--expect`, or the number of parts of the run. Null if it is not known.
    pub expected: Option<usize>,
    /// The time between the first and the last start; null for fewer than two starts.
    pub starts_apart_ms: Option<StartsApart>,
    /// Caveats for the reader, one sentence each.
    pub warnings: Vec<String>,
}

/// The time between two starts. The clocks of machines can be compared only within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StartsApart {
    /// The lower bound, or the difference by the clocks of the machines if they cannot be compared.
    pub at_least: f64,
    /// The upper bound; null if the clocks of the machines cannot be compared.
    pub at_most: Option<f64>,
}
