//! Tests of NATS `JetStream` as the target: each event is one message, and its acknowledgement is the outcome of the event.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use crate::nats_server::{ACK, NatsServer, Published, Reply};
use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};

fn run_against(server: &NatsServer, options: &str) -> (Ended, Value) {
    run_at(server, "events", &format!("--rate 100/s {options}"))
}

fn run_at(server: &NatsServer, subject: &str, options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("nats://{}/{subject} --duration 1s {options}", server.addr))
}

#[test]
fn each_event_is_one_message() {
    let server = NatsServer::start(|_, _| Reply::Payload(ACK));
    let (ended, report) = run_at(&server, "events.{type}.{seeker}", "--rate 100/s --check-sent");
    assert_sound(&ended, &report);
    let messages = server.messages();
    assert_eq!((count(&report, "events.acknowledged"), messages.len()), (100, 100), "{report}");
    let mut ids = HashSet::new();
    for message in messages {
        let id = message.event["eventId"].as_str().unwrap();
        assert_eq!(message.headers, format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n\r\n"));
        let [name, event_type, seeker] = message.subject.split('.').collect::<Vec<_>>()[..] else { panic!("{message:?}") };
        assert_eq!((name, event_type), ("events", message.event["eventType"].as_str().unwrap()));
        assert!(seeker.parse::<u64>().unwrap() < 64, "{seeker}");
        ids.insert(id.to_owned());
    }
    assert_eq!(ids.len(), 100);
    for connect in server.connects() {
        assert_eq!((&connect["headers"], &connect["no_responders"]), (&true.into(), &true.into()), "{connect}");
        assert_eq!((connect.get("auth_token"), &connect["verbose"]), (None, &false.into()), "{connect}");
    }
}

/// For all kinds of replies, the outcome and the error state the reason, and only some are worth a retry.
#[test]
fn the_reply_is_the_outcome() {
    let refused = r#"{"error":{"code":400,"err_code":10054,"description":"refused on purpose"},"stream":"S","seq":0}"#;
    let full = r#"{"error":{"code":503,"err_code":10077,"description":"refused on purpose"}}"#;
    for (payload, outcome, error, retries) in [
        (Some(r#"{"stream":"S","seq":3,"duplicate":true}"#), "acknowledged", "", 0),
        (Some(refused), "refused", "answered 400 (JetStream error 10054)", 0),
        (Some(full), "failed", "answered 503 (JetStream error 10077)", 100),
        (Some("hello"), "unknown", "answered, but not as JetStream does; does another service subscribe to the subject?", 0),
        (None, "failed", "no stream takes messages of this subject (503, no responders); create a JetStream stream for it", 100),
    ] {
        let server = NatsServer::start(move |_, _| payload.map_or(Reply::NoResponders, Reply::Payload));
        let (_, report) = run_against(&server, "--retries 1");
        assert_eq!(count(&report, &format!("events.{outcome}")), 100, "{report}");
        assert_eq!((count(&report, "retries.attempts"), server.messages().len() as u64), (retries, 100 + retries), "{report}");
        if !error.is_empty() {
            assert_eq!(report["errors"], json!({ error: 100 }), "{report}");
        }
        let is_quoted = report["error_examples"].to_string().contains("refused on purpose");
        assert_eq!(is_quoted, payload.is_some_and(|payload| payload.contains("on purpose")), "{report}");
    }
}

#[test]
fn a_message_without_acknowledgement_is_unknown() {
    let server = NatsServer::start(|_, _| Reply::Nothing);
    let (ended, report) = run_against(&server, "--timeout 300ms");
    if assert_outcome(&ended, &report, "threshold_missed") {
        assert_eq!(report["errors"], json!({"no acknowledgement within 300ms": 100}), "{report}");
    }
    assert_eq!(count(&report, "events.unknown"), 100, "{report}");
}

/// The connection is reopened, and a retry has the same event id.
#[test]
fn a_lost_connection_is_reopened() {
    for (retries, acknowledged) in [("", 95), ("--retries 20", 100)] {
        let server = NatsServer::start(|number, _| if number % 20 == 10 { Reply::Cut } else { Reply::Payload(ACK) });
        // One message at a time, so that each cut loses one.
        let (_, report) = run_against(&server, &format!("{retries} --connections 1 --streams 1 --drain 10s"));
        assert!(count(&report, "connections.opened") >= 5, "{report}");
        assert_eq!(count(&report, "events.acknowledged"), acknowledged, "{report}");
        let error = "failed to read the acknowledgement: the connection closed";
        if retries.is_empty() {
            assert_eq!(report["errors"], json!({ error: 5 }), "{report}");
        }
        let ids: HashSet<_> = server.messages().iter().map(|message| message.event["eventId"].clone()).collect();
        assert_eq!(ids.len(), 100);
    }
}

/// For all messages, no other message of the same seeker is in flight, and the messages of a seeker arrive in the order of their times.
#[test]
fn the_events_of_a_seeker_stay_in_order() {
    fn seeker(message: &Published) -> String {
        message.event["details"]["seekerId"].to_string()
    }
    let server = NatsServer::start_with(&json!({}), |_, message, pending| {
        let is_alone = pending.iter().all(|(_, other)| seeker(other) != seeker(message));
        if is_alone { Reply::Later } else { Reply::Payload("two events of a seeker are in flight") }
    });
    let (_, report) = run_at(&server, "events", "--rate 300/s --speed 1000 --drain 10s");
    assert_eq!(count(&report, "events.acknowledged"), 300, "{report}");
    let mut last: HashMap<String, u64> = HashMap::new();
    for message in server.messages() {
        let at = message.event["eventTimestampMillis"].as_str().unwrap().parse().unwrap();
        let before = last.insert(seeker(&message), at);
        assert!(before.is_none_or(|before| before <= at), "{message:?}");
    }
    assert!(last.len() < 300, "some seekers have several events");
}

/// A connection carries no more messages than allowed.
#[test]
fn the_messages_in_flight_are_limited() {
    let server = NatsServer::start_with(&json!({}), |_, _, pending| {
        if pending.len() < 7 { Reply::Later } else { Reply::Payload("too many are in flight") }
    });
    let (_, report) = run_at(&server, "events", "--rate 300/s --connections 2 --streams 7 --drain 10s");
    assert_eq!(count(&report, "events.acknowledged"), 300, "{report}");
}

#[test]
fn a_message_that_is_too_large_or_not_permitted_is_refused() {
    let server = NatsServer::start_with(&json!({"max_payload": 100}), |_, _, _| Reply::Payload(ACK));
    let (_, report) = run_against(&server, "");
    let error = "the message is larger than the server accepts (max_payload is 100 bytes)";
    assert_eq!((count(&report, "events.refused"), &report["errors"]), (100, &json!({ error: 100 })), "{report}");

    let server =
        NatsServer::start(|_, message| Reply::Error(format!("Permissions Violation for Publish to \"{}\"", message.subject)));
    let (_, report) = run_at(&server, "events.{type}", "--rate 100/s");
    let error = "the server permits no messages of this subject to this user";
    assert_eq!((count(&report, "events.refused"), &report["errors"]), (100, &json!({ error: 100 })), "{report}");
}

#[test]
fn a_token_is_part_of_the_login() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.txt");
    std::fs::write(&path, "a-secret-token\n").unwrap();
    let server = NatsServer::start_with(&json!({"auth_required": true}), |_, _, _| Reply::Payload(ACK));
    let (ended, report) = run_against(&server, &format!("--token-file {}", path.display()));
    assert_sound(&ended, &report);
    assert!(server.connects().iter().all(|connect| connect["auth_token"] == "a-secret-token"));
    let (as_user, report_as_user) = run_against(&server, &format!("--nats-user me --token-file {}", path.display()));
    assert_sound(&as_user, &report_as_user);
    let last = server.connects().pop().unwrap();
    assert_eq!((&last["user"], &last["pass"], last.get("auth_token")), (&"me".into(), &"a-secret-token".into(), None));
    assert!(!ended.stdout.contains("a-secret-token") && !report.to_string().contains("a-secret-token"));
}

/// The seed of the bytes 0 to 31, its public key, and its signature of the text "nonce", all from the Python package nkeys.
const SEED: &str = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const PUBLIC: &str = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const SIGNATURE: &str = "-HTq4d6DDHVNb8MsTRAZtSIa0vXA_yuZblwTA7JT5wYzmKBxJ2wpYfjHh7hcptZlidbVw_6ZLyubjm_yDk-OCQ";

#[test]
fn the_text_of_the_server_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (creds, nkey) = (folder.path().join("user.creds"), folder.path().join("user.nk"));
    let seed_block = format!("-----BEGIN USER NKEY SEED-----\n{SEED}\n------END USER NKEY SEED------\n");
    std::fs::write(&creds, format!("-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------\n{seed_block}")).unwrap();
    std::fs::write(&nkey, SEED).unwrap();
    let server = NatsServer::start_with(&json!({"auth_required": true, "nonce": "nonce"}), |_, _, _| Reply::Payload(ACK));
    for (option, path, key, value) in [("--nats-creds", &creds, "jwt", "a.b.c"), ("--nats-nkey", &nkey, "nkey", PUBLIC)] {
        let (ended, report) = run_against(&server, &format!("{option} {}", path.display()));
        assert_sound(&ended, &report);
        let last = server.connects().pop().unwrap();
        assert_eq!((&last[key], &last["sig"]), (&value.into(), &SIGNATURE.into()), "{last}");
        assert!(!ended.stdout.contains(SEED) && !report.to_string().contains(SEED));
        #[cfg(unix)]
        let is_warned = |ended: &Ended| ended.stderr.contains(&format!("{option}: every user of this machine can read `"));
        #[cfg(unix)]
        for (mode, expected) in [(0o644, true), (0o600, false)] {
            use std::os::unix::fs::PermissionsExt;

            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            let ended = run_against(&server, &format!("{option} {}", path.display())).0;
            assert_eq!(is_warned(&ended), expected, "{}", ended.stderr);
        }
    }
    let without_nkeys = NatsServer::start_with(&json!({"auth_required": true}), |_, _, _| Reply::Payload(ACK));
    let (ended, _) = run_against(&without_nkeys, &format!("--nats-nkey {}", nkey.display()));
    assert!(
        ended.code == Some(4) && ended.stdout.contains("log in: the server accepts no NKeys; pass --token-file"),
        "{}",
        ended.stdout
    );
    std::fs::write(&nkey, &SEED[..50]).unwrap();
    assert_misused(
        &format!("nats://127.0.0.1:1/events --nats-nkey {}", nkey.display()),
        "the seed is not in base32, or does not have 58",
    );
    assert_misused(
        "nats://127.0.0.1:1/events --nats-creds no-such-file",
        "failed to read the NATS credentials from `no-such-file`",
    );
}

/// A renewed credentials file is used for the next connection.
#[test]
fn credentials_are_read_again_for_each_connection() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("user.creds");
    let creds = |jwt: &str| {
        let seed_block = format!("-----BEGIN USER NKEY SEED-----\n{SEED}\n------END USER NKEY SEED------\n");
        format!("-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n{seed_block}")
    };
    std::fs::write(&path, creds("a.b.c")).unwrap();
    let renewed = (path.clone(), creds("d.e.f"));
    let server = NatsServer::start_with(&json!({"nonce": "nonce"}), move |number, _, _| {
        if number == 10 {
            std::fs::write(&renewed.0, &renewed.1).unwrap();
            return Reply::Cut;
        }
        Reply::Payload(ACK)
    });
    let options = format!("--nats-creds {} --retries 20 --connections 1 --streams 1 --drain 10s", path.display());
    let (_, report) = run_against(&server, &options);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
    let jwts: Vec<_> = server.connects().iter().map(|connect| connect["jwt"].clone()).collect();
    // The first connection is the check before the run.
    assert_eq!(jwts, ["a.b.c", "a.b.c", "d.e.f"], "{report}");
}

