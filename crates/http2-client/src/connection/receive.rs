//! The frames of the server.

use super::Connection;
use crate::{
    connection_error::{ConnectionError, violation},
    frame::{self, FrameHeader, HEADER_LENGTH, PAYLOAD_MAX},
    reason::Reason,
    response::{Ending, RequestError, Response},
    response_head::{Field, HEADER_LIST_MAX, HeadCheck},
    streams::Phase,
};

/// The maximum number of CONTINUATION frames of a block. A block of 64 KiB needs four.
const CONTINUATIONS_MAX: u32 = 128;

/// The maximum number of consecutive DATA frames without data.
const EMPTY_FRAMES_MAX: u32 = 1_000;

/// The maximum number of bytes of the server's message that are kept when it ends the connection.
const DEBUG_DATA_MAX: usize = 2 << 10;

/// The beginning of a header block.
#[derive(Debug)]
pub(super) struct PartialBlock {
    stream: u32,
    has_ended: bool,
    bytes: Vec<u8>,
    continuations: u32,
}

/// A GOAWAY frame of the server.
#[derive(Debug)]
pub(super) struct GoAway {
    last: u32,
    pub(super) reason: Reason,
    debug_data: Box<[u8]>,
}

impl GoAway {
    pub(super) fn error(&self) -> ConnectionError {
        ConnectionError::GoAway { reason: self.reason, debug_data: self.debug_data.clone() }
    }
}

