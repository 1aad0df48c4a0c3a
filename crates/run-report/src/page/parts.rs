//! The parts of a merged run beside the whole.

use charts::grouped;
use load_plan::threshold::{Percentile, Statistic};
use maud::{Markup, html};

use super::{bounded, plain, verdict_name};
use crate::{Outcome, Part, Report, StartsApart};

/// A table of the parts, with the whole in the last row, and the caveats of the merge.
pub(super) fn parts(report: &Report) -> Markup {
    let whole = Part::whole(report);
    let has_hosts = report.parts.iter().any(|part| part.host.is_some());
    html! {
        @if !report.parts.is_empty() {
            section {
                h2 { "Parts" }
                p { (sentence(report)) }
                @if let Some(facts) = report.merge.as_ref().filter(|facts| !facts.warnings.is_empty()) {
                    ul class="warnings" { @for warning in &facts.warnings { li { (warning) } } }
                }
                table class="events parts" {
                    thead {
                        tr {
                            th scope="col" { "Part" }
                            @if has_hosts { th scope="col" { "Host" } }
                            @for name in ["Start", "planned", "sent", "acknowledged", "p50", "p99"] { th scope="col" class="number" { (name) } }
                            th scope="col" { "Result" }
                        }
                    }
                    tbody {
                        @for part in &report.parts { tr { (row(&part.number(), part, has_hosts)) } }
                        tr class="total" { (row("all", &whole, has_hosts)) }
                    }
                }
            }
        }
    }
}

fn sentence(report: &Report) -> String {
    let count = report.parts.len();
    let reports = if count == 1 { "report" } else { "reports" };
    let facts = report.merge.clone().unwrap_or_default();
    let expected = facts.expected.map(|expected| format!(" of {expected} expected")).unwrap_or_default();
    let starts = match facts.starts_apart_ms {
        Some(StartsApart { at_most: Some(at_most), .. }) => {
            format!(" The first and the last began at most {} ms apart, by the clock of the target.", plain(at_most))
        }
        Some(StartsApart { at_least, at_most: None }) => {
            format!(" The first and the last began {} ms apart, by the clocks of their machines.", plain(at_least))
        }
        None => String::new(),
    };
    format!("{count} {reports}{expected}.{starts} Start is the time after the first start, in milliseconds, like the latencies.")
}

fn row(number: &str, part: &Part, has_hosts: bool) -> Markup {
    let (tone, sign) = match part.outcome {
        Outcome::Passed => ("tone-green", "✓"),
        Outcome::ThresholdMissed | Outcome::TargetUnreachable => ("tone-red", "✗"),
        Outcome::NotTrustworthy => ("tone-orange", "?"),
        Outcome::Interrupted => ("tone-grey", "–"),
    };
    let at = |percentile| part.latency_ms.get(Statistic::Percentile(percentile)).map_or_else(|| "–".to_owned(), bounded);
    let start = part.start_offset_ms.map_or_else(String::new, |offset| format!("+{}", plain(offset)));
    html! {
        th scope="row" class="type" { (number) @if part.shard.is_some() { small { (part.report) } } }
        @if has_hosts { td data-name="host" { @if let Some(host) = &part.host { (host) } } }
        td class="number" data-name="start" { (start) }
        td class="number" data-name="planned" { (grouped(part.events.planned)) }
        td class="number" data-name="sent" { (grouped(part.events.sent())) }
        td class="number" data-name="acknowledged" { (grouped(part.events.acknowledged)) }
        td class="number" data-name="p50 ms" { (at(Percentile::P50)) }
        td class="number" data-name="p99 ms" { (at(Percentile::P99)) }
        td class={ "held " (tone) } data-name="result" {
            span aria-hidden="true" { (sign) " " } (verdict_name(part.outcome))
            // The reasons of the whole stand at the top of the page.
            @if number != "all" { @for reason in &part.reasons { small { (reason) } } }
        }
    }
}
