//! The header that makes a request part of a trace: `traceparent` of W3C Trace Context, version 00.
//!
//! Invariant: the value is valid for receivers: neither id is zero, and both have lower-case digits.

/// The end of an HTTP/1.1 head with the header: the line break before it, the header, and the empty line.
const TEMPLATE: &[u8; LENGTH] = b"\r\ntraceparent: 00-00000000000000000000000000000000-0000000000000000-01\r\n\r\n";

const LENGTH: usize = VALUE_START + VALUE_LENGTH + 4;
const VALUE_START: usize = "\r\ntraceparent: ".len();
const VALUE_LENGTH: usize = "00-00000000000000000000000000000000-0000000000000000-01".len();
const TRACE_START: usize = VALUE_START + "00-".len();
const TRACE_LENGTH: usize = 32;
const PARENT_START: usize = TRACE_START + TRACE_LENGTH + "-".len();
const PARENT_LENGTH: usize = 16;

/// The trace that a request belongs to, as the value of the header `traceparent`. The trace is marked as sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent([u8; LENGTH]);

impl TraceParent {
    /// Returns the trace with the id of a UUID: its 32 hexadecimal digits, without the hyphens. The parent id is the last 16 of them. Both are
    /// not zero, because the UUID has a version and a variant. Digits after the 32nd are ignored.
    pub fn of_uuid(text: &[u8; 36]) -> Self {
        let mut head_end = *TEMPLATE;
        let digits = text.iter().filter(|byte| **byte != b'-').map(u8::to_ascii_lowercase);
        for (place, digit) in head_end[TRACE_START..TRACE_START + TRACE_LENGTH].iter_mut().zip(digits) {
            *place = digit;
        }
        head_end.copy_within(PARENT_START - 1 - PARENT_LENGTH..PARENT_START - 1, PARENT_START);
        Self(head_end)
    }

    /// The value of the header.
    pub fn value(&self) -> &[u8] {
        &self.0[VALUE_START..VALUE_START + VALUE_LENGTH]
    }

    /// The end of an HTTP/1.1 head, after its last header: the header with its value, and the empty line.
    pub(super) fn head_end(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_has_the_digits_of_its_uuid() {
        let trace = TraceParent::of_uuid(b"4BF92F35-77b3-4da6-a3ce-929d0e0e4736");
        let expected = "00-4bf92f3577b34da6a3ce929d0e0e4736-a3ce929d0e0e4736-01";
        assert_eq!(str::from_utf8(trace.value()).unwrap(), expected);
        assert_eq!(str::from_utf8(trace.head_end()).unwrap(), format!("\r\ntraceparent: {expected}\r\n\r\n"));
    }
}
