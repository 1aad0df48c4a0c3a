//! The requests that are open, found by their hash and closed when they are idle for longer than the window.
//!
//! A request is closed once more time has passed on the [watermark](super::watermark) than the window since the request's last event.
//! Requests lie in buckets by that time, a 32nd of a window each, and a bucket is looked through once all of it is too old; a
//! request that had events since moves on to a later bucket. So a request that is due may lie here a little longer, but nobody sees it:
//! whoever looks for it finds it closed, and it counts as closed at the end.

use std::collections::VecDeque;

use super::closed::ClosedRequests;
use super::number_table::NumberTable;
use super::trail::Trail;
use super::waiting::Waiting;

/// What is known of an open request.
#[derive(Debug)]
pub(super) struct Request {
    key: u64,
    /// The watermark at the last event; [`UNKNOWN`] before any time is known.
    last: i64,
    /// It was closed before: not everything that happened under it is known.
    pub(super) late: bool,
    pub(super) trail: Trail,
    pub(super) waiting: Option<Box<Waiting>>,
}

impl Request {
    fn new(key: u64) -> Self {
        Self { key, last: UNKNOWN, late: false, trail: Trail::default(), waiting: None }
    }
}

/// Before every time that an event can have.
const UNKNOWN: i64 = i64::MIN;

/// Buckets in a window.
const BUCKETS: i64 = 32;

/// The requests that are open.
#[derive(Debug)]
pub(super) struct Requests {
    window_ms: Option<i64>,
    watermark: i64,
    /// Slots by the hashes of the requests in them.
    table: NumberTable,
    slots: Vec<Request>,
    free: Vec<u32>,
    buckets: VecDeque<Vec<u32>>,
    /// The number of the first bucket: times divided by their length.
    first_bucket: i64,
    remembered: ClosedRequests,
}

/// How an event finds its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// It has an earlier event.
    Open,
    /// It has none.
    First,
    /// It was closed before.
    Reopened,
}

impl Requests {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        Self {
            window_ms: window_ms.map(|window_ms| window_ms.max(0)),
            watermark: UNKNOWN,
            table: NumberTable::default(),
            slots: Vec::new(),
            free: Vec::new(),
            buckets: VecDeque::new(),
            first_bucket: 0,
            remembered: ClosedRequests::default(),
        }
    }

    /// So much time has passed; requests that are due are handed over.
    pub(super) fn advance(&mut self, time: i64, mut closed: impl FnMut(Request)) {
        if time <= self.watermark {
            return;
        }
        let known = self.watermark != UNKNOWN;
        self.watermark = time;
        let Some(window_ms) = self.window_ms else { return };
        if !known {
            // The requests of before are as if their events came now. None was closed, so all slots are taken.
            self.first_bucket = self.bucket_of(time);
            self.buckets.push_back((0..).take(self.slots.len()).collect());
            for request in &mut self.slots {
                request.last = time;
            }
            return;
        }
        let horizon = time.saturating_sub(window_ms);
        while self.first_bucket < self.bucket_of(horizon)
            && let Some(bucket) = self.buckets.pop_front()
        {
            self.first_bucket += 1;
            for slot in bucket {
                let last = self.slots[slot as usize].last;
                if last < horizon {
                    closed(self.close(slot));
                } else {
                    self.put(slot, last);
                }
            }
        }
        self.first_bucket = self.first_bucket.max(self.bucket_of(horizon));
    }

    /// The request with that hash, which has an event now, opened if it is not. One that is due is handed over first.
    pub(super) fn at(&mut self, key: u64, closed: impl FnOnce(Request)) -> (&mut Request, Opening) {
        let found = self.table.find(key, |slot| self.slots[slot as usize].key == key);
        if let Some(slot) = found {
            if !self.is_due(&self.slots[slot as usize]) {
                let request = &mut self.slots[slot as usize];
                request.last = self.watermark;
                return (request, Opening::Open);
            }
            // It keeps its slot, which a bucket still has.
            self.remembered.insert(key);
            let request = &mut self.slots[slot as usize];
            closed(std::mem::replace(request, Request { last: self.watermark, late: true, ..Request::new(key) }));
            return (request, Opening::Reopened);
        }
        let late = self.remembered.contains(key);
        let slot = self.open(Request { last: self.watermark, late, ..Request::new(key) });
        (&mut self.slots[slot as usize], if late { Opening::Reopened } else { Opening::First })
    }

    /// All requests that are still there, each with whether it is due.
    pub(super) fn into_all(self) -> impl Iterator<Item = (Request, bool)> {
        let (watermark, window_ms) = (self.watermark, self.window_ms);
        let mut free = vec![false; self.slots.len()];
        for slot in self.free {
            free[slot as usize] = true;
        }
        let taken = self.slots.into_iter().zip(free).filter(|(_, free)| !free);
        taken.map(move |(request, _)| {
            let due = is_due(&request, watermark, window_ms);
            (request, due)
        })
    }

    fn is_due(&self, request: &Request) -> bool {
        is_due(request, self.watermark, self.window_ms)
    }

    fn open(&mut self, request: Request) -> u32 {
        let (key, last) = (request.key, request.last);
        if self.table.is_full() {
            // There never were as many requests as now, so no slot is free.
            debug_assert!(self.free.is_empty(), "the table has room for as many requests as there ever were");
            self.table.enlarge(self.slots.iter().map(|request| request.key).zip(0..));
        }
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = request;
            slot
        } else {
            if self.slots.len() == self.slots.capacity() {
                // By a quarter, since a slot is large.
                self.slots.reserve_exact(16 + self.slots.len() / 4);
            }
            self.slots.push(request);
            u32::try_from(self.slots.len() - 1).expect("four thousand million requests fill any memory")
        };
        self.table.insert(key, slot);
        if self.window_ms.is_some() && last != UNKNOWN {
            self.put(slot, last);
        }
        slot
    }

    fn close(&mut self, slot: u32) -> Request {
        let request = std::mem::replace(&mut self.slots[slot as usize], Request::new(0));
        self.table.remove(request.key, slot);
        self.free.push(slot);
        self.remembered.insert(request.key);
        request
    }

    /// Puts a slot into the bucket of that time.
    fn put(&mut self, slot: u32, last: i64) {
        let bucket = self.bucket_of(last);
        let place = usize::try_from(bucket - self.first_bucket).expect("the first bucket is that of the oldest request");
        if place >= self.buckets.len() {
            self.buckets.resize_with(place + 1, Vec::new);
        }
        self.buckets[place].push(slot);
    }

    fn bucket_of(&self, time: i64) -> i64 {
        let length = self.window_ms.map_or(i64::MAX, |window_ms| (window_ms / BUCKETS).max(1));
        time.div_euclid(length)
    }

    /// The bytes that are held.
    pub(super) fn heap_bytes(&self) -> usize {
        let of_requests = self
            .slots
            .iter()
            .map(|request| request.trail.heap_bytes() + request.waiting.as_ref().map_or(0, |waiting| waiting.bytes()));
        let in_buckets: usize = self.buckets.iter().map(Vec::capacity).sum();
        self.table.heap_bytes()
            + self.slots.capacity() * size_of::<Request>()
            + (self.free.capacity() + in_buckets) * size_of::<u32>()
            + of_requests.sum::<usize>()
            + self.remembered.heap_bytes()
    }
}

fn is_due(request: &Request, watermark: i64, window_ms: Option<i64>) -> bool {
    window_ms.is_some_and(|window_ms| request.last != UNKNOWN && watermark.saturating_sub(request.last) > window_ms)
}
