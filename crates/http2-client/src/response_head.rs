//! Checks the header blocks of a response (RFC 9113, section 8).

use crate::request_head::{is_valid_name, is_valid_value};

/// The maximum size of the headers of a response, and of their encoded form, in bytes.
pub const HEADER_LIST_MAX: usize = 64 << 10;

/// The size of a field apart from its bytes (RFC 9113, section 6.5.2).
const FIELD_OVERHEAD: usize = 32;

/// The headers that belong to one hop, which HTTP/2 does not allow.
const HOP_HEADERS: [&[u8]; 5] = [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];

/// The check of one block, field by field.
#[derive(Debug, Default)]
pub(crate) struct HeadCheck {
    /// The status; 0 if there is none yet.
    pub(crate) status: u16,
    pub(crate) content_length: Option<u64>,
    /// The first violation.
    pub(crate) violation: Option<&'static str>,
    has_regular: bool,
    is_trailer: bool,
    size: usize,
}

/// What to do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The status of the response.
    Status,
    /// A header or a trailer of the final response.
    Regular,
    /// A field of an informational response, or a field after a violation.
    Ignored,
}

impl HeadCheck {
    pub(crate) fn new(is_trailer: bool) -> Self {
        Self { is_trailer, ..Self::default() }
    }

    /// Whether the response is informational: the final response follows.
    pub(crate) const fn is_interim(&self) -> bool {
        self.status != 0 && self.status < 200
    }

    /// Checks the next field.
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) -> Field {
        self.size += name.len() + value.len() + FIELD_OVERHEAD;
        if self.violation.is_none() {
            self.violation = self.violation_of(name, value);
        }
        if self.violation.is_some() {
            return Field::Ignored;
        }
        if name.starts_with(b":") {
            self.status = status(value).expect("the status was checked");
            return if self.is_interim() { Field::Ignored } else { Field::Status };
        }
        self.has_regular = true;
        if name == b"content-length" && !self.is_trailer {
            self.content_length = length(value);
        }
        if self.is_interim() { Field::Ignored } else { Field::Regular }
    }

    fn violation_of(&self, name: &[u8], value: &[u8]) -> Option<&'static str> {
        if self.size > HEADER_LIST_MAX {
            return Some("the headers are larger than 64 KiB");
        }
        if !is_valid_name(name) || !is_valid_value(value) {
            return Some("a header has characters that HTTP/2 does not allow");
        }
        if name.starts_with(b":") {
            return match name {
                _ if self.is_trailer => Some("a trailer is a pseudo-header field"),
                b":status" if self.status != 0 => Some("there are two statuses"),
                b":status" if self.has_regular => Some("the status is not the first header"),
                b":status" if status(value).is_none() => Some("the status is not a number from 100 to 999, or is 101"),
                b":status" => None,
                _ => Some("there is an unknown pseudo-header field"),
            };
        }
        if self.status == 0 && !self.is_trailer {
            return Some("the status is not the first header");
        }
        if HOP_HEADERS.contains(&name) {
            return Some("there is a header of HTTP/1.1");
        }
        if name == b"content-length" && !self.is_trailer {
            return match (length(value), self.content_length) {
                (None, _) => Some("the content-length is not a number"),
                (Some(one), Some(other)) if one != other => Some("there are two content-lengths"),
                _ => None,
            };
        }
        None
    }

    /// The violation of the whole block, if any.
    pub(crate) fn finish(&self, has_ended: bool) -> Option<&'static str> {
        if self.violation.is_some() {
            return self.violation;
        }
        if self.is_trailer {
            return (!has_ended).then_some("headers within the body do not end the response");
        }
        match self.status {
            0 => Some("there is no status"),
            ..200 if has_ended => Some("an informational response ends the response"),
            _ => None,
        }
    }
}

/// A status of three digits. HTTP/2 has no status 101.
fn status(value: &[u8]) -> Option<u16> {
    let &[a, b, c] = value else { return None };
    if ![a, b, c].iter().all(u8::is_ascii_digit) || a == b'0' {
        return None;
    }
    let status = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
    (status != 101).then_some(status)
}

fn length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(value).ok()?.parse().ok()
}
