//! The bytes of a server, and a response that records everything.

use std::ops::ControlFlow;

use http2_client::{Connection, Ending, RequestError, RequestHead, Response};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;

/// `:status: 200`, from the static table.
pub(crate) const STATUS_200: &[u8] = &[0x88];

/// Records a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The maximum length of the body, if it is not 0.
    pub(crate) body_max: usize,
    pub(crate) sent: u32,
    pub(crate) endings: Vec<Result<Ending, RequestError>>,
}

impl Response for Recorded {
    type Moment = ();

    fn sent(&mut self, (): ()) {
        self.sent += 1;
    }

    fn head(&mut self, status: u16, (): ()) {
        assert_eq!(self.status, 0, "a response has one head");
        self.status = status;
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.fields.push((name.to_vec(), value.to_vec()));
    }

    fn data(&mut self, data: &[u8]) -> ControlFlow<()> {
        self.body.extend_from_slice(data);
        if self.body_max > 0 && self.body.len() >= self.body_max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn ended(&mut self, ending: Result<Ending, RequestError>, (): ()) {
        self.endings.push(ending);
    }
}

/// A head for tests.
pub(crate) fn head() -> RequestHead {
    let fields: [(&[u8], &[u8]); 6] = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"jobs.example"),
        (b":path", b"/events"),
        (b"content-type", b"application/json"),
        (b"authorization", b"Bearer secret"),
    ];
    RequestHead::new(&fields, true).unwrap()
}

/// A frame as bytes.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A SETTINGS frame.
pub(crate) fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        settings.iter().flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(SETTINGS, 0, 0, &payload)
}

/// A header as a literal that is not added to the table.
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// A received frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// Reads the frames of a client, without the preface.
pub(crate) fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<9>() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let (payload, after) = rest.split_at(length);
        frames.push(Frame { kind: head[3], flags: head[4], stream, payload: payload.to_vec() });
        bytes = after;
    }
    assert!(bytes.is_empty(), "the output has whole frames");
    frames
}

/// A connection whose server has sent these settings, with an empty output.
pub(crate) fn connected(with: &[(u16, u32)]) -> Connection<Recorded> {
    let mut connection = Connection::new();
    receive(&mut connection, &settings(with)).unwrap();
    write_all(&mut connection);
    connection
}

/// Passes whole frames.
pub(crate) fn receive(connection: &mut Connection<Recorded>, bytes: &[u8]) -> Result<(), http2_client::ConnectionError> {
    let consumed = connection.receive(bytes, ())?;
    assert!(consumed == bytes.len() || !connection.wants_input(), "whole frames are consumed");
    Ok(())
}

/// Writes the whole output. Returns its frames.
pub(crate) fn write_all(connection: &mut Connection<Recorded>) -> Vec<Frame> {
    let mut written = Vec::new();
    while !connection.output().is_empty() {
        written.extend_from_slice(connection.output());
        connection.wrote(connection.output().len(), ());
    }
    frames(written.strip_prefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap_or(&written))
}
