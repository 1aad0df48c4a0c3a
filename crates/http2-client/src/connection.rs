//! The state of a connection, and what the client sends: requests, their bodies, PING and the end. `receive` has what the server sends.

mod body;
mod receive;

use std::collections::VecDeque;

use crate::{
    connection_error::{ConnectionError, violation},
    flow::{DEFAULT_WINDOW, ReceiveWindow, SendWindow},
    frame,
    head_encoder::HeadEncoder,
    hpack::Decoder,
    output::Output,
    reason::Reason,
    request_head::RequestHead,
    response::{RequestError, Response},
    response_head::HEADER_LIST_MAX,
    settings::{self, PeerSettings},
    streams::{Phase, Stream, StreamKey, Streams},
};
use body::DecimalLength;

/// The receive window of the connection. The default of 65,535 bytes would limit all responses together to that size for each round trip.
const CONNECTION_WINDOW: u32 = 1 << 20;

/// The output size from which requests and bodies wait, because the server does not read.
const OUTPUT_MAX: usize = 256 << 10;

/// The size of replies to the server from which no more input is taken, because the server does not read them.
const REPLIES_MAX: usize = 64 << 10;

/// The payload of PING frames.
const PING_PAYLOAD: &[u8; 8] = b"liveness";

/// Whether a connection takes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// The connection takes a request now.
    Ready,
    /// The server allows no further request at the moment, or does not read.
    Wait,
    /// The connection takes no more requests.
    Retired,
}

/// The client side of a connection.
#[derive(Debug)]
pub struct Connection<R> {
    output: Output,
    encoder: HeadEncoder,
    decoder: Decoder,
    streams: Streams<R>,
    peer: PeerSettings,
    send_window: SendWindow,
    receive_window: ReceiveWindow,
    /// The identifier of the next request.
    next_id: u32,
    /// The requests that are in the output as a whole, with the position of their end.
    unwritten: VecDeque<(u64, StreamKey)>,
    /// The requests whose body waits for a window or for room in the output.
    waiting: VecDeque<StreamKey>,
    /// The header block that is not complete yet.
    block: Option<receive::PartialBlock>,
    /// The GOAWAY frame of the server.
    went_away: Option<receive::GoAway>,
    /// The violation that ended the connection.
    failure: Option<ConnectionError>,
    /// The size of the replies since the output was empty.
    replies: usize,
    /// The number of consecutive frames without content.
    empty_frames: u32,
    /// The number of replies to PING frames of the client.
    pongs: u64,
    is_ping_open: bool,
    has_settings: bool,
    is_closed: bool,
}

impl<R: Response> Default for Connection<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Response> Connection<R> {
    /// Starts a connection: the output has the preface and the settings of the client.
    pub fn new() -> Self {
        let mut output = Output::default();
        output.extend(frame::PREFACE);
        let list_max = u32::try_from(HEADER_LIST_MAX).expect("64 KiB");
        let mut payload = Vec::new();
        for (identifier, value) in [(settings::ENABLE_PUSH, 0), (settings::MAX_HEADER_LIST_SIZE, list_max)] {
            payload.extend_from_slice(&identifier.to_be_bytes());
            payload.extend_from_slice(&value.to_be_bytes());
        }
        output.frame(frame::SETTINGS, 0, 0, &payload);
        output.frame(frame::WINDOW_UPDATE, 0, 0, &(CONNECTION_WINDOW - DEFAULT_WINDOW).to_be_bytes());
        Self {
            output,
            encoder: HeadEncoder::default(),
            decoder: Decoder::default(),
            streams: Streams::new(),
            peer: PeerSettings::default(),
            send_window: SendWindow::new(DEFAULT_WINDOW),
            receive_window: ReceiveWindow::new(CONNECTION_WINDOW),
            next_id: 1,
            unwritten: VecDeque::new(),
            waiting: VecDeque::new(),
            block: None,
            went_away: None,
            failure: None,
            replies: 0,
            empty_frames: 0,
            pongs: 0,
            is_ping_open: false,
            has_settings: false,
            is_closed: false,
        }
    }

    /// Whether the connection takes a request.
    pub fn readiness(&self) -> Readiness {
        if self.is_closed || self.failure.is_some() || self.went_away.is_some() || self.next_id > frame::MAX_31 {
            Readiness::Retired
        } else if self.streams.open_count() >= self.peer.streams_max || self.output.len() >= OUTPUT_MAX {
            Readiness::Wait
        } else {
            Readiness::Ready
        }
    }

    /// Starts a request. Appends it to the output as far as the windows of the server allow; the rest of the body follows later. `more` has
    /// further fields of this request only. They must be valid in HTTP/2.
    ///
    /// # Errors
    ///
    /// The state of the connection, unless it is ready.
    pub fn request(
        &mut self,
        head: &RequestHead,
        more: &[(&[u8], &[u8])],
        body: &[u8],
        response: R,
    ) -> Result<StreamKey, Readiness> {
        let readiness = self.readiness();
        if readiness != Readiness::Ready {
            return Err(readiness);
        }
        let id = self.next_id;
        self.next_id += 2;
        let flags = if body.is_empty() { frame::END_STREAM } else { 0 };
        let encoder = &mut self.encoder;
        self.output.headers(flags, id, self.peer.payload_max, |block| {
            encoder.write(head, block);
            if head.has_length() {
                DecimalLength::new(body.len()).write_field(block);
            }
            for (name, value) in more {
                crate::hpack::write_literal(block, name, value);
            }
        });
        let mut stream = Stream {
            id,
            phase: Phase::Head,
            send_window: SendWindow::new(self.peer.initial_window),
            receive_window: ReceiveWindow::new(DEFAULT_WINDOW),
            rest: Vec::new(),
            expected_length: None,
            received_length: 0,
            response,
        };
        let sent = self.write_body(id, &mut stream.send_window, body);
        stream.rest.extend_from_slice(&body[sent..]);
        let is_whole = stream.rest.is_empty();
        let key = self.streams.insert(stream);
        if is_whole {
            self.unwritten.push_back((self.output.end(), key));
        } else {
            // Requests that were cancelled while the server opens no window would stay in the queue.
            if self.waiting.len() > 2 * self.streams.open_count() {
                let streams = &self.streams;
                self.waiting.retain(|key| streams.get(*key).is_some_and(|stream| stream.phase != Phase::Closed));
            }
            self.waiting.push_back(key);
        }
        Ok(key)
    }

