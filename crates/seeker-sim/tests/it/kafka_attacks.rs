//! Kafka targets that misbehave: services that are not brokers, and brokers that send invalid answers. The run states the reason and accounts
//! for each event.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use crate::kafka_broker::{ClusterOptions, KafkaCluster, Reply};
use crate::program::{Reported, count};

/// A server that answers the first bytes with these.
fn answers(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 1_000]);
                let _ = stream.write_all(bytes);
                // The client ends the connection.
                let _ = stream.read(&mut [0; 1_000]);
            });
        }
    });
    addr
}

fn closes_at_once() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().for_each(drop));
    addr
}

fn cluster(options: ClusterOptions) -> SocketAddr {
    KafkaCluster::start_with(options, |_| Reply::Code(0, None)).address(0)
}

/// Each target that cannot be used is reported before the start, with its reason.
#[test]
fn what_is_no_usable_broker_is_told_before_the_start() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let versions = |versions: &[(i16, i16, i16)]| ClusterOptions { versions: versions.to_vec(), ..ClusterOptions::default() };
    let topic = |topic_code| ClusterOptions { topic_code, ..ClusterOptions::default() };
    let other = "find a Kafka broker: the first bytes are of another protocol";
    for (addr, options, expected) in [
        (unused, "", "Connection refused (os error 111); is the service running, and is --target right?"),
        (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "", other),
        (answers(b"\x15\x03\x01\x00\x02\x02\x28"), "", "the server speaks TLS; use kafkas://"),
        (answers(b"\0\0\0\x04\0\0\0\x07"), "", other),
        (answers(b"\0\0\0\x05\0\0\0\0x"), "", other),
        (answers(b"\x7f\xff\xff\xff"), "", other),
        (answers(b"\xff\xff\xff\xff"), "", other),
        (answers(b"\0\0\0\x0a\0\0\0\0\0\x23\0\0\0\0"), "", "the broker answered UNSUPPORTED_VERSION (35) to ApiVersions"),
        (answers(b"\0\0\0\x0a\0\0\0\0\0\0\x7f\xff\xff\xff"), "", other),
        (answers(b""), "", "no Kafka connection to 127.0.0.1:"),
        (closes_at_once(), "", "it closed the connection after the first request; does it require TLS (kafkas://)?"),
        (cluster(versions(&[(0, 0, 2), (3, 0, 8)])), "", "the broker has the versions 0 to 2 of Produce; expected one of"),
        (
            cluster(versions(&[(0, 3, 6), (3, 0, 8)])),
            "--compression zstd",
            "has no compression with zstd; use another --compression",
        ),
        (cluster(versions(&[(0, 3, 8), (3, 9, 12)])), "", "the broker has the versions 9 to 12 of Metadata"),
        (cluster(versions(&[(0, 3, 8)])), "", "the broker has no Metadata"),
        (cluster(topic(3)), "", "the topic `events` does not exist; create it first"),
        (cluster(topic(29)), "", "the topic `events` is not open to this user"),
        (cluster(topic(17)), "", "the cluster answered INVALID_TOPIC_EXCEPTION (17) for the topic `events`"),
    ] {
        let target = format!("kafka://{addr}/events --duration 1s --timeout 500ms {options}");
        let (ended, report) = Reported::new().run(&target);
        assert_eq!((ended.code, &report["outcome"]), (Some(4), &"target_unreachable".into()), "{expected}: {}", ended.stdout);
        assert!(ended.stdout.contains(expected), "{expected}: {}", ended.stdout);
    }
}

/// If the cluster names a broker that does not exist, the error contains the address of the broker.
#[test]
fn an_advertised_address_that_is_wrong_is_told() {
    let cluster = KafkaCluster::start(|_| Reply::Code(0, None));
    let other = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (advertised, first) = (cluster.address(0).port(), answers(b""));
    // The address leads to the broker under another name. The name that the broker gives leads nowhere.
    let options = format!(
        "--connect-to localhost:{}:127.0.0.1:{advertised} --connect-to 127.0.0.1:{advertised}:127.0.0.1:{}",
        first.port(),
        other.port()
    );
    let target = format!("kafka://localhost:{}/events --duration 1s --timeout 2s {options}", first.port());
    let (ended, _) = Reported::new().run(&target);
    let expected = format!("the broker 127.0.0.1:{advertised}, which the cluster names: failed to connect to {other}");
    assert!(ended.code == Some(4) && ended.stdout.contains(&expected), "{}", ended.stdout);
    assert!(ended.stdout.contains("check advertised.listeners of the broker, or pass --connect-to"), "{}", ended.stdout);
}

/// For all bytes in place of an answer, the run ends, and each event has an outcome.
#[test]
fn a_hostile_broker_ends_no_run() {
    for (bytes, expected) in [
        (&b"\x7f\xff\xff\xff"[..], "failed to read the acknowledgement: the broker sent bytes that are not Kafka"),
        (b"\0\0\0\x00", "failed to read the acknowledgement: the broker sent bytes that are not Kafka"),
        (b"\0\0\0\x04\0\0\0\x63", "the broker answered another request than the first one without an answer"),
        (b"\0\0\0\x04\0\0\0\x01", "failed to read the acknowledgement: the broker sent bytes that are not Kafka"),
        (b"\0\0\0\x08\0\0\0\x01\x7f\xff\xff\xff", "failed to read the acknowledgement: the broker sent bytes that are not Kafka"),
        (b"\0\0\0", "no acknowledgement within 300ms"),
        (b"", "no acknowledgement within 300ms"),
    ] {
        let cluster = KafkaCluster::start(move |_| Reply::Bytes(bytes.to_vec()));
        let target = format!("kafka://{}/events --duration 1s --rate 100/s --timeout 300ms", cluster.servers());
        let (_, report) = Reported::new().run(&target);
        assert_eq!(count(&report, "events.acknowledged"), 0, "{report}");
        assert!(report["errors"].to_string().contains(expected), "{bytes:?}: {report}");
    }
}

/// A broker that accepts connections and closes each after some requests never gets more than it takes.
#[test]
fn a_broker_that_closes_each_connection_fails_each_event() {
    let cluster = KafkaCluster::start(|_| Reply::Cut);
    let target = format!("kafka://{}/events --duration 1s --rate 100/s --timeout 2s", cluster.servers());
    let (_, report) = Reported::new().run(&target);
    assert_eq!((count(&report, "events.acknowledged"), cluster.stored().len()), (0, 0), "{report}");
    // The connection is not reopened for each event, because the wait grows.
    assert!(count(&report, "connections.opened") < 30 && cluster.calls() < 60, "{report}");
}

/// A cluster that stops in the middle of a run: its events fail or are unknown, and the run ends.
#[test]
fn a_cluster_that_stops_is_counted() {
    let cluster = KafkaCluster::start(|call| if call.number > 20 { Reply::Nothing } else { Reply::Code(0, None) });
    let target = format!("kafka://{}/events --duration 1s --rate 100/s --batch 1 --timeout 400ms --drain 1s", cluster.servers());
    let (ended, report) = Reported::new().run(&target);
    assert_eq!(count(&report, "events.acknowledged"), 20, "{report}");
    assert_ne!(ended.code, Some(0), "{report}");
}