impl<R: Response> Connection<R> {
    /// Takes bytes of the server. Returns the number of consumed bytes, which is a number of whole frames. Pass the other bytes again,
    /// followed by the next bytes. A frame has at most 16,393 bytes.
    ///
    /// The function consumes nothing more while the server leaves replies unread ([`Connection::wants_input`]).
    ///
    /// # Errors
    ///
    /// How the server violates HTTP/2. All open requests have then ended, and the output has a GOAWAY frame.
    pub fn receive(&mut self, input: &[u8], at: R::Moment) -> Result<usize, ConnectionError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let mut consumed = 0;
        while self.wants_input() {
            let rest = &input[consumed..];
            let Some(header) = FrameHeader::parse(rest) else { break };
            let whole = match self.check(header) {
                Err(error) => Err(error),
                Ok(()) => match rest.get(HEADER_LENGTH..HEADER_LENGTH + header.length) {
                    None => break,
                    Some(payload) => self.frame(header, payload, at),
                },
            };
            if let Err(error) = whole {
                self.fail(&error, at);
                return Err(error);
            }
            consumed += HEADER_LENGTH + header.length;
        }
        if !self.waiting.is_empty() {
            self.write_rests();
        }
        Ok(consumed)
    }

    /// Checks the header of a frame, before its payload has arrived.
    fn check(&self, header: FrameHeader) -> Result<(), ConnectionError> {
        if !self.has_settings && (header.kind != frame::SETTINGS || header.has(frame::ACK)) {
            return Err(violation(Reason::PROTOCOL_ERROR, "the first frame is not SETTINGS"));
        }
        if header.length > PAYLOAD_MAX {
            return Err(violation(Reason::FRAME_SIZE_ERROR, "a frame is longer than 16384 bytes"));
        }
        let continues = self.block.as_ref().map(|block| block.stream);
        if (header.kind == frame::CONTINUATION && continues != Some(header.stream))
            || (header.kind != frame::CONTINUATION && continues.is_some())
        {
            return Err(violation(Reason::PROTOCOL_ERROR, "a header block is not continued as it began"));
        }
        let is_of_stream =
            matches!(header.kind, frame::DATA | frame::HEADERS | frame::PRIORITY | frame::RST_STREAM | frame::CONTINUATION);
        if is_of_stream && header.stream == 0 {
            return Err(violation(Reason::PROTOCOL_ERROR, "a frame of a stream is on stream 0"));
        }
        if matches!(header.kind, frame::SETTINGS | frame::PING | frame::GOAWAY) && header.stream != 0 {
            return Err(violation(Reason::PROTOCOL_ERROR, "a frame of the connection is on a stream"));
        }
        let is_well_sized = match header.kind {
            frame::PRIORITY => header.length == 5,
            frame::RST_STREAM | frame::WINDOW_UPDATE => header.length == 4,
            frame::PING => header.length == 8,
            frame::GOAWAY => header.length >= 8,
            frame::SETTINGS if header.has(frame::ACK) => header.length == 0,
            frame::SETTINGS => header.length.is_multiple_of(6),
            _ => true,
        };
        if !is_well_sized {
            return Err(violation(Reason::FRAME_SIZE_ERROR, "a frame has a wrong length for its type"));
        }
        Ok(())
    }

    fn frame(&mut self, header: FrameHeader, payload: &[u8], at: R::Moment) -> Result<(), ConnectionError> {
        match header.kind {
            frame::DATA => self.data(header, payload, at),
            frame::HEADERS => self.headers(header, payload, at),
            frame::CONTINUATION => self.continuation(header, payload, at),
            frame::RST_STREAM => self.reset(header.stream, word(payload), at),
            frame::SETTINGS => self.settings(header, payload),
            frame::PUSH_PROMISE => Err(violation(Reason::PROTOCOL_ERROR, "PUSH_PROMISE, although push is disabled")),
            frame::PING => {
                if !header.has(frame::ACK) {
                    self.reply(frame::PING, frame::ACK, 0, payload);
                } else if self.is_ping_open && payload == super::PING_PAYLOAD {
                    self.is_ping_open = false;
                    self.pongs += 1;
                }
                Ok(())
            }
            frame::GOAWAY => self.go_away(payload, at),
            frame::WINDOW_UPDATE => self.window_update(header.stream, word(payload) & frame::MAX_31, at),
            // PRIORITY has no meaning for a client, and unknown types are for extensions.
            _ => Ok(()),
        }
    }

    /// Whether the client has not opened the stream.
    fn is_idle(&self, stream: u32) -> bool {
        stream.is_multiple_of(2) || stream >= self.next_id
    }

    fn idle_error() -> ConnectionError {
        violation(Reason::PROTOCOL_ERROR, "a frame is on a stream that the client has not opened")
    }

    fn reply(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.output.frame(kind, flags, stream, payload);
        self.replies += HEADER_LENGTH + payload.len();
    }

    /// Ends a request whose response is wrong.
    fn refuse_response(&mut self, stream: u32, reason: Reason, text: &'static str, at: R::Moment) {
        if let Some(open) = self.streams.close(stream) {
            open.response.ended(Err(RequestError::Malformed(text)), at);
            self.reply(frame::RST_STREAM, 0, stream, &reason.code().to_be_bytes());
        }
    }

    fn data(&mut self, header: FrameHeader, payload: &[u8], at: R::Moment) -> Result<(), ConnectionError> {
        let id = header.stream;
        if self.is_idle(id) {
            return Err(Self::idle_error());
        }
        let Some(data) = header.without_padding(payload) else {
            return Err(violation(Reason::PROTOCOL_ERROR, "the padding is longer than its frame"));
        };
        let has_ended = header.has(frame::END_STREAM);
        self.empty_frames = if data.is_empty() && !has_ended { self.empty_frames + 1 } else { 0 };
        if self.empty_frames > EMPTY_FRAMES_MAX {
            return Err(violation(Reason::ENHANCE_YOUR_CALM, "endless DATA frames without data"));
        }
        // Padding counts, and so do late frames of cancelled requests.
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        match self.receive_window.take(length) {
            None => return Err(Self::flow_error("the server exceeds the window of the connection")),
            Some(0) => {}
            Some(increment) => self.reply(frame::WINDOW_UPDATE, 0, 0, &increment.to_be_bytes()),
        }
        let Some(stream) = self.streams.open_mut(id) else { return Ok(()) };
        let Some(increment) = stream.receive_window.take(length) else {
            self.refuse_response(id, Reason::FLOW_CONTROL_ERROR, "it exceeds the window of the stream", at);
            return Ok(());
        };
        stream.received_length += data.len() as u64;
        if stream.phase == Phase::Head {
            self.refuse_response(id, Reason::PROTOCOL_ERROR, "there is a body before the headers", at);
        } else if stream.expected_length.is_some_and(|expected| stream.received_length > expected) {
            self.refuse_response(id, Reason::PROTOCOL_ERROR, "the body is longer than its content-length", at);
        } else if !data.is_empty() && stream.response.data(data).is_break() && !has_ended {
            if let Some(stream) = self.streams.close(id) {
                stream.response.ended(Ok(Ending::Cut), at);
            }
            self.reply(frame::RST_STREAM, 0, id, &Reason::CANCEL.code().to_be_bytes());
        } else if has_ended {
            self.complete(id, at);
        } else if increment > 0 {
            self.reply(frame::WINDOW_UPDATE, 0, id, &increment.to_be_bytes());
        }
        Ok(())
    }

    /// Ends a request at the end of its response.
    fn complete(&mut self, id: u32, at: R::Moment) {
        let Some(stream) = self.streams.open_mut(id) else { return };
        if stream.expected_length.is_some_and(|expected| stream.received_length != expected) {
            self.refuse_response(id, Reason::PROTOCOL_ERROR, "the body is shorter than its content-length", at);
            return;
        }
        let has_unsent = !stream.rest.is_empty();
        if let Some(stream) = self.streams.close(id) {
            stream.response.ended(Ok(Ending::Complete), at);
        }
        if has_unsent {
            // The server has answered without the rest of the body.
            self.reply(frame::RST_STREAM, 0, id, &Reason::CANCEL.code().to_be_bytes());
        }
    }

    fn headers(&mut self, header: FrameHeader, payload: &[u8], at: R::Moment) -> Result<(), ConnectionError> {
        if self.is_idle(header.stream) {
            return Err(Self::idle_error());
        }
        let Some(mut block) = header.without_padding(payload) else {
            return Err(violation(Reason::PROTOCOL_ERROR, "the padding is longer than its frame"));
        };
        if header.has(frame::PRIORITY_FLAG) {
            block = block.get(5..).ok_or(violation(Reason::FRAME_SIZE_ERROR, "HEADERS are too short for a priority"))?;
        }
        let has_ended = header.has(frame::END_STREAM);
        if header.has(frame::END_HEADERS) {
            return self.whole_block(header.stream, block, has_ended, at);
        }
        self.block = Some(PartialBlock { stream: header.stream, has_ended, bytes: block.to_vec(), continuations: 0 });
        Ok(())
    }

    fn continuation(&mut self, header: FrameHeader, payload: &[u8], at: R::Moment) -> Result<(), ConnectionError> {
        let Some(block) = &mut self.block else { return Ok(()) };
        block.continuations += 1;
        if block.continuations > CONTINUATIONS_MAX || block.bytes.len() + payload.len() > HEADER_LIST_MAX {
            return Err(violation(Reason::ENHANCE_YOUR_CALM, "a header block is larger than 64 KiB or has more than 128 parts"));
        }
        block.bytes.extend_from_slice(payload);
        if header.has(frame::END_HEADERS)
            && let Some(PartialBlock { stream, has_ended, bytes, .. }) = self.block.take()
        {
            return self.whole_block(stream, &bytes, has_ended, at);
        }
        Ok(())
    }

    fn whole_block(&mut self, id: u32, block: &[u8], has_ended: bool, at: R::Moment) -> Result<(), ConnectionError> {
        self.empty_frames = 0;
        let broken = |_| violation(Reason::COMPRESSION_ERROR, "a header block cannot be decoded");
        let Some(stream) = self.streams.open_mut(id) else {
            // The block may change the header table, although its response is no longer needed.
            return self.decoder.decode(block, |_, _| {}).map_err(broken);
        };
        let mut check = HeadCheck::new(stream.phase == Phase::Body);
        let response = &mut stream.response;
        let decoded = self.decoder.decode(block, |name, value| match check.field(name, value) {
            Field::Status => response.head(check.status, at),
            Field::Regular => response.field(name, value),
            Field::Ignored => {}
        });
        decoded.map_err(broken)?;
        if let Some(text) = check.finish(has_ended) {
            self.refuse_response(id, Reason::PROTOCOL_ERROR, text, at);
            return Ok(());
        }
        if check.is_interim() {
            return Ok(());
        }
        if stream.phase == Phase::Head {
            stream.phase = Phase::Body;
            // A response with status 304 may have the length of the body that it does not send.
            stream.expected_length = check.content_length.filter(|_| check.status != 304);
        }
        if has_ended {
            self.complete(id, at);
        }
        Ok(())
    }

    fn reset(&mut self, id: u32, code: u32, at: R::Moment) -> Result<(), ConnectionError> {
        if self.is_idle(id) {
            return Err(Self::idle_error());
        }
        let error = match Reason::from_code(code) {
            Reason::REFUSED_STREAM => RequestError::Refused,
            reason => RequestError::Reset(reason),
        };
        if let Some(stream) = self.streams.close(id) {
            stream.response.ended(Err(error), at);
        }
        Ok(())
    }

    fn settings(&mut self, header: FrameHeader, payload: &[u8]) -> Result<(), ConnectionError> {
        if header.has(frame::ACK) {
            return Ok(());
        }
        let before = self.peer.initial_window;
        for setting in payload.chunks_exact(6) {
            self.peer.apply(u16::from_be_bytes([setting[0], setting[1]]), word(&setting[2..]))?;
        }
        self.has_settings = true;
        self.encoder.set_table_size(self.peer.header_table_size);
        let change = i64::from(self.peer.initial_window) - i64::from(before);
        if change != 0 && !self.streams.all_open().all(|stream| stream.send_window.change(change)) {
            return Err(Self::flow_error("SETTINGS_INITIAL_WINDOW_SIZE overflows the window of a stream"));
        }
        self.reply(frame::SETTINGS, frame::ACK, 0, &[]);
        Ok(())
    }

    fn go_away(&mut self, payload: &[u8], at: R::Moment) -> Result<(), ConnectionError> {
        let (last, reason) = (word(payload) & frame::MAX_31, Reason::from_code(word(&payload[4..])));
        if self.went_away.as_ref().is_some_and(|before| before.last < last) {
            return Err(violation(Reason::PROTOCOL_ERROR, "a second GOAWAY names a later request than the first"));
        }
        let debug_data = payload[8..].iter().copied().take(DEBUG_DATA_MAX).collect();
        self.went_away = Some(GoAway { last, reason, debug_data });
        for id in self.streams.open_ids().into_iter().filter(|id| *id > last) {
            if let Some(stream) = self.streams.close(id) {
                stream.response.ended(Err(RequestError::NotTaken(reason)), at);
            }
        }
        Ok(())
    }

    fn window_update(&mut self, id: u32, increment: u32, at: R::Moment) -> Result<(), ConnectionError> {
        if id == 0 {
            if increment == 0 {
                return Err(violation(Reason::PROTOCOL_ERROR, "WINDOW_UPDATE by 0"));
            }
            return if self.send_window.change(increment.into()) {
                Ok(())
            } else {
                Err(Self::flow_error("WINDOW_UPDATE overflows the window of the connection"))
            };
        }
        if self.is_idle(id) {
            return Err(Self::idle_error());
        }
        let Some(stream) = self.streams.open_mut(id) else { return Ok(()) };
        if increment == 0 {
            self.refuse_response(id, Reason::PROTOCOL_ERROR, "WINDOW_UPDATE by 0", at);
        } else if !stream.send_window.change(increment.into()) {
            self.refuse_response(id, Reason::FLOW_CONTROL_ERROR, "WINDOW_UPDATE overflows the window of the stream", at);
        }
        Ok(())
    }
}

/// The first four bytes as a number.
fn word(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
