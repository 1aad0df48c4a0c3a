//! The windows and the percentiles of a run as charts, each with a sentence that says what it shows; or, where nothing was measured,
//! a sentence that says so.

mod capacity;

use crate::charts::{Axis, Chart, NumberFormat, Picture, Scale, Series, Shape, Tone, grouped};
use crate::load::LoadKind;
use crate::report::page::plain;
use crate::report::{Report, TimesAtPercentile, Window, WindowPercentiles};

/// More windows than that are drawn together: a screen shows no more.
const WINDOWS_MAX: usize = 240;

/// Values that differ by more are drawn on a logarithmic axis.
const LINEAR_RATIO_MAX: f64 = 20.0;

/// A count of a window.
type CountOf = fn(&Window) -> u64;

/// All of them, in the order in which they are read.
pub(super) fn pictures(report: &Report) -> Vec<Picture> {
    let windows = together(&report.windows);
    let of_search = report.capacity.as_ref().map(capacity::latency_by_rate);
    let of_run = [
        latency(&windows),
        throughput(report, &windows),
        percentiles(report),
        not_acknowledged(report, &windows),
        seekers(report, &windows),
    ];
    of_search.into_iter().chain(of_run).collect()
}

fn latency(windows: &[Window]) -> Picture {
    const TITLE: &str = "Latency over time";
    let answered: Vec<_> = windows.iter().filter_map(|window| window.latency_ms.map(|latency| (window, latency))).collect();
    let Some((worst, slowest)) = answered.iter().max_by(|(_, a), (_, b)| a.p99.total_cmp(&b.p99)) else {
        return untold(TITLE, "nothing was answered.");
    };
    let mut medians: Vec<_> = answered.iter().map(|(_, latency)| latency.p99).collect();
    medians.sort_by(f64::total_cmp);
    let usual = medians[medians.len() / 2];
    let silent = silences(windows);
    let silence = match &silent[..] {
        [] => String::new(),
        [[from, to]] => format!(" From {} s to {} s nothing was answered, though events were due.", plain(*from), plain(*to)),
        more => format!(
            " {} times nothing was answered though events were due, the first from {} s to {} s.",
            more.len(),
            plain(more[0][0]),
            plain(more[0][1])
        ),
    };
    let sentence = format!(
        "In half of the time 99\u{a0}% of the answers came within {} ms; in the worst, {}, within {} ms.{silence}",
        plain(usual),
        place_of(worst),
        plain(slowest.p99)
    );
    let of = |value: fn(&WindowPercentiles) -> f64| {
        let points = windows.iter().map(|window| [middle(window), window.latency_ms.as_ref().map_or(f64::NAN, value)]);
        points.collect::<Vec<_>>()
    };
    let lines = [of(|latency| latency.max), of(|latency| latency.p99), of(|latency| latency.p90), of(|latency| latency.p50)];
    let scale = scale_of(lines.iter().flatten().map(|[_, millis]| *millis));
    let [max, p99, p90, p50] =
        lines.map(|points| if answered.len() < 60 { Shape::DottedLine(points) } else { Shape::Line(points) });
    let mut series = vec![
        Series::new("max", Tone::Red, max),
        Series::new("p99", Tone::Orange, p99),
        Series::new("p90", Tone::Green, p90),
        Series::new("p50", Tone::Blue, p50),
    ];
    if !silent.is_empty() {
        series.insert(0, Series::new("no answers", Tone::Grey, Shape::Bands(silent)));
    }
    drawn(TITLE, sentence, time_axis(windows), Axis::new("milliseconds", scale, NumberFormat::Plain), series)
}

fn throughput(report: &Report, windows: &[Window]) -> Picture {
    const TITLE: &str = "Events a second";
    if windows.iter().all(|window| window.sent == 0) {
        return untold(TITLE, "nothing was sent.");
    }
    let rate = &report.rate;
    let planned = match report.load.kind {
        LoadKind::Rate => format!("{} were planned a second on average", plain(rate.planned_per_s)),
        LoadKind::Arrivals | LoadKind::Seekers => {
            format!("The job seekers caused {} a second on average", plain(rate.planned_per_s))
        }
    };
    let behind =
        windows.iter().filter(|window| window.planned > 0).max_by_key(|window| window.planned.saturating_sub(window.sent));
    let behind = match behind {
        Some(window) if window.planned.saturating_sub(window.sent) * 20 > window.planned => {
            format!(
                " The farthest behind was {}, with {} of {}.",
                place_of(window),
                grouped(window.sent),
                grouped(window.planned)
            )
        }
        _ => " No second fell short by more than 5\u{a0}%.".to_owned(),
    };
    let sentence = format!("{planned}, {} were sent in time.{behind}", plain(rate.achieved_per_s));
    let label = if report.load.kind == LoadKind::Rate { "planned" } else { "caused by seekers" };
    let series = vec![
        Series::new("acknowledged", Tone::Green, Shape::Steps(steps(windows, |window| window.acknowledged))),
        Series::new("sent", Tone::Blue, Shape::Steps(steps(windows, |window| window.sent))),
        Series::new(label, Tone::Orange, Shape::DashedLine(corners(&steps(windows, |window| window.planned)))),
    ];
    drawn(TITLE, sentence, time_axis(windows), Axis::new("events a second", Scale::Linear, NumberFormat::Plain), series)
}

