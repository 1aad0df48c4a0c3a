//! Targets that follow a script: a list of steps that read and send bytes on a connection, over TCP or TLS.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection};

/// A step of a target on a connection. A failed step ends the connection, and so does the end of the script.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Waits until bytes have arrived, and reads nothing.
    AwaitRequest,
    /// Reads the bytes that have arrived, at least one.
    ReadSome,
    /// Reads the head of a request.
    ReadHead,
    /// Reads a whole request.
    ReadRequest,
    /// Reads the rest of a request, this many bytes at a time with a pause before each read.
    ReadSlowly(usize, Duration),
    /// Reads until the client ends the connection.
    ReadToEnd,
    /// Sends bytes at once.
    Send(Vec<u8>),
    /// Sends bytes one at a time, with a pause before each.
    SendSlowly(Vec<u8>, Duration),
    /// Sends bytes repeatedly until the client disconnects.
    SendForever(Vec<u8>),
    /// Sends bytes outside the TLS session.
    SendUnencrypted(Vec<u8>),
    /// Sends a `close_notify` alert.
    CloseNotify,
    /// Changes the keys of the TLS session.
    UpdateKeys,
    /// Closes the sending side of the connection.
    FinishSending,
    /// Keeps the connection open, and neither reads nor sends.
    Freeze,
    /// Restarts the script.
    Repeat,
}

impl Step {
    pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Send(bytes.into())
    }

    pub(crate) fn send_forever(bytes: impl Into<Vec<u8>>) -> Self {
        Self::SendForever(bytes.into())
    }
}

/// A target that follows a script on every connection.
#[derive(Clone)]
pub(crate) struct Script {
    steps: Arc<[Step]>,
    /// The TLS settings, if the target uses TLS.
    tls: Option<Arc<ServerConfig>>,
    /// Whether the first connection, which is the check before a run, is only opened and closed.
    spares_first: bool,
}

impl Script {
    pub(crate) fn new(steps: impl Into<Arc<[Step]>>) -> Self {
        Self { steps: steps.into(), tls: None, spares_first: false }
    }

    /// Runs the script after a TLS handshake.
    pub(crate) fn over_tls(self, config: Arc<ServerConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// Runs the script from the second connection on, in place of a TLS handshake. The first connection is opened normally.
    pub(crate) fn sparing_first(self) -> Self {
        Self { spares_first: true, ..self }
    }

    /// Starts the target. It lives as long as the test process.
    pub(crate) fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let script = self.clone();
                thread::spawn(move || {
                    // The client may disconnect at any time.
                    let _ = script.play(stream, number == 0);
                });
            }
        });
        address
    }

    fn play(&self, tcp: TcpStream, is_first: bool) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let has_handshake = !self.spares_first || is_first;
        let tls = self.tls.as_ref().filter(|_| has_handshake).map(|config| ServerConnection::new(Arc::clone(config)).unwrap());
        let mut peer = Peer { tcp, tls, read: Vec::new() };
        if let Some(tls) = &mut peer.tls {
            while tls.is_handshaking() || tls.wants_write() {
                tls.complete_io(&mut peer.tcp)?;
            }
        }
        if self.spares_first && is_first {
            return peer.follow(&Step::ReadToEnd);
        }
        let mut steps = self.steps.iter();
        while let Some(step) = steps.next() {
            match step {
                Step::Repeat => steps = self.steps.iter(),
                step => peer.follow(step)?,
            }
        }
        Ok(())
    }
}

/// A connection with a client.
struct Peer {
    tcp: TcpStream,
    tls: Option<ServerConnection>,
    /// The bytes that were read and belong to no step yet.
    read: Vec<u8>,
}

impl Peer {
    fn follow(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::AwaitRequest => self.tcp.peek(&mut [0]).map(drop),
            Step::ReadSome => self.read_at_most(usize::MAX).map(drop),
            Step::ReadHead => self.read_head().map(drop),
            Step::ReadRequest => {
                let mut left = self.read_head()?;
                while left > 0 {
                    left -= self.read_at_most(left)?;
                }
                Ok(())
            }
            Step::ReadSlowly(at_most, pause) => {
                let mut left = self.read_head()?;
                while left > 0 {
                    thread::sleep(*pause);
                    left -= self.read_at_most(left.min(*at_most))?;
                }
                Ok(())
            }
            Step::ReadToEnd => loop {
                match self.read_at_most(usize::MAX) {
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                    Err(error) => return Err(error),
                }
            },
            Step::Send(bytes) => self.send(bytes),
            Step::SendSlowly(bytes, pause) => bytes.iter().try_for_each(|byte| {
                thread::sleep(*pause);
                self.send(&[*byte])
            }),
            Step::SendForever(bytes) => {
                let many = bytes.repeat((16 << 10) / bytes.len() + 1);
                loop {
                    self.send(&many)?;
                }
            }
            Step::SendUnencrypted(bytes) => self.tcp.write_all(bytes),
            Step::CloseNotify => {
                self.tls.as_mut().expect("a TLS session").send_close_notify();
                self.send(b"")
            }
            Step::UpdateKeys => self.tls.as_mut().expect("a TLS session").refresh_traffic_keys().map_err(io::Error::other),
            Step::FinishSending => self.tcp.shutdown(Shutdown::Write),
            Step::Freeze => loop {
                thread::park();
            },
            Step::Repeat => unreachable!("it is no matter of one step"),
        }
    }

    /// Reads up to the end of a head. Returns the length of the body.
    fn read_head(&mut self) -> io::Result<usize> {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill()?;
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap().to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).expect("requests have a length");
        Ok(length.trim().parse().unwrap())
    }

    /// Reads and discards some bytes. Returns their number.
    fn read_at_most(&mut self, at_most: usize) -> io::Result<usize> {
        if self.read.is_empty() {
            self.fill()?;
        }
        let taken = at_most.min(self.read.len());
        self.read.drain(..taken);
        Ok(taken)
    }

    /// Reads more bytes. The end of the connection is an error.
    fn fill(&mut self) -> io::Result<()> {
        let mut room = [0; 16 << 10];
        let read = match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.tcp).read(&mut room)?,
            None => self.tcp.read(&mut room)?,
        };
        self.read.extend_from_slice(&room[..read]);
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => {
                let mut stream = rustls::Stream::new(tls, &mut self.tcp);
                stream.write_all(bytes)?;
                stream.flush()
            }
            None => self.tcp.write_all(bytes),
        }
    }
}
