//! The streams of a connection: open ones by their identifier, and closed ones until the caller takes their response.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use slab::Slab;

use crate::flow::{ReceiveWindow, SendWindow};

/// Refers to a request until its response is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamKey {
    index: usize,
    id: u32,
}

impl StreamKey {
    /// The identifier of the stream.
    pub const fn id(self) -> u32 {
        self.id
    }
}

/// The part of the response that the server sends next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Head,
    Body,
    Closed,
}

/// A request and its response.
#[derive(Debug)]
pub(crate) struct Stream<R> {
    pub(crate) id: u32,
    pub(crate) phase: Phase,
    pub(crate) send_window: SendWindow,
    pub(crate) receive_window: ReceiveWindow,
    /// The part of the request body that waits for a window or for room in the output.
    pub(crate) rest: Vec<u8>,
    /// The length of the response body according to its head.
    pub(crate) expected_length: Option<u64>,
    /// The received length of the response body.
    pub(crate) received_length: u64,
    pub(crate) response: R,
}

#[derive(Debug)]
pub(crate) struct Streams<R> {
    slots: Slab<Stream<R>>,
    open: HashMap<u32, usize, BuildHasherDefault<IdHasher>>,
}

impl<R> Streams<R> {
    pub(crate) fn new() -> Self {
        Self { slots: Slab::new(), open: HashMap::default() }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn insert(&mut self, stream: Stream<R>) -> StreamKey {
        let id = stream.id;
        let index = self.slots.insert(stream);
        self.open.insert(id, index);
        StreamKey { index, id }
    }

    /// The stream with this identifier, if it is open.
    pub(crate) fn open_mut(&mut self, id: u32) -> Option<&mut Stream<R>> {
        let index = *self.open.get(&id)?;
        self.slots.get_mut(index)
    }

    /// The stream of a key, open or closed, until its response is taken.
    pub(crate) fn get(&self, key: StreamKey) -> Option<&Stream<R>> {
        self.slots.get(key.index).filter(|stream| stream.id == key.id)
    }

    pub(crate) fn get_mut(&mut self, key: StreamKey) -> Option<&mut Stream<R>> {
        self.slots.get_mut(key.index).filter(|stream| stream.id == key.id)
    }

    /// Closes an open stream. Returns it.
    pub(crate) fn close(&mut self, id: u32) -> Option<&mut Stream<R>> {
        let stream = self.slots.get_mut(self.open.remove(&id)?)?;
        stream.phase = Phase::Closed;
        stream.rest = Vec::new();
        Some(stream)
    }

    /// Removes a closed stream.
    pub(crate) fn remove(&mut self, key: StreamKey) -> Option<Stream<R>> {
        self.get(key)?;
        self.open.remove(&key.id);
        self.slots.try_remove(key.index)
    }

    /// The identifiers of all open streams.
    pub(crate) fn open_ids(&self) -> Vec<u32> {
        let mut ids: Vec<_> = self.open.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn all_open(&mut self) -> impl Iterator<Item = &mut Stream<R>> {
        self.slots.iter_mut().map(|(_, stream)| stream).filter(|stream| stream.phase != Phase::Closed)
    }
}

/// A hash of stream identifiers. The client chooses the identifiers, so no server can make them collide.
#[derive(Debug, Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("identifiers are hashed as u32");
    }

    fn write_u32(&mut self, id: u32) {
        self.0 = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
