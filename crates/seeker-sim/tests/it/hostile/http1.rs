//! Targets that speak HTTP/1.1 or something similar over TCP.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use super::script::Step::{self, AwaitRequest, FinishSending, Freeze, ReadHead, ReadRequest, ReadToEnd, Repeat, SendSlowly};
use super::{Behaviour, Expected, FEW, SHORT_TIMEOUT, check_all};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// The last response on its connection.
const LAST: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Reads each request and sends this response.
fn answers(name: &'static str, answer: impl Into<Vec<u8>>, expected: Expected) -> Behaviour {
    Behaviour::plain(name, [ReadRequest, Step::send(answer), Repeat], expected)
}

/// Reads a request, sends these bytes and closes the connection.
fn breaks_off(name: &'static str, bytes: &str, expected: Expected) -> Behaviour {
    Behaviour::plain(name, [ReadRequest, Step::send(bytes)], expected)
}

/// Reads a request, sends the first bytes, then repeats the second bytes forever.
fn never_ends(name: &'static str, begin: &str, bytes: &str, expected: Expected) -> Behaviour {
    Behaviour::plain(name, [ReadRequest, Step::send(begin), Step::send_forever(bytes)], expected).with_only(FEW.to_owned())
}

/// A response with these header lines and no body.
fn head(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n")
}

/// A chunked response with this body.
fn chunked(body: &str) -> String {
    head("Transfer-Encoding: chunked") + body
}

/// Unusual responses that can be parsed.
#[test]
fn odd_answers_are_understood() {
    const ACKNOWLEDGED: Expected = Expected::ACKNOWLEDGED;
    check_all(vec![
        answers("an interim answer before the answer", format!("HTTP/1.1 100 Continue\r\n\r\n{OK}"), ACKNOWLEDGED),
        answers("a thousand interim answers", "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n".repeat(1_000) + OK, ACKNOWLEDGED),
        answers("five thousand headers", head(&("A: b\r\n".repeat(5_000) + "Content-Length: 0")), ACKNOWLEDGED),
        answers("a header of 60 KiB", head(&format!("A: {}\r\nContent-Length: 0", "b".repeat(60 << 10))), ACKNOWLEDGED),
        answers("no reason and strange header names", "HTTP/1.1 200\r\nx!#$: \u{e9}\r\nContent-Length: 0\r\n\r\n", ACKNOWLEDGED),
        answers("line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", ACKNOWLEDGED),
        answers("empty lines before the answer", format!("\r\n\r\n{OK}"), ACKNOWLEDGED),
        answers("the same length twice", head("Content-Length: 2\r\nContent-Length: 2, 2") + "{}", ACKNOWLEDGED),
        answers("chunks with extensions and trailers", chunked("00002;a=\"b\"\r\n{}\r\n0;c\r\nD: e\r\n\r\n"), ACKNOWLEDGED),
        answers("a gzip body that is none", head("Content-Encoding: gzip\r\nContent-Length: 2") + "{}", ACKNOWLEDGED),
        answers("204 that announces a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", ACKNOWLEDGED),
        answers("204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", ACKNOWLEDGED),
        answers("two answers at once", OK.repeat(2), ACKNOWLEDGED),
        breaks_off("a body that ends with the connection", "HTTP/1.1 200 OK\r\n\r\n{}", ACKNOWLEDGED),
        breaks_off("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", ACKNOWLEDGED),
        breaks_off("one answer a connection", LAST, ACKNOWLEDGED),
        never_ends("a body longer than announced", OK, "x", ACKNOWLEDGED),
        never_ends("a body of 16 EiB", &head("Content-Length: 18446744073709551615"), "x", ACKNOWLEDGED),
        never_ends("a body without length or end", &head("A: b"), "x", ACKNOWLEDGED),
        never_ends("chunks without end", &chunked(""), "1\r\nx\r\n", ACKNOWLEDGED),
        never_ends("a chunk of 16 EiB", &chunked("ffffffffffffffff\r\n"), "x", ACKNOWLEDGED),
        never_ends("a chunk extension without end", &chunked("1;"), "x", ACKNOWLEDGED),
        never_ends("trailers without end", &chunked("0\r\n"), "A: b\r\n", ACKNOWLEDGED),
        Behaviour::plain(
            "an answer byte by byte",
            [ReadRequest, SendSlowly(OK.into(), Duration::from_millis(1)), Repeat],
            ACKNOWLEDGED,
        ),
        Behaviour::plain(
            "half closed after the answer",
            [ReadRequest, Step::send(OK), FinishSending, ReadToEnd],
            // A request and the end of the connection may cross each other.
            Expected::Account(&["acknowledged", "failed"], &["closed before the first byte"]),
        ),
    ]);
}

