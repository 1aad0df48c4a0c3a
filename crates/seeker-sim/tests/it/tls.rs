//! Tests of runs over TLS: trusted certificates, errors for wrong targets, and the warning without certificate checks.

use std::fs;

use crate::program::{Reported, assert_sound, count};
use crate::service::{ClientFiles, Manner, Service};
use crate::service_http2::{GrpcBody, Http2Manner, Http2Service};

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

#[test]
fn a_target_that_requires_a_client_certificate_gets_it() {
    let client = ClientFiles::new();
    let (own, over_http2) =
        (Service::start_tls_for(&client, no_content(), "localhost"), |manner| Http2Service::start_tls_for(&client, manner));
    let (http2, grpc) = (over_http2(Http2Manner::Answers), over_http2(Http2Manner::EndsCalls("0", GrpcBody::Message)));
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, format!("{}{}{}", own.1, http2.1, grpc.1)).unwrap();
    for (address, options) in [
        (format!("https://localhost:{}", own.0.addr.port()), ""),
        (format!("https://localhost:{}", http2.0.addr.port()), "--http2"),
        (format!("grpcs://localhost:{}", grpc.0.addr.port()), ""),
    ] {
        let run = |more: &str| Reported::new().run(&format!("--target {address} {LOAD} --ca {} {options} {more}", ca.display()));
        let (ended, report) = run(&client.options());
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
        let (ended, report) = run("");
        assert!(matches!(ended.code, Some(1 | 4)), "{:?} {}", ended.code, ended.stdout);
        assert_eq!(count(&report, "events.acknowledged"), 0, "{}", ended.stdout);
    }
}

#[test]
fn searches_send_the_client_certificate() {
    let client = ClientFiles::new();
    let target = Service::answering("204 No Content");
    let (search, _) = Service::start_tls_for(&client, no_content(), "localhost");
    let options = format!(
        "--target {} --search https://localhost:{}/search {LOAD} --insecure {}",
        target.url(),
        search.addr.port(),
        client.options()
    );
    let (ended, _) = Reported::new().run(&options);
    // The service reads no request without the certificate.
    assert!(!search.requests().is_empty(), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn an_unusable_client_certificate_is_told_before_the_run_and_the_key_is_never_shown() {
    let (client, other) = (ClientFiles::new(), ClientFiles::new());
    let write = |name: &str, text: &str| client.write(name, text);
    let (certificate, key) = (write("c.pem", ""), write("other.pem", &other.key));
    let encrypted = write("encrypted.pem", &client.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    let own = client.options();
    let (cert, own_key) = own.split_once(" --key ").unwrap();
    for (options, expected) in [
        (format!("{cert} --key missing.pem"), "failed to read the private key of `missing.pem`".to_owned()),
        (format!("--cert missing.pem --key {own_key}"), "failed to read the client certificate of `missing.pem`".to_owned()),
        (format!("--cert {certificate} --key {own_key}"), format!("failed to find a client certificate in `{certificate}`")),
        (format!("{cert} --key {certificate}"), format!("failed to find a private key in `{certificate}`")),
        (
            format!("{cert} --key {key}"),
            format!("failed to use the private key of `{key}`: it does not match the certificate of"),
        ),
        (format!("{cert} --key {encrypted}"), format!("failed to use the private key of `{encrypted}`: it is encrypted")),
        (cert.to_owned(), "--cert requires --key".to_owned()),
        (format!("--key {own_key}"), "--key requires --cert".to_owned()),
    ] {
        let output = Reported::new().command(&format!("--target https://127.0.0.1:1 {options}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{options}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(&expected), "{options}: {stderr}");
        for line in client.key.lines().chain(other.key.lines()).filter(|line| !line.starts_with("---")) {
            assert!(!stderr.contains(line), "{options}: {stderr}");
        }
    }
}
