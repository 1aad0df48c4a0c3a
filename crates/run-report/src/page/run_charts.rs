//! The charts of the windows and percentiles of a run. Each has a sentence with the message of the chart, or the reason why there is no chart.
//! [`facts`] computes the values in the sentences from the same windows that are drawn.

mod capacity;
mod facts;

use charts::{Axis, CaptionedChart, Chart, NumberFormat, Scale, Series, Shape, Tone, grouped};
use load_plan::load::LoadKind;

use crate::page::plain;
use crate::{Report, TimesAtPercentile, Window, WindowPercentiles};
use facts::{Latency, Losses, Rates};

/// If there are more windows, neighbouring windows are merged: a screen shows no more.
const WINDOWS_MAX: usize = 240;

/// The ratio of largest to smallest value above which the axis is logarithmic.
const LINEAR_RATIO_MAX: f64 = 20.0;

/// A count of a window.
type CountOf = fn(&Window) -> u64;

/// Returns all charts in reading order.
pub(super) fn run_charts(report: &Report) -> Vec<CaptionedChart> {
    let windows = together(&report.windows);
    let of_search = report.capacity.as_ref().map(capacity::latency_by_rate);
    let of_run = [
        latency(&windows),
        throughput(report, &windows),
        percentiles(report),
        not_acknowledged(&windows),
        seekers(report, &windows),
    ];
    of_search.into_iter().chain(of_run).collect()
}

fn latency(windows: &[Window]) -> CaptionedChart {
    const TITLE: &str = "Latency over time";
    let Some(Latency { median_p99, worst, worst_p99, is_lower_bound }) = facts::latency(windows) else {
        return without_chart(TITLE, "no event was scheduled.");
    };
    let silent = facts::silences(windows);
    let silence = match &silent[..] {
        [] => String::new(),
        [[from, to]] => format!(" From {} s to {} s, events were due but none was answered.", plain(*from), plain(*to)),
        more => format!(
            " In {} periods, events were due but none was answered; the first period is from {} s to {} s.",
            more.len(),
            plain(more[0][0]),
            plain(more[0][1])
        ),
    };
    let paused = facts::pauses(windows);
    let standstill = match facts::paused_ms(windows) {
        0.0 => String::new(),
        millis => format!(" The generator paused for {} ms in total; these times include the pauses.", plain(millis)),
    };
    let sentence = format!(
        "The p99 was at most {} ms in half of the windows, and {}{} ms in the worst window, {}.{silence}{standstill}",
        plain(median_p99),
        if is_lower_bound { "at least " } else { "" },
        plain(worst_p99),
        place_of(&worst)
    );
    let of = |value: fn(&WindowPercentiles) -> f64| {
        let points = windows.iter().map(|window| [middle(window), window.latency_ms.as_ref().map_or(f64::NAN, value)]);
        points.collect::<Vec<_>>()
    };
    let lines = [of(|latency| latency.max), of(|latency| latency.p99), of(|latency| latency.p90), of(|latency| latency.p50)];
    let scale = scale_of(lines.iter().flatten().map(|[_, millis]| *millis));
    let [max, p99, p90, p50] =
        lines.map(|points| if windows.len() < 60 { Shape::DottedLine(points) } else { Shape::Line(points) });
    let bands = [
        ("p99 is a lower bound", Tone::Orange, facts::lower_bounds(windows)),
        ("no answers", Tone::Grey, silent),
        ("generator paused", Tone::Purple, paused),
    ];
    let bands = bands.into_iter().filter(|(_, _, bands)| !bands.is_empty());
    let mut series: Vec<_> = bands.map(|(name, tone, bands)| Series::new(name, tone, Shape::Bands(bands))).collect();
    series.extend([
        Series::new("max", Tone::Red, max),
        Series::new("p99", Tone::Orange, p99),
        Series::new("p90", Tone::Green, p90),
        Series::new("p50", Tone::Blue, p50),
    ]);
    drawn(TITLE, sentence, time_axis(windows), Axis::new("milliseconds", scale, NumberFormat::Plain), series)
}

