//! One side of a comparison: several runs combined. Counts and histograms are added.

use client_event::EventType;
use hdrhistogram::Histogram;
use load_plan::EventOutcome;
use load_plan::threshold::TimeFigure;
use measure::latency_blocks::{LatencyBlock, LatencyBlocks};
use measure::outcome_counts::OutcomeCounts;
use measure::time_histogram::TimeHistogram;

use crate::compare::blocks::{Block, RunBlocks};
use crate::compare::probability::float;
use crate::compare::proportion::{self, Proportion};
use crate::read::NamedReport;
use crate::{Events, EventsOfType, Histograms, Report, Window};

/// The runs of one side.
#[derive(Clone, Debug)]
pub(super) struct Side<'a>(pub(super) Vec<ComparableRun<'a>>);

/// A run with the data that a comparison needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComparableRun<'a> {
    pub(super) named: &'a NamedReport,
    pub(super) latency_blocks: Option<&'a LatencyBlocks>,
}

impl<'a> ComparableRun<'a> {
    pub(super) fn new(named: &'a NamedReport) -> Self {
        Self { named, latency_blocks: named.report.latency_blocks.as_ref() }
    }

    fn report(self) -> &'a Report {
        &self.named.report
    }

    /// The planned events, of one type or of all types.
    fn counts(self, event_type: Option<EventType>) -> EventCounts {
        let report = self.report();
        EventCounts(match event_type {
            None => {
                let Events { acknowledged, refused, failed, unknown, not_sent, .. } = report.events;
                OutcomeCounts { acknowledged, refused, failed, unknown, not_sent }
            }
            Some(event_type) => {
                let of_type = report.by_type.get(&event_type).copied().unwrap_or_default();
                let EventsOfType { acknowledged, refused, failed, unknown, not_sent, .. } = of_type;
                OutcomeCounts { acknowledged, refused, failed, unknown, not_sent }
            }
        })
    }

    /// Returns the histogram of a time, and the number of events that are slower than the whole histogram. `None` for reports of older
    /// versions.
    fn times(self, time: TimeFigure, event_type: Option<EventType>) -> Option<RunTimes<'a>> {
        let histograms: &Histograms = self.report().histograms.as_ref()?;
        let histogram = match (time, event_type) {
            (TimeFigure::Latency | TimeFigure::AnsweredLatency, Some(event_type)) => histograms.latency_by_type.get(&event_type),
            (TimeFigure::Latency | TimeFigure::AnsweredLatency, None) => Some(&histograms.latency),
            (TimeFigure::ServiceTime, _) => Some(&histograms.service_time),
            (TimeFigure::ScheduleLag, _) => Some(&histograms.schedule_lag),
        };
        let answered = histogram.map(AsRef::<Histogram<u64>>::as_ref);
        let unanswered = match time {
            TimeFigure::Latency => self.counts(event_type).planned().saturating_sub(answered.map_or(0, Histogram::len)),
            // An event without an answer has no service time.
            TimeFigure::AnsweredLatency | TimeFigure::ServiceTime | TimeFigure::ScheduleLag => 0,
        };
        Some(RunTimes { answered, unanswered })
    }
}

/// The times of one run.
#[derive(Clone, Copy)]
struct RunTimes<'a> {
    answered: Option<&'a Histogram<u64>>,
    unanswered: u64,
}

/// Planned events by outcome.
#[derive(Clone, Copy, Debug, Default)]
struct EventCounts(OutcomeCounts);

impl EventCounts {
    const fn planned(self) -> u64 {
        self.0.planned()
    }

    /// The number of these events with an outcome.
    const fn of(self, counted: EventOutcome) -> u64 {
        self.0.of(counted)
    }

    /// Returns (events that count against the target, all events) for the ratio of an outcome.
    fn bad(self, counted: EventOutcome) -> (u64, u64) {
        let part = self.of(counted);
        let bad = if counted == EventOutcome::Acknowledged { self.planned() - part } else { part };
        (bad, self.planned())
    }
}

impl<'a> Side<'a> {
    pub(super) fn new(runs: &'a [NamedReport]) -> Self {
        Self(runs.iter().map(ComparableRun::new).collect())
    }

