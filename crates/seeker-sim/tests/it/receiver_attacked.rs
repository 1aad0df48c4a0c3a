//! Tests `serve` in its own process with hundreds of clients whose bodies stop. The receiver stays within its memory limit, and a
//! concurrent load test is not affected. `cargo xtask attack-receiver` does the same with thousands of clients.

use std::fs;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::program::{Reported, assert_sound, count};
use crate::receiver_process::ReceiverProcess;

const KIB: usize = 1024;

/// Opens connections that each send 128 KiB of a body of 1 MiB.
fn stalled_uploads(address: SocketAddr, connections: usize) -> Vec<TcpStream> {
    let part = vec![b' '; 128 * KIB];
    let uploads = (0..connections).map(|_| {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: 1048576\r\n\r\n").unwrap();
        // The receiver may close the connection early.
        let _ = connection.write_all(&part);
        connection
    });
    uploads.collect()
}

/// Opens streams on one connection that each send 256 KiB of a body of 1 MiB. They stay open as long as the runtime lives.
fn stalled_streams(runtime: &Runtime, address: SocketAddr, streams: usize) {
    runtime.block_on(async {
        let connection = tokio::net::TcpStream::connect(address).await.unwrap();
        let (requests, connection) = h2::client::handshake(connection).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..streams {
            let request = Request::post("http://test/clientEvents").body(()).unwrap();
            let (answer, mut body) = requests.clone().ready().await.unwrap().send_request(request, false).unwrap();
            let mut part = Bytes::from(vec![b' '; 256 * KIB]);
            while !part.is_empty() {
                body.reserve_capacity(part.len());
                // The receiver may refuse the stream or answer early.
                let Some(Ok(capacity)) = poll_fn(|context| body.poll_capacity(context)).await else { break };
                if body.send_data(part.split_to(capacity.min(part.len())), false).is_err() {
                    break;
                }
            }
            tokio::spawn(async move {
                let _ = answer.await;
                drop(body);
            });
        }
    });
}

fn is_healthy(address: SocketAddr) -> bool {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200 ")
}

/// The peak memory of the process, in KiB.
fn most_memory_kib(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn bodies_that_stop_take_no_more_memory_than_allowed() {
    let receiver = ReceiverProcess::start_with(&["--bind", "127.0.0.1:0", "--max-memory", "8MiB"]);
    let address = receiver.url().trim_start_matches("http://").parse().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let uploads = stalled_uploads(address, 300);
    for _ in 0..2 {
        stalled_streams(&runtime, address, 100);
    }
    assert!(is_healthy(address));
    let (run, report) = Reported::new().run(&format!("--target {} --duration 1s --rate 100/s", receiver.url()));
    assert_sound(&run, &report);
    assert_eq!(count(&report, "events.acknowledged"), 100);
    // All bodies together would take 90,000 KiB.
    let memory_kib = most_memory_kib(receiver.id());
    assert!(memory_kib < 64 * KIB, "{memory_kib} KiB");
    drop((uploads, runtime));
    let summary: Value = serde_json::from_str(&receiver.end()).unwrap();
    assert_eq!(count(&summary, "accepted"), 100);
    assert!(count(&summary, "limits.no_memory") > 0, "{summary}");
}
