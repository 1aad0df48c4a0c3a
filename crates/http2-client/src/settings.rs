//! The settings of the server (RFC 9113, section 6.5).

use crate::{
    connection_error::{ConnectionError, violation},
    flow::DEFAULT_WINDOW,
    frame::{MAX_31, PAYLOAD_MAX},
    reason::Reason,
};

pub(crate) const HEADER_TABLE_SIZE: u16 = 1;
pub(crate) const ENABLE_PUSH: u16 = 2;
pub(crate) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;
pub(crate) const MAX_FRAME_SIZE: u16 = 5;
pub(crate) const MAX_HEADER_LIST_SIZE: u16 = 6;

/// The largest payload that a setting may allow: 24 bits.
const FRAME_SIZE_MAX: u32 = 0xff_ffff;

/// The settings that a client obeys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerSettings {
    pub(crate) streams_max: usize,
    pub(crate) initial_window: u32,
    pub(crate) payload_max: usize,
    pub(crate) header_table_size: u32,
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self { streams_max: usize::MAX, initial_window: DEFAULT_WINDOW, payload_max: PAYLOAD_MAX, header_table_size: 4096 }
    }
}

impl PeerSettings {
    /// Applies one setting. Unknown settings are ignored.
    pub(crate) fn apply(&mut self, identifier: u16, value: u32) -> Result<(), ConnectionError> {
        match identifier {
            HEADER_TABLE_SIZE => self.header_table_size = value,
            ENABLE_PUSH if value != 0 => {
                return Err(violation(Reason::PROTOCOL_ERROR, "SETTINGS_ENABLE_PUSH of a server must be 0"));
            }
            MAX_CONCURRENT_STREAMS => self.streams_max = usize::try_from(value).unwrap_or(usize::MAX),
            INITIAL_WINDOW_SIZE if value > MAX_31 => {
                return Err(violation(Reason::FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE is above 2147483647"));
            }
            INITIAL_WINDOW_SIZE => self.initial_window = value,
            MAX_FRAME_SIZE => {
                if !(16_384..=FRAME_SIZE_MAX).contains(&value) {
                    return Err(violation(Reason::PROTOCOL_ERROR, "SETTINGS_MAX_FRAME_SIZE is outside 16384 to 16777215"));
                }
                self.payload_max = value as usize;
            }
            _ => {}
        }
        Ok(())
    }
}
