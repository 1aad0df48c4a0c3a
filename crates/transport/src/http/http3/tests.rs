//! Tests of HTTP/3 connections against a server in the same process.

mod server;

use std::{fs, net::UdpSocket, time::Duration};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::RootCertStore;
use url::Url;

use super::*;
use crate::http::{EndpointError, Header, IdentityFiles, RetryAfter, Trust, trust::Roots, version::Version};
use server::{Reply, Server, Settings};

/// A response with these fields and this body.
fn response(fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut section = vec![0, 0];
    for (name, value) in fields {
        qpack::write_literal(name, value.as_bytes(), &mut section);
    }
    let mut bytes = Vec::new();
    write_frame(frame::HEADERS, &[&section], &mut bytes);
    write_frame(frame::DATA, &[body], &mut bytes);
    bytes
}

fn status(status: &str) -> Vec<u8> {
    response(&[(":status", status)], b"")
}

fn endpoint_with(server: &Server, headers: &[&str], roots: RootCertStore) -> Endpoint {
    let url = Url::parse(&format!("https://localhost:{}/events?key=0123456789", server.address.port())).unwrap();
    let headers: Vec<Header> = headers.iter().map(|header| header.parse().unwrap()).collect();
    let resolve = format!("localhost:{0}:127.0.0.1", server.address.port()).parse().unwrap();
    let roots = Roots { store: roots, named: Vec::new() };
    let endpoint = Endpoint::with_roots(&url, &headers, Version::Http3, || Ok(Some(roots))).unwrap();
    endpoint.with_addresses(&[], &[resolve], Duration::from_secs(1))
}

fn endpoint(server: &Server) -> Endpoint {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.clone()).unwrap();
    endpoint_with(server, &[], roots)
}

/// Opens a connection and runs its driver while the test runs.
async fn with_connection<T>(endpoint: &Endpoint, test: impl AsyncFnOnce(&Http3) -> T) -> T {
    let (connection, driver) = Http3::open(endpoint, || {}).await.unwrap();
    let tested = async {
        let result = test(&connection).await;
        drop(connection);
        result
    };
    let (result, ()) = tokio::join!(tested, driver);
    result
}

/// The error of a connection that cannot be opened.
async fn refused(endpoint: &Endpoint) -> OpenError {
    match Http3::open(endpoint, || {}).await {
        Ok(_) => panic!("the connection is open"),
        Err(error) => error,
    }
}

async fn post(connection: &Http3, endpoint: &Endpoint) -> Result<Answer, ExchangeError> {
    assert!(connection.has_room(0));
    connection.post(endpoint, None, b"{}", None).await
}

#[tokio::test]
async fn a_request_has_its_headers_and_its_response_a_status_and_a_body() {
    let answers = [("204", None), ("503", Some("7")), ("429", None)];
    let server = Server::start(Settings::default(), move |number| {
        let (status, retry_after) = answers[number];
        let retry_after = retry_after.map(|seconds| ("retry-after", seconds));
        Reply::Bytes(response(&[Some((":status", status)), retry_after].into_iter().flatten().collect::<Vec<_>>(), b"said"))
    });
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.clone()).unwrap();
    let endpoint = endpoint_with(&server, &["X-One: 1", "Host: jobs.example", "Authorization: Bearer secret"], roots);
    let trace = TraceParent::of_uuid(b"4BF92F35-77b3-4da6-a3ce-929d0e0e4736");
    with_connection(&endpoint, async |connection| {
        assert_eq!(connection.open_times().tls, None);
        for (status, retry_after) in answers {
            assert!(connection.has_room(0));
            let mut kept = b"old".to_vec();
            let answer = connection.post(&endpoint, Some(&trace), b"{\"a\":1}", Some(&mut kept)).await.unwrap();
            assert_eq!((answer.status.to_string(), &*kept, answer.is_whole), (status.to_owned(), &b"said"[..], true));
            assert_eq!(answer.retry_after, retry_after.map(|seconds: &str| RetryAfter::Seconds(seconds.parse().unwrap())));
        }
    })
    .await;
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for (section, body) in requests {
        assert_eq!(body, b"{\"a\":1}");
        let fields = qpack::tests::fields(&section);
        assert_eq!(fields.iter().filter(|(name, _)| name == "host").count(), 0);
        for (name, value) in [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", "jobs.example"),
            (":path", "/events?key=0123456789"),
            ("content-type", "application/json"),
            ("x-one", "1"),
            ("authorization", "Bearer secret"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-a3ce929d0e0e4736-01"),
            ("content-length", "7"),
        ] {
            let values: Vec<_> = fields.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect();
            assert_eq!(values, [value], "{name}");
        }
    }
}

