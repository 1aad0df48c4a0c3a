//! Merges the reports of several generators that ran against one target at the same time. Counts are added, histograms are added bucket by
//! bucket, and all percentiles are computed from the sums. The merged report is therefore the report that one generator would have
//! measured.
//!
//! Figures that cannot be exact err on the worse side: the percentiles of a [window](windows), and the maximum number of live seekers,
//! which is added as if all generators had reached it at the same time. [`verdict`] judges the merged report.

mod verdict;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use load_plan::load::Stage;
use measure::error_example::ErrorExample;
use measure::latency_blocks::LatencyBlocks;
use measure::sent_check::SentFindings;
use thiserror::Error;

use crate::curve::curve;
use crate::part::Part;
use crate::percentiles::thousandths;
use crate::read::NamedReport;
use crate::{
    ChangeOfLoad, Connections, Events, EventsOfType, Generator, Histograms, LoadFigures, Outcome, Pauses, Percentiles,
    RateFigures, Report, Retries, Searches, Seekers, WarmUp,
};

/// Generators whose starts differ by more than this, in seconds, did not start together.
const STARTS_APART_S_MAX: f64 = 2.0;

/// A report merged from several runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The merged report.
    pub report: Report,
    /// Caveats for the reader of the report, one sentence each.
    pub warnings: Vec<String>,
}

/// Why reports cannot be merged.
#[derive(Debug, PartialEq, Eq, Error)]
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

