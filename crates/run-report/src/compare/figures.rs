//! The figures of a comparison and how each is judged.
//!
//! Statistical tests judge ratios and percentiles; the p-values are adjusted for the number of figures. Rates and capacities are a single
//! number per run, so only the tolerance judges them. The same holds for percentiles of reports without histograms.
//!
//! Some figures are shown but not judged: the planned rate, because it is a setting; the schedule lag, because it is part of the latency;
//! the maximum and percentiles with fewer than ten events above, because they are chance.

use client_event::EventType;
use hdrhistogram::Histogram;
use load_plan::EventOutcome;
use load_plan::threshold::{Figure, Statistic, TimeFigure};
use measure::latency::Latencies;
use measure::time_histogram::TimeHistogram;

use crate::compare::percentile::{self, Estimate, RankedTimes, Resampled};
use crate::compare::probability::float;
use crate::compare::proportion::Proportion;
use crate::compare::side::Side;
use crate::compare::{Change, CompareOptions, ComparedFigure, FigureInterval, FigureUnit, blocks, holm, proportion};
use crate::{Percentiles, Report};

/// The number of events that must lie above a percentile, on both sides, to judge the percentile.
const EVENTS_ABOVE_MIN: f64 = 10.0;

/// An event without an answer counts as this many times slower than the slowest answered event.
const UNANSWERED_TIMES_LONGEST: f64 = 10.0;

/// A figure, and the p-values of its test if it was tested.
struct Tested {
    figure: ComparedFigure,
    p: Option<PValues>,
}

/// The p-values of both hypotheses.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PValues {
    /// For the hypothesis that the figure did not get worse.
    worse: f64,
    /// For the hypothesis that the figure did not get better.
    better: f64,
}

impl Tested {
    const fn untested(figure: ComparedFigure) -> Self {
        Self { figure, p: None }
    }
}

/// Returns all figures that at least one of the two sides has.
pub(super) fn figures(before: &Side<'_>, after: &Side<'_>, options: &CompareOptions, is_same_load: bool) -> Vec<ComparedFigure> {
    let is_search = [before, after].into_iter().flat_map(Side::reports).all(|report| report.capacity.is_some());
    let mut figures = Vec::new();
    if is_search {
        let capacity = |report: &Report| report.capacity.as_ref().and_then(|capacity| capacity.rate_per_s);
        let figure = of_rate("capacity".to_owned(), before.mean(capacity), after.mean(capacity));
        figures.push(Tested::untested(judged_by_tolerance(figure, options, false)));
    }
    let rate = |report: &Report, of: fn(&Report) -> f64| (report.rate.planned_per_s > 0.0).then(|| of(report));
    let mean = |side: &Side<'_>, of: fn(&Report) -> f64| side.mean(|report| rate(report, of));
    let [planned, achieved] = [|report: &Report| report.rate.planned_per_s, |report: &Report| report.rate.achieved_per_s];
    figures.push(Tested::untested(of_rate("planned_rate".to_owned(), mean(before, planned), mean(after, planned))));
    let achieved = of_rate(Figure::Rate.to_string(), mean(before, achieved), mean(after, achieved));
    // A different load explains a different rate.
    figures.push(Tested::untested(if is_same_load { judged_by_tolerance(achieved, options, false) } else { achieved }));
    figures.extend(EventOutcome::ALL.into_iter().map(|counted| ratio(before, after, counted, None, options)));
    let (of_latency, design_effects) = times(before, after, TimeFigure::Latency, None, options, None);
    figures.extend(of_latency);
    for time in [TimeFigure::ServiceTime, TimeFigure::ScheduleLag] {
        figures.extend(times(before, after, time, None, options, Some(&design_effects)).0);
    }
    for event_type in EventType::ALL.into_iter().filter(|event_type| before.has_type(*event_type) && after.has_type(*event_type))
    {
        let event_type = Some(event_type);
        figures.extend(EventOutcome::ALL.into_iter().map(|counted| ratio(before, after, counted, event_type, options)));
        figures.extend(times(before, after, TimeFigure::Latency, event_type, options, Some(&design_effects)).0);
    }
    if is_search {
        // All figures except the capacity come from the last trial, whose rate varies between searches.
        for tested in &mut figures[1..] {
            tested.p = None;
            tested.figure.change = Change::NotJudged;
        }
    }
    with_verdicts(figures, options)
}

