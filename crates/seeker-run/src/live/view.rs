//! The screen layout of a run: header, charts, events by type, figures, errors. Parts without enough room are left out; the elapsed time
//! comes first and is always visible.

mod charts;
mod figures;
mod palette;
mod types;

use std::time::Duration;

use ::charts::grouped;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{LineGauge, Paragraph};
use seeker_model::Shard;

use super::snapshot::{ErrorEntry, Phase, Snapshot};
pub(super) use palette::Palette;

/// The minimum width for parts side by side.
const WIDE: u16 = 80;

/// The minimum number of lines for parts side by side.
const WIDE_LINES: u16 = 16;

/// The minimum number of lines of a readable chart.
const CHART_LINES_MIN: u16 = 6;

/// The constant data of a run.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) target: String,
    pub(crate) shard: Option<Shard>,
    pub(crate) seed: u64,
    pub(crate) speed: f64,
    pub(crate) duration: Duration,
}

/// Draws all parts that fit. The message replaces the hint at the bottom.
pub(super) fn draw(frame: &mut Frame<'_>, heading: &Heading, now: &Snapshot, message: Option<&str>, palette: Palette) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let head_lines = match area.height {
        ..8 => 1,
        8..14 => 2,
        _ => 3,
    };
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(head_lines), Constraint::Fill(1), Constraint::Length(u16::from(area.height >= 14))])
            .areas(area);
    draw_head(frame, head, heading, now, palette);
    if area.width >= WIDE && body.height >= WIDE_LINES {
        draw_wide(frame, body, now, palette);
    } else {
        draw_narrow(frame, body, now, palette);
    }
    let hint = match area.width {
        ..45 => "q stops the run",
        45..76 => "q stops the run, Ctrl-C twice stops it now",
        _ => "q stops the run, Ctrl-C twice stops it now; +/- change the load, 0 resets it",
    };
    frame.render_widget(Paragraph::new(message.unwrap_or(hint)).style(palette.faint), foot);
}

fn draw_head(frame: &mut Frame<'_>, area: Rect, heading: &Heading, now: &Snapshot, palette: Palette) {
    let [status, second, third] = Layout::vertical([Constraint::Length(1); 3]).areas(Rect { height: 3, ..area });
    let (state, style) = match now.phase {
        Phase::WarmUp => ("warm-up, not counted", palette.faint),
        Phase::Ending => ("waiting for the last answers", palette.faint),
        Phase::Measured => state_so_far(now, palette),
    };
    let line = Line::from(vec![
        Span::styled(clock_text(now.elapsed), palette.strong),
        Span::raw(if area.width < 32 { String::new() } else { format!(" of {}", clock_text(heading.duration)) }),
        Span::styled(format!("  {state}"), style),
        Span::raw(now.changed.as_ref().map(|changed| format!("  load {changed}")).unwrap_or_default()),
    ]);
    frame.render_widget(Paragraph::new(line), status);
    if area.height >= 3 {
        let shard = heading.shard.map(|shard| format!("shard {shard}, ")).unwrap_or_default();
        let what = format!("{}  {shard}seed {}, {} simulated s per s", heading.target, heading.seed, heading.speed);
        frame.render_widget(Paragraph::new(what).style(palette.faint), second);
    }
    if area.height >= 2 {
        let all_s = heading.duration.as_secs_f64();
        let done = if all_s > 0.0 { (now.elapsed.as_secs_f64() / all_s).clamp(0.0, 1.0) } else { 1.0 };
        let gauge = LineGauge::default()
            .ratio(done)
            .label(format!("{:>3.0} %", (done * 100.0).floor()))
            .filled_style(palette.achieved)
            .unfilled_style(palette.faint);
        frame.render_widget(gauge, if area.height >= 3 { third } else { second });
    }
}

