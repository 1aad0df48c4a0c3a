//! Header compression (HPACK, RFC 7541).

mod decoder;
mod encoder;
mod integer;
mod static_table;

pub use decoder::{Decoder, HpackError};
pub(crate) use encoder::{Encoder, write_literal};
pub use encoder::{TABLE_SIZE, write_indexed, write_inserted};
