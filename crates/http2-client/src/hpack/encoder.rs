//! Encodes header fields.

use super::{
    integer,
    static_table::{self, field_index, name_index},
};

/// The size of the header table of a connection without settings, and the largest size that this client uses.
pub const TABLE_SIZE: usize = 4096;

/// Appends a new size of the table.
pub(crate) fn write_size_update(out: &mut Vec<u8>, size: usize) {
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
