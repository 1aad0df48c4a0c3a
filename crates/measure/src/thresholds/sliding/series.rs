//! The counts of each second of a run, as text in a report. Thresholds over windows of several generators need them: the worst window of all
//! events together is not known from the worst window of each generator.

use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client_event::EventType;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use load_plan::threshold::{Figure, Threshold, TimeFigure};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::counts::Part;
use super::packed_counts::PackedCounts;
use crate::outcome_counts::OutcomeCounts;
use crate::varint;

/// The maximum size of all series of a run, compressed. A run with more has no series; its windows are then judged without them.
const BYTES_MAX: usize = 128 << 20;

/// The maximum length of a series: 31 days.
const SECONDS_MAX: u64 = 31 * 24 * 3_600;

/// What a series counts in each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesCounts {
    event_type: Option<EventType>,
    counted: Counted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    /// Events whose sending began, by the time of sending.
    Sent,
    /// Events by outcome.
    Outcomes,
    /// Events by latency.
    Latency,
    /// Answered events by latency.
    AnsweredLatency,
    /// Answered events by service time.
    ServiceTime,
    /// Sent events by schedule lag.
    ScheduleLag,
}

impl Counted {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Sent, "sent"),
        (Self::Outcomes, "outcomes"),
        (Self::Latency, TimeFigure::Latency.name()),
        (Self::AnsweredLatency, TimeFigure::AnsweredLatency.name()),
        (Self::ServiceTime, TimeFigure::ServiceTime.name()),
        (Self::ScheduleLag, TimeFigure::ScheduleLag.name()),
    ];
}

impl SeriesCounts {
    /// Returns the counts that a threshold needs.
    pub const fn of(threshold: &Threshold) -> Self {
        let counted = match threshold.figure {
            Figure::Rate => Counted::Sent,
            Figure::Count(_) | Figure::Ratio(_) | Figure::AchievedRatio => Counted::Outcomes,
            Figure::Time(TimeFigure::Latency, _) => Counted::Latency,
            Figure::Time(TimeFigure::AnsweredLatency, _) => Counted::AnsweredLatency,
            Figure::Time(TimeFigure::ServiceTime, _) => Counted::ServiceTime,
            Figure::Time(TimeFigure::ScheduleLag, _) => Counted::ScheduleLag,
        };
        Self { event_type: threshold.event_type, counted }
    }

    fn write(self, second: &Part<PackedCounts>, bytes: &mut Vec<u8>) {
        match self.counted {
            Counted::Sent => varint::write(bytes, second.sent),
            Counted::Outcomes => {
                let OutcomeCounts { acknowledged, refused, failed, unknown, not_sent } = second.outcomes;
                for count in [acknowledged, refused, failed, unknown, not_sent] {
                    varint::write(bytes, count);
                }
            }
            Counted::Latency => {
                second.answered.write(bytes);
                second.unanswered.write(bytes);
            }
            Counted::AnsweredLatency | Counted::ServiceTime | Counted::ScheduleLag => second.answered.write(bytes),
        }
    }

    fn read(self, bytes: &mut impl BufRead) -> io::Result<Part<PackedCounts>> {
        let mut second = Part::default();
        let count = |bytes: &mut _| {
            let count = varint::read(bytes)?;
            u32::try_from(count).map(u64::from).map_err(|_| invalid("the counts of a second are too large"))
        };
        match self.counted {
            Counted::Sent => second.sent = count(bytes)?,
            Counted::Outcomes => {
                second.outcomes = OutcomeCounts {
                    acknowledged: count(bytes)?,
                    refused: count(bytes)?,
                    failed: count(bytes)?,
                    unknown: count(bytes)?,
                    not_sent: count(bytes)?,
                };
            }
            Counted::Latency => {
                second.answered = PackedCounts::read(bytes)?;
                second.unanswered = PackedCounts::read(bytes)?;
            }
            Counted::AnsweredLatency | Counted::ServiceTime | Counted::ScheduleLag => {
                second.answered = PackedCounts::read(bytes)?;
            }
        }
        Ok(second)
    }
}

