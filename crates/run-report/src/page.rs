//! The report as an HTML page.

mod parts;
mod run_charts;
mod tables;

use charts::{self, NumberFormat, Page, grouped};
use load_plan::threshold::{Percentile, Statistic};
use maud::{Markup, html};

use crate::verdict::ACHIEVED_RATIO_MIN;
use crate::{Outcome, Report, WarmUp};
use run_charts::run_charts;

const STYLE: &str = include_str!("page/page.css");

/// Returns the page.
pub fn page(report: &Report) -> Markup {
    let title = format!("{}: {}", verdict_name(report.outcome), report.target);
    let page = Page {
        title: &title,
        style: STYLE,
        heading: heading(report),
        main: html! {
            (tables::thresholds(report))
            (parts::parts(report))
            @if report.events.planned > 0 {
                (charts::chart_section("Charts", "Not drawn", run_charts(report)))
                (tables::events(report))
                (tables::errors(report))
            }
            (facts(report))
        },
        footnote: html! {
            "Latency is the time from the scheduled time of an event to its answer, over all planned events. An event without an answer ranks "
            "above all answered events. A value with ≥ is a lower bound. Service time is the time from sending to the answer. Schedule lag is "
            "the time from the scheduled time to sending. The JSON report (" code { "--report FILE.json" } ") contains all numbers of this page."
        },
    };
    page.markup()
}

fn heading(report: &Report) -> Markup {
    let (tone, sign) = match report.outcome {
        Outcome::Passed => ("tone-green", "✓"),
        Outcome::ThresholdMissed | Outcome::TargetUnreachable => ("tone-red", "✗"),
        Outcome::NotTrustworthy => ("tone-orange", "?"),
        Outcome::Interrupted => ("tone-grey", "–"),
    };
    html! {
        h1 { "Load test" }
        p class="target" { (report.target) @if let Some(when) = when(report) { " · " (when) } }
        p class={ "verdict " (tone) } { span aria-hidden="true" { (sign) } (verdict_name(report.outcome)) }
        p class="meaning" { (meaning(report)) }
        @if !report.reasons.is_empty() {
            ul class={ "reasons " (tone) } { @for reason in &report.reasons { li { (reason) } } }
        }
        @if !report.not_measured.is_empty() {
            ul class="reasons tone-grey" { @for sentence in &report.not_measured { li { (sentence) } } }
        }
        @if report.events.planned > 0 { (tiles(report)) }
    }
}

/// Returns the start time and the duration of the run.
fn when(report: &Report) -> Option<String> {
    let started_at = report.started_at?.strftime("%Y-%m-%d %H:%M UTC");
    Some(format!("{started_at}, {} s", plain(report.duration_s)))
}

fn verdict_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "Passed",
        Outcome::ThresholdMissed => "Threshold missed",
        Outcome::NotTrustworthy => "Not trustworthy",
        Outcome::TargetUnreachable => "Target unreachable",
        Outcome::Interrupted => "Interrupted",
    }
}

fn meaning(report: &Report) -> &'static str {
    let is_short = report.rate.achieved_per_s < report.rate.planned_per_s * ACHIEVED_RATIO_MIN;
    match report.outcome {
        Outcome::Passed => "The planned load was sent, and all thresholds passed.",
        Outcome::ThresholdMissed if report.aborted_after_s.is_some() => {
            "The run stopped early, because a threshold could no longer pass."
        }
        Outcome::ThresholdMissed if is_short => "A threshold was missed, and the planned load was not reached.",
        Outcome::ThresholdMissed => "The planned load was sent, but a threshold was missed.",
        Outcome::NotTrustworthy => "The generator was the limit, paused or failed, so the figures do not describe the target.",
        Outcome::TargetUnreachable => "No connection to the target could be opened, so nothing was sent.",
        Outcome::Interrupted => "The run ended early. The figures cover the time until then.",
    }
}

/// The key figures, which readers look for first.
fn tiles(report: &Report) -> Markup {
    let (events, rate, latency) = (&report.events, &report.rate, &report.latency_ms);
    let millis = |statistic| latency.get(statistic).map_or_else(|| "–".to_owned(), |value| format!("{} ms", bounded(value)));
    let at = |percentile| millis(Statistic::Percentile(percentile));
    let acknowledged = share(events.acknowledged, events.planned);
    html! {
        dl class="tiles" {
            (tile(&format!("{}/s", plain(rate.achieved_per_s)), "events sent", &format!("planned: {}/s", plain(rate.planned_per_s))))
            (tile(&at(Percentile::P50), "latency, median", &format!("p90: {}", at(Percentile::P90))))
            (tile(&at(Percentile::P99), "latency, p99", &format!("maximum: {}", millis(Statistic::Max))))
            (tile(&acknowledged, "acknowledged", &format!("{} of {} planned", grouped(events.acknowledged), grouped(events.planned))))
            (tile(&grouped(report.seekers.live_max), "live job seekers, at most", &format!("{} in total", grouped(report.seekers.started))))
        }
    }
}

