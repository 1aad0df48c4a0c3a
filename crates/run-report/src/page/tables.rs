//! The tables of the page: thresholds, and the outcomes of events by type and by answer.

use charts::grouped;
use load_plan::threshold::{Percentile, Statistic};
use maud::{Markup, html};
use measure::error_example::ErrorExample;

use crate::page::{bounded, share};
use crate::thresholds::JudgedThreshold;
use crate::{EventsOfType, Report};

/// An outcome column: its name, its count, and whether the outcome is bad.
type Column = (&'static str, fn(&EventsOfType) -> u64, bool);

const COLUMNS: [Column; 5] = [
    ("acknowledged", |of_type| of_type.acknowledged, false),
    ("refused", |of_type| of_type.refused, true),
    ("failed", |of_type| of_type.failed, true),
    ("unknown", |of_type| of_type.unknown, true),
    ("not sent", |of_type| of_type.not_sent, true),
];

/// The thresholds with the measured values and the results.
pub(super) fn thresholds(report: &Report) -> Markup {
    let judged = &report.thresholds;
    let count = |passed| judged.iter().filter(|judged| judged.passed == passed).count();
    let (held, missed, not_judged) = (count(Some(true)), count(Some(false)), count(None));
    html! {
        @if !judged.is_empty() {
            section {
                h2 { "Thresholds" }
                p {
                    @if held == judged.len() { "All thresholds passed." }
                    @else if missed > 0 { (missed) " of " (judged.len()) " thresholds missed." }
                    @else if !report.outcome.describes_target() { "Not judged, because the figures do not describe the target under the planned load." }
                    @else { (not_judged) " of " (judged.len()) " thresholds not judged." }
                }
                table class="thresholds" {
                    thead {
                        tr {
                            th scope="col" { "Threshold" }
                            th scope="col" class="number" { "Measured" }
                            th scope="col" { span class="unseen" { "Result" } }
                        }
                    }
                    tbody { @for judged in judged { (threshold(judged)) } }
                }
            }
        }
    }
}

fn threshold(judged: &JudgedThreshold) -> Markup {
    let (tone, sign, word) = match judged.passed {
        Some(true) => ("tone-green", "✓", "passed"),
        Some(false) => ("tone-red", "✗", "missed"),
        None => ("tone-grey", "–", "not judged"),
    };
    html! {
        tr {
            th scope="row" { code { (judged.threshold) } }
            td class="number" {
                @if let Some(value) = judged.shown() { (value) } @else { "–" }
                @if let Some(when) = judged.when() { small { (when) } }
            }
            td class={ "held " (tone) } { span aria-hidden="true" { (sign) " " } (word) }
        }
    }
}

/// The events of each type; empty columns are omitted.
pub(super) fn events(report: &Report) -> Markup {
    let total = EventsOfType {
        acknowledged: report.events.acknowledged,
        refused: report.events.refused,
        failed: report.events.failed,
        unknown: report.events.unknown,
        not_sent: report.events.not_sent,
        latency_ms: report.latency_ms,
    };
    let (shown, empty): (Vec<_>, Vec<_>) =
        COLUMNS.into_iter().partition(|(name, of, _)| *name == "acknowledged" || of(&total) > 0);
    let empty: Vec<_> = empty.iter().map(|(name, ..)| *name).collect();
    html! {
        section {
            h2 { "Events by type" }
            p {
                "Of " (grouped(report.events.planned)) " planned events, " (grouped(total.acknowledged)) " were acknowledged"
                @if !empty.is_empty() { "; none was " (listed(&empty)) } ". Latencies are in milliseconds."
            }
            table class="events" {
                thead {
                    tr {
                        th scope="col" { "Type" }
                        @for (name, ..) in &shown { th scope="col" class="number" { (name) } }
                        @for name in ["p50", "p99", "max"] { th scope="col" class="number" { (name) } }
                    }
                }
                tbody {
                    @for (event_type, of_type) in &report.by_type {
                        tr {
                            // Long names may break after their underscores.
                            th scope="row" class="type" { @for part in event_type.name().split_inclusive('_') { (part) wbr; } }
                            (cells(of_type, &shown))
                        }
                    }
                    tr class="total" { th scope="row" class="type" { "all" } (cells(&total, &shown)) }
                }
            }
            @if report.events.not_sent > report.by_type.values().map(|of_type| of_type.not_sent).sum() {
                p { "Planned events that no job seeker began have no type." }
            }
        }
    }
}

fn cells(of_type: &EventsOfType, columns: &[Column]) -> Markup {
    let latency = &of_type.latency_ms;
    let shown = |statistic| latency.get(statistic).map(bounded);
    let [p50, p99] = [Percentile::P50, Percentile::P99].map(|percentile| shown(Statistic::Percentile(percentile)));
    let max = shown(Statistic::Max);
    html! {
        @for (name, of, is_bad) in columns {
            td class={ "number" @if *is_bad && of(of_type) > 0 { " bad" } } data-name=(name) { (grouped(of(of_type))) }
        }
        @for (name, value) in [("p50 ms", p50), ("p99 ms", p99), ("max ms", max)] {
            td class="number" data-name=(name) { @if let Some(value) = value { (value) } @else { "–" } }
        }
    }
}

/// The errors, most frequent first.
pub(super) fn errors(report: &Report) -> Markup {
    let mut errors: Vec<_> = report.errors.iter().collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    html! {
        section {
            h2 { "Errors" }
            @if errors.is_empty() {
                p { "All sent events were answered with a 2xx status." }
            } @else {
                p { "Answers other than 2xx, and causes of missing answers, most frequent first." }
                table class="errors" {
                    thead { tr { th scope="col" class="number" { "Count" } th scope="col" class="number" { "Share of sent events" } th scope="col" { "Error" } } }
                    tbody {
                        @for (error, count) in errors {
                            tr {
                                td class="number" { (grouped(*count)) }
                                td class="number" { (share(*count, report.events.sent())) }
                                td { (error) @if let Some(example) = report.error_examples.get(error) { (such_as(example)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An event with this error, and the answer.
fn such_as(example: &ErrorExample) -> Markup {
    html! {
        p class="example" { "example: " (example.event_type.name()) " " code { (example.event_id) } }
        @if let Some(answer) = &example.answer { p class="example" { "answer: " code { (answer) } } }
    }
}

/// Joins words with commas, and an `or` before the last.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
