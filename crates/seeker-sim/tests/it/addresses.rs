//! Tests of targets with several loopback addresses: connections are spread over the addresses, and an address that does not work does not
//! stop a run.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Reported, assert_sound, count, ended};
use crate::service::{Manner, Service, silent_port};

const LAST: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Responds to one request on each connection.
fn answers_once() -> Manner {
    Manner::AnswersAndCloses(LAST.to_vec())
}

/// An address that neither accepts nor refuses connections.
struct BlackHole {
    _listener: TcpListener,
    _filling: Vec<TcpStream>,
}

impl BlackHole {
    /// Listens on the address with a full connection queue.
    fn start(addr: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let _entered = runtime.enter();
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(addr).unwrap();
        let listener = socket.listen(1).unwrap().into_std().unwrap();
        let mut filling = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&addr, Duration::from_millis(200)) {
            filling.push(stream);
            assert!(filling.len() < 10, "the connection queue does not fill up");
        }
        Self { _listener: listener, _filling: filling }
    }
}

/// Runs against a host name with these loopback addresses and this port.
fn run_against(port: u16, addresses: &[&str], options: &str) -> (Ended, Value) {
    let target = format!("--target http://jobs.example:{port} --resolve jobs.example:{port}:{}", addresses.join(","));
    Reported::new().run(&format!("{target} --duration 1s --rate 100/s --speed 0.01 {options}"))
}

#[test]
fn connections_are_spread_over_all_addresses() {
    let first = Service::start(answers_once());
    let port = first.addr.port();
    let second = Service::start_at(SocketAddr::from(([127, 0, 0, 2], port)), answers_once());
    let (ended, report) = run_against(port, &["127.0.0.1", "127.0.0.2"], "");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    let [first, second] = [first, second].map(|service| service.requests().len());
    // One connection is for the check before the run.
    assert!(first + second == 100 && first.abs_diff(second) <= 1, "{first} {second}");
}

#[test]
fn an_address_that_does_not_answer_costs_nothing_but_a_moment() {
    let service = Service::start(answers_once());
    let port = service.addr.port();
    let _black_hole = BlackHole::start(SocketAddr::from(([127, 0, 0, 2], port)));
    for (addresses, options) in [
        (["127.0.0.2", "127.0.0.1"], "--drain 5s"),
        (["127.0.0.1", "127.0.0.2"], "--drain 5s"),
        // No program listens on the first address.
        (["127.0.0.3", "127.0.0.1"], ""),
    ] {
        let (ended, report) = run_against(port, &addresses, options);
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 100, "{addresses:?}: {}", ended.stdout);
        assert_eq!(count(&report, "connections.failed"), 0, "{addresses:?}: {}", ended.stdout);
    }
}

#[test]
fn a_target_none_of_whose_addresses_answers_cannot_be_reached() {
    let (ended, report) = run_against(silent_port(), &["127.0.0.1", "127.0.0.2"], "");
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")), "{}", ended.stdout);
    assert!(ended.stdout.contains("cannot be reached: failed to connect to 127.0.0."), "{}", ended.stdout);
}

#[test]
fn addresses_for_other_hosts_are_refused() {
    let ended = ended(&["run", "--target", "http://h:1", "--resolve", "h:2:127.0.0.1"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("--resolve h:2 matches neither the target nor --search"), "{}", ended.stderr);
}

/// The host of the URL has no address. Requests and the check of the certificate keep it.
#[test]
fn a_target_is_reached_at_another_host_and_port() {
    let plain = Service::start(answers_once());
    let (tls, certificate) = Service::start_tls(answers_once(), "jobs.example");
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, certificate).unwrap();
    for (service, scheme, options) in [(plain, "http", String::new()), (tls, "https", format!("--ca {}", ca.display()))] {
        let to = format!(
            "--connect-to jobs.example::elsewhere.example:{0} --resolve elsewhere.example:{0}:127.0.0.1",
            service.addr.port()
        );
        let target = format!("--target {scheme}://jobs.example {to} {options} --duration 1s --rate 20/s");
        let (ended, report) = Reported::new().run(&target);
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
        let requests = service.requests();
        assert!(requests.iter().all(|request| request.head.contains("\r\nHost: jobs.example\r\n")), "{}", requests[0].head);
    }
}

#[test]
fn a_host_to_connect_to_that_is_not_used_is_told() {
    let ended = ended(&["run", "--target", "http://h:1", "--connect-to", "h:2:g:3"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("--connect-to h:2:g:3 is not used; expected the host and port of the target"),
        "{}",
        ended.stderr
    );
}
