use std::num::NonZeroUsize;

use event_request::{Batching, PathNames};
use load_plan::load::Rate;
use transport::http::IdentityFiles;

use super::*;
use crate::target::kafka_settings::KafkaSettings;
use crate::target::proxies::Proxies;

/// A plan with one event, which tests modify.
pub(crate) fn plan() -> RunPlan {
    RunPlan {
        version: "0.0.0 (test)",
        target: None,
        delivery: delivery(),
        scenario: Scenario::default(),
        load: LoadSpec::rate(Rate::per_second(1.0).unwrap(), Duration::from_secs(1)),
        seekers_max: 1,
        seed: 0,
        speed: 1.0,
        drain: Duration::from_secs(1),
        check_sent: false,
        status_display: StatusDisplay::Nothing,
        thresholds: Vec::new(),
        abort_on_threshold: false,
        find_capacity: false,
        shard: None,
        start_at: None,
        clock_check: None,
        metrics: MetricsPlan::default(),
    }
}

/// Settings of requests, which tests modify.
pub(crate) fn delivery() -> DeliverySettings {
    DeliverySettings {
        search: None,
        format: EventForm::Message,
        batching: None,
        is_traced: false,
        is_ordered: false,
        gzip: false,
        names: PathNames::default(),
        headers: Vec::new(),
        token: None,
        nats_user: None,
        nats_credentials: None,
        kafka: KafkaSettings::default(),
        connect_to: Vec::new(),
        proxies: Proxies::None,
        resolves: Vec::new(),
        trust: Trust::System,
        identity: None,
        timeout: Duration::from_secs(1),
        retries: 0,
        connections: NonZeroUsize::MIN,
        awaits_acks: true,
        http2: false,
        http3: false,
        keeps_alive: true,
        streams: None,
        shows_answers: true,
    }
}

fn identity() -> IdentityFiles {
    IdentityFiles { certificate: "cert.pem".into(), key: "key.pem".into() }
}

fn batching(events_max: usize, form: Option<BatchForm>, wait_s: u64) -> Batching {
    Batching { events_max: NonZeroUsize::new(events_max).unwrap(), form, wait: Duration::from_secs(wait_s) }
}

#[test]
fn a_token_that_others_could_see_is_warned_of() {
    let plan = |target: &str| RunPlan {
        delivery: DeliverySettings { token: Some(TokenSource::Variable("TOKEN".to_owned())), ..delivery() },
        target: Some(target.parse().unwrap()),
        ..plan()
    };
    for target in ["https://jobs.example", "http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1"] {
        assert_eq!(plan(target).warnings(), Vec::<String>::new(), "{target}");
    }
    for target in ["natss://jobs.example/a", "nats://127.0.0.1/a"] {
        assert_eq!(plan(target).warnings(), Vec::<String>::new(), "{target}");
    }
    assert_eq!(plan("nats://jobs.example/a").warnings(), ["--token-env: the token is sent unencrypted; use natss"]);
    for target in ["http://jobs.example", "http://10.0.0.1", "http://[2001:db8::1]:1"] {
        assert_eq!(plan(target).warnings(), ["--token-env: the token is sent unencrypted; use https"], "{target}");
    }
}

#[test]
fn load_changes_from_other_machines_are_warned_of() {
    let plan = |listen: &str, allows_load_changes| {
        let listen = Some(listen.parse().unwrap());
        RunPlan { metrics: MetricsPlan { listen, allows_load_changes, ..MetricsPlan::default() }, ..plan() }
    };
    for (listen, allows_load_changes) in [("127.0.0.1:1", true), ("[::1]:1", true), ("0.0.0.0:1", false)] {
        assert_eq!(plan(listen, allows_load_changes).warnings(), Vec::<String>::new(), "{listen}");
    }
    assert_eq!(
        plan("0.0.0.0:1", true).warnings(),
        ["--allow-load-changes: anyone who can reach 0.0.0.0:1 can change the load; use a loopback address"]
    );
}