fn percentiles(report: &Report) -> Picture {
    const TITLE: &str = "Times by percentile";
    let (latency, service) = (&report.latency_ms, &report.service_time_ms);
    let (Some(p50), Some(p99), Some(max), Some(service_p99)) = (latency.p50, latency.p99, latency.max, service.p99) else {
        return untold(TITLE, "nothing was answered.");
    };
    let waiting = if p99 > 1.5 * service_p99 {
        format!(
            " Service times are at most {} ms for 99\u{a0}% of them: the rest of the latency is waiting to be sent.",
            plain(service_p99)
        )
    } else {
        String::new()
    };
    let sentence = format!(
        "Half of the events were answered within {} ms of being due, 99\u{a0}% within {} ms, the last after {} ms.{waiting}",
        plain(p50),
        plain(p99),
        plain(max)
    );
    // All of them cannot be told on this axis: the longest time stands where the last but it would.
    let rows = &report.times_by_percentile;
    let line = |of: fn(&TimesAtPercentile) -> Option<f64>| {
        let points = rows.iter().filter(|row| row.percentile < 100.0);
        points.map(|row| [row.percentile / 100.0, of(row).unwrap_or(f64::NAN)]).collect::<Vec<_>>()
    };
    let lines = [line(|row| row.schedule_lag_ms), line(|row| row.service_time_ms), line(|row| row.latency_ms)];
    let scale = scale_of(lines.iter().flatten().map(|[_, millis]| *millis));
    let [lag, service, latency] = lines.map(Shape::Line);
    let series = vec![
        Series::new("schedule lag", Tone::Grey, lag),
        Series::new("service time", Tone::Orange, service),
        Series::new("latency", Tone::Blue, latency),
    ];
    let x = Axis::new("share of events", Scale::Percentile, NumberFormat::Percent);
    drawn(TITLE, sentence, x, Axis::new("milliseconds, at most", scale, NumberFormat::Plain), series)
}

fn not_acknowledged(report: &Report, windows: &[Window]) -> Picture {
    const TITLE: &str = "Not acknowledged";
    let of = |window: &Window| window.refused + window.failed + window.unknown;
    let bad: Vec<_> = windows.iter().filter(|window| of(window) > 0).collect();
    let (Some(first), Some(last)) = (bad.first(), bad.last()) else {
        return untold(TITLE, "no event; all that were sent were acknowledged.");
    };
    let events = &report.events;
    let counts: Vec<_> = [("refused", events.refused), ("failed", events.failed), ("unknown", events.unknown)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{} {name}", grouped(count)))
        .collect();
    let sentence = format!(
        "Of {} events that were sent: {}; the first after {} s, the last before {} s.",
        grouped(events.sent()),
        counts.join(", "),
        plain(first.from_s),
        plain(last.to_s)
    );
    let bars = |of: CountOf| {
        let points =
            windows.iter().filter(|window| of(window) > 0).map(|window| [middle(window), per_second(of(window), window)]);
        Shape::Bars(points.collect())
    };
    let all: [(&str, Tone, CountOf); 3] = [
        ("refused", Tone::Orange, |window| window.refused),
        ("failed", Tone::Red, |window| window.failed),
        ("unknown", Tone::Purple, |window| window.unknown),
    ];
    let series = all
        .into_iter()
        .filter(|(_, _, of)| windows.iter().any(|window| of(window) > 0))
        .map(|(name, tone, of)| Series::new(name, tone, bars(of)));
    let y = Axis::new("events a second", Scale::Linear, NumberFormat::Plain);
    drawn(TITLE, sentence, time_axis(windows), y, series.collect())
}

fn seekers(report: &Report, windows: &[Window]) -> Picture {
    const TITLE: &str = "Live job seekers";
    if windows.iter().all(|window| window.live_seekers == 0) {
        return untold(TITLE, "none was seen live.");
    }
    let seekers = &report.seekers;
    let sentence = format!(
        "{} job seekers began, {} of them finished; at most {} were live at once.",
        grouped(seekers.started),
        grouped(seekers.finished),
        grouped(seekers.live_max)
    );
    let points = windows.iter().map(|window| [middle(window), count(window.live_seekers)]).collect();
    let series = vec![Series::new("", Tone::Purple, Shape::Line(points))];
    drawn(TITLE, sentence, time_axis(windows), Axis::new("job seekers", Scale::Linear, NumberFormat::Plain), series)
}

fn drawn(title: &'static str, sentence: String, x: Axis, y: Axis, series: Vec<Series>) -> Picture {
    let chart = Chart { title: title.to_owned(), description: sentence.clone(), x, y, series };
    Picture { title, sentence, chart: Some(chart) }
}

fn untold(title: &'static str, why: &str) -> Picture {
    Picture { title, sentence: why.to_owned(), chart: None }
}

/// Neighbouring windows as one, so that there are no more than a screen can show.
fn together(windows: &[Window]) -> Vec<Window> {
    windows
        .chunks(windows.len().div_ceil(WINDOWS_MAX).max(1))
        .filter_map(|some| some.iter().copied().reduce(Window::with_next))
        .collect()
}

/// When events were due and nothing was answered, and nothing else became of an event either; from the first to the last window of
/// which that is so.
fn silences(windows: &[Window]) -> Vec<[f64; 2]> {
    let mut silences: Vec<[f64; 2]> = Vec::new();
    for window in windows {
        let is_silent = window.planned > 0 && window.acknowledged + window.refused + window.failed == 0;
        match silences.last_mut() {
            _ if !is_silent => {}
            #[expect(clippy::float_cmp, reason = "the same number, copied")]
            Some([_, to]) if *to == window.from_s => *to = window.to_s,
            _ => silences.push([window.from_s, window.to_s]),
        }
    }
    silences
}

/// Over the whole time, whether or not everything was measured in all of it.
fn time_axis(windows: &[Window]) -> Axis {
    let axis = Axis::new("seconds since the beginning", Scale::Linear, NumberFormat::Plain);
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
