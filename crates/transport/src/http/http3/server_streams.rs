//! The streams that a server opens: its control stream and those of the header compression (RFC 9114, section 6.2).

use quinn::{ReadError, RecvStream, VarInt};

use super::{
    response::{frame, frame_header},
    state::State,
    varint,
};
use crate::http::http3_error::Malformed;

/// Stream types (RFC 9114, section 6.2, and RFC 9204, section 4.2).
const CONTROL: u64 = 0x0;
const PUSH: u64 = 0x1;
const ENCODER: u64 = 0x2;
const DECODER: u64 = 0x3;

/// The error code for streams of an unknown type.
const STREAM_CREATION_ERROR: VarInt = VarInt::from_u32(0x103);

/// The maximum length of a frame that the client reads from the control stream.
const FRAME_MAX: u64 = 16 << 10;

/// Reads a stream of the server to its end. Returns an error if the connection has to end. The loss of the connection is no such error.
pub(super) async fn read_stream(stream: RecvStream, state: &State) -> Result<(), Malformed> {
    let mut bytes = Bytes { stream, read: Vec::new(), is_ended: false };
    let Some(kind) = bytes.varint().await else { return Ok(()) };
    match kind {
        CONTROL => read_control(&mut bytes, state).await,
        PUSH => Err(Malformed::Id),
        ENCODER | DECODER => {
            // Without a dynamic table, nothing on these streams matters.
            while bytes.read_more().await {
                bytes.read.clear();
            }
            bytes.closed()
        }
        _ => {
            // The stream may have ended.
            let _ = bytes.stream.stop(STREAM_CREATION_ERROR);
            Ok(())
        }
    }
}

async fn read_control(bytes: &mut Bytes, state: &State) -> Result<(), Malformed> {
    let mut is_first = true;
    while let Some((kind, length)) = bytes.frame_header().await {
        if is_first != (kind == frame::SETTINGS) {
            let second = Malformed::UnexpectedFrame("SETTINGS twice");
            return Err(if is_first { Malformed::NoSettings } else { second });
        }
        is_first = false;
        if kind == frame::SETTINGS {
            state.note_settings();
        }
        match kind {
            frame::GOAWAY if length <= FRAME_MAX => {
                let Some(payload) = bytes.payload(length).await else { break };
                match varint::read(&payload) {
                    Some((id, read)) if read == payload.len() => state.note_goaway(id)?,
                    _ => return Err(Malformed::CutShort),
                }
            }
            frame::DATA | frame::HEADERS | frame::PUSH_PROMISE | frame::MAX_PUSH_ID | frame::GOAWAY => {
                return Err(Malformed::UnexpectedFrame("a frame that must not be on the control stream"));
            }
            frame::CANCEL_PUSH => return Err(Malformed::Id),
            kind if frame::OF_HTTP2.contains(&kind) => return Err(Malformed::UnexpectedFrame("a frame of HTTP/2")),
            // The settings of a server limit what the client does not use: a dynamic table, and very long headers.
            _ => {
                if !bytes.skip(length).await {
                    break;
                }
            }
        }
    }
    bytes.closed()
}

/// The bytes of a stream.
struct Bytes {
    stream: RecvStream,
    /// The bytes that were read and not used yet.
    read: Vec<u8>,
    is_ended: bool,
}

impl Bytes {
    /// Reads the next bytes. Returns whether there are any.
    async fn read_more(&mut self) -> bool {
        match self.stream.read_chunk(usize::MAX, true).await {
            Ok(Some(chunk)) => {
                self.read.extend_from_slice(&chunk.bytes);
                return true;
            }
            Ok(None) | Err(ReadError::Reset(_)) => self.is_ended = true,
            Err(_) => {}
        }
        false
    }

    /// The end of a stream that has to last as long as the connection.
    fn closed(&self) -> Result<(), Malformed> {
        if self.is_ended { Err(Malformed::ClosedControl) } else { Ok(()) }
    }

    async fn varint(&mut self) -> Option<u64> {
        loop {
            if let Some((value, length)) = varint::read(&self.read) {
                self.read.drain(..length);
                return Some(value);
            }
            if !self.read_more().await {
                return None;
            }
        }
    }

    /// Reads the type and the length of a frame.
    async fn frame_header(&mut self) -> Option<(u64, u64)> {
        while frame_header(&self.read).is_none() {
            if !self.read_more().await {
                return None;
            }
        }
        Some((self.varint().await?, self.varint().await?))
    }

    async fn payload(&mut self, length: u64) -> Option<Vec<u8>> {
        let length = usize::try_from(length).ok()?;
        while self.read.len() < length {
            if !self.read_more().await {
                return None;
            }
        }
        Some(self.read.drain(..length).collect())
    }

    /// Skips the payload of a frame. Returns whether it was complete.
    async fn skip(&mut self, mut length: u64) -> bool {
        loop {
            let taken = self.read.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            self.read.drain(..taken);
            length -= taken as u64;
            if length == 0 {
                return true;
            }
            if !self.read_more().await {
                return false;
            }
        }
    }
}
