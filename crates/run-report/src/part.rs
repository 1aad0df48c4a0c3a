//! A run in a merged report.

use jiff::Timestamp;
use load_plan::units::optional_text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::read::NamedReport;
use crate::{Events, LoadFigures, Outcome, RateFigures, Report};

/// A merged run, with the figures that the sums do not show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The name of the report.
    pub report: String,
    /// The time from which events could be due, in UTC.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Option<Timestamp>,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The time during which events were due, including warm-up.
    pub duration_s: f64,
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The planned and the achieved load.
    pub load: LoadFigures,
    /// The planned events, by outcome.
    pub events: Events,
    /// The planned and the achieved rate.
    pub rate: RateFigures,
}

impl Part {
    /// Returns the runs of a report: the run itself, or the runs that were merged.
    pub fn of(named: &NamedReport) -> Vec<Self> {
        let NamedReport { name, report } = named;
        if !report.parts.is_empty() {
            return report.parts.clone();
        }
        let Report { started_at, seed, duration_s, outcome, events, rate, .. } = *report;
        vec![Self { report: name.clone(), started_at, seed, duration_s, outcome, load: report.load.clone(), events, rate }]
    }

    /// Whether both are the same run, also if their reports have different names. Runs that sent nothing are never the same.
    pub fn is_same_run(&self, other: &Self) -> bool {
        self.events.planned > 0 && Self { report: other.report.clone(), ..self.clone() } == *other
    }

    /// Describes the run and its part of the load, for people.
    pub fn shown(&self) -> String {
        let Self { report, seed, duration_s, outcome, load, .. } = self;
        format!("{report}: {}, seed {seed}, for {duration_s} s, {}", outcome.name().replace('_', " "), load.stages.join(", "))
    }
}
