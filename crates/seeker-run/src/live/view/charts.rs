//! The last minutes as curves: the planned and the achieved rate, and latency percentiles.

use measure::windows::Quantiles;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use super::{CHART_LINES_MIN, Palette, clock_text};
use crate::live::line::Rounded;
use crate::live::snapshot::Snapshot;

type Points = Vec<(f64, f64)>;

/// Events per second, planned and achieved.
pub(super) fn rates(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let planned: Points = now.past.iter().map(|past| (past.at_s, past.planned_per_s)).collect();
    let achieved: Points = now.past.iter().map(|past| (past.at_s, past.achieved_per_s)).collect();
    let most = planned.iter().chain(&achieved).map(|(_, rate)| *rate).fold(0.0, f64::max);
    let top = if most > 0.0 { most * 1.1 } else { 1.0 };
    let labels = [0.0, top / 2.0, top].map(|rate| Rounded(rate).to_string());
    let curves = [("planned", planned, palette.planned), ("achieved", achieved, palette.achieved)];
    draw(frame, area, now, palette, "events a second", &curves, [0.0, top], labels.to_vec());
}

/// Latency in milliseconds on a logarithmic scale, so that a stall does not flatten everything else.
pub(super) fn latencies(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let points = |of: fn(Quantiles) -> u64| -> Points {
        let times = now.past.iter().filter_map(|past| past.latency.map(|latency| (past.at_s, of(latency))));
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let points = times.map(|(at_s, micros)| (at_s, (micros.max(1) as f64 / 1000.0).log10())).collect();
        points
    };
    let curves = [
        ("p50", points(|of| of.p50), palette.p50),
        ("p90", points(|of| of.p90), palette.p90),
        ("p99", points(|of| of.p99), palette.p99),
    ];
    let all = || curves.iter().flat_map(|(_, points, _)| points.iter().map(|(_, height)| *height));
    let least = all().fold(f64::INFINITY, f64::min);
    let (bottom, top) =
        if least.is_finite() { (least.floor(), all().fold(least, f64::max).ceil().max(least.floor() + 1.0)) } else { (0.0, 1.0) };
    #[expect(clippy::cast_possible_truncation, reason = "at most 17 decades")]
    let decades = bottom as i32..=top as i32;
    let mut labels: Vec<_> = decades.map(|decade| 10_f64.powi(decade).to_string()).collect();
    // Each label takes its own line. The rest of the height holds the title, the axis and its labels.
    if labels.len() > usize::from(area.height.saturating_sub(3)) {
        labels.drain(1..labels.len() - 1);
    }
    draw(frame, area, now, palette, "latency in ms", &curves, [bottom, top], labels);
}

#[expect(clippy::too_many_arguments, reason = "a chart has as many parts")]
fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    now: &Snapshot,
    palette: Palette,
    title: &'static str,
    curves: &[(&'static str, Points, Style)],
    heights: [f64; 2],
    labels: Vec<String>,
) {
    if area.height < CHART_LINES_MIN {
        return;
    }
    let mut title = vec![Span::styled(title, palette.title)];
    title.extend(curves.iter().map(|(name, _, style)| Span::styled(format!("  {name}"), *style)));
    let begins_s = now.past.first().map_or(0.0, |past| past.at_s);
    let ends_s = now.past.last().map_or(1.0, |past| past.at_s).max(begins_s + 1.0);
    let moment = |at_s: f64| clock_text(std::time::Duration::try_from_secs_f64(at_s).unwrap_or_default());
    let datasets = curves.iter().map(|(_, points, style)| {
        Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line).style(*style).data(points)
    });
    let x_axis = Axis::default().style(palette.faint).bounds([begins_s, ends_s]).labels([moment(begins_s), moment(ends_s)]);
    let y_axis = Axis::default().style(palette.faint).bounds(heights).labels(labels);
    let chart = Chart::new(datasets.collect())
        .block(Block::default().title_top(Line::from(title)))
        .x_axis(x_axis)
        .y_axis(y_axis)
        .legend_position(None);
    frame.render_widget(chart, area);
}
