//! Targets that speak TLS or something similar, with HTTP/1.1 inside.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS12;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::script::Script;
use super::script::Step::{
    self, AwaitRequest, CloseNotify, Freeze, ReadRequest, ReadSome, ReadToEnd, Repeat, SendSlowly, SendUnencrypted, UpdateKeys,
};
use super::{Behaviour, Expected, SHORT_TIMEOUT, check_all};
use crate::service::tls_config;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// An unencrypted alert for a failed handshake.
const ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 40];

fn good() -> Arc<ServerConfig> {
    Arc::new(tls_config("localhost", &["http/1.1"]).0)
}

/// Runs the script in a valid TLS session.
pub(super) fn within_tls(name: &'static str, steps: impl Into<Arc<[Step]>>, expected: Expected) -> Behaviour {
    with_config(name, good(), steps, expected)
}

/// Runs the script in a TLS session with these settings.
fn with_config(name: &'static str, config: Arc<ServerConfig>, steps: impl Into<Arc<[Step]>>, expected: Expected) -> Behaviour {
    https(name, Script::new(steps).over_tls(config), expected).with("--insecure")
}

/// Runs the script in place of a TLS session.
fn instead_of_tls(name: &'static str, steps: impl Into<Arc<[Step]>>, why: &'static str) -> Behaviour {
    https(name, Script::new(steps), Expected::Unreachable(why)).with("--insecure")
}

fn https(name: &'static str, script: Script, expected: Expected) -> Behaviour {
    Behaviour::new(name, || format!("https://localhost:{}", script.start().port()), expected)
}

/// A TLS record of this type with these bytes.
fn record(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], bytes].concat()
}

#[test]
fn targets_that_do_not_finish_a_handshake_cannot_be_reached() {
    const FAILED: &str = "establish TLS";
    let answers = |name, bytes: &[u8]| instead_of_tls(name, [ReadSome, Step::send(bytes)], FAILED);
    let never_ends =
        |name, begin: &[u8], bytes: &[u8]| instead_of_tls(name, [ReadSome, Step::send(begin), Step::send_forever(bytes)], FAILED);
    let mut long_message = vec![0; 1 << 14];
    long_message[..4].copy_from_slice(&[2, 0xff, 0xff, 0xff]);
    check_all(vec![
        answers("HTTP instead of TLS", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        answers("an alert instead of a handshake", &ALERT),
        answers("an alert that nobody knows", &record(0x15, &[2, 255])),
        answers("a hello that is cut off", &[0x16, 3, 3, 0, 122, 2, 0, 0, 118]),
        answers("a hello of nothing", &record(0x16, &[2, 0, 0, 0])),
        answers("encrypted data before there are keys", &record(0x17, b"hello")),
        answers("records of no kind", &record(0x63, b"hello")),
        never_ends("noise instead of TLS", b"", b"\x9b\xf1\x07"),
        never_ends("empty records without end", b"", &record(0x16, b"")),
        never_ends("warnings without end", b"", &record(0x15, &[1, 90])),
        never_ends("a hello of 16 MiB", &record(0x16, &long_message), &record(0x16, &[0; 1 << 14])),
        never_ends("a record of 64 KiB", &[0x16, 3, 3, 0xff, 0xff], b"x"),
        instead_of_tls("closed within the handshake", [ReadSome], FAILED),
        instead_of_tls("reset within the handshake", [AwaitRequest], FAILED),
        instead_of_tls("silence within the handshake", [ReadSome, Freeze], "no connection within 2s").with(SHORT_TIMEOUT),
        instead_of_tls(
            "a handshake byte by byte",
            [ReadSome, SendSlowly(vec![0x16, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 0, 0], Duration::from_millis(200))],
            "no connection within 2s",
        )
        .with(SHORT_TIMEOUT),
    ]);
}

/// A server with a certificate for localhost with these parameters, and the certificate as PEM.
fn certified(
    params: &CertificateParams,
    versions: &[&'static SupportedProtocolVersion],
    chain: usize,
) -> (Arc<ServerConfig>, String) {
    let signing_key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&signing_key).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone(); chain], key)
        .unwrap();
    (Arc::new(config), certificate.pem())
}

#[test]
fn targets_that_prove_nothing_cannot_be_reached() {
    let params = |name: &str| CertificateParams::new([name.to_owned()]).unwrap();
    let mut expired = params("localhost");
    expired.not_after = date_time_ymd(2001, 1, 1);
    let folder = tempfile::tempdir().unwrap();
    let checked = |name: &'static str, params: &CertificateParams, why| {
        let (config, pem) = certified(params, rustls::DEFAULT_VERSIONS, 1);
        let path = folder.path().join(format!("{name}.pem").replace(' ', "-"));
        fs::write(&path, pem).unwrap();
        https(name, Script::new([ReadToEnd]).over_tls(config), Expected::Unreachable(why))
            .with(&format!("--ca {}", path.display()))
    };
    let (long_chain, _) = certified(&params("localhost"), rustls::DEFAULT_VERSIONS, 300);
    let only_http2 = Arc::new(tls_config("localhost", &["h2"]).0);
    check_all(vec![
        checked("an expired certificate", &expired, "expired"),
        checked("a name with a terminal escape", &params("jobs\u{1b}[2J.example"), "it covers `jobs\\\\u{1b}[2J.example`"),
        with_config("a chain of 300 certificates", long_chain, [ReadToEnd], Expected::Unreachable("establish TLS")),
        with_config("HTTP/2 alone", only_http2, [ReadToEnd], Expected::Unreachable("establish TLS")),
    ]);
}

