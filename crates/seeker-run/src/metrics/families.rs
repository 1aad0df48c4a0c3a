//! The list of metrics and the sources of their values. Names use the words of the report.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use client_event::EventType;
use hdrhistogram::Histogram;
use measure::counters::Counters;
use measure::ledger_account::LedgerAccount;
use measure::outcome_counts::OutcomeCounts;
use measure::run_record::ArbiterAccount;
use measure::windows::WindowCounts;

use super::buckets::Buckets;
use super::run_info::RunInfo;
use super::{Family, Label, Metrics, Point, Points, Unit};

const EVENTS: Unit = Unit::Number("event");
const SEEKERS: Unit = Unit::Number("seeker");

/// The state of a run at one moment.
pub(crate) struct Observed<'a> {
    pub(crate) counters: &'a Counters,
    /// The sum of all windows.
    pub(crate) windows: WindowCounts,
    /// The target of the load, in its unit.
    pub(crate) wanted: f64,
    /// The number of live job seekers.
    pub(crate) live: u64,
    /// The figures that are known only when the run has ended.
    pub(crate) ended: Option<FinalFigures>,
}

/// The figures of events that are known only when the run has ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinalFigures {
    /// Events that were planned but not begun: measured events, and warm-up events.
    never_begun: [u64; 2],
}

impl FinalFigures {
    /// Adds the accounts of all arbiters.
    pub(crate) fn of(accounts: &[ArbiterAccount]) -> Self {
        let mut ended = Self::default();
        for ArbiterAccount { ledger, .. } in accounts {
            let LedgerAccount { never_begun, warm_up, .. } = ledger;
            ended.never_begun[0] += never_begun;
            ended.never_begun[1] += warm_up.never_begun;
        }
        ended
    }
}

impl Metrics {
    /// Returns the metrics of a run in its current state.
    pub(crate) fn of(run: &RunInfo, observed: &Observed<'_>) -> Self {
        let mut families = about(run, observed.wanted);
        families.extend(counts(observed));
        families.extend(retries_and_errors(observed.counters));
        families.extend(times(observed.counters));
        Self { version: run.version, began: run.began, at: SystemTime::now(), families }
    }
}

fn about(run: &RunInfo, wanted: f64) -> Vec<Family> {
    let stages: Vec<_> = run.load.stages().map(|stage| stage.to_string()).collect();
    let build = vec![("version", Cow::Borrowed(run.version))];
    let of_run = vec![
        ("target", run.target.clone().into()),
        ("seed", run.seed.to_string().into()),
        ("speed", run.speed.to_string().into()),
        ("load", stages.join(" ").into()),
    ];
    let began_s = run.began.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let load = vec![Point { labels: vec![("kind", run.load.kind().name().into())], value: wanted }];
    vec![
        Family { name: "build", help: "The version of the load generator.", unit: Unit::None, points: Points::Info(build) },
        Family {
            name: "run",
            help: "The run: target (without the query), seed, speed in simulated seconds per second, and stages of the load.",
            unit: Unit::None,
            points: Points::Info(of_run),
        },
        gauge("start_time", "Start of the run, in seconds since 1970-01-01 UTC.", Unit::Seconds, began_s),
        Family {
            name: "planned_load",
            help: "Planned load at this moment: events a second (rate), new job seekers a second (arrivals), or live job seekers (seekers).",
            unit: Unit::None,
            points: Points::Gauge(load),
        },
    ]
}

fn counts(observed: &Observed<'_>) -> Vec<Family> {
    let Observed { counters, windows, live, ended, .. } = observed;
    let in_flight = windows.sent.saturating_sub(counters.total().sent());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let (live, in_flight) = (*live as f64, in_flight as f64);
    let mut families = vec![
        gauge("live_seekers", "Live job seekers.", SEEKERS, live),
        gauge(
            "events_in_flight",
            "Events that were sent and have no outcome yet, including events that wait for a retry.",
            EVENTS,
            in_flight,
        ),
        counter("events_begun", "Events that job seekers began, without the warm-up.", EVENTS, windows.begun),
        counter(
            "events_sent",
            "Events that were sent, without the warm-up. Retries are counted separately.",
            EVENTS,
            windows.sent,
        ),
        counter(
            "requests",
            "Sent requests with events. With --batch, a request carries several events.",
            Unit::Number("request"),
            counters.requests,
        ),
        Family {
            name: "events",
            help: "Events by type and outcome: acknowledged (2xx), refused (another status below 500), failed (5xx or no connection), \
                   unknown (no answer in time), not_sent.",
            unit: EVENTS,
            points: Points::Counter(by_type_and_outcome(counters)),
        },
    ];
    let mut warm_up = counters.warm_up;
    if let Some(ended) = ended {
        warm_up.not_sent += ended.never_begun[1];
        families.push(counter(
            "events_never_begun",
            "Planned events that no job seeker began. Known at the end of the run.",
            EVENTS,
            ended.never_begun[0],
        ));
    }
    families.push(Family {
        name: "warm_up_events",
        help: "Events of the warm-up by outcome. No other metric includes them.",
        unit: EVENTS,
        points: Points::Counter(by_outcome(warm_up).map(|(outcome, value)| Point { labels: vec![outcome], value }).collect()),
    });
    families
}

