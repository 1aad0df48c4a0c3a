//! The command `check`: checks recorded events against the rules of the message.
//!
//! ```text
//! inputs ──► Stream ──chunks──► workers ──────events──► Judge ──findings──► revisit ──► CheckReport ──► output
//!            cuts between       one per core, read      one, in turn,       looks up
//!            events, numbers    in parallel             in order            earlier events
//! ```
//!
//! With shards, several checks share the requests of a stream, and `merge` makes one report of their parts.
//!
//! Data flows forward only. The crate `client-event` defines the rules and finds violations. This module reads the events, orders them, and
//! reports the findings. The number of threads changes the elapsed time, but neither the findings nor any other output.

mod explain;
mod failure;
mod findings;
mod judge;
mod locate;
mod merge;
mod output;
mod part;
mod partition;
mod position;
mod progress;
mod report;
mod revisit;
mod searches;
mod statistics;
mod time_of_checking;
mod turn;

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

use client_event::rules::RuleSettings;
use client_event::sequence::{Fingerprints, SequenceChecker};
use client_event::{EventFields, EventTimestamp, Problem};
use event_input::{BytesRead, Chunk, Format, Frame, Reading, Stream, TextSize, read_message, read_other_version};

use crate::check::findings::FirstFindings;
use crate::check::judge::{Judge, Judged};
use crate::check::partition::Partition;
use crate::check::progress::Progress;
use crate::check::searches::SearchReader;
use crate::check::turn::{Participant, Turns};
use crate::generate::Shard;

pub use event_input::{FormatChoice, Input};
pub use explain::{explain, list_of_rules};
pub use failure::{Failure, InputFailure};
pub use findings::{LocatedFinding, Related};
pub use locate::Excerpt;
pub use merge::merge;
pub use output::{OutputFormat, TextStyle, write_report, write_statistics};
pub use part::CheckPart;
pub use report::CheckReport;
pub use statistics::{FindingCounts, RuleCounts, Statistics};
pub use time_of_checking::TimeOfChecking;

/// The inputs and options of a check.
#[derive(Clone, Debug)]
pub struct CheckPlan {
    /// The events, as one stream.
    pub inputs: Vec<Input>,
    /// The format of the events.
    pub format: FormatChoice,
    /// The recorded searches. Without any, the rules that need searches are not checked.
    pub searches: Vec<Input>,
    /// The time after which an idle request is closed, in milliseconds of event time; `None` for never.
    pub window_ms: Option<i64>,
    /// The enabled rules and their severities.
    pub settings: RuleSettings,
    /// The maximum number of reported findings; `None` for all.
    pub findings_max: Option<usize>,
    /// Whether findings include their lines, and the line of the other event.
    pub shows_excerpts: bool,
    /// The number of threads that read events.
    pub threads: NonZeroUsize,
    /// The time of the check: later event times are in the future.
    pub now: TimeOfChecking,
}

/// Runs the check. Input errors are part of the report.
pub fn check(plan: &CheckPlan) -> CheckReport {
    check_shard(plan, Shard::default()).report
}

/// Checks the requests of one shard. [`merge`] makes the report of the whole from the parts of all shards.
///
/// Each shard reads the whole stream, because an event id can be used again in any request and every event moves the time of the stream.
/// A shard keeps the state of its own requests and reports on its own events.
pub fn check_part(plan: &CheckPlan, shard: Shard, program_version: &str) -> CheckPart {
    // All events are compared with the same time, so that parts can be compared.
    let plan = CheckPlan { now: TimeOfChecking::Fixed(plan.now.get()), shows_excerpts: true, ..plan.clone() };
    let checked = check_shard(&plan, shard);
    CheckPart::of(&plan, shard, program_version, checked)
}

/// The result of checking one shard.
struct Checked {
    report: CheckReport,
    /// Whether each finding is in a search, and its position.
    places: Vec<(bool, u64)>,
    partition: Partition,
}

fn check_shard(plan: &CheckPlan, shard: Shard) -> Checked {
    let bytes_read = BytesRead::default();
    let all: Vec<Input> = plan.searches.iter().chain(&plan.inputs).cloned().collect();
    let progress = Progress::new(&all, bytes_read.clone());
    let mut kept = FirstFindings::new(plan.findings_max, plan.shows_excerpts);
    let mut of_searches = Statistics::default();
    let partition = Partition::new(shard);
    let mut reader =
        SearchReader { settings: &plan.settings, partition: &partition, kept: &mut kept, statistics: &mut of_searches };
    let searched = reader.read(&plan.searches, bytes_read.clone());
    let checker = SequenceChecker::builder()
        .window_ms(plan.window_ms)
        .rules(plan.settings.clone())
        .searches((!plan.searches.is_empty()).then_some(searched.searches))
        .now(plan.now.get())
        .build();
    let judge = Judge::new(&plan.inputs, checker, plan.settings.clone(), partition, kept, of_searches);
    let stream = Stream::new(&plan.inputs, plan.format, bytes_read);
    let judgement = if plan.threads.get() == 1 {
        alone(stream, judge, plan.now, &progress)
    } else {
        side_by_side(stream, judge, plan, &progress)
    }
    .finish();
    let partition = judgement.partition.clone();
    let (report, places) = CheckReport::of(plan, judgement, &searched.positions, searched.failures);
    progress.finish();
    Checked { report, places, partition }
}

