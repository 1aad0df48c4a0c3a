//! Tests of runs against targets that repeat request data wherever they can: no output contains a part of a secret, and with `--no-answers`
//! no output quotes the target.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::kafka_broker::{ClusterOptions, KafkaCluster, Reply, SaslUser};
use crate::program::{Ended, Reported};
use crate::service::{Manner, Request, Service};
use crate::service_goaway::GoAwayService;

/// The secret contains characters that encodings change.
const SECRET: &str = "ya29.c-_~+/very-secret==";

/// Text that the targets send in addition to the secret.
const WORDS: &str = "no-such-user";

/// The encodings of the secret that targets may write.
fn written() -> Vec<String> {
    let each = |write: fn(&mut String, u8)| {
        SECRET.bytes().fold(String::new(), |mut text, byte| {
            write(&mut text, byte);
            text
        })
    };
    vec![
        SECRET.to_owned(),
        SECRET.to_uppercase(),
        SECRET[..SECRET.len() / 2].to_owned(),
        SECRET.replace('/', "\\/"),
        each(|text, byte| write!(text, "\\u{byte:04x}").unwrap()),
        each(|text, byte| write!(text, "%{byte:02X}").unwrap()),
        each(|text, byte| write!(text, "{byte:02x}").unwrap()),
        BASE64_STANDARD.encode(format!("user:{SECRET}")),
        BASE64_STANDARD.encode(SECRET),
    ]
}

/// The outputs of a run, each with its name.
struct Shown {
    report: Value,
    texts: Vec<(String, String)>,
}

/// Runs with the secret as the token, and returns all outputs.
fn shown(options: &str) -> Shown {
    let (reported, folder) = (Reported::new(), tempfile::tempdir().unwrap());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let options = format!(
        "{options} --duration 1s --rate 20/s --timeout 5s --token-env MY_TOKEN --report {} --report {} --junit {}",
        file("page.html"),
        file("windows.csv"),
        file("junit.xml")
    );
    let ended: Ended = reported.command(&options).env("MY_TOKEN", SECRET).env("RUST_LOG", "trace").output().unwrap().into();
    let read = |path: &Path| (path.display().to_string(), fs::read_to_string(path).unwrap());
    let mut texts: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| read(&entry.unwrap().path())).collect();
    assert_eq!(texts.len(), 3);
    texts.push(read(&reported.path()));
    texts.extend([("stdout".to_owned(), ended.stdout), ("stderr".to_owned(), ended.stderr)]);
    Shown { report: reported.report(), texts }
}

impl Shown {
    fn assert_keeps_the_secret(&self) {
        let parts: Vec<_> = written().iter().flat_map(|text| [text.clone(), text.to_lowercase()]).collect();
        let of_secret = SECRET.as_bytes().windows(8).map(|part| str::from_utf8(part).unwrap().to_lowercase());
        for (name, text) in &self.texts {
            let lower = text.to_lowercase();
            assert!(parts.iter().all(|part| !text.contains(part)), "{name}: {text}");
            assert!(of_secret.clone().all(|part| !lower.contains(&part)), "{name}: {text}");
        }
    }

    fn assert_has_no_words(&self) {
        for (name, text) in &self.texts {
            assert!(!text.contains(WORDS) && !text.contains("[concealed]"), "{name}: {text}");
        }
    }

    fn errors(&self) -> String {
        format!("{} {} {}", self.report["errors"], self.report["error_examples"], self.report["reasons"])
    }
}

/// Asserts that the output quotes the target without the secret, and with `--no-answers` does not quote the target.
fn assert_kept(options: &str) {
    let with_answers = shown(options);
    with_answers.assert_keeps_the_secret();
    assert!(with_answers.errors().contains(WORDS), "{options}: {}", with_answers.errors());
    assert!(with_answers.errors().contains("[concealed]"), "{options}: {}", with_answers.errors());
    let without = shown(&format!("{options} --no-answers"));
    without.assert_keeps_the_secret();
    without.assert_has_no_words();
}

/// Runs a check for each encoding of the secret, each on its own thread.
fn for_each_writing(check: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for written in written() {
            let check = &check;
            scope.spawn(move || check(&written));
        }
    });
}

fn says(status: &'static str, said: String) -> Service {
    Service::start(Manner::Makes(Arc::new(move |_: &Request| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{said}", said.len()).into_bytes()
    })))
}

#[test]
fn answers_that_repeat_a_secret_are_shown_without_it() {
    for_each_writing(|written| {
        let service = says("400 Bad Request", format!("{{\"error\": \"{WORDS} {written} is here\"}}"));
        assert_kept(&format!("--target {}", service.url()));
    });
}

/// The explanation of a Kafka broker may repeat the password.
#[test]
fn a_kafka_broker_that_repeats_a_secret_is_shown_without_it() {
    for_each_writing(|written| {
        let user =
            SaslUser { mechanism: "PLAIN", user: "me", password: SECRET, iterations: 0, is_impostor: false, lifetime_millis: 0 };
        let options = ClusterOptions { sasl: Some(user), ..ClusterOptions::default() };
        let said: &'static str = format!("{WORDS} {written}").leak();
        let cluster = KafkaCluster::start_with(options, move |_| Reply::Code(87, Some(said)));
        assert_kept(&format!("--sasl plain --sasl-user me --target kafka://{}/events", cluster.servers()));
    });
}

#[test]
fn a_redirection_is_reported_without_its_secret() {
    for_each_writing(|written| {
        let answer = format!("HTTP/1.1 302 Go\r\nLocation: /{WORDS}?token={written}\r\nContent-Length: 0\r\n\r\n");
        let service = Service::start(Manner::Answers(answer.into_bytes()));
        let shown = shown(&format!("--target {}", service.url()));
        shown.assert_keeps_the_secret();
        shown.assert_has_no_words();
        assert!(shown.errors().contains("answered 302: redirections are not followed"), "{}", shown.errors());
    });
}

#[test]
fn an_http2_error_is_reported_without_its_secret() {
    for_each_writing(|written| {
        let service = GoAwayService::start(format!("{WORDS} {written}"));
        assert_kept(&format!("--http2 --connections 1 --target {}", service.url()));
    });
}

#[test]
fn a_search_answer_is_reported_without_its_secret() {
    for_each_writing(|written| {
        let target = Service::answering("204 No Content");
        // A value in place of a list: the error of the parser quotes it.
        let written = serde_json::to_string(written).unwrap();
        let search = says("200 OK", format!("{{\"matchingJobs\": \"{WORDS} {}}}", &written[1..]));
        assert_kept(&format!("--target {} --search {}/search", target.url(), search.url()));
    });
}

/// The certificate has the secret in its name, and the client expects another name.
#[test]
fn a_certificate_error_is_reported_without_its_secret() {
    const NAME: &str = "no-such-user.abcdef-123456.example";
    let (service, certificate) = Service::start_tls(Manner::HangsUp, NAME);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, certificate).unwrap();
    let run = |more: &str| {
        let options = format!("--target https://{} --ca {} --header X-Key:abcdef-123456 {more}", service.addr, ca.display());
        shown(&options)
    };
    let with_answers = run("");
    assert_eq!(with_answers.report["outcome"], "target_unreachable");
    assert!(with_answers.errors().contains("no-such-user.[concealed].example"), "{}", with_answers.errors());
    let without = run("--no-answers");
    without.assert_has_no_words();
    for (name, text) in with_answers.texts.iter().chain(&without.texts) {
        assert!(!text.contains("abcdef-1"), "{name}: {text}");
    }
}
