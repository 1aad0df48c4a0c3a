//! A NATS server with scripted replies. It records the messages that it receives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// An acknowledgement.
pub(crate) const ACK: &str = r#"{"stream":"EVENTS", "seq":1}"#;

/// A received message.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) subject: String,
    /// Whether the client asks for an acknowledgement.
    pub(crate) has_reply: bool,
    pub(crate) headers: String,
    pub(crate) event: Value,
}

/// What the server does with a message.
pub(crate) enum Reply {
    /// Answers with this payload.
    Payload(&'static str),
    /// Answers that nothing listens on the subject.
    NoResponders,
    /// Answers only when no further message has arrived for a while.
    Later,
    Nothing,
    /// Reports an error and keeps the connection.
    Error(String),
    /// Acknowledges, and tells that the server is about to stop ("lame duck mode").
    LameDuck,
    /// Answers nothing from now on, not even `PING`.
    Mute,
    /// Closes the connection.
    Cut,
}

/// Chooses the reply to a message, given its number and the messages without a reply.
type Script = Arc<dyn Fn(usize, &Published, &[(String, Published)]) -> Reply + Send + Sync>;

/// A server on a loopback port. It lives as long as the test process.
pub(crate) struct NatsServer {
    pub(crate) addr: SocketAddr,
    messages: Arc<Mutex<Vec<Published>>>,
    connects: Arc<Mutex<Vec<Value>>>,
}

impl NatsServer {
    /// Starts a server that acknowledges as scripted.
    pub(crate) fn start(script: impl Fn(usize, &Published) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(&json!({}), move |number, message, _| script(number, message))
    }

    /// Starts a server whose greeting has these properties too.
    pub(crate) fn start_with(
        info: &Value,
        script: impl Fn(usize, &Published, &[(String, Published)]) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { addr: listener.local_addr().unwrap(), messages: Arc::default(), connects: Arc::default() };
        let mut greeting = json!({"server_id": "test", "headers": true, "max_payload": 1_048_576, "jetstream": true});
        greeting.as_object_mut().unwrap().extend(info.as_object().unwrap().clone());
        let script: Script = Arc::new(script);
        let (messages, connects) = (Arc::clone(&server.messages), Arc::clone(&server.connects));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (greeting, script) = (greeting.clone(), Arc::clone(&script));
                let (messages, connects) = (Arc::clone(&messages), Arc::clone(&connects));
                // A connection that the client has lost needs no end.
                thread::spawn(move || serve(&stream.unwrap(), &greeting, &script, &messages, &connects).unwrap_or_default());
            }
        });
        server
    }

    pub(crate) fn messages(&self) -> Vec<Published> {
        self.messages.lock().unwrap().clone()
    }

    /// What each connection said first.
    pub(crate) fn connects(&self) -> Vec<Value> {
        self.connects.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    greeting: &Value,
    script: &Script,
    messages: &Mutex<Vec<Published>>,
    connects: &Mutex<Vec<Value>>,
) -> std::io::Result<()> {
    write!(stream, "INFO {greeting}\r\n")?;
    let mut input = BufReader::new(stream.try_clone()?);
    let mut is_mute = false;
    let mut pending: Vec<(String, Published)> = Vec::new();
    loop {
        if !pending.is_empty() && input.buffer().is_empty() {
            stream.set_read_timeout(Some(Duration::from_millis(20)))?;
            let waited = stream.peek(&mut [0]);
            stream.set_read_timeout(None)?;
            if waited.is_err() {
                for (inbox, _) in pending.drain(..) {
                    answer(stream, &inbox, ACK)?;
                }
            }
        }
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["CONNECT", ..] => connects.lock().unwrap().push(serde_json::from_str(&line["CONNECT ".len()..]).unwrap()),
            ["PING"] if is_mute => {}
            ["PING"] => stream.write_all(b"PONG\r\nPING\r\n")?,
            ["HPUB", subject, ref reply @ .., headers_length, length] => {
                let inbox = reply.first().copied().unwrap_or_default();
                let mut headers = vec![0; length.parse::<usize>().unwrap() + 2];
                input.read_exact(&mut headers)?;
                let body = headers.split_off(headers_length.parse().unwrap());
                let event = serde_json::from_slice(&body[..body.len() - 2]).unwrap();
                let headers = String::from_utf8(headers).unwrap();
                let message = Published { subject: subject.to_owned(), has_reply: !reply.is_empty(), headers, event };
                let number = {
                    let mut messages = messages.lock().unwrap();
                    messages.push(message.clone());
                    messages.len()
                };
                match script(number, &message, &pending) {
                    Reply::Payload(payload) => answer(stream, inbox, payload)?,
                    Reply::NoResponders => write!(stream, "HMSG {inbox} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n")?,
                    Reply::Later => pending.push((inbox.to_owned(), message)),
                    Reply::Nothing => {}
                    Reply::Mute => is_mute = true,
                    Reply::Error(text) => write!(stream, "-ERR '{text}'\r\n")?,
                    Reply::LameDuck => {
                        stream.write_all(b"INFO {\"ldm\":true}\r\n")?;
                        answer(stream, inbox, ACK)?;
                    }
                    Reply::Cut => return Ok(()),
                }
            }
            ["SUB" | "PONG", ..] => {}
            _ => panic!("the client sent {line:?}"),
        }
    }
}

fn answer(mut stream: &TcpStream, inbox: &str, payload: &str) -> std::io::Result<()> {
    write!(stream, "MSG {inbox} 1 {}\r\n{payload}\r\n", payload.len())
}
