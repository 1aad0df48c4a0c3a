//! The histograms of a run, as they stand in its report: of them reports are merged exactly, and any other percentile can be told.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client_event::EventType;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as HistogramReader, Serializer as _, V2DeflateSerializer};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::latency::Latencies;
use crate::search::figures::SearchFigures;
use crate::tally::{LatencyCounts, Tally, time_histogram};

/// The times of the whole run in microseconds, as `HdrHistogram`s.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Histograms {
    /// From the scheduled time to the answer, of answered events.
    pub latency: TimeHistogram,
    /// From the scheduled time to giving up, of events without an answer, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TimeHistogram")]
    pub unanswered: Option<TimeHistogram>,
    /// From sending to the answer, of answered events.
    pub service_time: TimeHistogram,
    /// From the scheduled time to sending, of sent events.
    pub schedule_lag: TimeHistogram,
    /// Latency of answered events by type. Only types that occurred.
    pub latency_by_type: BTreeMap<EventType, TimeHistogram>,
    /// From the scheduled time to giving up by type. Only types of which an event had no answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unanswered_by_type: BTreeMap<EventType, TimeHistogram>,
    /// From the moment when the answer to a search was wanted to the answer, where the target's own search was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TimeHistogram")]
    pub search_time: Option<TimeHistogram>,
    /// The TCP handshake of opened connections, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TimeHistogram")]
    pub connect_time: Option<TimeHistogram>,
    /// The TLS handshake of opened connections, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TimeHistogram")]
    pub tls_handshake_time: Option<TimeHistogram>,
    /// From the end of sending a request to the first byte of its answer, of answered requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TimeHistogram")]
    pub first_byte_time: Option<TimeHistogram>,
}

impl Histograms {
    pub(crate) fn of(tally: &Tally, searches: Option<&SearchFigures>) -> Self {
        let by_type = |of: fn(&LatencyCounts) -> Option<&Histogram<u64>>| {
            let types = EventType::ALL.into_iter().zip(&tally.latency_by_type);
            let histograms = types
                .filter_map(|(event_type, counts)| Some((event_type, TimeHistogram(counts.as_deref().and_then(of)?.clone()))));
            histograms.collect()
        };
        Self {
            latency: TimeHistogram(tally.latency.answered.clone()),
            unanswered: tally.latency.unanswered.as_deref().and_then(if_any),
            service_time: TimeHistogram(tally.service_time.clone()),
            schedule_lag: TimeHistogram(tally.schedule_lag.clone()),
            latency_by_type: by_type(|counts| Some(&counts.answered)),
            unanswered_by_type: by_type(|counts| counts.unanswered.as_deref()),
            search_time: searches.map(|searches| TimeHistogram(searches.times.clone())),
            connect_time: if_any(&tally.connections.connect_time),
            tls_handshake_time: if_any(&tally.connections.tls_time),
            first_byte_time: if_any(&tally.connections.first_byte_time),
        }
    }

    /// Adds the times of another run: exact, since both count in the same buckets.
    pub(crate) fn add(&mut self, other: &Self) {
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
    pub(crate) fn latencies(&self) -> Latencies<'_, u64> {
        Latencies::new(&self.latency.0, self.unanswered.as_ref().map(|histogram| &histogram.0))
    }

    /// The latencies of the events of a type, if there were any.
    pub(crate) fn latencies_of(&self, event_type: EventType) -> Option<Latencies<'_, u64>> {
        let unanswered = self.unanswered_by_type.get(&event_type).map(|histogram| &histogram.0);
        self.latency_by_type.get(&event_type).map(|answered| Latencies::new(&answered.0, unanswered))
    }
}

fn if_any(histogram: &Histogram<u64>) -> Option<TimeHistogram> {
    (!histogram.is_empty()).then(|| TimeHistogram(histogram.clone()))
}

/// A histogram of times in microseconds, to three significant digits; as text in the form that the `HdrHistogram` libraries of all
/// languages read: V2, deflated, in base64.
#[derive(Clone, PartialEq)]
pub struct TimeHistogram(Histogram<u64>);

impl From<Histogram<u64>> for TimeHistogram {
    fn from(histogram: Histogram<u64>) -> Self {
        Self(histogram)
    }
}

