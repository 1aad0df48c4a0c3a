//! The report as text for people.

use std::fmt;

use load_plan::load::LoadKind;
use load_plan::threshold::{Percentile, Statistic};
use measure::error_example::ErrorExample;
use measure::sent_check::SentFindings;

use crate::capacity::Capacity;
use crate::thresholds::JudgedThreshold;
use crate::{Outcome, Part, Percentiles, Report, WarmUp};

/// Displays a report.
pub struct Summary<'a>(pub &'a Report);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        writeln!(f, "{}", headline(report.outcome))?;
        for reason in &report.reasons {
            writeln!(f, "  {reason}")?;
        }
        writeln!(f)?;
        writeln!(f, "  target        {}", report.target)?;
        writeln!(f, "  seed          {}", seed_and_time(report))?;
        write_load(f, report)?;
        if let Some(WarmUp { duration_s, events }) = &report.warm_up {
            writeln!(
                f,
                "  warm-up       {duration_s} s, not included below: {} planned, {} acknowledged",
                events.planned, events.acknowledged
            )?;
        }
        if let Some(capacity) = &report.capacity {
            writeln!(f, "  capacity      {}", capacity.sentence())?;
        }
        let events = &report.events;
        if events.planned == 0 {
            return write!(f, "{}", Parts(report));
        }
        if let (LoadKind::Arrivals | LoadKind::Seekers, Some(ratio)) = (report.load.kind, report.load.achieved_ratio) {
            let load = &report.load;
            let name = load.kind.name();
            let (planned, achieved, percent) = (load.planned, load.achieved, ratio * 100.0);
            writeln!(f, "  {name:<14}planned {planned:.1}, achieved {achieved:.1} ({percent:.1} %)")?;
        }
        let share = report.rate.achieved_per_s / report.rate.planned_per_s * 100.0;
        writeln!(
            f,
            "  rate          planned {:.1}/s, achieved {:.1}/s ({share:.1} %)",
            report.rate.planned_per_s, report.rate.achieved_per_s
        )?;
        write_requests(f, report)?;
        if let Some(connections) = &report.connections {
            writeln!(f, "  connections   {connections}")?;
        }
        if let Some(searches) = &report.searches {
            writeln!(f, "  searches      {searches}")?;
        }
        let seekers = &report.seekers;
        let panicked = if seekers.panicked > 0 { format!("{} panicked, ", seekers.panicked) } else { String::new() };
        writeln!(
            f,
            "  job seekers   {} started, {} finished, {} left early, {panicked}at most {} live",
            seekers.started, seekers.finished, seekers.left_early, seekers.live_max
        )?;
        write!(f, "{}", Thresholds(&report.thresholds))?;
        write!(f, "{}", Parts(report))?;
        writeln!(f)?;
        writeln!(f, "  {:<13}{HEADINGS}       mean     stddev        min", "milliseconds")?;
        let is_partly_answered = report.latency_ms.lower_bound_above.is_some();
        for (name, percentiles, is_shown) in [
            ("latency", &report.latency_ms, true),
            ("  of answered", &report.answered_latency_ms, is_partly_answered),
            ("service time", &report.service_time_ms, true),
            ("schedule lag", &report.schedule_lag_ms, true),
        ] {
            if is_shown {
                let moments = [Statistic::Mean, Statistic::StandardDeviation, Statistic::Min];
                writeln!(f, "  {name:<13}{}{}", Row(percentiles), Cells(percentiles, &moments))?;
            }
        }
        write!(f, "{}", EventTable(report))?;
        if let Some(capacity) = &report.capacity {
            write!(f, "{}", Trials(capacity))?;
        }
        if !report.errors.is_empty() {
            writeln!(f)?;
            for (error, count) in &report.errors {
                writeln!(f, "  {count:>10}  {error}")?;
                if let Some(example) = report.error_examples.get(error) {
                    writeln!(f, "              example: {}", Example(example))?;
                }
            }
        }
        write!(f, "{}", CheckSent(report.check_sent.as_ref()))?;
        if let Some(receiver) = &report.receiver {
            writeln!(f)?;
            let repeated = receiver.event_ids.repeated + receiver.event_ids.conflicting;
            writeln!(
                f,
                "  the receiver counted {} accepted, {} refused, {repeated} with a repeated event id",
                receiver.accepted, receiver.refused.messages
            )?;
            if receiver.warnings.messages > 0 {
                writeln!(f, "  the receiver has warnings for {} accepted messages", receiver.warnings.messages)?;
            }
        }
        Ok(())
    }
}

