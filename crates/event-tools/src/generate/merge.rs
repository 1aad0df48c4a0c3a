//! Merges the sorted lines of several workers into one output.

use std::io::IoSlice;

use crate::generate::output::{Output, OutputError};
use crate::generate::worker::{Lines, Slice};

/// Writes the lines of all slices in order.
pub(crate) fn merge(slices: &[Slice], lines: impl Fn(&Slice) -> &Lines, out: &mut Output) -> Result<(), OutputError> {
    let mut runs: Vec<_> = slices.iter().map(|slice| Run::new(lines(slice))).filter(|run| !run.is_done()).collect();
    let mut pieces = Vec::new();
    while let [_, _, ..] = runs[..] {
        let (first, _) = runs.iter().enumerate().min_by_key(|(_, run)| run.lines.ends[run.at].0).expect("there are runs");
        // Write the lines before the next line of any other run.
        let until = (0..runs.len()).filter(|other| *other != first).map(|other| runs[other].lines.ends[runs[other].at].0).min();
        let run = &mut runs[first];
        let from = run.start();
        let more = run.lines.ends[run.at..].iter().take_while(|(key, _)| Some(*key) < until).count();
        // Event ids are unique, so no two keys are equal. If they were, a run would still have to advance.
        run.at += more.max(1);
        pieces.push(IoSlice::new(&run.lines.text[from..run.start()]));
        if run.is_done() {
            runs.swap_remove(first);
        }
    }
    pieces.extend(runs.iter().map(|run| IoSlice::new(&run.lines.text[run.start()..])));
    out.write(&mut pieces)
}

/// The rest of a sorted list of lines.
struct Run<'a> {
    lines: &'a Lines,
    /// The current line.
    at: usize,
}

impl<'a> Run<'a> {
    fn new(lines: &'a Lines) -> Self {
        Self { lines, at: 0 }
    }

    fn is_done(&self) -> bool {
        self.at == self.lines.ends.len()
    }

    /// The offset of the current line.
    fn start(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |before| self.lines.ends[before].1)
    }
}