impl TimeHistogram {
    /// Adds the times of another histogram: exact, since both count in the same buckets.
    pub(crate) fn add(&mut self, other: &Self) {
        self.add_histogram(&other.0);
    }

    /// Adds the times of a histogram with the same buckets.
    pub(crate) fn add_histogram(&mut self, other: &Histogram<u64>) {
        self.0.add(other).expect("a histogram that grows takes any other");
    }
}

impl Default for TimeHistogram {
    fn default() -> Self {
        Self(time_histogram())
    }
}

impl fmt::Debug for TimeHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Thousands of buckets tell nobody anything.
        write!(f, "TimeHistogram(of {}, max {})", self.0.len(), self.0.max())
    }
}

impl AsRef<Histogram<u64>> for TimeHistogram {
    fn as_ref(&self) -> &Histogram<u64> {
        &self.0
    }
}

impl Serialize for TimeHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&self.0, &mut bytes).map_err(ser::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for TimeHistogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)?;
        let mut histogram: Histogram<u64> = HistogramReader::new().deserialize(&mut &bytes[..]).map_err(de::Error::custom)?;
        let own = time_histogram::<u64>();
        if (histogram.low(), histogram.sigfig()) != (own.low(), own.sigfig()) {
            // Its buckets are others, and nothing could be added exactly.
            return Err(de::Error::custom(format_args!(
                "a histogram from {} with {} significant digits; expected one from {} with {}",
                histogram.low(),
                histogram.sigfig(),
                own.low(),
                own.sigfig()
            )));
        }
        histogram.auto(true);
        Ok(Self(histogram))
    }
}

impl JsonSchema for TimeHistogram {
    fn schema_name() -> Cow<'static, str> {
        "TimeHistogram".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A histogram of times in microseconds, to three significant digits: an HdrHistogram, V2 with DEFLATE, in base64.",
            "type": "string",
            "contentEncoding": "base64"
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A histogram of these times in microseconds.
    pub(crate) fn histogram(micros: &[u64]) -> TimeHistogram {
        let mut histogram = time_histogram();
        for micros in micros {
            histogram.record(*micros).unwrap();
        }
        TimeHistogram(histogram)
    }

    /// Times from less than a microsecond to hours.
    pub(crate) fn times() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(prop_oneof![0_u64..5_000, 0_u64..100_000_000, 0_u64..20_000_000_000], 0..200)
    }

    proptest! {
        /// For all times and all ways to divide them among runs, what the runs add up to is what one run would have measured, also after
        /// each was written and read.
        #[test]
        fn parts_add_up_to_the_whole(times in times(), cuts in prop::collection::vec(0_usize..4, 200)) {
            let mut sum = TimeHistogram::default();
            for part in 0..4 {
                let of_part: Vec<_> = times.iter().zip(&cuts).filter(|(_, cut)| **cut == part).map(|(time, _)| *time).collect();
                let text = serde_json::to_string(&histogram(&of_part)).unwrap();
                let read: TimeHistogram = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&read, &histogram(&of_part));
                sum.add(&read);
            }
            let whole = histogram(&times);
            prop_assert_eq!(&sum, &whole);
            for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
                prop_assert_eq!(sum.0.value_at_quantile(quantile), whole.0.value_at_quantile(quantile));
            }
            prop_assert_eq!(sum.0.max(), whole.0.max());
        }

        /// For all texts, reading ends, with an error or a histogram.
        #[test]
        fn whatever_is_read(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC*") {
            for text in [STANDARD.encode(bytes), text] {
                let _ = serde_json::from_value::<TimeHistogram>(text.into());
            }
        }
    }

    /// What the Java and Python libraries read: the cookie of V2 with DEFLATE, then zlib.
    #[test]
    fn the_form_is_the_one_of_all_languages() {
        let text = serde_json::to_string(&histogram(&[1_500])).unwrap();
        assert!(text.starts_with("\"HISTFAAA"), "{text}");
    }

    #[test]
    fn other_buckets_are_refused() {
        let mut other = Histogram::<u64>::new_with_bounds(1, 1_000, 2).unwrap();
        other.record(5).unwrap();
        let text = serde_json::to_string(&TimeHistogram(other)).unwrap();
        let error = serde_json::from_str::<TimeHistogram>(&text).unwrap_err().to_string();
        assert!(error.starts_with("a histogram from 1 with 2 significant digits; expected one from 1 with 3"), "{error}");
    }
}
