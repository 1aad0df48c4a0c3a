//! A service that ends each HTTP/2 connection at its first request, with an error and debug data (RFC 9113, section 6.8). The crate h2
//! cannot send such data, so this module writes the frames itself.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

/// The acknowledgement flag of settings and pings.
const ACK: u8 = 1;

/// The error code `ENHANCE_YOUR_CALM`.
const ENHANCE_YOUR_CALM: u32 = 11;

/// The length of the client preface, which precedes the first frame.
const PREFACE: usize = 24;

/// A service on a loopback port. It lives as long as the test process.
pub(crate) struct GoAwayService(SocketAddr);

impl GoAwayService {
    pub(crate) fn start(debug_data: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let debug_data: Arc<[u8]> = debug_data.into_bytes().into();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let debug_data = Arc::clone(&debug_data);
                // The client reports all errors of a connection.
                thread::spawn(move || serve(stream, &debug_data));
            }
        });
        Self(addr)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0)
    }
}

fn serve(mut stream: TcpStream, debug_data: &[u8]) -> io::Result<()> {
    stream.read_exact(&mut [0; PREFACE])?;
    send(&mut stream, SETTINGS, 0, &[])?;
    let mut has_ended = false;
    // Continues to read after the end, because closing a connection with unread data discards the last bytes sent.
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload)?;
        match (head[3], head[4] & ACK) {
            _ if has_ended => {}
            (SETTINGS, 0) => send(&mut stream, SETTINGS, ACK, &[])?,
            (PING, 0) => send(&mut stream, PING, ACK, &payload)?,
            (HEADERS, _) => {
                has_ended = true;
                // The request counts as processed.
                let last_stream = &head[5..9];
                send(&mut stream, GOAWAY, 0, &[last_stream, &ENHANCE_YOUR_CALM.to_be_bytes(), debug_data].concat())?;
                stream.shutdown(Shutdown::Write)?;
            }
            _ => {}
        }
    }
}

/// Sends a frame on stream 0.
fn send(stream: &mut TcpStream, kind: u8, flags: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length[1..], &[kind, flags], &[0; 4], payload].concat())
}
