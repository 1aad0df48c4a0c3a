//! The open requests, indexed by hash and closed after they were idle for longer than the window.
//!
//! A request is due when the [watermark](super::watermark) is more than the window past its value at the request's last event. Requests
//! are in buckets by that value, one bucket per 32nd of a window. A bucket is processed when everything in it is too old: requests that
//! are due are closed, the others move to a later bucket. A due request can therefore stay in memory until its bucket is processed, but
//! every lookup and the end of the stream treat it as closed.

use std::collections::VecDeque;

use hashbrown::HashTable;

use super::pending_events::PendingEvents;
use super::request_history::RequestHistory;
use crate::recent_map::RecentMap;

/// An open request.
#[derive(Debug)]
pub(super) struct Request {
    /// The hash of the request id.
    key: u64,
    /// The watermark at the last event; [`UNKNOWN`] before any time is known.
    last_watermark: i64,
    /// The request was closed before, so some of its events are forgotten.
    pub(super) is_late: bool,
    pub(super) history: RequestHistory,
    pub(super) pending_events: Option<Box<PendingEvents>>,
}

impl Request {
    fn new(key: u64) -> Self {
        Self { key, last_watermark: UNKNOWN, is_late: false, history: RequestHistory::default(), pending_events: None }
    }
}

/// Smaller than the time of any event.
const UNKNOWN: i64 = i64::MIN;

/// The number of buckets in a window.
const BUCKETS_PER_WINDOW: i64 = 32;

/// The smallest number of closed requests that are kept: as many as a hash table of a million slots holds.
const CLOSED_REQUESTS: usize = (1 << 20) / 8 * 7;

/// The open requests.
#[derive(Debug)]
pub(super) struct Requests {
    window_ms: Option<i64>,
    watermark: i64,
    /// The slots of the requests, by hash.
    table: HashTable<u32>,
    slots: Vec<Request>,
    free_slots: Vec<u32>,
    buckets: VecDeque<Vec<u32>>,
    /// The number of the first bucket: the watermark divided by the length of a bucket.
    first_bucket: i64,
    /// The requests that were closed recently: an event of such a request is late.
    recently_closed: RecentMap<()>,
}

/// The state of a request before an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestStatus {
    /// The request is open.
    Open,
    /// The request has no earlier event.
    New,
    /// The request was closed before.
    Reopened,
}