fn throughput(report: &Report, windows: &[Window]) -> CaptionedChart {
    const TITLE: &str = "Events per second";
    if windows.iter().all(|window| window.sent == 0) {
        return without_chart(TITLE, "nothing was sent.");
    }
    let Rates { planned_per_s, sent_per_s } = facts::rates(windows);
    let planned = match report.load.kind {
        LoadKind::Rate => format!("{} events per second were planned", plain(planned_per_s)),
        LoadKind::Arrivals | LoadKind::Seekers => format!("Job seekers began {} events per second", plain(planned_per_s)),
    };
    let behind = match facts::farthest_behind(windows) {
        Some(window) => format!(
            " The largest shortfall was in {}: {} of {} events.",
            place_of(&window),
            grouped(window.sent),
            grouped(window.planned)
        ),
        None => " No window was more than 5\u{a0}% below the plan.".to_owned(),
    };
    let sentence = format!("{planned} on average, and {} were sent.{behind}", plain(sent_per_s));
    let label = if report.load.kind == LoadKind::Rate { "planned" } else { "begun by seekers" };
    let mut series = vec![
        Series::new("acknowledged", Tone::Green, Shape::Steps(steps(windows, |window| window.acknowledged))),
        Series::new("sent", Tone::Blue, Shape::Steps(steps(windows, |window| window.sent))),
        Series::new(label, Tone::Orange, Shape::DashedLine(corners(&steps(windows, |window| window.planned)))),
    ];
    series.extend(changes(report, windows));
    drawn(TITLE, sentence, time_axis(windows), Axis::new("events per second", Scale::Linear, NumberFormat::Plain), series)
}

/// Marks the changes of the load. More marks than a screen can show would hide the lines.
fn changes(report: &Report, windows: &[Window]) -> Option<Series> {
    const MARKS_MAX: usize = 20;
    let (first, last) = (windows.first()?.from_s, windows.last()?.to_s);
    let within = report.load.changes.iter().filter(|change| (first..=last).contains(&change.at_s));
    let marks: Vec<_> = within.map(|change| (change.at_s, "load changed".to_owned())).collect();
    (!marks.is_empty() && marks.len() <= MARKS_MAX).then(|| Series::new("", Tone::Grey, Shape::Uprights(marks)))
}

fn percentiles(report: &Report) -> CaptionedChart {
    const TITLE: &str = "Times by percentile";
    let rows = &report.times_by_percentile;
    let latency = |percentile| facts::time_at(rows, percentile, |row| row.latency_ms);
    let service = |percentile| facts::time_at(rows, percentile, |row| row.service_time_ms);
    let (Some(p50), Some(p99), Some(max)) = (latency(50.0), latency(99.0), latency(100.0)) else {
        return without_chart(TITLE, "no event was scheduled.");
    };
    let above = report.latency_ms.lower_bound_above;
    let bounded = |percentile: f64, millis: f64| {
        let at_least = if above.is_some_and(|above| percentile > above) { "at least " } else { "" };
        format!("{at_least}{} ms", plain(millis))
    };
    let waiting = match service(99.0).filter(|service_p99| p99 > 1.5 * service_p99) {
        Some(service_p99) => {
            format!(" The p99 of service time is {} ms; the rest of the latency is the wait before sending.", plain(service_p99))
        }
        None => String::new(),
    };
    let unanswered = match above {
        Some(above) => {
            format!(
                " {} of the planned events were answered; above this percentile, latency is a lower bound.",
                NumberFormat::Percent.readable(above / 100.0)
            )
        }
        None => String::new(),
    };
    let sentence = format!(
        "Latency: median {}, p99 {}, maximum {}.{waiting}{unanswered}",
        bounded(50.0, p50),
        bounded(99.0, p99),
        bounded(100.0, max)
    );
    // The axis cannot show the 100th percentile, so the lines end at the last percentile below it.
    let line = |of: fn(&TimesAtPercentile) -> Option<f64>| {
        let points = rows.iter().filter(|row| row.percentile < 100.0);
        points.map(|row| [row.percentile / 100.0, of(row).unwrap_or(f64::NAN)]).collect::<Vec<_>>()
    };
    let lines = [line(|row| row.schedule_lag_ms), line(|row| row.service_time_ms), line(|row| row.latency_ms)];
    let scale = scale_of(lines.iter().flatten().map(|[_, millis]| *millis));
    let [lag, service, latency] = lines.map(Shape::Line);
    let mut series = vec![
        Series::new("schedule lag", Tone::Grey, lag),
        Series::new("service time", Tone::Orange, service),
        Series::new("latency", Tone::Blue, latency),
    ];
    if let Some(above) = above.filter(|above| *above < 100.0) {
        series.push(Series::new("", Tone::Grey, Shape::Uprights(vec![(above / 100.0, "answered".to_owned())])));
    }
    let x = Axis::new("share of events", Scale::Percentile, NumberFormat::Percent);
    drawn(TITLE, sentence, x, Axis::new("milliseconds", scale, NumberFormat::Plain), series)
}

