//! Judges the events of a stream in order: each event on its own, and with the sequence checker. Does no I/O. For findings in earlier
//! events, `revisit` looks up the places later.

mod waiting;

use client_event::rules::{RuleId, RuleSettings, Severity};
use client_event::sequence::{Finding, Fingerprints, Place, SequenceChecker};
use client_event::{EventFields, EventTimestamp, FieldNames, Problem, Reason};
use event_input::{Chunk, Format, Frame, Framing, Input, InputEnd, OVERLONG_BYTES, TextSize};

use crate::check::failure::{Failure, InputFailure};
use crate::check::findings::{FirstFindings, Order, UnlocatedFinding};
use crate::check::locate::EventText;
use crate::check::partition::Partition;
use crate::check::position::{Mark, Positions};
use crate::check::statistics::Statistics;

pub(crate) use waiting::WaitingTexts;

/// An event that was read, with its own violations.
pub(crate) struct Judged<'a, E> {
    pub frame: &'a Frame,
    pub event: Option<(&'a E, &'a Fingerprints)>,
    pub problems: &'a [Problem],
    pub is_foreign: bool,
}

/// Judges one stream.
pub(crate) struct Judge<'a> {
    inputs: &'a [Input],
    settings: RuleSettings,
    checker: SequenceChecker,
    partition: Partition,
    positions: Positions,
    /// The format of the events of each input.
    formats: Vec<Format>,
    /// The start of the current chunk.
    mark: Option<Mark>,
    /// Whether the input of the chunk can be read again.
    is_rereadable: bool,
    kept: FirstFindings,
    waiting: WaitingTexts,
    statistics: Statistics,
    failures: Vec<InputFailure>,
    /// The number of frames of the input so far: events, and texts that could not be read as events.
    frames_of_input: u64,
    /// A reusable buffer for the findings of one event.
    found: Vec<Finding>,
}

/// The result of judging a stream.
pub struct Judgement {
    pub kept: FirstFindings,
    pub positions: Positions,
    pub waiting: WaitingTexts,
    pub statistics: Statistics,
    pub failures: Vec<InputFailure>,
    pub partition: Partition,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        inputs: &'a [Input],
        checker: SequenceChecker,
        settings: RuleSettings,
        partition: Partition,
        kept: FirstFindings,
        of_searches: Statistics,
    ) -> Self {
        Self {
            inputs,
            settings,
            checker,
            partition,
            positions: Positions::default(),
            formats: vec![Format::Message; inputs.len()],
            mark: None,
            is_rereadable: false,
            kept,
            waiting: WaitingTexts::default(),
            statistics: Statistics { files: inputs.len() as u64, ..of_searches },
            failures: Vec::new(),
            frames_of_input: 0,
            found: Vec::new(),
        }
    }

    /// The number of events so far, in all shards.
    pub(crate) fn events(&self) -> u64 {
        self.partition.events
    }

    /// Starts a chunk that was read at time `now`.
    pub(crate) fn begin(&mut self, chunk: &Chunk, now: EventTimestamp) {
        self.checker.set_now(now);
        // The format is unknown until an event shows it.
        self.formats[chunk.input] = chunk.format;
        if chunk.begins_input {
            self.frames_of_input = 0;
            self.is_rereadable = self.inputs[chunk.input].is_rereadable();
        }
        self.mark = Some(self.positions.begin(chunk));
    }

    /// Judges the next event of the chunk.
    pub(crate) fn event<E: EventFields>(&mut self, chunk: &Chunk, judged: &Judged<'_, E>) {
        let frame = judged.frame;
        let mark = self.mark.expect("the chunk of an event has begun");
        let at = mark.at(frame);
        self.frames_of_input += 1;
        if !self.partition.observe(judged.event.map(|(_, fingerprints)| fingerprints), at, judged.problems) {
            self.event_of_other_shard(judged, at);
            return;
        }
        if judged.event.is_some() || judged.is_foreign {
            self.statistics.events += 1;
            self.statistics.not_judged += u64::from(judged.is_foreign);
        } else {
            self.statistics.unreadable += 1;
        }
        if frame.is_overlong() {
            self.overlong(at, &text_of(chunk, &mark, frame));
        }
        if !judged.problems.is_empty() {
            self.problems(chunk, &mark, judged);
        }
        let Some((event, fingerprints)) = judged.event else {
            return;
        };
        let standing = self.checker.observe_at(event, fingerprints, at, &mut self.found);
        if !self.found.is_empty() {
            let mut found = std::mem::take(&mut self.found);
            for finding in found.drain(..) {
                let is_this = finding.place == Place::Event(at);
                self.finding(&finding, is_this.then(|| text_of(chunk, &mark, frame)));
            }
            self.found = found;
        }
        if standing.is_pending() && !self.is_rereadable {
            self.waiting.add(at, &text_of(chunk, &mark, frame));
        }
    }

    /// Notes an event that another shard reports on. Its time can close requests of this shard.
    fn event_of_other_shard<E: EventFields>(&mut self, judged: &Judged<'_, E>, at: u64) {
        let Some((event, fingerprints)) = judged.event else { return };
        self.checker.observe_of_other_part(event, fingerprints, at, &mut self.found);
        let mut found = std::mem::take(&mut self.found);
        for finding in found.drain(..) {
            self.finding(&finding, None);
        }
        self.found = found;
    }

    /// Ends the chunk, and its input if `end` is set.
    pub(crate) fn end(&mut self, chunk: &Chunk, size: &TextSize, end: Option<InputEnd>) {
        let mark = self.mark.expect("the chunk has begun");
        if let Some(omitted) = &chunk.omitted {
            self.frames_of_input += 1;
            let before = chunk.text_size();
            let is_own = self.partition.observe(None, mark.at_end(&before), &[]);
            self.statistics.unreadable += u64::from(is_own);
            if omitted.is_overlong && is_own {
                self.overlong(mark.at_end(&before), &mark.nothing_at_end(&before));
            }
        }
        self.positions.end(chunk, size, end.is_some());
        if let Some(end) = end {
            let failure = input_failure(&self.inputs[chunk.input], end, self.positions.line(), self.frames_of_input > 0);
            self.failures.extend(failure);
        }
    }

    /// Ends the stream and returns the findings.
    pub(crate) fn finish(mut self) -> Judgement {
        let checker = std::mem::take(&mut self.checker);
        let mut found = std::mem::take(&mut self.found);
        let totals = checker.finish(&mut found);
        for finding in &found {
            self.finding(finding, None);
        }
        let mut statistics = self.statistics;
        statistics.lines = self.positions.lines();
        statistics.bytes = self.positions.bytes();
        statistics.requests = totals.requests;
        statistics.retries = totals.retries;
        statistics.closed = totals.closed;
        statistics.late = totals.late;
        statistics.files_failed = self.failures.len() as u64;
        Judgement {
            kept: self.kept,
            positions: self.positions,
            waiting: self.waiting,
            statistics,
            failures: self.failures,
            partition: self.partition,
        }
    }

    fn overlong(&mut self, at: u64, text: &EventText<'_>) {
        self.count_and_keep(RuleId::MessageForm, at, |order, severity| {
            let located = Some(text.beginning());
            UnlocatedFinding { order, severity, message: overlong_message(), part: String::new(), located, related: None }
        });
    }

    fn problems<E>(&mut self, chunk: &Chunk, mark: &Mark, judged: &Judged<'_, E>) {
        let text = text_of(chunk, mark, judged.frame);
        for problem in judged.problems {
            self.count_and_keep(RuleId::of(problem.reason), mark.at(judged.frame), |order, severity| {
                let (located, message) = if judged.frame.is_unterminated && text.is_cut_off(problem.reason) {
                    (text.end(), cut_off_message("event"))
                } else if problem.reason == Reason::NotJson && chunk.framing == Framing::Lines && text.ends_too_early(problem) {
                    let message = format!("{problem}; write each message on one line, or all messages as a JSON array");
                    (text.problem(problem), message)
                } else {
                    (text.problem(problem), problem.to_string())
                };
                UnlocatedFinding { order, severity, message, part: String::new(), located: Some(located), related: None }
            });
        }
    }

    fn finding(&mut self, finding: &Finding, text: Option<EventText<'_>>) {
        self.statistics.findings.add(finding.rule, finding.severity);
        let of_searches = matches!(finding.place, Place::Search(_));
        self.kept.add(of_searches, finding.place.position(), finding.rule, |order| {
            let part = finding.part.path().into_owned();
            let names = match finding.place {
                Place::Event(at) => self.formats[self.positions.place(at).0].names(),
                Place::Search(_) => FieldNames::Message,
            };
            UnlocatedFinding {
                order,
                severity: finding.severity,
                message: finding.display(names).to_string(),
                located: text.map(|text| text.part(&part)),
                part,
                related: finding.related.map(|at| (at, related_part(finding.rule))),
            }
        });
    }

    fn count_and_keep(&mut self, rule: RuleId, at: u64, make: impl FnOnce(Order, Severity) -> UnlocatedFinding) {
        let Some(severity) = self.settings.severity(rule) else {
            return;
        };
        self.statistics.findings.add(rule, severity);
        self.kept.add(false, at, rule, |order| make(order, severity));
    }
}