#[test]
fn every_bound_is_named() {
    assert_eq!(plan().validate().unwrap().total(), 1);
    let load = |rate, millis| LoadSpec::rate(Rate::per_second(rate).unwrap(), Duration::from_millis(millis));
    let cases = vec![
        (RunPlan { load: load(1.0, 0), ..plan() }, "--duration is 0s; expected a time above 0 and at most 365 days"),
        (RunPlan { seekers_max: 0, ..plan() }, "--seekers-max is 0; expected 1 to 100000000"),
        (RunPlan { seed: 1 << 53, ..plan() }, "--seed is 9007199254740992; expected 0 to 9007199254740991"),
        (RunPlan { speed: f64::NAN, ..plan() }, "--speed is NaN; expected 0.01 to 10000"),
        (
            RunPlan { abort_on_threshold: true, thresholds: vec!["latency.p99 < 5ms".parse().unwrap()], ..plan() },
            "--abort-on-threshold has no effect: no threshold can fail early; add a --threshold over a window, or with <, \
             <= or == on acknowledged, refused, failed, unknown or a .max, such as 'refused == 0'",
        ),
        (
            RunPlan { find_capacity: true, load: LoadSpec { seekers: Some(1), ..LoadSpec::default() }, ..plan() },
            "--find-capacity and --seekers exclude each other: the search chooses the rates; leave --seekers out, and set the first rate \
             with --rate",
        ),
        (
            RunPlan { thresholds: vec!["latency.p99 < 5ms over 2s".parse().unwrap()], ..plan() },
            "--threshold 'latency.p99 < 5ms over 2s' needs windows of 2s, but only 1s are measured; lengthen the run, or shorten \
             the window",
        ),
        (
            RunPlan { load: load(0.1, 1000), ..plan() },
            "no event is planned: 1s:0.1/s adds up to less than one event; make the load longer or higher",
        ),
        (RunPlan { drain: Duration::from_hours(8766 * 2), ..plan() }, "--drain is 2years; expected a time of at most 365 days"),
        (
            RunPlan { load: LoadSpec { seekers: Some(2), ..LoadSpec::default() }, ..plan() },
            "the load needs 2 live seekers, but --seekers-max is 1; raise --seekers-max, or lower the load",
        ),
    ];
    for (plan, message) in cases {
        assert_eq!(plan.validate().unwrap_err().to_string(), message);
    }
}

#[test]
fn impossible_requests_are_refused() {
    let service = || Some("http://h".parse().unwrap());
    let cases = [
        (
            None,
            DeliverySettings { timeout: Duration::ZERO, ..delivery() },
            "--timeout is 0s; expected a time above 0 and at most 365 days",
        ),
        (
            None,
            DeliverySettings { format: EventForm::V3, ..delivery() },
            "--format needs a target: the receiver in this process accepts messages at its own path; pass the URL of your \
             service",
        ),
        (
            service(),
            DeliverySettings { format: EventForm::V3, ..delivery() },
            "--target: the path /v3/projects/{project}/clientEvents needs a project; pass --project, or use a URL with \
             another path",
        ),
        (
            None,
            DeliverySettings { search: Some("http://h".parse().unwrap()), ..delivery() },
            "--search needs a target: the receiver in this process accepts messages at its own path; pass the URL of your \
             service",
        ),
        (
            service(),
            DeliverySettings {
                search: Some("http://h".parse().unwrap()),
                names: PathNames { project: Some("p".parse().unwrap()), ..PathNames::default() },
                ..delivery()
            },
            "--search: the path /v4/projects/{project}/tenants/{tenant}/jobs:search needs a tenant; pass --tenant, or use a URL \
             with another path",
        ),
        (
            None,
            DeliverySettings {
                token: Some(TokenSource::Variable("TOKEN".to_owned())),
                headers: vec!["authorization: secret".parse().unwrap()],
                ..delivery()
            },
            "--token-env and --header Authorization set the same header; leave one of them out",
        ),
        (
            None,
            DeliverySettings { trust: Trust::Unchecked, ..delivery() },
            "--insecure applies to https, but the receiver in this process uses http; use a target that begins with https://",
        ),
        (
            service(),
            DeliverySettings { identity: Some(identity()), ..delivery() },
            "--cert applies to https, but the target uses http; use a target that begins with https://",
        ),
        (
            service(),
            DeliverySettings { trust: Trust::SystemAnd("ca.pem".into()), ..delivery() },
            "--ca applies to https, but the target uses http; use a target that begins with https://",
        ),
        (
            service(),
            DeliverySettings { format: EventForm::V3, batching: Some(batching(2, None, 0)), ..delivery() },
            "--batch with --format v3: this API has no request for several events; use --format message or pubsub",
        ),
        (
            service(),
            DeliverySettings { format: EventForm::Pubsub, batching: Some(batching(2, Some(BatchForm::Array), 0)), ..delivery() },
            "--batch-form array does not apply to --format pubsub, whose requests have only one form; leave --batch-form out",
        ),
        (
            None,
            DeliverySettings { batching: Some(batching(10_001, None, 0)), ..delivery() },
            "--batch is 10001; expected 1 to 10000",
        ),
        (
            None,
            DeliverySettings { batching: Some(batching(1, None, 61)), ..delivery() },
            "--batch-wait is 1m 1s; expected at most 1 minute",
        ),
        (None, DeliverySettings { retries: 101, ..delivery() }, "--retries is 101; expected 0 to 100"),
        (
            None,
            DeliverySettings { connections: NonZeroUsize::new(50_001).unwrap(), ..delivery() },
            "--connections is 50001; expected 1 to 50000",
        ),
        (
            None,
            DeliverySettings { connections: NonZeroUsize::new(2001).unwrap(), streams: NonZeroUsize::new(100), ..delivery() },
            "--connections times --streams is 200100; expected at most 200000",
        ),
    ];
    for (target, delivery, message) in cases {
        let plan = RunPlan { target, delivery, ..plan() };
        assert_eq!(plan.validate().unwrap_err().to_string(), message);
    }
}

