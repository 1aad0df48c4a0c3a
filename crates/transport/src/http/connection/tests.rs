//! Tests of opening connections on loopback: plain TCP, TLS with a generated certificate, and failures.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use terminal_escape::one_line;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::*;
use crate::http::{Trust, proxy::Tunnel, trust::Roots};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn endpoint(url: &str, roots: impl Into<Roots>) -> Endpoint {
    Endpoint::with_roots(&Url::parse(url).unwrap(), &[], crate::http::Version::Http1, || Ok(Some(roots.into()))).unwrap()
}

/// Responds to two requests with a body of two bytes each, then closes the connection.
async fn answer_twice(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    for _ in 0..2 {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n{}") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        stream.write_all(OK).await.unwrap();
        stream.flush().await.unwrap();
    }
    stream.shutdown().await.unwrap();
}

/// Sends two requests on one connection and waits until its close is noticed.
async fn post_twice(endpoint: &Endpoint) {
    let mut connection = Connection::open(endpoint).await.unwrap();
    for _ in 0..2 {
        assert_eq!(connection.post(endpoint, b"{}").await.unwrap().status, 200);
        assert!(connection.is_reusable());
    }
    connection.until_closed().await;
    assert!(!connection.is_reusable());
}

/// A TLS acceptor with a certificate for `localhost`, and the certificate.
fn acceptor() -> (TlsAcceptor, CertificateDer<'static>) {
    acceptor_with(&CertificateParams::new(["localhost".to_owned(), "10.0.0.1".to_owned()]).unwrap())
}

fn acceptor_with(params: &CertificateParams) -> (TlsAcceptor, CertificateDer<'static>) {
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), cert.der().clone())
}

#[tokio::test]
async fn plain_connections_work_by_address_and_by_name() {
    for host in ["127.0.0.1", "localhost"] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move { answer_twice(listener.accept().await.unwrap().0).await });
        post_twice(&endpoint(&format!("http://{host}:{port}"), RootCertStore::empty())).await;
        server.await.unwrap();
    }
}

#[tokio::test]
async fn tls_connections_work_and_agree_on_http_1() {
    let (acceptor, certificate) = acceptor();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        answer_twice(stream).await;
    });
    post_twice(&endpoint(&format!("https://localhost:{port}"), roots)).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_fails_tls() {
    let (_, other) = acceptor();
    let (acceptor, certificate) = acceptor();
    // A root that did not sign the certificate, and a name that the certificate does not cover.
    for (root, host, expected) in [
        (other, "localhost", "the issuer of the certificate is not trusted"),
        (certificate, "127.0.0.1", "the certificate does not cover `127.0.0.1`; it covers `localhost`, `10.0.0.1`"),
    ] {
        let mut roots = RootCertStore::empty();
        roots.add(root).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = acceptor.clone();
        let server = tokio::spawn(async move { acceptor.accept(listener.accept().await.unwrap().0).await });
        let error = Connection::open(&endpoint(&format!("https://{host}:{port}"), roots)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("establish TLS with 127.0.0.1:{port}: {expected}"));
        assert!(error.advice().contains("--insecure"));
        assert!(server.await.unwrap().is_err());
    }
}