/// The seed, the part of the run and its time.
fn seed_and_time(report: &Report) -> String {
    let Report { seed, duration_s, speed, .. } = report;
    let part = report.shard.map(|part| format!(", shard {part}")).unwrap_or_default();
    format!("{seed}{part}, for {duration_s} s at {speed} simulated s per s")
}

/// The first line of the summary.
fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "run passed",
        Outcome::ThresholdMissed => "run failed: threshold missed",
        Outcome::NotTrustworthy => "run not trustworthy",
        Outcome::TargetUnreachable => "run failed: target unreachable",
        Outcome::Interrupted => "run interrupted",
    }
}

/// An event with an error, on one line.
struct Example<'a>(&'a ErrorExample);

impl fmt::Display for Example<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The maximum number of characters of an answer; the report contains more.
        const ANSWER_MAX: usize = 120;
        let ErrorExample { event_id, event_type, answer } = self.0;
        write!(f, "{event_type} {event_id}")?;
        match answer {
            Some(answer) if answer.chars().count() > ANSWER_MAX => {
                write!(f, ": {}...", answer.chars().take(ANSWER_MAX).collect::<String>())
            }
            Some(answer) => write!(f, ": {answer}"),
            None => Ok(()),
        }
    }
}

/// The findings in the sent events.
struct CheckSent<'a>(Option<&'a SentFindings>);

impl fmt::Display for CheckSent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(found) = self.0 {
            writeln!(f)?;
            match found.findings() {
                0 => writeln!(f, "  all {} sent events follow the rules of the message", found.events)?,
                _ => {
                    for (code, broken) in &found.broken_rules {
                        writeln!(f, "  {:>10}  violate {code}, first finding: {}", broken.findings, broken.example)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Writes the load, and the runs that were merged with loads of their own.
fn write_load(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let load = &report.load;
    match load.stages.as_slice() {
        [] => writeln!(f, "  load          different stages, see the merged runs")?,
        stages => {
            let pacing = load.pacing.map(|pacing| format!(" ({pacing} pacing)")).unwrap_or_default();
            writeln!(f, "  load          {}{pacing}", stages.join(", "))?;
        }
    }
    let of_other_runs = report.parts.iter().filter(|part| part.shard.is_none());
    for (place, part) in of_other_runs.enumerate() {
        writeln!(f, "  {:<14}{}", if place == 0 { "merged runs" } else { "" }, part.shown())?;
    }
    Ok(())
}

/// Writes the number of requests, if it differs from the number of events.
fn write_requests(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let (events, retries) = (&report.events, &report.retries);
    // Only with batches can more events be answered than requests were sent.
    if events.acknowledged + events.refused > report.requests {
        writeln!(f, "  requests      {}, for {} events", report.requests, events.sent())?;
    }
    if retries.attempts > 0 {
        writeln!(
            f,
            "  retries       {} for {} events, {} of them then acknowledged; not part of the load",
            retries.attempts, retries.events_retried, retries.succeeded_after_retry
        )?;
    }
    Ok(())
}

/// The outcomes of the events, one line per type.
struct EventTable<'a>(&'a Report);

impl fmt::Display for EventTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        writeln!(f)?;
        writeln!(f, "  events                           acknowledged    refused     failed    unknown   not sent")?;
        for (event_type, of_type) in &report.by_type {
            writeln!(
                f,
                "  {event_type:<33}{:>12}{:>11}{:>11}{:>11}{:>11}",
                of_type.acknowledged, of_type.refused, of_type.failed, of_type.unknown, of_type.not_sent
            )?;
        }
        let events = &report.events;
        let all = format!("all {} planned", events.planned);
        writeln!(
            f,
            "  {all:<33}{:>12}{:>11}{:>11}{:>11}{:>11}",
            events.acknowledged, events.refused, events.failed, events.unknown, events.not_sent
        )
    }
}

/// The thresholds, one line each, with a tick or a cross.
struct Thresholds<'a>(&'a [JudgedThreshold]);

