//! HTTP/3 services with correct or faulty behaviour, on the crate quinn alone. They record the bodies that they receive.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint, RecvStream, SendStream, ServerConfig, TransportConfig, VarInt};
use tokio::sync::oneshot;

use crate::service::tls_config;

/// The settings of a server without any setting, on its control stream.
const SETTINGS: [u8; 3] = [0, 4, 0];

/// Responses without a body: HEADERS frames with one entry of the static table of QPACK.
const OK: [u8; 5] = [1, 3, 0, 0, 0xc0 + 25];
const UNAVAILABLE: [u8; 5] = [1, 3, 0, 0, 0xc0 + 28];

const REQUEST_REJECTED: VarInt = VarInt::from_u32(0x10b);

/// The behaviour of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http3Manner {
    /// Responds with status 200.
    Answers,
    /// Responds with status 200, and allows only one concurrent request per connection.
    AnswersOneAtATime,
    /// Rejects the first attempt at each event before it is processed, then responds.
    RejectsFirst,
    /// Responds with status 503 to the first attempt at each event, then with status 200.
    FailsFirst,
    /// After this many requests on a connection, announces that it processes no more requests, and responds to these.
    GoesAway(u8),
    /// Closes the connection at the request after this many, with an error.
    Closes(usize),
    /// Never answers, and keeps the connection open.
    KeepsSilent,
}

/// A service on a loopback port. It ends when it is dropped, without a word to its clients.
pub(crate) struct Http3Service {
    pub(crate) addr: SocketAddr,
    /// The certificate for localhost as PEM.
    pub(crate) certificate: String,
    seen: Arc<Seen>,
    _wanted: oneshot::Sender<()>,
}

#[derive(Default)]
struct Seen {
    bodies: Mutex<Vec<Vec<u8>>>,
    attempts: Mutex<HashMap<Vec<u8>, usize>>,
    connections: AtomicUsize,
    at_once: AtomicUsize,
    at_once_max: AtomicUsize,
}

impl Http3Service {
    pub(crate) fn start(manner: Http3Manner) -> Self {
        let (tls, certificate) = tls_config("localhost", &["h3"]);
        let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
        let mut transport = TransportConfig::default();
        if manner == Http3Manner::AnswersOneAtATime {
            transport.max_concurrent_bidi_streams(VarInt::from_u32(1));
        }
        config.transport_config(Arc::new(transport));
        let seen = Arc::<Seen>::default();
        let (wanted, unwanted) = oneshot::channel::<()>();
        let (sender, addr) = std::sync::mpsc::channel();
        let of_service = Arc::clone(&seen);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let endpoint = Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
                sender.send(endpoint.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = accept(endpoint, manner, of_service) => {}
                    _ = unwanted => {}
                }
            });
        });
        Self { addr: addr.recv().unwrap(), certificate, seen, _wanted: wanted }
    }

    /// The received bodies, each as often as its response was 200.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.seen.bodies.lock().unwrap())
    }

    /// The number of connections with a request.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The maximum number of concurrent requests.
    pub(crate) fn at_once_max(&self) -> usize {
        self.seen.at_once_max.load(Ordering::SeqCst)
    }
}

async fn accept(endpoint: Endpoint, manner: Http3Manner, seen: Arc<Seen>) {
    while let Some(incoming) = endpoint.accept().await {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            // A client that does not trust the certificate disconnects.
            if let Ok(connection) = incoming.await {
                serve(connection, manner, seen).await;
            }
        });
    }
}

async fn serve(connection: Connection, manner: Http3Manner, seen: Arc<Seen>) {
    let mut control = connection.open_uni().await.unwrap();
    // The client may have disconnected. Then there are no requests either.
    let _ = control.write_all(&SETTINGS).await;
    let (mut count, mut ignored) = (0, Vec::new());
    while let Ok((send, receive)) = connection.accept_bi().await {
        count += 1;
        if count == 1 {
            seen.connections.fetch_add(1, Ordering::SeqCst);
        }
        match manner {
            Http3Manner::GoesAway(after) if count == usize::from(after) => {
                // The id of the next request. Ids grow by 4.
                let _ = control.write_all(&[7, 2, 0x40, 4 * after]).await;
            }
            Http3Manner::GoesAway(after) if count > usize::from(after) => {
                // A stream that is dropped would end without a response.
                ignored.push((send, receive));
                continue;
            }
            Http3Manner::Closes(after) if count > after => return connection.close(VarInt::from_u32(0x102), b"on purpose"),
            _ => {}
        }
        tokio::spawn(answer(send, receive, manner, Arc::clone(&seen)));
    }
}

async fn answer(mut send: SendStream, mut receive: RecvStream, manner: Http3Manner, seen: Arc<Seen>) {
    let at_once = seen.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    seen.at_once_max.fetch_max(at_once, Ordering::SeqCst);
    if let Ok(request) = receive.read_to_end(usize::MAX).await {
        let body = body(&request).to_vec();
        let is_first = {
            let mut attempts = seen.attempts.lock().unwrap();
            let attempts = attempts.entry(body.clone()).or_default();
            *attempts += 1;
            *attempts == 1
        };
        let response = match manner {
            Http3Manner::RejectsFirst if is_first => None,
            Http3Manner::FailsFirst if is_first => Some(UNAVAILABLE),
            Http3Manner::KeepsSilent => {
                // Waits until the client cancels the request.
                let _ = send.stopped().await;
                None
            }
            _ => {
                seen.bodies.lock().unwrap().push(body);
                Some(OK)
            }
        };
        seen.at_once.fetch_sub(1, Ordering::SeqCst);
        // The client may have disconnected.
        let _ = match response {
            None => send.reset(REQUEST_REJECTED).map_err(drop),
            Some(response) => send.write_all(&response).await.map_err(drop).and_then(|()| send.finish().map_err(drop)),
        };
    }
}

/// The body of a request that has one HEADERS and one DATA frame.
fn body(request: &[u8]) -> &[u8] {
    let after_header = |frame: &[u8]| {
        let (length, size) = integer(&frame[1..]);
        (1 + size, length)
    };
    let (start, length) = after_header(request);
    let data = &request[start + length..];
    let (start, length) = after_header(data);
    assert_eq!((request[0], data[0], data.len()), (1, 0, start + length));
    &data[start..]
}

/// An integer of variable length (RFC 9000, section 16), and its size. Bodies of tests need at most 4 bytes.
fn integer(bytes: &[u8]) -> (usize, usize) {
    let size = 1 << (bytes[0] >> 6);
    let value = bytes[..size].iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
    (value & ((1 << (8 * size - 2)) - 1), size)
}
