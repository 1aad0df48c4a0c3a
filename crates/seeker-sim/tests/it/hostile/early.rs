//! Targets that answer a large request before they have read it, or read it slowly or not at all.

use std::fs;
use std::time::Duration;

use super::script::Step::{self, AwaitRequest, FinishSending, Freeze, ReadHead, ReadSlowly, ReadToEnd, Repeat, SendForever};
use super::tls::within_tls;
use super::{Behaviour, Expected, SHORT_TIMEOUT, check_all};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const TOO_LARGE: &str = "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Events of nearly 10 KB each.
const LARGE_EVENTS: &str = "[behaviour]\npage_size = 100\n";

/// Most events go in one request, which is larger than a connection accepts before its peer reads. The last events go in a second request.
const LOAD: &str = "--duration 1s --rate 800/s --speed 0.01 --quiet --drain 10s --batch 1000 --batch-wait 1m --connections 4";

#[test]
fn early_answers_are_reported() {
    const REFUSED: Expected = Expected::refused(&["answered 413"]);
    const CUT: Expected = Expected::failed(&["send the request", "read the response", "closed before the first byte"]);
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("large.toml");
    fs::write(&scenario, LARGE_EVENTS).unwrap();
    let load = format!("{LOAD} --scenario {}", scenario.display());
    let plain = |name, steps: Vec<Step>, expected| Behaviour::plain(name, steps, expected).with_only(load.clone());
    let tls = |name, steps: Vec<Step>, expected| within_tls(name, steps, expected).with_only(format!("{load} --insecure"));
    let refuses = Step::send(TOO_LARGE);
    check_all(vec![
        plain("413, and the rest is not read", vec![ReadHead, refuses.clone(), Freeze], REFUSED),
        plain("413, and closed", vec![ReadHead, refuses.clone()], REFUSED),
        plain("413, and the rest is read", vec![ReadHead, refuses.clone(), ReadToEnd], REFUSED),
        plain("413 before the head is read", vec![AwaitRequest, refuses.clone(), ReadToEnd], REFUSED),
        plain(
            "401 with a body without end",
            vec![ReadHead, Step::send("HTTP/1.1 401 No\r\n\r\n"), SendForever(b"x".to_vec())],
            Expected::refused(&["answered 401"]),
        ),
        plain(
            "200, and the rest is read",
            vec![ReadHead, Step::send(OK.replace("Content", "Connection: close\r\nContent")), ReadToEnd],
            Expected::ACKNOWLEDGED,
        ),
        plain(
            "200, and the rest is not read",
            vec![ReadHead, Step::send(OK), Freeze],
            // The last request is small enough for the connection to accept it, and may reuse a connection that was answered.
            Expected::Account(
                &["unknown", "acknowledged"],
                &["answered 200, but did not read the whole request", "no answer within 2s"],
            ),
        )
        .with(SHORT_TIMEOUT),
        plain("no answer, and the rest is not read", vec![ReadHead, Freeze], Expected::UNKNOWN).with(SHORT_TIMEOUT),
        plain(
            "an interim answer, and the rest is not read",
            vec![ReadHead, Step::send("HTTP/1.1 100 Continue\r\n\r\n"), Freeze],
            Expected::UNKNOWN,
        )
        .with(SHORT_TIMEOUT),
        plain("a large request is cut off", vec![ReadHead], CUT),
        plain(
            "nonsense within a large request",
            vec![ReadHead, Step::send("nonsense\r\n"), Freeze],
            Expected::failed(&["head is malformed"]),
        ),
        plain(
            "half closed within a large request",
            vec![ReadHead, FinishSending, ReadToEnd],
            Expected::failed(&["closed before the first byte"]),
        ),
        plain(
            "a large request is read slowly",
            vec![ReadSlowly(16 << 10, Duration::from_millis(1)), Step::send(OK), Repeat],
            Expected::ACKNOWLEDGED,
        ),
        tls("413 over TLS, and the rest is not read", vec![ReadHead, refuses.clone(), Freeze], REFUSED),
        tls("413 over TLS, and closed", vec![ReadHead, refuses.clone()], REFUSED),
        tls("a large request over TLS is cut off", vec![ReadHead], CUT),
    ]);
}