/// Unsuccessful statuses. Each event has the outcome of its status.
#[test]
fn statuses_of_any_kind_have_their_fates() {
    let status = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
    check_all(vec![
        answers(
            "304 that announces a body",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            Expected::refused(&["answered 304"]),
        ),
        answers(
            "a redirection to itself",
            status("307 Here\r\nLocation: /clientEvents"),
            Expected::refused(&["answered 307: redir"]),
        ),
        answers("a status of the next century", status("999 Whatever"), Expected::failed(&["answered 999"])),
        answers("a status of nobody", status("299 Fine"), Expected::ACKNOWLEDGED),
        answers(
            "retry in a million years",
            status("503 No\r\nRetry-After: 99999999999999999999"),
            Expected::failed(&["answered 503"]),
        )
        .with_only("--duration 200ms --rate 100/s --speed 0.01 --quiet --drain 100ms --retries 3".to_owned()),
        answers("retry at no time", status("429 No\r\nRetry-After: soon, maybe"), Expected::refused(&["answered 429"]))
            .with("--retries 1"),
    ]);
}

/// Responses that cannot be parsed, or that could be parsed in two ways.
#[test]
fn answers_that_break_the_rules_are_failures() {
    let malformed = |name, answer: &str, error: &'static [&'static str]| answers(name, answer, Expected::failed(error));
    check_all(vec![
        malformed(
            "lengths that contradict each other",
            &head("Content-Length: 2\r\nContent-Length: 3"),
            &["two different content-lengths"],
        ),
        malformed("a length and chunks", &head("Content-Length: 2\r\nTransfer-Encoding: chunked"), &["and a transfer-encoding"]),
        malformed("a negative length", &head("Content-Length: -2"), &["content-length is not a number"]),
        malformed("a length of 2^64", &head("Content-Length: 18446744073709551616"), &["content-length is not a number"]),
        malformed(
            "chunks in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            &["an HTTP/1.0 response has a transfer-encoding"],
        ),
        malformed("a chunk of no size", &chunked("\r\n"), &["chunk size is malformed"]),
        malformed("a chunk of 2^64 bytes", &chunked("10000000000000000\r\n"), &["chunk size is malformed"]),
        malformed("a chunk that is longer than it says", &chunked("1\r\n{}\r\n"), &["does not end with CR and LF"]),
        malformed("a switch to another protocol", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", &["switches protocols"]),
        malformed("a status below 100", "HTTP/1.1 099 No\r\n\r\n", &["not between 100 and 999"]),
        malformed("a status that is no number", "HTTP/1.1 2x0 OK\r\n\r\n", &["head is malformed"]),
        malformed("a zero byte in a header", &head("A: \0\r\nContent-Length: 0"), &["head is malformed"]),
        malformed("a header on two lines", &head("A: b\r\n c\r\nContent-Length: 0"), &["head is malformed"]),
        malformed("a terminal escape for an answer", "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\r\n", &["head is malformed"]),
        malformed("the greeting of SSH", "SSH-2.0-OpenSSH_9.9\r\n", &["head is malformed"]),
        malformed("the settings of HTTP/2", "\0\0\0\u{4}\0\0\0\0\0", &["head is malformed"]),
        malformed("a TLS alert", "\u{15}\u{3}\u{3}\0\u{2}\u{2}F", &["head is malformed"]),
        never_ends("a header without end", "HTTP/1.1 200 OK\r\nA: ", "b", Expected::failed(&["longer than 64 KiB"])),
        never_ends("headers without end", "HTTP/1.1 200 OK\r\n", "A: b\r\n", Expected::failed(&["longer than 64 KiB"])),
        never_ends("noise without end", "", "\u{7f}\r\n", Expected::failed(&["head is malformed"])),
    ]);
}

