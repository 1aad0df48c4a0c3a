//! Counts how often a limit was exceeded.

use crate::counter::Counter;
use crate::summary::LimitCounts;

/// How often a limit was exceeded.
#[derive(Debug, Default)]
pub(crate) struct LimitCounters {
    too_slow: Counter,
    no_memory: Counter,
    closed_connections: Counter,
}

impl LimitCounters {
    pub(crate) fn count_too_slow(&self) {
        self.too_slow.increment();
    }

    pub(crate) fn count_no_memory(&self) {
        self.no_memory.increment();
    }

    pub(crate) fn count_closed_connection(&self) {
        self.closed_connections.increment();
    }

    pub(crate) fn counts(&self) -> LimitCounts {
        LimitCounts {
            too_slow: self.too_slow.get(),
            no_memory: self.no_memory.get(),
            closed_connections: self.closed_connections.get(),
        }
    }
}
