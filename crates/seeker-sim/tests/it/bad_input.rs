//! Tests of bad input: the program reports it in one message, with its exit code, before it starts anything.

use std::fs;

use crate::program::{Reported, ended, words};
use crate::service::{Service, silent_port};

#[test]
fn unusable_options_are_refused_with_the_expected_value() {
    for (args, expected) in [
        ("run --rate fast", "expected a rate such as 500/s"),
        ("run --rate 0/s", "expected a rate above 0"),
        ("run --arrivals fast", "expected a rate such as 500/s"),
        ("run --seekers 0", "--seekers is 0; expected 1 to 100000000"),
        ("run --seekers 5 --pacing poisson", "--pacing poisson needs a load of events or arrivals"),
        ("run --pacing even", "expected steady or poisson"),
        ("run --seekers 5 --seekers-max 4", "the load needs 5 live seekers, but --seekers-max is 4"),
        ("run --rate 5/s --arrivals 5/s", "--rate and --arrivals both set the load; remove one of them"),
        ("run --rate 5/s --seekers 5", "--rate and --seekers both set the load"),
        ("run --seekers 5 --stage 5s:5/s", "--seekers and --stage both set the load"),
        ("run --duration 5s --stage 5s:5/s", "--duration cannot be combined with stages, which last 5s in total"),
        ("run --stage 5s:5/s --stage '5s:5 seekers'", "--stage 5s:5/s and --stage 5s:5 seekers have different units"),
        ("run --stage 5s", "expected a duration and a load, such as 1m:2000/s, 30s:0->2000/s"),
        ("run --stage '5s:sine 9..5/s every 1s'", "expected the lower value of a sine first"),
        ("run --stage 5s:99999999/s", "expected amounts of at most 10000000/s"),
        ("run --stage 5s:0/s", "no event is planned: 5s:0/s adds up to less than one event"),
        ("run --arrivals 1/h --duration 1s", "no seeker is planned"),
        ("run --warm-up 5s --duration 5s", "--warm-up is 5s, but the load lasts 5s; expected a shorter warm-up"),
        ("run --warm-up soon", "expected a time with its unit"),
        ("run --drain 2years", "--drain is 2years; expected a time of at most 365 days"),
        ("run --target nowhere", "expected a URL such as http://127.0.0.1:8080"),
        ("run --target localhost:1", "expected a URL such as http://127.0.0.1:8080"),
        ("run --target http://user:secret@127.0.0.1:1", "--header 'Authorization: ...'"),
        ("run --duration 10", "expected a time with its unit"),
        ("run --duration 0s", "--duration is 0s; expected a time above 0"),
        ("run --rate 1/h --duration 1s", "no event is planned"),
        ("run --seekers-max 0", "--seekers-max is 0; expected 1 to 100000000"),
        ("run --speed 0", "--speed is 0; expected 0.01 to 10000"),
        ("run --seed 9007199254740992", "--seed is 9007199254740992; expected 0 to 9007199254740991"),
        ("run --connections 0", "expected a whole number, at least 1"),
        ("run --http2 --streams 0", "expected a whole number, at least 1"),
        ("run --batch 0", "expected a whole number, at least 1"),
        ("run --token-file missing.txt", "failed to read the token from `missing.txt`"),
        (
            "run --token-env SEEKER_SIM_NO_SUCH_VARIABLE",
            "failed to read the token: the environment variable `SEEKER_SIM_NO_SUCH_VARIABLE` is not set",
        ),
        ("run --token-env A --token-file b", "--token-env and --token-file contradict each other"),
        ("run --token-env A --header 'Authorization: x'", "--token-env and --header Authorization set the same header"),
        ("run --gzip --header Content-Encoding:br", "--gzip and --header Content-Encoding set the same header"),
        ("run --retries 101", "--retries is 101; expected 0 to 100"),
        ("run --retries often", "expected a whole number, at least 0"),
        ("run --format xml", "expected message, v3, v4, v4beta1 or pubsub"),
        ("run --format v3", "--format needs a target: the receiver in this process"),
        ("run --project p", "--project needs a target"),
        ("run --project a/b", "expected a name of letters, digits and the characters - . _ ~ :"),
        ("run --format v4 --project p --target http://127.0.0.1:1", "needs a tenant; pass --tenant"),
        ("run --topic t --target http://127.0.0.1:1", "--topic is set, but the path /clientEvents has no {topic}"),
        ("run --target http://127.0.0.1:1/{nonsense}", "expected {project}, {tenant} or {topic}"),
        ("run --ca missing.pem --target https://127.0.0.1:1", "failed to read the certificates of `missing.pem`"),
        ("run --ca ca.pem --insecure --target https://127.0.0.1:1", "--ca and --insecure contradict each other"),
        ("run --cert c.pem --key k.pem", "--cert applies to https, but the receiver in this process uses http"),
        ("run --cert c.pem --key k.pem --target http://127.0.0.1:1", "--cert applies to https, but the target uses http"),
        ("run --cert c.pem --key k.pem --target file:events", "--cert does not apply to file:events"),
        (
            "run --no-keep-alive --target grpc://127.0.0.1:1",
            "--no-keep-alive does not apply to grpc://127.0.0.1:1: gRPC uses HTTP/2",
        ),
        ("run --no-keep-alive --target pubsub://projects/p/topics/events", "--no-keep-alive does not apply to pubsub://"),
        ("run --no-keep-alive --target -", "--no-keep-alive does not apply to standard output"),
        ("run --traceparent --target file:events", "--traceparent does not apply to file:events"),
        ("run --traceparent --header Traceparent:x", "--traceparent and --header traceparent set the same header"),
        (
            "run --proxy socks5://user:secret@p --target http://h",
            "--proxy: expected the URL of an HTTP proxy, such as http://proxy",
        ),
        ("run --proxy http://p --no-proxy --target http://h", "--proxy and --no-proxy contradict each other"),
        ("run --proxy http://p --resolve h:80:127.0.0.1 --target http://h", "--proxy and --resolve contradict each other"),
        ("run --proxy http://p --target -", "--proxy does not apply to standard output"),
        ("run --proxy http://p", "--proxy needs a target"),
        ("run --ca ca.pem", "--ca applies to https, but the receiver in this process uses http"),
        ("run --insecure --target http://127.0.0.1:1", "--insecure applies to https, but the target uses http"),
    ] {
        assert_refused(args, expected);
    }
}

