//! Statistics as an HTML page.

use charts::{self, NumberFormat, Page, grouped};
use client_event::EventType;
use event_stats::{Figure, Report, Row, RowVerdict};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::stats::output::distribution_charts::distribution_charts;

const STYLE: &str = include_str!("page.css");

/// The event types in funnel order: each leads to the next.
const STAGES: [(&str, &[EventType]); 7] = [
    ("shown", &[EventType::Impression, EventType::Notification]),
    ("viewed", &[EventType::View, EventType::ViewDirect]),
    ("bookmarked", &[EventType::Bookmark]),
    (
        "application started",
        &[
            EventType::ApplicationStart,
            EventType::ApplicationStartFromStart,
            EventType::ApplicationQuickSubmission,
            EventType::ApplicationRedirect,
            EventType::ApplicationRedirectFromStart,
        ],
    ),
    ("application submitted", &[EventType::ApplicationFinish, EventType::ApplicationCompanySubmit, EventType::SentCv]),
    ("interview and hire", &[EventType::InterviewGranted, EventType::Hired]),
    ("unspecified", &[EventType::Unspecified]),
];

pub(super) fn page(figures: &Report) -> Markup {
    let inputs = figures.inputs.join(", ");
    let page = Page {
        title: &format!("Recorded events: {inputs}"),
        style: STYLE,
        heading: heading(figures, &inputs),
        main: html! {
            (rows(&figures.rows))
            (funnel(figures))
            (charts::chart_section("Distributions", "Too few cases for a chart", distribution_charts(figures)))
        },
        footnote: html! {
            "A session ends after a pause of 30 minutes. The details seekerId, position and source of an event name its seeker, its rank \
             and its origin. "
            code { "--output json" }
            " prints all numbers of this page."
        },
    };
    page.markup()
}

