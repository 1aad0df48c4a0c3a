//! Merges the reports of several generators that ran against one target at the same time. Counts are added, histograms are added bucket by
//! bucket, and all percentiles are computed from the sums. The merged report is therefore the report that one generator would have
//! measured.
//!
//! Reports are added one at a time: of each report, only the figures stay in memory. The sums do not depend on the order of the reports.
//!
//! Figures that cannot be exact err on the worse side: the percentiles of a [window](windows), and the maximum number of live seekers,
//! which is added as if all generators had reached it at the same time. [`verdict`] judges the merged report, [`completeness`] finds missing,
//! repeated and unrelated parts.

mod completeness;
mod error;
mod settings;
mod starts;
mod sums;
mod verdict;
mod warnings;
mod windows;

use std::collections::BTreeMap;

use jiff::Timestamp;
use measure::latency_blocks::LatencyBlocks;
use measure::sent_check::SentFindings;
use measure::thresholds::sliding::{SeriesCounts, SeriesSum};

use crate::curve::curve;
use crate::merge_facts::MergeFacts;
use crate::part::Part;
use crate::read::NamedReport;
use crate::{Connections, Events, Histograms, Outcome, Percentiles, Report, WarmUp};
pub use error::{Difference, MergeError};
use starts::Starts;

/// What the user knows about the reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeOptions {
    /// The number of reports. With another number, the merged report is not trustworthy.
    pub expected: Option<usize>,
    /// Whether the clocks of the machines agree. Otherwise the starts of the parts of a run are compared by the clock of the target.
    pub clocks_agree: bool,
}

/// Merges reports one by one.
#[derive(Debug, Default)]
pub struct Merger {
    options: MergeOptions,
    /// The reports without the figures that are added at once.
    reports: Vec<NamedReport>,
    histograms: Histograms,
    latency_blocks: Option<LatencyBlocks>,
    /// The number of reports with latency blocks.
    with_blocks: usize,
    series: BTreeMap<SeriesCounts, SeriesSum>,
}

/// Merges reports.
///
/// # Errors
///
/// [`MergeError`] if the generators did not run the same load against one target, or if a run is named twice.
pub fn merge(reports: &[NamedReport], options: MergeOptions) -> Result<Report, MergeError> {
    let mut merger = Merger::new(options);
    for named in reports {
        merger.add(named.clone())?;
    }
    merger.finish()
}

impl Merger {
    /// Creates a merger without reports.
    pub fn new(options: MergeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Adds a report.
    ///
    /// # Errors
    ///
    /// [`MergeError`] if the report cannot be added exactly.
    pub fn add(&mut self, mut named: NamedReport) -> Result<(), MergeError> {
        let NamedReport { name, report } = &mut named;
        if report.capacity.is_some() {
            return Err(MergeError::Search { name: name.clone() });
        }
        if report.parts.iter().any(|part| part.shard.is_some()) {
            return Err(MergeError::MergedParts { name: name.clone() });
        }
        let histograms = report.histograms.take().ok_or_else(|| MergeError::NoHistograms { name: name.clone() })?;
        self.histograms.add(&histograms);
        if let Some(blocks) = report.latency_blocks.take() {
            self.with_blocks += 1;
            self.latency_blocks = Some(match self.latency_blocks.take() {
                Some(sum) => sum.plus(&blocks),
                None => blocks,
            });
        }
        for series in std::mem::take(&mut report.second_series) {
            let sum = self.series.entry(series.counts).or_insert_with(|| SeriesSum::new(series.counts));
            sum.add(&series).map_err(|source| MergeError::Series { name: name.clone(), counts: series.counts, source })?;
        }
        report.times_by_percentile = Vec::new();
        self.reports.push(named);
        Ok(())
    }

    /// Returns the merged report.
    ///
    /// # Errors
    ///
    /// [`MergeError`] if the generators did not run the same load against one target, or if a run is named twice.
    pub fn finish(self) -> Result<Report, MergeError> {
        let Self { options, mut reports, histograms, latency_blocks, with_blocks, series } = self;
        // In any order of the files, the result is the same.
        reports.sort_by(|one, other| order(&one.name, &one.report).cmp(&order(&other.name, &other.report)));
        let first = reports.first().ok_or(MergeError::Nothing)?;
        settings::check(&reports)?;
        completeness::check_each_run_once(&reports)?;
        let mut parts: Vec<_> = reports.iter().flat_map(Part::of).collect();
        parts.sort_by(|one, other| one.order().cmp(&other.order()));
        let starts = Starts::of(&parts);
        let offsets = starts.offsets_ms();
        let facts = MergeFacts {
            expected: options.expected.or(first.report.shard.and_then(|shard| usize::try_from(shard.of).ok())),
            starts_apart_ms: starts.apart_ms(),
            warnings: Vec::new(),
        };
        let incomplete = completeness::reasons(&parts, &starts, first.report.run.as_ref(), options);
        let mut warnings = warnings::warnings(&reports, &parts, options);
        for (part, offset) in parts.iter_mut().zip(offsets) {
            part.start_offset_ms = offset;
        }
        let blocks = latency_blocks.filter(|_| with_blocks == reports.len());
        let mut report = merged(&reports, histograms, blocks, parts);
        warnings.extend(verdict::judge(&mut report, &reports, &series, incomplete));
        report.merge = Some(MergeFacts { warnings, ..facts });
        Ok(report)
    }
}

/// The key that orders reports: parts by number, all others by name and start.
fn order<'a>(name: &'a str, report: &Report) -> (u64, &'a str, Option<Timestamp>, u64, u64) {
    (report.shard.map_or(0, |shard| shard.part), name, report.started_at, report.seed, report.events.planned)
}

