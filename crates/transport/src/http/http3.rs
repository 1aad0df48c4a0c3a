//! An HTTP/3 connection with several concurrent requests, over QUIC. The crate quinn handles packets, loss, flow control and TLS. The owner
//! of the connection decides how many requests are in flight and which tasks send them.
//!
//! Invariant: the server of an `Http3` has spoken HTTP/3: it has sent its settings.

mod quic;
mod response;
mod server_streams;
mod state;
mod varint;

use std::{
    cell::{Cell, RefCell},
    future::{pending, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use measure::open_times::OpenTimes;
use quinn::{Connection, ReadError, RecvStream, SendStream, VarInt, WriteError};
use tokio::{task::yield_now, time::sleep};

use super::{
    Driver,
    connect::Connected,
    decoder::{MAX_BODY, MAX_HEAD},
    endpoint::Endpoint,
    exchange::{Answer, ExchangeError},
    http3_error::{ErrorCode, Http3Error, Malformed},
    liveness::{Liveness, Step},
    open_error::OpenError,
    qpack,
    remembering_verifier::Refusal,
    traceparent::TraceParent,
};
use response::{ResponseDecoder, frame};
use state::State;

/// The type of a control stream, which is the first integer on it.
const CONTROL_STREAM: u8 = 0;

/// The setting with the maximum size of response headers (RFC 9114, section 7.2.4.1).
const MAX_FIELD_SECTION_SIZE: u64 = 0x6;

/// The error code of an orderly end.
const NO_ERROR: VarInt = VarInt::from_u32(0x100);

/// The error code of a request whose response is no longer needed.
const REQUEST_CANCELLED: VarInt = VarInt::from_u32(0x10c);

/// How long the settings of the server may take after the handshake. A server sends them at once.
const SETTINGS_TIME: Duration = Duration::from_secs(3);

/// A connection with several concurrent requests. It ends when it is dropped.
#[derive(Debug)]
pub struct Http3 {
    quic: Connection,
    /// Open as long as the connection, as the protocol demands.
    _control: SendStream,
    state: Rc<State>,
    open_times: OpenTimes,
    /// The number of received datagrams at the last check.
    heard: Cell<u64>,
    liveness: RefCell<Liveness>,
}

/// The stream of one request. A request that is dropped before its end is cancelled.
struct RequestStream<'a> {
    state: &'a State,
    send: SendStream,
    receive: RecvStream,
    is_ended: bool,
}

/// A received response.
struct Received {
    head: qpack::ResponseHead,
    is_whole: bool,
    first_byte_at: Option<Instant>,
}

/// Why a response could not be received.
enum ReceiveError {
    Read(ReadError),
    Malformed(Malformed),
}

impl Http3 {
    /// Opens a connection to one of the addresses of the endpoint, and waits for the settings of the server. When the server allows more
    /// requests after it allowed none, the driver calls `on_room`.
    ///
    /// # Errors
    ///
    /// If the connection fails, or if the server does not speak HTTP/3.
    pub(super) async fn open(endpoint: &Endpoint, on_room: impl Fn() + 'static) -> Result<(Self, Driver), OpenError> {
        let Connected { stream: quic, address, took } = quic::connect(endpoint).await?;
        let failed = |error| quic::failed_handshake(address, error, &Refusal::default());
        let mut control = quic.open_uni().await.map_err(failed)?;
        control.write_all(&settings()).await.map_err(|error| match error {
            WriteError::ConnectionLost(error) => failed(error),
            WriteError::Stopped(code) => OpenError::Http3 { address, source: Http3Error::Reset(code.into()) },
            WriteError::ClosedStream | WriteError::ZeroRttRejected => {
                OpenError::Http3 { address, source: Http3Error::ClosedHere }
            }
        })?;
        let state = Rc::new(State::default());
        let mut driver: Driver = Box::pin(drive(quic.clone(), Rc::clone(&state), on_room));
        tokio::select! {
            biased;
            () = state.until_settings() => {}
            () = sleep(SETTINGS_TIME) => return Err(OpenError::Http3 { address, source: Http3Error::NoSettings }),
            () = &mut driver => {
                return Err(match (state.fault(), quic.close_reason()) {
                    (Some(fault), _) => OpenError::Http3 { address, source: fault.into() },
                    (None, Some(error)) => failed(error),
                    (None, None) => OpenError::Http3 { address, source: Http3Error::ClosedHere },
                });
            }
        }
        let connection = Self {
            quic,
            _control: control,
            state,
            // The handshake of QUIC contains the handshake of TLS.
            open_times: OpenTimes { connect: took, tls: None },
            heard: Cell::default(),
            liveness: RefCell::default(),
        };
        Ok((connection, driver))
    }

    /// The time that the connection took to open.
    pub(super) fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// Whether the server allows a request in addition to this many requests. Each request needs a stream, and the server limits the number
    /// of streams (`MAX_STREAMS`).
    pub(super) fn has_room(&self, requests: usize) -> bool {
        while requests >= self.state.in_use.get() + self.state.spare.borrow().len() {
            match pin!(self.quic.open_bi()).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(stream)) => self.state.spare.borrow_mut().push(stream),
                // The next request finds out that the connection has ended.
                Poll::Ready(Err(_)) => return true,
                Poll::Pending => {
                    self.state.wants_stream.notify_one();
                    return false;
                }
            }
        }
        true
    }

    /// Checks whether the connection still responds. Call it about ten times a second: it then finds a dead connection in two seconds, with
    /// or without outstanding responses, because QUIC sends a PING after a second without a packet.
    pub(super) fn check(&self) -> bool {
        let datagrams = self.quic.stats().udp_rx.datagrams;
        let has_heard = self.heard.replace(datagrams) != datagrams;
        self.liveness.borrow_mut().check(has_heard, true) != Step::Dead
    }

    /// Sends one POST and reads its whole response, with any status. Stores up to 1 MiB of the response body in `kept`, if given. If the
    /// future is dropped early, only this request is cancelled.
    ///
    /// # Errors
    ///
    /// If the connection is no longer usable, which is detected immediately; if the request is reset; or if the connection is lost before
    /// the response is complete.
    pub(super) async fn post(
        &self,
        endpoint: &Endpoint,
        trace: Option<&TraceParent>,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        if self.quic.close_reason().is_some() || self.state.is_going_away() {
            return Err(ExchangeError::NotReusable);
        }
        let spare = self.state.spare.borrow_mut().pop();
        let mut stream = RequestStream::new(&self.state, spare.ok_or(ExchangeError::NotReusable)?);
        let id = VarInt::from(stream.send.id()).into_inner();
        let (received, sent_at) = {
            let RequestStream { send, receive, .. } = &mut stream;
            let mut sending = pin!(send_request(send, request(endpoint.http3_head(), trace, body)));
            let mut receiving = pin!(receive_response(receive, kept));
            let mut not_taken = pin!(self.state.until_not_taken(id));
            let (mut is_sending, mut sent_at) = (true, None);
            let received = loop {
                tokio::select! {
                    biased;
                    sent = &mut sending, if is_sending => {
                        // A server may stop reading and still respond. If the connection is lost, the other direction tells why.
                        (is_sending, sent_at) = (false, sent.ok());
                    }
                    received = &mut receiving => break received,
                    () = &mut not_taken => return Err(ExchangeError::Http3NotTaken),
                }
            };
            (received, sent_at)
        };
        let Received { head, is_whole, first_byte_at } = received.map_err(|fault| self.lost(id, fault))?;
        stream.is_ended = is_whole && sent_at.is_some();
        Ok(Answer {
            status: head.status,
            retry_after: head.retry_after,
            is_whole,
            grpc_status: None,
            sent_at: sent_at.unwrap_or_else(Instant::now),
            first_byte_at,
        })
    }

    /// Returns why a request has no response. A server that ends the connection in order names the first request that it does not process
    /// (RFC 9114, section 5.2). A request that the server rejects is not processed either (section 4.1.1).
    fn lost(&self, id: u64, fault: ReceiveError) -> ExchangeError {
        let error = match fault {
            ReceiveError::Malformed(fault) => {
                if fault.ends_connection() {
                    end(&self.quic, &self.state, fault);
                }
                fault.into()
            }
            ReceiveError::Read(ReadError::Reset(code)) if ErrorCode::from(code) == ErrorCode::REQUEST_REJECTED => {
                return ExchangeError::Http3Refused;
            }
            ReceiveError::Read(ReadError::Reset(code)) => Http3Error::Reset(code.into()),
            ReceiveError::Read(ReadError::ConnectionLost(_)) if self.state.is_not_taken(id) => {
                return ExchangeError::Http3NotTaken;
            }
            ReceiveError::Read(ReadError::ConnectionLost(error)) => self.state.fault().map_or(error.into(), Http3Error::from),
            ReceiveError::Read(_) => Http3Error::ClosedHere,
        };
        ExchangeError::Http3(error)
    }
}