#[test]
fn unusable_thresholds_and_outputs_are_refused_with_the_expected_value() {
    for (args, expected) in [
        ("run --threshold 'latencey.p99 < 50ms'", "unknown figure \"latencey.p99\"; did you mean latency.p99?"),
        ("run --threshold 'VEIW.refused == 0'", "unknown event type \"VEIW\"; did you mean VIEW?"),
        ("run --threshold 'latency.p99 < 50'", "expected a time with its unit, such as 50ms, 500us or 1.5s"),
        ("run --find-capacity 'latency.p99 < 5ms' --seekers 5", "--find-capacity and --seekers exclude each other"),
        ("run --find-capacity 'latency.p99 < 5ms' --stage 5s:5/s", "--find-capacity and --stage exclude each other"),
        ("run --find-capacity fast", "expected a figure, a comparison and an amount"),
        ("run --find-capacity 'latency.p99 < 5ms over 20s'", "needs windows of 20s, but only 8s are measured"),
        ("run --find-capacity 'latency.p99 < 5ms' --duration 1s --warm-up 1s", "expected a shorter warm-up"),
        ("run --threshold fast", "expected a figure, a comparison and an amount, such as 'latency.p99 < 50ms'"),
        ("run --abort-on-threshold", "--abort-on-threshold has no effect"),
        ("run --abort-on-threshold --threshold 'latency.p99 < 50ms'", "--abort-on-threshold has no effect"),
        ("run --junit missing/folder/run.xml", "--junit missing/folder/run.xml: the folder missing/folder does not exist"),
        ("run --report run.json --report run.csv --report run.json", "--report run.json is given twice; leave one of them out"),
        ("run --report run.json --junit run.json", "--report and --junit name the same file"),
        ("run --metrics 9464", "expected an address and a port, such as 127.0.0.1:8080"),
        ("run --metrics 192.0.2.1:9464", "--metrics: 192.0.2.1:9464 is not an address of this machine"),
        (
            "run --otlp localhost:4318",
            "expected the URL of a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318",
        ),
        ("run --otlp http://user:secret@127.0.0.1", "--otlp: the URL contains a user name or password"),
        ("run --otlp-interval 5s", "--otlp"),
        ("run --otlp --otlp-interval 1ms", "--otlp-interval is 1ms; expected a time of at least 100ms"),
        ("run --header Nonsense", "--header"),
        ("run --header Content-Length:5", "--header"),
        ("run --report .", "expected a file with the extension .json"),
        ("run --report missing.json/", "--report missing.json/: this is a folder; expected the name of a file"),
        ("run --junit missing/", "--junit missing/: this is a folder"),
        ("run --report missing/folder/run.json", "the folder missing/folder does not exist"),
        ("run --frobnicate", "seeker-sim run has no option --frobnicate"),
        ("run http://127.0.0.1:1 --target http://127.0.0.1:2", "the target is given twice"),
        (
            "scenario check job-board",
            "scenario check takes a file, but job-board is a built-in scenario; use `seeker-sim scenario show job-board`",
        ),
        ("report merge a.json --expect 0", "expected a whole number, at least 1"),
        ("generate --threads 0", "expected a whole number, at least 1"),
        ("generate --seekers many", "expected a whole number, at least 0"),
        ("check --threads 0 events.ndjson", "expected a whole number, at least 1"),
        ("check --max-findings 99999999999999999999 events.ndjson", "expected a smaller number"),
        ("schema --role types,send", "expected types, send or accept"),
        ("schema --draft 7", "expected 2020-12, draft-07, openapi-3.0 or openapi-3.1"),
        ("schema --role send --draft openapi-3.0", "OpenAPI components exist only for --role types"),
        ("schema --force", "--out"),
        ("", "Usage"),
    ] {
        assert_refused(args, expected);
    }
}

