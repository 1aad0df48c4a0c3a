//! HTTP/2 over a connection, without TLS. The HTTP/2 server of actix-http bounds neither the number of streams nor their header sections,
//! and waits without end for a client that does not read its responses.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use actix_http::body::{BodySize, MessageBody};
use actix_http::{Response, Uri};
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::{HeaderValue, Method, header};

use crate::answer::Answer;
use crate::connection_state::ConnectionState;
use crate::connection_stream::ConnectionStream;
use crate::content_encoding::ContentEncoding;
use crate::exchange::Exchange;
use crate::large_answer::ANSWER_PIECE_BYTES;
use crate::limits::BODY_BYTES_MAX;
use crate::receiver_state::WorkerState;
use crate::routes::{self, Head};
use crate::transfer::Transfer;
use crate::worker::Worker;

/// The memory of a stream in addition to its header section and its body: a task, and the tables of the connection.
const STREAM_BYTES: usize = 4 * 1024;

/// The bytes of all bodies of a connection that the client can send before the receiver has read them.
const CONNECTION_WINDOW_BYTES: u32 = 2 * 1024 * 1024;

/// Handles the requests of a connection until it ends.
pub(crate) async fn serve(stream: ConnectionStream, state: &WorkerState) {
    let connection = Rc::clone(stream.connection());
    let worker = Rc::clone(connection.worker());
    let limits = worker.shared.limits;
    connection.expect_http2();
    let mut builder = h2::server::Builder::new();
    builder
        .max_concurrent_streams(limits.streams_per_connection.get())
        .max_header_list_size(limits.header_bytes.get())
        .initial_window_size(u32::try_from(BODY_BYTES_MAX).unwrap_or(u32::MAX))
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(2 * ANSWER_PIECE_BYTES);
    let Ok(mut requests) = builder.handshake(stream).await else { return };
    connection.state().set_http2();
    while let Some(Ok((request, mut respond))) = requests.accept().await {
        let (head, body) = request.into_parts();
        let transfer = Rc::new(Transfer::new(Rc::clone(&worker)));
        let header_bytes: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if transfer.reserve(STREAM_BYTES + header_bytes).is_err() {
            worker.shared.counters.count_no_memory();
            // The request was not handled, so the client can send it again.
            respond.send_reset(Reason::REFUSED_STREAM);
            continue;
        }
        let Some(uri) = uri_of(&head) else {
            respond.send_reset(Reason::PROTOCOL_ERROR);
            continue;
        };
        let exchange = Exchange::http2(Rc::clone(&connection), Rc::clone(&transfer), body);
        let open_request = OpenRequest::new(Rc::clone(connection.state()));
        let encodings = head.headers.get_all(header::CONTENT_ENCODING).iter();
        let encoding = ContentEncoding::of(encodings.map(HeaderValue::as_bytes));
        let method = head.method;
        let (state, worker) = (Rc::clone(state), Rc::clone(&worker));
        actix_rt::spawn(async move {
            let _open_request = open_request;
            let head = Head { method: method.as_str(), path: uri.path(), encoding };
            let answer = routes::answer(&state, head, exchange).await;
            let is_head = method == Method::HEAD;
            // A client that is gone gets no response.
            let _ = send(answer, respond, &transfer, &worker, is_head).await;
        });
    }
}

/// Counts a request as under way until it is dropped.
struct OpenRequest(Rc<ConnectionState>);

impl OpenRequest {
    fn new(connection: Rc<ConnectionState>) -> Self {
        connection.begin_request();
        Self(connection)
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.end_request(true);
    }
}

/// The URI of a request. `None` if it has no path, or one that a request over HTTP/1.1 cannot have.
fn uri_of(head: &http::request::Parts) -> Option<Uri> {
    Uri::try_from(head.uri.path_and_query()?.as_str()).ok()
}

/// Sends a response as fast as the client accepts it. Gives up on a client that stops.
async fn send(
    answer: Answer,
    mut respond: SendResponse<Bytes>,
    transfer: &Transfer,
    worker: &Worker,
    is_head: bool,
) -> Result<(), Unsent> {
    let (head, mut body) = answer.into_parts();
    let size = match body.size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let is_empty = size == 0 || is_head;
    let mut stream = respond.send_response(head_of(&head, size, worker)?, is_empty)?;
    if is_empty {
        return Ok(());
    }
    if transfer.check().is_err() {
        // The request was aborted, not the response.
        transfer.end();
    }
    if size > ANSWER_PIECE_BYTES as u64 && transfer.reserve(usize::try_from(size).unwrap_or(usize::MAX)).is_err() {
        worker.shared.counters.count_no_memory();
        stream.send_reset(Reason::ENHANCE_YOUR_CALM);
        return Ok(());
    }
    transfer.set_moving(true);
    let mut left = size;
    while let Some(piece) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
        let mut piece = piece.map_err(|_| Unsent)?;
        while !piece.is_empty() {
            let part = piece.split_to(capacity(&mut stream, piece.len(), transfer).await?);
            left = left.saturating_sub(part.len() as u64);
            transfer.note_moved(part.len());
            stream.send_data(part, left == 0)?;
        }
    }
    Ok(())
}

/// Waits until bytes can be sent. Returns how many of `bytes`. A client that does not accept bytes in time loses the stream.
async fn capacity(stream: &mut SendStream<Bytes>, bytes: usize, transfer: &Transfer) -> Result<usize, Unsent> {
    let wanted = bytes.min(ANSWER_PIECE_BYTES);
    stream.reserve_capacity(wanted);
    let capacity = poll_fn(|context| {
        if transfer.check().is_err() {
            return Poll::Ready(None);
        }
        let capacity = stream.poll_capacity(context);
        if capacity.is_pending() {
            transfer.register(context);
        }
        capacity
    });
    match capacity.await {
        Some(Ok(capacity)) => Ok(capacity.min(wanted)),
        Some(Err(_)) => Err(Unsent),
        None => {
            stream.send_reset(Reason::CANCEL);
            Err(Unsent)
        }
    }
}

fn head_of(head: &Response<()>, size: u64, worker: &Worker) -> Result<http::Response<()>, Unsent> {
    let mut answer = http::Response::builder().status(head.status().as_u16());
    for (name, value) in head.headers() {
        answer = answer.header(name.as_str(), value.as_bytes());
    }
    let answer = answer.header(header::CONTENT_LENGTH, size).header(header::DATE, worker.date());
    answer.body(()).map_err(|_| Unsent)
}

/// A response that was not sent completely, because the client is gone or stopped reading.
struct Unsent;

impl From<h2::Error> for Unsent {
    fn from(_: h2::Error) -> Self {
        Self
    }
}
