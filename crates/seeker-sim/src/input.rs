//! RunRecord events as `check` and `stats` read them: files and standard input, plain or compressed, one event a line or in a JSON
//! array, in the form of the message or of one of its relatives. All of it is told apart by content.

mod array;
mod chunk;
mod compression;
mod cutter;
mod source;
mod stream;

mod format;
pub(crate) mod json_text;
mod reading;

#[cfg(test)]
pub(crate) use chunk::LeftOut;
pub(crate) use chunk::{Chunk, Extent, Frame, Framing, InputEnd, OVERLONG_BYTES, count_chars};
pub(crate) use cutter::Cutter;
pub use format::FormatChoice;
pub(crate) use format::{Format, is_wrapped};
pub(crate) use reading::{Reading, read_message, read_relative, relative_path};
pub(crate) use source::BytesRead;
pub use source::Input;
pub(crate) use stream::Stream;
