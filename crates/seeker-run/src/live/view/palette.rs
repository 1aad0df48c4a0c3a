//! The colours of the screen. With `NO_COLOR` there are none; words and font weight carry the same information.

use ratatui::style::{Modifier, Style};

/// The styles of the screen elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(super) strong: Style,
    pub(super) title: Style,
    pub(super) faint: Style,
    pub(super) good: Style,
    pub(super) bad: Style,
    pub(super) planned: Style,
    pub(super) achieved: Style,
    pub(super) p50: Style,
    pub(super) p90: Style,
    pub(super) p99: Style,
}

impl Palette {
    pub(crate) fn from_environment() -> Self {
        // https://no-color.org: any non-empty value disables colours.
        let has_colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if has_colours { Self::coloured() } else { Self::plain() }
    }

    pub(super) fn coloured() -> Self {
        let plain = Self::plain();
        Self {
            title: plain.title.cyan(),
            good: plain.good.green(),
            bad: plain.bad.red(),
            planned: Style::new().dark_gray(),
            achieved: Style::new().cyan(),
            p50: Style::new().green(),
            p90: Style::new().yellow(),
            p99: Style::new().magenta(),
            ..plain
        }
    }

    pub(super) fn plain() -> Self {
        let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
        Self {
            strong: bold,
            title: bold,
            faint: plain.add_modifier(Modifier::DIM),
            good: plain,
            bad: bold,
            planned: plain,
            achieved: plain,
            p50: plain,
            p90: plain,
            p99: plain,
        }
    }
}
