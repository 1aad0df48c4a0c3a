//! The command `stats`: what recorded events say about those who caused them, beside what was published. What is measured and how is
//! decided by `event_stats`; here events are read and the figures are written.

mod output;

use client_event::{EventFields, EventTimestamp};
use event_stats::{LocalClock, Statistics};
use jiff::tz::TimeZone;

pub use event_input::{FormatChoice, Input};
pub use output::{StatsForm, write_stats};

use event_input::{BytesRead, Chunk, Format, InputEnd, Reading, Stream, read_message, read_other_version};

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct StatsPlan {
    /// The events, as one stream in the order of time.
    pub inputs: Vec<Input>,
    /// The form that they are written in.
    pub format: FormatChoice,
    /// Where hours and weekdays are told.
    pub time_zone: TimeZone,
}

/// What was measured.
#[derive(Debug)]
pub struct StatsReport {
    /// The names of what was to be read.
    pub inputs: Vec<String>,
    /// Where hours and weekdays are told.
    pub time_zone: TimeZone,
    /// The figures.
    pub statistics: Statistics,
    /// Lines or elements that are no event.
    pub unreadable: u64,
    /// Inputs that could not be read, or not to their end, a sentence each.
    pub failures: Vec<String>,
}

/// Measures; whatever is wrong with the inputs is in the report.
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
    // Nothing is said of what lies in the future.
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
        report.failures.push("there is no event; expected one message a line, or a JSON array of messages".to_owned());
    }
    report
}

fn failure_of(end: InputEnd) -> Option<String> {
    match end {
        InputEnd::Whole => None,
        InputEnd::Unopened(error) => Some(format!("it cannot be opened: {error}")),
        InputEnd::CutOff(error) => Some(format!("it cannot be read to its end: {error}")),
        InputEnd::OpenArray => Some("the text ends, but the array that it begins with is not closed".to_owned()),
        InputEnd::AfterArray => Some("something follows the array, and was not read".to_owned()),
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
