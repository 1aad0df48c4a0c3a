//! Tests of HTTP/2 with prior knowledge: the responses, and the limits.

use std::future::{Future, poll_fn};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use actix_rt::{System, spawn};
use bytes::Bytes;
use event_receiver::{Limits, RunningReceiver, start};
use h2::client::SendRequest;
use h2::{Reason, RecvStream, SendStream};
use http::{Request, Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::client::{config, stopped, view};

const MIB: usize = 1024 * 1024;

fn receiver(limits: Limits) -> RunningReceiver {
    start(config().with_workers(NonZeroUsize::MIN).with_http2().with_limits(limits)).unwrap()
}

/// Runs a test with a connection to a receiver with these limits, and returns the receiver.
fn with_connection<F: Future<Output = ()>>(limits: Limits, test: impl FnOnce(SendRequest<Bytes>) -> F) -> RunningReceiver {
    let receiver = receiver(limits);
    System::new().block_on(async {
        test(connect(&receiver).await).await;
    });
    receiver
}

async fn connect(receiver: &RunningReceiver) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(receiver.addr()).await.unwrap();
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    spawn(async move {
        // The requests report how the connection ends.
        let _ = connection.await;
    });
    requests.ready().await.unwrap()
}

/// Sends a request and a part of its body.
async fn begin(
    requests: &SendRequest<Bytes>,
    method: &str,
    path: &str,
    part: usize,
) -> (h2::client::ResponseFuture, SendStream<Bytes>) {
    let request = Request::builder().method(method).uri(format!("http://test{path}")).body(()).unwrap();
    let (response, mut body) = requests.clone().ready().await.unwrap().send_request(request, false).unwrap();
    send(&mut body, vec![b' '; part].into(), false).await;
    (response, body)
}

/// Sends bytes as fast as the receiver accepts them. Returns whether it accepted all.
async fn send(body: &mut SendStream<Bytes>, mut bytes: Bytes, is_end: bool) -> bool {
    while !bytes.is_empty() {
        body.reserve_capacity(bytes.len());
        let Some(Ok(capacity)) = poll_fn(|context| body.poll_capacity(context)).await else { return false };
        let part = bytes.split_to(capacity.min(bytes.len()));
        if body.send_data(part, is_end && bytes.is_empty()).is_err() {
            return false;
        }
    }
    true
}

async fn request(requests: &SendRequest<Bytes>, method: &str, path: &str, body: Vec<u8>) -> (Response<()>, Vec<u8>) {
    let (response, mut stream) = begin(requests, method, path, 0).await;
    if body.is_empty() {
        stream.send_data(Bytes::new(), true).unwrap();
    } else {
        send(&mut stream, body.into(), true).await;
    }
    answer(response).await.unwrap()
}

async fn answer(response: h2::client::ResponseFuture) -> Result<(Response<()>, Vec<u8>), h2::Error> {
    let (head, mut body) = response.await?.into_parts();
    Ok((Response::from_parts(head, ()), all(&mut body).await?))
}

async fn all(body: &mut RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut whole = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

#[test]
fn answers_are_those_of_http1() {
    let receiver = with_connection(Limits::default(), async |requests| {
        let message = view("e", 1).into_bytes();
        let (head, body) = request(&requests, "POST", "/clientEvents?alt=json", message.clone()).await;
        assert_eq!((head.status(), &body), (StatusCode::OK, &message));
        assert_eq!(head.headers()["content-type"], "application/json");
        assert_eq!(head.headers()["content-length"], message.len().to_string());
        assert!(httpdate::parse_http_date(head.headers()["date"].to_str().unwrap()).is_ok());
        let (head, body) = request(&requests, "GET", "/healthz", Vec::new()).await;
        assert_eq!((head.status(), &*body), (StatusCode::OK, &b"ok"[..]));
        let (head, body) = request(&requests, "HEAD", "/healthz", Vec::new()).await;
        assert_eq!((head.status(), &*body), (StatusCode::OK, &b""[..]));
        for (method, path, body, status) in [
            ("POST", "/clientEvents", b"{}".to_vec(), StatusCode::BAD_REQUEST),
            ("POST", "/clientEvents", view("e", 2).into_bytes(), StatusCode::CONFLICT),
            ("POST", "/clientEvents", vec![b' '; 2 * MIB], StatusCode::PAYLOAD_TOO_LARGE),
            ("PUT", "/clientEvents", vec![b' '; 2 * MIB], StatusCode::METHOD_NOT_ALLOWED),
            ("GET", "/nowhere", Vec::new(), StatusCode::NOT_FOUND),
        ] {
            let (head, body) = request(&requests, method, path, body).await;
            let error: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((head.status(), &error["error"]["code"]), (status, &Value::from(status.as_u16())));
        }
        // The receiver returns a large response completely.
        let large = view("large", 1).replace("jobs/1", &format!("jobs/{}", "j".repeat(MIB - 300)));
        let (head, body) = request(&requests, "POST", "/clientEvents", large.clone().into_bytes()).await;
        assert_eq!((head.status(), body.len()), (StatusCode::OK, large.len()));
    });
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.too_large, summary.event_ids.conflicting), (2, 1, 1));
}