fn tile(number: &str, name: &str, more: &str) -> Markup {
    html! { div { dt { (name) small { (more) } } dd { (number) } } }
}

/// The settings of the run, so that it can be repeated.
fn facts(report: &Report) -> Markup {
    let generator = &report.generator;
    html! {
        section {
            h2 { "Settings" }
            dl class="facts" {
                dt { "Target" } dd { (report.target) }
                dt { "Load" } dd {
                    @if report.load.stages.is_empty() { "different stages, see the merged runs" }
                    @for (place, stage) in report.load.stages.iter().enumerate() { @if place > 0 { ", " } code { (stage) } }
                }
                @if !report.load.changes.is_empty() {
                    dt { "Load changes" } dd { @for change in &report.load.changes { p { (change.shown(report.load.kind)) } } }
                }
                @if report.parts.iter().any(|part| part.shard.is_none()) {
                    dt { "Merged runs" } dd { @for part in &report.parts { p { (part.shown()) } } }
                }
                @if let Some(run) = report.run.as_ref().filter(|_| !report.parts.is_empty()) { dt { "Run" } dd { code { (run.id) } } }
                @if let Some(started_at) = report.started_at {
                    dt { "Started" } dd { time datetime=(started_at) { (started_at.strftime("%Y-%m-%d %H:%M:%S UTC")) } }
                }
                dt { "Duration" } dd { (plain(report.duration_s)) " s" }
                @if let Some(WarmUp { duration_s, events }) = &report.warm_up {
                    dt { "Warm-up" } dd {
                        (plain(*duration_s)) " s, not included in other figures: " (grouped(events.planned)) " planned, " (grouped(events.acknowledged)) " acknowledged"
                    }
                }
                dt { "Speed" } dd { (plain(report.speed)) " simulated seconds per second" }
                dt { "Seed" } dd { code { (report.seed) } }
                @if let Some(shard) = report.shard {
                    dt { "Shard" } dd { (shard) }
                }
                dt { "Job seekers" } dd {
                    (grouped(report.seekers.started)) " started, " (grouped(report.seekers.finished)) " finished, "
                    (grouped(report.seekers.left_early)) " left early, "
                    @if report.seekers.panicked > 0 { (grouped(report.seekers.panicked)) " panicked, " }
                    "at most " (grouped(report.seekers.live_max)) " live"
                }
                @if report.retries.attempts > 0 {
                    dt { "Retries" } dd {
                        (grouped(report.retries.attempts)) " for " (grouped(report.retries.events_retried)) " events, "
                        (grouped(report.retries.succeeded_after_retry)) " of them then acknowledged; causes: "
                        @for (place, (cause, count)) in report.retries.causes.iter().enumerate() {
                            @if place > 0 { ", " } (grouped(*count)) " × " (cause)
                        }
                    }
                }
                @if let Some(used) = generator.cores_used {
                    dt { "Generator" } dd {
                        (plain(used)) " of " (generator.cores) @if generator.cores == 1 { " core" } @else { " cores" } " used"
                        @if let Some(busy) = generator.busiest_thread { ", the busiest thread " (NumberFormat::Percent.readable(busy)) " of a core" }
                        @if let Some(flight) = generator.in_flight_mean { "; " (plain(flight)) " requests in flight on average" }
                    }
                }
                @if let Some(found) = &report.check_sent {
                    dt { "Check of sent events" } dd {
                        @if found.findings() == 0 { "all " (grouped(found.events)) " events follow the rules of the message" }
                        @for (code, broken) in &found.broken_rules { p { (grouped(broken.findings)) " violate " (code) ", first finding: " (broken.example) } }
                    }
                }
                @if let Some(receiver) = &report.receiver {
                    dt { "Built-in receiver" } dd {
                        (grouped(receiver.accepted)) " accepted, " (grouped(receiver.refused.messages)) " refused, "
                        (grouped(receiver.event_ids.repeated + receiver.event_ids.conflicting)) " with a repeated event id"
                        @if receiver.warnings.messages > 0 { ", " (grouped(receiver.warnings.messages)) " with warnings" }
                    }
                }
            }
        }
    }
}

/// A number for people.
fn plain(value: f64) -> String {
    NumberFormat::Plain.readable(value)
}

/// A number for people, with a sign in front if it is a lower bound.
fn bounded((value, is_lower_bound): (f64, bool)) -> String {
    if is_lower_bound { format!("\u{2265}\u{a0}{}", plain(value)) } else { plain(value) }
}

/// A share in per cent; never rounded to 0 % or 100 %.
fn share(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let share = part as f64 / whole as f64;
    match NumberFormat::Percent.readable(share) {
        _ if whole == 0 => "–".to_owned(),
        text if text.starts_with("100") && part < whole => "< 100\u{a0}%".to_owned(),
        text => text,
    }
}
