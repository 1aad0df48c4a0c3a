//! Tests of `--http3` with other options and targets, in builds with and without HTTP/3.

use crate::program::{ended, seeker_sim, words};

/// Whether this build includes HTTP/3.
const IS_INCLUDED: bool = cfg!(feature = "http3");

const NOT_INCLUDED: &str = "--http3: this build of seeker-sim does not include HTTP/3; install one that does with \
                            `cargo install seeker-sim --features http3`, or build it with `cargo build --release --features http3`";

fn assert_refused(args: &str, expected: &str) {
    let words = words(&format!("run {args}"));
    let ended = ended(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ended.code, Some(2), "{args}: {}", ended.stderr);
    assert!(ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    assert_eq!(ended.stdout, "", "{args}");
}

#[test]
fn options_and_targets_without_http3_are_refused() {
    for (args, expected) in [
        ("--http3 --http2", "--http3 and --http2 contradict each other"),
        ("--http3 --no-keep-alive", "--http3 and --no-keep-alive contradict each other"),
        ("grpc://h --http3", "--http3 does not apply to grpc://h: gRPC uses HTTP/2"),
        ("nats://h/events --http3", "--http3 does not apply to nats://h/events: the target speaks NATS"),
        ("kafka://h/events --http3", "--http3 does not apply to kafka://h/events: the target speaks Kafka"),
        (
            "pubsub://projects/p/topics/events --http3",
            "--http3 does not apply to pubsub://projects/p/topics/events: gRPC uses HTTP/2",
        ),
        ("file:events.ndjson --http3", "--http3 does not apply to"),
        ("--streams 5", "add --http2 or --http3"),
    ] {
        assert_refused(args, expected);
    }
}

#[test]
fn a_build_without_http3_says_so() {
    for args in ["--http3", "https://h --http3", "http://h --http3", "https://h --http3 --proxy http://p:1"] {
        if !IS_INCLUDED {
            assert_refused(args, NOT_INCLUDED);
        }
    }
}

#[test]
fn http3_needs_https_and_no_proxy() {
    if !IS_INCLUDED {
        return;
    }
    for (args, expected) in [
        ("--http3", "QUIC is always encrypted, but the receiver in this process uses http"),
        ("http://h --http3", "QUIC is always encrypted, but the target uses http; use a target that begins with https://"),
        ("https://h --http3 --proxy http://p:1", "through the proxy http://p:1 (--proxy): HTTP/3 uses UDP"),
        ("https://h --http3 --streams 10001", "--streams is 10001; expected 1 to 10000"),
        ("https://h --http3 --header Keep-Alive:5", "failed to use the header `Keep-Alive` over HTTP/3, which does not allow it"),
    ] {
        assert_refused(args, expected);
    }
    let output = seeker_sim(&["run", "https://jobs.example", "--http3"]).env("HTTPS_PROXY", "http://p:1").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("(HTTPS_PROXY): HTTP/3 uses UDP, and the proxy forwards TCP; pass --no-proxy"), "{stderr}");
}
