//! A run in a merged report.

use jiff::Timestamp;
use load_plan::units::optional_text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::read::NamedReport;
use crate::{Events, LoadFigures, Outcome, RateFigures, Report};

/// One of the runs that were merged: what cannot be told from the sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The name of its report.
    pub report: String,
    /// When the first event could be due, in UTC.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Option<Timestamp>,
    /// What its random numbers were drawn from.
    pub seed: u64,
    /// How long events were due, warm-up included.
    pub duration_s: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// What was wanted of it, and how much of it there was.
    pub load: LoadFigures,
    /// What became of its events.
    pub events: Events,
    /// Its planned and achieved rate.
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

    /// Whether both are the same run, whatever their reports are called. Unknown for runs that sent nothing.
    pub fn is_same_run(&self, other: &Self) -> bool {
        self.events.planned > 0 && Self { report: other.report.clone(), ..self.clone() } == *other
    }

    /// Describes the run and its part of the load, for people.
    pub fn shown(&self) -> String {
        let Self { report, seed, duration_s, outcome, load, .. } = self;
        format!("{report}: {}, seed {seed}, for {duration_s} s, {}", outcome.name().replace('_', " "), load.stages.join(", "))
    }
}
