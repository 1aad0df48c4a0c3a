//! The command `stats`: statistics of recorded events and the behaviour behind them, beside published values. The crate `event_stats`
//! defines and computes the statistics; this module reads events and writes the results.

mod output;
mod part;

use client_event::sequence::Fingerprints;
use client_event::{EventFields, EventTimestamp};
use event_stats::{LocalClock, Statistics, Summary};
use jiff::tz::TimeZone;

pub use event_input::{FormatChoice, Input};
pub use output::{StatsForm, write_stats};
pub use part::{StatsPart, merge};

use crate::generate::Shard;
use crate::parts::mixed;
use event_input::{BytesRead, Chunk, Format, InputEnd, Reading, Stream, read_message, read_other_version};

/// The inputs and options of the statistics.
#[derive(Clone, Debug)]
pub struct StatsPlan {
    /// The events, as one stream in the order of time.
    pub inputs: Vec<Input>,
    /// The format of the events.
    pub format: FormatChoice,
    /// The time zone of hours and weekdays.
    pub time_zone: TimeZone,
}

/// The results.
#[derive(Debug)]
pub struct StatsReport {
    /// The names of the inputs.
    pub inputs: Vec<String>,
    /// The time zone of hours and weekdays.
    pub time_zone: TimeZone,
    /// The statistics.
    pub summary: Summary,
    /// Lines or elements that are not events.
    pub unreadable: u64,
    /// Inputs that could not be read, or only in part, one sentence each.
    pub failures: Vec<String>,
}

/// Computes the statistics. Input errors are part of the report.
pub fn stats(plan: &StatsPlan) -> StatsReport {
    let read = read(plan, Statistics::default(), None);
    StatsReport {
        inputs: plan.inputs.iter().map(Input::name).collect(),
        time_zone: plan.time_zone.clone(),
        summary: read.statistics.summary(),
        unreadable: read.unreadable,
        failures: read.failures,
    }
}

/// Computes the part of one shard. [`merge`] makes the report of the whole from the parts of all shards.
///
/// Each shard reads the whole stream and counts its own seekers, requests and postings.
pub fn stats_part(plan: &StatsPlan, shard: Shard, program_version: &str) -> StatsPart {
    let read = read(plan, Statistics::of_part(shard.part(), shard.of()), Some(Fingerprints::default()));
    StatsPart::of(plan, shard, program_version, read)
}

/// What was read of the inputs.
struct Read {
    statistics: Statistics,
    /// All events, in all shards, including repeated ones.
    events: u64,
    /// A hash of all events in their order; 0 without `fingerprints`.
    content: u64,
    /// The hashes of an event, to compare the parts of a stream. Kept to reuse the memory.
    fingerprints: Option<Fingerprints>,
    unreadable: u64,
    failures: Vec<String>,
}

fn read(plan: &StatsPlan, statistics: Statistics, fingerprints: Option<Fingerprints>) -> Read {
    let mut stream = Stream::new(&plan.inputs, plan.format, BytesRead::default());
    let mut read = Read { statistics, events: 0, content: 0, fingerprints, unreadable: 0, failures: Vec::new() };
    let mut clock = LocalClock::new(plan.time_zone.clone());
    let mut spare = Vec::new();
    // For the statistics, no time is in the future.
    let now = EventTimestamp::from_millis(i64::MAX);
    while let Some(mut chunk) = stream.next_chunk(spare) {
        match chunk.format {
            Format::Message => measure(&chunk, &mut clock, &mut read, |json| read_message(json, now)),
            format => measure(&chunk, &mut clock, &mut read, |json| read_other_version(json, format, now)),
        }
        read.unreadable += u64::from(chunk.omitted.is_some());
        if let Some(failure) = chunk.end.take().and_then(failure_of) {
            read.failures.push(format!("{}: {failure}", plan.inputs[chunk.input].name()));
        }
        spare = chunk.bytes;
    }
    if read.failures.is_empty() && read.events == 0 {
        read.failures.push("no events; expected one message per line, or a JSON array of messages".to_owned());
    }
    read
}

fn failure_of(end: InputEnd) -> Option<String> {
    match end {
        InputEnd::Whole => None,
        InputEnd::Unopened(error) => Some(format!("cannot be opened: {error}")),
        InputEnd::CutOff(error) => Some(format!("cannot be read to its end: {error}")),
        InputEnd::OpenArray => Some("the JSON array is not closed; the input may be cut off".to_owned()),
        InputEnd::AfterArray => Some("the text after the JSON array was not read; expected another array or the end".to_owned()),
    }
}

fn measure<'c, E: EventFields>(chunk: &'c Chunk, clock: &mut LocalClock, out: &mut Read, read: impl Fn(&'c [u8]) -> Reading<E>) {
    for frame in chunk.frames() {
        let event = if frame.is_overlong() { None } else { read(&chunk.bytes[frame.text.clone()]).complete() };
        let Some(event) = event else {
            out.unreadable += 1;
            continue;
        };
        out.events += 1;
        if let Some(fingerprints) = &mut out.fingerprints {
            fingerprints.recompute(&event);
            out.content = mixed(out.content, fingerprints.event_hash());
        }
        out.statistics.observe(&event, clock);
    }
}