impl fmt::Display for Thresholds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() {
            writeln!(f)?;
        }
        for judged in self.0 {
            let JudgedThreshold { threshold, passed, .. } = judged;
            let mark = passed.map_or('-', |passed| if passed { '\u{2713}' } else { '\u{2717}' });
            let value = judged.shown().unwrap_or_else(|| "not measured".to_owned());
            let name = threshold.to_string();
            let when = judged.when().map(|when| format!(" {when}")).unwrap_or_default();
            let note = if passed.is_none() { ", not judged" } else { "" };
            writeln!(f, "  {mark} {name:<38} {value}{when}{note}")?;
        }
        Ok(())
    }
}

/// The parts of a merged run beside the whole, one line each, with the reasons of a part below it.
struct Parts<'a>(&'a Report);

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Report { parts, .. }) = self;
        if parts.is_empty() {
            return Ok(());
        }
        let length = |text: &str| text.chars().count();
        let numbers = parts.iter().map(|part| length(&part.number())).max().unwrap_or(0).clamp(5, 40);
        let hosts = parts.iter().map(|part| part.host.as_deref().map_or(0, length)).max().unwrap_or(0);
        let hosts = if hosts > 0 { hosts.max(4) + 2 } else { 0 };
        writeln!(f)?;
        let host = if hosts > 0 { "host" } else { "" };
        writeln!(
            f,
            "  {:<numbers$}  {host:<hosts$}{:>10}{:>12}{:>12}{:>14}{:>11}{:>11}  outcome",
            "part", "start ms", "planned", "sent", "acknowledged", "p50 ms", "p99 ms"
        )?;
        let whole = Part::whole(self.0);
        for (number, part) in parts.iter().map(|part| (part.number(), part)).chain([("all".to_owned(), &whole)]) {
            let Part { start_offset_ms, events, latency_ms, outcome, reasons, .. } = part;
            let host = part.host.as_deref().unwrap_or_default();
            let start = start_offset_ms.map(|offset| format!("+{offset:.1}")).unwrap_or_default();
            let percentiles =
                Cells(latency_ms, &[Statistic::Percentile(Percentile::P50), Statistic::Percentile(Percentile::P99)]);
            let outcome = outcome.name().replace('_', " ");
            writeln!(
                f,
                "  {number:<numbers$}  {host:<hosts$}{start:>10}{:>12}{:>12}{:>14}{percentiles}  {outcome}",
                events.planned,
                events.sent(),
                events.acknowledged
            )?;
            // The reasons of the whole stand at the top.
            for reason in reasons.iter().filter(|_| number != "all") {
                writeln!(f, "      {reason}")?;
            }
        }
        Ok(())
    }
}

/// The latency at each tested rate.
struct Trials<'a>(&'a Capacity);

impl fmt::Display for Trials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        writeln!(f, "  {:<13}{HEADINGS}", "latency in ms")?;
        for trial in self.0.by_rate() {
            let mark = match trial.outcome {
                Outcome::Passed => '\u{2713}',
                Outcome::ThresholdMissed => '\u{2717}',
                _ => '?',
            };
            let rate = format!("{}/s", trial.rate_per_s);
            let note = if trial.is_hold { format!("  over {} s", trial.duration_s) } else { String::new() };
            writeln!(f, "  {mark} {rate:>11}{}{note}", Row(&trial.latency_ms))?;
        }
        Ok(())
    }
}

/// The column headings of a [`Row`].
const HEADINGS: &str = "        p50        p90        p95        p99      p99.9        max";

/// The percentiles of a time.
struct Row<'a>(&'a Percentiles);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Cells(self.0, &Statistic::PERCENTILES))
    }
}

/// Some statistics of a time; lower bounds with a sign in front.
struct Cells<'a>(&'a Percentiles, &'a [Statistic]);

impl fmt::Display for Cells<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for statistic in self.1 {
            match self.0.get(*statistic) {
                Some((millis, true)) => write!(f, "{:>11}", format!("\u{2265}{millis:.3}"))?,
                Some((millis, false)) => write!(f, "{millis:>11.3}")?,
                None => write!(f, "{:>11}", "-")?,
            }
        }
        Ok(())
    }
}
