//! Tests of the command `serve`, and of a run against it.

#![cfg(unix)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::program::{Reported, assert_sound, count, ended};
use crate::receiver_process::ReceiverProcess;

#[test]
fn a_run_against_a_separate_receiver() {
    let receiver = ReceiverProcess::start();
    let url = receiver.url();
    let (run, report) = Reported::new().run(&format!("--target {url} --duration 1s --rate 100/s"));
    assert_sound(&run, &report);
    let summary: Value = serde_json::from_str(&receiver.end()).unwrap();
    assert_eq!(summary["accepted"], report["events"]["acknowledged"]);
    assert_eq!(count(&summary, "accepted"), 100);
}

#[test]
fn the_first_line_names_all_paths() {
    let receiver = ReceiverProcess::start();
    let expected = format!(
        "listening on {}: POST /clientEvents and /clientEvents:batch, GET /summary and /healthz; Ctrl-C ends\n",
        receiver.url()
    );
    assert_eq!(receiver.first_line(), expected);
}

#[test]
fn warnings_are_no_refusals_and_strict_ones_are() {
    let odd = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["job-1"],"eventTimestampMillis":"1700000000000"}"#;
    for (options, accepted) in [(&["--bind", "127.0.0.1:0"][..], 1), (&["--bind", "127.0.0.1:0", "--strict"], 0)] {
        let receiver = ReceiverProcess::start_with(options);
        let mut connection = TcpStream::connect(receiver.url().trim_start_matches("http://")).unwrap();
        let head =
            format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", odd.len());
        connection.write_all(&[head.as_bytes(), odd.as_bytes()].concat()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.starts_with("HTTP/1.1 200 "), accepted == 1, "{answer}");
        assert!(answer.contains("JOB_NAME_FORM"), "{answer}");
        let summary: Value = serde_json::from_str(&receiver.end()).unwrap();
        assert_eq!((count(&summary, "accepted"), count(&summary, "warnings.messages")), (accepted, accepted));
    }
}

#[test]
fn an_address_in_use_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = ended(&["serve", "--bind", &address]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(&address) && ended.stderr.contains("in use"), "{}", ended.stderr);
}
