//! The client protocol of NATS: reads the operations of a server and writes those of a client. A pure data structure: no clock, no I/O.

use thiserror::Error;

/// The maximum length of a line. The line of `INFO` can list the servers of a cluster.
const LINE_MAX: usize = 256 << 10;

/// The maximum length of a received message. An acknowledgement is far shorter.
const MESSAGE_MAX: usize = 1 << 20;

/// The header block of a message up to the value of its header.
const HEADERS_BEGIN: &[u8] = b"NATS/1.0\r\nNats-Msg-Id: ";

/// An operation of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation<'a> {
    /// The properties of the server, as JSON.
    Info(&'a [u8]),
    Message(Message<'a>),
    Ping,
    Pong,
    Ok,
    /// The text of an error.
    Error(&'a [u8]),
}

/// A message that the server delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) subject: &'a [u8],
    /// The header block, with its version line; empty without headers.
    pub(super) headers: &'a [u8],
    pub(super) payload: &'a [u8],
}

impl Message<'_> {
    /// The status in the version line, such as 503.
    pub(super) fn status(&self) -> Option<u16> {
        let digits = self.headers.strip_prefix(b"NATS/1.0 ")?.first_chunk::<3>()?;
        str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// The bytes are no operation of a NATS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the server sent bytes that are not NATS")]
pub(super) struct Malformed;

/// Reads the first operation. Returns it with its length; `None` if it is not complete.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Operation<'_>, usize)>, Malformed> {
    let Some(line_end) = bytes.iter().take(LINE_MAX).position(|&byte| byte == b'\n') else {
        return if bytes.len() < LINE_MAX && may_begin(bytes) { Ok(None) } else { Err(Malformed) };
    };
    let after_line = line_end + 1;
    let line = bytes[..line_end].strip_suffix(b"\r").unwrap_or(&bytes[..line_end]);
    let (name, rest) = line.split_at(line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len()));
    let operation = match name {
        b"MSG" => return read_message(bytes, after_line, rest, false),
        b"HMSG" => return read_message(bytes, after_line, rest, true),
        b"PING" => Operation::Ping,
        b"PONG" => Operation::Pong,
        b"+OK" => Operation::Ok,
        b"-ERR" => Operation::Error(rest.trim_ascii()),
        b"INFO" => Operation::Info(rest.trim_ascii()),
        _ => return Err(Malformed),
    };
    Ok(Some((operation, after_line)))
}

/// Whether an operation may begin with these bytes, of which there are only some. So another protocol is found before its line ends.
fn may_begin(bytes: &[u8]) -> bool {
    [&b"INFO "[..], b"MSG ", b"HMSG ", b"PING", b"PONG", b"+OK", b"-ERR "].iter().any(|name| {
        let known = name.len().min(bytes.len());
        bytes[..known] == name[..known]
    })
}

/// Reads `MSG <subject> <sid> [reply] <bytes>` or `HMSG <subject> <sid> [reply] <header bytes> <bytes>`.
fn read_message<'a>(
    bytes: &'a [u8],
    begin: usize,
    arguments: &'a [u8],
    has_headers: bool,
) -> Result<Option<(Operation<'a>, usize)>, Malformed> {
    let arguments = arguments.split(u8::is_ascii_whitespace).filter(|argument| !argument.is_empty());
    let mut from_end = arguments.clone().rev();
    let length = number(from_end.next())?;
    let headers_length = if has_headers { number(from_end.next())? } else { 0 };
    let sizes = 1 + usize::from(has_headers);
    let names = arguments.clone().count().checked_sub(sizes).ok_or(Malformed)?;
    if !(2..=3).contains(&names) || headers_length > length || length > MESSAGE_MAX {
        return Err(Malformed);
    }
    let subject = arguments.clone().next().ok_or(Malformed)?;
    let (payload, end) = (begin + headers_length, begin + length);
    let Some(&terminator) = bytes.get(end..).and_then(|rest| rest.first_chunk::<2>()) else { return Ok(None) };
    if &terminator != b"\r\n" {
        return Err(Malformed);
    }
    let message = Message { subject, headers: &bytes[begin..payload], payload: &bytes[payload..end] };
    Ok(Some((Operation::Message(message), end + 2)))
}

fn number(argument: Option<&[u8]>) -> Result<usize, Malformed> {
    str::from_utf8(argument.ok_or(Malformed)?).ok().and_then(|text| text.parse().ok()).ok_or(Malformed)
}

/// The length of a message with this body, headers included. The server compares it with `max_payload`.
pub(super) const fn message_length(event_id: &[u8], body: &[u8]) -> usize {
    headers_length(event_id) + body.len()
}