/// Merges reports.
///
/// # Errors
///
/// [`MergeError`] if the generators did not run the same load against one target, or if a run is named twice.
///
/// If the number of runs differs from `parts`, the merged report is not trustworthy.
pub fn merge(reports: &[NamedReport], parts: Option<usize>) -> Result<Merged, MergeError> {
    let first = reports.first().ok_or(MergeError::Nothing)?;
    let mut histograms = Histograms::default();
    for named in reports {
        if named.report.capacity.is_some() {
            return Err(MergeError::Search { name: named.name.clone() });
        }
        let of_report = named.report.histograms.as_ref().ok_or_else(|| MergeError::NoHistograms { name: named.name.clone() })?;
        histograms.add(of_report);
        same_setting(first, named)?;
    }
    each_run_once(reports)?;
    let runs: Vec<_> = reports.iter().flat_map(Part::of).collect();
    let all = || reports.iter().map(|named| &named.report);
    let load = load(reports);
    let mut report = Report {
        outcome: Outcome::Passed,
        reasons: Vec::new(),
        not_measured: all().flat_map(|report| report.not_measured.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect(),
        thresholds: Vec::new(),
        aborted_after_s: all().filter_map(|report| report.aborted_after_s).reduce(f64::min),
        started_at: all().filter_map(|report| report.started_at).min(),
        target: first.report.target.clone(),
        format: all().find_map(|report| report.format),
        seed: first.report.seed,
        speed: first.report.speed,
        duration_s: all().map(|report| report.duration_s).fold(0.0, f64::max),
        load,
        capacity: None,
        warm_up: all().filter_map(|report| report.warm_up).reduce(|sum, warm_up| WarmUp {
            duration_s: sum.duration_s.max(warm_up.duration_s),
            events: sum.events.plus(&warm_up.events),
        }),
        events: all().fold(Events::default(), |sum, report| sum.plus(&report.events)),
        by_type: by_type(reports, &histograms),
        rate: rate(reports),
        latency_ms: Percentiles::of_latencies(&histograms.latencies()),
        answered_latency_ms: Percentiles::of(histograms.latency.as_ref()),
        service_time_ms: Percentiles::of(histograms.service_time.as_ref()),
        schedule_lag_ms: Percentiles::of(histograms.schedule_lag.as_ref()),
        requests: all().map(|report| report.requests).sum(),
        connections: Connections::merge(all().filter_map(|report| report.connections), &histograms),
        retries: retries(reports),
        searches: searches(reports, &histograms),
        times_by_percentile: curve(&histograms),
        histograms: Some(histograms),
        latency_blocks: latency_blocks(reports),
        seekers: seekers(reports),
        generator: generator(reports),
        windows: windows::merge(&all().map(|report| report.windows.as_slice()).collect::<Vec<_>>()),
        errors: counts(all().map(|report| &report.errors)),
        error_examples: error_examples(all()),
        check_sent: all().filter_map(|report| report.check_sent.clone()).reduce(|mut sum: SentFindings, findings| {
            sum.add(&findings);
            sum
        }),
        // One receiver counts the events of all generators, and one generator reports it.
        receiver: all().find_map(|report| report.receiver.clone()),
        parts: runs,
    };
    let mut warnings = warnings(reports, &report.parts);
    warnings.extend(verdict::judge(&mut report, reports, parts));
    Ok(Merged { report, warnings })
}

/// Returns the blocks of all runs, which started together; `None` if a run has no blocks.
fn latency_blocks(reports: &[NamedReport]) -> Option<LatencyBlocks> {
    let blocks = reports.iter().map(|named| named.report.latency_blocks.clone());
    blocks.reduce(|sum, blocks| Some(sum?.plus(&blocks?))).flatten()
}

/// Returns the searches of all runs, if any run made searches.
fn searches(reports: &[NamedReport], histograms: &Histograms) -> Option<Searches> {
    let sum = reports.iter().filter_map(|named| named.report.searches).reduce(|sum, of_report| sum.plus(&of_report))?;
    let times = histograms.search_time.as_ref().map(|times| Percentiles::of(times.as_ref()));
    Some(Searches { time_ms: times.unwrap_or_default(), ..sum })
}

/// Checks that two generators have the same settings.
fn same_setting(one: &NamedReport, other: &NamedReport) -> Result<(), Box<Difference>> {
    let (of_one, of_other) = (&one.report, &other.report);
    let formats = of_one.format.zip(of_other.format).map(|(one, other)| (one.to_string(), other.to_string()));
    let kinds = (of_one.load.kind.name().to_owned(), of_other.load.kind.name().to_owned());
    let settings = [
        (
            "target",
            (of_one.target.clone(), of_other.target.clone()),
            "merge reports of one target, with the same --target in all runs",
        ),
        ("message format", formats.unwrap_or_default(), "merge reports with the same --format"),
        ("speed", (of_one.speed.to_string(), of_other.speed.to_string()), "merge reports with the same --speed"),
        ("kind of load", kinds, "merge reports with the same kind of load: --rate, --arrivals or --seekers"),
    ];
    let differing = settings.into_iter().find(|(_, (one, other), _)| one != other);
    differing.map_or(Ok(()), |(what, (of_one, of_other), advice)| {
        let (one, other) = (one.name.clone(), other.name.clone());
        Err(Box::new(Difference { what, one, other, of_one, of_other, advice }))
    })
}

/// Checks that no run is counted twice, including runs inside reports that were merged before.
fn each_run_once(reports: &[NamedReport]) -> Result<(), MergeError> {
    let runs: Vec<_> = reports.iter().flat_map(|named| Part::of(named).into_iter().map(move |part| (named, part))).collect();
    for (place, (one, part)) in runs.iter().enumerate() {
        if let Some((other, same)) = runs[place + 1..].iter().find(|(_, other)| other.is_same_run(part)) {
            let is_within = !(one.report.parts.is_empty() && other.report.parts.is_empty());
            let within =
                is_within.then(|| format!(" ({})", if one.report.parts.is_empty() { &same.report } else { &part.report }));
            return Err(MergeError::SameRun { one: one.name.clone(), other: other.name.clone(), within });
        }
    }
    Ok(())
}

/// Returns warnings about generators whose starts, durations or warm-ups differ, or whose seeds are equal.
fn warnings(reports: &[NamedReport], parts: &[Part]) -> Vec<String> {
    let mut warnings = Vec::new();
    let started = || parts.iter().filter_map(|part| Some((part, part.started_at?)));
    let (earliest, latest) = (started().min_by_key(|(_, at)| *at), started().max_by_key(|(_, at)| *at));
    if let (Some((one, earliest)), Some((other, latest))) = (earliest, latest) {
        let apart = latest.duration_since(earliest).as_secs_f64();
        if apart > STARTS_APART_S_MAX {
            warnings.push(format!(
                "{} started {apart:.1} s after {}; rates and windows assume that all generators start together",
                other.report, one.report
            ));
        }
    }
    for other in reports {
        let seconds = |named: &NamedReport| named.report.duration_s;
        let (one, of_one, of_other) = (&reports[0], seconds(&reports[0]), seconds(other));
        // A signal does not end all runs in the same moment.
        if (of_one - of_other).abs() > STARTS_APART_S_MAX {
            let names = format!("{} and {}", one.name, other.name);
            warnings.push(format!("{names} have different durations, {of_one} s and {of_other} s; rates use the longest"));
        }
        let warm_up = |named: &NamedReport| named.report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s);
        let (of_one, of_other) = (warm_up(one), warm_up(other));
        if (of_one - of_other).abs() > 0.0 {
            let names = format!("{} and {}", one.name, other.name);
            warnings.push(format!(
                "{names} have different warm-ups, {of_one} s and {of_other} s; their measured times do not start together"
            ));
        }
    }
    for (place, one) in parts.iter().enumerate() {
        if let Some(other) = parts[place + 1..].iter().find(|other| other.seed == one.seed) {
            warnings.push(format!(
                "{} and {} have the same seed, {}: both sent the same event ids; use a different --seed for each generator",
                one.report, other.report, one.seed
            ));
            break;
        }
    }
    warnings
}

/// Merges the loads. Stages with the same durations are added; other stages have no common course and appear only in the parts.
fn load(reports: &[NamedReport]) -> LoadFigures {
    let all = || reports.iter().map(|named| &named.report.load);
    let stages = all().map(|load| Some(load.stages.clone())).reduce(|sum, stages| sum_of_stages(&sum?, &stages?)).flatten();
    let planned: f64 = all().map(|load| load.planned).sum();
    let achieved: f64 = all().map(|load| load.achieved).sum();
    LoadFigures {
        kind: reports[0].report.load.kind,
        stages: stages.unwrap_or_default(),
        changes: changes(reports),
        pacing: all().map(|load| load.pacing).reduce(|one, other| one.filter(|_| one == other)).flatten(),
        planned,
        achieved,
        achieved_ratio: (planned > 0.0).then(|| achieved / planned),
    }
}

