//! Reads the searches that were made: the second input, for the rules that hold events against them.

use client_event::rules::{RuleId, RuleSettings};
use client_event::sequence::{Search, Searches};

use crate::check::failure::InputFailure;
use crate::check::format::FormatChoice;
use crate::check::found::{Draft, Kept};
use crate::check::input::{BytesRead, Input, InputEnd, Stream};
use crate::check::judge::{input_failure, overlong_message, text_of};
use crate::check::position::Positions;
use crate::check::statistics::Statistics;

/// The searches, and what was wrong with them.
pub(crate) struct SearchesRead {
    pub(crate) searches: Searches,
    pub(crate) positions: Positions,
    pub(crate) failures: Vec<InputFailure>,
}

/// Reads all inputs; findings go to `kept` and are counted.
pub(crate) fn read_searches(
    inputs: &[Input],
    settings: &RuleSettings,
    bytes_read: BytesRead,
    kept: &mut Kept,
    statistics: &mut Statistics,
) -> SearchesRead {
    let mut read = SearchesRead { searches: Searches::default(), positions: Positions::default(), failures: Vec::new() };
    // The form is not that of an event; the choice keeps the stream from looking for one.
    let mut stream = Stream::new(inputs, FormatChoice::Message, bytes_read);
    let mut spare = Vec::new();
    while let Some(mut chunk) = stream.next_chunk(spare) {
        let mark = read.positions.begin(&chunk);
        let mut add = |kept: &mut Kept, at, rule, make: &mut dyn FnMut() -> (String, crate::check::locate::Located)| {
            let Some(severity) = settings.severity(rule) else {
                return;
            };
            statistics.findings.add(rule, severity);
            kept.add(true, at, rule, |order| {
                let (message, located) = make();
                Draft { order, severity, message, part: String::new(), located: Some(located), related: None }
            });
        };
        for frame in chunk.frames() {
            let at = mark.at(&frame);
            match Search::from_json(&chunk.bytes[frame.text.clone()]) {
                Ok(search) => {
                    read.searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at);
                    statistics.searches += 1;
                }
                Err(refusal) => {
                    statistics.searches_unreadable += 1;
                    let text = text_of(&chunk, &mark, &frame);
                    for problem in refusal.problems() {
                        add(kept, at, RuleId::of(problem.reason), &mut || (problem.to_string(), text.problem(problem)));
                    }
                }
            }
        }
        if let Some(overlong) = chunk.overlong {
            statistics.searches_unreadable += 1;
            let before = chunk.text_extent();
            let located = || mark.nothing_at_end(&before).beginning();
            add(kept, mark.at_end(&before), RuleId::MessageForm, &mut || (overlong_message(overlong.bytes), located()));
        }
        let end = chunk.end.take();
        read.positions.end(&chunk, &chunk.extent(), end.is_some());
        // That nothing was searched for is no mistake.
        if let Some(end) = end.filter(|end| !matches!(end, InputEnd::Whole)) {
            read.failures.extend(input_failure(&inputs[chunk.input], end, read.positions.line(), true));
        }
        spare = chunk.bytes;
    }
    read
}
