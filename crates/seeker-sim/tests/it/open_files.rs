//! Tests of runs with a low limit of open files: the run raises the limit, or reports it before the start.

use std::process::Command;
#[cfg(target_os = "linux")]
use std::process::Stdio;

use crate::program::{Ended, words};
#[cfg(target_os = "linux")]
use crate::{
    program::seeker_sim,
    service::{Manner, Service},
};

/// Runs with this limit of open files, in the syntax of `ulimit`.
fn run_with(limit: &str, options: &str) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$0\" run \"$@\""), env!("CARGO_BIN_EXE_seeker-sim")]);
    command.args(words(options)).output().unwrap().into()
}

#[test]
fn too_many_connections_are_refused_before_the_start() {
    let ended = run_with("-n 300", "--connections 400 --target http://127.0.0.1:1 --duration 1s");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("seeker-sim: --connections is 400, but this process is limited to 300 open files"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.ends_with("or raise the limit (ulimit -n)\n"), "{}", ended.stderr);
}

#[test]
fn a_limit_that_may_be_raised_is_raised() {
    let ended = run_with("-S -n 60", "--rate 50/s --duration 1s");
    // Neither bad input nor an internal error.
    assert!(ended.code.is_some_and(|code| [0, 1, 3].contains(&code)), "{}", ended.stderr);
}

#[test]
fn lines_need_no_room_for_connections() {
    let ended = run_with("-n 60", "--rate 50/s --duration 1s --target - --quiet");
    // Neither bad input nor an internal error.
    assert!(ended.code.is_some_and(|code| [0, 1, 3].contains(&code)), "{}", ended.stderr);
}

/// The target closes each connection. During the run the program reaches its limit of open files, which is not the fault of the target.
#[cfg(target_os = "linux")]
#[test]
fn events_without_a_file_descriptor_are_not_sent() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    let service =
        Service::start(Manner::AnswersAndCloses(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec()));
    let mut command =
        seeker_sim(&["run", "--duration", "2s", "--rate", "50/s", "--connections", "4", "--target", &service.url()]);
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The first connection is the check before the run, and the next one carries an event.
    while service.next_ending().requests == 0 {}
    let pid = Pid::from_child(&run);
    let limit = prlimit(Some(pid), Resource::Nofile, Rlimit { current: Some(3), maximum: Some(3) }).unwrap();
    assert!(limit.current.is_none_or(|files| files > 3));
    let ended: Ended = run.wait_with_output().unwrap().into();
    assert!(ended.stdout.contains("(os error 24); no file descriptor left: raise ulimit -n"), "{}{}", ended.stdout, ended.stderr);
    // The run is not trustworthy: the target is not blamed.
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let sums = ended.stdout.lines().find(|line| line.trim_start().starts_with("all 100 planned")).unwrap();
    let counts: Vec<u64> = sums.split_whitespace().skip(3).map(|count| count.parse().unwrap()).collect();
    // The order is: acknowledged, refused, failed, unknown, not sent.
    let &[acknowledged, 0, 0, 0, not_sent] = &counts[..] else { panic!("{sums}") };
    assert!(acknowledged > 0 && not_sent > 0 && acknowledged + not_sent == 100, "{sums}");
}
