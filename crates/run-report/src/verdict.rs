//! Judges a run. A run is trusted only if the generator sent the planned load. Only a trusted run can pass or miss a threshold.
//!
//! The order of the checks:
//!
//! 1. An interrupted run is interrupted.
//! 2. A run that was ended because of a lost threshold has missed it.
//! 3. If the generator itself was late, or had no seekers to start, the run is not trustworthy.
//! 4. A target that stopped answering, at any time of the run, has missed a threshold, unless the generator itself did not send as many events
//!    because it lacked local resources.
//! 5. If a threshold was missed and the generator lacked local resources, or was missed only near pauses of the generator, the run is not
//!    trustworthy.
//! 6. If a figure is outside its limit, the threshold is missed.
//! 7. If changes of the load left nothing to measure, the run is not trustworthy.
//! 8. If the planned rate was not achieved, because all connections waited for answers or the outbox was full, the run is not trustworthy.
//! 9. A threshold on a figure that was not measured is missed.
//! 10. Otherwise the run passed.

use load_plan::Moment;
use load_plan::load::LoadKind;
use load_plan::threshold::Threshold;
use load_plan::units::millis;
use measure::counters::Counters;
use measure::ledger_account::{BlockedStarts, LedgerAccount};
use measure::silence::Silence;
use measure::thresholds::outside_pauses::OutsidePauses;
use measure::thresholds::sliding::WorstWindows;

use crate::thresholds::JudgedThreshold;
use crate::{Outcome, Report, Searches};

/// The 99 % quantile of the release lag (the delay until the generator handles a due event) above which the generator is the limit, in
/// microseconds. Normally the lag is a fraction of 1 ms; a generator that lacks processor time is far later.
const RELEASE_LAG_P99_MICROS_MAX: u64 = 25_000;

/// The same limit for a generator that uses all the processor time it may use.
const RELEASE_LAG_P99_MICROS_MAX_WHEN_BUSY: u64 = 5_000;

/// With fewer events, the 90 % quantile is judged.
const EVENTS_FOR_P99_MIN: u64 = 100;

/// The part of its cores, or of the one core of a thread, above which a process is busy.
const BUSY_MIN: f64 = 0.9;

/// The minimum share of the planned rate.
pub const ACHIEVED_RATIO_MIN: f64 = 0.98;

/// Little's law is checked only from this many requests in flight on average, and from this many samples.
const IN_FLIGHT_MIN: f64 = 5.0;
const IN_FLIGHT_LOOKS_MIN: u64 = 100;

/// The factor by which requests in flight and rate times service time may differ.
const LITTLE_FACTOR_MAX: f64 = 1.5;

/// The inputs of the verdict that the report does not contain.
pub struct VerdictInputs<'a> {
    /// Whether a signal ended the run.
    pub interrupted: bool,
    /// Whether the run was ended because a threshold was lost.
    pub aborted: bool,
    /// The thresholds of the run.
    pub thresholds: &'a [Threshold],
    /// Counters of the whole run.
    pub counters: &'a Counters,
    /// The worst windows of the thresholds.
    pub worst_windows: &'a WorstWindows,
    /// The values of thresholds on the whole run outside pauses of the generator.
    pub outside_pauses: &'a OutsidePauses,
    /// The time since which the target stopped answering, if it did.
    pub silence: Option<Silence>,
    /// The sum of the accounts of all arbiters.
    pub ledger: &'a LedgerAccount,
    /// The limit of live seekers.
    pub seekers_max: u64,
    /// The maximum number of concurrent requests; `None` if lines are written.
    pub connections: Option<usize>,
}

/// Sets the outcome and its reasons in the report.
pub fn judge(report: &mut Report, inputs: &VerdictInputs<'_>) {
    let thresholds: Vec<_> =
        inputs.thresholds.iter().map(|threshold| JudgedThreshold::of(*threshold, report, inputs.worst_windows)).collect();
    let (outcome, reasons) = verdict(report, inputs, &thresholds);
    report.thresholds = thresholds.into_iter().map(|judged| judged.in_run(outcome, inputs.aborted)).collect();
    report.aborted_after_s = inputs.aborted.then_some(report.duration_s);
    (report.outcome, report.reasons) = (outcome, reasons);
}

