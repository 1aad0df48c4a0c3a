//! Changes of the load during a run.

use std::fmt;

use load_plan::Moment;
use load_plan::load::{AppliedChange, ChangeSource, Load, LoadChange, LoadKind};
use serde::{Deserialize, Serialize};

use crate::percentiles::thousandths;

/// A change of the load during the run. Exactly one of `factor`, `rate`, `arrivals` and `seekers` is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeOfLoad {
    /// The time from which the change applied, in seconds since the start of the run.
    pub at_s: f64,
    /// Who changed the load.
    pub by: ChangeSource,
    /// The factor of the rest of the original plan; 1 returned to the original plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub factor: Option<f64>,
    /// The events per second until the planned end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub rate: Option<f64>,
    /// The new seekers per second until the planned end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub arrivals: Option<f64>,
    /// The live seekers until the planned end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub seekers: Option<f64>,
    /// The planned load just before the change, in the unit of the load.
    pub planned_before: f64,
    /// The planned load from the change on, in the unit of the load.
    pub planned_after: f64,
}

impl ChangeOfLoad {
    /// Returns the changes that apply before `end`, earliest first.
    pub fn all_of(load: &Load, end: Moment) -> Vec<Self> {
        let change = |applied: &AppliedChange| {
            let amount_of = |kind| match applied.change {
                LoadChange::Hold(amount) if load.kind() == kind => Some(amount),
                LoadChange::Hold(_) | LoadChange::Factor(_) => None,
            };
            Self {
                at_s: applied.at.since(Moment::default()).as_secs_f64(),
                by: applied.by,
                factor: if let LoadChange::Factor(factor) = applied.change { Some(factor) } else { None },
                rate: amount_of(LoadKind::Rate),
                arrivals: amount_of(LoadKind::Arrivals),
                seekers: amount_of(LoadKind::Seekers),
                planned_before: thousandths(load.level_at(applied.at.minus(1))),
                planned_after: thousandths(load.level_at(applied.at)),
            }
        };
        load.changes().iter().filter(|applied| applied.at < end).map(change).collect()
    }

    /// Describes the change for people, with the unit of the load.
    pub fn shown(&self, kind: LoadKind) -> impl fmt::Display {
        let Self { at_s, by, factor, planned_before, planned_after, .. } = self;
        let by = match by {
            ChangeSource::Screen => "key",
            ChangeSource::Http => "HTTP",
        };
        let how = factor.map_or_else(|| "held".to_owned(), |factor| format!("plan x {factor}"));
        format!("at {at_s:.1} s: {planned_before} -> {planned_after}{} ({how}, by {by})", kind.unit())
    }
}
