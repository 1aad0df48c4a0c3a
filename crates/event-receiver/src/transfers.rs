//! The long transfers of one worker: bodies that arrive in several pieces, and large responses. A transfer has to keep a minimum rate, and its
//! bytes count against the memory of the receiver. When the memory is used up, the slowest transfer is aborted.

use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use slab::Slab;

use crate::connection_state::ConnectionState;
use crate::limits::BODY_BYTES_MAX;
use crate::memory::Memory;
use crate::tick::Tick;

/// The age up to which a transfer does not count as slow: one second.
const NEW_TICKS: Tick = 4;

/// The memory of an HTTP/1.1 request that still arrives after a tick: its header section, and a second buffer of the connection.
const REQUEST_BYTES: usize = 16 * 1024;

/// A transfer that uses at least this many times the memory of another transfer can be aborted to free memory for the other, at any
/// speed.
const LARGER: usize = 16;

/// The reason for the abort of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AbortReason {
    /// The transfer was slower than the minimum rate.
    TooSlow,
    /// There was no memory for the transfer, or it was the slowest when memory was needed.
    NoMemory,
}

/// The minimum rate of a transfer: bytes in a number of ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MinRate {
    pub(crate) bytes: u64,
    pub(crate) ticks: Tick,
}

/// The transfers of a worker.
pub(crate) struct Transfers {
    entries: Slab<Entry>,
    memory: Arc<Memory>,
    min_rate: MinRate,
}

struct Entry {
    began: Tick,
    window_began: Tick,
    /// The bytes of this window.
    moved: u64,
    /// Whether bytes are expected to move.
    is_moving: bool,
    buffer: Vec<u8>,
    reserved: usize,
    /// Whether the reserved memory includes that of the request itself.
    is_counted: bool,
    aborted: Option<AbortReason>,
    /// The task to wake on an abort.
    waker: Option<Waker>,
    /// The connection to close on an abort.
    connection: Option<Rc<ConnectionState>>,
}

