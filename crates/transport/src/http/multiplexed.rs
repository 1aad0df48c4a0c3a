//! An HTTP/2 connection with several concurrent requests. The crate h2 handles framing, flow control and header compression. The owner of
//! the connection decides how many requests are in flight and which tasks send them.
//!
//! Invariant: the server of a `Multiplexed` has spoken HTTP/2 and has announced its limit of concurrent requests.

use std::{
    cell::RefCell,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::{
    Ping, Reason,
    client::{Builder, Connection, SendRequest},
};
use http::{HeaderName, HeaderValue, Request, header::RETRY_AFTER};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::SetOnce,
    time::timeout,
};

use measure::open_times::OpenTimes;

use super::{
    Endpoint,
    connect::{Connected, connect},
    decoder::{MAX_BODY, MAX_HEAD},
    exchange::{Answer, ExchangeError},
    grpc_status::GrpcStatus,
    liveness::{Heard, Liveness},
    open_error::OpenError,
    retry_after::RetryAfter,
    tls_handshake::start_tls,
    traceparent::TraceParent,
};

/// The header of a trace (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The maximum number of cancelled requests to remember, so that late responses to them are recognised.
const GIVEN_UP_MAX: usize = 1024;

/// How long cancelled requests are remembered.
const GIVEN_UP_TIME: Duration = Duration::from_secs(10);

/// How long a request that lost its connection waits for the reason. The driver, which is running at that moment, knows the reason.
const REASON_TIME: Duration = Duration::from_millis(100);

/// The maximum size of the response headers in bytes.
#[expect(clippy::cast_possible_truncation, reason = "64 KiB")]
const HEAD_MAX: u32 = MAX_HEAD as u32;

/// A connection with several concurrent requests. It lives as long as its driver.
#[derive(Debug)]
pub struct Multiplexed {
    sender: SendRequest<Bytes>,
    open_times: OpenTimes,
    liveness: RefCell<Liveness>,
    ended: Arc<ConnectionEnd>,
}

/// The error with which a connection ended, set once it has ended; `None` if the server gave no reason.
type ConnectionEnd = SetOnce<Option<Arc<h2::Error>>>;

/// A connection on which HTTP/2 has started.
struct Started {
    sender: SendRequest<Bytes>,
    liveness: Liveness,
    ended: Arc<ConnectionEnd>,
    driver: Driver,
}

/// Does the work of a connection: nothing is sent or received unless it is polled. Resolves when the connection ends. Ends the connection
/// in order when the connection is dropped.
pub type Driver = Pin<Box<dyn Future<Output = ()>>>;

