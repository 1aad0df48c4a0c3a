//! Encodes the head of a request. A head is either in the header table of the server as a whole, or sent as literals.
//!
//! Invariant: the newest entries of the server's table are the fields of the head in `inserted`, so the blocks that refer to them are the
//! same for each request.

use crate::hpack::{TABLE_SIZE, write_size_update};
use crate::request_head::RequestHead;

/// The table of the server, as far as the encoder needs it.
#[derive(Debug)]
pub(crate) struct HeadEncoder {
    size_max: usize,
    /// The smallest size since the last block, if the size has changed. The next block announces it.
    smallest: Option<usize>,
    /// The head whose fields are the newest entries.
    inserted: Option<u64>,
}

impl Default for HeadEncoder {
    fn default() -> Self {
        Self { size_max: TABLE_SIZE, smallest: None, inserted: None }
    }
}

impl HeadEncoder {
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