fn verdict(report: &Report, inputs: &VerdictInputs<'_>, thresholds: &[JudgedThreshold]) -> (Outcome, Vec<String>) {
    if inputs.interrupted {
        return (Outcome::Interrupted, vec!["a signal ended the run early".to_owned()]);
    }
    let mut missed: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::reason).collect();
    if inputs.aborted {
        let judged = thresholds.iter().map(|judged| judged.in_run(Outcome::ThresholdMissed, true));
        missed = judged.filter_map(|judged| judged.reason()).collect();
        missed.push(format!("the run stopped after {} s, because a threshold could no longer pass", report.duration_s));
        return (Outcome::ThresholdMissed, missed);
    }
    let generator = limits_of_generator(report, inputs);
    if !generator.is_empty() {
        return (Outcome::NotTrustworthy, generator);
    }
    // If more events have no answer than the generator could not send, the target is the cause.
    let silence = inputs.silence.filter(|silence| silence.events > report.generator.local_errors);
    if let Some(silence) = silence {
        missed.insert(0, no_answer_since(silence));
        return (Outcome::ThresholdMissed, missed);
    }
    let local = lack_of_local_resources(report).filter(|_| !missed.is_empty() || inputs.silence.is_some());
    let pauses = if missed.is_empty() { None } else { pauses_alone(report, inputs, thresholds) };
    let generator: Vec<_> = local.into_iter().chain(pauses).collect();
    if !generator.is_empty() {
        return (Outcome::NotTrustworthy, generator.into_iter().chain(missed).collect());
    }
    if report.events.planned == 0 && !report.load.changes.is_empty() {
        return (
            Outcome::NotTrustworthy,
            vec!["the changed load planned no event after the warm-up, so nothing was measured".to_owned()],
        );
    }
    let achieved = report.rate.achieved_per_s / report.rate.planned_per_s;
    if achieved < ACHIEVED_RATIO_MIN {
        // The target cannot acknowledge events that were not sent to it.
        let is_of_target = thresholds.iter().any(|judged| judged.passed == Some(false) && !judged.holds_of_sent(report));
        let outcome = if is_of_target { Outcome::ThresholdMissed } else { Outcome::NotTrustworthy };
        missed.push(lack_of_answers_in_time(report, inputs, achieved));
        return (outcome, missed);
    }
    if !missed.is_empty() {
        return (Outcome::ThresholdMissed, missed);
    }
    let lacks: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::lack).collect();
    if !lacks.is_empty() {
        return (Outcome::ThresholdMissed, lacks);
    }
    (Outcome::Passed, Vec::new())
}

/// The reason for a target that stopped answering.
fn no_answer_since(Silence { since, events }: Silence) -> String {
    match since {
        Some(since) => {
            let seconds = since.since(Moment::default()).as_secs_f64();
            format!("the target stopped answering at {seconds:.1} s: {events} events without an answer")
        }
        None => format!("the target never answered: {events} events without an answer"),
    }
}

/// Describes events that were not sent because local resources were missing.
fn lack_of_local_resources(report: &Report) -> Option<String> {
    let errors = report.generator.local_errors;
    (errors > 0).then(|| {
        format!("{errors} events were not sent because this machine lacked resources; the errors name the resource and the fix")
    })
}

/// Returns the reason if thresholds were missed only near pauses of the generator.
fn pauses_alone(report: &Report, inputs: &VerdictInputs<'_>, thresholds: &[JudgedThreshold]) -> Option<String> {
    let pauses = report.generator.pauses.filter(|pauses| pauses.count > 0)?;
    let is_missed_without_pause = |judged: &JudgedThreshold| {
        let threshold = &judged.threshold;
        match threshold.over {
            Some(_) => inputs.worst_windows.is_missed_without_pause(threshold),
            None => inputs.outside_pauses.holds(threshold) != Some(true),
        }
    };
    let missed: Vec<_> = thresholds.iter().filter(|judged| judged.reason().is_some()).collect();
    if missed.iter().any(|judged| is_missed_without_pause(judged)) {
        return None;
    }
    let names: Vec<_> = missed.iter().map(|judged| judged.threshold.to_string()).collect();
    let longest = pauses.longest_from_s.map(|from| format!(" at {from:.1} s")).unwrap_or_default();
    Some(format!(
        "the generator paused {} times ({:.0} ms in total, the longest {:.0} ms{longest}), and {} was missed only near these pauses; \
         reserve cores for the generator and run again",
        pauses.count,
        pauses.total_ms,
        pauses.longest_ms,
        names.join(", ")
    ))
}