#[test]
fn unusable_options_of_serve_are_refused_with_the_expected_value() {
    for (args, expected) in [
        ("serve --bind 8080", "expected an address and a port"),
        ("serve --max-rate 0/s", "expected a rate above 0"),
        ("serve --max-rate -5/s", "expected a rate such as 500/s"),
        ("serve --max-rate fast", "expected a rate such as 500/s"),
        ("serve --delay 10", "expected a time with its unit"),
        ("serve --delay -10ms", "expected a time with its unit"),
        ("serve --error-ratio 101%", "expected a percentage from 0% to 100%, such as 1% or 0.5%"),
        ("serve --error-ratio -1%", "expected a percentage from 0% to 100%"),
        ("serve --error-ratio 0.01", "expected a percentage from 0% to 100%"),
        ("serve --seed 5", "--error-ratio"),
    ] {
        assert_refused(args, expected);
    }
}

/// Asserts that the command line is refused with code 2 and this message, and that the message shows no secret.
fn assert_refused(args: &str, expected: &str) {
    let ended = ended(&words(args).iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ended.code, Some(2), "{args}: {}", ended.stderr);
    assert!(ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    assert!(!ended.stderr.contains("secret") || args.contains("secret") && !ended.stderr.contains("secret@"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "", "{args}");
}

#[test]
fn help_and_version_are_no_errors() {
    for (args, expected) in [("--help", "Exit codes"), ("run --help", "--seekers-max"), ("--version", env!("CARGO_PKG_VERSION"))]
    {
        let ended = ended(&args.split_whitespace().collect::<Vec<_>>());
        assert_eq!(ended.code, Some(0));
        assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    }
}

#[test]
fn an_unreachable_target_is_reported_immediately() {
    let reported = Reported::new();
    let (ended, report) = reported.run(&format!("--target http://127.0.0.1:{} --duration 1h", silent_port()));
    assert_eq!(ended.code, Some(4));
    assert_eq!(report["outcome"], "target_unreachable");
    assert_eq!(report["seekers"]["started"], 0);
    assert!(ended.stdout.contains("cannot be reached") && ended.stdout.contains("refused"), "{}", ended.stdout);
}

#[test]
fn a_target_without_tls_is_reported_immediately() {
    let service = Service::answering("200 OK");
    let (ended, report) = Reported::new().run(&format!("--target https://{} --duration 1h", service.addr));
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")), "{}", ended.stderr);
    assert!(ended.stdout.contains("TLS"), "{}", ended.stdout);
}

#[test]
fn an_unwritable_report_is_reported_before_the_run() {
    let service = Service::answering("200 OK");
    let ended = ended(&["run", "--target", &service.url(), "--duration", "1h", "--report", "missing/run.json"]);
    assert_eq!(ended.code, Some(2));
    assert!(service.requests().is_empty());
}

/// A run that does not start leaves existing files unchanged.
#[test]
fn an_old_report_survives_bad_input() {
    let reported = Reported::new();
    fs::write(reported.path(), "as before").unwrap();
    let output = reported.command("--duration 0s").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(reported.path()).unwrap(), "as before");
}
