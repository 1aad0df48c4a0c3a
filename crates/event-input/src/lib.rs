//! The input of `check` and `stats`: recorded events from files and standard input, plain or compressed. Events are one per
//! line or in a JSON array, in the format of the message or of an API version. The content of the input decides all of
//! these.

mod array;
mod chunk;
mod compression;
mod cutter;
mod source;
mod stream;

mod format;
pub mod json_text;
mod reading;

pub use chunk::{Chunk, Frame, Framing, InputEnd, OVERLONG_BYTES, OmittedText, TextSize, count_chars};
pub use cutter::Cutter;
pub use format::FormatChoice;
pub use format::{Format, is_wrapped};
pub use reading::{Reading, path_in_other_version, read_message, read_other_version};
pub use source::BytesRead;
pub use source::Input;
pub use stream::Stream;
