//! Tests of runs over TLS: trusted certificates, errors for wrong targets, and the warning without certificate checks.

use std::fs;

use crate::program::{Reported, assert_sound, count};
use crate::service::{Manner, Service};

const LOAD: &str = "--duration 1s --rate 20/s";

fn no_content() -> Manner {
    Manner::Answers(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())
}

#[test]
fn a_self_signed_target_is_trusted_by_its_file() {
    let (service, certificate) = Service::start_tls(no_content(), "localhost");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, certificate).unwrap();
    let target = format!("--target https://localhost:{}", service.addr.port());
    let (ended, report) = Reported::new().run(&format!("{target} {LOAD} --ca {}", path.display()));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    assert_eq!(service.requests().len(), 20);

    let (ended, report) = Reported::new().run(&format!("{target} {LOAD}"));
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")));
    assert!(ended.stdout.contains("the issuer of the certificate is not trusted; pass --ca FILE"), "{}", ended.stdout);
}

#[test]
fn a_certificate_for_another_name_is_reported_with_both_names() {
    let (service, certificate) = Service::start_tls(no_content(), "jobs.example");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, certificate).unwrap();
    let options = format!("--target https://localhost:{} {LOAD} --ca {}", service.addr.port(), path.display());
    let (ended, _) = Reported::new().run(&options);
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("the certificate does not cover `localhost`; it covers `jobs.example`"), "{}", ended.stdout);
}

#[test]
fn an_insecure_run_is_warned_of() {
    let (service, _) = Service::start_tls(no_content(), "jobs.example");
    let (ended, report) = Reported::new().run(&format!("--target https://{} {LOAD} --insecure", service.addr));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
    assert!(ended.stderr.contains("warning: --insecure disables the check of certificates"), "{}", ended.stderr);
}

#[test]
fn a_file_without_certificates_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, "no certificate").unwrap();
    let output = Reported::new().command(&format!("--target https://127.0.0.1:1 --ca {}", path.display())).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("ca.pem`; expected PEM with `-----BEGIN CERTIFICATE-----`"), "{stderr}");
}

/// rustls reports an end without `close_notify` as an error.
#[test]
fn connections_end_in_order_with_the_run() {
    let (service, _) = Service::start_tls(no_content(), "localhost");
    let (ended, report) = Reported::new().run(&format!("--target https://{} {LOAD} --insecure", service.addr));
    assert_sound(&ended, &report);
    let mut requests = 0;
    while requests < 20 {
        let ending = service.next_ending();
        // The first connection is the check before the run, and may end before the server has sent everything.
        assert!(ending.requests == 0 || ending.result.is_ok(), "{ending:?}");
        requests += ending.requests;
    }
}