/// `openssl req -x509` makes such certificates.
#[tokio::test]
async fn a_certificate_marked_as_of_an_authority_is_taken_of_the_server_that_it_was_named_for() {
    let params = || {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let mut expired = params();
    expired.not_after = date_time_ymd(2001, 1, 1);
    for (params, is_named, host, expected) in [
        (params(), true, "localhost", None),
        (params(), true, "127.0.0.1", Some("the certificate does not cover `127.0.0.1`; it covers `localhost`")),
        (params(), false, "localhost", Some("the issuer of the certificate is not trusted")),
        (expired, true, "localhost", Some("expired")),
    ] {
        let (acceptor, certificate) = acceptor_with(&params);
        let mut store = RootCertStore::empty();
        store.add(certificate.clone()).unwrap();
        let named = if is_named { certificate } else { acceptor_with(&CertificateParams::default()).1 };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("https://{host}:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move { acceptor.accept(listener.accept().await.unwrap().0).await });
        let opened = Connection::open(&endpoint(&url, Roots { store, named: vec![named] })).await;
        match expected {
            None => assert!(opened.is_ok(), "{opened:?}"),
            Some(expected) => {
                let error = opened.unwrap_err();
                assert!(one_line(&error).contains(expected) && error.is_about_identity(), "{}", one_line(&error));
            }
        }
        assert_eq!(server.await.unwrap().is_ok(), expected.is_none());
    }
}

/// The certificate and its issuer do not matter.
#[tokio::test]
async fn a_server_that_need_not_prove_itself_is_taken() {
    let (acceptor, _) = acceptor();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        answer_twice(acceptor.accept(listener.accept().await.unwrap().0).await.unwrap()).await;
    });
    post_twice(&Endpoint::new(&Url::parse(&url).unwrap(), &[], &Trust::Unchecked).unwrap()).await;
    server.await.unwrap();
}

/// rustls reports an end without `close_notify` as unexpected.
#[tokio::test]
async fn a_tls_connection_that_is_not_wanted_any_more_says_so() {
    let (acceptor, certificate) = acceptor();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = endpoint(&format!("https://localhost:{}", listener.local_addr().unwrap().port()), roots);
    for answer in [Some(OK), Some(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), None] {
        let server = async {
            let mut stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{}") {
                assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            }
            if let Some(answer) = answer {
                stream.write_all(answer).await.unwrap();
                stream.flush().await.unwrap();
            } else {
                stream.get_mut().0.shutdown().await.unwrap();
            }
            stream.read_buf(&mut request).await.map_err(|error| error.kind())
        };
        let client = async {
            let mut connection = Connection::open(&endpoint).await.unwrap();
            connection.post(&endpoint, b"{}").await.map(|answer| answer.status)
        };
        let (ended, answered) = tokio::join!(server, client);
        if answer.is_some() {
            assert_eq!((ended, answered.unwrap()), (Ok(0), 200));
        } else {
            answered.unwrap_err();
            assert_ne!(ended, Ok(0), "an exchange that was broken off did not end in order");
        }
    }
}

/// A server that closes its socket with unread data resets the connection. The client can still read the earlier response.
#[tokio::test]
async fn an_early_answer_over_tls_is_reported() {
    let (acceptor, certificate) = acceptor();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = endpoint(&format!("https://localhost:{}", listener.local_addr().unwrap().port()), roots);
    let body = vec![b'x'; 16 << 20];
    for is_closed in [true, false, true, false] {
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            // Without this, the response waits until the client has acknowledged the end of the handshake, and is lost with the reset.
            stream.set_nodelay(true).unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.read_exact(&mut [0; 100]).await.unwrap();
            stream.write_all(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            stream.flush().await.unwrap();
            (!is_closed).then_some(stream)
        };
        let client = async {
            let mut connection = Connection::open(&endpoint).await.unwrap();
            let status = connection.post(&endpoint, &body).await.map(|answer| answer.status);
            (status, connection.is_reusable())
        };
        let (_stream, (status, is_reusable)) = tokio::join!(server, client);
        assert_eq!((status.unwrap(), is_reusable), (413, false));
    }
}

