//! The state that the workers of a receiver share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::limit_counters::LimitCounters;
use crate::limits::Limits;
use crate::memory::Memory;

/// The large buffers of connections get `1 / BUFFERS_PART` of the memory.
const BUFFERS_PART: usize = 4;

/// The state that the workers of a receiver share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) memory: Arc<Memory>,
    /// The part of the memory for the large buffers of connections.
    pub(crate) buffers: Arc<Memory>,
    pub(crate) counters: LimitCounters,
    /// Whether the receiver stops. A receiver that stops closes idle connections.
    is_stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn new(limits: Limits) -> Self {
        let buffers = limits.memory_bytes / BUFFERS_PART;
        let memory = Arc::new(Memory::new(limits.memory_bytes - buffers));
        Self {
            limits,
            memory,
            buffers: Arc::new(Memory::new(buffers)),
            counters: LimitCounters::default(),
            is_stopping: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_stopping(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }
}