#[test]
fn odd_sessions_are_understood() {
    const ACKNOWLEDGED: Expected = Expected::ACKNOWLEDGED;
    let (tls_1_2, _) = certified(&CertificateParams::new(["localhost".to_owned()]).unwrap(), &[&TLS12], 1);
    let last = OK.replace("Content", "Connection: close\r\nContent");
    check_all(vec![
        with_config("TLS 1.2 alone", tls_1_2, [ReadRequest, Step::send(OK), Repeat], ACKNOWLEDGED),
        within_tls("closed without notice after the answer", [ReadRequest, Step::send(last)], ACKNOWLEDGED),
        within_tls(
            "a body that ends with the session",
            [ReadRequest, Step::send("HTTP/1.1 200 OK\r\n\r\n{}"), CloseNotify],
            ACKNOWLEDGED,
        ),
        within_tls("new keys before each answer", [ReadRequest, UpdateKeys, Step::send(OK), Repeat], ACKNOWLEDGED),
        within_tls("a record for each byte", [ReadRequest, SendSlowly(OK.into(), Duration::ZERO), Repeat], ACKNOWLEDGED),
        within_tls(
            "an encrypted body without end",
            [ReadRequest, Step::send("HTTP/1.1 200 OK\r\n\r\n"), Step::send_forever("x")],
            ACKNOWLEDGED,
        ),
    ]);
}

#[test]
fn sessions_that_break_are_failures() {
    const BROKEN: Expected = Expected::failed(&["read the response"]);
    const UNANSWERED: Expected = Expected::failed(&["closed before the first byte"]);
    let beside =
        |name, bytes: &[u8], expected| within_tls(name, [ReadRequest, SendUnencrypted(bytes.to_vec()), ReadToEnd], expected);
    let flood = |name, bytes: &[u8]| within_tls(name, [ReadRequest, SendUnencrypted(bytes.repeat(20_000)), ReadToEnd], BROKEN);
    check_all(vec![
        beside("an answer that is not encrypted", OK.as_bytes(), BROKEN),
        beside("an alert that is not encrypted", &ALERT, BROKEN),
        beside("a wish to negotiate again", &record(0x16, &[0; 4]), BROKEN),
        beside("a record that cannot be decrypted", &record(0x17, &[7; 100]), BROKEN),
        beside("a record that is too long", &[0x17, 3, 3, 0xff, 0xff], BROKEN),
        flood("changes of the cipher without end", &record(0x14, &[1])),
        flood("encrypted records of no length", &record(0x17, &[])),
        within_tls(
            "a record that is cut off",
            [ReadRequest, SendUnencrypted([&[0x17, 3, 3, 0x40, 0][..], &[7; 100]].concat())],
            UNANSWERED,
        ),
        within_tls("the session ends instead of an answer", [ReadRequest, CloseNotify, Freeze], UNANSWERED),
        within_tls("the connection ends instead of an answer", [ReadRequest], UNANSWERED),
        within_tls(
            "a body that ends without notice",
            [ReadRequest, Step::send("HTTP/1.1 200 OK\r\n\r\n{}")],
            Expected::failed(&["closed before the last byte"]),
        ),
        within_tls(
            "encrypted headers without end",
            [ReadRequest, Step::send("HTTP/1.1 200 OK\r\n"), Step::send_forever("A: b\r\n")],
            Expected::failed(&["longer than 64 KiB"]),
        ),
        within_tls("encrypted silence", [ReadRequest, ReadToEnd], Expected::UNKNOWN).with(SHORT_TIMEOUT),
        within_tls("nothing encrypted is ever read", [Freeze], Expected::UNKNOWN).with(SHORT_TIMEOUT),
        with_config(
            "a certificate of the client is required",
            wants_client_certificate(),
            [ReadToEnd],
            // The refusal may arrive before the request is sent.
            Expected::failed(&["CertificateRequired", "no longer usable", "Connection reset", "Broken pipe"]),
        ),
    ]);
}

/// Targets that pass the check before the run, and fail later.
#[test]
fn targets_that_stop_to_speak_tls_are_failures() {
    let after_first = |name, steps: Vec<Step>, errors| {
        https(name, Script::new(steps).over_tls(good()).sparing_first(), Expected::failed(errors)).with("--insecure")
    };
    check_all(vec![
        after_first("TLS once, then alerts", vec![ReadSome, Step::send(ALERT)], &["fatal alert: HandshakeFailure"]),
        after_first("TLS once, then HTTP", vec![ReadSome, Step::send(OK)], &["establish TLS"]),
        after_first("TLS once, then closed", vec![ReadSome], &["establish TLS"]),
        after_first("TLS once, then silence", vec![ReadSome, Freeze], &["no connection within 2s"]).with(SHORT_TIMEOUT),
    ]);
}

fn wants_client_certificate() -> Arc<ServerConfig> {
    let signing_key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&signing_key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}
