//! Tests of runs with a token: every request carries the token, and no output shows it.

use std::fs;

use crate::program::{Ended, Reported, assert_sound};
use crate::service::Service;

const SECRET: &str = "ya29.c-_~+/very-secret==";

fn assert_sent_and_secret(service: &Service, ended: &Ended, reported: &Reported) {
    assert_sound(ended, &reported.report());
    let requests = service.requests();
    assert_eq!(requests.len(), 20);
    for request in requests {
        assert!(request.head.contains(&format!("\r\nAuthorization: Bearer {SECRET}\r\n")), "{}", request.head);
    }
    let report = fs::read_to_string(reported.path()).unwrap();
    for text in [&ended.stdout, &ended.stderr, &report] {
        assert!(!text.contains("very-secret"), "{text}");
    }
}

#[test]
fn a_token_of_the_environment_is_sent_and_never_shown() {
    let (service, reported) = (Service::answering("204 No Content"), Reported::new());
    let mut command = reported.command(&format!("--target {} --duration 1s --rate 20/s --token-env MY_TOKEN", service.url()));
    // The trace log is part of the output.
    let ended = command.env("MY_TOKEN", format!("{SECRET}\n")).env("RUST_LOG", "trace").output().unwrap().into();
    assert_sent_and_secret(&service, &ended, &reported);
}

#[cfg(unix)]
#[test]
fn a_token_file_that_everybody_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, format!("{SECRET}\n")).unwrap();
    for (mode, is_warned) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let (service, reported) = (Service::answering("204 No Content"), Reported::new());
        let options = format!("--target {} --duration 1s --rate 20/s --token-file {}", service.url(), path.display());
        let ended = reported.command(&options).output().unwrap().into();
        assert_sent_and_secret(&service, &ended, &reported);
        assert_eq!(
            ended.stderr.contains("warning: --token-file: every user of this machine can read"),
            is_warned,
            "{}",
            ended.stderr
        );
    }
}

/// The target rejects the token with 401 while a new token is written to the file.
#[cfg(unix)]
#[test]
fn a_token_that_is_refused_is_read_again() {
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use crate::interruption::signal;
    use crate::program::count;
    use crate::service::{Manner, Request};

    const RENEWED: &str = "ya29.other-secret-altogether";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, SECRET).unwrap();
    let (renewed, is_renewed) = mpsc::channel();
    let token_file = path.clone();
    let service = Service::start(Manner::Makes(Arc::new(move |request: &Request| {
        let status = if request.head.contains(&format!("\r\nAuthorization: Bearer {RENEWED}\r\n")) {
            // The test may have ended.
            let _ = renewed.send(());
            "200 OK"
        } else {
            fs::write(&token_file, RENEWED).unwrap();
            "401 Unauthorized"
        };
        let said = &request.head;
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{said}", said.len()).into_bytes()
    })));
    let reported = Reported::new();
    let options = format!("--target {} --duration 1h --rate 50/s --token-file {}", service.url(), path.display());
    let child = reported.start(&options);
    is_renewed.recv_timeout(Duration::from_mins(1)).unwrap();
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let report = reported.report();
    let refused = count(&report, "events.refused");
    let error = "answered 401: the target rejected the token; the token file is read again";
    assert!(refused > 0 && count(&report, "events.acknowledged") > 0, "{report}");
    assert_eq!(report["errors"][error], refused, "{report}");
    for text in [&ended.stdout, &ended.stderr, &report.to_string()] {
        assert!(!text.contains("very-secret") && !text.contains("other-secret"), "{text}");
    }
}

#[test]
fn a_target_that_wants_other_credentials_says_so() {
    for (options, error) in [
        ("", "answered 401: the target requires a token; pass --token-file"),
        (
            "--header 'Authorization: Basic eDp5'",
            "answered 401: the target rejected the credentials; pass --token-file to renew a token during a run",
        ),
        (
            "--token-env PATH",
            "answered 401: the target rejected the credentials; pass --token-file to renew a token during a run",
        ),
    ] {
        let service = Service::answering("401 Unauthorized");
        let (_, report) = Reported::new().run_against(&service, &format!("--duration 1s --rate 20/s {options}"));
        assert_eq!(report["errors"][error], 20, "{report}");
    }
}

#[test]
fn a_file_without_a_usable_token_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    for (text, expected) in [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("very-secret\nX-Other: 1", "byte 12 is a control character"),
        ("Bearer very-secret", "byte 7 is a space; expected only the token"),
    ] {
        fs::write(&path, text).unwrap();
        let service = Service::answering("204 No Content");
        let options = format!("--target {} --token-file {}", service.url(), path.display());
        let ended: Ended = Reported::new().command(&options).output().unwrap().into();
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected) && !ended.stderr.contains("very-secret"), "{}", ended.stderr);
        assert!(service.requests().is_empty());
    }
}
