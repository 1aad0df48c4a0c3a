//! A server for tests, on quinn alone. It can also break the rules of HTTP/3.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use quinn::{
    Connection, ConnectionError, RecvStream, SendStream, ServerConfig, TransportConfig, VarInt, crypto::rustls::QuicServerConfig,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::super::{response::frame_header, varint, write_frame};

/// The reaction to a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// These bytes on the stream, and its end.
    Bytes(Vec<u8>),
    /// These bytes before the request was read. The rest of the request is not read.
    Early(Vec<u8>),
    /// A reset with this code.
    Reset(u32),
    /// GOAWAY with this id, then these bytes.
    GoAway(u64, Vec<u8>),
    /// The end of the connection with this code.
    Close(u32, &'static str),
    /// Nothing.
    Silence,
}

/// The settings of a server.
pub(super) struct Settings {
    pub(super) protocol: &'static str,
    pub(super) name: &'static str,
    pub(super) streams_max: u32,
    /// The first bytes of the control stream.
    pub(super) control: Vec<u8>,
    /// The certificate that clients need, if any.
    pub(super) client: Option<CertificateDer<'static>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { protocol: "h3", name: "localhost", streams_max: 100, control: vec![0, 4, 0], client: None }
    }
}

/// A request as it was received: the header section and the body.
pub(super) type Request = (Vec<u8>, Vec<u8>);

/// A running server. It ends with the runtime of the test.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) certificate: CertificateDer<'static>,
    requests: Arc<Mutex<Vec<Request>>>,
    ends: UnboundedReceiver<ConnectionError>,
}

impl Server {
    /// Starts a server that reacts to requests by their number on the connection.
    pub(super) fn start(settings: Settings, reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([settings.name.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let tls =
            rustls::ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let tls = match &settings.client {
            None => tls.with_no_client_auth(),
            Some(client) => {
                let mut roots = RootCertStore::empty();
                roots.add(client.clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                tls.with_client_cert_verifier(verifier)
            }
        };
        let mut tls = tls.with_single_cert(vec![cert.der().clone()], key).unwrap();
        tls.alpn_protocols = vec![settings.protocol.as_bytes().to_vec()];
        let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
        let mut transport = TransportConfig::default();
        transport.max_concurrent_bidi_streams(VarInt::from_u32(settings.streams_max));
        config.transport_config(Arc::new(transport));
        let endpoint = quinn::Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let requests = Arc::<Mutex<Vec<_>>>::default();
        let (end, ends) = unbounded_channel();
        let (address, certificate) = (endpoint.local_addr().unwrap(), cert.der().clone());
        let server = Self { address, certificate, requests: Arc::clone(&requests), ends };
        let (reply, control): (Arc<dyn Fn(usize) -> Reply + Send + Sync>, _) = (Arc::new(reply), Arc::new(settings.control));
        tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let (reply, control) = (Arc::clone(&reply), Arc::clone(&control));
                let (requests, end) = (Arc::clone(&requests), end.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate disconnects.
                    if let Ok(connection) = incoming.await {
                        // The test may not ask for the end.
                        let _ = end.send(serve(connection, &control, reply, requests).await);
                    }
                });
            }
        });
        server
    }

    /// The end of the next connection, as the server saw it.
    pub(super) async fn next_end(&mut self) -> ConnectionError {
        self.ends.recv().await.unwrap()
    }

    /// The requests since the last call.
    pub(super) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

async fn serve(
    connection: Connection,
    control_start: &[u8],
    reply: Arc<dyn Fn(usize) -> Reply + Send + Sync>,
    requests: Arc<Mutex<Vec<Request>>>,
) -> ConnectionError {
    let mut control = match connection.open_uni().await {
        Ok(control) => control,
        Err(error) => return error,
    };
    control.write_all(control_start).await.unwrap();
    let control = Arc::new(tokio::sync::Mutex::new(control));
    let mut number = 0;
    while let Ok((send, receive)) = connection.accept_bi().await {
        tokio::spawn(react(connection.clone(), Arc::clone(&control), reply(number), (send, receive), Arc::clone(&requests)));
        number += 1;
    }
    connection.closed().await
}

/// Errors mean that the client has given up.
async fn react(
    connection: Connection,
    control: Arc<tokio::sync::Mutex<SendStream>>,
    reply: Reply,
    (mut send, mut receive): (SendStream, RecvStream),
    requests: Arc<Mutex<Vec<Request>>>,
) {
    let bytes = match reply {
        Reply::Early(bytes) => {
            let _ = receive.stop(VarInt::from_u32(0x100));
            bytes
        }
        Reply::Reset(code) => {
            let _ = send.reset(VarInt::from_u32(code));
            let _ = receive.stop(VarInt::from_u32(code));
            return;
        }
        reply => {
            let Ok(request) = receive.read_to_end(usize::MAX).await else { return };
            requests.lock().unwrap().push(read_request(&request));
            match reply {
                Reply::Bytes(bytes) => bytes,
                Reply::GoAway(id, bytes) => {
                    let (mut frame, mut payload) = (Vec::new(), Vec::new());
                    varint::write(id, &mut payload);
                    write_frame(7, &[&payload], &mut frame);
                    control.lock().await.write_all(&frame).await.unwrap();
                    bytes
                }
                Reply::Close(code, reason) => return connection.close(VarInt::from_u32(code), reason.as_bytes()),
                _ => {
                    connection.closed().await;
                    return;
                }
            }
        }
    };
    if bytes.is_empty() {
        connection.closed().await;
    }
    if send.write_all(&bytes).await.is_ok() {
        let _ = send.finish();
        let _ = send.stopped().await;
    }
}

/// The header section and the body of a request that has one frame for each.
fn read_request(mut bytes: &[u8]) -> Request {
    let mut parts = [(); 2].map(|()| {
        let (_, length) = frame_header(bytes).unwrap();
        let start = varint::read(bytes).unwrap().1;
        let start = start + varint::read(&bytes[start..]).unwrap().1;
        let (part, rest) = bytes[start..].split_at(usize::try_from(length).unwrap());
        bytes = rest;
        part.to_vec()
    });
    assert!(bytes.is_empty());
    (std::mem::take(&mut parts[0]), std::mem::take(&mut parts[1]))
}