impl Requests {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        Self {
            window_ms: window_ms.map(|window_ms| window_ms.max(0)),
            watermark: UNKNOWN,
            table: HashTable::new(),
            slots: Vec::new(),
            free_slots: Vec::new(),
            buckets: VecDeque::new(),
            first_bucket: 0,
            recently_closed: RecentMap::with_capacity(CLOSED_REQUESTS),
        }
    }

    /// Advances the watermark and passes each request that is due to `on_close`.
    pub(super) fn advance(&mut self, time: i64, mut on_close: impl FnMut(Request)) {
        if time <= self.watermark {
            return;
        }
        let known = self.watermark != UNKNOWN;
        self.watermark = time;
        let Some(window_ms) = self.window_ms else { return };
        if !known {
            // Requests from before the first known time count as if their events came now. None was closed, so every slot is in use.
            self.first_bucket = self.bucket_of(time);
            self.buckets.push_back((0..).take(self.slots.len()).collect());
            for request in &mut self.slots {
                request.last_watermark = time;
            }
            return;
        }
        let horizon = time.saturating_sub(window_ms);
        while self.first_bucket < self.bucket_of(horizon)
            && let Some(bucket) = self.buckets.pop_front()
        {
            self.first_bucket += 1;
            for slot in bucket {
                let last = self.slots[slot as usize].last_watermark;
                if last < horizon {
                    on_close(self.close(slot));
                } else {
                    self.add_to_bucket(slot, last);
                }
            }
        }
        self.first_bucket = self.first_bucket.max(self.bucket_of(horizon));
    }

    /// Finds the request of an event, or opens it. A request that is due is passed to `on_close` and opened again.
    pub(super) fn find_or_open(&mut self, key: u64, on_close: impl FnOnce(Request)) -> (&mut Request, RequestStatus) {
        let found = self.table.find(key, |slot| self.slots[*slot as usize].key == key);
        if let Some(&slot) = found {
            if !self.is_due(&self.slots[slot as usize]) {
                let request = &mut self.slots[slot as usize];
                request.last_watermark = self.watermark;
                return (request, RequestStatus::Open);
            }
            // The request keeps its slot, because a bucket still refers to the slot.
            self.recently_closed.insert(key, ());
            let request = &mut self.slots[slot as usize];
            on_close(std::mem::replace(request, Request { last_watermark: self.watermark, is_late: true, ..Request::new(key) }));
            return (request, RequestStatus::Reopened);
        }
        let is_late = self.recently_closed.contains(key);
        let slot = self.open(Request { last_watermark: self.watermark, is_late, ..Request::new(key) });
        (&mut self.slots[slot as usize], if is_late { RequestStatus::Reopened } else { RequestStatus::New })
    }

    /// All open requests, each with whether it is due.
    pub(super) fn into_all(self) -> impl Iterator<Item = (Request, bool)> {
        let (watermark, window_ms) = (self.watermark, self.window_ms);
        let mut free = vec![false; self.slots.len()];
        for slot in self.free_slots {
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
        let (key, last) = (request.key, request.last_watermark);
        let slot = if let Some(slot) = self.free_slots.pop() {
            self.slots[slot as usize] = request;
            slot
        } else {
            if self.slots.len() == self.slots.capacity() {
                // Grow by a quarter, because a slot is large.
                self.slots.reserve_exact(16 + self.slots.len() / 4);
            }
            self.slots.push(request);
            u32::try_from(self.slots.len() - 1).expect("memory holds fewer than 2^32 requests")
        };
        self.table.insert_unique(key, slot, |slot| self.slots[*slot as usize].key);
        if self.window_ms.is_some() && last != UNKNOWN {
            self.add_to_bucket(slot, last);
        }
        slot
    }

    fn close(&mut self, slot: u32) -> Request {
        let request = std::mem::replace(&mut self.slots[slot as usize], Request::new(0));
        let entry = self.table.find_entry(request.key, |other| *other == slot).expect("an open request is in the table");
        entry.remove();
        self.free_slots.push(slot);
        self.recently_closed.insert(request.key, ());
        request
    }

    /// Adds a slot to the bucket of this watermark.
    fn add_to_bucket(&mut self, slot: u32, last: i64) {
        let bucket = self.bucket_of(last);
        let index = usize::try_from(bucket - self.first_bucket).expect("the first bucket is that of the oldest request");
        if index >= self.buckets.len() {
            self.buckets.resize_with(index + 1, Vec::new);
        }
        self.buckets[index].push(slot);
    }

    fn bucket_of(&self, time: i64) -> i64 {
        let length = self.window_ms.map_or(i64::MAX, |window_ms| (window_ms / BUCKETS_PER_WINDOW).max(1));
        time.div_euclid(length)
    }

    /// The bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let of_requests = self.slots.iter().map(|request| {
            request.history.heap_bytes() + request.pending_events.as_ref().map_or(0, |pending_events| pending_events.bytes())
        });
        let in_buckets: usize = self.buckets.iter().map(Vec::capacity).sum();
        self.table.allocation_size()
            + self.slots.capacity() * size_of::<Request>()
            + (self.free_slots.capacity() + in_buckets) * size_of::<u32>()
            + of_requests.sum::<usize>()
            + self.recently_closed.heap_bytes()
    }
}

fn is_due(request: &Request, watermark: i64, window_ms: Option<i64>) -> bool {
    window_ms.is_some_and(|window_ms| {
        request.last_watermark != UNKNOWN && watermark.saturating_sub(request.last_watermark) > window_ms
    })
}
