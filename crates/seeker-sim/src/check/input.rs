//! What `check` reads: files and standard input, plain or compressed, one event a line or in a JSON array. All of it is told apart
//! by content. Knows where events begin and end, nothing of what they say.

mod array;
mod chunk;
mod compression;
mod cutter;
mod source;
mod stream;

#[cfg(test)]
pub(crate) use chunk::LeftOut;
pub(crate) use chunk::{Chunk, Extent, Frame, Framing, InputEnd, OVERLONG_BYTES, count_chars};
pub(crate) use cutter::Cutter;
pub(crate) use source::BytesRead;
pub use source::Input;
pub(crate) use stream::Stream;
