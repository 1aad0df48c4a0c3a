//! The error codes of HTTP/2.

use std::fmt;

/// An error code of RFC 9113, section 7. Servers may send codes that have no name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(u32);

macro_rules! reasons {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        impl Reason {
            $(#[doc = $text] pub const $name: Self = Self($code);)*

            /// The name in the RFC, if the code has one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    NO_ERROR = 0, "Not an error, for example an orderly close.";
    PROTOCOL_ERROR = 1, "The peer violates the protocol.";
    INTERNAL_ERROR = 2, "An internal error of the sender.";
    FLOW_CONTROL_ERROR = 3, "The peer violates flow control.";
    SETTINGS_TIMEOUT = 4, "The peer does not acknowledge settings.";
    STREAM_CLOSED = 5, "A frame on a closed stream.";
    FRAME_SIZE_ERROR = 6, "A frame has a wrong size.";
    REFUSED_STREAM = 7, "The request was refused before it was processed.";
    CANCEL = 8, "The response is no longer needed.";
    COMPRESSION_ERROR = 9, "A header block cannot be decoded.";
    CONNECT_ERROR = 10, "The connection behind a CONNECT request failed.";
    ENHANCE_YOUR_CALM = 11, "The peer causes excessive load.";
    INADEQUATE_SECURITY = 12, "TLS is too weak.";
    HTTP_1_1_REQUIRED = 13, "The request needs HTTP/1.1.";
}

impl Reason {
    /// The reason with this code.
    pub const fn from_code(code: u32) -> Self {
        Self(code)
    }

    /// The code.
    pub const fn code(self) -> u32 {
        self.0
    }
}

/// The name in the RFC, or the code.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error code {:#x}", self.0),
        }
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
