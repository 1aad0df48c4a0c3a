//! Flow control (RFC 9113, section 5.2): the windows of a connection and of its streams.

use crate::frame::MAX_31;

/// The initial window of a connection, and of a stream without settings.
pub(crate) const DEFAULT_WINDOW: u32 = 65_535;

/// How many bytes this client may send. A change of settings can make it negative.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendWindow(i64);

impl SendWindow {
    pub(crate) fn new(size: u32) -> Self {
        Self(size.into())
    }

    /// Changes the window by this number of bytes. Returns whether the window is within its maximum.
    #[must_use]
    pub(crate) fn change(&mut self, by: i64) -> bool {
        self.0 += by;
        self.0 <= i64::from(MAX_31)
    }

    /// The number of bytes that may be sent.
    pub(crate) fn room(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }

    /// Takes bytes that are sent. There is room for them.
    pub(crate) fn take(&mut self, length: usize) {
        debug_assert!(length <= self.room(), "bytes are sent only within the window");
        self.0 -= i64::try_from(length).unwrap_or(i64::MAX);
    }
}

/// How many bytes the server may send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveWindow {
    left: u32,
    /// The received bytes that the client has not returned to the window.
    unreturned: u32,
    /// The number of bytes that is worth a frame.
    batch: u32,
}

impl ReceiveWindow {
    pub(crate) const fn new(size: u32) -> Self {
        Self { left: size, unreturned: 0, batch: size / 2 }
    }

    /// Takes received bytes. `None` if the server has sent more than the window allows; otherwise the increment to announce, or 0.
    pub(crate) fn take(&mut self, length: u32) -> Option<u32> {
        self.left = self.left.checked_sub(length)?;
        self.unreturned += length;
        if self.unreturned < self.batch {
            return Some(0);
        }
        let returned = std::mem::take(&mut self.unreturned);
        self.left += returned;
        Some(returned)
    }
}
