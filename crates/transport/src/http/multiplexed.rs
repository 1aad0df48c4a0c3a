//! An HTTP/2 connection with several concurrent requests. The crate `http2-client` has the protocol; this module has the byte stream and the
//! times. The owner of the connection decides how many requests are in flight and which tasks send them.
//!
//! The program has its own HTTP/2 implementation to save CPU per request: the crate h2 allocates, locks and compresses headers anew for each
//! request. At 20,000 events per second, an event costs 17 µs instead of 29 µs, with the simulation (docs, "Measured performance").
//!
//! Invariant: the server of a `Multiplexed` has spoken HTTP/2 and has announced its limit of concurrent requests.

mod call;
mod driver;
mod state;

use std::{
    cell::RefCell,
    future::poll_fn,
    mem,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use http2_client::{Readiness, RequestError, StreamKey};
use tokio::io::{AsyncRead, AsyncWrite};

use measure::open_times::OpenTimes;

use super::{
    Endpoint,
    connect::{Connected, connect},
    exchange::{Answer, ExchangeError},
    http2_error::Http2Error,
    liveness::{Liveness, Step},
    open_error::OpenError,
    tls_handshake::start_tls,
    traceparent::TraceParent,
};
use call::Call;
use driver::DriverTask;
use state::State;

/// The header of a trace (W3C Trace Context).
const TRACEPARENT: &[u8] = b"traceparent";

/// A connection with several concurrent requests. It lives as long as its driver.
#[derive(Debug)]
pub struct Multiplexed {
    state: Rc<RefCell<State>>,
    open_times: OpenTimes,
    liveness: RefCell<Liveness>,
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
        let (state, driver) = started.map_err(|source| match *source {
            Http2Error::Closed => OpenError::Http2Closed { address },
            _ => OpenError::Http2 { address, source },
        })?;
        let open_times = OpenTimes { connect: took, tls };
        Ok((Self { state, open_times, liveness: RefCell::default() }, driver))
    }

    /// Starts HTTP/2 on a byte stream.
    async fn start<S>(stream: S) -> Result<(Rc<RefCell<State>>, Driver), Arc<Http2Error>>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let state = Rc::new(RefCell::new(State::new()));
        // The first frame of a server holds its settings, so they are known once it has sent anything else.
        state.borrow_mut().connection.ping();
        let mut driver = Box::pin(DriverTask::new(stream, Rc::clone(&state)));
        poll_fn(|context| {
            let ended = driver.as_mut().poll(context);
            let state = state.borrow();
            match &state.end {
                Some(end) => Poll::Ready(Err(Arc::clone(end))),
                None if ended.is_ready() => Poll::Ready(Err(Arc::new(Http2Error::Closed))),
                None if state.connection.pongs() > 0 => Poll::Ready(Ok(())),
                None => Poll::Pending,
            }
        })
        .await?;
        Ok((state, driver))
    }

    /// The time that the connection took to open.
    pub fn open_times(&self) -> OpenTimes {
        self.open_times
    }

    /// The number of concurrent requests that the server accepts, as far as is known.
    pub fn streams_max(&self) -> usize {
        self.state.borrow().connection.streams_max()
    }

    /// Checks whether the connection still responds, and sends a PING after a long silence. Call it about ten times a second, with or
    /// without outstanding responses: it then finds a dead connection in two seconds.
    pub fn check(&self, owes_answers: bool) -> bool {
        let mut state = self.state.borrow_mut();
        let has_heard = mem::take(&mut state.has_heard);
        match self.liveness.borrow_mut().check(has_heard, owes_answers) {
            Step::Wait => true,
            Step::Ping => {
                // If an earlier PING has no response yet, its response serves for this PING too.
                state.connection.ping();
                state.wake_driver();
                true
            }
            Step::Dead => false,
        }
    }

    /// Sends one POST and reads its whole response, with any status. Stores up to 1 MiB of the response body in `kept`, if given. If the
    /// future is dropped early, only this request is cancelled.
    ///
    /// The request waits while the server allows no further request, or does not read. The time at which it was sent
    /// ([`Answer::sent_at`]) is the time at which the operating system had taken its last byte, so it includes the wait of a body for the
    /// flow control of the server.
    ///
    /// # Errors
    ///
    /// If the connection is no longer usable, which is detected immediately; if the request is reset; or if the connection is lost before
    /// the response is complete.
    pub async fn post(&self, endpoint: &Endpoint, body: &[u8], kept: Option<&mut Vec<u8>>) -> Result<Answer, ExchangeError> {
        self.send(endpoint, &[], body, kept).await
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
        self.send(endpoint, &[(TRACEPARENT, trace.value())], body, kept).await
    }

    async fn send(
        &self,
        endpoint: &Endpoint,
        more: &[(&[u8], &[u8])],
        body: &[u8],
        mut kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        poll_fn(|context| self.poll_ready(context)).await?;
        let (head, is_grpc) = endpoint.http2_head();
        let call = Call::new(is_grpc, kept.as_deref_mut().map(mem::take));
        let request = {
            let mut state = self.state.borrow_mut();
            let started = state.connection.request(head, more, body, call);
            let key = started.expect("the connection was ready, and nothing has run since");
            state.wake_driver();
            Request { state: &self.state, key: Some(key) }
        };
        let mut call = request.ended().await;
        if let (Some(kept), Some(body)) = (kept, call.take_kept()) {
            *kept = body;
        }
        call.answer().map_err(|error| self.lost(error))
    }

    /// Waits until a request can be started.
    fn poll_ready(&self, context: &Context<'_>) -> Poll<Result<(), ExchangeError>> {
        let mut state = self.state.borrow_mut();
        match state.connection.readiness() {
            Readiness::Ready => Poll::Ready(Ok(())),
            Readiness::Retired => Poll::Ready(Err(ExchangeError::NotReusable)),
            Readiness::Wait => {
                state.wait(context.waker());
                Poll::Pending
            }
        }
    }

    /// Returns why a request has no response. A server that closes the connection names the last request that it has processed, for any
    /// reason of closing (RFC 9113, section 6.8). A request that the server refuses individually is not processed either (section 8.7). A
    /// processed request is lost with its connection, which has ended for its own reason.
    fn lost(&self, error: RequestError) -> ExchangeError {
        match error {
            RequestError::NotTaken(reason) => ExchangeError::NotTaken(reason),
            RequestError::Refused => ExchangeError::Refused,
            RequestError::ConnectionLost => {
                let end = self.state.borrow().end.clone();
                ExchangeError::Http2(end.unwrap_or_else(|| Arc::new(Http2Error::Closed)))
            }
            RequestError::Reset(_) | RequestError::Malformed(_) => ExchangeError::Http2(Arc::new(Http2Error::Request(error))),
        }
    }
}

impl Drop for Multiplexed {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.is_unwanted = true;
        state.wake_driver();
    }
}

/// A request that was started. Cancels it if it is dropped before its end.
struct Request<'a> {
    state: &'a RefCell<State>,
    key: Option<StreamKey>,
}

impl Request<'_> {
    /// Waits for the end.
    async fn ended(mut self) -> Call {
        poll_fn(|context| {
            let key = self.key.expect("a request ends once");
            let mut state = self.state.borrow_mut();
            if let Some(call) = state.connection.take(key) {
                self.key = None;
                return Poll::Ready(call);
            }
            state.connection.response(key).expect("the request has not ended").set_waker(context.waker());
            Poll::Pending
        })
        .await
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let mut state = self.state.borrow_mut();
            state.connection.cancel(key);
            state.wake_driver();
            state.wake_waiting();
        }
    }
}

#[cfg(test)]
mod tests;
