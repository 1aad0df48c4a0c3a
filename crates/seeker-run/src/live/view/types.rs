//! Events by type in the order of the funnel, with count and bar.

use charts::grouped;
use client_event::EventType;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::Palette;
use crate::live::snapshot::Snapshot;

/// From the impression of a posting to the hire.
const FUNNEL: [EventType; 15] = [
    EventType::Impression,
    EventType::Notification,
    EventType::View,
    EventType::ViewDirect,
    EventType::Bookmark,
    EventType::ApplicationStart,
    EventType::ApplicationStartFromStart,
    EventType::ApplicationRedirect,
    EventType::ApplicationRedirectFromStart,
    EventType::ApplicationQuickSubmission,
    EventType::ApplicationFinish,
    EventType::ApplicationCompanySubmit,
    EventType::SentCv,
    EventType::InterviewGranted,
    EventType::Hired,
];

/// The length of the longest name, and a space.
const NAME_COLUMNS: usize = 27;

const COUNT_COLUMNS: usize = 11;

/// The number of lines of all types, with a title.
pub(super) fn lines_wanted(now: &Snapshot) -> u16 {
    u16::try_from(sent(now).len()).unwrap_or(u16::MAX).saturating_add(1)
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, now: &Snapshot, palette: Palette) {
    let mut types = sent(now);
    let others = types.split_off(types.len().min(most_shown(area, types.len())));
    types.sort_by_key(|(position, _)| *position);
    let most = types.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let bar_columns = usize::from(area.width).saturating_sub(NAME_COLUMNS + COUNT_COLUMNS + 1);
    let mut lines = vec![Line::styled("events by type", palette.title)];
    for (position, count) in types {
        lines.push(Line::from(vec![
            Span::raw(format!("{:<NAME_COLUMNS$}", name(FUNNEL[position]))),
            Span::raw(format!("{:>COUNT_COLUMNS$} ", grouped(count))),
            Span::styled(bar(count, most, bar_columns), palette.achieved),
        ]));
    }
    if !others.is_empty() {
        let count = others.iter().map(|(_, count)| count).sum();
        let name = format!("{} others", others.len());
        lines.push(Line::styled(format!("{name:<NAME_COLUMNS$}{:>COUNT_COLUMNS$}", grouped(count)), palette.faint));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// The event types that were sent, by their position in the funnel, the most frequent first.
fn sent(now: &Snapshot) -> Vec<(usize, u64)> {
    let counts = FUNNEL.iter().enumerate().map(|(position, of)| (position, now.outcomes[of.index()].sent()));
    let mut sent: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    sent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sent
}

fn most_shown(area: Rect, types: usize) -> usize {
    let lines = usize::from(area.height).saturating_sub(1);
    if types > lines { lines.saturating_sub(1) } else { types }
}

fn name(event_type: EventType) -> String {
    event_type.name().to_lowercase().replace('_', " ").replace("application", "appl.")
}

/// A bar in eighths of a column.
fn bar(count: u64, most: u64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count) * columns as u128 * 8 / u128::from(most);
    let eighths = usize::try_from(eighths).unwrap_or(0);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}