/// The number of events that are read before the first of them is judged. A processor is a fifth faster if it reads several events in a
/// row and then judges several in a row, because its branch predictions are better. So few events stay in the cache.
const BATCH_EVENTS: usize = 32;

/// Reads a few events and judges them before it reads the next.
fn alone<'a>(mut stream: Stream<'_>, mut judge: Judge<'a>, time: TimeOfChecking, progress: &Progress) -> Judge<'a> {
    let mut spare = Vec::new();
    let mut fingerprints = vec![Fingerprints::default(); BATCH_EVENTS];
    while let Some(mut chunk) = stream.next_chunk(spare) {
        let now = time.get();
        judge.begin(&chunk, now);
        match chunk.format {
            Format::Message => {
                judge_each(&chunk, &mut judge, &mut fingerprints, |json| read_message(json, now));
            }
            format => judge_each(&chunk, &mut judge, &mut fingerprints, |json| read_other_version(json, format, now)),
        }
        let end = chunk.end.take();
        judge.end(&chunk, &chunk.size(), end);
        progress.show(judge.events());
        spare = chunk.bytes;
    }
    judge
}

fn judge_each<'c, E: EventFields>(
    chunk: &'c Chunk,
    judge: &mut Judge<'_>,
    fingerprints: &mut [Fingerprints],
    read: impl Fn(&'c [u8]) -> Reading<E>,
) {
    let mut frames = chunk.frames();
    let mut events = Vec::with_capacity(fingerprints.len());
    loop {
        for (fingerprints, frame) in fingerprints.iter_mut().zip(&mut frames) {
            let reading = read_frame(chunk, &frame, &read);
            if let Some(event) = &reading.event {
                fingerprints.recompute(event);
            }
            events.push((frame, reading));
        }
        if events.is_empty() {
            return;
        }
        for ((frame, Reading { event, problems, is_foreign }), fingerprints) in events.drain(..).zip(&*fingerprints) {
            let event = event.as_ref().map(|event| (event, fingerprints));
            judge.event(chunk, &Judged { frame: &frame, event, problems: &problems, is_foreign });
        }
    }
}

fn read_frame<'c, E>(chunk: &'c Chunk, frame: &Frame, read: &impl Fn(&'c [u8]) -> Reading<E>) -> Reading<E> {
    if frame.is_overlong() { Reading::of(None, Vec::new()) } else { read(&chunk.bytes[frame.text.clone()]) }
}

/// Reads chunks on several threads. Each thread judges its own chunk when its turn comes, so events never leave the thread that read them.
fn side_by_side<'a>(stream: Stream<'_>, judge: Judge<'a>, plan: &CheckPlan, progress: &Progress) -> Judge<'a> {
    let stream = Mutex::new(stream);
    let turns = Turns::new(judge);
    thread::scope(|scope| {
        for _ in 0..plan.threads.get() {
            scope.spawn(|| {
                let _participant = Participant(&turns);
                let mut spare = Vec::new();
                loop {
                    let next = stream.lock().unwrap_or_else(PoisonError::into_inner).next_chunk(spare);
                    let Some(mut chunk) = next else {
                        break;
                    };
                    read_and_wait(&mut chunk, &turns, plan.now.get(), progress);
                    spare = chunk.bytes;
                }
            });
        }
    });
    turns.into_shared()
}

fn read_and_wait(chunk: &mut Chunk, turns: &Turns<Judge<'_>>, now: EventTimestamp, progress: &Progress) {
    let end = chunk.end.take();
    let judge_end = |judge: &mut Judge<'_>, chunk: &Chunk, size: &TextSize| {
        judge.end(chunk, size, end);
        progress.show(judge.events());
    };
    match chunk.format {
        Format::Message => judge_all(chunk, now, turns, |json| read_message(json, now), judge_end),
        format => judge_all(chunk, now, turns, |json| read_other_version(json, format, now), judge_end),
    }
}

/// An event that waits for its turn.
struct Waiting<E> {
    frame: Frame,
    event: Option<(E, Fingerprints)>,
    problems: Vec<Problem>,
    is_foreign: bool,
}

fn judge_all<'c, E: EventFields>(
    chunk: &'c Chunk,
    now: EventTimestamp,
    turns: &Turns<Judge<'_>>,
    read: impl Fn(&'c [u8]) -> Reading<E>,
    end: impl FnOnce(&mut Judge<'_>, &Chunk, &TextSize),
) {
    let waiting: Vec<_> = chunk
        .frames()
        .map(|frame| {
            let Reading { event, problems, is_foreign } = read_frame(chunk, &frame, &read);
            let event = event.map(|event| {
                let fingerprints = Fingerprints::of(&event);
                (event, fingerprints)
            });
            Waiting { frame, event, problems, is_foreign }
        })
        .collect();
    let size = chunk.size();
    turns.take(chunk.number, |judge| {
        judge.begin(chunk, now);
        for Waiting { frame, event, problems, is_foreign } in &waiting {
            let event = event.as_ref().map(|(event, fingerprints)| (event, fingerprints));
            judge.event(chunk, &Judged { frame, event, problems, is_foreign: *is_foreign });
        }
        end(judge, chunk, &size);
    });
}