const fn headers_length(event_id: &[u8]) -> usize {
    HEADERS_BEGIN.len() + event_id.len() + 4
}

/// Appends an operation that publishes a body with its event id as `Nats-Msg-Id`. If there is a reply, the acknowledgement goes to the
/// subject `inbox` followed by `.place.sequence`.
pub(super) fn write_publish(out: &mut Vec<u8>, subject: &[u8], reply: Option<(&str, usize, u64)>, event_id: &[u8], body: &[u8]) {
    use std::io::Write;

    out.extend_from_slice(b"HPUB ");
    out.extend_from_slice(subject);
    let (headers, all) = (headers_length(event_id), message_length(event_id, body));
    if let Some((inbox, place, sequence)) = reply {
        write!(out, " {inbox}.{place}.{sequence}").expect("a vector accepts all bytes");
    }
    write!(out, " {headers} {all}\r\n").expect("a vector accepts all bytes");
    for part in [HEADERS_BEGIN, event_id, b"\r\n\r\n", body, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// The place and the sequence number at the end of the subject of an acknowledgement.
pub(super) fn place_of(subject: &[u8]) -> Option<(usize, u64)> {
    let mut tokens = str::from_utf8(subject).ok()?.rsplit('.');
    let sequence = tokens.next()?.parse().ok()?;
    Some((tokens.next()?.parse().ok()?, sequence))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SESSION: &[u8] =
        b"INFO {\"a\":1}\r\nPING\r\n+OK\r\nMSG _INBOX.a.3.17 1 5\r\n{\"a\"}\r\nHMSG _INBOX.a.4.18 1 r 16 16\r\n\
                             NATS/1.0 503\r\n\r\n\r\n-ERR 'Stale Connection'\r\nMSG s 1 0\r\n\r\nPONG\r\n";

    /// All operations of a text, as debug texts.
    fn operations(mut bytes: &[u8]) -> Result<(Vec<String>, usize), Malformed> {
        let mut all = Vec::new();
        while let Some((operation, length)) = read(bytes)? {
            all.push(format!("{operation:?}"));
            bytes = &bytes[length..];
        }
        Ok((all, bytes.len()))
    }

    proptest! {
        /// For all bytes, reading ends, and an operation is never longer than the bytes.
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), from in 0..SESSION.len()) {
            let mut both = SESSION[from..].to_vec();
            both.extend(&bytes);
            for bytes in [bytes, both] {
                if let Ok(Some((_, length))) = read(&bytes) {
                    prop_assert!((1..=bytes.len()).contains(&length));
                }
            }
        }

        /// For all lengths, the beginning of a session has a prefix of its operations.
        #[test]
        fn the_beginning_of_a_session_waits_for_the_rest(length in 0..=SESSION.len()) {
            let (all, left) = operations(SESSION).unwrap();
            prop_assert_eq!((all.len(), left), (8, 0));
            let (some, _) = operations(&SESSION[..length]).unwrap();
            prop_assert_eq!(&some[..], &all[..some.len()]);
        }
    }

    #[test]
    fn a_message_has_its_parts() {
        let (operation, _) = read(b"HMSG _INBOX.a.4.18 1 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n").unwrap().unwrap();
        let Operation::Message(message) = operation else { panic!("{operation:?}") };
        assert_eq!((message.status(), message.payload, place_of(message.subject)), (Some(503), &b""[..], Some((4, 18))));
    }

    #[test]
    fn other_protocols_are_told_at_once() {
        for text in [
            "SSH-2.0-x",
            "HTTP/1.1 400 Bad Request\r\n",
            "\0",
            "MSG a 1 x\r\n",
            "MSG a 1 2000000\r\n",
            "HMSG a 1 9 8\r\n",
            "MSG\r\n",
        ] {
            assert_eq!(read(text.as_bytes()), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn a_published_message_states_its_lengths() {
        let mut out = Vec::new();
        write_publish(&mut out, b"events.a", Some(("_INBOX.x", 3, 17)), b"id", b"{}");
        let expected = "HPUB events.a _INBOX.x.3.17 29 31\r\nNATS/1.0\r\nNats-Msg-Id: id\r\n\r\n{}\r\n";
        assert_eq!((str::from_utf8(&out).unwrap(), message_length(b"id", b"{}")), (expected, 31));
        out.clear();
        write_publish(&mut out, b"events.a", None, b"id", b"{}");
        assert_eq!(str::from_utf8(&out).unwrap(), expected.replace(" _INBOX.x.3.17", ""));
    }
}