/// Connections that close too early.
#[test]
fn answers_that_break_off_are_failures() {
    const CUT: Expected = Expected::failed(&["closed before the last byte"]);
    const UNANSWERED: Expected = Expected::failed(&["closed before the first byte"]);
    check_all(vec![
        breaks_off("closed without an answer", "", UNANSWERED),
        breaks_off("closed within the head", "HTTP/1.1 200 OK\r\nContent-", CUT),
        breaks_off("closed within the body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", CUT),
        breaks_off("closed within a chunk", &chunked("3\r\n{}"), CUT),
        breaks_off("closed before the last chunk", &chunked("2\r\n{}\r\n"), CUT),
        breaks_off("closed after an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", CUT),
        Behaviour::plain("reset without an answer", [AwaitRequest], Expected::failed(&["read the response: Connection reset"])),
        Behaviour::plain("half closed without an answer", [ReadRequest, FinishSending, ReadToEnd], UNANSWERED),
        Behaviour::plain(
            "closed at once",
            [],
            // The error depends on which call fails first, and on how much of the request was sent.
            Expected::failed(&["closed before the first byte", "Connection reset", "Broken pipe", "no longer usable"]),
        ),
    ]);
}

/// Responses without a request. Servers send them when they have waited too long for a request.
#[test]
fn answers_to_no_request_are_never_counted_twice() {
    // The client may notice the response before or after it sends the request.
    let errors: &[&str] =
        &["no longer usable", "closed before the first byte", "Connection reset", "Broken pipe", "answered 408"];
    check_all(vec![
        Behaviour::plain(
            "200 before the request",
            [Step::send(LAST), ReadRequest, ReadToEnd],
            Expected::Race(&["acknowledged", "failed"], errors),
        ),
        Behaviour::plain(
            "408 before the request",
            [Step::send("HTTP/1.1 408 Late\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")],
            Expected::Race(&["refused", "failed"], errors),
        ),
    ]);
}

/// Responses that do not arrive in time.
#[test]
fn answers_that_do_not_come_are_unknown() {
    let late = |name, steps: Vec<Step>| Behaviour::plain(name, steps, Expected::UNKNOWN).with(SHORT_TIMEOUT);
    check_all(vec![
        late("silence", vec![ReadRequest, ReadToEnd]),
        late("nothing is ever read", vec![Freeze]),
        late("only half of the request is read", vec![ReadHead, Freeze]),
        late("a head that never ends", vec![ReadRequest, Step::send("HTTP/1.1 200 OK\r\nA: b\r\n"), Freeze]),
        late("a body that never ends", vec![ReadRequest, Step::send(head("Content-Length: 2") + "{"), Freeze]),
        late("a head byte by byte", vec![ReadRequest, SendSlowly(OK.into(), Duration::from_millis(100))]),
        late("interim answers for ever", vec![ReadRequest, Step::send_forever("HTTP/1.1 102 Processing\r\n\r\n")])
            .with_only(format!("{FEW} {SHORT_TIMEOUT}")),
        // The client times out first.
        late("the answer after the time-out", vec![ReadToEnd, Step::send(OK)]),
        Behaviour::new("connections that are never accepted", || format!("http://{}", unaccepting()), Expected::UNKNOWN)
            .with(SHORT_TIMEOUT),
        Behaviour::new("a black hole", || format!("http://{}", black_hole()), Expected::Unreachable("no connection within 2s"))
            .with(SHORT_TIMEOUT),
    ]);
}

/// An address at which the system accepts connections, but no program does.
fn unaccepting() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The listener is never closed.
    std::mem::forget(listener);
    address
}

/// An address with a full connection queue: a client gets no reply at all.
fn black_hole() -> SocketAddr {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(1).unwrap().into_std().unwrap()
    });
    let address = listener.local_addr().unwrap();
    std::mem::forget(listener);
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        std::mem::forget(stream);
    }
    address
}
