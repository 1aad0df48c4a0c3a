//! The transfers of one worker that take their time: bodies that have not arrived in one piece, and large answers that are being
//! sent. A transfer has to keep a rate, and what it holds counts against the memory of the receiver. When that is used up, the slowest
//! transfer makes room. Time is given in ticks; what a transfer is part of is not known here.

use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use slab::Slab;

use crate::body::BODY_BYTES_MAX;
use crate::connection::Connection;
use crate::memory::Memory;

/// A point in time of a worker, in steps of [`TICK`](crate::worker::TICK).
pub(crate) type Tick = u32;

/// For how many ticks a transfer cannot be called slow: one second.
const NEW_TICKS: Tick = 4;

/// What a request over HTTP/1.1 takes that is still coming in after a tick: its header section, and a second buffer of the connection.
const REQUEST_BYTES: usize = 16 * 1024;

/// How much more memory than another a transfer has to hold to make room for it, however fast it is.
const LARGER: usize = 16;

/// Why a transfer was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It was slower than the least rate.
    TooSlow,
    /// There was no memory for it, or it was the slowest when memory was needed.
    NoMemory,
}

/// The least rate of a transfer: that many bytes in that many ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeastRate {
    pub(crate) bytes: u64,
    pub(crate) ticks: Tick,
}

/// The transfers of a worker.
pub(crate) struct Transfers {
    entries: Slab<Entry>,
    memory: Arc<Memory>,
    least_rate: LeastRate,
}

struct Entry {
    began: Tick,
    window_began: Tick,
    /// What was moved in this window.
    moved: u64,
    /// Whether it is awaited that bytes move.
    is_moving: bool,
    buffer: Vec<u8>,
    reserved: usize,
    /// Whether the memory of the request itself is among the reserved.
    is_counted: bool,
    cut: Option<Cut>,
    /// The task that is to learn of a cut.
    waker: Option<Waker>,
    /// The connection that is closed with a cut.
    connection: Option<Rc<Connection>>,
}

