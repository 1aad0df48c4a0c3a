//! A page around charts: one file without scripts and external resources, to view, print and share. The caller defines the
//! content. This module contains the common parts of all pages.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Chart, STYLE};

/// The styles of a page around charts: text, tables, tiles of numbers, charts side by side; on screens, phones and paper.
const PAGE_STYLE: &str = include_str!("page.css");

/// A page.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The title, for the window and for bookmarks.
    pub title: &'a str,
    /// Additional style rules of this page.
    pub style: &'static str,
    /// The top of the page: the first heading, and the numbers that readers look for first.
    pub heading: Markup,
    /// The other sections.
    pub main: Markup,
    /// Notes about the numbers, and where to find them.
    pub footnote: Markup,
}

impl Page<'_> {
    /// Returns the page as HTML.
    pub fn markup(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(PAGE_STYLE)) (PreEscaped(self.style)) }
                }
                body {
                    header { (self.heading) }
                    main { (self.main) }
                    footer {
                        p { (self.footnote) }
                        p { "Created by seeker-sim " (env!("CARGO_PKG_VERSION")) "." }
                    }
                }
            }
        }
    }
}

/// A chart for a page, with its message in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptionedChart {
    /// The name of the chart.
    pub title: &'static str,
    /// The message of the chart, or the reason why there is no chart.
    pub sentence: String,
    /// `None` if too little was measured.
    pub chart: Option<Chart>,
}

/// Returns a section with charts side by side, and below them the names of the missing charts.
pub fn chart_section(title: &str, title_of_missing: &str, charts: Vec<CaptionedChart>) -> Markup {
    let (drawn, missing): (Vec<_>, Vec<_>) = charts.into_iter().partition(|captioned| captioned.chart.is_some());
    html! {
        section {
            h2 { (title) }
            div class="charts" { @for captioned in &drawn { (figure(captioned)) } }
            @if !missing.is_empty() {
                h3 { (title_of_missing) }
                ul { @for CaptionedChart { title, sentence, .. } in &missing { li { (title) ": " (sentence) } } }
            }
        }
    }
}

fn figure(captioned: &CaptionedChart) -> Markup {
    html! {
        figure {
            figcaption { h3 { (captioned.title) } p { (captioned.sentence) } }
            @if let Some(svg) = captioned.chart.as_ref().and_then(Chart::svg) { (svg) } @else { p { "No data to draw." } }
        }
    }
}
