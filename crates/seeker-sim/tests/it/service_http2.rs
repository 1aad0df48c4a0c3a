//! HTTP/2 services, built with the crate h2, with correct or faulty behaviour. They record the requests that they receive.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use event_request::grpc::pubsub::{PublishRequest, PublishResponse};
use event_request::grpc::{read_frame, write_frame};
use h2::server::{Builder, SendResponse};
use h2::{Reason, RecvStream};
use http::request::Parts;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

use crate::service::{ClientFiles, tls_config, tls_config_for};

/// The behaviour of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http2Manner {
    /// Responds with status 200.
    Answers,
    /// Responds with status 200, and allows only one concurrent request per connection.
    AnswersOneAtATime,
    /// Responds with status 200 once this many requests are in flight.
    AnswersTogether(usize),
    /// Resets the first attempts at each event, this many times, then responds.
    ResetsFirst(usize, Reason),
    /// After this many requests on a connection, announces its end and responses the requests received so far.
    GoesAway(usize),
    /// After this many requests, ends the connection without an error and responses no more.
    GoesAtOnce(usize),
    /// Closes the connection at the request after this many.
    HangsUp(usize),
    /// Never answers, and keeps the connection open.
    KeepsSilent,
    /// Ends gRPC calls with this status in the trailers, or in the headers if there is no body.
    EndsCalls(&'static str, GrpcBody),
    /// Responds with status 200 and a body of this many bytes: an object and spaces.
    AnswersAtLength(usize),
}

/// The body of a gRPC response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrpcBody {
    /// An empty message.
    Message,
    /// A message with this many message ids of Pub/Sub for each message of the request, in percent.
    MessageIds(usize),
    /// No body: the headers are the trailers.
    Nothing,
}

/// A received request.
pub(crate) struct Http2Request {
    pub(crate) head: Parts,
    pub(crate) body: Vec<u8>,
}

/// A service on a loopback port. It lives as long as the test process.
pub(crate) struct Http2Service {
    pub(crate) addr: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Http2Request>>,
    attempts: Mutex<HashMap<Vec<u8>, usize>>,
    connections: AtomicUsize,
    at_once: AtomicUsize,
    at_once_max: AtomicUsize,
    waiting: Mutex<Vec<SendResponse<Bytes>>>,
}

impl Http2Service {
    /// Starts a service over plain TCP, with prior knowledge.
    pub(crate) fn start(manner: Http2Manner) -> Self {
        Self::start_over(manner, None)
    }

    /// Starts a service over TLS. Returns the service and its certificate for localhost as PEM.
    pub(crate) fn start_tls(manner: Http2Manner) -> (Self, String) {
        let (config, certificate) = tls_config("localhost", &["h2"]);
        (Self::start_over(manner, Some(TlsAcceptor::from(Arc::new(config)))), certificate)
    }

    /// Like [`Http2Service::start_tls`], for clients with this certificate only.
    pub(crate) fn start_tls_for(client: &ClientFiles, manner: Http2Manner) -> (Self, String) {
        let (config, certificate) = tls_config_for(Some(&client.certificate), "localhost", &["h2"]);
        (Self::start_over(manner, Some(TlsAcceptor::from(Arc::new(config)))), certificate)
    }

    fn start_over(manner: Http2Manner, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let service = Self { addr: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&service.seen);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let (seen, tls) = (Arc::clone(&seen), tls.clone());
                    spawn_local(async move {
                        match tls {
                            None => serve(stream, manner, seen).await,
                            // A client that does not trust the certificate disconnects.
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    serve(stream, manner, seen).await;
                                }
                            }
                        }
                    });
                }
            });
        });
        service
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn requests(&self) -> Vec<Http2Request> {
        std::mem::take(&mut self.seen.requests.lock().unwrap())
    }

    /// The number of connections with a request.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The maximum number of concurrent requests.
    pub(crate) fn at_once_max(&self) -> usize {
        self.seen.at_once_max.load(Ordering::SeqCst)
    }
}

