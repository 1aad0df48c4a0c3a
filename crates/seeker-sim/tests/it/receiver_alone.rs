//! Tests of the command `serve`, and of a run against it.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{Reported, assert_sound, count, ended, seeker_sim};
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

/// A client that speaks TLS to the receiver is no error of the receiver.
#[test]
fn a_client_that_does_not_speak_http_leaves_no_log_line() {
    let mut serve = seeker_sim(&["serve", "--bind", "127.0.0.1:0"]);
    let mut child = serve.env_remove("RUST_LOG").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split(": ").next().unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n").unwrap();
    // The receiver closes the connection, or answers with 400 first.
    let _ = connection.read_to_end(&mut Vec::new());
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn an_address_in_use_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = ended(&["serve", "--bind", &address]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(&address) && ended.stderr.contains("in use"), "{}", ended.stderr);
}
