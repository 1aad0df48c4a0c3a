//! The head of requests, encoded once.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use thiserror::Error;

use crate::hpack::{write_indexed, write_inserted, write_literal};

/// The size of an entry of the header table apart from its bytes.
const ENTRY_OVERHEAD: usize = 32;

/// The headers that many requests have in common, in three encoded forms.
pub struct RequestHead {
    /// Distinguishes the head from all other heads of the process.
    id: u64,
    /// All fields as literals.
    literals: Vec<u8>,
    /// All fields, added to the header table of the server.
    insertions: Vec<u8>,
    /// References to the fields, after they were added in the same order.
    references: Vec<u8>,
    table_size: usize,
    has_length: bool,
}

/// A field that HTTP/2 does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("HTTP/2 does not allow the header `{0}`")]
pub struct HeadError(String);

impl RequestHead {
    /// Encodes a head. The fields begin with the pseudo-header fields `:method`, `:scheme`, `:authority` and `:path`. With `has_length`, each
    /// request gets the length of its body as `content-length`.
    ///
    /// # Errors
    ///
    /// If a name has an upper-case letter, if a pseudo-header field follows another field, or if a name or a value has characters that HTTP
    /// does not allow.
    pub fn new(fields: &[(&[u8], &[u8])], has_length: bool) -> Result<Self, HeadError> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let mut has_regular = false;
        for (name, value) in fields {
            let is_pseudo = name.first() == Some(&b':');
            if is_pseudo && has_regular || !is_valid_name(name) || !is_valid_value(value) {
                return Err(HeadError(String::from_utf8_lossy(name).into_owned()));
            }
            has_regular |= !is_pseudo;
        }
        let mut head = Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            literals: Vec::new(),
            insertions: Vec::new(),
            references: Vec::new(),
            table_size: 0,
            has_length,
        };
        let mut inserted = Vec::new();
        for (name, value) in fields {
            write_literal(&mut head.literals, name, value);
            let is_inserted = write_inserted(&mut head.insertions, name, value);
            if is_inserted {
                head.table_size += name.len() + value.len() + ENTRY_OVERHEAD;
            }
            inserted.push(is_inserted);
        }
        let mut age = inserted.iter().filter(|is_inserted| **is_inserted).count();
        for ((name, value), is_inserted) in fields.iter().zip(inserted) {
            age -= usize::from(is_inserted);
            write_indexed(&mut head.references, name, value, age);
        }
        Ok(head)
    }

    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn literals(&self) -> &[u8] {
        &self.literals
    }

    pub(crate) fn insertions(&self) -> &[u8] {
        &self.insertions
    }

    pub(crate) fn references(&self) -> &[u8] {
        &self.references
    }

    /// The room that the fields need in the header table.
    pub(crate) const fn table_size(&self) -> usize {
        self.table_size
    }

    pub(crate) const fn has_length(&self) -> bool {
        self.has_length
    }
}

/// Omits the fields, because they may hold secrets.
impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whether HTTP/2 allows the name (RFC 9113, section 8.2.1). A pseudo-header field begins with a colon.
pub(crate) fn is_valid_name(name: &[u8]) -> bool {
    let rest = name.strip_prefix(b":").unwrap_or(name);
    let is_allowed = |byte: &u8| (0x21..0x7f).contains(byte) && !byte.is_ascii_uppercase() && *byte != b':';
    !rest.is_empty() && rest.iter().all(is_allowed)
}

/// Whether HTTP/2 allows the value.
pub(crate) fn is_valid_value(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}