/// Judges all tested figures together: the more figures there are, the more evidence each figure needs.
fn with_verdicts(mut figures: Vec<Tested>, options: &CompareOptions) -> Vec<ComparedFigure> {
    let level = 1.0 - options.confidence.share();
    // If all bad events failed, the ratios of acknowledged and of failed events are one test and count once.
    let mut tests: Vec<(Option<EventType>, FigureUnit, PValues)> = Vec::new();
    let places = figures.iter().map(|tested| {
        let test = (tested.figure.event_type, tested.figure.unit, tested.p?);
        let same = tests.iter().position(|other| *other == test && test.1 == FigureUnit::Ratio);
        Some(same.unwrap_or_else(|| {
            tests.push(test);
            tests.len() - 1
        }))
    });
    let places: Vec<_> = places.collect();
    let worse = holm::adjusted(&tests.iter().map(|(.., p)| p.worse).collect::<Vec<_>>());
    let better = holm::adjusted(&tests.iter().map(|(.., p)| p.better).collect::<Vec<_>>());
    for (tested, place) in figures.iter_mut().zip(places) {
        let Some(place) = place else { continue };
        let (figure, worse, better) = (&mut tested.figure, worse[place], better[place]);
        figure.change = match (worse <= level, better <= level) {
            (true, _) => Change::Worse,
            (_, true) => Change::Better,
            _ => Change::Same,
        };
        figure.p_value = Some(worse.min(better));
    }
    figures.into_iter().map(|tested| tested.figure).collect()
}

/// Compares the share of planned events with this outcome.
fn ratio(
    before: &Side<'_>,
    after: &Side<'_>,
    counted: EventOutcome,
    event_type: Option<EventType>,
    options: &CompareOptions,
) -> Tested {
    let name = Figure::Ratio(counted).to_string();
    let of = |side: &Side<'_>| side.ratio(counted, event_type);
    let mut figure = compared(event_type, name, FigureUnit::Ratio, of(before), of(after));
    if figure.difference.is_none() {
        return Tested::untested(figure);
    }
    let (before, after) = (before.proportion(counted, event_type), after.proportion(counted, event_type));
    // A side without a burst says nothing about the frequency of bursts, but the other side may.
    let design_effect = before.design_effect.max(after.design_effect);
    let [before, after] = [before, after].map(|proportion| Proportion { design_effect, ..proportion });
    let (low, high) = proportion::interval(before, after, options.confidence.share());
    // The share of acknowledged events falls when the share of bad events rises.
    let (low, high) = if counted == EventOutcome::Acknowledged { (-high, -low) } else { (low, high) };
    figure.interval = Some(FigureInterval { low, high });
    let bad = before.part + after.part;
    if bad == 0 || bad == before.whole + after.whole {
        // Both sides are equal in any test. Such figures must not make the correction stricter for the other figures.
        figure.change = Change::Same;
        return Tested::untested(figure);
    }
    let tolerance = options.tolerance.ratio;
    let p =
        PValues { worse: proportion::p_worse(before, after, tolerance), better: proportion::p_worse(after, before, tolerance) };
    Tested { figure, p: Some(p) }
}

/// How much more the percentiles of each side vary than percentiles of independent events.
struct DesignEffects {
    before: Vec<Option<Resampled>>,
    after: Vec<Option<Resampled>>,
}

