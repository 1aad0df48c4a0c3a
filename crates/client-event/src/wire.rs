//! The wire form of the message: ProtoJSON, as far as it touches this message (ProtoJSON guide and protobuf's JSON conformance
//! suite). The reader and the writer are written by hand because events are read and written by the million; property tests
//! hold them to what serde_json does with the same types. `fields` and `object_writer` serve the message's relatives, which are
//! not so many.

pub(crate) mod containers;
pub(crate) mod int64;
pub(crate) mod lexer;

pub(crate) mod fast_reader;
pub(crate) mod reader;
pub(crate) mod writer;

pub(crate) mod object_reader;
pub(crate) mod object_writer;
