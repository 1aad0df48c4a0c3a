//! Runs where the system allows few open files: as many connections as are wanted, or a word about it before the start.

use std::process::Command;

use crate::program::{Ended, words};

/// `run` where that many files may be open, as `ulimit` says it.
fn run_with(limit: &str, options: &str) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$0\" run \"$@\""), env!("CARGO_BIN_EXE_seeker-sim")]);
    command.args(words(options)).output().unwrap().into()
}

#[test]
fn connections_for_which_there_is_no_room_are_told_before_the_start() {
    let ended = run_with("-n 300", "--connections 400 --target http://127.0.0.1:1 --duration 1s");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("seeker-sim: --connections is 400, but this process may have 300 files open"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.ends_with("or raise the limit (ulimit -n)\n"), "{}", ended.stderr);
}

#[test]
fn a_limit_that_may_be_raised_is_raised() {
    let ended = run_with("-S -n 60", "--rate 50/s --duration 1s");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn lines_need_no_room_for_connections() {
    let ended = run_with("-n 60", "--rate 50/s --duration 1s --target - --quiet");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}