/// Returns the reasons if the generator, and not the target, was the limit.
fn limits_of_generator(report: &Report, inputs: &VerdictInputs<'_>) -> Vec<String> {
    let mut reasons = panics(inputs.ledger);
    if let Some(found) = &report.check_sent
        && let Some((code, broken)) = found.broken_rules.first_key_value()
    {
        // Each answer needs its own `requestId`: if a search gives one `requestId` to two answers, its seekers break rules.
        let unless = if report.searches.is_some() { ", unless the search returned a requestId twice" } else { "" };
        reasons.push(format!(
            "the sent events violate rules {} times, which is a bug in the generator{unless}; first finding, {code}: {}",
            found.findings(),
            broken.example
        ));
    }
    reasons.extend(lack_of_processor(report, inputs));
    reasons.extend(contradiction_to_little(report, inputs));
    if report.load.kind != LoadKind::Rate
        && let Some(ratio) = report.load.achieved_ratio
        && ratio < ACHIEVED_RATIO_MIN
        && let Some(reason) = lack_of_seekers(report, inputs)
    {
        reasons.push(format!("{:.1} % of the planned {} were achieved: {reason}", ratio * 100.0, report.load.kind.name()));
    }
    let never_begun = inputs.ledger.never_begun;
    if ratio(never_begun, report.events.planned) > 1.0 - ACHIEVED_RATIO_MIN
        && let Some(reason) = lack_of_seekers(report, inputs)
    {
        reasons.push(format!("{never_begun} planned events had no seeker: {reason}"));
    }
    reasons
}

/// The panics of actors.
fn panics(ledger: &LedgerAccount) -> Vec<String> {
    let of_actor = ledger.actor_panic.as_ref().map(|message| {
        format!("an actor of the generator panicked and ended the run, which is a bug in the generator: {message}")
    });
    let of_seekers = ledger.panic_message.as_ref().map(|message| {
        let seekers = if ledger.panicked == 1 { "seeker" } else { "seekers" };
        format!("{} {seekers} panicked, which is a bug in the generator; first message: {message}", ledger.panicked)
    });
    of_actor.into_iter().chain(of_seekers).collect()
}

/// Returns the reason if due events were handled too late, with the processor time that explains the delay.
fn lack_of_processor(report: &Report, inputs: &VerdictInputs<'_>) -> Option<String> {
    let release_lag = &inputs.counters.release_lag;
    // With few events, the 99 % quantile is a single event, and one event may be late by chance.
    let (quantile, name) = if release_lag.len() < EVENTS_FOR_P99_MIN { (0.9, "p90") } else { (0.99, "p99") };
    let late_micros = release_lag.value_at_quantile(quantile);
    let late = format!("the generator was late by {:.0} ms ({name})", millis(late_micros));
    let generator = &report.generator;
    #[expect(clippy::cast_precision_loss, reason = "a number of cores")]
    let cores = generator.cores as f64;
    if late_micros > RELEASE_LAG_P99_MICROS_MAX_WHEN_BUSY {
        if let Some(used) = generator.cores_used.filter(|used| *used >= cores * BUSY_MIN) {
            return Some(format!(
                "{late}, and this process used {used:.1} of its {} cores; lower the load, add cores, or move the target to another machine",
                generator.cores
            ));
        }
        if let Some(busy) = generator.busiest_thread.filter(|busy| *busy >= BUSY_MIN) {
            return Some(format!(
                "{late}, and one of its threads was busy {:.0} % of the time; lower the load, or divide it among several generators",
                busy * 100.0
            ));
        }
    }
    (late_micros > RELEASE_LAG_P99_MICROS_MAX).then(|| {
        format!("{late}, limit {} ms: it lacked processor time; lower the load, or add cores", RELEASE_LAG_P99_MICROS_MAX / 1000)
    })
}

/// Checks Little's law over the time of the load: the average number of requests in flight equals the total time of all requests in flight,
/// divided by the time of the load. The average is sampled, the total is added up exactly. If the two contradict each other, samples or
/// answers were late in this process, and its times do not describe the target.
fn contradiction_to_little(report: &Report, inputs: &VerdictInputs<'_>) -> Option<String> {
    let in_flight = report.generator.in_flight_mean.filter(|mean| *mean >= IN_FLIGHT_MIN)?;
    let load_s = report.duration_s - report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s);
    if inputs.counters.in_flight.looks < IN_FLIGHT_LOOKS_MIN || load_s <= 0.0 {
        return None;
    }
    let by_law = millis(inputs.counters.busy_micros) / 1000.0 / load_s;
    let factor = (in_flight / by_law).max(by_law / in_flight);
    (factor > LITTLE_FACTOR_MAX).then(|| {
        format!(
            "samples show {in_flight:.0} requests in flight on average, but their times give {by_law:.0} (Little's law), so delays of the \
             generator are part of the times; lower the load, or add cores"
        )
    })
}

/// The reason for missing seekers that no limit and no search explains.
const LATE_STARTS: &str = "seekers could not be started fast enough; lower the load, or add cores";

