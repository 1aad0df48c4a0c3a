//! The command `serve`, and a run against it.

#![cfg(unix)]

use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Reported, assert_sound, count, ended};
use crate::receiver_process::ReceiverProcess;

#[test]
fn a_run_against_a_receiver_of_its_own() {
    let receiver = ReceiverProcess::start();
    let url = receiver.url();
    let (run, report) = Reported::new().run(&format!("--target {url} --duration 1s --rate 100/s"));
    assert_sound(&run, &report);
    let summary: Value = serde_json::from_str(&receiver.end()).unwrap();
    assert_eq!(summary["accepted"], report["events"]["acknowledged"]);
    assert_eq!(count(&summary, "accepted"), 100);
}

#[test]
fn an_address_in_use_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = ended(&["serve", "--bind", &address]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(&address) && ended.stderr.contains("in use"), "{}", ended.stderr);
}
