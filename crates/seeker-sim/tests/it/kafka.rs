//! Tests of Kafka as the target: each event is one record, and the answer of the leader is the outcome of the event.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::kafka_broker::{Call, ClusterOptions, KafkaCluster, Reply, Stored};
use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};

fn run_at(cluster: &KafkaCluster, options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("kafka://{}/events --duration 1s {options}", cluster.servers()))
}

fn run_against(cluster: &KafkaCluster, options: &str) -> (Ended, Value) {
    run_at(cluster, &format!("--rate 100/s {options}"))
}

const fn stored(_: &Call<'_>) -> Reply {
    Reply::Code(0, None)
}

fn three_brokers() -> ClusterOptions {
    ClusterOptions { brokers: 3, partitions: 7, ..ClusterOptions::default() }
}

fn ids(events: &[Stored]) -> HashSet<String> {
    events.iter().map(|stored| stored.event["eventId"].as_str().unwrap().to_owned()).collect()
}

/// For all versions of the protocol, each event is a record of the partition of its seeker, at the leader.
#[test]
fn each_event_is_one_record() {
    for (produce, metadata) in [(3, 4), (5, 5), (7, 7), (8, 8), (11, 12)] {
        let versions = vec![(0, 0, produce), (3, 0, metadata), (18, 0, 4)];
        let cluster = KafkaCluster::start_with(ClusterOptions { versions, ..three_brokers() }, stored);
        let (ended, report) = run_against(&cluster, "--check-sent");
        assert_sound(&ended, &report);
        let events = cluster.stored();
        assert_eq!((count(&report, "events.acknowledged"), events.len(), ids(&events).len()), (100, 100, 100), "{report}");
        let mut partition_of = HashMap::new();
        for Stored { broker, partition, key, headers, event } in &events {
            let header = |name: &str, place: &str| (name.to_owned(), event[place].as_str().unwrap().to_owned());
            assert_eq!(*headers, [header("eventId", "eventId"), header("eventType", "eventType")]);
            assert_eq!(*broker, partition % 3);
            assert_eq!(event["details"]["seekerId"], **key);
            assert_eq!(*partition_of.entry(key).or_insert(*partition), *partition);
        }
        let partitions: BTreeSet<_> = partition_of.values().collect();
        assert_eq!(partitions.len(), 7, "seekers are spread over all partitions");
    }
}

/// For all codes, the outcome and the error state the reason, and only some are worth a retry.
#[test]
fn the_code_is_the_outcome() {
    for (code, outcome, error, retries) in [
        (0, "acknowledged", "", 0),
        (-1, "failed", "answered UNKNOWN_SERVER_ERROR (-1)", 0),
        (3, "failed", "answered UNKNOWN_TOPIC_OR_PARTITION (3)", 100),
        (7, "failed", "answered REQUEST_TIMED_OUT (7)", 100),
        (19, "failed", "answered NOT_ENOUGH_REPLICAS (19)", 100),
        (10, "refused", "answered MESSAGE_TOO_LARGE (10)", 0),
        (29, "refused", "answered TOPIC_AUTHORIZATION_FAILED (29)", 0),
        (87, "refused", "answered INVALID_RECORD (87)", 0),
        (777, "refused", "answered the error code 777", 0),
    ] {
        let cluster = KafkaCluster::start(move |_| Reply::Code(code, Some("refused on purpose")));
        let (_, report) = run_against(&cluster, "--retries 1 --batch 1");
        assert_eq!(count(&report, &format!("events.{outcome}")), 100, "{report}");
        assert_eq!(count(&report, "retries.attempts"), retries, "{report}");
        if !error.is_empty() {
            assert_eq!(report["errors"], json!({ error: 100 }), "{report}");
        }
        assert_eq!(report["error_examples"].to_string().contains("refused on purpose"), code != 0, "{report}");
    }
}

/// A partition with several events says what to do if they are too large together.
#[test]
fn a_batch_that_is_too_large_names_the_remedy() {
    let cluster = KafkaCluster::start(|call: &Call<'_>| {
        let partitions: BTreeSet<_> = call.events.iter().map(|event| event.partition).collect();
        Reply::Code(if partitions.len() < call.events.len() { 10 } else { 0 }, None)
    });
    let (_, report) = run_at(&cluster, "--rate 1000/s --batch 20 --batch-wait 500ms --drain 5s");
    let error = "the events of a partition are more than the topic takes at once (max.message.bytes); lower --batch";
    assert!(report["errors"].to_string().contains(error) && count(&report, "events.refused") > 0, "{report}");
}

