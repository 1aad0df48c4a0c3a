//! Encodes the head of a request. A head is either in the header table of the server as a whole, or sent as literals.
//!
//! Invariant: the newest entries of the server's table are the fields of the head in `inserted`, so the blocks that refer to them are the
//! same for each request.

use super::{
    integer,
    static_table::{self, field_index, name_index},
};
use crate::request_head::RequestHead;

/// The size of the header table of a connection without settings, and the largest size that this client uses.
pub const TABLE_SIZE: usize = 4096;

/// The table of the server, as far as the encoder needs it.
#[derive(Debug)]
pub(crate) struct Encoder {
    size_max: usize,
    /// The smallest size since the last block, if the size has changed. The next block announces it.
    smallest: Option<usize>,
    /// The head whose fields are the newest entries.
    inserted: Option<u64>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { size_max: TABLE_SIZE, smallest: None, inserted: None }
    }
}

impl Encoder {
    /// Applies the table size that the server allows.
    pub(crate) fn set_table_size(&mut self, allowed: u32) {
        let size = usize::try_from(allowed).map_or(TABLE_SIZE, |allowed| allowed.min(TABLE_SIZE));
        if size != self.size_max {
            self.smallest = Some(self.smallest.unwrap_or(size).min(size));
            self.size_max = size;
        }
    }

    /// Appends the block of a head, without the fields that differ between requests.
    pub(crate) fn write(&mut self, head: &RequestHead, out: &mut Vec<u8>) {
        if let Some(smallest) = self.smallest.take() {
            write_size_update(out, smallest);
            if smallest < self.size_max {
                write_size_update(out, self.size_max);
            }
            self.inserted = None;
        }
        if head.table_size() > self.size_max {
            out.extend_from_slice(head.literals());
        } else if self.inserted == Some(head.id()) {
            out.extend_from_slice(head.references());
        } else {
            out.extend_from_slice(head.insertions());
            self.inserted = Some(head.id());
        }
    }
}

fn write_size_update(out: &mut Vec<u8>, size: usize) {
    integer::write(out, 0x20, 5, size);
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    integer::write(out, 0, 7, text.len());
    out.extend_from_slice(text);
}

/// Appends a field that is not added to the table.
pub(crate) fn write_literal(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    let index = name_index(name);
    integer::write(out, 0, 4, index);
    if index == 0 {
        write_text(out, name);
    }
    write_text(out, value);
}

/// Appends a field that is added to the table. Returns false, and appends a reference, if the static table has the field.
pub fn write_inserted(out: &mut Vec<u8>, name: &[u8], value: &[u8]) -> bool {
    let index = field_index(name, value);
    if index > 0 {
        integer::write(out, 0x80, 7, index);
        return false;
    }
    let index = name_index(name);
    integer::write(out, 0x40, 6, index);
    if index == 0 {
        write_text(out, name);
    }
    write_text(out, value);
    true
}

/// Appends a reference to a field: of the static table if it is there, otherwise to the entry of the dynamic table that has this age. The
/// newest entry has age 0.
pub fn write_indexed(out: &mut Vec<u8>, name: &[u8], value: &[u8], age: usize) {
    let index = match field_index(name, value) {
        0 => static_table::LENGTH + 1 + age,
        index => index,
    };
    integer::write(out, 0x80, 7, index);
}
