//! The figures that two runs are compared by, and how each is judged.
//!
//! Not every figure that is shown is judged. The planned rate is what was asked for. The schedule lag is part of the latency, so whatever
//! the target has to do with it is judged there. The longest time is that of a single event, which is chance; so is a percentile that
//! only a few events lie above.

use client_event::EventType;

use crate::report::compare::tolerance::Tolerance;
use crate::report::compare::{Change, ComparedFigure, FigureUnit, same_load};
use crate::report::{EventsOfType, Percentiles, Report};
use crate::threshold::{Counted, Figure, Statistic, TimeFigure};

/// So many events have to lie above a percentile, in both runs, for it to be judged.
const EVENTS_ABOVE_MIN: f64 = 10.0;

/// So many events more, or less, have to make a ratio worse or better: one or two of them are chance in a short run.
const EVENTS_OF_RATIO_MIN: f64 = 3.0;

/// All figures of two runs, as far as either has them.
pub(super) fn figures(before: &Report, after: &Report, tolerance: Tolerance) -> Vec<ComparedFigure> {
    let is_search = before.capacity.is_some() && after.capacity.is_some();
    let mut figures = Vec::new();
    if is_search {
        let capacity = |report: &Report| report.capacity.as_ref().and_then(|capacity| capacity.rate_per_s);
        let rate = of_rate("capacity".to_owned(), capacity(before), capacity(after));
        figures.push(ComparedFigure { change: judged_rate(&rate, tolerance), ..rate });
    }
    let rates = |report: &Report| {
        let has_rate = report.rate.planned_per_s > 0.0;
        (has_rate.then_some(report.rate.planned_per_s), has_rate.then_some(report.rate.achieved_per_s))
    };
    let ((planned_before, achieved_before), (planned_after, achieved_after)) = (rates(before), rates(after));
    figures.push(of_rate("planned_rate".to_owned(), planned_before, planned_after));
    let achieved = of_rate(Figure::Rate.to_string(), achieved_before, achieved_after);
    // With another load another rate is no wonder.
    let change = if same_load(before, after) { judged_rate(&achieved, tolerance) } else { Change::NotJudged };
    figures.push(ComparedFigure { change, ..achieved });
    let (one, other) = (Measured::of_all(before), Measured::of_all(after));
    figures.extend(ratios(None, &one, &other, tolerance));
    for time in TimeFigure::ALL {
        figures.extend(times(None, time, &one, &other, tolerance));
    }
    for event_type in before.by_type.keys().filter(|event_type| after.by_type.contains_key(event_type)) {
        let (one, other) = (Measured::of_type(before, *event_type), Measured::of_type(after, *event_type));
        figures.extend(ratios(Some(*event_type), &one, &other, tolerance));
        figures.extend(times(Some(*event_type), TimeFigure::Latency, &one, &other, tolerance));
    }
    if is_search {
        // They are those of the last trial, at whatever rate that was.
        for figure in &mut figures[1..] {
            figure.change = Change::NotJudged;
        }
    }
    figures
}

/// What was measured of the events of a run, or of one type of them.
struct Measured {
    counts: EventsOfType,
    answered_latency_ms: Percentiles,
    service_time_ms: Percentiles,
    schedule_lag_ms: Percentiles,
    /// How many were answered, and have times.
    answered: u64,
}

impl Measured {
    fn of_all(report: &Report) -> Self {
        let events = &report.events;
        let counts = EventsOfType {
            acknowledged: events.acknowledged,
            refused: events.refused,
            failed: events.failed,
            unknown: events.unknown,
            not_sent: events.not_sent,
            latency_ms: report.latency_ms,
        };
        let histogram = report.histograms.as_ref().map(|histograms| histograms.latency.as_ref().len());
        Self {
            counts,
            answered_latency_ms: report.answered_latency_ms,
            service_time_ms: report.service_time_ms,
            schedule_lag_ms: report.schedule_lag_ms,
            // Older reports do not say how many were answered with 5xx.
            answered: histogram.unwrap_or(counts.acknowledged + counts.refused),
        }
    }

    fn of_type(report: &Report, event_type: EventType) -> Self {
        let counts = report.by_type.get(&event_type).copied().unwrap_or_default();
        let histograms = report.histograms.as_ref();
        let histogram = histograms.and_then(|histograms| histograms.latency_by_type.get(&event_type));
        let answered = histogram.map_or(counts.acknowledged + counts.refused, |histogram| histogram.as_ref().len());
        let none = Percentiles::default();
        Self { counts, answered_latency_ms: none, service_time_ms: none, schedule_lag_ms: none, answered }
    }

