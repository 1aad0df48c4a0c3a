//! The server's side of an HTTP/2 connection, frame by frame, so that it can violate every rule.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) const NO_ERROR: u32 = 0;
pub(super) const INTERNAL_ERROR: u32 = 2;
pub(super) const REFUSED_STREAM: u32 = 7;
pub(super) const ENHANCE_YOUR_CALM: u32 = 11;

pub(super) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(super) const INITIAL_WINDOW_SIZE: u16 = 4;

/// The maximum stream identifier and the maximum window.
pub(super) const MAX: u32 = 0x7fff_ffff;

/// `:status: 200`, from the static table.
pub(super) const STATUS_200: &[u8] = &[0x88];

/// A received frame.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// An action of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The head of a request arrived.
    Head(u32),
    /// The end of a request arrived.
    Request(u32),
    /// The client cancelled a request.
    Reset(u32),
    /// The client enlarged the window of a stream or of the connection.
    Window(u32, u32),
    SettingsAck,
    PingAck,
}

/// Counts over all connections.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Connections with a request.
    pub(super) connections: AtomicUsize,
    /// Complete requests.
    pub(super) requests: AtomicUsize,
    /// Protocol violations by the client.
    pub(super) violations: AtomicUsize,
}

/// Handles a connection. The connection is closed when the function returns.
pub(super) type Behaviour = dyn Fn(&mut Peer) -> io::Result<()> + Send + Sync;

/// The server's side of a connection.
pub(super) struct Peer {
    stream: TcpStream,
    input: Vec<u8>,
    events: VecDeque<Event>,
    /// The received parts of request bodies that the test has not taken.
    bodies: HashMap<u32, Vec<u8>>,
    seen: Arc<Seen>,
    requests: usize,
    /// Whether the peer sends nothing by itself, not even replies to PING frames.
    pub(super) is_mute: bool,
}

/// Starts a service that handles each connection in this way, except for the first one, which is the client's check before the run. The
/// service lives as long as the test process.
pub(super) fn start(behaviour: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static) -> (SocketAddr, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (behaviour, seen): (Arc<Behaviour>, _) = (Arc::new(behaviour), Arc::new(Seen::default()));
    let all = Arc::clone(&seen);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let (behaviour, seen) = (Arc::clone(&behaviour), Arc::clone(&all));
            thread::spawn(move || {
                // The peer ends when the client closes the connection.
                let _ = Peer::greet(stream, seen)
                    .and_then(|mut peer| if number == 0 { peer.answer_all(&[]) } else { behaviour(&mut peer) });
            });
        }
    });
    (addr, seen)
}

impl Peer {
    fn greet(mut stream: TcpStream, seen: Arc<Seen>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let mut preface = [0; PREFACE.len()];
        stream.read_exact(&mut preface)?;
        assert_eq!(preface, PREFACE);
        Ok(Self { stream, input: Vec::new(), events: VecDeque::new(), bodies: HashMap::new(), seen, requests: 0, is_mute: false })
    }

