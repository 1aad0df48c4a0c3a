//! Services with fixed or faulty responses. They record the requests that they receive.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;
use tokio::net::TcpSocket;

/// The time limit for the end of a connection, so that a test that hangs fails.
const ENDING_TIME_MAX: Duration = Duration::from_mins(1);

/// Makes the bytes of a response.
pub(crate) type Maker = Arc<dyn Fn(&Request) -> Vec<u8> + Send + Sync>;

/// The behaviour of a service after it has read a request.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Sends these bytes and reads the next request.
    Answers(Vec<u8>),
    /// Sends bytes made from the request, and reads the next request.
    Makes(Maker),
    /// Sends these bytes and closes the connection.
    AnswersAndCloses(Vec<u8>),
    /// Handles the first attempts at each event with another behaviour, then answers.
    RefusesFirst { attempts: usize, with: Box<Manner>, then: Vec<u8> },
    /// Closes the connection without a response.
    HangsUp,
    /// Never answers, and keeps the connection open.
    KeepsSilent,
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// The end of a connection.
#[derive(Debug)]
pub(crate) struct Ending {
    /// The number of requests on the connection.
    pub(crate) requests: usize,
    /// The error of the connection, unless the client ended it in order.
    pub(crate) result: io::Result<()>,
}

/// A service on a loopback port. It lives as long as the test process.
pub(crate) struct Service {
    pub(crate) addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    endings: mpsc::Receiver<Ending>,
}

impl Service {
    pub(crate) fn start(manner: Manner) -> Self {
        Self::start_over(manner, |stream| stream)
    }

    /// Starts a service at this address.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_at(addr: SocketAddr, manner: Manner) -> Self {
        Self::listen(TcpListener::bind(addr).unwrap(), manner, |stream| stream)
    }

    /// Starts a service over TLS with a self-signed certificate for this name. Returns the service and the certificate as PEM.
    pub(crate) fn start_tls(manner: Manner, name: &str) -> (Self, String) {
        Self::start_tls_with(manner, name, &[])
    }

    /// Like [`Service::start_tls`], and offers these protocols (ALPN).
    pub(crate) fn start_tls_with(manner: Manner, name: &str, protocols: &[&str]) -> (Self, String) {
        let (config, certificate) = tls_config(name, protocols);
        (Self::start_tls_over(manner, config), certificate)
    }

    /// Like [`Service::start_tls`], for clients with this certificate only.
    pub(crate) fn start_tls_for(client: &ClientFiles, manner: Manner, name: &str) -> (Self, String) {
        let (config, certificate) = tls_config_for(Some(&client.certificate), name, &[]);
        (Self::start_tls_over(manner, config), certificate)
    }

    fn start_tls_over(manner: Manner, config: ServerConfig) -> Self {
        let config = Arc::new(config);
        Self::start_over(manner, move |stream| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream))
    }

    /// Starts a service over TLS whose handshakes take this long. The function gets the number of the connection, from 0.
    pub(crate) fn start_slow_tls(manner: Manner, handshake: fn(usize) -> Duration) -> (Self, String) {
        let (config, certificate) = tls_config("localhost", &[]);
        let (config, connections) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
        let service = Self::start_over(manner, move |stream| {
            thread::sleep(handshake(connections.fetch_add(1, Ordering::SeqCst)));
            StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream)
        });
        (service, certificate)
    }

    fn start_over<S: Read + Write>(manner: Manner, over: impl Fn(TcpStream) -> S + Clone + Send + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), manner, over)
    }

    fn listen<S: Read + Write>(
        listener: TcpListener,
        manner: Manner,
        over: impl Fn(TcpStream) -> S + Clone + Send + 'static,
    ) -> Self {
        let (sender, endings) = mpsc::channel();
        let service = Self { addr: listener.local_addr().unwrap(), requests: Arc::default(), endings };
        let requests = Arc::clone(&service.requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (manner, over, requests, sender) = (manner.clone(), over.clone(), Arc::clone(&requests), sender.clone());
                thread::spawn(move || {
                    let mut count = 0;
                    let result = serve(over(stream), &manner, &requests, &mut count);
                    // Most tests do not wait for the end of connections.
                    let _ = sender.send(Ending { requests: count, result });
                });
            }
        });
        service
    }

    /// Responds to each request with this status and no body.
    pub(crate) fn answering(status: &str) -> Self {
        Self::start(Manner::Answers(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Waits for the next connection that ends. Each ended connection is returned once.
    pub(crate) fn next_ending(&self) -> Ending {
        self.endings.recv_timeout(ENDING_TIME_MAX).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Returns TLS settings with a self-signed certificate for this name, and the certificate as PEM.
pub(crate) fn tls_config(name: &str, protocols: &[&str]) -> (ServerConfig, String) {
    tls_config_for(None, name, protocols)
}

/// Like [`tls_config`], for clients with this certificate only.
pub(crate) fn tls_config_for(client: Option<&CertificateDer<'static>>, name: &str, protocols: &[&str]) -> (ServerConfig, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let config = match client {
        None => config.with_no_client_auth(),
        Some(client) => {
            let mut roots = RootCertStore::empty();
            roots.add(client.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        }
    };
    let mut config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    (config, cert.pem())
}

/// A self-signed certificate of a client, and the files `cert.pem` and `key.pem` with it.
pub(crate) struct ClientFiles {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: String,
    folder: TempDir,
}

impl ClientFiles {
    pub(crate) fn new() -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["client".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = signing_key.serialize_pem();
        fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), &key).unwrap();
        Self { certificate: cert.der().clone(), key, folder }
    }

    /// Writes a file next to the others. Returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// The options of `run` that name the files.
    pub(crate) fn options(&self) -> String {
        let path = |name| self.folder.path().join(name).display().to_string();
        format!("--cert {} --key {}", path("cert.pem"), path("key.pem"))
    }
}

fn serve(stream: impl Read + Write, manner: &Manner, requests: &Mutex<Vec<Request>>, count: &mut usize) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned));
        // A request without a length has no body, such as the HTTP/2 preface.
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        reader.read_exact(&mut body)?;
        let mut all = requests.lock().unwrap();
        let manner = match manner {
            Manner::RefusesFirst { attempts, with, .. }
                if all.iter().filter(|request| request.body == body).count() < *attempts =>
            {
                with
            }
            manner => manner,
        };
        let request = Request { head, body };
        all.push(request.clone());
        *count += 1;
        drop(all);
        match manner {
            Manner::Makes(maker) => reader.get_mut().write_all(&maker(&request))?,
            Manner::Answers(bytes) | Manner::RefusesFirst { then: bytes, .. } => reader.get_mut().write_all(bytes)?,
            Manner::AnswersAndCloses(bytes) => return reader.get_mut().write_all(bytes),
            Manner::HangsUp => return Ok(()),
            Manner::KeepsSilent => {}
        }
    }
}

/// A loopback port on which no program listens until the tests end: it is bound, so no other test gets it.
pub(crate) fn silent_port() -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    std::mem::forget(socket);
    port
}