/// Returns why seekers could not start and what to do; `None` if the outbox was full, which has its own reason.
fn lack_of_seekers(report: &Report, inputs: &VerdictInputs<'_>) -> Option<String> {
    let BlockedStarts { by_bound, seekers_at_bound, others_at_bound, by_outbox, by_search: _ } = inputs.ledger.blocked_starts;
    let seekers_max = inputs.seekers_max;
    if by_outbox > by_bound {
        None
    } else if by_bound == 0
        && let Some(searches) = &report.searches
    {
        Some(lack_of_answers(searches, inputs.ledger.blocked_starts.by_search > 0))
    } else if by_bound == 0 {
        Some(LATE_STARTS.to_owned())
    } else if others_at_bound > seekers_at_bound {
        let percent = ratio(others_at_bound, seekers_at_bound + others_at_bound) * 100.0;
        Some(format!("{percent:.0} % of the {seekers_max} allowed seekers were alerts and employers; raise --seekers-max"))
    } else {
        Some(format!("all {seekers_max} allowed seekers were live; raise --seekers-max"))
    }
}

/// Returns why seekers with searches had no events to send in time.
fn lack_of_answers(searches: &Searches, starts_were_blocked: bool) -> String {
    let Searches { made, answered, empty, failed, unanswered, time_ms } = searches;
    let in_vain = empty + failed;
    // Searches without an answer at the end of the run show nothing about the answers.
    if in_vain > 0 && starts_were_blocked || in_vain > (answered + failed) / 2 {
        return format!(
            "of {made} searches, {failed} failed and {empty} returned no jobs, so seekers had no events to send; check --search and the \
             jobs of the search service"
        );
    }
    let are_fast = unanswered * 100 <= *made && time_ms.p99.is_some_and(|p99| p99 <= millis(RELEASE_LAG_P99_MICROS_MAX));
    if are_fast {
        return LATE_STARTS.to_owned();
    }
    let took = time_ms.p50.map(|p50| format!(" took {p50:.0} ms (p50) and")).unwrap_or_default();
    format!("searches{took} delayed seekers; raise --connections, or lower the load")
}

/// Returns why events were not sent in time although seekers began them.
fn lack_of_answers_in_time(report: &Report, inputs: &VerdictInputs<'_>, achieved: f64) -> String {
    let percent = achieved * 100.0;
    let was_full = inputs.ledger.blocked_starts.by_outbox > 0 || inputs.ledger.begun_at_full_outbox > 0;
    let begins = if was_full {
        format!("{percent:.1} % of the planned rate was achieved, and the send queue was full")
    } else {
        format!("{percent:.1} % of the planned rate was achieved")
    };
    let Some(connections) = inputs.connections else {
        return format!("{begins}: the reader of the output was too slow; lower the load, or use a faster reader");
    };
    let service_s = mean_service_s(inputs.counters);
    let requests_per_s = requests_of(inputs.counters, report.rate.planned_per_s);
    let needed = (requests_per_s * service_s).ceil();
    #[expect(clippy::cast_precision_loss, reason = "a number of connections")]
    let nearly_all = connections as f64 * BUSY_MIN;
    let were_free = report.generator.in_flight_mean.is_some_and(|in_flight| in_flight < nearly_all);
    if service_s > 0.0 && needed >= nearly_all {
        format!(
            "{begins}: {:.1} requests/s of {:.1} ms each need {needed:.0} requests in flight (Little's law), but --connections allows \
             {connections}; raise --connections, or lower the load",
            requests_per_s,
            service_s * 1000.0
        )
    } else if were_free && !was_full {
        format!("{begins}: {}", cause_of_waiting(report, service_s))
    } else {
        format!("{begins}: all {connections} connections were waiting for answers; raise --connections, or lower the load")
    }
}

/// Returns the cause of delays although connections were available, and the advice.
fn cause_of_waiting(report: &Report, service_s: f64) -> String {
    let lost = report.events.failed + report.events.unknown;
    if report.retries.attempts > 0 {
        "retries delayed the next events of the same seekers; lower --retries or the load".to_owned()
    } else if service_s <= 0.0 || ratio(lost, report.events.planned) > 1.0 - ACHIEVED_RATIO_MIN {
        "failed and unanswered events delayed other events; the errors name the causes".to_owned()
    } else {
        format!(
            "a seeker sends its next event after the answer to the last one, and answers took {:.0} ms; lower --speed, so that seekers send \
             less often",
            service_s * 1000.0
        )
    }
}

fn mean_service_s(counters: &Counters) -> f64 {
    if counters.service_time.is_empty() { 0.0 } else { counters.service_time.mean() / 1e6 }
}

/// Returns the number of requests for this many events, at the batch size of the sent events.
fn requests_of(counters: &Counters, events: f64) -> f64 {
    let sent = counters.schedule_lag.len();
    if counters.requests < sent { events * ratio(counters.requests, sent) } else { events }
}

fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let (part, whole) = (part as f64, whole as f64);
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests;
