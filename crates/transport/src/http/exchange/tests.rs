//! Tests of exchanges on loopback TCP with a scripted server, and on a stream that counts its writes.

mod early;

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ";
const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The two ends of a TCP connection. The first is ready for exchanges.
async fn pair() -> (Exchange<TcpStream>, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (Exchange::new(client, true), server)
}

/// Reads one request, sends these bytes as the response, and returns the server's end.
fn answer(mut server: TcpStream, bytes: impl Into<Vec<u8>>) -> JoinHandle<TcpStream> {
    let bytes = bytes.into();
    tokio::spawn(async move {
        let mut request = vec![0; REQUEST.len()];
        server.read_exact(&mut request).await.unwrap();
        assert_eq!(request, REQUEST);
        server.write_all(&bytes).await.unwrap();
        server
    })
}

/// The result of an exchange if the server sends these bytes and then closes the connection, and whether the connection is reusable.
async fn answered_and_closed(bytes: impl Into<Vec<u8>>) -> (Result<Answer, ExchangeError>, bool) {
    let (mut client, server) = pair().await;
    let server = answer(server, bytes);
    // Dropping the handle drops the stream as soon as the task has ended, which closes the connection.
    drop(server);
    let result = client.post(HEAD, HEAD_END, b"{}", None).await;
    (result, client.is_reusable())
}

#[tokio::test]
async fn a_connection_carries_one_exchange_after_the_other() {
    let (mut client, mut server) = pair().await;
    for _ in 0..3 {
        let answering = answer(server, OK);
        let Answer { status, retry_after, is_whole, .. } = client.post(HEAD, HEAD_END, b"{}", None).await.unwrap();
        assert_eq!((status, retry_after, is_whole), (200, None, true));
        assert!(client.is_reusable());
        server = answering.await.unwrap();
    }
}

#[tokio::test]
async fn a_long_head_and_a_long_body_fit_in_a_growing_and_a_reused_buffer() {
    let (mut client, server) = pair().await;
    let padding = "x".repeat(MAX_HEAD - 100);
    let body = vec![b'y'; 1_000_000];
    let head = format!("HTTP/1.1 200 OK\r\nA: {padding}\r\nContent-Length: {}\r\n\r\n", body.len());
    let server = answer(server, [head.as_bytes(), &body].concat());
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 200);
    assert!(client.is_reusable());
    assert!(client.input.len() <= MAX_HEAD);
    answer(server.await.unwrap(), OK);
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_without_end_is_given_up_with_its_status() {
    let (mut client, server) = pair().await;
    let answering = answer(server, "HTTP/1.1 503 Busy\r\nContent-Length: 9999999999\r\n\r\n");
    let endless = tokio::spawn(async move {
        let mut server = answering.await.unwrap();
        while server.write_all(&[b'x'; 10_000]).await.is_ok() {}
    });
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 503);
    assert!(!client.is_reusable());
    drop(client);
    endless.await.unwrap();
}

#[tokio::test]
async fn the_close_of_the_connection_ends_some_answers() {
    let (result, is_reusable) = answered_and_closed("HTTP/1.1 500 No\r\n\r\nwhy").await;
    assert_eq!(result.unwrap().status, 500);
    assert!(!is_reusable);
    let (result, is_reusable) = answered_and_closed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(result.unwrap().status, 200);
    assert!(!is_reusable);
}

#[tokio::test]
async fn answers_that_are_cut_short_are_errors() {
    let (result, is_reusable) = answered_and_closed("").await;
    assert!(matches!(result, Err(ExchangeError::Unanswered)));
    assert!(!is_reusable);
    for bytes in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
    ] {
        let (result, is_reusable) = answered_and_closed(bytes).await;
        assert!(matches!(result, Err(ExchangeError::CutShort)), "{bytes:?}");
        assert!(!is_reusable);
    }
}

