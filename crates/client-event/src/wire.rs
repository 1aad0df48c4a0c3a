//! The wire form of the message in ProtoJSON (ProtoJSON guide and protobuf's JSON conformance suite). The reader and the writer are written
//! by hand because programs process millions of events; property tests compare them with serde_json on the same types.
//! `object_reader` and `object_writer` are for the other API versions, whose events are less frequent.

pub(crate) mod int64;
pub(crate) mod lexer;
pub(crate) mod read_options;

pub(crate) mod containers;
pub(crate) mod document;

pub(crate) mod fast_reader;
pub(crate) mod field;
pub(crate) mod field_spans;
pub(crate) mod message_draft;
pub(crate) mod reader;
pub(crate) mod writer;

pub(crate) mod object_reader;
pub(crate) mod object_writer;
