//! JSON without knowledge of any message: the lexer, objects and arrays, strings, 64-bit integers. The other API versions, whose events are less
//! frequent, are read and written with `object_reader` and `object_writer`.

pub(crate) mod containers;
pub(crate) mod document;
pub(crate) mod int64;
pub(crate) mod lexer;
pub(crate) mod object_reader;
pub(crate) mod object_writer;
pub(crate) mod read_options;
pub(crate) mod string_writer;
