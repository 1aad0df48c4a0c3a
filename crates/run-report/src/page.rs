//! The report as an HTML page.

mod pictures;
mod tables;

use charts::{self, NumberFormat, Page, grouped};
use load_plan::threshold::{Percentile, Statistic};
use maud::{Markup, html};

use crate::verdict::ACHIEVED_RATIO_MIN;
use crate::{Outcome, Report, WarmUp};
use pictures::pictures;

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
            @if report.events.planned > 0 {
                (charts::pictures("How it went", "Without a chart", pictures(report)))
                (tables::events(report))
                (tables::errors(report))
            }
            (facts(report))
        },
        footnote: html! {
            "Latency is from the scheduled time of an event to its answer, of all planned events: an event without an answer ranks above all "
            "others, and a value with ≥ is a lower bound. Service time is from sending to the answer. Schedule lag is from the scheduled time "
            "to sending. "
            "All numbers of this page are in the report as JSON (" code { "--report FILE.json" } ")."
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
        Outcome::Passed => "The planned load was kept, and the target took what it was sent.",
        Outcome::ThresholdMissed if report.aborted_after_s.is_some() => {
            "The target did not do what was expected of it, so the run was ended."
        }
        Outcome::ThresholdMissed if is_short => {
            "The target did not do what was expected of it, and the planned load was not kept."
        }
        Outcome::ThresholdMissed => "The planned load was kept, and the target did not do what was expected of it.",
        Outcome::NotTrustworthy => "The generator was the limit: the figures below describe it, and not the target.",
        Outcome::TargetUnreachable => "There was no connection to the target before the start: nothing was sent.",
        Outcome::Interrupted => "The run was ended before its time: the figures below are of what there was until then.",
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
            (tile(&at(Percentile::P50), "latency, median", &format!("90\u{a0}% within {}", at(Percentile::P90))))
            (tile(&at(Percentile::P99), "latency, 99\u{a0}% within", &format!("the longest {}", millis(Statistic::Max))))
            (tile(&acknowledged, "acknowledged", &format!("{} of {} planned", grouped(events.acknowledged), grouped(events.planned))))
            (tile(&grouped(report.seekers.live_max), "job seekers at once", &format!("at most; {} in all", grouped(report.seekers.started))))
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
            h2 { "What was run" }
            dl class="facts" {
                dt { "Target" } dd { (report.target) }
                dt { "Load" } dd {
                    @if report.load.stages.is_empty() { "of different courses, see what it was merged of" }
                    @for (place, stage) in report.load.stages.iter().enumerate() { @if place > 0 { ", " } code { (stage) } }
                }
                @if !report.parts.is_empty() {
                    dt { "Merged of" } dd { @for part in &report.parts { p { (part.shown()) } } }
                }
                @if let Some(started_at) = report.started_at {
                    dt { "Started" } dd { time datetime=(started_at) { (started_at.strftime("%Y-%m-%d %H:%M:%S UTC")) } }
                }
                dt { "Duration" } dd { (plain(report.duration_s)) " s" }
                @if let Some(WarmUp { duration_s, events }) = &report.warm_up {
                    dt { "Warm-up" } dd {
                        (plain(*duration_s)) " s, in no other figure: " (grouped(events.planned)) " planned, " (grouped(events.acknowledged)) " acknowledged"
                    }
                }
                dt { "Speed" } dd { (plain(report.speed)) " simulated seconds per second" }
                dt { "Seed" } dd { code { (report.seed) } }
                dt { "Job seekers" } dd {
                    (grouped(report.seekers.started)) " started, " (grouped(report.seekers.finished)) " finished, "
                    (grouped(report.seekers.left_early)) " left early, "
                    @if report.seekers.panicked > 0 { (grouped(report.seekers.panicked)) " panicked, " }
                    "at most " (grouped(report.seekers.live_max)) " at once"
                }
                @if report.retries.attempts > 0 {
                    dt { "Retries" } dd {
                        (grouped(report.retries.attempts)) " for " (grouped(report.retries.events_retried)) " events, of which "
                        (grouped(report.retries.succeeded_after_retry)) " were acknowledged then; before that: "
                        @for (place, (cause, count)) in report.retries.causes.iter().enumerate() {
                            @if place > 0 { ", " } (grouped(*count)) " times " (cause)
                        }
                    }
                }
                @if let Some(used) = generator.cores_used {
                    dt { "Generator" } dd {
                        (plain(used)) " of " (generator.cores) @if generator.cores == 1 { " core" } @else { " cores" } " used"
                        @if let Some(busy) = generator.busiest_thread { ", its busiest thread " (NumberFormat::Percent.readable(busy)) " of one" }
                        @if let Some(flight) = generator.in_flight_mean { "; " (plain(flight)) " requests on their way on average" }
                    }
                }
                @if let Some(found) = &report.check_sent {
                    dt { "Check of what was sent" } dd {
                        @if found.findings() == 0 { "all " (grouped(found.events)) " events keep the rules of the message" }
                        @for (code, broken) in &found.broken_rules { p { (grouped(broken.findings)) " break " (code) ", the first: " (broken.example) } }
                    }
                }
                @if let Some(receiver) = &report.receiver {
                    dt { "Receiver in this process" } dd {
                        (grouped(receiver.accepted)) " accepted, " (grouped(receiver.refused.messages)) " refused, "
                        (grouped(receiver.event_ids.repeated + receiver.event_ids.conflicting)) " with an event id used before"
                        @if receiver.warnings.messages > 0 { ", " (grouped(receiver.warnings.messages)) " with a warning" }
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