/// Compares the percentiles of a time. Uses the design effects of the latency of all events once they are known.
fn times(
    before: &Side<'_>,
    after: &Side<'_>,
    time: TimeFigure,
    event_type: Option<EventType>,
    options: &CompareOptions,
    known: Option<&DesignEffects>,
) -> (Vec<Tested>, DesignEffects) {
    let none = || vec![None; Statistic::PERCENTILES.len()];
    let (Some(ranked_before), Some(ranked_after)) = (ranked(before, time, event_type), ranked(after, time, event_type)) else {
        let figures = times_without_histograms(before, after, time, event_type, options);
        return (figures, DesignEffects { before: none(), after: none() });
    };
    let longest = [&ranked_before, &ranked_after].into_iter().filter_map(RankedTimes::longest_ms).fold(0.0, f64::max);
    let unanswered_ms = longest * UNANSWERED_TIMES_LONGEST;
    let shares = Statistic::PERCENTILES.map(share);
    let resampled = |side: &Side<'_>| blocks::variances(&side.blocks(time, event_type), &shares, unanswered_ms);
    let (of_before, of_after) = (resampled(before), resampled(after));
    let estimates = |ranked: &RankedTimes, own: &[Option<Resampled>], other: &[Option<Resampled>], known: Option<&Vec<_>>| {
        let estimate = |place: usize| {
            let estimate = Estimate::new(ranked, shares[place], unanswered_ms, own[place]);
            let estimate = estimate.as_uncertain_as(other[place]);
            estimate.inflated(known.and_then(|known: &Vec<Option<Resampled>>| known[place]))
        };
        (0..shares.len()).map(estimate).collect::<Vec<_>>()
    };
    let estimates_before = estimates(&ranked_before, &of_before, &of_after, known.map(|known| &known.before));
    let estimates_after = estimates(&ranked_after, &of_after, &of_before, known.map(|known| &known.after));
    let figure = |(place, statistic): (usize, Statistic)| {
        let share = share(statistic);
        let value = |ranked: &RankedTimes| if ranked.events() > 0 { ranked.at(share).or(ranked.longest_ms()) } else { None };
        let is_bound = |ranked: &RankedTimes| ranked.longest_ms().is_some() && ranked.at(share).is_none();
        let name = Figure::Time(time, statistic).to_string();
        let mut figure = compared(event_type, name, FigureUnit::Ms, value(&ranked_before), value(&ranked_after));
        figure.before_is_lower_bound = is_bound(&ranked_before);
        figure.after_is_lower_bound = is_bound(&ranked_after);
        let is_judged = time != TimeFigure::ScheduleLag
            && figure.difference.is_some()
            && [&ranked_before, &ranked_after].iter().all(|ranked| has_events_above(ranked.events(), statistic));
        if !is_judged {
            return Tested::untested(figure);
        }
        let (one, other) = (&estimates_before[place], &estimates_after[place]);
        if !figure.before_is_lower_bound && !figure.after_is_lower_bound {
            let (low, high) = percentile::interval(one, other, options.tolerance.percent, options.confidence.share());
            figure.interval = Some(FigureInterval { low, high });
        }
        let p = |one, other| percentile::p_worse(one, other, options.tolerance.percent, options.tolerance.time_ms);
        Tested { figure, p: Some(PValues { worse: p(one, other), better: p(other, one) }) }
    };
    let figures = Statistic::PERCENTILES.into_iter().enumerate().map(figure);
    let figures = moments(before, after, time, event_type).into_iter().chain(figures).collect();
    let effects = |estimates: &[Estimate]| estimates.iter().map(Estimate::design_effect).collect();
    (figures, DesignEffects { before: effects(&estimates_before), after: effects(&estimates_after) })
}

/// Returns the sorted times of a side; `None` if a report has no histograms.
fn ranked(side: &Side<'_>, time: TimeFigure, event_type: Option<EventType>) -> Option<RankedTimes> {
    let (histogram, unanswered) = side.pooled(time, event_type)?;
    Some(RankedTimes::new(AsRef::<Histogram<u64>>::as_ref(&histogram), unanswered))
}

/// Compares the percentiles of reports without histograms: by the tolerance alone, one run with one run.
fn times_without_histograms(
    before: &Side<'_>,
    after: &Side<'_>,
    time: TimeFigure,
    event_type: Option<EventType>,
    options: &CompareOptions,
) -> Vec<Tested> {
    let percentiles = |side: &Side<'_>| {
        let report = side.single()?;
        let of_type =
            |event_type| report.by_type.get(&event_type).map(|events| (events.latency_ms, events.acknowledged + events.refused));
        let answered = report.events.acknowledged + report.events.refused;
        match (time, event_type) {
            (TimeFigure::Latency, Some(event_type)) => of_type(event_type),
            (TimeFigure::Latency, None) => Some((report.latency_ms, answered)),
            (TimeFigure::AnsweredLatency, _) => Some((report.answered_latency_ms, answered)),
            (TimeFigure::ServiceTime, _) => Some((report.service_time_ms, answered)),
            (TimeFigure::ScheduleLag, _) => Some((report.schedule_lag_ms, answered)),
        }
    };
    let (before, after) = (percentiles(before), percentiles(after));
    let figure = |statistic: Statistic| {
        let value = |side: Option<(Percentiles, u64)>| Some(side?.0.get(statistic)?.0);
        let name = Figure::Time(time, statistic).to_string();
        let figure = compared(event_type, name, FigureUnit::Ms, value(before), value(after));
        let has_enough =
            [before, after].iter().all(|side| side.is_some_and(|(_, answered)| has_events_above(answered, statistic)));
        let is_judged = time != TimeFigure::ScheduleLag && has_enough;
        Tested::untested(if is_judged { judged_by_tolerance(figure, options, true) } else { figure })
    };
    Statistic::PERCENTILES.into_iter().map(figure).collect()
}