/// The message for the last line of an input that was cut off in the middle of an event or a search.
pub(crate) fn cut_off_message(what: &str) -> String {
    format!("the last line is cut off: it ends in the middle of the {what}, without a line break")
}

/// The message for an event that was not kept because it was too long.
pub(crate) fn overlong_message() -> String {
    format!("is longer than {OVERLONG_BYTES} bytes, the limit for an event, and was not read")
}

/// Returns the failure of an input with this end, if there is one.
pub(crate) fn input_failure(input: &Input, end: InputEnd, line: u64, has_events: bool) -> Option<InputFailure> {
    let failure = match end {
        InputEnd::Whole if has_events => return None,
        InputEnd::Whole => Failure::NoEvent,
        InputEnd::Unopened(source) => Failure::Unopened(source),
        InputEnd::CutOff(source) => Failure::CutOff { line, source },
        InputEnd::OpenArray => Failure::OpenArray { line },
        InputEnd::AfterArray => Failure::AfterArray { line },
    };
    Some(InputFailure { file: input.name(), failure })
}

/// Returns the text of an event from the beginning of its line.
pub(crate) fn text_of<'a>(chunk: &'a Chunk, mark: &Mark, frame: &Frame) -> EventText<'a> {
    /// Enough text to recognize the line.
    const BEFORE_MAX: usize = 1_000;
    let (line, chars_before) = mark.line_of(frame);
    let before = frame.text.start - frame.line_start;
    if before <= BEFORE_MAX {
        return EventText { text: &chunk.bytes[frame.line_start..frame.text.end], start: before, line, chars_before };
    }
    let chars_before = chars_before + frame.chars_before;
    EventText { text: &chunk.bytes[frame.text.clone()], start: 0, line, chars_before }
}

/// The part of the other event that shows how the two events are related.
const fn related_part(rule: RuleId) -> &'static str {
    match rule {
        RuleId::UniqueEventId => "eventId",
        RuleId::TimeOrder => "eventTimestampMillis",
        _ => "eventType",
    }
}
