//! Tests of several NATS servers in one target: connections are spread over them, and a server that fails is replaced by another.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};

use crate::nats_server::{ACK, NatsServer, Reply};
use crate::program::{Ended, Reported, assert_sound, count};

fn run_at(servers: &[SocketAddr], options: &str) -> (Ended, Value) {
    let servers: Vec<_> = servers.iter().map(SocketAddr::to_string).collect();
    Reported::new().run(&format!("nats://{}/events --rate 100/s --duration 1s --drain 10s {options}", servers.join(",")))
}

/// A server that acknowledges all messages except the tenth.
fn server(tenth: fn() -> Reply) -> NatsServer {
    NatsServer::start(move |number, _| if number == 10 { tenth() } else { Reply::Payload(ACK) })
}

/// The ids of the events that the servers have received.
fn ids(servers: &[&NatsServer]) -> HashSet<String> {
    let messages = servers.iter().flat_map(|server| server.messages());
    messages.map(|message| message.event["eventId"].to_string()).collect()
}

#[test]
fn another_server_takes_the_place_of_one_that_is_lost() {
    let (one, other) = (server(|| Reply::Cut), server(|| Reply::Cut));
    let (_, report) = run_at(&[one.addr, other.addr], "--retries 20 --connections 1 --streams 1");
    assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
    // The check before the run takes the first turn, so the first connection goes to the other server.
    assert_eq!((one.messages().len() >= 10, other.messages().len() >= 10), (true, true), "{report}");
    assert_eq!(ids(&[&one, &other]).len(), 100);
}

#[test]
fn a_server_that_is_about_to_stop_gets_no_more_messages_and_loses_none() {
    let (one, other) = (server(|| Reply::LameDuck), server(|| Reply::Payload(ACK)));

    let (ended, report) = run_at(&[other.addr, one.addr], "--connections 1 --streams 1");
    assert_sound(&ended, &report);
    assert_eq!((one.messages().len(), other.messages().len()), (10, 90), "{report}");
    assert_eq!(count(&report, "connections.opened"), 2, "{report}");
}

#[test]
fn one_working_server_is_enough() {
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Accepts connections and never greets.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let working = NatsServer::start(|_, _| Reply::Payload(ACK));
    let servers = [refusing, silent.local_addr().unwrap(), working.addr];
    let (ended, report) = run_at(&servers, "--timeout 900ms");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
    let (ended, _) = run_at(&servers[..1], "");
    assert!(ended.code == Some(4) && ended.stdout.contains("Connection refused"), "{}", ended.stdout);
}

/// The most informative error is reported if no server works.
#[test]
fn a_rejected_login_is_told_even_if_other_servers_are_down() {
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let guarded = NatsServer::start_with(&json!({"auth_required": true}), |_, _, _| Reply::Payload(ACK));
    let (ended, _) = run_at(&[guarded.addr, refusing], "");
    assert!(ended.code == Some(4) && ended.stdout.contains("the server requires credentials"), "{}", ended.stdout);
}

/// A server that a listed server names is used once the listed server fails, unless the user gives the addresses.
#[test]
fn servers_that_the_cluster_names_are_used_if_no_listed_server_works() {
    for (options, is_followed) in [("", true), ("--resolve", false)] {
        let named = NatsServer::start(|_, _| Reply::Payload(ACK));
        let info = json!({"connect_urls": [named.addr.to_string()]});
        let listed = NatsServer::start_with(&info, |number, _, _| if number == 10 { Reply::Cut } else { Reply::Payload(ACK) });
        let port = listed.addr.port();
        let resolve = if options.is_empty() { String::new() } else { format!("{options} localhost:{port}:127.0.0.1") };
        let load = "--rate 100/s --duration 1s --drain 10s --retries 20 --connections 1 --streams 1";
        let (_, report) = Reported::new().run(&format!("nats://localhost:{port}/events {load} {resolve}"));
        assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
        let expected = if is_followed { (10, 91) } else { (101, 0) };
        assert_eq!((listed.messages().len(), named.messages().len()), expected, "{report}");
    }
}

#[test]
fn connections_are_spread_over_the_listed_servers() {
    let servers = [(); 3].map(|()| NatsServer::start_with(&json!({}), |_, _, _| Reply::Later));
    let addrs = servers.each_ref().map(|server| server.addr);
    let (_, report) = run_at(&addrs, "--speed 1000 --connections 6 --streams 1");
    assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
    assert!(servers.iter().all(|server| !server.messages().is_empty()), "{report}");
    assert_eq!(ids(&servers.each_ref()).len(), 100);
}