impl Drop for Http3 {
    fn drop(&mut self) {
        self.quic.close(NO_ERROR, b"");
    }
}

impl<'a> RequestStream<'a> {
    fn new(state: &'a State, (send, receive): (SendStream, RecvStream)) -> Self {
        state.in_use.update(|in_use| in_use + 1);
        Self { state, send, receive, is_ended: false }
    }
}

impl Drop for RequestStream<'_> {
    fn drop(&mut self) {
        self.state.in_use.update(|in_use| in_use - 1);
        if !self.is_ended {
            // A direction that has ended needs no cancellation.
            let _ = self.send.reset(REQUEST_CANCELLED);
            let _ = self.receive.stop(REQUEST_CANCELLED);
        }
    }
}

/// The first bytes on the control stream of the client: its type and the settings.
fn settings() -> Vec<u8> {
    let mut payload = Vec::new();
    varint::write(MAX_FIELD_SECTION_SIZE, &mut payload);
    varint::write(MAX_HEAD as u64, &mut payload);
    let mut bytes = vec![CONTROL_STREAM];
    write_frame(frame::SETTINGS, &[&payload], &mut bytes);
    bytes
}

/// A request as its stream carries it: the header and the body.
fn request(head: &[u8], trace: Option<&TraceParent>, body: &[u8]) -> Bytes {
    let mut tail = Vec::with_capacity(80);
    if let Some(trace) = trace {
        qpack::write_literal("traceparent", trace.value(), &mut tail);
    }
    qpack::write_literal("content-length", itoa::Buffer::new().format(body.len()).as_bytes(), &mut tail);
    let mut bytes = Vec::with_capacity(head.len() + tail.len() + body.len() + 16);
    write_frame(frame::HEADERS, &[head, &tail], &mut bytes);
    write_frame(frame::DATA, &[body], &mut bytes);
    bytes.into()
}

