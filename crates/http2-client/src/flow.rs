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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all windows and received lengths: a server may send what was announced and returned, and not a byte more.
        #[test]
        fn a_server_may_send_what_it_was_allowed(size in 2_u32..200_000, lengths in prop::collection::vec(0_u32..100_000, 0..50)) {
            let mut window = ReceiveWindow::new(size);
            let mut allowed = u64::from(size);
            for length in lengths {
                let Some(returned) = window.take(length) else {
                    prop_assert!(u64::from(length) > allowed);
                    break;
                };
                prop_assert!(u64::from(length) <= allowed);
                allowed = allowed - u64::from(length) + u64::from(returned);
                prop_assert!(allowed > u64::from(size / 2), "half of the window is always open");
            }
        }
    }
}