/// The current state in words, by the criteria of the verdict.
fn state_so_far(now: &Snapshot, palette: Palette) -> (&'static str, ratatui::style::Style) {
    use run_report::verdict::ACHIEVED_RATIO_MIN;

    let (planned, achieved) =
        now.past.iter().fold((0.0, 0.0), |sum, past| (sum.0 + past.planned_per_s, sum.1 + past.achieved_per_s));
    if now.sum.outcomes.planned() == 0 {
        ("starting", palette.faint)
    } else if now.thresholds.iter().any(|so_far| so_far.holds() == Some(false)) {
        ("a threshold is missed so far", palette.bad)
    } else if planned > 0.0 && achieved / planned < ACHIEVED_RATIO_MIN {
        ("behind the plan", palette.bad)
    } else {
        ("on track", palette.good)
    }
}

fn draw_wide(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let errors = error_lines(now, area.height / 6);
    let mut figures = figures::wide(now, palette);
    if area.height < 2 * figures::LINES_WIDE {
        figures.retain(|line| !line.spans.is_empty());
    }
    let tables = types::lines_wanted(now).max(u16::try_from(figures.len()).unwrap_or(u16::MAX));
    let charts = area.height.saturating_sub(tables + errors).max(area.height * 2 / 5).max(CHART_LINES_MIN);
    let rows = [Constraint::Length(charts), Constraint::Fill(1), Constraint::Length(errors)];
    let [charts, tables, errors] = Layout::vertical(rows).areas(area);
    let halves = [Constraint::Fill(1), Constraint::Fill(1)];
    let [left, right] = Layout::horizontal(halves).spacing(2).areas(charts);
    charts::rates(frame, left, now, palette);
    charts::latencies(frame, right, now, palette);
    let [left, right] = Layout::horizontal(halves).spacing(2).areas(tables);
    types::draw(frame, left, now, palette);
    frame.render_widget(Paragraph::new(figures), right);
    draw_errors(frame, errors, now, palette);
}

fn draw_narrow(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let figures = if area.width >= figures::COLUMNS_WIDE && area.height >= figures::LINES_WIDE {
        figures::wide(now, palette)
    } else {
        figures::narrow(now, palette)
    };
    let mut left = area.height;
    let mut take = |wanted: u16, least: u16| {
        let taken = if left >= least { wanted.min(left) } else { 0 };
        left -= taken;
        taken
    };
    let lines = [
        take(error_lines(now, 4), 6),
        take(u16::try_from(figures.len()).unwrap_or(u16::MAX), 1),
        take(CHART_LINES_MIN + 1, CHART_LINES_MIN),
        take(types::lines_wanted(now), 3),
        take(CHART_LINES_MIN + 3, CHART_LINES_MIN),
    ];
    let [of_errors, of_figures, of_rates, of_types, of_latencies] = lines;
    let places = Layout::vertical([of_figures, of_rates, of_latencies, of_types, of_errors].map(Constraint::Length));
    let [of_figures, of_rates, of_latencies, of_types, of_errors] = places.areas(area);
    frame.render_widget(Paragraph::new(figures), of_figures);
    charts::rates(frame, of_rates, now, palette);
    charts::latencies(frame, of_latencies, now, palette);
    types::draw(frame, of_types, now, palette);
    draw_errors(frame, of_errors, now, palette);
}

/// The number of lines of the errors, with their title.
fn error_lines(now: &Snapshot, lines_max: u16) -> u16 {
    match u16::try_from(now.errors.len()).unwrap_or(u16::MAX) {
        0 => 0,
        errors => errors.min(lines_max.max(1)) + 1,
    }
}

fn draw_errors(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let line = |wrong: &ErrorEntry| {
        Line::from(vec![
            Span::styled(format!("{:>7} ", clock_text(wrong.last)), palette.faint),
            Span::styled(format!("{:>9}  ", grouped(wrong.count)), palette.bad),
            Span::raw(wrong.what.clone()),
        ])
    };
    let title = Line::styled("errors, latest first", palette.title);
    let lines: Vec<_> = std::iter::once(title).chain(now.errors.iter().map(line)).take(area.height.into()).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// A time in clock format.
fn clock_text(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests;