/// Includes each outcome of each type from the start, so that the first event shows as an increase.
fn by_type_and_outcome(counters: &Counters) -> Vec<Point<u64>> {
    let types = EventType::ALL.into_iter().enumerate().filter(|(_, event_type)| *event_type != EventType::Unspecified);
    let points = types.flat_map(|(position, event_type)| {
        by_outcome(counters.outcomes[position])
            .map(move |(outcome, value)| Point { labels: vec![type_label(event_type), outcome], value })
    });
    points.collect()
}

fn by_outcome(outcomes: OutcomeCounts) -> impl Iterator<Item = (Label, u64)> {
    let OutcomeCounts { acknowledged, refused, failed, unknown, not_sent } = outcomes;
    let all =
        [("acknowledged", acknowledged), ("refused", refused), ("failed", failed), ("unknown", unknown), ("not_sent", not_sent)];
    all.into_iter().map(|(outcome, value)| (("outcome", outcome.into()), value))
}

fn retries_and_errors(counters: &Counters) -> Vec<Family> {
    let by_kind = |label: &'static str, kinds: &BTreeMap<String, u64>| {
        Points::Counter(
            kinds.iter().map(|(kind, value)| Point { labels: vec![(label, kind.clone().into())], value: *value }).collect(),
        )
    };
    let retries = &counters.retries;
    vec![
        counter("retries", "Retries of events.", Unit::Number("retry"), retries.attempts),
        counter("retried_events", "Events that were retried, each counted once.", EVENTS, retries.events_retried),
        counter(
            "retried_events_acknowledged",
            "Events that were acknowledged after a retry.",
            EVENTS,
            retries.succeeded_after_retry,
        ),
        Family {
            name: "retry_causes",
            help: "Errors that led to a retry, by error.",
            unit: Unit::Number("error"),
            points: by_kind("error", &retries.causes),
        },
        Family {
            name: "errors",
            help: "Errors of events that were not acknowledged, by error.",
            unit: Unit::Number("error"),
            points: by_kind("error", &counters.errors),
        },
    ]
}

fn times(counters: &Counters) -> Vec<Family> {
    let histogram = |name, help, points| Family { name, help, unit: Unit::Seconds, points: Points::Histogram(points) };
    let of_all = |histogram: &Histogram<u64>| vec![Point { labels: Vec::new(), value: Buckets::of(histogram) }];
    let by_type = EventType::ALL.into_iter().zip(&counters.latency_by_type).filter_map(|(event_type, times)| {
        let answered = times.as_deref().map(|times| &times.answered).filter(|answered| !answered.is_empty());
        answered.map(|answered| Point { labels: vec![type_label(event_type)], value: Buckets::of(answered) })
    });
    vec![
        histogram(
            "latency",
            "Time from the scheduled time of an event to its answer, for answered events, by type.",
            by_type.collect(),
        ),
        histogram(
            "service_time",
            "Time from sending an event to its answer, for answered events.",
            of_all(&counters.service_time),
        ),
        histogram(
            "schedule_lag",
            "Time from the scheduled time of an event to its sending, for sent events.",
            of_all(&counters.schedule_lag),
        ),
        histogram(
            "release_lag",
            "Delay of due events before the generator released them: the part of the schedule lag that the generator caused.",
            of_all(&counters.release_lag),
        ),
    ]
}

fn type_label(event_type: EventType) -> Label {
    ("type", event_type.name().into())
}

fn counter(name: &'static str, help: &'static str, unit: Unit, value: u64) -> Family {
    Family { name, help, unit, points: Points::Counter(vec![Point { labels: Vec::new(), value }]) }
}

fn gauge(name: &'static str, help: &'static str, unit: Unit, value: f64) -> Family {
    Family { name, help, unit, points: Points::Gauge(vec![Point { labels: Vec::new(), value }]) }
}