/// rustls returns the names exactly as they stand in the certificate.
#[tokio::test]
async fn control_characters_in_the_names_of_a_certificate_are_escaped() {
    let params = CertificateParams::new(["a\u{1b}[2J\r\n.example".to_owned()]).unwrap();
    let (acceptor, certificate) = acceptor_with(&params);
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { acceptor.accept(listener.accept().await.unwrap().0).await });
    let error = Connection::open(&endpoint(&format!("https://localhost:{port}"), roots)).await.unwrap_err();
    let expected = "the certificate does not cover `localhost`; it covers `a\\u{1b}[2J\\r\\n.example`";
    assert_eq!(error.to_string(), format!("establish TLS with 127.0.0.1:{port}: {expected}"));
    server.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_refused_connection_names_its_address() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let endpoint = endpoint(&format!("http://{address}"), RootCertStore::empty());
    let error = Connection::open(&endpoint).await.unwrap_err();
    assert_eq!(error.to_string(), format!("connect to {address}"));
    assert!(matches!(error, OpenError::Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_not_resolved() {
    // The resolver refuses a label of more than 63 characters without a query.
    let endpoint = endpoint(&format!("http://{}.invalid", "x".repeat(64)), RootCertStore::empty());
    let error = Connection::open(&endpoint).await.unwrap_err();
    assert!(matches!(error, OpenError::Resolve { .. }), "{error:?}");
}

/// An error of connecting to an address, by system error number.
#[cfg(unix)]
fn refused_by(errno: rustix::io::Errno, address: &str) -> OpenError {
    OpenError::Connect { address: address.parse().unwrap(), source: errno.into() }
}

#[cfg(unix)]
#[test]
fn local_limits_and_target_errors_are_distinguished() {
    use rustix::io::Errno;

    use super::super::local_limit::LocalLimit;

    const V4: &str = "127.0.0.1:80";
    for (error, expected) in [
        (refused_by(Errno::ADDRNOTAVAIL, V4), Some(LocalLimit::Ports)),
        (refused_by(Errno::MFILE, V4), Some(LocalLimit::Files)),
        (refused_by(Errno::CONNREFUSED, V4), None),
        (OpenError::Tls { address: V4.parse().unwrap(), source: Errno::NOBUFS.into() }, Some(LocalLimit::Memory)),
        (OpenError::Resolve { host: "a".into(), source: io::Error::other("no such name") }, Some(LocalLimit::NameService)),
        (OpenError::NoAddress { host: "a".into() }, Some(LocalLimit::NameService)),
        (OpenError::NoHttp2 { address: V4.parse().unwrap() }, None),
    ] {
        assert_eq!((error.local_limit(), error.is_local()), (expected, expected.is_some()), "{error:?}");
    }
}

/// What the server sends right behind the answer of the proxy belongs to the server.
#[tokio::test]
async fn a_tunnel_ends_with_the_answer_of_the_proxy() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let target = Url::parse("https://jobs.example").unwrap();
    let tunnel = Tunnel::to(&target, &proxy);
    let endpoint = endpoint(target.as_str(), RootCertStore::empty()).with_proxy(&proxy, Duration::from_secs(1));
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello", Ok(())),
        ("HTTP/1.1 403 No\r\n\r\n", Err("the proxy answered 403")),
        ("SSH-2.0\r\n\r\n", Err("is not HTTP")),
        ("HTTP/1.1 200 OK\r\n", Err("the proxy closed the connection")),
        ("", Err("the proxy closed the connection")),
        (&*"x".repeat(1 << 20), Err("longer than 64 KiB")),
    ] {
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 100];
            let read = stream.read(&mut request).await.unwrap();
            assert_eq!(&request[..read], b"CONNECT jobs.example:443 HTTP/1.1\r\nHost: jobs.example:443\r\n\r\n");
            // The client may have closed the connection.
            let _ = stream.write_all(answer.as_bytes()).await;
        };
        let Err(expected) = expected else {
            let client = async {
                let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
                tunnel.open(&mut stream).await.unwrap();
                let mut rest = String::new();
                stream.read_to_string(&mut rest).await.unwrap();
                rest
            };
            assert_eq!(tokio::join!(server, client).1, "hello");
            continue;
        };
        let ((), opened) = tokio::join!(server, Connection::open(&endpoint));
        let line = one_line(&opened.unwrap_err());
        assert!(line.starts_with("open a tunnel through the proxy at 127.0.0.1:"), "{line}");
        assert!(line.contains(expected), "{line}");
    }
}
