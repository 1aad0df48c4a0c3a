//! A small HTTP/1.1 client over a TCP stream, and messages to send. It waits a bounded time for each response. A response with a framing
//! that the receiver does not use fails the test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::time::Duration;

use event_receiver::{ReceiverConfig, RunningReceiver, Summary, start};
use serde_json::Value;

/// The maximum time to wait for a response, so that a test that hangs fails.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(1);

/// A receiver with two workers on a free port.
pub(crate) fn receiver() -> RunningReceiver {
    start(config()).unwrap()
}

/// Like [`receiver`], but refuses messages that violate any rule.
pub(crate) fn strict_receiver() -> RunningReceiver {
    start(config().with_strict()).unwrap()
}

/// The configuration of the receivers.
pub(crate) fn config() -> ReceiverConfig {
    ReceiverConfig::new("127.0.0.1:0".parse().unwrap()).with_workers(NonZeroUsize::new(2).unwrap())
}

/// A valid message: a VIEW of a job with this event id.
pub(crate) fn view(event_id: &str, job: usize) -> String {
    format!(
        "{{\"eventId\":\"{event_id}\",\"eventType\":\"VIEW\",\"requestId\":\"r\",\"relatedJobNames\":[\"jobs/{job}\"],\
         \"eventTimestampMillis\":\"1700000000000\"}}"
    )
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts that this is an error in the form of Google's APIs, and returns its message.
    pub(crate) fn error(&self, code: u16, status: &str) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        let error = &self.json()["error"];
        assert_eq!((&error["code"], &error["status"]), (&code.into(), &status.into()));
        error["message"].as_str().unwrap().to_owned()
    }
}

/// A connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(ANSWER_TIME_MAX)).unwrap();
        stream.set_write_timeout(Some(ANSWER_TIME_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Ends the sending side of the connection.
    pub(crate) fn finish(&mut self) {
        // The receiver may have closed the connection.
        let _ = self.stream.get_mut().shutdown(Shutdown::Write);
    }

    /// Sends a message and reads the response.
    pub(crate) fn post(&mut self, body: &[u8]) -> Answer {
        self.request("POST", "/clientEvents", body)
    }

    pub(crate) fn request(&mut self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.send(&request(method, path, body)).unwrap();
        self.answer(method)
    }

    /// Reads the response to a request with this method.
    pub(crate) fn answer(&mut self, method: &str) -> Answer {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.stream.read_line(&mut line).unwrap(), 0, "the connection ended within the head {head:?}");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            head.push(line.to_owned());
        }
        let code = head[0].strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let mut answer = Answer { code, head, body: Vec::new() };
        let length: usize = answer.header("content-length").unwrap().parse().unwrap();
        if method != "HEAD" {
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body).unwrap();
        }
        answer
    }

    /// Reads this many bytes.
    pub(crate) fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.stream.read_exact(&mut read).unwrap();
        read
    }

    /// Reads everything until the connection ends, for any reason.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
        rest
    }
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Stops the receiver and returns its summary. Asserts that the summary over HTTP is the same and adds up.
pub(crate) fn stopped(receiver: RunningReceiver) -> Summary {
    let answer = Connection::open(receiver.addr()).request("GET", "/summary", b"");
    assert_eq!(answer.code, 200);
    let over_http: Summary = serde_json::from_slice(&answer.body).unwrap();
    let summary = receiver.stop();
    assert_eq!(over_http, summary);
    assert_adds_up(&summary);
    summary
}

/// The invariant of every summary.
pub(crate) fn assert_adds_up(summary: &Summary) {
    let Summary { received, accepted, by_type, refused, too_large, event_ids, warnings, limits: _ } = summary;
    assert_eq!(*received, accepted + refused.messages + too_large + event_ids.repeated + event_ids.conflicting);
    assert_eq!(*accepted, by_type.values().sum::<u64>());
    assert!(refused.by_reason.values().all(|count| *count <= refused.messages));
    assert!(warnings.messages <= accepted + event_ids.repeated);
    assert!(warnings.by_reason.values().all(|count| *count <= warnings.messages));
    assert_eq!((by_type.len(), refused.by_reason.len(), warnings.by_reason.len()), (16, 16, 5));
}