#[tokio::test]
async fn requests_that_the_server_did_not_process_can_be_sent_again() {
    let server = Server::start(Settings::default(), |number| match number {
        0 => Reply::Reset(0x10b),
        1 => Reply::Reset(0x102),
        // The third request has the id 8.
        2 => Reply::GoAway(12, status("200")),
        _ => unreachable!("no request follows GOAWAY"),
    });
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| {
        let error = post(connection, &endpoint).await.unwrap_err();
        assert!(error.is_unprocessed() && error.is_refusal(), "{error:?}");
        let error = post(connection, &endpoint).await.unwrap_err();
        assert!(!error.is_unprocessed(), "{error:?}");
        let line = endpoint.error_line(&error);
        assert_eq!(line, "read the response over HTTP/3: the server reset the request (H3_INTERNAL_ERROR)");
        assert_eq!(post(connection, &endpoint).await.unwrap().status, 200);
        let error = post(connection, &endpoint).await.unwrap_err();
        assert!(matches!(error, ExchangeError::NotReusable), "{error:?}");
    })
    .await;
}

/// The second request is named by GOAWAY, so the server does not process it. The first may have been processed.
#[tokio::test]
async fn goaway_says_which_requests_were_not_processed() {
    let server = Server::start(Settings::default(), |number| match number {
        0 => Reply::Silence,
        _ => Reply::GoAway(4, Vec::new()),
    });
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| {
        assert!(connection.has_room(1));
        // The stream that was opened last is used first.
        let (spare, first) = (connection.state.spare.borrow_mut().pop(), connection.post(&endpoint, None, b"{}", None));
        let mut first = pin!(first);
        assert!(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
        connection.state.spare.borrow_mut().extend(spare);
        let second = connection.post(&endpoint, None, b"{}", None).await.unwrap_err();
        assert!(matches!(second, ExchangeError::Http3NotTaken) && second.is_unprocessed(), "{second:?}");
        assert!(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_connection_is_quoted_without_secrets() {
    let server = Server::start(Settings::default(), |_| Reply::Close(0x101, "no key 0123456789"));
    let endpoint = endpoint(&server);
    let error = with_connection(&endpoint, async |connection| {
        let error = post(connection, &endpoint).await.unwrap_err();
        assert!(matches!(post(connection, &endpoint).await, Err(ExchangeError::NotReusable)));
        error
    })
    .await;
    assert!(!error.is_unprocessed());
    let start = "read the response over HTTP/3: the server closed the connection (H3_GENERAL_PROTOCOL_ERROR";
    assert_eq!(endpoint.error_line(&error), format!("{start}: no key [concealed])"));
    assert_eq!(endpoint.without_answers().error_line(&error), format!("{start})"));
}

#[tokio::test]
async fn a_response_that_breaks_the_rules_is_an_error() {
    for (bytes, ends_connection, expected) in [
        (vec![0, 1, b'a'], true, "the server sent DATA before the header of the response"),
        (Vec::from(&status("200")[..3]), true, "the stream ended within a frame"),
        (status("20"), false, "the response has a status that is not a number from 100 to 999"),
        (vec![0x21, 0], false, "the stream ended without a response"),
    ] {
        let server = Server::start(Settings::default(), move |_| Reply::Bytes(bytes.clone()));
        let endpoint = endpoint(&server);
        with_connection(&endpoint, async |connection| {
            let error = post(connection, &endpoint).await.unwrap_err();
            assert_eq!(endpoint.error_line(&error), format!("read the response over HTTP/3: {expected}"));
            assert_eq!(connection.quic.close_reason().is_some(), ends_connection, "{expected}");
        })
        .await;
    }
}

/// A server can refuse a body before it has read the body.
#[tokio::test]
async fn an_early_response_counts() {
    let server = Server::start(Settings::default(), |_| Reply::Early(status("413")));
    let endpoint = endpoint(&server);
    let body = vec![b' '; 20 << 20];
    with_connection(&endpoint, async |connection| {
        assert!(connection.has_room(0));
        assert_eq!(connection.post(&endpoint, None, &body, None).await.unwrap().status, 413);
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_long_response_is_not_read() {
    let long = |more: usize| response(&[(":status", "200")], &vec![b' '; MAX_BODY + more]);
    let server = Server::start(Settings::default(), move |number| Reply::Bytes(long(number)));
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| {
        for is_whole in [true, false] {
            assert!(connection.has_room(0));
            let mut kept = Vec::new();
            let answer = connection.post(&endpoint, None, b"{}", Some(&mut kept)).await.unwrap();
            assert_eq!((answer.status, answer.is_whole, kept.len()), (200, is_whole, MAX_BODY));
        }
    })
    .await;
}

#[tokio::test]
async fn the_stream_limit_of_the_server_is_obeyed() {
    let server = Server::start(Settings { streams_max: 1, ..Settings::default() }, |_| Reply::Bytes(status("200")));
    let endpoint = endpoint(&server);
    let (rooms, room) = tokio::sync::mpsc::unbounded_channel();
    let mut room = room;
    let (connection, driver) = Http3::open(&endpoint, move || rooms.send(()).unwrap()).await.unwrap();
    let tested = async {
        for _ in 0..3 {
            assert!(connection.has_room(0) && !connection.has_room(1));
            assert_eq!(connection.post(&endpoint, None, b"{}", None).await.unwrap().status, 200);
            // The driver opens the next stream as soon as the server allows it.
            room.recv().await.unwrap();
        }
        drop(connection);
    };
    tokio::join!(tested, driver);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_request_that_is_given_up_costs_only_itself() {
    let server = Server::start(Settings { streams_max: 2, ..Settings::default() }, |number| match number {
        0 => Reply::Silence,
        _ => Reply::Bytes(status("200")),
    });
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| {
        assert!(connection.has_room(0));
        {
            let mut given_up = pin!(connection.post(&endpoint, None, b"{}", None));
            assert!(poll_fn(|context| Poll::Ready(given_up.as_mut().poll(context).is_pending())).await);
            assert_eq!(connection.state.in_use.get(), 1);
        }
        assert_eq!(connection.state.in_use.get(), 0);
        assert_eq!(post(connection, &endpoint).await.unwrap().status, 200);
    })
    .await;
}

#[tokio::test]
async fn certificates_are_judged_as_over_tcp() {
    let reply = |_| Reply::Bytes(status("200"));
    let server = Server::start(Settings::default(), reply);
    let mut others = RootCertStore::empty();
    others.add(generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.der().clone()).unwrap();
    let error = refused(&endpoint_with(&server, &[], others)).await;
    assert!(matches!(error, OpenError::TlsIssuer { .. }) && error.is_about_identity(), "{error:?}");

    let server = Server::start(Settings { name: "jobs.example", ..Settings::default() }, reply);
    let error = refused(&endpoint(&server)).await;
    assert!(error.to_string().ends_with("does not cover `localhost`; it covers `jobs.example`"), "{error}");

    let url = Url::parse(&format!("https://{}", server.address)).unwrap();
    let unchecked = Endpoint::new_http3(&url, &[], &Trust::Unchecked).unwrap();
    assert_eq!(with_connection(&unchecked, async |connection| post(connection, &unchecked).await.unwrap().status).await, 200);
}

#[tokio::test]
async fn a_server_that_requires_a_client_certificate_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["client".to_owned()]).unwrap();
    let path = folder.path().join("both.pem");
    fs::write(&path, format!("{}{}", signing_key.serialize_pem(), cert.pem())).unwrap();
    let identity = IdentityFiles { certificate: path.clone(), key: path }.read().unwrap();
    let settings = Settings { client: Some(cert.der().clone()), ..Settings::default() };
    let server = Server::start(settings, |_| Reply::Bytes(status("200")));
    let identified = endpoint(&server).with_identity(&identity);
    assert_eq!(with_connection(&identified, async |connection| post(connection, &identified).await.unwrap().status).await, 200);
    let endpoint = endpoint(&server);
    let error = refused(&endpoint).await;
    assert!(
        endpoint.error_line(&error).ends_with("received fatal alert: CertificateRequired"),
        "{}",
        endpoint.error_line(&error)
    );
}

#[tokio::test]
async fn a_server_without_http3_is_reported() {
    let reply = |_| Reply::Silence;
    let server = Server::start(Settings { protocol: "hq-interop", ..Settings::default() }, reply);
    let error = refused(&endpoint(&server)).await;
    assert!(matches!(error, OpenError::NoHttp3 { .. }) && error.is_about_identity(), "{error:?}");
    for (control, expected) in [
        (vec![0, 7, 1, 0], "the control stream does not begin with SETTINGS"),
        (vec![1], "the server sent the id of something that the client did not allow"),
    ] {
        let server = Server::start(Settings { control, ..Settings::default() }, reply);
        let endpoint = endpoint(&server);
        let error = refused(&endpoint).await;
        let line = endpoint.error_line(&error);
        assert_eq!(line, format!("start HTTP/3 with {}: {expected}", server.address));
    }
    let plain = Endpoint::new_http3(&Url::parse("http://localhost").unwrap(), &[], &Trust::System);
    assert!(matches!(plain, Err(EndpointError::Http3WithoutTls)));
}

/// The client closes the connection without an error, so the server does not wait for the idle timeout.
#[tokio::test]
async fn a_connection_ends_in_order() {
    let mut server = Server::start(Settings::default(), |_| Reply::Bytes(status("200")));
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| post(connection, &endpoint).await.unwrap()).await;
    let end = server.next_end().await;
    assert!(matches!(&end, quinn::ConnectionError::ApplicationClosed(close) if close.error_code == NO_ERROR), "{end:?}");
}

/// Nothing listens at the first address. The connection tries the next address after a quarter of the timeout.
#[tokio::test]
async fn all_addresses_are_tried() {
    let server = Server::start(Settings::default(), |_| Reply::Bytes(status("200")));
    let resolve = format!("localhost:{0}:127.0.0.9,127.0.0.1", server.address.port()).parse().unwrap();
    let endpoint = endpoint(&server).with_addresses(&[], &[resolve], Duration::from_millis(40));
    assert_eq!(with_connection(&endpoint, async |connection| post(connection, &endpoint).await.unwrap().status).await, 200);
}

/// Time is simulated, so the idle timeout passes at once.
#[tokio::test(start_paused = true)]
async fn a_silent_port_is_reported() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let url = Url::parse(&format!("https://{address}")).unwrap();
    let endpoint = Endpoint::new_http3(&url, &[], &Trust::Unchecked).unwrap();
    let error = refused(&endpoint).await;
    let silence = format!("nothing answered on UDP port {}", address.port());
    assert_eq!(endpoint.error_line(&error), format!("open an HTTP/3 connection to {address}: {silence}"));
    assert!(!error.is_about_identity() && error.advice().starts_with("does the target support HTTP/3?"));
    assert_eq!(endpoint.missing_connection(), format!("no connection: {silence}"));
}

#[tokio::test]
async fn a_connection_is_dead_after_two_seconds_of_checks_without_a_packet() {
    let server = Server::start(Settings::default(), |_| Reply::Bytes(status("200")));
    let endpoint = endpoint(&server);
    with_connection(&endpoint, async |connection| {
        // The server has sent its settings. Nothing more is received while no task runs, and the twentieth check finds that.
        assert_eq!((0..30).take_while(|_| connection.check()).count(), 19);
        assert_eq!(post(connection, &endpoint).await.unwrap().status, 200);
        assert!(connection.check());
    })
    .await;
}
