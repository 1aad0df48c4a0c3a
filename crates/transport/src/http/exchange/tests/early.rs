//! Tests of responses that arrive before the whole request was sent: over a small pipe for all continuations, and over TCP, where a target
//! that closes the connection resets it.

use proptest::{prelude::*, sample::Index};
use tokio::{
    io::duplex,
    runtime::Builder,
    time::{sleep, timeout},
};

use super::*;

/// What a target does with the rest of a request after its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    ReadsOn,
    ReadsNoMore,
    Closes,
}

fn answer_of(status: u16) -> String {
    format!("HTTP/1.1 {status} x\r\nContent-Length: 3\r\n\r\nwhy")
}

/// More bytes than a loopback connection accepts before its peer reads.
fn large_body() -> Vec<u8> {
    vec![b'x'; 16 << 20]
}

proptest! {
    /// For all requests, connections and targets that respond before they have read the whole request, the response is returned. A
    /// connection is reused only if it has accepted the whole request.
    #[test]
    fn an_early_answer_is_reported(
        room in 1_usize..300,
        length in 0_usize..2_000,
        place in any::<Index>(),
        status in prop::sample::select(vec![200_u16, 302, 400, 413, 503]),
        then in prop::sample::select(vec![Then::ReadsOn, Then::ReadsNoMore, Then::Closes]),
    ) {
        let body = vec![b'x'; length];
        let whole = HEAD.len() + length.to_string().len() + 4 + length;
        let place = place.index(whole + 1);
        let (stream, mut server) = duplex(room);
        let client = async move {
            let mut client = Exchange::new(stream, true);
            let mut kept = Vec::new();
            let answered = timeout(Duration::from_secs(1), client.post(HEAD, HEAD_END, &body, Some(&mut kept))).await;
            (answered.map(|answered| (answered.unwrap().status, kept)), client.is_reusable(), client.early_status())
        };
        let server = async move {
            let mut read = vec![0; place];
            server.read_exact(&mut read).await.unwrap();
            server.write_all(answer_of(status).as_bytes()).await.unwrap();
            match then {
                Then::ReadsOn => drop(server.read_to_end(&mut read).await),
                // Longer than any timeout in this test.
                Then::ReadsNoMore => sleep(Duration::from_mins(1)).await,
                Then::Closes => {}
            }
            read.len()
        };
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let ((answered, is_reusable, early_status), read) = runtime.block_on(async { tokio::join!(client, server) });
        if then == Then::ReadsNoMore && status < 400 && whole - place > room {
            // The target has not rejected the rest and does not accept it.
            prop_assert_eq!((answered.is_err(), is_reusable, early_status), (true, false, Some(status)));
        } else {
            prop_assert_eq!((answered.unwrap(), early_status), ((status, b"why".to_vec()), None));
        }
        match then {
            Then::ReadsOn if status < 400 => prop_assert!(is_reusable && read == whole),
            Then::ReadsOn => prop_assert!(!is_reusable || read == whole),
            Then::ReadsNoMore => prop_assert!(!is_reusable || whole - place <= room),
            Then::Closes => {}
        }
    }
}

/// Closing a socket with unread data resets its connection. Data sent before the reset can still be read.
#[tokio::test]
async fn an_answer_before_a_reset_is_reported() {
    let body = large_body();
    for _ in 0..20 {
        for status in [200, 413] {
            let (mut client, mut server) = pair().await;
            let server = tokio::spawn(async move {
                server.read_exact(&mut [0; 100]).await.unwrap();
                server.write_all(answer_of(status).as_bytes()).await.unwrap();
            });
            assert_eq!(client.post(HEAD, HEAD_END, &body, None).await.unwrap().status, status);
            assert!(!client.is_reusable());
            server.await.unwrap();
        }
    }
}

#[tokio::test]
async fn interim_answers_do_not_end_a_request() {
    let body = large_body();
    let (mut client, mut server) = pair().await;
    let whole = HEAD.len() + body.len().to_string().len() + 4 + body.len();
    let server = tokio::spawn(async move {
        server.write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n").await.unwrap();
        server.read_exact(&mut vec![0; whole]).await.unwrap();
        server.write_all(OK).await.unwrap();
        server
    });
    assert_eq!(client.post(HEAD, HEAD_END, &body, None).await.unwrap().status, 200);
    assert!(client.is_reusable());
    server.await.unwrap();
}

#[tokio::test]
async fn a_request_without_an_answer_ends_when_the_target_closes_or_answers_nonsense() {
    let body = large_body();
    for (bytes, is_closed, expected) in [
        // The kernel reports a reset to whichever call asks first.
        ("", true, &["send the request", "read the response"]),
        (
            "HTTP/1.1 200 OK\r\nContent-Le",
            true,
            &["read the response", "read the response: the connection closed before the last byte"],
        ),
        ("SSH-2.0-x\r\n\r\n", false, &["parse the response"; 2]),
    ] {
        let (mut client, mut server) = pair().await;
        let server = tokio::spawn(async move {
            server.read_exact(&mut [0; 100]).await.unwrap();
            server.write_all(bytes.as_bytes()).await.unwrap();
            (!is_closed).then_some(server)
        });
        let error = client.post(HEAD, HEAD_END, &body, None).await.unwrap_err();
        assert!(expected.contains(&&*error.to_string()), "{error:?}");
        assert!(!client.is_reusable());
        server.await.unwrap();
    }
}

/// The target continues to read, but cannot send any more.
#[tokio::test]
async fn a_target_that_ends_its_side_is_not_waited_for() {
    let body = large_body();
    let (mut client, mut server) = pair().await;
    server.shutdown().await.unwrap();
    let error = client.post(HEAD, HEAD_END, &body, None).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Unanswered | ExchangeError::NotReusable), "{error:?}");
}

/// A stream that accepts nothing because memory is exhausted, and has nothing to read.
struct OutOfMemory;

impl AsyncRead for OutOfMemory {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for OutOfMemory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::OutOfMemory.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn an_error_on_an_open_connection_is_reported_immediately() {
    let mut client = Exchange::new(OutOfMemory, true);
    let error = client.post(HEAD, HEAD_END, b"{}", None).await.unwrap_err();
    assert!(matches!(&error, ExchangeError::Send(source) if source.kind() == io::ErrorKind::OutOfMemory), "{error:?}");
    assert!(!client.is_reusable());
}