#[test]
fn addresses_belong_to_the_target_or_the_search() {
    let of = |resolves: &[&str]| RunPlan {
        delivery: DeliverySettings {
            resolves: resolves.iter().map(|text| text.parse().unwrap()).collect(),
            search: Some("https://other/search".parse().unwrap()),
            ..delivery()
        },
        target: Some("http://h".parse().unwrap()),
        ..plan()
    };
    for resolves in [&[][..], &["h:80:127.0.0.1"], &["other:443:127.0.0.1", "H:80:127.0.0.1", "h:80:127.0.0.2"]] {
        of(resolves).validate().unwrap();
    }
    for (plan, told) in [
        (of(&["h:80:127.0.0.1", "h:443:127.0.0.1"]), "h:443"),
        (
            RunPlan {
                delivery: DeliverySettings { search: None, ..of(&["h:80:127.0.0.1"]).delivery },
                target: Some("file:events".parse().unwrap()),
                ..of(&["h:80:127.0.0.1"])
            },
            "h:80",
        ),
        (
            RunPlan {
                delivery: DeliverySettings { search: None, ..of(&["h:80:127.0.0.1"]).delivery },
                target: None,
                ..of(&["h:80:127.0.0.1"])
            },
            "h:80",
        ),
    ] {
        let expected =
            format!("--resolve {told} matches neither the target nor --search; expected the host and port of one of them");
        assert_eq!(plan.validate().unwrap_err().to_string(), expected);
    }
}

#[test]
fn hosts_to_connect_to_belong_to_the_target_or_the_search() {
    let of = |connect_to: &[&str], resolves: &[&str], target: Option<&str>| RunPlan {
        delivery: DeliverySettings {
            connect_to: connect_to.iter().map(|text| text.parse().unwrap()).collect(),
            resolves: resolves.iter().map(|text| text.parse().unwrap()).collect(),
            search: target.filter(|target| target.starts_with("http")).map(|_| "https://other/search".parse().unwrap()),
            ..delivery()
        },
        target: target.map(|target| target.parse().unwrap()),
        ..plan()
    };
    let service = Some("http://h");
    for (connect_to, resolves) in [
        (&["h:80:a:81"][..], &["a:81:127.0.0.1"][..]),
        (&["other:443:a:81", "H::b:"], &["b:80:127.0.0.1"]),
        (&[":::81"], &["h:81:127.0.0.1", "other:81:127.0.0.1"]),
    ] {
        of(connect_to, resolves, service).validate().unwrap();
    }
    for (connect_to, target, told) in [
        (&["h:80:a:81", "h:443:a:81"][..], service, "h:443:a:81"),
        (&["h:80:a:81", "h:80:b:82"], service, "h:80:b:82"),
        (&["h:80:a:81"], Some("-"), "h:80:a:81"),
        (&["h:80:a:81"], None, "h:80:a:81"),
    ] {
        let error = of(connect_to, &[], target).validate().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("--connect-to {told} is not used; expected the host and port of the target")),
            "{error}"
        );
    }
    let error = of(&["h:80:a:81"], &["h:80:127.0.0.1"], service).validate().unwrap_err().to_string();
    assert!(error.starts_with("--resolve h:80 matches neither"), "{error}");
}
