//! Looks up earlier events, for findings that are made when a request is closed and for the other event of a pair. Reads each input again
//! at most once, and only the needed parts of an uncompressed input.

use std::io;

use event_input::{BytesRead, Chunk, Cutter, Input, TextSize};

use crate::check::judge::text_of;
use crate::check::locate::EventText;
use crate::check::position::{Mark, Positions};

/// Passes the text of each event at these sorted positions to `visit`. Skips events that cannot be read again, because the input is
/// standard input or has changed.
pub(crate) fn revisit(inputs: &[Input], positions: &Positions, wanted: &[u64], mut visit: impl FnMut(u64, &EventText<'_>)) {
    let mut rest = wanted;
    while let Some(first) = rest.first() {
        let (input, _) = positions.place(*first);
        let of_input = rest.partition_point(|at| positions.place(*at).0 == input);
        let (these, others) = rest.split_at(of_input);
        rest = others;
        if inputs[input].is_rereadable() {
            // If a file has disappeared, its findings only lack excerpts.
            let _ = revisit_input(&inputs[input], positions, these, &mut visit);
        }
    }
}

fn revisit_input(
    input: &Input,
    positions: &Positions,
    wanted: &[u64],
    visit: &mut impl FnMut(u64, &EventText<'_>),
) -> io::Result<()> {
    let Some(mut reader) = Reader::open(input, positions, wanted[0])? else {
        return Ok(());
    };
    for at in wanted {
        if !reader.go_to(input, positions, *at)? {
            return Ok(());
        }
        let frame = reader.chunk.frames().find(|frame| reader.mark.at(frame) == *at);
        if let Some(frame) = frame {
            visit(*at, &text_of(&reader.chunk, &reader.mark, &frame));
        }
    }
    Ok(())
}

/// An input that is read again.
struct Reader {
    cutter: Cutter,
    is_plain: bool,
    /// The start of the chunk.
    mark: Mark,
    chunk: Chunk,
    size: TextSize,
}

impl Reader {
    fn open(input: &Input, positions: &Positions, at: u64) -> io::Result<Option<Self>> {
        let Some(beginning) = positions.beginning(positions.place(at).0) else {
            return Ok(None);
        };
        let opened = input.open(&BytesRead::default())?;
        let mut reader = Self::reading(Cutter::new(opened.text), opened.is_plain, beginning);
        if opened.is_plain {
            reader.jump(input, positions, at)?;
        }
        Ok(Some(reader))
    }

    fn reading(mut cutter: Cutter, is_plain: bool, mark: Mark) -> Self {
        let chunk = cutter.next_chunk(Vec::new());
        let size = chunk.size();
        Self { cutter, is_plain, mark, chunk, size }
    }

    /// Reads on until the chunk contains this position. Returns whether it does.
    fn go_to(&mut self, input: &Input, positions: &Positions, at: u64) -> io::Result<bool> {
        if self.is_plain && at >= self.mark.at_end(&self.size) {
            self.jump(input, positions, at)?;
        }
        while at >= self.mark.at_end(&self.size) {
            if self.chunk.end.is_some() {
                return Ok(false);
            }
            self.mark.advance(self.chunk.input_bytes(), &self.size);
            self.chunk = self.cutter.next_chunk(std::mem::take(&mut self.chunk.bytes));
            self.size = self.chunk.size();
        }
        Ok(true)
    }

    /// Skips the parts that need not be read.
    fn jump(&mut self, input: &Input, positions: &Positions, at: u64) -> io::Result<()> {
        if let Some((mark, framing)) = positions.landmark(at)
            && mark.offset > self.mark.offset
        {
            *self = Self::reading(Cutter::resumed(input.open_at(mark.offset)?, framing), true, mark);
        }
        Ok(())
    }
}
