//! Tests of batches: the response to several messages in one body, and that each message counts like a single one.

use client_event::strategies::{broken_message_by, client_event};
use client_event::{EventId, Reason};
use event_receiver::BODY_BYTES_MAX;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{Answer, Connection, receiver, stopped, strict_receiver, view};

/// The two forms of a batch.
fn forms(messages: &[Vec<u8>]) -> [Vec<u8>; 2] {
    [messages.join(&b'\n'), [b"[", &*messages.join(&b','), b"]"].concat()]
}

fn post(connection: &mut Connection, body: &[u8]) -> Answer {
    connection.request("POST", "/clientEvents:batch", body)
}

/// A message, and whether it is valid.
fn message() -> impl Strategy<Value = (Vec<u8>, bool)> {
    // A time in the future of the strategies may be in the past of the receiver. Text that is not JSON breaks a whole array.
    let reasons: Vec<_> = Reason::OF_MESSAGES
        .into_iter()
        .filter(|reason| ![Reason::TimestampInFuture, Reason::NotJson, Reason::NotUtf8].contains(reason))
        .collect();
    let fine = (client_event(), any::<u64>()).prop_map(|(mut event, number)| {
        event.event_id = EventId::new(format!("{number}")).unwrap();
        let mut json = Vec::new();
        event.write_json(&mut json);
        (json, true)
    });
    let broken = prop::sample::select(reasons).prop_flat_map(broken_message_by).prop_map(|broken| (broken.json, false));
    // A line break would split the message in the line form.
    let broken = broken.prop_filter("a message of one line", |(json, _)| !json.contains(&b'\n'));
    prop_oneof![3 => fine, 1 => broken]
}

/// Messages that form a batch in both forms. If the first line begins with a bracket, the body is read as an array.
fn batch() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    let begins_no_array = |messages: &Vec<(Vec<u8>, bool)>| !messages[0].0.trim_ascii_start().starts_with(b"[");
    prop::collection::vec(message(), 1..20).prop_filter("lines that begin like a message", begins_no_array)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    /// For all batches of either form, a strict receiver accepts or refuses each message as if it were alone, and the response says which.
    #[test]
    fn each_message_counts_as_if_it_had_come_alone(messages in batch()) {
        let (bodies, are_fine): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
        for batch in forms(&bodies) {
            let receiver = strict_receiver();
            let mut connection = Connection::open(receiver.addr());
            let answer = post(&mut connection, &batch);
            drop(connection);
            prop_assert_eq!(answer.code, 200);
            let answer = answer.json();
            let failed = answer["failedRequests"].as_object().unwrap();
            for (position, is_fine) in are_fine.iter().enumerate() {
                let status = failed.get(&position.to_string());
                prop_assert_eq!(status.is_none(), *is_fine, "{}: {:?}", position, answer);
                prop_assert!(status.is_none_or(|status| status["code"] == 3 && !status["message"].as_str().unwrap().is_empty()));
            }
            let fine = are_fine.iter().filter(|is_fine| **is_fine).count();
            prop_assert_eq!(&answer["acknowledged"], fine);
            let summary = stopped(receiver);
            prop_assert_eq!(summary.accepted + summary.event_ids.repeated, fine as u64);
            prop_assert_eq!(summary.refused.messages, (are_fine.len() - fine) as u64);
        }
    }
}

#[test]
fn repeats_and_conflicts_within_a_batch_are_noticed() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let batch = [view("e", 1), String::new(), view("e", 1), " \r".to_owned(), view("e", 2)].join("\n");
    assert_eq!(
        post(&mut connection, batch.as_bytes()).json(),
        json!({"acknowledged": 2, "failedRequests": {"2": {
            "code": 6,
            "message": "eventId: \"e\" was used before for an event with other content",
        }}})
    );
    assert_eq!(post(&mut connection, view("f", 1).as_bytes()).json(), json!({"acknowledged": 1, "failedRequests": {}}));
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.event_ids.repeated, summary.event_ids.conflicting), (2, 1, 1));
}

#[test]
fn an_invalid_batch_is_refused_as_a_whole() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    for (body, expected) in [
        ("", "contains no message"),
        ("\n\n", "contains no message"),
        ("[]", "contains no message"),
        (&format!("[{},", view("e", 1)), "not a complete JSON array"),
    ] {
        let message = post(&mut connection, body.as_bytes()).error(400, "INVALID_ARGUMENT");
        assert!(message.contains(expected), "{message}");
    }
    connection.request("GET", "/clientEvents:batch", b"").error(405, "UNIMPLEMENTED");
    drop(connection);
    assert_eq!(stopped(receiver).received, 0);
}

#[test]
fn a_batch_that_is_too_large_counts_once() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let mut full = view("e", 1).into_bytes();
    full.resize(BODY_BYTES_MAX, b'\n');
    assert_eq!(post(&mut connection, &full).json()["acknowledged"], 1);
    full.push(b'\n');
    post(&mut connection, &full).error(413, "INVALID_ARGUMENT");
    let many = vec!["{}"; 10_001].join("\n");
    assert!(post(&mut connection, many.as_bytes()).error(413, "INVALID_ARGUMENT").contains("more than 10000 messages"));
    // The response stays small even if the maximum number of messages is refused.
    let answer = post(&mut connection, vec!["{}"; 10_000].join("\n").as_bytes());
    assert!(answer.body.len() < BODY_BYTES_MAX, "{}", answer.body.len());
    assert_eq!(answer.json()["failedRequests"].as_object().map(serde_json::Map::len), Some(10_000));
    assert_eq!(answer.json()["acknowledged"], Value::from(0));
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.too_large, summary.refused.messages), (1, 2, 10_000));
}
