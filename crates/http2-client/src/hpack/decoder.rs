//! Decodes header blocks (RFC 7541, sections 3 to 6).

use std::collections::VecDeque;

use thiserror::Error;

use super::{
    encoder::TABLE_SIZE,
    integer,
    static_table::{self, STATIC_TABLE},
};
use crate::huffman;

/// The size of an entry apart from its bytes (RFC 7541, section 4.1).
const ENTRY_OVERHEAD: usize = 32;

/// A header block that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a header block cannot be decoded")]
pub struct HpackError;

/// Decodes the header blocks of one connection, in their order.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    scratch: Vec<u8>,
}

/// The dynamic table. The newest entry is first.
#[derive(Debug)]
struct Table {
    entries: VecDeque<Entry>,
    size: usize,
    size_max: usize,
}

#[derive(Debug)]
struct Entry {
    /// The name and the value.
    bytes: Box<[u8]>,
    name_length: usize,
}

/// A string of a block.
#[derive(Clone, Copy)]
enum Text<'a> {
    Plain(&'a [u8]),
    /// In the scratch buffer, between these positions.
    Decoded(usize, usize),
}

impl<'a> Text<'a> {
    /// Reads a string (RFC 7541, section 5.2).
    fn read(block: &mut &'a [u8], scratch: &mut Vec<u8>) -> Result<Self, HpackError> {
        let is_huffman = block.first().ok_or(HpackError)? & 0x80 != 0;
        let length = integer::read(block, 7).ok_or(HpackError)?;
        let (text, rest) = block.split_at_checked(length).ok_or(HpackError)?;
        *block = rest;
        if !is_huffman {
            return Ok(Self::Plain(text));
        }
        let start = scratch.len();
        huffman::decode(text, scratch).ok_or(HpackError)?;
        Ok(Self::Decoded(start, scratch.len()))
    }

    fn bytes<'b>(self, scratch: &'b [u8]) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Self::Plain(text) => text,
            Self::Decoded(start, end) => &scratch[start..end],
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        let table = Table { entries: VecDeque::new(), size: 0, size_max: TABLE_SIZE };
        Self { table, scratch: Vec::new() }
    }
}

impl Decoder {
    /// Decodes a block and passes each name and value to the function, in their order.
    ///
    /// # Errors
    ///
    /// If the block is broken. The decoder must not be used any more, because its table may differ from the table of the server.
    pub fn decode(&mut self, mut block: &[u8], mut field: impl FnMut(&[u8], &[u8])) -> Result<(), HpackError> {
        let Self { table, scratch } = self;
        let mut is_at_start = true;
        while let Some(&first) = block.first() {
            if first & 0xe0 == 0x20 {
                // A size update, which is allowed only at the beginning of a block.
                let size = integer::read(&mut block, 5).filter(|size| is_at_start && *size <= TABLE_SIZE).ok_or(HpackError)?;
                table.resize(size);
                continue;
            }
            is_at_start = false;
            if first & 0x80 != 0 {
                let index = integer::read(&mut block, 7).ok_or(HpackError)?;
                let (name, value) = table.get(index).ok_or(HpackError)?;
                field(name, value);
                continue;
            }
            let is_inserted = first & 0x40 != 0;
            let index = integer::read(&mut block, if is_inserted { 6 } else { 4 }).ok_or(HpackError)?;
            scratch.clear();
            let new_name = if index == 0 { Some(Text::read(&mut block, scratch)?) } else { None };
            let value = Text::read(&mut block, scratch)?.bytes(scratch);
            let name = match new_name {
                Some(text) => text.bytes(scratch),
                None => table.get(index).ok_or(HpackError)?.0,
            };
            field(name, value);
            if is_inserted {
                let entry = Entry { bytes: [name, value].concat().into(), name_length: name.len() };
                table.insert(entry);
            }
        }
        // Long values are rare, so their room is not kept.
        scratch.shrink_to(4 << 10);
        Ok(())
    }

    /// The size of the dynamic table, as RFC 7541 counts it.
    pub fn table_size(&self) -> usize {
        self.table.size
    }
}

impl Table {
    fn get(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let index = index.checked_sub(1)?;
        if let Some((name, value)) = STATIC_TABLE.get(index) {
            return Some((name.as_bytes(), value.as_bytes()));
        }
        let entry = self.entries.get(index - static_table::LENGTH)?;
        Some(entry.bytes.split_at(entry.name_length))
    }

    fn insert(&mut self, entry: Entry) {
        let size = entry.size();
        self.evict_to(self.size_max.saturating_sub(size));
        // An entry that is larger than the table only empties it.
        if size <= self.size_max {
            self.size += size;
            self.entries.push_front(entry);
        }
    }

    fn resize(&mut self, size_max: usize) {
        self.size_max = size_max;
        self.evict_to(size_max);
    }

    fn evict_to(&mut self, size: usize) {
        while self.size > size
            && let Some(entry) = self.entries.pop_back()
        {
            self.size -= entry.size();
        }
    }
}

impl Entry {
    fn size(&self) -> usize {
        self.bytes.len() + ENTRY_OVERHEAD
    }
}
