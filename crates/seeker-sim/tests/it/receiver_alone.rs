//! The command `serve`, and a run against it.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{Reported, count, ended, seeker_sim};

#[test]
fn a_run_against_a_receiver_of_its_own() {
    let mut receiver =
        seeker_sim(&["serve", "--bind", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(receiver.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches([':', ',']);
    let (run, report) = Reported::new().run(&format!("--target {url} --duration 1s --rate 100/s"));
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    let killed = Command::new("kill").args(["-s", "INT", &receiver.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut json = String::new();
    stdout.read_to_string(&mut json).unwrap();
    assert!(receiver.wait().unwrap().success());
    let summary: Value = serde_json::from_str(&json).unwrap();
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