/// The client reports all errors of a connection.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, manner: Http2Manner, seen: Arc<Seen>) {
    let mut builder = Builder::new();
    if manner == Http2Manner::AnswersOneAtATime {
        builder.max_concurrent_streams(1);
    }
    let Ok(mut connection) = builder.handshake::<_, Bytes>(stream).await else { return };
    let mut count = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        count += 1;
        if count == 1 {
            seen.connections.fetch_add(1, Ordering::SeqCst);
        }
        match manner {
            Http2Manner::GoesAway(after) if count == after => connection.graceful_shutdown(),
            Http2Manner::GoesAtOnce(after) if count == after => connection.abrupt_shutdown(Reason::NO_ERROR),
            Http2Manner::HangsUp(after) if count > after => return,
            _ => {}
        }
        spawn_local(answer(request, respond, manner, Arc::clone(&seen)));
    }
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, manner: Http2Manner, seen: Arc<Seen>) {
    let at_once = seen.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    seen.at_once_max.fetch_max(at_once, Ordering::SeqCst);
    let (head, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(data)) = incoming.data().await {
        body.extend_from_slice(&data);
        // If the stream is gone, the rest of the loop notices.
        let _ = incoming.flow_control().release_capacity(data.len());
    }
    let attempts = {
        let mut attempts = seen.attempts.lock().unwrap();
        let attempts = attempts.entry(body.clone()).or_default();
        *attempts += 1;
        *attempts
    };
    let request_body = body.clone();
    seen.requests.lock().unwrap().push(Http2Request { head, body });
    match manner {
        Http2Manner::ResetsFirst(times, reason) if attempts <= times => respond.send_reset(reason),
        Http2Manner::KeepsSilent => {
            // Waits until the client cancels the request.
            let _ = std::future::poll_fn(|context| respond.poll_reset(context)).await;
        }
        Http2Manner::AnswersTogether(number) => {
            let mut waiting = seen.waiting.lock().unwrap();
            waiting.push(respond);
            if waiting.len() == number {
                seen.at_once.fetch_sub(number, Ordering::SeqCst);
                waiting.drain(..).for_each(ok);
            }
            return;
        }
        Http2Manner::EndsCalls(status, body) => end_call(respond, status, body, &request_body),
        Http2Manner::AnswersAtLength(length) => ok_with(respond, format!("{{}}{}", " ".repeat(length - 2)).into()),
        _ => ok(respond),
    }
    seen.at_once.fetch_sub(1, Ordering::SeqCst);
}

fn ok(respond: SendResponse<Bytes>) {
    ok_with(respond, Bytes::from_static(b"{}"));
}

fn ok_with(mut respond: SendResponse<Bytes>, body: Bytes) {
    // The client may have disconnected.
    if let Ok(mut stream) = respond.send_response(Response::new(()), false) {
        let _ = stream.send_data(body, true);
    }
}

fn end_call(mut respond: SendResponse<Bytes>, status: &str, body: GrpcBody, request: &[u8]) {
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", status.parse().unwrap());
    trailers.insert("grpc-message", "refused%20on%20purpose".parse().unwrap());
    let mut response = Response::new(());
    // The client may have disconnected.
    let _ = match body {
        GrpcBody::Nothing => {
            *response.headers_mut() = trailers;
            respond.send_response(response, true).map(drop)
        }
        GrpcBody::Message | GrpcBody::MessageIds(_) => respond.send_response(response, false).and_then(|mut stream| {
            stream.send_data(grpc_message(body, request), false)?;
            stream.send_trailers(trailers)
        }),
    };
}

fn grpc_message(body: GrpcBody, request: &[u8]) -> Bytes {
    let GrpcBody::MessageIds(percent) = body else { return Bytes::from_static(&[0; 5]) };
    let request: PublishRequest = read_frame(request).unwrap();
    let ids = request.messages.len() * percent / 100;
    let mut frame = Vec::new();
    write_frame(&PublishResponse { message_ids: vec!["1".to_owned(); ids] }, &mut frame);
    frame.into()
}