#[test]
fn many_concurrent_requests_are_answered() {
    let receiver = with_connection(Limits::default(), async |requests| {
        let mut open = Vec::new();
        for number in 0..500 {
            let (response, mut stream) = begin(&requests, "POST", "/clientEvents", 0).await;
            send(&mut stream, view(&format!("e-{number}"), 1).into(), true).await;
            open.push(response);
        }
        for response in open {
            assert_eq!(answer(response).await.unwrap().0.status(), StatusCode::OK);
        }
    });
    assert_eq!(stopped(receiver).accepted, 500);
}

#[test]
fn the_number_of_streams_is_limited() {
    let limits = Limits { streams_per_connection: NonZeroU32::new(3).unwrap(), ..Limits::default() };
    let receiver = with_connection(limits, async |requests| {
        // The receiver sent its settings before its first response.
        request(&requests, "GET", "/healthz", Vec::new()).await;
        assert_eq!(requests.current_max_send_streams(), 3);
    });
    stopped(receiver);
}

#[test]
fn a_large_header_section_is_refused() {
    let limits = Limits { header_bytes: NonZeroU32::new(2_000).unwrap(), ..Limits::default() };
    let receiver = with_connection(limits, async |requests| {
        let request = Request::get("http://test/healthz").header("x-large", "x".repeat(3_000)).body(()).unwrap();
        let (response, _) = requests.clone().send_request(request, true).unwrap();
        // A response, or an error of the stream.
        let status = response.await.map(|response| response.status());
        assert!(!matches!(status, Ok(StatusCode::OK)), "{status:?}");
    });
    stopped(receiver);
}

#[test]
fn bodies_that_stop_are_answered() {
    let short = Duration::from_millis(500);
    let receiver = with_connection(Limits { rate_window: short, ..Limits::default() }, async |requests| {
        let mut open = Vec::new();
        for part in [0, 1, 100_000, 500_000] {
            open.push(begin(&requests, "POST", "/clientEvents", part).await);
        }
        for (response, body) in open {
            let (head, _) = answer(response).await.unwrap();
            assert_eq!(head.status(), StatusCode::REQUEST_TIMEOUT);
            drop(body);
        }
        assert_eq!(request(&requests, "GET", "/healthz", Vec::new()).await.0.status(), StatusCode::OK);
    });
    assert_eq!(stopped(receiver).limits.too_slow, 4);
}

#[test]
fn when_the_memory_is_used_up_streams_give_way() {
    let short = Duration::from_millis(500);
    let limits = Limits { memory_bytes: Limits::MEMORY_BYTES_MIN, rate_window: short, ..Limits::default() };
    let receiver = with_connection(limits, async |requests| {
        let mut open = Vec::new();
        for _ in 0..20 {
            open.push(begin(&requests, "POST", "/clientEvents", 500_000).await);
        }
        let mut without_memory = 0;
        for (response, body) in open {
            match answer(response).await {
                Ok((head, _)) if head.status() == StatusCode::SERVICE_UNAVAILABLE => without_memory += 1,
                Ok((head, _)) => assert_eq!(head.status(), StatusCode::REQUEST_TIMEOUT),
                // The receiver refused the stream, because it had no room for it.
                Err(error) => {
                    assert_eq!(error.reason(), Some(Reason::REFUSED_STREAM), "{error}");
                    without_memory += 1;
                }
            }
            drop(body);
        }
        assert!(without_memory >= 13, "{without_memory}");
        assert_eq!(request(&requests, "GET", "/healthz", Vec::new()).await.0.status(), StatusCode::OK);
    });
    stopped(receiver);
}

/// A client that does not open the window for a response loses the stream, and the memory is free again.
#[test]
fn an_answer_that_is_not_taken_is_given_up() {
    let short = Duration::from_millis(500);
    let receiver = with_connection(Limits { rate_window: short, ..Limits::default() }, async |requests| {
        let large = view("large", 1).replace("jobs/1", &format!("jobs/{}", "j".repeat(MIB - 300)));
        let (response, mut stream) = begin(&requests, "POST", "/clientEvents", 0).await;
        send(&mut stream, large.into(), true).await;
        let mut body = response.await.unwrap().into_body();
        let mut received = 0;
        let error = loop {
            // The client does not enlarge the window.
            match body.data().await {
                Some(Ok(piece)) => received += piece.len(),
                Some(Err(error)) => break error,
                None => panic!("all {received} bytes arrived"),
            }
        };
        assert_eq!(error.reason(), Some(Reason::CANCEL));
    });
    assert_eq!(stopped(receiver).accepted, 1);
}
