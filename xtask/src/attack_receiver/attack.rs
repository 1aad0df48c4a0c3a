//! Malicious clients: each kind keeps its connections for as long as the receiver allows, and replaces closed connections with new ones.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::sleep;

const MIB: usize = 1024 * 1024;

/// The number of streams on a connection that ignores the limit of the receiver.
const STREAMS_OF_A_CONNECTION: usize = 1_000;

/// A kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Attack {
    /// Bodies of 1 MiB that arrive at 200 bytes a second.
    SlowUploads,
    /// Bodies of 1 MiB that stop after 128 KiB.
    StalledUploads,
    /// Header sections that arrive byte by byte.
    SlowHeaders,
    /// Messages of 1 MiB from clients that do not read the response.
    UnreadAnswers,
    /// HTTP/2 streams with bodies of 1 MiB that stop before their last byte.
    StalledStreams,
}

impl Attack {
    pub(super) const ALL: [Self; 5] =
        [Self::SlowUploads, Self::StalledUploads, Self::SlowHeaders, Self::UnreadAnswers, Self::StalledStreams];

    /// Returns the number of connections or streams of the attack.
    pub(super) fn clients(self, connections: usize, streams: usize) -> usize {
        if self == Self::StalledStreams { streams } else { connections }
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().expect("no attack is hidden").get_name())
    }
}

/// Attacks with this many clients until `is_over` is set.
pub(super) fn run(attack: Attack, address: SocketAddr, clients: usize, is_over: &AtomicBool) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connections = if attack == Attack::StalledStreams { clients.div_ceil(STREAMS_OF_A_CONNECTION) } else { clients };
        for number in 0..connections {
            let streams = (clients - number * STREAMS_OF_A_CONNECTION.min(clients)).min(STREAMS_OF_A_CONNECTION);
            tokio::spawn(async move {
                loop {
                    // The receiver may end a connection.
                    let _ = match attack {
                        Attack::SlowUploads => upload(address, 0, 1_000).await,
                        Attack::StalledUploads => upload(address, 128 * 1024, 0).await,
                        Attack::SlowHeaders => slow_header(address).await,
                        Attack::UnreadAnswers => unread_answers(address).await,
                        Attack::StalledStreams => stalled_streams(address, streams).await.map_err(io::Error::other),
                    };
                    sleep(Duration::from_secs(1)).await;
                }
            });
            // Opening all connections at the same time would only test the backlog.
            if number % 100 == 99 {
                sleep(Duration::from_millis(10)).await;
            }
        }
        while !is_over.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(100)).await;
        }
    });
    Ok(())
}

/// Sends a part of a body immediately and the rest in pieces, one every five seconds.
async fn upload(address: SocketAddr, at_once: usize, piece: usize) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    let head = format!("POST /clientEvents HTTP/1.1\r\nHost: attack\r\nContent-Length: {MIB}\r\n\r\n");
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(&vec![b' '; at_once]).await?;
    let piece = vec![b' '; piece];
    let mut answer = [0; 1_024];
    loop {
        tokio::select! {
            read = connection.read(&mut answer) => if read? == 0 { return Ok(()) },
            () = sleep(Duration::from_secs(5)) => connection.write_all(&piece).await?,
        }
    }
}

async fn slow_header(address: SocketAddr) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(b"POST /clientEvents HTTP/1.1\r\nX-Slow: ").await?;
    let mut answer = [0; 1_024];
    loop {
        tokio::select! {
            read = connection.read(&mut answer) => if read? == 0 { return Ok(()) },
            () = sleep(Duration::from_secs(2)) => connection.write_all(b"x").await?,
        }
    }
}

async fn unread_answers(address: SocketAddr) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    let job = "j".repeat(MIB - 200);
    let message = format!(
        "{{\"eventId\":\"e\",\"eventType\":\"VIEW\",\"requestId\":\"r\",\"relatedJobNames\":[\"jobs/{job}\"],\
         \"eventTimestampMillis\":\"1700000000000\"}}"
    );
    let head = format!("POST /clientEvents HTTP/1.1\r\nHost: attack\r\nContent-Length: {}\r\n\r\n", message.len());
    loop {
        connection.write_all(head.as_bytes()).await?;
        connection.write_all(message.as_bytes()).await?;
    }
}

async fn stalled_streams(address: SocketAddr, streams: usize) -> Result<(), h2::Error> {
    let connection = TcpStream::connect(address).await.map_err(|_| h2::Error::from(h2::Reason::CONNECT_ERROR))?;
    let (requests, connection) = h2::client::handshake(connection).await?;
    let driven = tokio::spawn(connection);
    let body = Bytes::from(vec![b' '; MIB - 1]);
    let mut open = Vec::new();
    for _ in 0..streams {
        let request = Request::post("http://attack/clientEvents").body(()).expect("a valid request");
        let (answer, mut stream) = requests.clone().ready().await?.send_request(request, false)?;
        let mut rest = body.clone();
        open.push(tokio::spawn(async move {
            while !rest.is_empty() {
                stream.reserve_capacity(rest.len());
                let Some(Ok(capacity)) = poll_fn(|context| stream.poll_capacity(context)).await else { break };
                let part = rest.split_to(capacity.min(rest.len()));
                if stream.send_data(part, false).is_err() {
                    break;
                }
            }
            // The stream stays open until it is answered.
            let _ = answer.await;
        }));
    }
    for stream in open {
        // The task does not panic.
        let _ = stream.await;
    }
    driven.abort();
    Ok(())
}