#[test]
fn an_event_without_answer_is_unknown() {
    let cluster = KafkaCluster::start(|_| Reply::Nothing);
    let (ended, report) = run_against(&cluster, "--timeout 300ms");
    if assert_outcome(&ended, &report, "threshold_missed") {
        let errors = report["errors"].as_object().unwrap();
        assert!(errors.keys().all(|error| error == "no acknowledgement within 300ms"), "{report}");
    }
    assert_eq!(count(&report, "events.acknowledged"), 0, "{report}");
    assert!(count(&report, "events.unknown") > 0 && count(&report, "connections.stopped_answering") > 0, "{report}");
}

/// A partition that the answer leaves out is not acknowledged, and one that the request does not have is ignored.
#[test]
fn an_answer_for_other_partitions_acknowledges_nothing() {
    let cluster = KafkaCluster::start(|_| Reply::Partitions(vec![1_000, -1]));
    let (_, report) = run_against(&cluster, "");
    assert_eq!(count(&report, "events.acknowledged"), 0, "{report}");
    let cluster = KafkaCluster::start(|_| Reply::Partitions(vec![1_000]));
    let (_, report) = run_against(&cluster, "");
    let error = "the broker answered, but not for the partition of the event";
    assert_eq!((count(&report, "events.unknown"), &report["errors"]), (100, &json!({ error: 100 })), "{report}");
}

/// The connection is reopened. A retry has the same event id, and repeats only what was not acknowledged.
#[test]
fn a_lost_connection_is_reopened() {
    for (retries, acknowledged) in [("", 95), ("--retries 20", 100)] {
        let cluster = KafkaCluster::start(|call| if call.number % 20 == 10 { Reply::CutAfter } else { Reply::Code(0, None) });
        // One event at a time, so that each cut loses one.
        let (_, report) = run_against(&cluster, &format!("{retries} --batch 1 --connections 1 --streams 1 --drain 10s"));
        assert!(count(&report, "connections.opened") >= 5, "{report}");
        assert_eq!(count(&report, "events.acknowledged"), acknowledged, "{report}");
        let error = "failed to read the acknowledgement: the connection closed";
        if retries.is_empty() {
            assert_eq!(report["errors"], json!({ error: 5 }), "{report}");
        }
        let events = cluster.stored();
        assert_eq!((ids(&events).len(), events.len() as u64), (100, 100 + count(&report, "retries.attempts")), "{report}");
    }
}

/// Leaders change during the run. Every event is stored once, at the leader of that time.
#[test]
fn a_new_leader_gets_the_events() {
    let given = AtomicUsize::new(0);
    let cluster = KafkaCluster::start_with(three_brokers(), move |call| {
        // Every partition goes to the next broker once.
        let partition = call.events[0].partition;
        if call.number.is_multiple_of(10) && given.fetch_or(1 << partition, Ordering::SeqCst) >> partition & 1 == 0 {
            call.leadership.give(partition, (partition + 1) % 3);
        }
        Reply::Code(0, None)
    });
    let (_, report) = run_at(&cluster, "--rate 300/s --retries 20 --drain 20s --batch 1");
    let events = cluster.stored();
    assert_eq!((count(&report, "events.acknowledged"), events.len(), ids(&events).len()), (300, 300, 300), "{report}");
    assert!(count(&report, "retries.attempts") > 0, "{report}");
    let of_new_leaders = events.iter().filter(|event| event.broker != event.partition % 3).count();
    assert!(of_new_leaders > 0, "{report}");
}

/// Partitions that lose their leader get their events once they have one again.
#[test]
fn a_partition_without_a_leader_waits_for_one() {
    let cluster = KafkaCluster::start(|call| {
        if call.number == 10 {
            call.leadership.suspend(5);
        }
        Reply::Code(0, None)
    });
    let (_, report) = run_against(&cluster, "--batch 1 --retries 20 --drain 20s");
    let events = cluster.stored();
    assert_eq!((count(&report, "events.acknowledged"), events.len(), ids(&events).len()), (100, 100, 100), "{report}");
    let causes = &report["retries"]["causes"];
    assert!(causes["the partition of the event has no leader"].as_u64() > Some(0), "{report}");
    assert!(causes["answered NOT_LEADER_OR_FOLLOWER (6)"].as_u64() > Some(0), "{report}");
}

/// For all events, no other event of the same seeker is in flight, and the events of a seeker arrive in the order of their times.
#[test]
fn the_events_of_a_seeker_stay_in_order() {
    let cluster = KafkaCluster::start_with(three_brokers(), |call| {
        let keys: HashSet<_> = call.events.iter().map(|event| &event.key).collect();
        Reply::Code(if keys.len() == call.events.len() { 0 } else { 87 }, None)
    });
    let (_, report) = run_at(&cluster, "--rate 300/s --speed 1000 --drain 10s");
    assert_eq!(count(&report, "events.acknowledged"), 300, "{report}");
    let mut last: HashMap<String, u64> = HashMap::new();
    for stored in cluster.stored() {
        let at = stored.event["eventTimestampMillis"].as_str().unwrap().parse().unwrap();
        let before = last.insert(stored.key.clone(), at);
        assert!(before.is_none_or(|before| before <= at), "{stored:?}");
    }
    assert!(last.len() < 300, "some seekers have several events");
}

