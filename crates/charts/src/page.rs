//! A page around charts: one file without scripts and without anything from elsewhere, to be looked at, printed and handed on. What stands
//! in it is the caller's; here is what all pages have.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Chart, STYLE};

/// What pages look like around charts: text, tables, tiles of numbers, charts side by side; on screens, telephones and paper.
const PAGE_STYLE: &str = include_str!("page.css");

/// A page.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Its name, for the window and for bookmarks.
    pub title: &'a str,
    /// The rules of style that it has beside those of all pages.
    pub style: &'static str,
    /// What stands at the top: the first heading, and the numbers that are looked for first.
    pub heading: Markup,
    /// The rest, section by section.
    pub main: Markup,
    /// What is to be known of the numbers, and where they are to be had.
    pub footnote: Markup,
}

impl Page<'_> {
    /// The page as HTML.
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
                        p { "Made by seeker-sim " (env!("CARGO_PKG_VERSION")) "." }
                    }
                }
            }
        }
    }
}

/// A chart for a page, with what it says in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its name.
    pub title: &'static str,
    /// What it says, or why there is none.
    pub sentence: String,
    /// None where too little was measured.
    pub chart: Option<Chart>,
}

/// A section with charts side by side, and below them the names of those that there are none of.
pub fn pictures(title: &str, title_of_missing: &str, pictures: Vec<Picture>) -> Markup {
    let (drawn, missing): (Vec<_>, Vec<_>) = pictures.into_iter().partition(|picture| picture.chart.is_some());
    html! {
        section {
            h2 { (title) }
            div class="pictures" { @for picture in &drawn { (figure(picture)) } }
            @if !missing.is_empty() {
                h3 { (title_of_missing) }
                ul { @for Picture { title, sentence, .. } in &missing { li { (title) ": " (sentence) } } }
            }
        }
    }
}

fn figure(picture: &Picture) -> Markup {
    html! {
        figure {
            figcaption { h3 { (picture.title) } p { (picture.sentence) } }
            @if let Some(svg) = picture.chart.as_ref().and_then(Chart::svg) { (svg) } @else { p { "There is nothing to draw." } }
        }
    }
}
