//! The weight of the open connections of a worker.

use std::cell::Cell;
use std::sync::Arc;

use crate::shared::Shared;

/// The weight of the open connections of a worker. Closed connections that have not ended yet do not count.
pub(crate) struct OpenConnections {
    weight: Cell<usize>,
    shared: Arc<Shared>,
}

impl OpenConnections {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { weight: Cell::new(0), shared }
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight.get()
    }

    /// Counts a new connection, or more weight of an open one.
    pub(crate) fn add(&self, weight: usize) {
        self.weight.set(self.weight.get() + weight);
    }

    /// Removes a connection that has ended.
    pub(crate) fn remove_ended(&self, weight: usize) {
        self.weight.set(self.weight.get() - weight);
    }

    /// Removes a connection that the receiver closes.
    pub(crate) fn remove_closed(&self, weight: usize) {
        self.remove_ended(weight);
        if !self.shared.is_stopping() {
            self.shared.counters.count_closed_connection();
        }
    }
}