/// Each target that cannot be used is reported before the start, with its reason.
#[test]
fn what_is_no_usable_server_is_told_before_the_start() {
    let with = |info: Value| NatsServer::start_with(&info, |_, _, _| Reply::Payload(ACK)).addr;
    let greets = |greeting: &'static [u8]| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.write_all(greeting).unwrap();
                // The client ends the connection.
                let _ = stream.read(&mut [0; 1_000]);
            }
        });
        addr
    };
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let info = b"INFO {\"headers\":true,\"max_payload\":1000}\r\n-ERR 'Authorization Violation'\r\n";
    for (target, expected) in [
        (format!("nats://{unused}"), "Connection refused (os error 111); is the service running, and is --target right?"),
        (
            format!("nats://{}", greets(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
            "find a NATS server: the first bytes are of another protocol",
        ),
        (format!("nats://{}", greets(b"")), "no NATS connection within 300ms; is the service a NATS server"),
        (format!("nats://{}", greets(info)), "log in: the server answered 'Authorization Violation'"),
        (format!("nats://{}", greets(b"INFO {\r\n")), "read the greeting (INFO) of the server: EOF while parsing"),
        (format!("nats://{}", with(json!({"headers": false}))), "it has no message headers"),
        (
            format!("nats://{}", with(json!({"auth_required": true}))),
            "the server requires credentials; pass --token-file, --nats-creds or --nats-nkey",
        ),
        (format!("nats://{}", with(json!({"tls_required": true}))), "the server requires TLS; use natss://"),
        (format!("natss://{} --insecure", with(json!({}))), "the server offers none; use nats://"),
    ] {
        let target = target.replacen(' ', "/events ", 1);
        let target = if target.contains("/events") { target } else { format!("{target}/events") };
        let (ended, report) = Reported::new().run(&format!("{target} --duration 1s --timeout 300ms"));
        assert_eq!((ended.code, &report["outcome"]), (Some(4), &"target_unreachable".into()), "{target}: {}", ended.stdout);
        assert!(ended.stdout.contains(expected), "{target}: {}", ended.stdout);
    }
}

#[test]
fn options_of_other_targets_are_refused() {
    for (options, expected) in [
        ("--batch 5", "--batch does not apply to nats://127.0.0.1:1/events: a message holds one event"),
        ("--gzip", "--gzip does not apply to nats://127.0.0.1:1/events"),
        ("--http2", "--http2 does not apply to nats://127.0.0.1:1/events"),
        ("--header a:b", "--header does not apply to nats://127.0.0.1:1/events"),
        ("--nats-creds a --nats-nkey b", "--nats-creds and --nats-nkey contradict each other"),
        ("--nats-creds a --token-env PATH", "--nats-creds and --token-env contradict each other"),
        ("--nats-user a", "--nats-user has no password; pass it with --token-file or --token-env"),
        ("--project p", "--project does not apply to nats://127.0.0.1:1/events"),
        ("--cert a --key b", "--cert does not apply to nats://127.0.0.1:1/events: the connection has no TLS without natss://"),
        ("--ca ca.pem", "--ca does not apply to nats://127.0.0.1:1/events: the connection has no TLS without natss://"),
        ("--format pubsub", "nats://127.0.0.1:1/events has no format pubsub; expected message, v3, v4 or v4beta1"),
        ("--resolve other:1:127.0.0.1", "matches neither the target nor --search"),
    ] {
        assert_misused(&format!("nats://127.0.0.1:1/events {options}"), expected);
    }
    let of_http = "--nats-user does not apply to http://127.0.0.1:1/: the target is not a NATS server";
    assert_misused("http://127.0.0.1:1 --nats-user a --token-env PATH", of_http);
    for (target, shown) in [("http://127.0.0.1:1", "http://127.0.0.1:1/"), ("grpc://h", "grpc://h"), ("-", "standard output")] {
        let expected = format!("--nats-creds does not apply to {shown}: ");
        assert_misused(&format!("{target} --nats-creds a"), &expected);
    }
    assert_misused("nats://a,b@c/events", "a user name or password has no place in the URL; pass --token-file in its place");
    assert_misused(
        "http://127.0.0.1:1 --streams 5",
        "--streams applies to HTTP/2, HTTP/3, gRPC, NATS and Kafka, but the run uses HTTP/1.1; add --http2 or --http3",
    );
}

/// The command line is refused with this text.
fn assert_misused(options: &str, expected: &str) {
    let ended = ended(&words(&format!("run {options}")).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ended.code == Some(2) && ended.stderr.contains(expected), "{options}: {}", ended.stderr);
}