#[tokio::test]
async fn a_reset_and_a_close_are_distinguished() {
    let (mut client, server) = pair().await;
    let exchange = tokio::spawn(async move { client.post(HEAD, HEAD_END, b"{}", None).await });
    // Closing a socket with unread data resets its connection.
    assert_eq!(server.peek(&mut [0]).await.unwrap(), 1);
    drop(server);
    let error = exchange.await.unwrap().unwrap_err();
    assert!(matches!(&error, ExchangeError::Receive(source) if source.kind() == io::ErrorKind::ConnectionReset), "{error:?}");
}

#[tokio::test]
async fn a_malformed_answer_is_an_error() {
    let (result, is_reusable) = answered_and_closed("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n").await;
    assert!(matches!(result, Err(ExchangeError::Malformed(Malformed::ContentLengths))));
    assert!(!is_reusable);
}

#[tokio::test]
async fn data_behind_an_answer_spoils_the_connection() {
    let (mut client, server) = pair().await;
    let answering = answer(server, [OK, b"HTTP/1.1 408 Late\r\n\r\n"].concat());
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 200);
    // If the kernel delivers the response and the bytes behind it separately, the check of the idle connection notices them.
    client.until_closed().await;
    assert!(!client.is_reusable());
    let refused = client.post(HEAD, HEAD_END, b"{}", None).await;
    assert!(matches!(refused, Err(ExchangeError::NotReusable)));
    answering.await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_notices_its_close_and_can_be_asked_again() {
    let (mut client, server) = pair().await;
    let waiting = tokio::time::timeout(Duration::ZERO, client.until_closed());
    assert!(waiting.await.is_err());
    assert!(client.is_reusable());
    let answering = answer(server, OK);
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 200);
    drop(answering.await.unwrap());
    client.until_closed().await;
    assert!(!client.is_reusable());
    client.until_closed().await;
}

#[tokio::test]
async fn a_cancelled_exchange_spoils_the_connection() {
    let (mut client, mut server) = pair().await;
    {
        let mut exchange = std::pin::pin!(client.post(HEAD, HEAD_END, b"{}", None));
        let mut request = vec![0; REQUEST.len()];
        tokio::select! {
            _ = &mut exchange => panic!("a response arrived too early"),
            read = server.read_exact(&mut request) => assert_eq!(read.unwrap(), REQUEST.len()),
        }
    }
    assert!(!client.is_reusable());
    assert!(matches!(client.post(HEAD, HEAD_END, b"{}", None).await, Err(ExchangeError::NotReusable)));
}

/// A stream that accepts every write, records its size, and sends one response per write.
#[derive(Default)]
struct Counting {
    writes: Vec<usize>,
    answered: usize,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.answered == self.writes.len() {
            return Poll::Pending;
        }
        self.answered += 1;
        room.put_slice(OK);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writes.push(bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_request_is_one_write_and_its_buffers_stay_in_place() {
    let mut client = Exchange::new(Counting::default(), true);
    client.post(HEAD, HEAD_END, b"{}", None).await.unwrap();
    let buffers = (client.output.as_ptr(), client.input.as_ptr());
    for _ in 0..9 {
        client.post(HEAD, HEAD_END, b"{}", None).await.unwrap();
    }
    assert_eq!(client.stream.writes, [REQUEST.len(); 10]);
    assert_eq!((client.output.as_ptr(), client.input.as_ptr()), buffers);
}

#[tokio::test]
async fn a_stream_for_one_request_carries_no_second_one() {
    let (client, server) = pair().await;
    let mut client = Exchange::new(client.stream, false);
    let _server = answer(server, OK);
    assert_eq!(client.post(HEAD, HEAD_END, b"{}", None).await.unwrap().status, 200);
    assert!(!client.is_reusable() && client.stream_in_order().is_some());
    assert!(matches!(client.post(HEAD, HEAD_END, b"{}", None).await, Err(ExchangeError::NotReusable)));
}
