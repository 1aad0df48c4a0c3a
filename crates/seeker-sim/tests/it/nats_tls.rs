//! Tests of NATS over TLS. A front speaks TLS after the greeting, as NATS servers do.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use rustls::ServerConfig;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::nats_server::{ACK, NatsServer, Reply};
use crate::program::{Reported, assert_sound, count};
use crate::service::{ClientFiles, tls_config, tls_config_for};

/// A front on a loopback port for the server at this address. It lives as long as the test process.
fn start_front(server: SocketAddr, config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                // A connection that the client has lost needs no end.
                tokio::spawn(forward(client, server, acceptor.clone()));
            }
        });
    });
    addr
}

async fn forward(mut client: TcpStream, server: SocketAddr, acceptor: TlsAcceptor) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = BufReader::new(TcpStream::connect(server).await?);
    let mut greeting = String::new();
    server.read_line(&mut greeting).await?;
    client.write_all(greeting.as_bytes()).await?;
    let mut client = acceptor.accept(client).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

fn server() -> NatsServer {
    NatsServer::start_with(&json!({"tls_required": true}), |_, _, _| Reply::Payload(ACK))
}

const LOAD: &str = "--duration 1s --rate 20/s";

#[test]
fn tls_starts_after_the_greeting() {
    let (server, (config, certificate)) = (server(), tls_config("localhost", &[]));
    let front = start_front(server.addr, config);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, certificate).unwrap();
    let target = format!("natss://localhost:{}/events {LOAD}", front.port());
    for trust in [format!("--ca {}", ca.display()), "--insecure".to_owned()] {
        let (ended, report) = Reported::new().run(&format!("{target} {trust}"));
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
        assert!(report["connections"]["tls_handshake_ms"]["p50"].is_number(), "{report}");
    }
    assert_eq!(server.messages().len(), 40);
    assert!(server.connects().iter().all(|connect| connect["tls_required"] == true));
    for (target, expected) in [
        (target.clone(), "the issuer of the certificate is not trusted"),
        (
            target.replacen("natss://localhost", "natss://127.0.0.1", 1) + &format!(" --ca {}", ca.display()),
            "does not cover `127.0.0.1`",
        ),
        (target.replacen("natss", "nats", 1), "the server requires TLS; use natss://"),
    ] {
        let (ended, _) = Reported::new().run(&target);
        assert!(ended.code == Some(4) && ended.stdout.contains(expected), "{target}: {}", ended.stdout);
    }
    assert_eq!(server.messages().len(), 40);
}

#[test]
fn a_server_that_requires_a_client_certificate_gets_it() {
    let client = ClientFiles::new();
    let (server, (config, _)) = (server(), tls_config_for(Some(&client.certificate), "localhost", &[]));
    let target = format!("natss://{}/events {LOAD} --insecure", start_front(server.addr, config));
    let (ended, report) = Reported::new().run(&format!("{target} {}", client.options()));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
    let (ended, _) = Reported::new().run(&target);
    assert!(ended.code == Some(4) && ended.stdout.contains("complete the NATS handshake"), "{}", ended.stdout);
}
