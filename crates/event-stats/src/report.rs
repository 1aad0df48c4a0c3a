//! All figures of a stream in one value with stable keys.

use std::collections::BTreeMap;

use client_event::EventType;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::distributions::Distributions;
use crate::row::Row;
use crate::sample::ratio;
use crate::statistics::Statistics;
use crate::summary::Summary;
use crate::time::timestamp_from_millis;

/// All figures of a stream. The keys of its serialized form are stable.
///
/// ```
/// use event_stats::{Report, Statistics};
/// use jiff::tz::TimeZone;
///
/// let report = Report::new(&Statistics::default(), TimeZone::UTC);
/// assert_eq!(report.rows.len(), 10);
/// assert_eq!(serde_json::to_value(&report)?["rows"][0]["verdict"], "too_few_cases");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The names of the inputs. Empty until the caller sets them.
    pub inputs: Vec<String>,
    /// A sentence for each input that could not be read to its end. Empty until the caller sets them.
    pub failures: Vec<String>,
    /// The time zone of hours and weekdays.
    #[serde(serialize_with = "serialize_zone")]
    pub time_zone: TimeZone,
    /// The time of the earliest event.
    #[serde(serialize_with = "serialize_time")]
    pub first: Option<Timestamp>,
    /// The time of the latest event.
    #[serde(serialize_with = "serialize_time")]
    pub last: Option<Timestamp>,
    /// The number of events, without repeated ones.
    pub events: u64,
    /// The number of lines or array elements that are not events. 0 until the caller sets it.
    pub unreadable: u64,
    /// The number of repeated events. No other figure counts them.
    pub repeated: u64,
    /// The number of seekers with an event other than an impression in the first 14 days.
    pub seekers: u64,
    /// The number of sessions.
    pub sessions: u64,
    /// The number of events by type, for the types that occur.
    pub by_type: BTreeMap<EventType, u64>,
    /// The number of events of a type for each VIEW; empty without views.
    pub per_view: BTreeMap<EventType, f64>,
    /// The statistics with a published value.
    pub rows: Vec<Row>,
    /// The distributions behind the rows.
    pub distributions: Distributions,
}

impl Report {
    /// The figures of these statistics. `time_zone` must be the time zone with which the events were observed.
    pub fn new(statistics: &Statistics, time_zone: TimeZone) -> Self {
        Self::of(&statistics.summary(), time_zone)
    }

    /// The figures of this summary. `time_zone` must be the time zone with which the events were observed.
    pub fn of(statistics: &Summary, time_zone: TimeZone) -> Self {
        let count = |event_type: EventType| (event_type, statistics.count(event_type));
        let by_type: BTreeMap<_, _> = EventType::ALL.into_iter().map(count).filter(|(_, count)| *count > 0).collect();
        let views = statistics.count(EventType::View);
        let per_view = by_type.iter().filter(|_| views > 0).map(|(event_type, count)| (*event_type, ratio(*count, views)));
        let [first, last] =
            statistics.span_millis().map_or([None, None], |span| span.map(|millis| Some(timestamp_from_millis(millis))));
        Self {
            inputs: Vec::new(),
            failures: Vec::new(),
            time_zone,
            first,
            last,
            events: statistics.events(),
            unreadable: 0,
            repeated: statistics.repeated_events(),
            seekers: statistics.seekers(),
            sessions: statistics.sessions(),
            per_view: per_view.collect(),
            by_type,
            rows: statistics.rows(),
            distributions: statistics.distributions(),
        }
    }

    /// The IANA name of the time zone; `UTC` for a zone without one.
    pub fn time_zone_name(&self) -> &str {
        zone_name(&self.time_zone)
    }

    /// Events as a share of all events of the report.
    pub fn share_of_events(&self, count: u64) -> f64 {
        ratio(count, self.events)
    }
}

fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

fn serialize_zone<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone_name(zone))
}

/// In RFC 3339, in UTC.
#[expect(clippy::ref_option, reason = "serde's signature")]
fn serialize_time<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(serializer)
}
