//! All figures of a report, as they are written for programs. The text and the page are made of them too, so that neither shows what
//! a program cannot read.

use std::collections::BTreeMap;

use client_event::EventType;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use seeker_model::{Binned, ByRank, Cumulative, Distributions, Figure, Row, RowVerdict, Shares};
use serde::{Serialize, Serializer};

use crate::stats::StatsReport;
use crate::stats::local_time::timestamp;

pub(super) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The keys are stable: programs read them.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) inputs: Vec<String>,
    pub(super) failures: Vec<String>,
    #[serde(serialize_with = "zone_key")]
    pub(super) time_zone: TimeZone,
    /// When the earliest and the latest event happened; as RFC 3339 in UTC.
    #[serde(serialize_with = "time_key")]
    pub(super) first: Option<Timestamp>,
    #[serde(serialize_with = "time_key")]
    pub(super) last: Option<Timestamp>,
    pub(super) events: u64,
    pub(super) unreadable: u64,
    /// Events that had come before, with the same id and content; in no other figure.
    pub(super) repeated: u64,
    pub(super) seekers: u64,
    pub(super) sessions: u64,
    pub(super) by_type: BTreeMap<EventType, u64>,
    /// How many events of a type there are for each VIEW; empty without views.
    pub(super) per_view: BTreeMap<EventType, f64>,
    pub(super) rows: Vec<RowFigures>,
    pub(super) distributions: DistributionFigures,
}

#[derive(Debug, Serialize)]
pub(super) struct RowFigures {
    pub(super) id: &'static str,
    pub(super) statistic: &'static str,
    pub(super) source: &'static str,
    #[serde(serialize_with = "verdict_key")]
    pub(super) verdict: RowVerdict,
    pub(super) figures: Vec<FigureFigures>,
}

#[derive(Debug, Serialize)]
pub(super) struct FigureFigures {
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) target: f64,
    pub(super) accepted: [f64; 2],
}

/// With too few cases a distribution has their number, and empty lists.
#[derive(Debug, Serialize)]
pub(super) struct DistributionFigures {
    pub(super) events_per_seeker: EventsPerSeeker,
    pub(super) seconds_to_action: UpTo,
    pub(super) weekdays: Weekdays,
    pub(super) session_hours: Hours,
    pub(super) ranks: Ranks,
    pub(super) days_to_hire: HiringTimes,
    pub(super) posting_age_days: UpTo,
}

#[derive(Debug, Serialize)]
pub(super) struct EventsPerSeeker {
    pub(super) cases: u64,
    pub(super) quantiles: Vec<Share>,
    pub(super) at_least: Vec<Share>,
}

#[derive(Debug, Serialize)]
pub(super) struct UpTo {
    pub(super) cases: u64,
    pub(super) quantiles: Vec<Share>,
    pub(super) within: Vec<Share>,
}

/// A value and the share of the cases that belongs to it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) share: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Weekdays {
    pub(super) cases: u64,
    pub(super) weekdays: Vec<WeekdayShare>,
}

