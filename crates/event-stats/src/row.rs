//! The form of a statistic with a published value.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// One statistic with a published value.
///
/// A value outside the accepted range differs from the published value; the stream is not wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// `V1` to `V10`.
    pub id: &'static str,
    /// The description of the statistic.
    pub statistic: &'static str,
    /// The publications behind the target.
    pub source: &'static str,
    /// The values of the statistic; empty with too few cases.
    pub figures: Vec<Figure>,
}

/// One value of a statistic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figure {
    /// The name of the value, where a statistic has several; otherwise empty.
    pub name: &'static str,
    /// The measured value.
    pub value: f64,
    /// The published value.
    pub target: f64,
    /// The lowest and the highest accepted value.
    pub accepted: [f64; 2],
}

impl Figure {
    /// Whether the value is within the accepted range.
    pub fn is_accepted(&self) -> bool {
        let [lowest, highest] = self.accepted;
        (lowest..=highest).contains(&self.value)
    }
}

/// Whether a statistic agrees with its published value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowVerdict {
    /// Every value is within its accepted range.
    Met,
    /// A value is outside its accepted range.
    Missed,
    /// Too few cases for a value.
    TooFewCases,
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::TooFewCases => "too few cases",
        })
    }
}

impl Row {
    /// The verdict on the figures.
    pub fn verdict(&self) -> RowVerdict {
        if self.figures.is_empty() {
            return RowVerdict::TooFewCases;
        }
        if self.figures.iter().all(Figure::is_accepted) { RowVerdict::Met } else { RowVerdict::Missed }
    }
}

/// The fields, with the verdict before the figures.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 5)?;
        row.serialize_field("id", self.id)?;
        row.serialize_field("statistic", self.statistic)?;
        row.serialize_field("source", self.source)?;
        row.serialize_field("verdict", &self.verdict())?;
        row.serialize_field("figures", &self.figures)?;
        row.end()
    }
}