/// Returns the sums, without a verdict.
fn merged(reports: &[NamedReport], histograms: Histograms, latency_blocks: Option<LatencyBlocks>, parts: Vec<Part>) -> Report {
    let first = &reports[0].report;
    let all = || reports.iter().map(|named| &named.report);
    Report {
        outcome: Outcome::Passed,
        reasons: Vec::new(),
        thresholds: Vec::new(),
        aborted_after_s: all().filter_map(|report| report.aborted_after_s).reduce(f64::min),
        started_at: all().filter_map(|report| report.started_at).min(),
        run: first.run.clone().filter(|_| first.shard.is_some()),
        shard: None,
        target_clock: None,
        target: first.target.clone(),
        format: all().find_map(|report| report.format),
        seed: first.seed,
        speed: first.speed,
        duration_s: all().map(|report| report.duration_s).fold(0.0, f64::max),
        load: sums::load(reports),
        capacity: None,
        warm_up: all().filter_map(|report| report.warm_up).reduce(|sum, warm_up| WarmUp {
            duration_s: sum.duration_s.max(warm_up.duration_s),
            events: sum.events.plus(&warm_up.events),
        }),
        events: all().fold(Events::default(), |sum, report| sum.plus(&report.events)),
        by_type: sums::by_type(reports, &histograms),
        rate: sums::rate(reports),
        latency_ms: Percentiles::of_latencies(&histograms.latencies()),
        answered_latency_ms: Percentiles::of(histograms.latency.as_ref()),
        service_time_ms: Percentiles::of(histograms.service_time.as_ref()),
        schedule_lag_ms: Percentiles::of(histograms.schedule_lag.as_ref()),
        requests: all().map(|report| report.requests).sum(),
        connections: Connections::merge(all().filter_map(|report| report.connections), &histograms),
        retries: sums::retries(reports),
        searches: sums::searches(reports, &histograms),
        times_by_percentile: curve(&histograms),
        histograms: Some(histograms),
        latency_blocks,
        second_series: Vec::new(),
        seekers: sums::seekers(reports),
        generator: sums::generator(reports),
        windows: windows::merge(&all().map(|report| report.windows.as_slice()).collect::<Vec<_>>()),
        errors: sums::counts(all().map(|report| &report.errors)),
        error_examples: sums::error_examples(all()),
        check_sent: all().filter_map(|report| report.check_sent.clone()).reduce(|mut sum: SentFindings, findings| {
            sum.add(&findings);
            sum
        }),
        // One receiver counts the events of all generators, and one generator reports it.
        receiver: all().find_map(|report| report.receiver.clone()),
        parts,
        merge: None,
    }
}

#[cfg(test)]
mod tests;