impl Entry {
    /// Bytes per tick, including the current one.
    fn rate(&self, now: Tick) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "rates are only compared")]
        let moved = self.moved as f64;
        moved / f64::from(now.saturating_sub(self.window_began) + 1)
    }

    fn is_new(&self, now: Tick) -> bool {
        now.saturating_sub(self.began) < NEW_TICKS
    }

    fn abort(&mut self, reason: AbortReason, memory: &Memory) {
        self.aborted = Some(reason);
        self.is_moving = false;
        self.buffer = Vec::new();
        memory.release(std::mem::take(&mut self.reserved));
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Transfers {
    pub(crate) fn new(memory: Arc<Memory>, min_rate: MinRate) -> Self {
        Self { entries: Slab::new(), memory, min_rate }
    }

    /// Starts a transfer. Returns its key.
    pub(crate) fn begin(&mut self, now: Tick) -> usize {
        self.entries.insert(Entry {
            began: now,
            window_began: now,
            moved: 0,
            is_moving: true,
            buffer: Vec::new(),
            reserved: 0,
            is_counted: false,
            aborted: None,
            waker: None,
            connection: None,
        })
    }

    /// Ends a transfer and releases its memory.
    pub(crate) fn end(&mut self, key: usize) {
        let entry = self.entries.remove(key);
        if entry.reserved > 0 {
            self.memory.release(entry.reserved);
        }
    }

    /// The reason for the abort of the transfer, if it was aborted.
    pub(crate) fn abort_reason(&self, key: usize) -> Option<AbortReason> {
        self.entries[key].aborted
    }

    /// Registers the task to wake when the transfer is aborted.
    pub(crate) fn register(&mut self, key: usize, waker: &Waker) {
        let entry = &mut self.entries[key];
        if !entry.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            entry.waker = Some(waker.clone());
        }
    }

    /// Closes the connection when the transfer is aborted.
    pub(crate) fn close_on_abort(&mut self, key: usize, connection: Rc<ConnectionState>) {
        self.entries[key].connection = Some(connection);
    }

    /// Starts a new window. A transfer that is not expected to move is not aborted for its rate.
    pub(crate) fn set_moving(&mut self, key: usize, is_moving: bool, now: Tick) {
        let entry = &mut self.entries[key];
        if entry.aborted.is_none() {
            (entry.is_moving, entry.window_began, entry.moved) = (is_moving, now, 0);
        }
    }

    /// Counts bytes that were moved.
    pub(crate) fn note_moved(&mut self, key: usize, bytes: usize) {
        self.entries[key].moved += bytes as u64;
    }

    /// The number of held bytes.
    pub(crate) fn held(&self, key: usize) -> usize {
        self.entries[key].buffer.len()
    }

    /// Counts and holds bytes that were moved.
    ///
    /// # Errors
    ///
    /// If the transfer was aborted, or is aborted now because there is no memory.
    pub(crate) fn hold(&mut self, key: usize, bytes: &[u8], now: Tick) -> Result<(), AbortReason> {
        let entry = &mut self.entries[key];
        if let Some(reason) = entry.aborted {
            return Err(reason);
        }
        entry.moved += bytes.len() as u64;
        let (capacity, needed) = (entry.buffer.capacity(), entry.buffer.len() + bytes.len());
        if needed > capacity {
            let wanted = needed.max((2 * capacity).min(BODY_BYTES_MAX));
            self.reserve(key, wanted - capacity, now)?;
            let buffer = &mut self.entries[key].buffer;
            buffer.reserve_exact(wanted - buffer.len());
        }
        self.entries[key].buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes the held bytes. Their memory stays reserved until the transfer ends.
    pub(crate) fn take_held(&mut self, key: usize) -> Vec<u8> {
        std::mem::take(&mut self.entries[key].buffer)
    }

    /// Discards the held bytes and releases their memory.
    pub(crate) fn discard_held(&mut self, key: usize) {
        let entry = &mut self.entries[key];
        entry.buffer = Vec::new();
        entry.is_counted = false;
        self.memory.release(std::mem::take(&mut entry.reserved));
    }

    /// Reserves memory in addition to the held bytes.
    ///
    /// # Errors
    ///
    /// As [`hold`](Self::hold).
    pub(crate) fn reserve_extra(&mut self, key: usize, bytes: usize, now: Tick) -> Result<(), AbortReason> {
        self.reserve(key, bytes, now)?;
        self.entries[key].is_counted = true;
        Ok(())
    }

    /// Reserves memory for the transfer. If there is none, aborts slower transfers, or otherwise much larger ones.
    ///
    /// # Errors
    ///
    /// If there is no such transfer. This transfer is then aborted.
    fn reserve(&mut self, key: usize, bytes: usize, now: Tick) -> Result<(), AbortReason> {
        while !self.memory.reserve(bytes) {
            let asking = &self.entries[key];
            let rate = if asking.is_new(now) { f64::INFINITY } else { asking.rate(now) };
            let slowest = self.slowest(now).filter(|(slowest, slowest_rate)| *slowest != key && *slowest_rate < rate);
            let wanted = asking.reserved + bytes;
            let victim = slowest.map(|(slowest, _)| slowest).or_else(|| self.largest(wanted.saturating_mul(LARGER)));
            let Some(victim) = victim else {
                self.memory.report_missing(bytes);
                self.entries[key].abort(AbortReason::NoMemory, &self.memory);
                return Err(AbortReason::NoMemory);
            };
            self.entries[victim].abort(AbortReason::NoMemory, &self.memory);
        }
        self.entries[key].reserved += bytes;
        Ok(())
    }

    /// The slowest moving transfer that has memory and is not new.
    fn slowest(&self, now: Tick) -> Option<(usize, f64)> {
        let slow = self.entries.iter().filter(|(_, entry)| entry.is_moving && entry.reserved > 0 && !entry.is_new(now));
        slow.map(|(key, entry)| (key, entry.rate(now))).min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// The moving transfer with the most memory, if it has at least this much.
    fn largest(&self, bytes: usize) -> Option<usize> {
        let large = self.entries.iter().filter(|(_, entry)| entry.is_moving && entry.reserved >= bytes);
        large.max_by_key(|(_, entry)| entry.reserved).map(|(key, _)| key)
    }

    /// Reserves memory for requests that are still arriving, and aborts requests for which there is none. Then aborts transfers below the
    /// minimum rate. Finally aborts stopped transfers until the missing bytes are released.
    pub(crate) fn sweep(&mut self, now: Tick, missing: usize) {
        let mut released = 0;
        for (_, entry) in &mut self.entries {
            if !entry.is_moving {
                continue;
            }
            if !entry.is_counted && entry.began < now {
                if !self.memory.reserve(REQUEST_BYTES) {
                    entry.abort(AbortReason::NoMemory, &self.memory);
                    continue;
                }
                (entry.is_counted, entry.reserved) = (true, entry.reserved + REQUEST_BYTES);
            }
            let has_stopped = entry.moved == 0 && !entry.is_new(now) && now.saturating_sub(entry.window_began) >= NEW_TICKS;
            if now.saturating_sub(entry.window_began) >= self.min_rate.ticks {
                if entry.moved < self.min_rate.bytes {
                    entry.abort(AbortReason::TooSlow, &self.memory);
                } else {
                    (entry.window_began, entry.moved) = (now, 0);
                }
            } else if released < missing && entry.reserved > 0 && has_stopped {
                released += entry.reserved;
                entry.abort(AbortReason::NoMemory, &self.memory);
            }
        }
    }
}

impl Drop for Transfers {
    fn drop(&mut self) {
        let reserved = self.entries.iter().map(|(_, entry)| entry.reserved).sum();
        self.memory.release(reserved);
    }
}

#[cfg(test)]
mod tests;