    /// Cancels a request, if it has not ended, and forgets it. Frames of the server that are still on their way are ignored.
    pub fn cancel(&mut self, key: StreamKey) {
        let Some(stream) = self.streams.remove(key) else { return };
        if stream.phase != Phase::Closed && !self.is_closed && self.failure.is_none() {
            self.output.frame(frame::RST_STREAM, 0, key.id(), &Reason::CANCEL.code().to_be_bytes());
        }
    }

    /// The response of a request that was not taken.
    pub fn response(&mut self, key: StreamKey) -> Option<&mut R> {
        self.streams.get_mut(key).map(|stream| &mut stream.response)
    }

    /// Takes the response of a request that has ended.
    pub fn take(&mut self, key: StreamKey) -> Option<R> {
        if self.streams.get(key)?.phase != Phase::Closed {
            return None;
        }
        self.streams.remove(key).map(|stream| stream.response)
    }

    /// The number of requests that have not ended.
    pub fn open_count(&self) -> usize {
        self.streams.open_count()
    }

    /// The number of concurrent requests that the server allows. It is `usize::MAX` without a limit.
    pub fn streams_max(&self) -> usize {
        self.peer.streams_max
    }

    /// Sends a PING, unless the reply to an earlier PING is outstanding.
    pub fn ping(&mut self) {
        if !self.is_ping_open && !self.is_closed && self.failure.is_none() {
            self.is_ping_open = true;
            self.output.frame(frame::PING, 0, 0, PING_PAYLOAD);
        }
    }

    /// The number of replies to [`Connection::ping`].
    pub fn pongs(&self) -> u64 {
        self.pongs
    }

    /// The bytes to write next.
    pub fn output(&self) -> &[u8] {
        self.output.unwritten()
    }

    /// Removes bytes from the output that were written, and tells the requests that were written as a whole.
    pub fn wrote(&mut self, count: usize, at: R::Moment) {
        self.output.wrote(count);
        let written = self.output.written_end();
        while let Some(&(end, key)) = self.unwritten.front()
            && end <= written
        {
            self.unwritten.pop_front();
            if let Some(stream) = self.streams.get_mut(key)
                && stream.phase != Phase::Closed
            {
                stream.response.sent(at);
            }
        }
        if self.output.len() == 0 {
            self.replies = 0;
        }
        self.write_rests();
    }

    /// Whether the connection takes input. It does not while the server leaves replies unread, and after the end.
    pub fn wants_input(&self) -> bool {
        self.replies < REPLIES_MAX && self.failure.is_none() && !self.is_closed
    }

    /// Why the connection takes no more requests: a violation, or a GOAWAY frame of the server with an error.
    pub fn error(&self) -> Option<ConnectionError> {
        let went_away = self.went_away.as_ref().filter(|frame| frame.reason != Reason::NO_ERROR);
        let of_server = || went_away.map(receive::GoAway::error);
        self.failure.clone().or_else(of_server)
    }

    /// Whether the server ends the connection (GOAWAY). It may still answer open requests.
    pub fn is_going_away(&self) -> bool {
        self.went_away.is_some()
    }

    /// Ends the connection in order. Open requests are lost. The output tells the server.
    pub fn close(&mut self, at: R::Moment) {
        if !self.is_closed && self.failure.is_none() {
            self.write_go_away(Reason::NO_ERROR, "");
        }
        self.abandon(at);
    }

    /// Ends the connection without a word, because its byte stream ended. Open requests are lost.
    pub fn abandon(&mut self, at: R::Moment) {
        self.is_closed = true;
        self.end_all(at);
    }

    /// Ends the connection because of a violation.
    fn fail(&mut self, error: &ConnectionError, at: R::Moment) {
        if let ConnectionError::Violation { reason, text } = *error {
            self.write_go_away(reason, text);
        }
        self.failure = Some(error.clone());
        self.end_all(at);
    }

    /// The server has opened no streams, so the last one that was processed is 0.
    fn write_go_away(&mut self, reason: Reason, text: &str) {
        let payload = [&[0; 4], reason.code().to_be_bytes().as_slice(), text.as_bytes()].concat();
        self.output.frame(frame::GOAWAY, 0, 0, &payload);
    }

    fn end_all(&mut self, at: R::Moment) {
        for id in self.streams.open_ids() {
            if let Some(stream) = self.streams.close(id) {
                stream.response.ended(Err(RequestError::ConnectionLost), at);
            }
        }
        self.unwritten.clear();
        self.waiting.clear();
    }

    /// Sets the identifier of the next request, for tests of the last identifiers.
    #[doc(hidden)]
    pub fn set_next_id(&mut self, id: u32) {
        self.next_id = id;
    }

    fn flow_error(text: &'static str) -> ConnectionError {
        violation(Reason::FLOW_CONTROL_ERROR, text)
    }
}
