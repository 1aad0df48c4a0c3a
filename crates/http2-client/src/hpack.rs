//! Header compression (HPACK, RFC 7541).

mod decoder;
mod encoder;
mod integer;
mod static_table;

pub use decoder::{Decoder, HpackError};
pub use encoder::{TABLE_SIZE, write_indexed, write_inserted};
pub(crate) use encoder::{write_literal, write_size_update};