    /// How many there are of this, and of all that it is a part of.
    fn counted(&self, counted: Counted) -> (u64, u64) {
        let EventsOfType { acknowledged, refused, failed, unknown, not_sent, .. } = self.counts;
        let planned = acknowledged + refused + failed + unknown + not_sent;
        match counted {
            Counted::Acknowledged => (acknowledged, planned),
            Counted::Refused => (refused, planned),
            Counted::Failed => (failed, planned),
            Counted::Unknown => (unknown, planned),
            Counted::NotSent => (not_sent, planned),
        }
    }

    const fn percentiles(&self, time: TimeFigure) -> &Percentiles {
        match time {
            TimeFigure::Latency => &self.counts.latency_ms,
            TimeFigure::AnsweredLatency => &self.answered_latency_ms,
            TimeFigure::ServiceTime => &self.service_time_ms,
            TimeFigure::ScheduleLag => &self.schedule_lag_ms,
        }
    }

    /// Whether enough events lie above a quantile for it to be more than chance.
    fn tells(&self, statistic: Statistic) -> bool {
        let Statistic::Percentile(percentile) = statistic else { return false };
        exact(self.answered) * (1.0 - percentile.part()) >= EVENTS_ABOVE_MIN
    }
}

fn times<'a>(
    event_type: Option<EventType>,
    time: TimeFigure,
    before: &'a Measured,
    after: &'a Measured,
    tolerance: Tolerance,
) -> impl Iterator<Item = ComparedFigure> + use<'a> {
    Statistic::SHOWN.into_iter().map(move |statistic| {
        let of = |measured: &Measured| measured.percentiles(time).get(statistic).map(|(value, _)| value);
        let name = Figure::Time(time, statistic).to_string();
        let figure = compared(event_type, name, FigureUnit::Ms, of(before), of(after));
        let is_judged = time != TimeFigure::ScheduleLag && before.tells(statistic) && after.tells(statistic);
        let change = match (figure.before, figure.difference) {
            (Some(before), Some(difference)) if is_judged => {
                let is_beyond = difference.abs() > tolerance.time_ms && difference.abs() > before * tolerance.percent / 100.0;
                direction(is_beyond, difference < 0.0)
            }
            _ => Change::NotJudged,
        };
        ComparedFigure { change, ..figure }
    })
}

fn ratios<'a>(
    event_type: Option<EventType>,
    before: &'a Measured,
    after: &'a Measured,
    tolerance: Tolerance,
) -> impl Iterator<Item = ComparedFigure> + use<'a> {
    Counted::ALL.into_iter().map(move |counted| {
        let ratio = |measured: &Measured| {
            let (part, whole) = measured.counted(counted);
            (whole > 0).then(|| exact(part) / exact(whole))
        };
        let name = Figure::Ratio(counted).to_string();
        let figure = compared(event_type, name, FigureUnit::Ratio, ratio(before), ratio(after));
        let events = exact(after.counted(counted).1);
        let change = figure.difference.map_or(Change::NotJudged, |difference| {
            // Three events of a thousand are three, whatever the last bit says.
            let is_beyond = difference.abs() > tolerance.ratio && difference.abs() * events + 1e-6 >= EVENTS_OF_RATIO_MIN;
            direction(is_beyond, (difference < 0.0) != (counted == Counted::Acknowledged))
        });
        ComparedFigure { change, ..figure }
    })
}

fn of_rate(name: String, before: Option<f64>, after: Option<f64>) -> ComparedFigure {
    compared(None, name, FigureUnit::PerS, before, after)
}

fn judged_rate(figure: &ComparedFigure, tolerance: Tolerance) -> Change {
    figure.change_percent.map_or(Change::NotJudged, |percent| direction(percent.abs() > tolerance.percent, percent > 0.0))
}

const fn direction(is_beyond: bool, is_better: bool) -> Change {
    match (is_beyond, is_better) {
        (false, _) => Change::Same,
        (true, true) => Change::Better,
        (true, false) => Change::Worse,
    }
}

/// Both values, not yet judged.
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
    ComparedFigure { event_type, figure, unit, before, after, difference, change_percent: percent, change: Change::NotJudged }
}

fn exact(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let count = count as f64;
    count
}