impl Multiplexed {
    /// Opens a connection to one of the addresses of the endpoint and checks that the server speaks HTTP/2. Over TLS, HTTP/2 is negotiated
    /// (ALPN); over plain TCP, it is assumed ("prior knowledge").
    ///
    /// # Errors
    ///
    /// If the connection fails, or if the server does not speak HTTP/2.
    pub async fn open(endpoint: &Endpoint) -> Result<(Self, Driver), OpenError> {
        let Connected { stream, address, took } = connect(endpoint).await?;
        let (started, tls) = match endpoint.tls() {
            None => (Self::start(stream).await, None),
            Some(tls) => {
                let (stream, took) = start_tls(tls, stream, address)
                    .await
                    .map_err(|error| if error.is_about_protocol() { OpenError::NoHttp2 { address } } else { error })?;
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err(OpenError::NoHttp2 { address });
                }
                (Self::start(stream).await, Some(took))
            }
        };
        let Started { sender, liveness, ended, driver } = started.map_err(|error| match error {
            Some(source) => OpenError::Http2 { address, source },
            None => OpenError::Http2Closed { address },
        })?;
        let open_times = OpenTimes { connect: took, tls };
        Ok((Self { sender, open_times, liveness: RefCell::new(liveness), ended }, driver))
    }

    /// Fails without an error value if the connection was closed.
    async fn start<S>(stream: S) -> Result<Started, Option<h2::Error>>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let (stream, has_heard) = Heard::new(stream);
        let (sender, mut connection) = Builder::new()
            .enable_push(false)
            // The same limit as for an HTTP/1.1 head. By default, h2 would accept 16 MiB for each request.
            .max_header_list_size(HEAD_MAX)
            .max_concurrent_reset_streams(GIVEN_UP_MAX)
            .reset_stream_duration(GIVEN_UP_TIME)
            // A target that repeatedly responds too late is slow, not malicious.
            .max_local_error_reset_streams(None)
            .handshake(stream)
            .await?;
        let mut pings = connection.ping_pong().expect("the PINGs of a connection are taken once");
        // The first frame of a server holds its settings, so they are known once it has sent anything else.
        tokio::select! {
            biased;
            ended = &mut connection => {
                return Err(ended.err());
            }
            answered = pings.ping(Ping::opaque()) => {
                answered?;
            }
        }
        let ended = Arc::default();
        let driver = Box::pin(drive(connection, Arc::clone(&ended)));
        Ok(Started { sender, liveness: Liveness::new(has_heard, pings), ended, driver })
    }

    /// The time that the connection took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// The number of concurrent requests that the server accepts, as far as is known.
    pub fn streams_max(&self) -> usize {
        self.sender.current_max_send_streams()
    }

    /// Checks whether the connection still responds, and sends a PING after a long silence. Call it about ten times a second, with or
    /// without outstanding responses: it then finds a dead connection in two seconds.
    pub fn check(&self, owes_answers: bool) -> bool {
        self.liveness.borrow_mut().check(owes_answers)
    }

    /// Sends one POST and reads its whole response, with any status. Stores up to 1 MiB of the response body in `kept`, if given. If the
    /// future is dropped early, only this request is cancelled.
    ///
    /// # Errors
    ///
    /// If the connection is no longer usable, which is detected immediately; if the request is reset; or if the connection is lost before
    /// the response is complete.
    pub async fn post(&self, endpoint: &Endpoint, body: &[u8], kept: Option<&mut Vec<u8>>) -> Result<Answer, ExchangeError> {
        self.send(endpoint, endpoint.request(body.len()), body, kept).await
    }

    /// Like [`Multiplexed::post`], with the header of a trace.
    ///
    /// # Errors
    ///
    /// As [`Multiplexed::post`].
    pub async fn post_traced(
        &self,
        endpoint: &Endpoint,
        trace: &TraceParent,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        let mut request = endpoint.request(body.len());
        let value = HeaderValue::from_bytes(trace.value()).expect("digits and hyphens are a header value");
        request.headers_mut().insert(TRACEPARENT, value);
        self.send(endpoint, request, body, kept).await
    }

    async fn send(
        &self,
        endpoint: &Endpoint,
        request: Request<()>,
        body: &[u8],
        mut kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        let mut sender = self.sender.clone();
        // A clone has sent nothing yet, so it does not wait.
        if let Poll::Ready(Err(_)) = poll_fn(|context| Poll::Ready(sender.poll_ready(context))).await {
            return Err(ExchangeError::NotReusable);
        }
        let (response, mut stream) = sender.send_request(request, false).map_err(|_| ExchangeError::NotReusable)?;
        stream.send_data(Bytes::copy_from_slice(body), true).map_err(ExchangeError::Http2)?;
        let sent_at = Instant::now();
        let response = match response.await {
            Ok(response) => response,
            Err(error) => return Err(self.lost(error).await),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| RetryAfter::parse(value.as_bytes()));
        // Without a body, the headers are the trailers (gRPC over HTTP/2, "Trailers-Only").
        let mut grpc = if endpoint.is_grpc() { GrpcStatus::of(response.headers()) } else { None };
        let mut incoming = response.into_body();
        let first_byte_at = (!incoming.is_end_stream()).then(Instant::now);
        let (mut budget, mut is_cut) = (MAX_BODY, false);
        if let Some(kept) = &mut kept {
            kept.clear();
        }
        let mut is_ended = incoming.is_end_stream();
        while !is_ended && budget > 0 {
            let data = match incoming.data().await {
                Some(Ok(data)) => data,
                Some(Err(error)) => return Err(self.lost(error).await),
                None => {
                    // Trailers follow. Only gRPC needs them.
                    is_ended = true;
                    break;
                }
            };
            is_cut = data.len() > budget;
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&data[..data.len().min(budget)]);
            }
            // This is the capacity of the stream, not of the whole connection, so a failure on an ended stream does not matter.
            let _ = incoming.flow_control().release_capacity(data.len());
            budget = budget.saturating_sub(data.len());
            is_ended = incoming.is_end_stream();
        }
        if endpoint.is_grpc() && grpc.is_none() && is_ended {
            grpc = match incoming.trailers().await {
                Ok(trailers) => trailers.as_ref().and_then(GrpcStatus::of),
                Err(error) => return Err(self.lost(error).await),
            };
        }
        if let (Some(GrpcStatus { code: 1.., message }), Some(kept)) = (&grpc, kept) {
            kept.clear();
            kept.extend_from_slice(message);
        }
        let grpc_status = grpc.map(|grpc| grpc.code);
        Ok(Answer { status, retry_after, is_whole: is_ended && !is_cut, grpc_status, sent_at, first_byte_at })
    }

    /// Returns why a request has no response. A server that closes the connection names the last request that it has processed, for any
    /// reason of closing (RFC 9113, section 6.8). A request that the server refuses individually is not processed either (section 8.7). A
    /// processed request is lost with its connection; h2 then reports only that the connection is gone.
    async fn lost(&self, error: h2::Error) -> ExchangeError {
        match error.reason() {
            Some(reason) if error.is_go_away() && error.is_remote() => return ExchangeError::NotTaken(reason),
            Some(Reason::REFUSED_STREAM) if error.is_reset() && error.is_remote() => return ExchangeError::Refused,
            _ => {}
        }
        if error.is_io()
            && let Ok(Some(connection)) = timeout(REASON_TIME, self.ended.wait()).await
        {
            return ExchangeError::Http2Connection(Arc::clone(connection));
        }
        ExchangeError::Http2(error)
    }
}

async fn drive<S: AsyncRead + AsyncWrite + Unpin>(connection: Connection<S, Bytes>, ended: Arc<ConnectionEnd>) {
    let error = connection.await.err().map(Arc::new);
    ended.set(error).expect("a connection ends once");
}
