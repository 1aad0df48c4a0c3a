//! Services that were written by nobody here: they answer each request with fixed bytes, or do something worse. They keep what
//! they were sent.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Far longer than a connection takes to end, so that a test that hangs fails.
const ENDING_TIME_MAX: Duration = Duration::from_mins(1);

/// Makes the bytes of an answer.
pub(crate) type Maker = Arc<dyn Fn(&Request) -> Vec<u8> + Send + Sync>;

/// What a service does with a request it has read.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Sends these bytes and reads on.
    Answers(Vec<u8>),
    /// Sends what is made of the request and reads on.
    Makes(Maker),
    /// Sends these bytes and closes the connection.
    AnswersAndCloses(Vec<u8>),
    /// Does something else with the first attempts at each event, so many of them, and then answers.
    RefusesFirst { attempts: usize, with: Box<Manner>, then: Vec<u8> },
    /// Closes the connection without an answer.
    HangsUp,
    /// Never answers, and keeps the connection open.
    KeepsSilent,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// How a connection ended.
#[derive(Debug)]
pub(crate) struct Ending {
    /// How many requests came over it.
    pub(crate) requests: usize,
    /// What was wrong with it; nothing if the client said that it was the end.
    pub(crate) result: io::Result<()>,
}

/// A service on a loopback port; it lives as long as the test's process.
pub(crate) struct Service {
    pub(crate) addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    endings: mpsc::Receiver<Ending>,
}

impl Service {
    pub(crate) fn start(manner: Manner) -> Self {
        Self::start_over(manner, |stream| stream)
    }

    /// The same at this address.
    pub(crate) fn start_at(addr: SocketAddr, manner: Manner) -> Self {
        Self::listen(TcpListener::bind(addr).unwrap(), manner, |stream| stream)
    }

    /// Over TLS, with a certificate for that name which it has signed itself; the service, and the certificate as PEM.
    pub(crate) fn start_tls(manner: Manner, name: &str) -> (Self, String) {
        Self::start_tls_with(manner, name, &[])
    }

    /// The same, with these protocols on offer (ALPN).
    pub(crate) fn start_tls_with(manner: Manner, name: &str, protocols: &[&str]) -> (Self, String) {
        let (config, certificate) = tls_config(name, protocols);
        let config = Arc::new(config);
        let service =
            Self::start_over(manner, move |stream| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream));
        (service, certificate)
    }

    /// Over TLS, with a handshake of that length for each connection, which are counted from 0.
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
                    // Most tests do not ask how connections end, and are over by then.
                    let _ = sender.send(Ending { requests: count, result });
                });
            }
        });
        service
    }

    /// Answers each request with a status and nothing else.
    pub(crate) fn answering(status: &str) -> Self {
        Self::start(Manner::Answers(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The next connection to end, or that has ended and was not asked for.
    pub(crate) fn next_ending(&self) -> Ending {
        self.endings.recv_timeout(ENDING_TIME_MAX).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// What it takes to speak TLS with a certificate for that name which signs itself, and the certificate as PEM.
pub(crate) fn tls_config(name: &str, protocols: &[&str]) -> (ServerConfig, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    (config, cert.pem())
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
        // Without a length there is no body, as in the greeting of HTTP/2.
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

/// A port of the loopback interface on which nobody listens.
pub(crate) fn silent_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
