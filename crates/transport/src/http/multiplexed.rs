//! An HTTP/2 connection, on which several requests travel at once. Framing, flow control and the compression of headers are the crate
//! h2's; how many requests there are at once, and who sends them, is the business of the one who owns the connection.
//!
//! The invariant: a connection that exists has a server that spoke HTTP/2 and has said how many requests it takes at once.

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
use http::header::RETRY_AFTER;
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
    liveness::{Heard, Liveness},
    open_error::OpenError,
    retry_after::RetryAfter,
    tls_handshake::start_tls,
};

/// How many requests that were given up are remembered at once, so that answers to them which come after all are known for what they are.
const GIVEN_UP_MAX: usize = 1024;

/// For how long they are.
const GIVEN_UP_TIME: Duration = Duration::from_secs(10);

/// How long a request that lost its connection waits to learn why the connection ended. The driver, which is running at that moment, knows it.
const REASON_TIME: Duration = Duration::from_millis(100);

/// The most bytes of the headers of an answer.
#[expect(clippy::cast_possible_truncation, reason = "64 KiB")]
const HEAD_MAX: u32 = MAX_HEAD as u32;

/// A connection on which several requests travel at once. It lives on as long as its driver does.
#[derive(Debug)]
pub struct Multiplexed {
    sender: SendRequest<Bytes>,
    open_times: OpenTimes,
    liveness: RefCell<Liveness>,
    ended: Arc<ConnectionEnd>,
}

/// The error with which a connection ended, once it has ended; none if the server said nothing about it.
type ConnectionEnd = SetOnce<Option<Arc<h2::Error>>>;

/// A connection on which HTTP/2 was spoken.
struct Started {
    sender: SendRequest<Bytes>,
    liveness: Liveness,
    ended: Arc<ConnectionEnd>,
    driver: Driver,
}

/// What does the work of a connection. Nothing is sent or received unless it is polled; it resolves at the connection's end, and ends it in
/// order when the connection is dropped.
pub type Driver = Pin<Box<dyn Future<Output = ()>>>;

impl Multiplexed {
    /// Opens a connection to one of the addresses of the endpoint, and makes sure that HTTP/2 is spoken there: over TLS that was
    /// agreed on (ALPN), over plain TCP it is taken for granted ("prior knowledge").
    ///
    /// # Errors
    ///
    /// If there is no connection, or no HTTP/2 on it.
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

    /// Without an error the connection was closed.
    async fn start<S>(stream: S) -> Result<Started, Option<h2::Error>>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let (stream, has_heard) = Heard::new(stream);
        let (sender, mut connection) = Builder::new()
            .enable_push(false)
            // As much as of a head of HTTP/1.1. h2 would take 16 MiB for each of the requests.
            .max_header_list_size(HEAD_MAX)
            .max_concurrent_reset_streams(GIVEN_UP_MAX)
            .reset_stream_duration(GIVEN_UP_TIME)
            // A target that answers too late, again and again, is slow and not malicious.
            .max_local_error_reset_streams(None)
            .handshake(stream)
            .await?;
        let mut pings = connection.ping_pong().expect("it is asked for once");
        // The first thing that a server says are its settings, so that they are known when it has said anything else.
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

    /// How long it took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// How many requests the server takes at once, as far as is known by now.
    pub fn streams_max(&self) -> usize {
        self.sender.current_max_send_streams()
    }

    /// Looks whether the connection still answers, and asks it with a PING if it has long been silent. Called about ten times a second, for a
    /// connection that owes answers or not, it finds a dead one in two seconds.
    pub fn check(&self, owes_answers: bool) -> bool {
        self.liveness.borrow_mut().check(owes_answers)
    }

    /// Sends one POST and reads its whole answer, which may have any status. Room is for the body of the answer, of which up to 1 MiB is
    /// kept. A future dropped before that gives up this request alone.
    ///
    /// # Errors
    ///
    /// If the connection is not usable any more, which is known at once; if the request is reset, or if the connection is lost before the
    /// answer is complete.
    pub async fn post(&self, endpoint: &Endpoint, body: &[u8], mut kept: Option<&mut Vec<u8>>) -> Result<Answer, ExchangeError> {
        let mut sender = self.sender.clone();
        // A clone has sent nothing yet, so it waits for nothing.
        if let Poll::Ready(Err(_)) = poll_fn(|context| Poll::Ready(sender.poll_ready(context))).await {
            return Err(ExchangeError::NotReusable);
        }
        let (response, mut stream) =
            sender.send_request(endpoint.request(body.len()), false).map_err(|_| ExchangeError::NotReusable)?;
        stream.send_data(Bytes::copy_from_slice(body), true).map_err(ExchangeError::Http2)?;
        let sent_at = Instant::now();
        let response = match response.await {
            Ok(response) => response,
            Err(error) => return Err(self.lost(error).await),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| RetryAfter::parse(value.as_bytes()));
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
                    // Trailers follow, which nobody asks for.
                    is_ended = true;
                    break;
                }
            };
            is_cut = data.len() > budget;
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&data[..data.len().min(budget)]);
            }
            // Of the stream itself, not of the whole connection, so it does not matter if the stream is over.
            let _ = incoming.flow_control().release_capacity(data.len());
            budget = budget.saturating_sub(data.len());
            is_ended = incoming.is_end_stream();
        }
        Ok(Answer { status, retry_after, is_whole: is_ended && !is_cut, sent_at, first_byte_at })
    }

    /// Why a request has no answer. A server that goes names the last request that it has looked at, for whatever reason it goes (RFC 9113,
    /// section 6.8); a request that it refuses on its own it has not looked at either (section 8.7). A request that it has looked at is lost with
    /// its connection, of which h2 tells the request no more than that it is gone.
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
