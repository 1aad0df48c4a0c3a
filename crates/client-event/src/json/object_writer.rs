//! Writes objects of other API versions as JSON without white space. As in ProtoJSON, fields with their default value are left out.

use std::collections::BTreeMap;

use crate::json::string_writer::write_unquoted;

/// Writes an object; [`ObjectWriter::end`] closes it.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The byte before the next member.
    separator: u8,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn begin(out: &'a mut Vec<u8>) -> Self {
        Self { out, separator: b'{' }
    }

    /// Writes the name of a member. The caller appends the value.
    pub(crate) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.push(self.separator);
        self.separator = b',';
        write_string(self.out, name);
        self.out.push(b':');
        self.out
    }

    /// Writes a string, unless it is empty.
    pub(crate) fn write_string(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            write_string(self.member(name), text);
        }
    }

    /// Writes a list of values, unless it is empty.
    pub(crate) fn write_list<T>(&mut self, name: &str, values: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
        if values.is_empty() {
            return;
        }
        let out = self.member(name);
        let mut separator = b'[';
        for value in values {
            out.push(separator);
            write(out, value);
            separator = b',';
        }
        out.push(b']');
    }

    /// Writes a map of strings, unless it is empty.
    pub(crate) fn write_string_map(&mut self, name: &str, map: &BTreeMap<String, String>) {
        if map.is_empty() {
            return;
        }
        let mut entries = ObjectWriter::begin(self.member(name));
        for (key, value) in map {
            write_string(entries.member(key), value);
        }
        entries.end();
    }

    pub(crate) fn end(self) {
        if self.separator == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }
}

/// Appends a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_unquoted(out, text);
    out.push(b'"');
}
