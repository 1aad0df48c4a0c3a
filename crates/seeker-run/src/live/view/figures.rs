//! The figures of a run in lines: all of them if there is room, otherwise a few short ones, the most important first.

use charts::grouped;
use measure::outcome_counts::OutcomeCounts;
use measure::thresholds::current_figure::CurrentFigure;
use measure::windows::Quantiles;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Palette;
use crate::live::line::Rounded;
use crate::live::snapshot::Snapshot;

/// The number of lines of all figures.
pub(super) const LINES_WIDE: u16 = 14;

/// The maximum number of thresholds to show.
const THRESHOLDS_MAX: usize = 6;

/// The number of columns of all figures.
pub(super) const COLUMNS_WIDE: u16 = 38;

/// All figures.
pub(super) fn wide(now: &Snapshot, palette: Palette) -> Vec<Line<'static>> {
    let outcomes = now.sum.outcomes;
    let mut lines = vec![
        Line::from(vec![
            Span::styled("rate          ", palette.title),
            Span::raw(format!("{}/s sent, {}{} planned", achieved(now), Rounded(now.wanted), now.unit)),
        ]),
        Line::from(format!("live seekers  {}", grouped(now.live))),
        Line::from(format!("processor     {}", cores(now))),
    ];
    lines.extend(now.thresholds.iter().take(THRESHOLDS_MAX).map(|so_far| threshold(so_far, palette)));
    lines.extend([Line::default(), Line::styled("milliseconds       p50    p90    p99    max", palette.title)]);
    for (name, quantiles) in [("latency", now.latency), ("service time", now.service_time), ("schedule lag", now.lag)] {
        lines.push(Line::from(format!("{name:<15}{}", four(quantiles))));
    }
    lines.push(Line::default());
    lines.push(count(
        "acknowledged",
        outcomes.acknowledged,
        outcomes.sent(),
        if is_good(outcomes) { palette.good } else { palette.bad },
    ));
    for (name, of_name) in [
        ("refused", outcomes.refused),
        ("failed", outcomes.failed),
        ("unknown", outcomes.unknown),
        ("not sent", outcomes.not_sent),
    ] {
        if name == "not sent" && of_name == 0 {
            continue;
        }
        lines.push(count(name, of_name, outcomes.sent(), if of_name > 0 { palette.bad } else { Style::new() }));
    }
    let (in_flight, waiting) = (now.sum.sent.saturating_sub(outcomes.sent()), now.sum.begun.saturating_sub(now.sum.sent));
    lines.push(Line::from(format!("queued        {}, in flight {}", grouped(waiting), grouped(in_flight))));
    lines
}

/// A threshold and its current value.
fn threshold(so_far: &CurrentFigure, palette: Palette) -> Line<'static> {
    let CurrentFigure { threshold, value } = so_far;
    let (sign, style) = match so_far.holds() {
        Some(true) => ('\u{2713}', palette.good),
        Some(false) => ('\u{2717}', palette.bad),
        None => ('-', palette.faint),
    };
    let value = value.map(|(value, is_lower_bound)| {
        format!("{}{}", if is_lower_bound { "\u{2265} " } else { "" }, threshold.shown((value * 1e4).round() / 1e4))
    });
    Line::from(vec![
        Span::styled(format!("{sign} "), style),
        Span::raw(format!("{threshold}  ")),
        Span::styled(value.unwrap_or_else(|| "-".to_owned()), style),
    ])
}

/// A few figures in lines of 20 columns.
pub(super) fn narrow(now: &Snapshot, palette: Palette) -> Vec<Line<'static>> {
    let outcomes = now.sum.outcomes;
    let mut lines = vec![Line::from(format!("{}/s of {}{}", achieved(now), Rounded(now.wanted), now.unit))];
    if let Some(latency) = now.latency {
        lines.push(Line::from(format!("p50 {} p99 {} ms", millis(latency.p50), millis(latency.p99))));
    }
    let style = if is_good(outcomes) { palette.good } else { palette.bad };
    lines.push(Line::styled(format!("ok {}", share(outcomes.acknowledged, outcomes.sent())), style));
    for (name, count) in [("refused", outcomes.refused), ("failed", outcomes.failed), ("unknown", outcomes.unknown)] {
        if count > 0 {
            lines.push(Line::styled(format!("{name} {}", grouped(count)), palette.bad));
        }
    }
    let missed = now.thresholds.iter().filter(|so_far| so_far.holds() == Some(false)).count();
    if missed > 0 {
        lines.push(Line::styled(format!("{missed} of {} missed", now.thresholds.len()), palette.bad));
    }
    lines.push(Line::from(format!("{} live", grouped(now.live))));
    if let Some(lag) = now.lag {
        lines.push(Line::from(format!("lag p99 {} ms", millis(lag.p99))));
    }
    lines.push(Line::from(format!("uses {}", cores(now))));
    lines
}

fn is_good(outcomes: OutcomeCounts) -> bool {
    outcomes.not_acknowledged() == 0
}

fn count(name: &str, count: u64, of: u64, style: Style) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{name:<14}"), style),
        Span::raw(format!("{:<12} ", grouped(count))),
        Span::styled(share(count, of), style),
    ])
}

/// The rate of the last complete second.
fn achieved(now: &Snapshot) -> Rounded {
    Rounded(now.achieved_per_s)
}

fn share(count: u64, of: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let percent = 100.0 * count as f64 / of as f64;
    match of {
        0 => "-".to_owned(),
        // A share below 100 % must not round up to it.
        _ if count < of => format!("{:.2} %", (percent * 100.0).floor() / 100.0),
        _ => "100 %".to_owned(),
    }
}

fn cores(now: &Snapshot) -> String {
    now.cores_used.map_or_else(|| "-".to_owned(), |cores| format!("{cores:.2} cores"))
}

fn four(quantiles: Option<Quantiles>) -> String {
    let Some(of) = quantiles else { return format!("{:>7}", "-").repeat(4) };
    [of.p50, of.p90, of.p99, of.max].map(|micros| format!("{:>7}", millis(micros))).concat()
}

/// Microseconds as milliseconds, with about three digits.
fn millis(micros: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let millis = micros as f64 / 1000.0;
    match millis {
        ..10.0 => format!("{millis:.2}"),
        10.0..100.0 => format!("{millis:.1}"),
        _ => format!("{millis:.0}"),
    }
}