impl Entry {
    /// Bytes per tick, the present one included.
    fn rate(&self, now: Tick) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "rates are only compared")]
        let moved = self.moved as f64;
        moved / f64::from(now.saturating_sub(self.window_began) + 1)
    }

    fn is_new(&self, now: Tick) -> bool {
        now.saturating_sub(self.began) < NEW_TICKS
    }

    fn cut(&mut self, why: Cut, memory: &Memory) {
        self.cut = Some(why);
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
    pub(crate) fn new(memory: Arc<Memory>, least_rate: LeastRate) -> Self {
        Self { entries: Slab::new(), memory, least_rate }
    }

    /// A new transfer, which moves from now on.
    pub(crate) fn begin(&mut self, now: Tick) -> usize {
        self.entries.insert(Entry {
            began: now,
            window_began: now,
            moved: 0,
            is_moving: true,
            buffer: Vec::new(),
            reserved: 0,
            is_counted: false,
            cut: None,
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

    /// Why the transfer was cut off, if it was.
    pub(crate) fn cut_of(&self, key: usize) -> Option<Cut> {
        self.entries[key].cut
    }

    /// Has the task woken when the transfer is cut off.
    pub(crate) fn wake(&mut self, key: usize, waker: &Waker) {
        let entry = &mut self.entries[key];
        if !entry.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            entry.waker = Some(waker.clone());
        }
    }

    /// Has the connection closed when the transfer is cut off.
    pub(crate) fn close(&mut self, key: usize, connection: Rc<Connection>) {
        self.entries[key].connection = Some(connection);
    }

    /// Lets the transfer move anew, or stand still without being cut off.
    pub(crate) fn set_moving(&mut self, key: usize, is_moving: bool, now: Tick) {
        let entry = &mut self.entries[key];
        if entry.cut.is_none() {
            (entry.is_moving, entry.window_began, entry.moved) = (is_moving, now, 0);
        }
    }

    /// Counts bytes that were moved.
    pub(crate) fn moved(&mut self, key: usize, bytes: usize) {
        self.entries[key].moved += bytes as u64;
    }

    /// How many bytes the transfer holds.
    pub(crate) fn held(&self, key: usize) -> usize {
        self.entries[key].buffer.len()
    }

    /// Holds bytes that were moved.
    ///
    /// # Errors
    ///
    /// The transfer was cut off, or is now for want of memory.
    pub(crate) fn hold(&mut self, key: usize, bytes: &[u8], now: Tick) -> Result<(), Cut> {
        let entry = &mut self.entries[key];
        if let Some(cut) = entry.cut {
            return Err(cut);
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

    /// Gives away what the transfer holds. Its memory stays reserved until the transfer ends.
    pub(crate) fn take_held(&mut self, key: usize) -> Vec<u8> {
        std::mem::take(&mut self.entries[key].buffer)
    }

    /// Throws away what the transfer holds, and its memory with it.
    pub(crate) fn throw_away(&mut self, key: usize) {
        let entry = &mut self.entries[key];
        entry.buffer = Vec::new();
        entry.is_counted = false;
        self.memory.release(std::mem::take(&mut entry.reserved));
    }

    /// Reserves memory for all that the transfer takes beside what it holds.
    ///
    /// # Errors
    ///
    /// Those of [`hold`](Self::hold).
    pub(crate) fn count(&mut self, key: usize, bytes: usize, now: Tick) -> Result<(), Cut> {
        self.reserve(key, bytes, now)?;
        self.entries[key].is_counted = true;
        Ok(())
    }

    /// Reserves memory for the transfer. If there is none, slower transfers are cut off, or else much larger ones.
    ///
    /// # Errors
    ///
    /// There is no such transfer, so this one is cut off.
    fn reserve(&mut self, key: usize, bytes: usize, now: Tick) -> Result<(), Cut> {
        while !self.memory.reserve(bytes) {
            let asking = &self.entries[key];
            let rate = if asking.is_new(now) { f64::INFINITY } else { asking.rate(now) };
            let slowest = self.slowest(now).filter(|(slowest, slowest_rate)| *slowest != key && *slowest_rate < rate);
            let wanted = asking.reserved + bytes;
            let cut = slowest.map(|(slowest, _)| slowest).or_else(|| self.largest(wanted.saturating_mul(LARGER)));
            let Some(cut) = cut else {
                self.memory.miss(bytes);
                self.entries[key].cut(Cut::NoMemory, &self.memory);
                return Err(Cut::NoMemory);
            };
            self.entries[cut].cut(Cut::NoMemory, &self.memory);
        }
        self.entries[key].reserved += bytes;
        Ok(())
    }

    /// The slowest transfer that moves, holds memory and is not new.
    fn slowest(&self, now: Tick) -> Option<(usize, f64)> {
        let slow = self.entries.iter().filter(|(_, entry)| entry.is_moving && entry.reserved > 0 && !entry.is_new(now));
        slow.map(|(key, entry)| (key, entry.rate(now))).min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// The transfer that moves and holds the most memory, at least that much.
    fn largest(&self, bytes: usize) -> Option<usize> {
        let large = self.entries.iter().filter(|(_, entry)| entry.is_moving && entry.reserved >= bytes);
        large.max_by_key(|(_, entry)| entry.reserved).map(|(key, _)| key)
    }

    /// Reserves memory for requests that are still arriving, and aborts requests that get none. Then aborts the transfers below the least
    /// rate, and stopped transfers until the missing bytes are released.
    pub(crate) fn sweep(&mut self, now: Tick, missing: usize) {
        let mut released = 0;
        for (_, entry) in &mut self.entries {
            if !entry.is_moving {
                continue;
            }
            if !entry.is_counted && entry.began < now {
                if !self.memory.reserve(REQUEST_BYTES) {
                    entry.cut(Cut::NoMemory, &self.memory);
                    continue;
                }
                (entry.is_counted, entry.reserved) = (true, entry.reserved + REQUEST_BYTES);
            }
            let has_stopped = entry.moved == 0 && !entry.is_new(now) && now.saturating_sub(entry.window_began) >= NEW_TICKS;
            if now.saturating_sub(entry.window_began) >= self.least_rate.ticks {
                if entry.moved < self.least_rate.bytes {
                    entry.cut(Cut::TooSlow, &self.memory);
                } else {
                    (entry.window_began, entry.moved) = (now, 0);
                }
            } else if released < missing && entry.reserved > 0 && has_stopped {
                released += entry.reserved;
                entry.cut(Cut::NoMemory, &self.memory);
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
