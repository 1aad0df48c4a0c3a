//! The state of a connection that its requests and its driver share. They run on one thread.

use std::cell::{Cell, RefCell};

use quinn::{RecvStream, SendStream};
use tokio::sync::Notify;

use crate::http::http3_error::Malformed;

/// The state of a connection.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The smallest id in a GOAWAY of the server: it processes no request with this id or a larger id.
    goaway: Cell<Option<u64>>,
    has_goaway: Notify,
    has_settings: Cell<bool>,
    settings_came: Notify,
    /// Streams that were opened and carry no request yet.
    pub(super) spare: RefCell<Vec<(SendStream, RecvStream)>>,
    /// The number of streams that carry a request.
    pub(super) in_use: Cell<usize>,
    /// Notified when a request needs another stream, and the server allows none at the moment.
    pub(super) wants_stream: Notify,
    /// The first data of the server that was not valid HTTP/3. It ends the connection.
    fault: Cell<Option<Malformed>>,
}

impl State {
    /// Records that the server does not process requests from this id on.
    pub(super) fn note_goaway(&self, id: u64) -> Result<(), Malformed> {
        /// The last two bits of an id tell who opened the stream, and its directions. Requests have 0.
        const KIND: u64 = 0x3;
        if id & KIND != 0 || self.goaway.get().is_some_and(|earlier| id > earlier) {
            return Err(Malformed::Id);
        }
        self.goaway.set(Some(id));
        self.has_goaway.notify_waiters();
        Ok(())
    }

    /// Whether the server accepts no more requests on this connection.
    pub(super) fn is_going_away(&self) -> bool {
        self.goaway.get().is_some()
    }

    /// Whether the server has said that it does not process this request.
    pub(super) fn is_not_taken(&self, id: u64) -> bool {
        self.goaway.get().is_some_and(|from| id >= from)
    }

    /// Resolves when the server says that it does not process this request.
    pub(super) async fn until_not_taken(&self, id: u64) {
        while !self.is_not_taken(id) {
            self.has_goaway.notified().await;
        }
    }

    /// Records that the server has sent its settings.
    pub(super) fn note_settings(&self) {
        self.has_settings.set(true);
        self.settings_came.notify_waiters();
    }

    /// Resolves when the server has sent its settings.
    pub(super) async fn until_settings(&self) {
        while !self.has_settings.get() {
            self.settings_came.notified().await;
        }
    }

    /// Records why the connection ends.
    pub(super) fn note_fault(&self, fault: Malformed) {
        self.fault.set(self.fault.get().or(Some(fault)));
    }

    /// Why this client has ended the connection, if it has.
    pub(super) fn fault(&self) -> Option<Malformed> {
        self.fault.get()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all sequences of GOAWAY ids, a request counts as not processed exactly if one of the accepted ids is at most its id. An id
        /// that is larger than an earlier one, or not the id of a request, is refused.
        #[test]
        fn requests_from_the_smallest_id_on_are_not_processed(ids in prop::collection::vec(0u64..40, 0..6), request in 0u64..10) {
            let state = State::default();
            let mut smallest: Option<u64> = None;
            for id in ids {
                let is_valid = id % 4 == 0 && smallest.is_none_or(|smallest| id <= smallest);
                prop_assert_eq!(state.note_goaway(id).is_ok(), is_valid);
                if is_valid {
                    smallest = Some(id);
                }
            }
            let id = 4 * request;
            prop_assert_eq!(state.is_not_taken(id), smallest.is_some_and(|smallest| smallest <= id));
            prop_assert_eq!(state.is_going_away(), smallest.is_some());
        }
    }
}
