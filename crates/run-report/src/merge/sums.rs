//! The sums over all reports.

use std::collections::BTreeMap;

use load_plan::load::{LoadKind, Stage};
use measure::error_example::ErrorExample;

use crate::percentiles::thousandths;
use crate::read::NamedReport;
use crate::{
    EventsOfType, Generator, Histograms, LoadFigures, Pauses, Percentiles, RateFigures, Report, Retries, Searches, Seekers,
};

/// Returns the searches of all runs, if any run made searches.
pub(super) fn searches(reports: &[NamedReport], histograms: &Histograms) -> Option<Searches> {
    let sum = reports.iter().filter_map(|named| named.report.searches).reduce(|sum, of_report| sum.plus(&of_report))?;
    let times = histograms.search_time.as_ref().map(|times| Percentiles::of(times.as_ref()));
    Some(Searches { time_ms: times.unwrap_or_default(), ..sum })
}

/// Merges the loads. Parts of a run have the load of the run. Stages of other runs are added if they have the same durations; other stages have
/// no common course and appear only in the parts.
pub(super) fn load(reports: &[NamedReport]) -> LoadFigures {
    let all = || reports.iter().map(|named| &named.report.load);
    let first = &reports[0].report;
    let stages = match first.run.as_ref().filter(|_| first.shard.is_some()) {
        Some(run) => Some(run.stages.clone()),
        None => all().map(|load| Some(load.stages.clone())).reduce(|sum, stages| sum_of_stages(&sum?, &stages?)).flatten(),
    };
    let planned: f64 = all().map(|load| load.planned).sum();
    let achieved: f64 = all().map(|load| load.achieved).sum();
    LoadFigures {
        kind: reports[0].report.load.kind,
        stages: stages.unwrap_or_default(),
        pacing: all().map(|load| load.pacing).reduce(|one, other| one.filter(|_| one == other)).flatten(),
        planned,
        achieved,
        achieved_ratio: (planned > 0.0).then(|| achieved / planned),
    }
}

fn sum_of_stages(some: &[String], others: &[String]) -> Option<Vec<String>> {
    let sum = |(one, other): (&String, &String)| {
        let (one, other): (Stage, Stage) = (one.parse().ok()?, other.parse().ok()?);
        one.plus(other).map(|stage| stage.to_string())
    };
    (some.len() == others.len()).then(|| some.iter().zip(others).map(sum).collect()).flatten()
}

/// Returns rates over the longest measured time: generators that ended earlier sent nothing more.
pub(super) fn rate(reports: &[NamedReport]) -> RateFigures {
    let seconds = |report: &Report| (report.duration_s - report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s)).max(0.0);
    let longest = reports.iter().map(|named| seconds(&named.report)).fold(0.0, f64::max);
    let mean = |events: fn(&Report, f64) -> f64| {
        let events: f64 = reports.iter().map(|named| events(&named.report, seconds(&named.report))).sum();
        if longest > 0.0 { thousandths(events / longest) } else { 0.0 }
    };
    // Rates are rounded, counts are not.
    let sent_in_time = |report: &Report, seconds: f64| match report.load.kind {
        LoadKind::Rate => report.load.achieved,
        LoadKind::Arrivals | LoadKind::Seekers => report.rate.achieved_per_s * seconds,
    };
    RateFigures { planned_per_s: mean(|report, _| exact(report.events.planned)), achieved_per_s: mean(sent_in_time) }
}

fn exact(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let count = count as f64;
    count
}

pub(super) fn by_type(reports: &[NamedReport], histograms: &Histograms) -> BTreeMap<client_event::EventType, EventsOfType> {
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

pub(super) fn retries(reports: &[NamedReport]) -> Retries {
    let all = || reports.iter().map(|named| &named.report.retries);
    Retries {
        attempts: all().map(|retries| retries.attempts).sum(),
        events_retried: all().map(|retries| retries.events_retried).sum(),
        succeeded_after_retry: all().map(|retries| retries.succeeded_after_retry).sum(),
        causes: counts(all().map(|retries| &retries.causes)),
    }
}

/// Adds the seekers of all generators. The maximum is added as if all generators had reached it at the same time.
pub(super) fn seekers(reports: &[NamedReport]) -> Seekers {
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
pub(super) fn generator(reports: &[NamedReport]) -> Generator {
    let all = || reports.iter().map(|named| &named.report.generator);
    Generator {
        host: None,
        cores: all().fold(0, |sum, generator| sum.saturating_add(generator.cores)),
        cores_used: all().map(|generator| generator.cores_used).sum::<Option<f64>>().map(thousandths),
        busiest_thread: all().map(|generator| generator.busiest_thread).reduce(|one, other| Some(one?.max(other?))).flatten(),
        in_flight_mean: all().map(|generator| generator.in_flight_mean).sum::<Option<f64>>().map(thousandths),
        pauses: all().filter_map(|generator| generator.pauses).reduce(Pauses::and),
        local_errors: all().map(|generator| generator.local_errors).sum(),
    }
}

/// Returns the first example of each error.
pub(super) fn error_examples<'a>(all: impl Iterator<Item = &'a Report>) -> BTreeMap<String, ErrorExample> {
    let mut examples = BTreeMap::new();
    for (error, example) in all.flat_map(|report| &report.error_examples) {
        examples.entry(error.clone()).or_insert_with(|| example.clone());
    }
    examples
}

pub(super) fn counts<'a>(all: impl Iterator<Item = &'a BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (name, count) in all.flatten() {
        *sums.entry(name.clone()).or_default() += count;
    }
    sums
}
