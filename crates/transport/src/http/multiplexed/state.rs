//! The state of a connection, shared by its requests and its driver. All of them run on one thread.

use std::{mem, sync::Arc, task::Waker};

use http2_client::{Connection, Readiness};

use super::{super::http2_error::Http2Error, call::Call};

#[derive(Debug)]
pub(super) struct State {
    pub(super) connection: Connection<Call>,
    /// Why the connection ended, once it has.
    pub(super) end: Option<Arc<Http2Error>>,
    /// Whether anything was read since the last check.
    pub(super) has_heard: bool,
    /// Whether the connection is no longer needed.
    pub(super) is_unwanted: bool,
    /// The requests that wait until the server allows them.
    waiting: Vec<Waker>,
    driver: Option<Waker>,
    is_driver_woken: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            connection: Connection::new(),
            end: None,
            has_heard: false,
            is_unwanted: false,
            waiting: Vec::new(),
            driver: None,
            is_driver_woken: false,
        }
    }

    /// Notes that the driver runs now.
    pub(super) fn note_driver(&mut self, waker: &Waker) {
        self.is_driver_woken = false;
        match &mut self.driver {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Wakes the driver, because there is output. Many requests wake it once.
    pub(super) fn wake_driver(&mut self) {
        if !mem::replace(&mut self.is_driver_woken, true)
            && let Some(driver) = &self.driver
        {
            driver.wake_by_ref();
        }
    }

    /// Adds a request that waits.
    pub(super) fn wait(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|known| known.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// Wakes all requests that wait, if one of them need not wait any more. The others wait again.
    pub(super) fn wake_waiting(&mut self) {
        if !self.waiting.is_empty() && self.connection.readiness() != Readiness::Wait {
            self.waiting.drain(..).for_each(Waker::wake);
        }
    }

    /// Notes why the connection ended. The first reason counts, but an error of the server explains more than the end of the byte stream.
    pub(super) fn set_end(&mut self, end: Http2Error) {
        let of_server = self.connection.error().map(Http2Error::Connection);
        self.end.get_or_insert_with(|| Arc::new(of_server.unwrap_or(end)));
    }
}