fn not_acknowledged(windows: &[Window]) -> CaptionedChart {
    const TITLE: &str = "Not acknowledged";
    let Some(Losses { refused, failed, unknown, not_sent, from_s, to_s }) = facts::losses(windows) else {
        return without_chart(TITLE, "all events were acknowledged.");
    };
    let counts: Vec<_> = [("refused", refused), ("failed", failed), ("unknown", unknown), ("not sent", not_sent)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{} {name}", grouped(count)))
        .collect();
    let sentence = format!("{}, between {} s and {} s.", counts.join(", "), plain(from_s), plain(to_s));
    let bars = |of: CountOf| {
        let points =
            windows.iter().filter(|window| of(window) > 0).map(|window| [middle(window), per_second(of(window), window)]);
        Shape::Bars(points.collect())
    };
    let all: [(&str, Tone, CountOf); 4] = [
        ("refused", Tone::Orange, |window| window.refused),
        ("failed", Tone::Red, |window| window.failed),
        ("unknown", Tone::Purple, |window| window.unknown),
        ("not sent", Tone::Grey, |window| window.not_sent),
    ];
    let series = all
        .into_iter()
        .filter(|(_, _, of)| windows.iter().any(|window| of(window) > 0))
        .map(|(name, tone, of)| Series::new(name, tone, bars(of)));
    let y = Axis::new("events per second", Scale::Linear, NumberFormat::Plain);
    drawn(TITLE, sentence, time_axis(windows), y, series.collect())
}

fn seekers(report: &Report, windows: &[Window]) -> CaptionedChart {
    const TITLE: &str = "Live job seekers";
    if windows.iter().all(|window| window.live_seekers == 0) {
        return without_chart(TITLE, "no live job seekers.");
    }
    let (fewest, most) = facts::live_seekers(windows);
    let sentence = format!(
        "Between {} and {} job seekers were live at the same time. The whole run started {}.",
        grouped(fewest),
        grouped(most),
        grouped(report.seekers.started)
    );
    let points = windows.iter().map(|window| [middle(window), count(window.live_seekers)]).collect();
    let series = vec![Series::new("", Tone::Purple, Shape::Line(points))];
    drawn(TITLE, sentence, time_axis(windows), Axis::new("job seekers", Scale::Linear, NumberFormat::Plain), series)
}

fn drawn(title: &'static str, sentence: String, x: Axis, y: Axis, series: Vec<Series>) -> CaptionedChart {
    let chart = Chart { title: title.to_owned(), description: sentence.clone(), x, y, series };
    CaptionedChart { title, sentence, chart: Some(chart) }
}

fn without_chart(title: &'static str, why: &str) -> CaptionedChart {
    CaptionedChart { title, sentence: why.to_owned(), chart: None }
}

/// Merges neighbouring windows, so that there are no more than a screen can show.
fn together(windows: &[Window]) -> Vec<Window> {
    windows
        .chunks(windows.len().div_ceil(WINDOWS_MAX).max(1))
        .filter_map(|some| some.iter().copied().reduce(Window::with_next))
        .collect()
}

/// The axis covers the whole time, even if some windows lack measurements.
fn time_axis(windows: &[Window]) -> Axis {
    let axis = Axis::new("seconds since the start", Scale::Linear, NumberFormat::Plain);
    let ends = windows.first().zip(windows.last());
    ends.map_or(axis.clone(), |(first, last)| axis.within(first.from_s, last.to_s))
}

fn scale_of(values: impl Iterator<Item = f64>) -> Scale {
    let positive = values.filter(|value| *value > 0.0);
    let (lowest, highest) = positive.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    if highest / lowest > LINEAR_RATIO_MAX { Scale::Logarithmic } else { Scale::Linear }
}

/// A rate that keeps its value until the window ends.
fn steps(windows: &[Window], of: impl Fn(&Window) -> u64) -> Vec<[f64; 2]> {
    let mut points: Vec<_> = windows.iter().map(|window| [window.from_s, per_second(of(window), window)]).collect();
    points.extend(windows.last().map(|last| [last.to_s, per_second(of(last), last)]));
    points
}

/// The corners of steps, for a line.
fn corners(steps: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let pairs = steps.windows(2).flat_map(|pair| [pair[0], [pair[1][0], pair[0][1]]]);
    pairs.chain(steps.last().copied()).collect()
}

fn place_of(window: &Window) -> String {
    if window.is_merged() {
        format!("the time from {} s to {} s", plain(window.from_s), plain(window.to_s))
    } else {
        format!("the second from {} s to {} s", plain(window.from_s), plain(window.to_s))
    }
}

fn middle(window: &Window) -> f64 {
    f64::midpoint(window.from_s, window.to_s)
}

fn per_second(events: u64, window: &Window) -> f64 {
    count(events) / window.seconds()
}

#[expect(clippy::cast_precision_loss, reason = "only drawn")]
fn count(count: u64) -> f64 {
    count as f64
}
