//! Reads the wire form of the message in ProtoJSON (ProtoJSON guide and protobuf's JSON conformance suite). The reader is written by hand because
//! programs process millions of events; property tests compare it with serde_json on the same types.

pub(crate) mod fast_reader;
pub(crate) mod field;
pub(crate) mod field_spans;
pub(crate) mod message_draft;
pub(crate) mod reader;
