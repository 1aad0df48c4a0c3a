//! The command `stats`: what recorded events say about those who caused them, beside what was published. What is measured and how is
//! the model's (`seeker_model::Statistics`); here events are read and the figures are written.

mod figures;
mod local_time;
mod output;

use std::hash::{DefaultHasher, Hash, Hasher};

use client_event::EventFields;
use client_event::{EventTimestamp, EventType};
use jiff::tz::TimeZone;
use seeker_model::{Observation, Source, Statistics};

pub use crate::input::{FormatChoice, Input};
pub use output::{StatsForm, write_stats};

use crate::input::{BytesRead, Chunk, Format, InputEnd, Reading, Stream, read_message, read_relative};
use local_time::{LocalTime, timestamp};

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
    let mut local_time = LocalTime::new(plan.time_zone.clone());
    let mut spare = Vec::new();
    // Nothing is said of what lies in the future.
    let now = EventTimestamp::from_millis(i64::MAX);
    while let Some(mut chunk) = stream.next_chunk(spare) {
        match chunk.format {
            Format::Message => measure(&chunk, &mut local_time, &mut report, |json| read_message(json, now)),
            format => measure(&chunk, &mut local_time, &mut report, |json| read_relative(json, format, now)),
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
    local_time: &mut LocalTime,
    report: &mut StatsReport,
    read: impl Fn(&'c [u8]) -> Reading<E>,
) {
    let mut jobs = Vec::new();
    for frame in chunk.frames() {
        let event = if frame.is_overlong() { None } else { read(&chunk.bytes[frame.text.clone()]).complete() };
        let Some(event) = event else {
            report.unreadable += 1;
            continue;
        };
        observe(&event, &mut jobs, local_time, &mut report.statistics);
    }
}

fn observe(event: &impl EventFields, jobs: &mut Vec<u64>, local_time: &mut LocalTime, statistics: &mut Statistics) {
    let (mut seeker, mut source, mut position) = (None, None, None);
    for (key, value) in event.details() {
        match key {
            "seekerId" => seeker = Some(hash_of(value)),
            "source" => source = source_of(value),
            "position" => position = value.parse().ok().filter(|rank| *rank > 0),
            _ => {}
        }
    }
    let at = timestamp(event.timestamp().as_millis());
    jobs.clear();
    jobs.extend(event.jobs().map(hash_of));
    statistics.observe(&Observation {
        event: hash_of(&(event.event_id(), event.event_type(), event.request_id(), event.timestamp())),
        seeker,
        source: source.unwrap_or_else(|| usual_source(event.event_type())),
        event_type: event.event_type(),
        request: hash_of(event.request_id()),
        jobs,
        position,
        at_millis: at.as_millisecond(),
        local_offset_millis: local_time.offset_millis(at),
    });
}

fn source_of(name: &str) -> Option<Source> {
    [Source::Search, Source::Alert, Source::Recruiter, Source::Agency, Source::Employer]
        .into_iter()
        .find(|source| source.name() == name)
}

/// Where events of a type come from when they do not say.
fn usual_source(event_type: EventType) -> Source {
    match event_type {
        EventType::Notification => Source::Alert,
        EventType::SentCv => Source::Recruiter,
        EventType::ApplicationCompanySubmit => Source::Agency,
        EventType::InterviewGranted | EventType::Hired => Source::Employer,
        _ => Source::Search,
    }
}

fn hash_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
