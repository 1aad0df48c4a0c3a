//! The outcome of a run.

use serde::{Deserialize, Serialize};

/// The outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The generator sent the planned load, and all thresholds passed.
    Passed,
    /// A threshold was missed or not measured, or the target stopped answering.
    ThresholdMissed,
    /// The generator was the limit or paused, so the figures do not describe the target.
    NotTrustworthy,
    /// No connection to the target could be opened before the start.
    TargetUnreachable,
    /// A signal ended the run early.
    Interrupted,
}

impl Outcome {
    /// The name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::ThresholdMissed => "threshold_missed",
            Self::NotTrustworthy => "not_trustworthy",
            Self::TargetUnreachable => "target_unreachable",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether the figures of a run with this outcome describe the target under the planned load.
    pub const fn describes_target(self) -> bool {
        match self {
            Self::Passed | Self::ThresholdMissed => true,
            Self::NotTrustworthy | Self::TargetUnreachable | Self::Interrupted => false,
        }
    }
}