impl fmt::Display for SeriesCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event_type) = self.event_type {
            write!(f, "{event_type}.")?;
        }
        let name = Counted::ALL.iter().find(|(counted, _)| *counted == self.counted).map_or("", |(_, name)| *name);
        f.write_str(name)
    }
}

impl FromStr for SeriesCounts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected sent, outcomes, latency, answered_latency, service_time or schedule_lag, with an event type \
                                such as VIEW. in front if only its events count";
        let (event_type, name) = match text.split_once('.') {
            Some((event_type, name)) => (Some(EventType::from_name(event_type).ok_or(EXPECTED)?), name),
            None => (None, text),
        };
        let (counted, _) = Counted::ALL.into_iter().find(|(_, known)| *known == name).ok_or(EXPECTED)?;
        Ok(Self { event_type, counted })
    }
}

impl Serialize for SeriesCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SeriesCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The counts of each second of the measured time in which events were due. Thresholds over a window need them when the reports of several
/// generators are merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecondSeries {
    /// What is counted: `sent`, `outcomes` or a time such as `latency`, after an event type such as `VIEW.` if only its events count.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub counts: SeriesCounts,
    /// The number of seconds.
    pub seconds: u64,
    /// The counts: numbers of 7 bits per byte (LEB128), compressed with zlib, in base64. For each second: the sent events; or the number of
    /// events by outcome (acknowledged, refused, failed, unknown, not sent); or the number of buckets of an `HdrHistogram` with three digits
    /// and the count of each bucket, where a zero is followed by the number of further empty buckets. A latency has two such histograms: of
    /// answered events, and of events without an answer.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("contentEncoding" = "base64")))]
    packed: Bytes,
}

#[derive(Clone, PartialEq, Eq)]
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

impl SecondSeries {
    /// Calls a function with the counts of each second.
    ///
    /// # Errors
    ///
    /// The text is not a series of this length.
    pub(super) fn read(&self, mut each: impl FnMut(Part<PackedCounts>)) -> io::Result<()> {
        if self.seconds > SECONDS_MAX {
            return Err(invalid("there are more than 31 days"));
        }
        let mut bytes = BufReader::with_capacity(64 << 10, ZlibDecoder::new(self.packed.0.as_slice()));
        for _ in 0..self.seconds {
            each(self.counts.read(&mut bytes)?);
        }
        let has_ended = bytes.fill_buf()?.is_empty();
        has_ended.then_some(()).ok_or_else(|| invalid("there are more seconds than `seconds` says"))
    }
}

pub(super) fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

/// Writes a series second by second. It needs memory for the compressed text only.
pub(super) struct SeriesWriter {
    counts: SeriesCounts,
    seconds: u64,
    bytes_max: usize,
    second: Vec<u8>,
    /// `None` if the series became too large.
    encoder: Option<ZlibEncoder<Vec<u8>>>,
}

impl SeriesWriter {
    /// Creates a writer for one of `series` series.
    pub(super) fn new(counts: SeriesCounts, series: usize) -> Self {
        let encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        Self { counts, seconds: 0, bytes_max: BYTES_MAX / series.max(1), second: Vec::new(), encoder: Some(encoder) }
    }

    /// Appends a second.
    pub(super) fn push(&mut self, second: &Part<PackedCounts>) {
        let Some(encoder) = &mut self.encoder else { return };
        self.second.clear();
        self.counts.write(second, &mut self.second);
        self.seconds += 1;
        let is_written = encoder.write_all(&self.second).is_ok();
        if !is_written || encoder.get_ref().len() > self.bytes_max || self.seconds > SECONDS_MAX {
            self.encoder = None;
        }
    }

    /// Returns the series, unless it became too large.
    pub(super) fn finish(self) -> Option<SecondSeries> {
        let packed = Bytes(self.encoder?.finish().ok()?);
        Some(SecondSeries { counts: self.counts, seconds: self.seconds, packed })
    }
}
