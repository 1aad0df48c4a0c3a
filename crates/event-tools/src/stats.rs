//! The command `stats`: statistics of recorded events and the behaviour behind them, beside published values. The crate `event_stats`
//! defines and computes the statistics; this module reads events and writes the results.

mod output;

use client_event::{EventFields, EventTimestamp};
use event_stats::{LocalClock, Statistics};
use jiff::tz::TimeZone;

pub use event_input::{FormatChoice, Input};
pub use output::{StatsForm, write_stats};

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
    pub statistics: Statistics,
    /// Lines or elements that are not events.
    pub unreadable: u64,
    /// Inputs that could not be read, or only in part, one sentence each.
    pub failures: Vec<String>,
}

/// Computes the statistics. Input errors are part of the report.
pub fn stats(plan: &StatsPlan) -> StatsReport {
    let mut stream = Stream::new(&plan.inputs, plan.format, BytesRead::default());
    let mut report = StatsReport {
        inputs: plan.inputs.iter().map(Input::name).collect(),
        time_zone: plan.time_zone.clone(),
        statistics: Statistics::default(),
        unreadable: 0,
        failures: Vec::new(),
    };
    let mut clock = LocalClock::new(plan.time_zone.clone());
    let mut spare = Vec::new();
    // For the statistics, no time is in the future.
    let now = EventTimestamp::from_millis(i64::MAX);
    while let Some(mut chunk) = stream.next_chunk(spare) {
        match chunk.format {
            Format::Message => measure(&chunk, &mut clock, &mut report, |json| read_message(json, now)),
            format => measure(&chunk, &mut clock, &mut report, |json| read_other_version(json, format, now)),
        }
        report.unreadable += u64::from(chunk.left_out.is_some());
        if let Some(failure) = chunk.end.take().and_then(failure_of) {
            report.failures.push(format!("{}: {failure}", plan.inputs[chunk.input].name()));
        }
        spare = chunk.bytes;
    }
    if report.failures.is_empty() && report.statistics.events() == 0 {
        report.failures.push("no events; expected one message per line, or a JSON array of messages".to_owned());
    }
    report
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

fn measure<'c, E: EventFields>(
    chunk: &'c Chunk,
    clock: &mut LocalClock,
    report: &mut StatsReport,
    read: impl Fn(&'c [u8]) -> Reading<E>,
) {
    for frame in chunk.frames() {
        let event = if frame.is_overlong() { None } else { read(&chunk.bytes[frame.text.clone()]).complete() };
        let Some(event) = event else {
            report.unreadable += 1;
            continue;
        };
        report.statistics.observe(&event, clock);
    }
}