fn write_frame(kind: u64, payload: &[&[u8]], out: &mut Vec<u8>) {
    varint::write(kind, out);
    varint::write(payload.iter().map(|part| part.len() as u64).sum(), out);
    for part in payload {
        out.extend_from_slice(part);
    }
}

/// Sends the whole request. Returns when the last byte was passed to the connection.
async fn send_request(stream: &mut SendStream, request: Bytes) -> Result<Instant, WriteError> {
    stream.write_chunk(request).await?;
    // A stream that the server has stopped needs no end.
    let _ = stream.finish();
    Ok(Instant::now())
}

async fn receive_response(stream: &mut RecvStream, mut kept: Option<&mut Vec<u8>>) -> Result<Received, ReceiveError> {
    if let Some(kept) = &mut kept {
        kept.clear();
    }
    let mut decoder = ResponseDecoder::default();
    let (mut has_begun, mut first_byte_at) = (false, None);
    loop {
        let mut reading = pin!(stream.read_chunk(usize::MAX, true));
        let chunk = poll_fn(|context| {
            let polled = reading.as_mut().poll(context);
            if has_begun && polled.is_pending() {
                first_byte_at.get_or_insert_with(Instant::now);
            }
            polled
        });
        let Some(chunk) = chunk.await.map_err(ReceiveError::Read)? else {
            let head = decoder.finish().map_err(ReceiveError::Malformed)?;
            return Ok(Received { head, is_whole: true, first_byte_at });
        };
        has_begun = true;
        let mut keep = |data: &[u8]| {
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&data[..data.len().min(MAX_BODY - kept.len())]);
            }
        };
        decoder.advance(&chunk.bytes, &mut keep).map_err(ReceiveError::Malformed)?;
        if let Some(head) = decoder.head().filter(|_| decoder.is_past_budget()) {
            return Ok(Received { head, is_whole: false, first_byte_at });
        }
    }
}

/// Does the work of a connection until it ends.
async fn drive(quic: Connection, state: Rc<State>, on_room: impl Fn()) {
    tokio::select! {
        biased;
        _ = quic.closed() => {}
        fault = read_server_streams(&quic, &state) => end(&quic, &state, fault),
        () = supply_streams(&quic, &state, on_room) => {}
    }
    // The task of quinn that sends the end of the connection runs in these pauses.
    yield_now().await;
    yield_now().await;
}

/// Ends a connection whose server breaks the rules.
fn end(quic: &Connection, state: &State, fault: Malformed) {
    state.note_fault(fault);
    quic.close(VarInt::from_u32(fault.code()), b"");
}

/// Reads all streams that the server opens. Returns an error if the connection has to end.
async fn read_server_streams(quic: &Connection, state: &State) -> Malformed {
    let mut streams = Vec::new();
    loop {
        tokio::select! {
            ended = poll_fn(|context| poll_any(&mut streams, context)) => {
                if let Err(fault) = ended {
                    return fault;
                }
            }
            accepted = quic.accept_uni() => match accepted {
                Ok(stream) => streams.push(Box::pin(server_streams::read_stream(stream, state))),
                Err(_) => pending().await,
            },
        }
    }
}

/// Returns the output of the first future that is ready, and removes the future.
fn poll_any<F: Future>(futures: &mut Vec<Pin<Box<F>>>, context: &mut Context<'_>) -> Poll<F::Output> {
    for number in 0..futures.len() {
        if let Poll::Ready(output) = futures[number].as_mut().poll(context) {
            drop(futures.swap_remove(number));
            return Poll::Ready(output);
        }
    }
    Poll::Pending
}

/// Opens a stream whenever the server allows no more streams at first.
async fn supply_streams(quic: &Connection, state: &State, on_room: impl Fn()) {
    loop {
        state.wants_stream.notified().await;
        match quic.open_bi().await {
            Ok(stream) => state.spare.borrow_mut().push(stream),
            Err(_) => pending().await,
        }
        on_room();
    }
}

#[cfg(test)]
mod tests;
