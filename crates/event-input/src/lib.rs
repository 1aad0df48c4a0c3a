//! Recorded events as `check` and `stats` read them: files and standard input, plain or compressed, one event a line or in a JSON
//! array, in the form of the message or of one of its relatives. All of it is told apart by content.

mod array;
mod chunk;
mod compression;
mod cutter;
mod source;
mod stream;

mod format;
pub mod json_text;
mod reading;

pub use chunk::{Chunk, Extent, Frame, Framing, InputEnd, LeftOut, OVERLONG_BYTES, count_chars};
pub use cutter::Cutter;
pub use format::FormatChoice;
pub use format::{Format, is_wrapped};
pub use reading::{Reading, path_in_other_version, read_message, read_other_version};
pub use source::BytesRead;
pub use source::Input;
pub use stream::Stream;