/// Returns the changes of all runs in order of time.
fn changes(reports: &[NamedReport]) -> Vec<ChangeOfLoad> {
    let mut changes: Vec<_> = reports.iter().flat_map(|named| named.report.load.changes.clone()).collect();
    changes.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
    changes
}

fn sum_of_stages(some: &[String], others: &[String]) -> Option<Vec<String>> {
    let sum = |(one, other): (&String, &String)| {
        let (one, other): (Stage, Stage) = (one.parse().ok()?, other.parse().ok()?);
        one.plus(other).map(|stage| stage.to_string())
    };
    (some.len() == others.len()).then(|| some.iter().zip(others).map(sum).collect()).flatten()
}

/// Returns rates over the longest measured time: generators that ended earlier sent nothing more.
fn rate(reports: &[NamedReport]) -> RateFigures {
    let seconds = |report: &Report| (report.duration_s - report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s)).max(0.0);
    let longest = reports.iter().map(|named| seconds(&named.report)).fold(0.0, f64::max);
    let mean = |of: fn(&RateFigures) -> f64| {
        let events: f64 = reports.iter().map(|named| of(&named.report.rate) * seconds(&named.report)).sum();
        if longest > 0.0 { thousandths(events / longest) } else { 0.0 }
    };
    RateFigures { planned_per_s: mean(|rate| rate.planned_per_s), achieved_per_s: mean(|rate| rate.achieved_per_s) }
}

fn by_type(reports: &[NamedReport], histograms: &Histograms) -> BTreeMap<client_event::EventType, EventsOfType> {
    let mut sums: BTreeMap<_, EventsOfType> = BTreeMap::new();
    for (event_type, of_type) in reports.iter().flat_map(|named| &named.report.by_type) {
        let sum = sums.entry(*event_type).or_default();
        sum.acknowledged += of_type.acknowledged;
        sum.refused += of_type.refused;
        sum.failed += of_type.failed;
        sum.unknown += of_type.unknown;
        sum.not_sent += of_type.not_sent;
    }
    for (event_type, sum) in &mut sums {
        let latencies = histograms.latencies_of(*event_type);
        sum.latency_ms = latencies.map(|latencies| Percentiles::of_latencies(&latencies)).unwrap_or_default();
    }
    sums
}

fn retries(reports: &[NamedReport]) -> Retries {
    let all = || reports.iter().map(|named| &named.report.retries);
    Retries {
        attempts: all().map(|retries| retries.attempts).sum(),
        events_retried: all().map(|retries| retries.events_retried).sum(),
        succeeded_after_retry: all().map(|retries| retries.succeeded_after_retry).sum(),
        causes: counts(all().map(|retries| &retries.causes)),
    }
}

/// Adds the seekers of all generators. The maximum is added as if all generators had reached it at the same time.
fn seekers(reports: &[NamedReport]) -> Seekers {
    let sum = |of: fn(&Seekers) -> u64| reports.iter().map(|named| of(&named.report.seekers)).sum();
    Seekers {
        started: sum(|seekers| seekers.started),
        finished: sum(|seekers| seekers.finished),
        left_early: sum(|seekers| seekers.left_early),
        panicked: sum(|seekers| seekers.panicked),
        live_max: sum(|seekers| seekers.live_max),
    }
}

/// Combines the generators, with the busiest thread of any; null if a generator does not report it.
fn generator(reports: &[NamedReport]) -> Generator {
    let all = || reports.iter().map(|named| &named.report.generator);
    Generator {
        cores: all().fold(0, |sum, generator| sum.saturating_add(generator.cores)),
        cores_used: all().map(|generator| generator.cores_used).sum::<Option<f64>>().map(thousandths),
        busiest_thread: all().map(|generator| generator.busiest_thread).reduce(|one, other| Some(one?.max(other?))).flatten(),
        in_flight_mean: all().map(|generator| generator.in_flight_mean).sum::<Option<f64>>().map(thousandths),
        pauses: all().filter_map(|generator| generator.pauses).reduce(Pauses::and),
        local_errors: all().map(|generator| generator.local_errors).sum(),
    }
}

/// Returns the first example of each error.
fn error_examples<'a>(all: impl Iterator<Item = &'a Report>) -> BTreeMap<String, ErrorExample> {
    let mut examples = BTreeMap::new();
    for (error, example) in all.flat_map(|report| &report.error_examples) {
        examples.entry(error.clone()).or_insert_with(|| example.clone());
    }
    examples
}

fn counts<'a>(all: impl Iterator<Item = &'a BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (name, count) in all.flatten() {
        *sums.entry(name.clone()).or_default() += count;
    }
    sums
}

#[cfg(test)]
mod tests;