fn heading(figures: &Report, inputs: &str) -> Markup {
    let local = |time: Timestamp| time.to_zoned_datetime(figures.time_zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string();
    let span = figures.first.zip(figures.last);
    html! {
            h1 { "Recorded events" }
            p class="inputs" { (inputs) }
            dl class="tiles" {
                (tile(&grouped(figures.events), "events"))
                (tile(&grouped(figures.seekers), "seekers in the first 14 days"))
                (tile(&grouped(figures.sessions), "sessions"))
                @if let Some((first, last)) = span {
                    (tile(&NumberFormat::Plain.readable(days(first, last)), "days"))
                }
            }
            @if let Some((first, last)) = span {
                p class="span" {
                    "From " time datetime=(first) { (local(first)) } " to " time datetime=(last) { (local(last)) }
                    ", " (figures.time_zone_name()) "."
                }
            }
            @if figures.unreadable > 0 {
                p class="warning" { "Not counted: " (grouped(figures.unreadable)) @if figures.unreadable == 1 { " line or array element that is not an event." } @else { " lines or array elements that are not events." } }
            }
            @for failure in &figures.failures {
                p class="warning" { (failure) }
            }
    }
}

fn tile(number: &str, name: &str) -> Markup {
    html! { div { dt { (name) } dd { (number) } } }
}

fn rows(rows: &[Row]) -> Markup {
    let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
    html! {
        section {
            h2 { "Compared with published values" }
            p {
                (count(RowVerdict::Met)) " of " (rows.len()) " statistics met, " (count(RowVerdict::Missed)) " missed, "
                (count(RowVerdict::TooFewCases)) " with too few cases. The simulator's own tests require "
                "values in the accepted ranges. A value outside a range differs from the published value; the stream is not wrong."
            }
            table class="rows" {
                thead {
                    tr {
                        th scope="col" { "Statistic" }
                        th scope="col" class="number" { "Measured" }
                        th scope="col" class="number" { "Published" }
                        th scope="col" class="number" { "Accepted" }
                        th scope="col" class="range" { span class="unseen" { "Position in the accepted range" } }
                    }
                }
                @for row in rows { (statistic(row)) }
            }
        }
    }
}

fn statistic(row: &Row) -> Markup {
    let (class, sign) = match row.verdict() {
        RowVerdict::Met => ("met", "✓"),
        RowVerdict::Missed => ("missed", "✗"),
        RowVerdict::TooFewCases => ("few", "–"),
    };
    html! {
        tbody {
            tr class="statistic" {
                th scope="rowgroup" colspan="5" {
                    div {
                        span class="id" { (row.id) }
                        span class="words" { (row.statistic) " " span class="source" { (row.source) } }
                        span class={ "verdict " (class) } { span aria-hidden="true" { (sign) } " " (row.verdict()) }
                    }
                }
            }
            @for figure in &row.figures { (measured(figure)) }
        }
    }
}

fn measured(figure: &Figure) -> Markup {
    let number = |value| NumberFormat::Plain.readable(value);
    let [lowest, highest] = figure.accepted;
    // The accepted range is the middle half of the track.
    let place = |value: f64| (25.0 + 50.0 * (value - lowest) / (highest - lowest)).clamp(2.0, 98.0);
    let is_met = figure.is_accepted();
    html! {
        tr {
            th scope="row" class="name" { @if figure.name.is_empty() { "value" } @else { (figure.name) } }
            td class="number" { (number(figure.value)) }
            td class="number" { (number(figure.target)) }
            td class="number" { (number(lowest)) " to " (number(highest)) }
            td class="range" aria-hidden="true" {
                div class={ "track" @if !is_met { " missed" } } style={ "--at:" (round(place(figure.value))) "%;--target:" (round(place(figure.target))) "%" } {}
            }
        }
    }
}

fn funnel(figures: &Report) -> Markup {
    let highest = figures.by_type.values().copied().max().unwrap_or(1);
    let missing: Vec<_> = EventType::ALL
        .into_iter()
        .filter(|event_type| *event_type != EventType::Unspecified && !figures.by_type.contains_key(event_type))
        .map(EventType::name)
        .collect();
    html! {
        section {
            h2 { "Funnel from impression to hire" }
            p { "The number of events of each type, in total and per VIEW. The bars are logarithmic: ten times as many events always add the same length." }
            table class="funnel" {
                thead {
                    tr {
                        th scope="col" { "Type" }
                        th scope="col" class="number" { "Events" }
                        th scope="col" class="number" { "Share" }
                        th scope="col" class="number" { "Per VIEW" }
                    }
                }
                @for (stage, types) in STAGES {
                    @let occurring: Vec<_> = types.iter().filter_map(|of| figures.by_type.get(of).map(|count| (*of, *count))).collect();
                    @if !occurring.is_empty() {
                        tbody {
                            tr class="stage" { th scope="rowgroup" colspan="4" { (stage) } }
                            @for (event_type, count) in occurring { (of_type(figures, event_type, count, highest)) }
                        }
                    }
                }
            }
            @if !missing.is_empty() {
                p { "There are no events of type " (missing.join(", ")) "." }
            }
        }
    }
}

fn of_type(figures: &Report, event_type: EventType, count: u64, highest: u64) -> Markup {
    #[expect(clippy::cast_precision_loss, reason = "only drawn")]
    let length = 100.0 * (count as f64 + 1.0).ln() / (highest as f64 + 1.0).ln();
    let share = figures.share_of_events(count);
    html! {
        tr {
            th scope="row" class="type" {
                // Long names may break after their underscores.
                @for part in event_type.name().split_inclusive('_') { (part) wbr; }
                div class="bar" style={ "--length:" (round(length)) "%" } {}
            }
            td class="number" { (grouped(count)) }
            td class="number" { (NumberFormat::Percent.readable(share)) }
            td class="number" {
                @if let Some(rate) = figures.per_view.get(&event_type) { (NumberFormat::Plain.readable(*rate)) } @else { "–" }
            }
        }
    }
}

fn days(first: Timestamp, last: Timestamp) -> f64 {
    last.duration_since(first).as_secs_f64() / 86_400.0
}

fn round(percent: f64) -> String {
    format!("{percent:.1}")
}
