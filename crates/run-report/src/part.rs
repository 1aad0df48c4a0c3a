//! A run in a merged report.

use jiff::Timestamp;
use load_plan::units::optional_text;
use serde::{Deserialize, Serialize};

use crate::read::NamedReport;
use crate::{Events, LoadFigures, Outcome, Percentiles, RateFigures, Report, ShardPart, TargetClock};

/// A merged run, with the figures that the sums do not show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// The name of the report.
    pub report: String,
    /// The part of the run that the generator had; null without `--shard`.
    #[serde(default)]
    pub shard: Option<ShardPart>,
    /// The name of the generator's machine; null if it is not known.
    #[serde(default)]
    pub host: Option<String>,
    /// The time from which events could be due, in UTC.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    pub started_at: Option<Timestamp>,
    /// How much later than the first run this run began, in milliseconds: by the clock of the target if all reports have it, otherwise by the
    /// clocks of the machines. Null for a run that never began.
    #[serde(default)]
    pub start_offset_ms: Option<f64>,
    /// The bounds of the target's clock minus the clock of the generator; null if they are not known.
    #[serde(default)]
    pub target_clock: Option<TargetClock>,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The time during which events were due, including warm-up.
    pub duration_s: f64,
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The reasons for the outcome.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The planned and the achieved load.
    pub load: LoadFigures,
    /// The planned events, by outcome.
    pub events: Events,
    /// The planned and the achieved rate.
    pub rate: RateFigures,
    /// The time from the scheduled time to the answer, over all planned events.
    #[serde(default)]
    pub latency_ms: Percentiles,
}

impl Part {
    /// Returns the runs of a report: the run itself, or the runs that were merged.
    pub fn of(named: &NamedReport) -> Vec<Self> {
        if named.report.parts.is_empty() {
            vec![Self { report: named.name.clone(), ..Self::whole(&named.report) }]
        } else {
            named.report.parts.clone()
        }
    }

    /// Returns the figures of a whole report, without a name.
    pub(crate) fn whole(report: &Report) -> Self {
        let Report { shard, started_at, seed, duration_s, outcome, events, rate, latency_ms, .. } = *report;
        Self {
            report: String::new(),
            shard,
            host: report.generator.host.clone(),
            started_at,
            start_offset_ms: None,
            target_clock: report.target_clock.clone(),
            seed,
            duration_s,
            outcome,
            reasons: report.reasons.clone(),
            load: report.load.clone(),
            events,
            rate,
            latency_ms,
        }
    }

    /// The key that orders parts: by number, then by name and start.
    pub(crate) fn order(&self) -> (u64, &str, Option<Timestamp>, u64, u64) {
        let number = self.shard.map_or(0, |shard| shard.part);
        (number, &self.report, self.started_at, self.seed, self.events.planned)
    }

    /// The number of the part and the name of its report, for people.
    pub fn label(&self) -> String {
        label(&self.report, self.shard)
    }

    /// The number of the part; for a run that is no part, the name of its report.
    pub fn number(&self) -> String {
        self.shard.map_or_else(|| self.report.clone(), |ShardPart { part, of }| format!("{part} of {of}"))
    }

    /// Whether both are the same run, also if their reports have different names. Runs that sent nothing are never the same.
    pub fn is_same_run(&self, other: &Self) -> bool {
        let named_as_other = || Self { report: other.report.clone(), start_offset_ms: other.start_offset_ms, ..self.clone() };
        self.events.planned > 0 && named_as_other() == *other
    }

    /// Describes the run and its part of the load, for people.
    pub fn shown(&self) -> String {
        let Self { report, seed, duration_s, outcome, load, .. } = self;
        format!("{report}: {}, seed {seed}, for {duration_s} s, {}", outcome.name().replace('_', " "), load.stages.join(", "))
    }
}

/// The number of the part and the name of its report, for people.
pub(crate) fn label(report: &str, shard: Option<ShardPart>) -> String {
    shard.map_or_else(|| report.to_owned(), |ShardPart { part, of }| format!("part {part} of {of} ({report})"))
}
