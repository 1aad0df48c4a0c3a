//! The histograms of a run in its report. They make merges exact and allow any other percentile.

use std::collections::BTreeMap;

use client_event::EventType;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use measure::counters::{Counters, LatencyCounts};
use measure::latency::Latencies;
use measure::search_figures::SearchFigures;
use measure::time_histogram::TimeHistogram;

/// The times of the whole run in microseconds, as `HdrHistogram`s.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Histograms {
    /// From the scheduled time to the answer, over answered events.
    pub latency: TimeHistogram,
    /// From the scheduled time to giving up, over events without an answer. Missing if all events had an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TimeHistogram"))]
    pub unanswered: Option<TimeHistogram>,
    /// From sending to the answer, over answered events.
    pub service_time: TimeHistogram,
    /// From the scheduled time to sending, over sent events.
    pub schedule_lag: TimeHistogram,
    /// From the scheduled time to the answer, over answered events, by type. Only types that occurred.
    pub latency_by_type: BTreeMap<EventType, TimeHistogram>,
    /// From the scheduled time to giving up, over events without an answer, by type. Only types with such events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unanswered_by_type: BTreeMap<EventType, TimeHistogram>,
    /// From the start of a search to its answer. Missing without `--search`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TimeHistogram"))]
    pub search_time: Option<TimeHistogram>,
    /// The TCP handshake, over opened connections. Missing if no connection was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TimeHistogram"))]
    pub connect_time: Option<TimeHistogram>,
    /// The TLS handshake, over opened connections. Missing without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TimeHistogram"))]
    pub tls_handshake_time: Option<TimeHistogram>,
    /// From the end of sending a request to the first byte of its answer, over answered requests. Missing if no request was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "TimeHistogram"))]
    pub first_byte_time: Option<TimeHistogram>,
}

impl Histograms {
    /// Returns the histograms of a run.
    pub fn of(counters: &Counters, searches: Option<&SearchFigures>) -> Self {
        let by_type = |of: fn(&LatencyCounts) -> Option<&Histogram<u64>>| {
            let types = EventType::ALL.into_iter().zip(&counters.latency_by_type);
            let histograms = types.filter_map(|(event_type, counts)| {
                Some((event_type, TimeHistogram::from(counts.as_deref().and_then(of)?.clone())))
            });
            histograms.collect()
        };
        Self {
            latency: TimeHistogram::from(counters.latency.answered.clone()),
            unanswered: counters.latency.unanswered.as_deref().and_then(if_any),
            service_time: TimeHistogram::from(counters.service_time.clone()),
            schedule_lag: TimeHistogram::from(counters.schedule_lag.clone()),
            latency_by_type: by_type(|counts| Some(&counts.answered)),
            unanswered_by_type: by_type(|counts| counts.unanswered.as_deref()),
            search_time: searches.map(|searches| TimeHistogram::from(searches.times.clone())),
            connect_time: if_any(&counters.connections.connect_time),
            tls_handshake_time: if_any(&counters.connections.tls_time),
            first_byte_time: if_any(&counters.connections.first_byte_time),
        }
    }

    /// Adds the times of another run. The sum is exact, because both use the same buckets.
    pub fn add(&mut self, other: &Self) {
        self.latency.add(&other.latency);
        self.service_time.add(&other.service_time);
        self.schedule_lag.add(&other.schedule_lag);
        for (event_type, histogram) in &other.latency_by_type {
            self.latency_by_type.entry(*event_type).or_default().add(histogram);
        }
        for (event_type, histogram) in &other.unanswered_by_type {
            self.unanswered_by_type.entry(*event_type).or_default().add(histogram);
        }
        for (times, other) in [
            (&mut self.unanswered, &other.unanswered),
            (&mut self.search_time, &other.search_time),
            (&mut self.connect_time, &other.connect_time),
            (&mut self.tls_handshake_time, &other.tls_handshake_time),
            (&mut self.first_byte_time, &other.first_byte_time),
        ] {
            if let Some(other) = other {
                times.get_or_insert_default().add(other);
            }
        }
    }
}

impl Histograms {
    /// The latencies of all events.
    pub fn latencies(&self) -> Latencies<'_, u64> {
        Latencies::new(self.latency.as_ref(), self.unanswered.as_ref().map(AsRef::as_ref))
    }

    /// The latencies of the events of a type, if there were any.
    pub fn latencies_of(&self, event_type: EventType) -> Option<Latencies<'_, u64>> {
        let unanswered = self.unanswered_by_type.get(&event_type).map(AsRef::as_ref);
        self.latency_by_type.get(&event_type).map(|answered| Latencies::new(answered.as_ref(), unanswered))
    }
}

fn if_any(histogram: &Histogram<u64>) -> Option<TimeHistogram> {
    (!histogram.is_empty()).then(|| TimeHistogram::from(histogram.clone()))
}