/// Without an answer, a connection carries only as many requests, and a request only as many events.
#[test]
fn requests_are_limited() {
    let largest = Arc::new(Mutex::new(0));
    let of_calls = Arc::clone(&largest);
    let cluster = KafkaCluster::start(move |call| {
        let mut largest = of_calls.lock().unwrap();
        *largest = call.events.len().max(*largest);
        if call.number <= 3 { Reply::Nothing } else { Reply::Code(0, None) }
    });
    let (_, report) = run_at(&cluster, "--rate 300/s --connections 1 --streams 3 --batch 4 --timeout 700ms --drain 5s");
    assert!(*largest.lock().unwrap() <= 4, "{report}");
    // Answers come in order, so a connection with three unanswered requests carries no other request.
    assert!(count(&report, "connections.opened") >= 2, "{report}");
    assert!((3..=12).contains(&count(&report, "events.unknown")), "{report}");
}

/// The formats and the acknowledgement of the command line reach the broker.
#[test]
fn options_reach_the_broker() {
    for (options, acks, is_v3) in [("", -1, false), ("--acks all", -1, false), ("--acks 1 --format v3 --batch 10", 1, true)] {
        let cluster = KafkaCluster::start(move |call| Reply::Code(if call.acks == acks { 0 } else { 21 }, None));
        let reported = Reported::new();
        let (_, report) = reported.run(&format!("kafka://{}/events --duration 1s --rate 100/s {options}", cluster.servers()));
        assert_eq!(count(&report, "events.acknowledged"), 100, "{report}");
        assert!(cluster.stored().iter().all(|stored| stored.event.get("clientEvent").is_some() == is_v3));
    }
}

/// The first server that answers names all brokers.
#[test]
fn one_server_of_the_address_is_enough() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cluster = KafkaCluster::start_with(three_brokers(), stored);
    let target = format!("kafka://{unused},{}/events", cluster.address(2));
    let (ended, report) = Reported::new().run(&format!("{target} --duration 1s --rate 100/s"));
    assert_sound(&ended, &report);
    assert_eq!(cluster.stored().len(), 100);
}

#[test]
fn options_of_other_targets_are_refused() {
    let address = "kafka://127.0.0.1:1/events";
    for (options, expected) in [
        ("--batch 5 --batch-form array", "--batch-form does not apply to kafka://127.0.0.1:1/events: each event is a record"),
        ("--http2", "--http2 does not apply to kafka://127.0.0.1:1/events"),
        ("--header a:b", "--header does not apply to kafka://127.0.0.1:1/events: records have two headers"),
        ("--topic t", "--topic does not apply to kafka://127.0.0.1:1/events: the address names the topic"),
        ("--nats-user a --token-env PATH --sasl plain --sasl-user a", "--nats-user does not apply to"),
        ("--ca ca.pem", "--ca does not apply to kafka://127.0.0.1:1/events: the connection has no TLS without kafkas://"),
        ("--format pubsub", "kafka://127.0.0.1:1/events has no format pubsub; expected message, v3, v4 or v4beta1"),
        ("--acks 0", "without acknowledgement there is no latency; expected all or 1"),
        ("--compression snappy", "expected gzip, lz4 or zstd"),
        ("--gzip --compression lz4", "--gzip and --compression contradict each other"),
        ("--sasl plain", "--sasl-user"),
        ("--sasl gssapi --sasl-user a", "expected plain, scram-sha-256 or scram-sha-512"),
        ("--sasl plain --sasl-user a", "--sasl has no password; pass it with --token-file or --token-env"),
        ("--token-env PATH", "--token-env is the password of a login over Kafka; add --sasl and --sasl-user"),
    ] {
        assert_misused(&format!("{address} {options}"), expected);
    }
    for option in ["--acks 1", "--compression lz4", "--sasl plain --sasl-user a --token-env PATH"] {
        for target in ["http://127.0.0.1:1", "nats://127.0.0.1:1/a", "grpc://127.0.0.1:1", "pubsub://projects/p/topics/events"] {
            assert_misused(&format!("{target} {option}"), "the target is not a Kafka cluster");
        }
        assert_misused(&format!("file:out.ndjson {option}"), "does not apply to file:out.ndjson");
        assert_misused(option, "needs a target");
    }
}

/// The command line is refused with this text.
fn assert_misused(options: &str, expected: &str) {
    let ended = ended(&words(&format!("run {options}")).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ended.code == Some(2) && ended.stderr.contains(expected), "{options}: {}", ended.stderr);
}
