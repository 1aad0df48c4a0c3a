//! Reads the recorded searches: the second input, for the rules that compare events with searches.

use client_event::rules::{RuleId, RuleSettings};
use client_event::sequence::{Search, Searches};
use event_input::{BytesRead, Chunk, FormatChoice, Frame, Input, InputEnd, Stream};

use crate::check::failure::InputFailure;
use crate::check::findings::{FirstFindings, UnlocatedFinding};
use crate::check::judge::{cut_off_message, input_failure, overlong_message, text_of};
use crate::check::locate::Located;
use crate::check::partition::Partition;
use crate::check::position::{Mark, Positions};
use crate::check::statistics::Statistics;

/// Reads the searches of a check. Findings go to `kept` and are counted.
pub(crate) struct SearchReader<'a> {
    pub settings: &'a RuleSettings,
    pub partition: &'a Partition,
    pub kept: &'a mut FirstFindings,
    pub statistics: &'a mut Statistics,
}

/// The searches, and the errors of their inputs.
#[derive(Default)]
pub(crate) struct SearchesRead {
    pub searches: Searches,
    pub positions: Positions,
    pub failures: Vec<InputFailure>,
}

impl SearchReader<'_> {
    /// Reads all inputs.
    pub(crate) fn read(&mut self, inputs: &[Input], bytes_read: BytesRead) -> SearchesRead {
        let mut read = SearchesRead::default();
        // Searches have another format than events; this choice stops the stream from detecting a format.
        let mut stream = Stream::new(inputs, FormatChoice::Message, bytes_read);
        let mut spare = Vec::new();
        while let Some(mut chunk) = stream.next_chunk(spare) {
            let mark = read.positions.begin(&chunk);
            for frame in chunk.frames() {
                self.search(&chunk, &mark, &frame, &mut read.searches);
            }
            let before = chunk.text_size();
            if let Some(omitted) = chunk.omitted
                && self.partition.owns_position(mark.at_end(&before))
            {
                self.statistics.searches_unreadable += 1;
                if omitted.is_overlong {
                    let located = mark.nothing_at_end(&before).beginning();
                    self.finding(mark.at_end(&before), RuleId::MessageForm, || (overlong_message(), located));
                }
            }
            let end = chunk.end.take();
            read.positions.end(&chunk, &chunk.size(), end.is_some());
            // An input without searches is not an error.
            if let Some(end) = end.filter(|end| !matches!(end, InputEnd::Whole)) {
                read.failures.extend(input_failure(&inputs[chunk.input], end, read.positions.line(), true));
            }
            spare = chunk.bytes;
        }
        read
    }

    fn search(&mut self, chunk: &Chunk, mark: &Mark, frame: &Frame, searches: &mut Searches) {
        let at = mark.at(frame);
        let owns_position = self.partition.owns_position(at);
        if frame.is_overlong() {
            if !owns_position {
                return;
            }
            self.statistics.searches_unreadable += 1;
            self.finding(at, RuleId::MessageForm, || (overlong_message(), text_of(chunk, mark, frame).beginning()));
            return;
        }
        match Search::from_json(&chunk.bytes[frame.text.clone()]) {
            Ok(search) if !self.partition.owns_search(&search.request_id) => {}
            Ok(search) => {
                searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at);
                self.statistics.searches += 1;
            }
            Err(_) if !owns_position => {}
            Err(refusal) => {
                self.statistics.searches_unreadable += 1;
                let text = text_of(chunk, mark, frame);
                for problem in refusal.problems() {
                    self.finding(at, RuleId::of(problem.reason), || {
                        if frame.is_unterminated && text.is_cut_off(problem.reason) {
                            return (cut_off_message("search"), text.end());
                        }
                        (problem.to_string(), text.problem(problem))
                    });
                }
            }
        }
    }

    fn finding(&mut self, at: u64, rule: RuleId, make: impl FnOnce() -> (String, Located)) {
        let Some(severity) = self.settings.severity(rule) else {
            return;
        };
        self.statistics.findings.add(rule, severity);
        self.kept.add(true, at, rule, |order| {
            let (message, located) = make();
            UnlocatedFinding { order, severity, message, part: String::new(), located: Some(located), related: None }
        });
    }
}