    /// Returns the report, if there is only one.
    pub(super) fn single(&self) -> Option<&'a Report> {
        match self.0[..] {
            [run] => Some(run.report()),
            _ => None,
        }
    }

    pub(super) fn reports(&self) -> impl Iterator<Item = &'a Report> {
        self.0.iter().map(|run| run.report())
    }

    /// The mean of a figure over the runs that have it.
    pub(super) fn mean(&self, of: impl Fn(&Report) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.reports().filter_map(of).collect();
        #[expect(clippy::cast_precision_loss, reason = "a number of files")]
        let runs = values.len() as f64;
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / runs)
    }

    /// Whether any run had events of this type.
    pub(super) fn has_type(&self, event_type: EventType) -> bool {
        self.reports().any(|report| report.by_type.contains_key(&event_type))
    }

    /// The share of planned events with this outcome; `None` if no event was planned.
    pub(super) fn ratio(&self, counted: EventOutcome, event_type: Option<EventType>) -> Option<f64> {
        let counts = || self.0.iter().map(|run| run.counts(event_type));
        let planned: u64 = counts().map(EventCounts::planned).sum();
        let part: u64 = counts().map(|counts| counts.of(counted)).sum();
        (planned > 0).then(|| float(part) / float(planned))
    }

    /// The share of planned events that count against the target, with its design effect.
    pub(super) fn proportion(&self, counted: EventOutcome, event_type: Option<EventType>) -> Proportion {
        let of_runs: Vec<_> = self.0.iter().map(|run| run.counts(event_type).bad(counted)).collect();
        let (part, whole) = of_runs.iter().fold((0, 0), |sum, run| (sum.0 + run.0, sum.1 + run.1));
        // Windows do not distinguish types, so the events of a type are assumed to come in bursts like all events.
        let within = self.reports().map(|report| {
            let groups: Vec<_> = report.windows.iter().map(|window| bad_of_window(window, counted)).collect();
            proportion::design_effect(&groups)
        });
        let design_effect = within.fold(proportion::design_effect(&of_runs), f64::max);
        Proportion { part, whole, design_effect }
    }

    /// Returns the sum of all times of a kind, and the number of events that are slower. `None` if a report has no histograms.
    pub(super) fn pooled(&self, time: TimeFigure, event_type: Option<EventType>) -> Option<(TimeHistogram, u64)> {
        let mut sum = TimeHistogram::default();
        let mut unanswered = 0;
        for run in &self.0 {
            let times = run.times(time, event_type)?;
            if let Some(answered) = times.answered {
                sum.add_histogram(answered);
            }
            unanswered += times.unanswered;
        }
        Some((sum, unanswered))
    }

    /// Returns the times of a kind by blocks. The latency of all events uses the blocks of the report; any other time uses each run as one
    /// block.
    pub(super) fn blocks(&self, time: TimeFigure, event_type: Option<EventType>) -> RunBlocks<'a> {
        let of_run = |run: &ComparableRun<'a>| -> Vec<Block<'a>> {
            match run.latency_blocks {
                Some(LatencyBlocks { blocks, .. })
                    if time == TimeFigure::Latency && event_type.is_none() && !blocks.is_empty() =>
                {
                    let block =
                        |block: &'a LatencyBlock| Block { answered: block.answered.as_ref(), unanswered: block.unanswered };
                    blocks.iter().map(block).collect()
                }
                _ => {
                    let times = run.times(time, event_type);
                    let whole =
                        times.and_then(|RunTimes { answered, unanswered }| Some(Block { answered: answered?, unanswered }));
                    whole.into_iter().collect()
                }
            }
        };
        self.0.iter().map(of_run).collect()
    }
}

/// Returns (events that count against the target, all events) of the events that were settled in a window.
fn bad_of_window(window: &Window, counted: EventOutcome) -> (u64, u64) {
    let Window { acknowledged, refused, failed, unknown, not_sent, .. } = *window;
    EventCounts(OutcomeCounts { acknowledged, refused, failed, unknown, not_sent }).bad(counted)
}