    /// Sends a frame.
    pub(super) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        self.send_bytes(&frame(kind, flags, stream, payload))
    }

    fn send_by_itself(&mut self, kind: u8, flags: u8, payload: &[u8]) -> io::Result<()> {
        if self.is_mute { Ok(()) } else { self.send(kind, flags, 0, payload) }
    }

    pub(super) fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    pub(super) fn settings(&mut self, settings: &[(u16, u32)]) -> io::Result<()> {
        self.send(SETTINGS, 0, 0, &settings_payload(settings))
    }

    /// Sends a response with status 200 and no body.
    pub(super) fn answer(&mut self, stream: u32) -> io::Result<()> {
        self.send(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200)
    }

    pub(super) fn reset(&mut self, stream: u32, reason: u32) -> io::Result<()> {
        self.send(RST_STREAM, 0, stream, &reason.to_be_bytes())
    }

    pub(super) fn go_away(&mut self, last: u32, reason: u32) -> io::Result<()> {
        self.send(GOAWAY, 0, 0, &[last.to_be_bytes(), reason.to_be_bytes()].concat())
    }

    pub(super) fn ping(&mut self) -> io::Result<()> {
        self.send(PING, 0, 0, &[1; 8])
    }

    /// Sends its settings and answers all requests.
    pub(super) fn answer_all(&mut self, settings: &[(u16, u32)]) -> io::Result<()> {
        self.settings(settings)?;
        loop {
            let stream = self.next_request()?;
            self.answer(stream)?;
        }
    }

    /// Returns the next complete request, and ignores other actions of the client.
    pub(super) fn next_request(&mut self) -> io::Result<u32> {
        loop {
            if let Event::Request(stream) = self.next()? {
                return Ok(stream);
            }
        }
    }

    /// Takes the body of a received request.
    pub(super) fn take_body(&mut self, stream: u32) -> Vec<u8> {
        self.bodies.remove(&stream).unwrap_or_default()
    }

    /// Reads until the client closes the connection.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        loop {
            self.next()?;
        }
    }

    pub(super) fn note_violation(&self) {
        self.seen.violations.fetch_add(1, Ordering::SeqCst);
    }

    /// Sets how long [`Peer::next`] waits.
    pub(super) fn set_patience(&mut self, patience: Option<std::time::Duration>) -> io::Result<()> {
        self.stream.set_read_timeout(patience)
    }

    /// Returns the next action of the client. Replies to settings and PING frames, unless the peer is mute.
    pub(super) fn next(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let Frame { kind, flags, stream, payload } = self.read_frame()?;
            match kind {
                HEADERS | DATA => {
                    if kind == HEADERS {
                        self.events.push_back(Event::Head(stream));
                    } else if !payload.is_empty() {
                        let length = u32::try_from(payload.len()).unwrap();
                        self.bodies.entry(stream).or_default().extend(payload);
                        self.send_by_itself(WINDOW_UPDATE, 0, &length.to_be_bytes())?;
                    }
                    if flags & END_STREAM != 0 {
                        self.requests += 1;
                        self.seen.connections.fetch_add(usize::from(self.requests == 1), Ordering::SeqCst);
                        self.seen.requests.fetch_add(1, Ordering::SeqCst);
                        self.events.push_back(Event::Request(stream));
                    }
                }
                RST_STREAM => self.events.push_back(Event::Reset(stream)),
                SETTINGS if flags & ACK != 0 => self.events.push_back(Event::SettingsAck),
                SETTINGS => self.send_by_itself(SETTINGS, ACK, &[])?,
                PING if flags & ACK != 0 => self.events.push_back(Event::PingAck),
                PING => self.send_by_itself(PING, ACK, &payload)?,
                WINDOW_UPDATE => {
                    let increment = u32::from_be_bytes(payload.try_into().unwrap());
                    self.events.push_back(Event::Window(stream, increment));
                }
                _ => {}
            }
        }
    }

    fn read_frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some((head, rest)) = self.input.split_first_chunk::<9>() {
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
                if let Some(payload) = rest.get(..length) {
                    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                    let frame = Frame { kind: head[3], flags: head[4], stream, payload: payload.to_vec() };
                    self.input.drain(..9 + length);
                    return Ok(frame);
                }
            }
            let mut room = [0; 16 << 10];
            match self.stream.read(&mut room)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.input.extend_from_slice(&room[..read]),
            }
        }
    }
}

/// A frame as bytes.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame_of_length(payload.len(), kind, flags, stream, payload)
}

/// A frame with this length field.
pub(super) fn frame_of_length(length: usize, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn settings_payload(settings: &[(u16, u32)]) -> Vec<u8> {
    settings.iter().flat_map(|(name, value)| [name.to_be_bytes().as_slice(), value.to_be_bytes().as_slice()].concat()).collect()
}

/// A header without compression, as a literal that is not added to the table.
pub(super) fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}