#[derive(Debug, Serialize)]
pub(super) struct WeekdayShare {
    pub(super) weekday: &'static str,
    pub(super) events: u64,
    pub(super) share: f64,
    pub(super) published: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Hours {
    pub(super) cases: u64,
    pub(super) hours: Vec<HourShare>,
}

#[derive(Debug, Serialize)]
pub(super) struct HourShare {
    pub(super) hour: usize,
    pub(super) sessions: u64,
    pub(super) share: f64,
    pub(super) published: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Ranks {
    pub(super) cases: u64,
    pub(super) ranks: Vec<RankRate>,
}

#[derive(Debug, Serialize)]
pub(super) struct RankRate {
    pub(super) rank: usize,
    pub(super) shown: u64,
    pub(super) clicked: u64,
    /// None where nothing was shown.
    pub(super) click_rate: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(super) struct HiringTimes {
    pub(super) cases: u64,
    pub(super) mean: Option<f64>,
    pub(super) weeks: Vec<WeekHires>,
}

#[derive(Debug, Serialize)]
pub(super) struct WeekHires {
    pub(super) from_day: usize,
    pub(super) hires: u64,
}

impl Figures {
    pub(super) fn of(report: &StatsReport) -> Self {
        let statistics = &report.statistics;
        let counted = |event_type: EventType| (event_type, statistics.count(event_type));
        let by_type: BTreeMap<_, _> = EventType::ALL.into_iter().map(counted).filter(|(_, count)| *count > 0).collect();
        let views = statistics.count(EventType::View);
        let per_view = by_type.iter().filter(|_| views > 0).map(|(event_type, count)| (*event_type, ratio(*count, views)));
        let [first, last] = statistics.span_millis().map_or([None, None], |span| span.map(|millis| Some(timestamp(millis))));
        Self {
            inputs: report.inputs.clone(),
            failures: report.failures.clone(),
            time_zone: report.time_zone.clone(),
            first,
            last,
            events: statistics.events(),
            unreadable: report.unreadable,
            repeated: statistics.repeated(),
            seekers: statistics.seekers(),
            sessions: statistics.sessions(),
            per_view: per_view.collect(),
            by_type,
            rows: statistics.rows().iter().map(RowFigures::of).collect(),
            distributions: DistributionFigures::of(statistics.distributions()),
        }
    }
}

impl RowFigures {
    fn of(row: &Row) -> Self {
        let figure = |Figure { name, value, target, accepted }: &Figure| FigureFigures {
            name,
            value: *value,
            target: *target,
            accepted: *accepted,
        };
        Self {
            id: row.id,
            statistic: row.statistic,
            source: row.source,
            verdict: row.verdict(),
            figures: row.figures.iter().map(figure).collect(),
        }
    }
}

impl DistributionFigures {
    fn of(distributions: Distributions) -> Self {
        let Distributions { events_per_seeker, seconds_to_action, weekdays, hours, ranks, days_to_hire, posting_age } =
            distributions;
        let Cumulative { cases, quantiles, points } = events_per_seeker;
        Self {
            events_per_seeker: EventsPerSeeker { cases, quantiles: by_share(&quantiles), at_least: by_value(&points) },
            seconds_to_action: UpTo::of(&seconds_to_action),
            weekdays: Weekdays::of(&weekdays),
            session_hours: Hours::of(&hours),
            ranks: Ranks::of(&ranks),
            days_to_hire: HiringTimes::of(&days_to_hire),
            posting_age_days: UpTo::of(&posting_age),
        }
    }
}

impl UpTo {
    fn of(Cumulative { cases, quantiles, points }: &Cumulative) -> Self {
        Self { cases: *cases, quantiles: by_share(quantiles), within: by_value(points) }
    }
}

impl Weekdays {
    fn of(shares: &Shares) -> Self {
        let weekdays = WEEKDAYS.into_iter().zip(&shares.counts).zip(&shares.published).map(|((weekday, count), published)| {
            WeekdayShare { weekday, events: *count, share: ratio(*count, shares.cases), published: *published }
        });
        Self { cases: shares.cases, weekdays: weekdays.collect() }
    }
}

impl Hours {
    fn of(shares: &Shares) -> Self {
        let hours = shares.counts.iter().zip(&shares.published).enumerate().map(|(hour, (count, published))| HourShare {
            hour,
            sessions: *count,
            share: ratio(*count, shares.cases),
            published: *published,
        });
        Self { cases: shares.cases, hours: hours.collect() }
    }
}

impl Ranks {
    fn of(ranks: &ByRank) -> Self {
        let of_rank = |(position, [shown, clicked]): (usize, &[u64; 2])| RankRate {
            rank: position + 1,
            shown: *shown,
            clicked: *clicked,
            click_rate: (*shown > 0).then(|| ratio(*clicked, *shown)),
        };
        Self { cases: ranks.cases, ranks: ranks.shown_clicked.iter().enumerate().map(of_rank).collect() }
    }
}

impl HiringTimes {
    fn of(binned: &Binned) -> Self {
        let weeks = binned.weeks.iter().enumerate().map(|(week, hires)| WeekHires { from_day: week * 7, hires: *hires });
        Self { cases: binned.cases, mean: binned.mean, weeks: weeks.collect() }
    }
}

/// The words of a verdict.
pub(super) const fn verdict_name(verdict: RowVerdict) -> &'static str {
    match verdict {
        RowVerdict::Met => "met",
        RowVerdict::Missed => "missed",
        RowVerdict::TooFewCases => "too few cases",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn verdict_key<S: Serializer>(verdict: &RowVerdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match verdict {
        RowVerdict::TooFewCases => "too_few_cases",
        verdict => verdict_name(*verdict),
    })
}

fn zone_key<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone_name(zone))
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn time_key<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(serializer)
}

pub(super) fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

fn by_share(quantiles: &[[f64; 2]]) -> Vec<Share> {
    quantiles.iter().map(|[share, value]| Share { value: *value, share: *share }).collect()
}

fn by_value(points: &[[f64; 2]]) -> Vec<Share> {
    points.iter().map(|[value, share]| Share { value: *value, share: *share }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub(super) fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of as f64
}