/// The minimum, the mean and the standard deviation. They are shown but not judged: percentiles say more about what users experience.
fn moments(before: &Side<'_>, after: &Side<'_>, time: TimeFigure, event_type: Option<EventType>) -> Vec<Tested> {
    let (before, after) = (before.pooled(time, event_type), after.pooled(time, event_type));
    let of = |side: &Option<(TimeHistogram, u64)>, statistic: Statistic| {
        let (answered, unanswered) = side.as_ref()?;
        let (value, _) = Latencies::new(answered.as_ref(), None).statistic(statistic)?;
        Some((value, *unanswered > 0 && statistic != Statistic::Min))
    };
    let figure = |statistic: Statistic| {
        let (one, other) = (of(&before, statistic), of(&after, statistic));
        let value = |found: Option<(f64, bool)>| found.map(|(value, _)| value);
        let mut figure =
            compared(event_type, Figure::Time(time, statistic).to_string(), FigureUnit::Ms, value(one), value(other));
        figure.before_is_lower_bound = one.is_some_and(|(_, is_lower_bound)| is_lower_bound);
        figure.after_is_lower_bound = other.is_some_and(|(_, is_lower_bound)| is_lower_bound);
        Tested::untested(figure)
    };
    [Statistic::Min, Statistic::Mean, Statistic::StandardDeviation].map(figure).into()
}

/// Whether enough events lie above a percentile to rule out chance.
fn has_events_above(events: u64, statistic: Statistic) -> bool {
    float(events) * (1.0 - share(statistic)) + 1e-6 >= EVENTS_ABOVE_MIN
}

/// The share of events at or below a percentile.
fn share(statistic: Statistic) -> f64 {
    statistic.part().unwrap_or(1.0)
}

fn of_rate(name: String, before: Option<f64>, after: Option<f64>) -> ComparedFigure {
    compared(None, name, FigureUnit::PerS, before, after)
}

/// Judges a figure by the tolerance: a longer time is worse, a lower rate is worse. A change and its reverse are judged alike.
fn judged_by_tolerance(figure: ComparedFigure, options: &CompareOptions, is_time: bool) -> ComparedFigure {
    let Some((before, after)) = figure.before.zip(figure.after) else { return figure };
    let factor = 1.0 + options.tolerance.percent / 100.0;
    let least_ms = if is_time { options.tolerance.time_ms } else { 0.0 };
    let is_higher = |one: f64, other: f64| other > one * factor && other - one > least_ms;
    let change = match (is_higher(before, after), is_higher(after, before)) {
        (true, _) => {
            if is_time {
                Change::Worse
            } else {
                Change::Better
            }
        }
        (_, true) => {
            if is_time {
                Change::Better
            } else {
                Change::Worse
            }
        }
        _ => Change::Same,
    };
    ComparedFigure { change, ..figure }
}

/// Creates a figure with both values that is not yet judged.
fn compared(
    event_type: Option<EventType>,
    figure: String,
    unit: FigureUnit,
    before: Option<f64>,
    after: Option<f64>,
) -> ComparedFigure {
    let difference = before.zip(after).map(|(before, after)| after - before);
    let percent =
        before.zip(difference).filter(|(before, _)| *before > 0.0).map(|(before, difference)| difference / before * 100.0);
    ComparedFigure {
        event_type,
        figure,
        unit,
        before,
        before_is_lower_bound: false,
        after,
        after_is_lower_bound: false,
        difference,
        change_percent: percent,
        interval: None,
        p_value: None,
        change: Change::NotJudged,
    }
}
